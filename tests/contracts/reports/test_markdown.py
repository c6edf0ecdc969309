"""Markdown that GitHub shows as meant, whatever the data says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.contracts.reports import markdown
from understudy.contracts.reports.view import view_run
from understudy.contracts.verdict import Run

STATES = pytest.mark.parametrize("state", ["rich", "small", "passed", "empty", "interrupted", "large"])


@STATES
def test_folds_and_fences_are_closed(state: str, runs: dict[str, Run]) -> None:
    text = markdown.render(view_run(runs[state]))
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>") == text.count("</summary>")
    fences = re.findall(r"(?m)^(`{3,})", text)
    assert len(fences) % 2 == 0
    assert all(opening == closing for opening, closing in zip(fences[::2], fences[1::2], strict=True))
    assert len(text.encode()) < 200_000


def test_every_finding_is_there_with_its_curl(rich_run: Run) -> None:
    view = view_run(rich_run)
    text = markdown.render(view)
    for finding in view.findings:
        assert finding.fingerprint in text
        assert finding.replay in text
        assert all(step.curl in text for step in finding.steps)


def test_hostile_text_is_no_markup(rich_run: Run) -> None:
    text = markdown.render(view_run(rich_run))
    prose = re.sub(r"(?ms)^(`{3,})sh\n.*?^\1$", "", text)
    assert "<script" not in prose
    assert "<img" not in prose
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "evil",
    [
        "**bold** _it_ `code`",
        "[a](javascript:x)",
        "<b>x</b>",
        "| a | b |",
        "@octocat #1 $x$",
        "a\n\n# heading",
        "~~x~~",
        "\\",
    ],
)
def test_titles_stay_text(evil: str, runs: dict[str, Run]) -> None:
    run = runs["small"]
    text = markdown.render(view_run(replace(run, start=replace(run.start, title=evil))))
    heading = text.split("\n")[0]
    shown = (
        re.sub(r"&#(\d+);", lambda match: chr(int(match.group(1))), heading).replace("&lt;", "<").replace("&gt;", ">")
    )
    assert shown == f"## Failed: {' '.join(evil.split())} 2.4.0"
    assert not re.search(r"[*`\[<|@$~]", heading)


def test_a_code_span_holds_backticks_and_bars() -> None:
    assert markdown.code_span("a`b``c") == "```a`b``c```"
    assert markdown.code_span("`") == "`` ` ``"
    assert markdown.code_span("a|b", cell=True) == "`a\\|b`"
    assert markdown.fence("x\n```\ny") == "````sh\nx\n```\ny\n````"


def test_many_operations_show_those_that_failed(runs: dict[str, Run]) -> None:
    text = markdown.render(view_run(runs["large"]))
    assert text.count("| **failed** |") == 7
    run = runs["large"]
    text = markdown.render(view_run(replace(run, operations=run.operations * 2)))
    assert "| passed |" not in text
    assert "116 operations not shown." in text


def test_a_small_report_as_a_whole(runs: dict[str, Run], snapshot: Callable[[str, str], None], tmp_path: Path) -> None:
    markdown.write(runs["small"], tmp_path / "summary.md")
    snapshot("summary-small.md", (tmp_path / "summary.md").read_text(encoding="utf-8"))
