"""The page stands alone, is well formed and legible, and hostile data stays text."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.events import FailureFound, OperationPlanned, RunFinished, RunStarted
from understudy.contracts.reports import html
from understudy.contracts.reports.view import view_run
from understudy.contracts.running.folding import fold
from understudy.contracts.verdict import Run

VOID = {"meta", "link", "input", "wbr", "br"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def find_all(self, tag: str) -> list[Element]:
        found = [self] if self.tag == tag else []
        return found + [element for child in self.children for element in child.find_all(tag)]


class Tree(HTMLParser):
    """A strict reading: every element that isn't void is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(text)
        self.close()
        assert [element.tag for element in self._open] == [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute of <{tag}> comes twice"
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data


@pytest.fixture(scope="module")
def pages(runs: dict[str, Run]) -> dict[str, str]:
    return {name: html.render(view_run(run)) for name, run in runs.items()}


@pytest.fixture(scope="module")
def trees(pages: dict[str, str]) -> dict[str, Element]:
    return {name: Tree(page).root for name, page in pages.items()}


STATES = pytest.mark.parametrize("state", ["rich", "small", "passed", "empty", "interrupted", "large"])


def every(root: Element) -> list[Element]:
    return [element for child in root.children for element in (child, *every(child))]


@STATES
def test_links_and_ids_fit_together(state: str, trees: dict[str, Element]) -> None:
    elements = every(trees[state])
    ids = Counter(element.attributes["id"] for element in elements if "id" in element.attributes)
    assert not [key for key, number in ids.items() if number > 1]
    for element in elements:
        for name in ("href", "aria-labelledby"):
            value = element.attributes.get(name) or ""
            if value.startswith("#") or name == "aria-labelledby":
                assert not value or value.lstrip("#") in ids, value


@STATES
def test_nothing_is_loaded_and_no_markup_runs(state: str, trees: dict[str, Element]) -> None:
    elements = every(trees[state])
    assert not {element.tag for element in elements} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "use",
    }
    for element in elements:
        assert not [name for name in element.attributes if name.startswith("on") or name in ("src", "style", "srcset")]
        href = element.attributes.get("href") or ""
        assert element.tag == "a" or not href
        assert not href or href.startswith(("#", "https://", "http://"))
    assert "@import" not in trees[state].text
    assert "url(" not in trees[state].text


