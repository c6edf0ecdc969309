"use strict";
// Everything that comes from the mock is put in as text, never as markup.
const $ = (id) => document.getElementById(id);
const MAX_SHOWN = 500;
let token = sessionStorage.getItem("understudy-token") || "";
let operations = [];
let workers = 1;
let reloads = null;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function headers(extra = {}) {
  return token ? { ...extra, Authorization: `Bearer ${token}` } : extra;
}

async function ask(path, method = "GET", body) {
  const options = { method, headers: headers(body === undefined ? {} : { "Content-Type": "application/json" }) };
  if (body !== undefined) options.body = typeof body === "string" ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The mock doesn't answer.");
  }
  if (answer.status === 401) {
    $("token-form").hidden = false;
    throw new Error("");
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail || `${answer.status} ${answer.statusText}`);
  }
  return answer.status === 204 ? null : answer.json();
}

function tell(error) {
  $("notice").textContent = error ? error.message : "";
  $("notice").hidden = !error || !error.message;
}

const doing = (work) => async (event) => {
  if (event) event.preventDefault();
  try {
    await work(event);
    tell(null);
  } catch (error) {
    tell(error);
  }
};

// Sections

const tabs = [...document.querySelectorAll("[role=tab]")];
function show(tab) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", chosen);
    each.tabIndex = chosen ? 0 : -1;
    $(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
  if (tab.id === "tab-records") doing(listRecords)();
  if (tab.id === "tab-control") doing(listControl)();
}
for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(index + step + tabs.length) % tabs.length];
    show(next);
    next.focus();
  });
}

// Requests

function requestLine(logged) {
  const what = element("span", { className: "what mono" }, logged.path + (logged.query ? `?${logged.query}` : ""));
  if (logged.operation) what.append(element("span", { className: "operation" }, logged.operation));
  if (logged.override) what.append(" ", element("span", { className: "badge forced" }, `override ${logged.override}`));
  const time = new Date(logged.time).toLocaleTimeString([], { hour12: false });
  const line = element("li", {},
    element("span", { className: "time" }, time),
    element("span", { className: `status s${Math.floor(logged.status / 100)}` }, String(logged.status)),
    element("span", { className: "method" }, logged.method),
    what,
    element("span", { className: "took" }, `${logged.durationMs < 10 ? logged.durationMs.toFixed(1) : Math.round(logged.durationMs)} ms`));
  if (logged.problem) line.append(element("span", { className: "why" }, `${logged.problem}: ${logged.detail}`));
  line.dataset.text = `${logged.method} ${logged.path} ${logged.operation} ${logged.status} ${logged.problem}`.toLowerCase();
  return line;
}

function filterLines(input, lines) {
  const wanted = input.value.trim().toLowerCase();
  for (const line of lines) line.hidden = wanted !== "" && !line.dataset.text.includes(wanted);
}

function addRequest(logged) {
  const list = $("request-list");
  list.prepend(requestLine(logged));
  while (list.childElementCount > MAX_SHOWN) list.lastElementChild.remove();
  filterLines($("request-filter"), [list.firstElementChild]);
  $("request-none").hidden = true;
}

async function listRequests() {
  const { requests } = await ask(`requests?limit=${MAX_SHOWN}`);
  $("request-list").replaceChildren(...requests.reverse().map(requestLine));
  $("request-none").hidden = requests.length > 0;
  filterLines($("request-filter"), $("request-list").children);
}

function live(isLive) {
  $("live").textContent = isLive ? "live" : "not connected";
  $("live").className = `badge ${isLive ? "on" : "off"}`;
}

