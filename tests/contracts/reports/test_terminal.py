"""What a user sees at the terminal, in a log, and without colours."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from understudy.contracts.case import Phase
from understudy.contracts.commands.terminal import Terminal
from understudy.contracts.commands.terminal_summary import print_summary
from understudy.contracts.events import ErrorRaised, Event, FailureFound, PhaseStarted
from understudy.contracts.reports.view import view_run
from understudy.contracts.reports.writers import Written
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.verdict import Run

REDACTION = Redaction({"tok-4e1f0c9a77": "TOKEN"})
WRITTEN = [
    Written("html", Path("build/report.html"), ""),
    Written("json", Path("report.json"), "report.json: No space left"),
]


def shown(run: Run, console: Console | None = None, written: list[Written] | None = None) -> str:
    console = console or Console(file=io.StringIO(), width=80)
    print_summary(console, view_run(run, REDACTION), written or [])
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def told(events: Iterator[Event] | list[Event], *, terminal: bool = False, quiet: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=terminal, color_system="standard" if terminal else None)
    with Terminal(console, REDACTION, quiet=quiet) as listener:
        for event in events:
            listener.feed(event)
    return file.getvalue()


def test_a_small_run_fits_a_screen(runs: dict[str, Run], snapshot: Callable[[str, str], None]) -> None:
    text = shown(runs["small"], written=WRITTEN[:1])
    snapshot("summary-small.txt", text)
    rows = [-(-len(line) // 80) or 1 for line in text.split("\n")[:-1]]
    assert sum(rows) <= 24


def test_a_rich_run(rich_run: Run, snapshot: Callable[[str, str], None]) -> None:
    text = shown(rich_run, written=WRITTEN)
    snapshot("summary-rich.txt", text)
    assert not [secret for secret in ("tok-4e1f0c9a77", "hunter2", "\x1b", "\x00", "\u202e") if secret in text]


@pytest.mark.parametrize(
    ("state", "ending"),
    [
        ("passed", "Passed  The API keeps to its document: 12,964 judgements in 781 cases, no\nfinding.\n"),
        ("empty", "Nothing tested  No claim could be judged on any operation.\n"),
        ("interrupted", "Interrupted  Stopped after 291 cases: 1 finding so far, and the rest was not\njudged.\n"),
    ],
)
def test_the_conclusion_comes_last(state: str, ending: str, runs: dict[str, Run]) -> None:
    text = shown(runs[state])
    assert ending in text
    assert len(text[text.index(ending) + len(ending) :].strip().split("\n")) <= 2


def test_of_many_operations_only_troubled_ones_are_listed(runs: dict[str, Run]) -> None:
    lines = shown(runs["large"]).split("\n")
    assert len([line for line in lines if line.startswith("failed ")]) == 7
    assert "and 58 passed" in lines


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_table_keeps_to_the_width(width: int, rich_run: Run) -> None:
    text = shown(rich_run, Console(file=io.StringIO(), width=width))
    table = text.split("\n\n")[1] if text.startswith("\n\n") else text.strip("\n").split("\n\n")[0]
    lines = [line for line in table.split("\n") if line.startswith("failed")]
    assert len(lines) == 6
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= max(width, len("failed") + 20 + len("  116 cases  18 claims judged  p95 121 ms") + 4)


def test_commands_are_never_broken(rich_run: Run) -> None:
    view = view_run(rich_run, REDACTION)
    text = shown(rich_run, Console(file=io.StringIO(), width=60))
    for finding in view.findings:
        assert finding.replay in text or finding.steps[0].curl_short in text


def test_colours_only_where_they_are_wanted(rich_run: Run) -> None:
    def printed(**environment: str) -> str:
        console = Console(
            file=io.StringIO(), width=80, force_terminal=True, color_system="standard", _environ=environment
        )
        return shown(rich_run, console)

    assert "\x1b[1;31mfailed" in printed()
    assert "\x1b[1;31m" not in printed(NO_COLOR="1")
    assert "\x1b[" not in shown(rich_run)


def test_an_encoding_that_lacks_characters_is_no_trouble(rich_run: Run) -> None:
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, "ascii", write_through=True), width=80)
    print_summary(console, view_run(rich_run), WRITTEN)
    assert b"GET /orchards/{orchardId}" in raw.getvalue()


def test_markup_in_data_is_text(runs: dict[str, Run]) -> None:
    text = shown(runs["rich"], Console(file=io.StringIO(), width=80))
    assert "[DONE]" in text


def test_a_log_has_a_line_for_each_event_that_matters(
    rich_events: list[Event], snapshot: Callable[[str, str], None]
) -> None:
    text = told(rich_events)
    snapshot("progress-rich.txt", text)
    assert text.count("finding: high response-body") == 1
    assert "tok-4e1f0c9a77" not in text


def test_messages_are_redacted(rich_events: list[Event]) -> None:
    events = [rich_events[0], ErrorRaised("GET /a", Phase.FUZZING, "refused Bearer tok-4e1f0c9a77\nand more")]
    assert "error: GET /a: refused Bearer $TOKEN and more\n" in told(events)


def test_a_terminal_gets_a_live_line_that_is_gone_at_the_end(rich_events: list[Event]) -> None:
    text = told(rich_events, terminal=True)
    assert "7 findings, 2 errors" in text
    assert "finding: " not in text
    assert text.endswith(("\x1b[2K", "\x1b[?25h")) or "\x1b[2K" in text[-40:]


def test_quiet_says_nothing(rich_events: list[Event]) -> None:
    assert told(rich_events, quiet=True) == ""
    assert told(rich_events, quiet=True, terminal=True) == ""


def test_the_live_line_is_cleared_after_an_error(rich_events: list[Event]) -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True)

    def crash() -> None:
        with Terminal(console, REDACTION) as listener:
            for event in (rich_events[0], PhaseStarted(Phase.FUZZING)):
                listener.feed(event)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert "\x1b[?25h" in file.getvalue()


def test_a_finding_is_told_once(rich_events: list[Event]) -> None:
    found = next(event for event in rich_events if isinstance(event, FailureFound))
    assert told([rich_events[0], found, found, found]).count("finding: ") == 1
