"""The HTML report in a real browser: it fits a phone, follows the theme, and its few controls work."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.apps.browser import Page
from understudy.contracts.reports import html
from understudy.contracts.verdict import Run

pytest_plugins = ("tests.apps.browser_fixtures",)


@pytest.fixture(scope="module")
def files(runs: dict[str, Run], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("pages")
    for name, run in runs.items():
        html.write(run, directory / f"{name}.html")
    return {name: directory / f"{name}.html" for name in runs}


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("state", ["rich", "passed", "empty", "interrupted", "large"])
def test_nothing_sticks_out_and_nothing_is_logged(state: str, width: int, page: Page, files: dict[str, Path]) -> None:
    page.open(files[state], width, "light")
    assert page.ask("innerWidth") == width
    assert page.ask("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.logged == []


def test_the_theme_is_followed(page: Page, files: dict[str, Path]) -> None:
    grounds = []
    for theme in ("light", "dark"):
        page.open(files["rich"], 1280, theme)
        grounds.append(page.ask("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(246, 246, 243)", "rgb(19, 21, 25)"]


def test_the_matrix_keeps_its_first_column_and_head_in_sight(page: Page, files: dict[str, Path]) -> None:
    page.open(files["large"], 400, "light")
    places = page.ask(
        """(() => {
          const box = document.querySelector('.matrix');
          box.scrollLeft = 250; box.scrollTop = 300;
          const left = element => Math.round(element.getBoundingClientRect().left - box.getBoundingClientRect().left);
          const top = element => Math.round(element.getBoundingClientRect().top - box.getBoundingClientRect().top);
          return [box.scrollLeft, left(box.querySelector('tbody th')), top(box.querySelector('thead th'))];
        })()"""
    )
    assert places == [250, 1, 1]


SHOWN = "document.querySelectorAll('{} [data-text]:not([hidden])').length"
TYPE = """(() => {{
  const box = document.querySelector('[data-filter]');
  box.value = '{}';
  box.dispatchEvent(new Event('input'));
}})()"""


def test_filtering(page: Page, files: dict[str, Path]) -> None:
    page.open(files["rich"], 1280, "light")
    assert page.ask(SHOWN.format("#findings")) == 7
    page.ask(TYPE.format("CHAT"))
    assert [page.ask(SHOWN.format(part)) for part in ("#findings", "#matrix", "#latency")] == [2, 1, 1]
    assert page.ask("document.querySelector('[data-status]').textContent") == "2 findings shown"
    page.ask(TYPE.format(""))
    page.ask("document.querySelector('[data-problems]').click()")
    assert [page.ask(SHOWN.format(part)) for part in ("#findings", "#matrix", "#latency")] == [7, 6, 6]
    page.ask("document.querySelector('[data-problems]').click()")
    assert page.ask(SHOWN.format("#matrix")) == 14


def test_expanding_revealing_and_copying(page: Page, files: dict[str, Path]) -> None:
    page.open(files["rich"], 1280, "light")
    count_open = "document.querySelectorAll('.finding > details[open]').length"
    assert page.ask(count_open) == 3
    page.ask("location.hash = '#finding-6'; dispatchEvent(new Event('hashchange'))")
    assert page.ask("document.querySelector('#finding-6 details').open")
    page.ask("document.querySelector('[data-expand]').click()")
    assert page.ask(count_open) == 8
    page.ask("document.querySelector('[data-expand]').click()")
    assert page.ask(count_open) == 0
    assert page.ask("document.querySelectorAll('.copy').length === document.querySelectorAll('.command').length")
    page.ask("document.querySelector('.copy').click()")
    page.wait("document.querySelector('.copy').textContent !== 'Copy'")
    label = page.ask("document.querySelector('.copy').textContent")
    assert label in ("Copied", "Selected")
    assert page.logged == []


EVIL = """(() => {
  document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.evil = 1">');
  document.body.insertAdjacentHTML('beforeend', '<style>body { display: none }</style>');
  const script = document.createElement('script');
  script.textContent = 'window.evil = 2';
  document.body.append(script);
})()"""


def test_markup_that_slipped_in_could_do_nothing(page: Page, files: dict[str, Path]) -> None:
    page.open(files["rich"], 1280, "light")
    page.ask(EVIL)
    assert page.ask("window.evil ?? null") is None
    assert page.ask("getComputedStyle(document.body).display") == "block"
    assert page.logged, "the policy says what it refused"


FAINT = """
(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = parse(getComputedStyle(each).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const faint = new Set();
  document.querySelectorAll("details").forEach((each) => { each.open = true; });
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("svg, script, style, .unseen, .skip, [hidden]")) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const told = `${element.tagName} ${element.className} ${element.textContent.slice(0, 30)}`;
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(told);
  }
  return [...faint];
})()
"""
"""What has less contrast than WCAG 2.2 asks of text (1.4.3)."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_is_legible(theme: str, page: Page, files: dict[str, Path]) -> None:
    page.open(files["rich"], 1280, theme)
    assert page.ask(FAINT) == []


def test_headings_leave_no_level_out(page: Page, files: dict[str, Path]) -> None:
    page.open(files["rich"], 1280, "light")
    levels = page.ask("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((each) => +each.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_every_link_within_the_page_leads_somewhere(page: Page, files: dict[str, Path]) -> None:
    page.open(files["rich"], 1280, "light")
    lost = "[...document.querySelectorAll('a[href^=\"#\"]')].filter((each) => !document.querySelector(each.hash))"
    assert page.ask(f"{lost}.map((each) => each.hash)") == []


def test_without_its_script_the_page_says_as_much(page: Page, files: dict[str, Path]) -> None:
    said = "document.querySelector('main').textContent.replaceAll(/Copy|Expand all/g, '').replaceAll(/\\s+/g, ' ')"
    page.open(files["rich"], 1280, "light")
    with_script = page.ask(said)
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(files["rich"], 1280, "light")
        assert page.ask(said) == with_script
    finally:
        page.send("Emulation.setScriptExecutionDisabled", value=False)