// Not EventSource: it can't send the token.
async function follow() {
  if (workers > 1) {
    $("live").textContent = `${workers} workers`;
    $("live").className = "badge off";
    $("clear-requests").disabled = true;
    $("request-none").textContent = `${workers} processes serve, each with a log of its own: start the mock with --workers 1 to see requests here.`;
    return;
  }
  for (;;) {
    try {
      const answer = await fetch("requests", { headers: headers({ Accept: "text/event-stream" }) });
      if (answer.status === 401) return;
      if (!answer.ok) throw new Error();
      await listRequests();
      live(true);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
        const events = text.split("\n\n");
        text = events.pop();
        for (const event of events) {
          const data = event.split("\n").find((line) => line.startsWith("data: "));
          if (data) addRequest(JSON.parse(data.slice(6)));
        }
      }
    } catch {
      // Tried again below.
    }
    live(false);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

$("request-filter").addEventListener("input", () => filterLines($("request-filter"), $("request-list").children));
$("clear-requests").addEventListener("click", doing(async () => { await ask("requests", "DELETE"); await listRequests(); }));

// Operations

function operationLine(operation) {
  const path = element("span", { className: "path" }, element("code", { className: operation.deprecated ? "deprecated" : "" }, operation.path));
  if (operation.summary) path.append(element("span", { className: "about" }, operation.summary));
  const inside = element("div", { className: "inside" });
  const line = element("details", {}, element("summary", {}, element("span", { className: "method" }, operation.method), path), inside);
  line.dataset.text = `${operation.label} ${operation.operationId} ${operation.summary} ${operation.tags.join(" ")} ${operation.document}`.toLowerCase();
  line.addEventListener("toggle", doing(async () => {
    if (!line.open || inside.childElementCount) return;
    const more = await ask(`operations/${operation.key}`);
    const copy = element("button", { type: "button" }, "Copy");
    copy.addEventListener("click", doing(async () => { await navigator.clipboard.writeText(more.curl); copy.textContent = "Copied"; }));
    const force = element("button", { type: "button" }, "Override…");
    force.addEventListener("click", () => {
      show($("tab-control"));
      $("override-operation").value = operation.operationId || operation.label;
      $("override-status").focus();
    });
    if (more.description) inside.append(element("p", { className: "text" }, more.description));
    inside.append(element("pre", {}, more.curl), element("div", { className: "row" }, copy, force,
      element("span", { className: "quiet" }, `${operation.operationId ? `${operation.operationId} · ` : ""}answers ${operation.statuses.join(", ")}`)));
  }));
  return line;
}

async function listOperations() {
  const found = await ask("operations");
  operations = found.operations;
  $("title").textContent = found.documents.map((each) => `${each.title} ${each.version}`).join(", ");
  document.title = `${found.documents.map((each) => each.name).join(", ")} · Understudy`;
  $("operation-list").replaceChildren(...operations.map(operationLine));
  $("operation-count").textContent = `${operations.length} operations`;
  const choices = operations.map((each) => element("option", { value: each.operationId || each.label }, each.label));
  $("override-operation").replaceChildren(element("option", { value: "*" }, "all operations"), ...choices);
}
$("operation-filter").addEventListener("input", () => filterLines($("operation-filter"), $("operation-list").children));

// Records

function partitionLine(partition) {
  const scope = partition.scope === null ? "every scope" : partition.scope.join(" / ");
  const name = element("span", {}, element("code", {}, partition.resource));
  if (scope) name.append(element("span", { className: "about quiet" }, ` ${scope}`));
  const inside = element("div", { className: "inside" });
  const count = element("span", { className: "quiet" }, `${partition.count} ${partition.count === 1 ? "record" : "records"}`);
  const line = element("details", {}, element("summary", { className: "record" }, name, count), inside);
  line.addEventListener("toggle", doing(async () => {
    if (!line.open) return;
    if (partition.scope === null) {
      inside.replaceChildren(element("p", { className: "quiet" }, "Seed records, shown once a scope has been asked for."));
      return;
    }
    const query = new URLSearchParams([["document", partition.document], ...partition.scope.map((each) => ["scope", each])]);
    const { count: all, records } = await ask(`records/${encodeURIComponent(partition.resource)}?${query}`);
    inside.replaceChildren(...records.map((each) => element("pre", {}, JSON.stringify(each.members, null, 2))));
    if (all > records.length) inside.append(element("p", { className: "quiet" }, `${records.length} of ${all}`));
    if (!all) inside.append(element("p", { className: "quiet" }, "None."));
  }));
  return line;
}

async function listRecords() {
  const { partitions } = await ask("records");
  $("record-list").replaceChildren(...partitions.map(partitionLine));
  $("record-none").hidden = partitions.length > 0;
  const all = partitions.reduce((sum, each) => sum + each.count, 0);
  $("record-count").textContent = partitions.length ? `${all} records in ${partitions.length} ${partitions.length === 1 ? "place" : "places"}` : "";
}
$("refresh-records").addEventListener("click", doing(listRecords));
$("save-snapshot").addEventListener("click", doing(async () => {
  const url = URL.createObjectURL(new Blob([JSON.stringify(await ask("snapshot"), null, 2)], { type: "application/json" }));
  element("a", { href: url, download: "understudy-snapshot.json" }).click();
  URL.revokeObjectURL(url);
}));
$("load-snapshot").addEventListener("change", doing(async (event) => {
  const file = event.target.files[0];
  event.target.value = "";
  if (!file) return;
  await ask("snapshot", "POST", await file.text());
  await listRecords();
}));

// Clock, scenarios, overrides

function span(seconds) {
  const size = Math.abs(seconds);
  const [unit, name] = size >= 86400 ? [86400, "d"] : size >= 3600 ? [3600, "h"] : size >= 60 ? [60, "min"] : [1, "s"];
  return `${seconds < 0 ? "−" : "+"}${Math.round((size / unit) * 10) / 10} ${name}`;
}
function showClock(clock) {
  $("now").textContent = clock.now.replace("T", " ").replace(/\.\d+/, "");
  $("offset").hidden = Math.abs(clock.offsetSeconds) < 0.5;
  $("offset").textContent = span(clock.offsetSeconds);
  $("offset").className = "badge moved";
}
async function readStatus() {
  const status = await ask("status");
  workers = status.workers;
  if (reloads !== null && status.reloads !== reloads) await listOperations();
  reloads = status.reloads;
  $("standing").textContent = status.notice;
  $("standing").hidden = !status.notice;
}
async function readClock() { showClock(await ask("clock")); }

for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", doing(async () => showClock(await ask("clock", "POST", { by: button.dataset.advance }))));
}
$("clock-form").addEventListener("submit", doing(async () => {
  const text = $("clock-time").value.trim();
  const isTime = /^\d{4}-/.test(text);
  showClock(await ask("clock", isTime ? "PUT" : "POST", isTime ? { now: text } : { by: text.replace(/^\+/, "") }));
}));
$("reset").addEventListener("click", doing(async () => { await ask("reset", "POST"); await Promise.all([readClock(), listControl(), workers > 1 ? null : listRequests()]); }));