@STATES
def test_the_policy_admits_our_script_and_style_only(state: str, trees: dict[str, Element]) -> None:
    (policy,) = [
        element.attributes["content"] or ""
        for element in trees[state].find_all("meta")
        if element.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    for tag in ("script", "style"):
        (element,) = trees[state].find_all(tag)
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


@STATES
def test_headings_tables_and_pictures_are_accessible(state: str, trees: dict[str, Element]) -> None:
    root = trees[state]
    levels = [int(element.tag[1]) for element in every(root) if re.fullmatch("h[1-6]", element.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    for table in root.find_all("table"):
        assert table.children[0].tag == "caption"
        assert table.children[0].text
    for header in root.find_all("th"):
        assert header.attributes.get("scope") in ("row", "col")
    for picture in root.find_all("svg"):
        assert picture.attributes.get("role") == "img"
        assert picture.children[0].tag == "title"
        assert picture.children[0].text.strip()
    (page,) = root.find_all("html")
    assert page.attributes["lang"] == "en"


def test_hostile_text_is_shown_and_does_nothing(trees: dict[str, Element], pages: dict[str, str]) -> None:
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>‹U+0000›‹U+001B›[31m‹U+202E›abc" in trees["rich"].text
    assert len(re.findall("<script", pages["rich"])) == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", pages["rich"])


def test_every_finding_shows_its_request_answer_and_replay(trees: dict[str, Element], rich_run: Run) -> None:
    findings = {element.attributes["id"]: element for element in trees["rich"].find_all("article")}
    view = view_run(rich_run)
    assert len(findings) == len(view.findings) + len(view.flaky) == 8
    for finding in (*view.findings, *view.flaky):
        element = findings[f"finding-{finding.number}"]
        commands = [pre.text for pre in element.find_all("pre")]
        assert finding.replay in commands
        for step in finding.steps:
            assert step.curl in commands
            assert step.status in element.text
        for text in (finding.title, finding.claim_id, finding.severity.value, finding.headline, finding.message):
            assert text in element.text
        for violation in finding.violations:
            assert violation.pointer in element.text
            assert violation.actual in element.text


def test_what_did_not_recur_stands_apart(trees: dict[str, Element]) -> None:
    (flaky,) = [element for element in every(trees["rich"]) if element.attributes.get("id") == "flaky"]
    assert [element.attributes["id"] for element in flaky.find_all("article")] == ["finding-8"]


def test_the_place_at_fault_is_marked(trees: dict[str, Element]) -> None:
    marked = [mark.text.strip() for mark in trees["rich"].find_all("mark")]
    assert marked == ["{", '"planted": "last spring"', 'data: {"choices":[{"delta":{"content":7}}]}']


def test_the_matrix_says_what_each_cell_is(trees: dict[str, Element], rich_run: Run) -> None:
    (matrix,) = [element for element in every(trees["rich"]) if element.attributes.get("id") == "matrix"]
    cells = Counter(cell.attributes.get("class") for cell in matrix.find_all("td"))
    verdicts = Counter(
        result.verdict.value for operation in rich_run.operations for result in operation.claims.values()
    )
    assert {key: cells[key] for key in ("passed", "failed", "skipped")} == dict(verdicts)
    links = {link.attributes["href"] for link in matrix.find_all("a")}
    assert links == {f"#finding-{number}" for number in range(1, 8)}


def test_it_can_be_read_without_script(trees: dict[str, Element]) -> None:
    for element in every(trees["rich"]):
        if "hidden" in element.attributes:
            assert element.tag == "button" or element.attributes.get("class") == "tools"


def test_conclusions(trees: dict[str, Element]) -> None:
    outcomes = {
        state: [element.text for element in tree.find_all("strong") if element.attributes.get("class") == "outcome"]
        for state, tree in trees.items()
    }
    assert outcomes == {
        "rich": ["Failed"],
        "small": ["Failed"],
        "passed": ["Passed"],
        "empty": ["Nothing tested"],
        "interrupted": ["Interrupted"],
        "large": ["Failed"],
    }


def test_a_small_report_as_a_whole(snapshot: Callable[[str, str], None], pages: dict[str, str]) -> None:
    page = re.sub(r"(?s)<(style|script)>.*?</\1>", r"<\1></\1>", pages["small"])
    snapshot("report-small.html", re.sub(r"sha256-[\w+/=]+", "sha256-…", page))


def test_hundreds_of_findings_stay_readable() -> None:
    claim = Claim("c", "C", Severity.LOW, "", "", "tests")
    plan = OperationPlanned("GET /a", "", (), ())
    exchange = Exchange(Case("GET /a", "GET", "/a", (), None, Mode.POSITIVE, Phase.PROBES), None, "gone")
    found = [
        FailureFound(Failure(claim, "GET /a", str(index), f"message {index}"), (exchange,)) for index in range(400)
    ]
    start = RunStarted("A", "1", "3.2.0", "a", "http://a", 1, "", (plan,), (claim,), (), {})
    before = time.perf_counter()
    page = html.render(view_run(fold([start, *found, RunFinished(1.0)])))
    assert time.perf_counter() - before < 3
    root = Tree(page).root
    assert len(root.find_all("article")) == html.MAX_DETAILED
    assert all(f"message {index}" in root.text for index in range(400))
    assert len(page) < 1_000_000


def test_writing(tmp_path: Path, rich_run: Run, pages: dict[str, str]) -> None:
    path = tmp_path / "report.html"
    html.write(rich_run, path)
    assert path.read_text(encoding="utf-8") == pages["rich"]


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *[(ink, ground) for ink in ("ink", "quiet", "link") for ground in ("ground", "panel", "sunken")],
        *[("on", ground) for ground in ("failed", "passed", "errored", "skipped", "critical", "high")],
        *[(ink, "panel") for ink in ("failed", "medium", "low", "errored")],
        *[(ink, f"{ink}-soft") for ink in ("passed", "skipped")],
        ("ink", "mark"),
    ],
)
def test_contrast_is_at_least_four_and_a_half(ink: str, ground: str, theme: int) -> None:
    """WCAG 2.2, 1.4.3, computed from the style sheet's own colours."""
    style = (Path(html.__file__).with_name("templates") / "report.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", re.findall(r":root \{(.*?)\}", style, re.DOTALL)[theme]))
    lighter, darker = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{ink} on {ground}"
