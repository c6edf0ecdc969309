"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);

  const tools = one(".tools");
  const text = one("[data-filter]");
  const problems = one("[data-problems]");
  const filter = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const element of all("[data-text]")) {
      const matches = element.dataset.text.toLowerCase().includes(wanted);
      const kept = matches && (!problems.checked || "problem" in element.dataset || !element.closest(".matrix, .inputs, .operations"));
      element.hidden = !kept;
      shown += kept && element.matches("article") ? 1 : 0;
    }
    one("[data-status]").textContent = `${shown} findings shown`;
  };
  if (tools) {
    tools.hidden = false;
    text.addEventListener("input", filter);
    problems.addEventListener("change", filter);
  }

  const expand = one("[data-expand]");
  if (expand) {
    expand.hidden = false;
    expand.addEventListener("click", () => {
      const details = all(".finding > details");
      const open = details.some((item) => !item.open);
      details.forEach((item) => { item.open = open; });
      expand.textContent = open ? "Collapse all" : "Expand all";
    });
  }

  const copy = async (button, code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  };
  for (const box of all(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy the command");
    button.addEventListener("click", () => copy(button, box.querySelector("code")));
    box.append(button);
  }

  const reveal = () => {
    const target = location.hash.startsWith("#finding-") && document.getElementById(location.hash.slice(1));
    const details = target && target.querySelector("details");
    if (details) { details.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("beforeprint", () => all(".finding details").forEach((item) => { item.open = true; }));
})();