function scenarioLine(scenario, current) {
  const isCurrent = scenario.name === current;
  const button = element("button", { type: "button", disabled: false }, isCurrent ? "Load again" : "Load");
  button.addEventListener("click", doing(async () => { await ask("scenarios", "PUT", { current: scenario.name }); await Promise.all([readClock(), listControl()]); }));
  const about = element("div", {}, element("code", {}, scenario.name), " ");
  if (isCurrent) about.append(element("span", { className: "badge on" }, "loaded"));
  if (scenario.summary) about.append(element("div", { className: "quiet" }, scenario.summary));
  return element("div", { className: "line" }, about, button);
}

function overrideLine(override) {
  const delay = typeof override.delay === "object" ? `median ${override.delay.median}, p99 ${override.delay.p99}` : override.delay;
  const parts = [["status", override.status], ["example", override.example], ["delay", delay], ["pace", override.pace],
    ["fault", override.fault], ["after", override.after], ["rate", override.rate], ["times", override.times]];
  const said = parts.filter(([, value]) => value !== undefined).map(([name, value]) => `${name} ${value}`).join(", ");
  const button = element("button", { type: "button" }, "End");
  button.addEventListener("click", doing(async () => { await ask(`overrides/${override.id}`, "DELETE"); await listControl(); }));
  const name = override.operation === "*" ? "all operations" : override.operation;
  const hits = element("span", { className: `badge ${override.isOver ? "" : "forced"}` }, override.isOver ? `over, ${override.hits} hit` : `${override.hits} hit`);
  return element("div", { className: "line" }, element("div", {}, element("code", {}, name), ` ${said} `, hits), button);
}

function callbackLine(callback) {
  const button = element("button", { type: "button" }, "Send");
  button.addEventListener("click", doing(async () => {
    const path = callback.name.split("/").map(encodeURIComponent).join("/");
    const { sent } = await ask(`callbacks/${path}`, "POST", { url: $("callback-url").value.trim(), document: callback.document });
    const lines = sent.map((each) => `${each.method} ${each.url}: ${each.status === null ? each.reason : each.status}`);
    $("callback-sent").textContent = `${callback.name}: ${lines.join("; ")}`;
  }));
  const about = element("div", {}, element("code", {}, callback.name), ` ${callback.kind} `);
  if (callback.target) about.append(element("span", { className: "quiet mono" }, callback.target));
  if (callback.summary) about.append(element("div", { className: "quiet" }, callback.summary));
  return element("div", { className: "line" }, about, button);
}

async function listCallbacks() {
  const { callbacks } = await ask("callbacks");
  $("callbacks").hidden = callbacks.length === 0;
  const names = new Map(callbacks.map((each) => [`${each.document} ${each.name}`, each]));
  $("callback-list").replaceChildren(...[...names.values()].map(callbackLine));
}

async function listControl() {
  await listCallbacks();
  if (workers > 1) {
    const why = `${workers} processes serve, and each would know its own: start the mock with --workers 1.`;
    for (const id of ["scenario-list", "override-list"]) $(id).replaceChildren(element("p", { className: "quiet" }, why));
    for (const field of $("override-form").elements) field.disabled = true;
    return;
  }
  const [scenarios, overrides] = await Promise.all([ask("scenarios"), ask("overrides")]);
  const none = element("p", { className: "quiet" }, "None: start the mock with --scenario FILE.");
  $("scenario-list").replaceChildren(...(scenarios.scenarios.length ? scenarios.scenarios.map((each) => scenarioLine(each, scenarios.current)) : [none]));
  $("override-list").replaceChildren(...overrides.overrides.map(overrideLine));
}

$("override-form").addEventListener("submit", doing(async () => {
  const number = (text) => (/^[\d.]+$/.test(text) ? Number(text) : text);
  const readers = { status: number, example: String, delay: String, fault: String, times: number, rate: number };
  const body = { operation: $("override-operation").value };
  for (const [name, read] of Object.entries(readers)) {
    const text = $(`override-${name}`).value.trim();
    if (text) body[name] = read(text);
  }
  await ask("overrides", "POST", body);
  await listControl();
}));

$("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value;
  sessionStorage.setItem("understudy-token", token);
  $("token-form").hidden = true;
  begin();
});

const begin = doing(async () => {
  await Promise.all([listOperations(), readClock(), readStatus()]);
  follow();
  const wanted = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
  if (wanted) show(wanted);
});
setInterval(() => { if (!document.hidden && $("token-form").hidden) Promise.all([readClock(), readStatus()]).catch(() => {}); }, 5000);
begin();
