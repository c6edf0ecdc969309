"""The end of a run at the terminal: operations, findings, and the conclusion last, where the eye is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from understudy.contracts.claims import Severity
from understudy.contracts.commands.terminal import print_prose, print_text
from understudy.contracts.reports.conclusion import outcome
from understudy.contracts.reports.finding_view import FindingView
from understudy.contracts.reports.latency import format_ms
from understudy.contracts.reports.printable import shorten
from understudy.contracts.reports.view import Row, View
from understudy.contracts.reports.writers import Written
from understudy.contracts.verdict import Standing, Verdict
from understudy.contracts.wording import count, list_words

__all__ = ["print_summary"]

MAX_ROWS = 8
"""Operations that are all listed; of more, only those that failed or erred."""

MAX_TROUBLED = 16
MIN_LABEL = 20
MAX_FINDINGS = 12
MAX_ERRORS = 5
MAX_NOTES = 8
MAX_MESSAGE = 150
MAX_COMMAND = 240
MAX_STORY_LINE = 500
MAX_STEPS = 8
MAX_REASONS = 5
MAX_SUBJECTS = 3

_VERDICTS = {Verdict.PASSED: "green", Verdict.FAILED: "bold red", Verdict.ERRORED: "yellow", Verdict.SKIPPED: "dim"}
_SEVERITIES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}
_OUTCOMES = {0: "bold green", 1: "bold red"}


def print_summary(console: Console, view: View, written: Sequence[Written] = ()) -> None:
    """Print what a run found. A small one fits 80 columns and 24 lines.

    Args:
        written: Reports that were written, or not; the paths are printed last.
    """
    _print_operations(console, view.rows)
    _print_not_exercised(console, view)
    for finding in view.findings[:MAX_FINDINGS]:
        _print_finding(console, finding)
    if len(view.findings) > MAX_FINDINGS:
        print_text(console, Text(f"\nand {count(len(view.findings) - MAX_FINDINGS, 'finding')} more in the reports"))
    _print_flaky(console, view.flaky)
    _print_notes(console, view)
    _print_errors(console, view)
    print_text(console, Text())
    ending = (outcome(view.exit_code), _OUTCOMES.get(view.exit_code, "bold yellow"))
    print_prose(console, Text.assemble(ending, "  ", view.conclusion))
    print_prose(console, Text(_facts(view), "dim"))
    print_prose(console, Text(_coverage(view), "dim"))
    for report in written:
        line = (
            Text(f"{report.name}: {report.path}")
            if not report.error
            else Text(f"not written: {report.error}", "yellow")
        )
        print_text(console, line)


def _print_operations(console: Console, rows: Sequence[Row]) -> None:
    shown = [row for row in rows if len(rows) <= MAX_ROWS or row.verdict in (Verdict.FAILED, Verdict.ERRORED)]
    if not shown:
        return
    print_text(console, Text())
    lines = [
        (
            row.verdict,
            row.label,
            count(row.cases, "case"),
            f"{count(row.judged, 'claim')} judged",
            f"p95 {format_ms(row.latency.p95_ms)}" if row.latency.count else "",
        )
        for row in shown[:MAX_TROUBLED]
    ]
    figures = [max(map(len, texts)) for texts in zip(*(line[2:] for line in lines), strict=True)]
    verdicts = max(len(line[0].value) for line in lines)
    room = max(MIN_LABEL, console.width - verdicts - sum(figures) - 4 * len("  "))
    labels = min(room, max(cell_len(line[1]) for line in lines))
    for verdict, label, *texts in lines:
        name = Text(label)
        name.truncate(labels, overflow="ellipsis", pad=True)
        figure = "".join(f"  {text:>{width}}" for text, width in zip(texts, figures, strict=True))
        style = _VERDICTS[verdict]
        line = Text.assemble((f"{verdict.value:<{verdicts}}", style), "  ", name, (figure, "dim"))
        line.rstrip()
        print_text(console, line)
    if rest := _rest(rows, shown[:MAX_TROUBLED]):
        print_text(console, Text(f"and {rest}", "dim"))


def _rest(rows: Iterable[Row], shown: Sequence[Row]) -> str:
    counts = Counter(row.verdict for row in rows) - Counter(row.verdict for row in shown)
    return list_words(f"{number} {verdict.value}" for verdict, number in counts.items())


def _print_finding(console: Console, finding: FindingView) -> None:
    print_text(console, Text())
    head = Text.assemble(
        (finding.severity.value, _SEVERITIES[finding.severity]),
        f" {finding.claim_id}  ",
        (finding.operation, "bold"),
        (f"  {finding.fingerprint}" + (f" ×{finding.times}" if finding.times > 1 else ""), "dim"),
    )
    print_text(console, head)
    if finding.standing is not Standing.OPEN:
        print_prose(console, Text(f"{finding.standing.value}: {finding.remark}", "dim"), "  ")
    print_prose(console, Text(shorten(finding.message, MAX_MESSAGE)), "  ")
    for line in _story(finding):
        print_text(console, line)
    print_text(console, Text(f"  {_command(finding)}", "cyan"))


def _story(finding: FindingView) -> list[Text]:
    """A conversation that is told step by step, where it is short enough to be read at a terminal."""
    steps = finding.steps
    if finding.earlier or not 1 < len(steps) <= MAX_STEPS:
        return []
    lines = []
    for number, step in enumerate(steps, start=1):
        curl = step.curl_short if "\n" not in step.curl_short else step.request
        told = f"  step {number}: {step.note or step.request}, "
        lines.append(Text.assemble(told, (step.status or step.error, "dim")))
        lines.append(Text(f"    {shorten(curl, MAX_STORY_LINE)}", "cyan"))
    return lines


def _command(finding: FindingView) -> str:
    """The request as curl where that is short and tells it all, else the command that replays the conversation."""
    if len(finding.steps) == 1 and not finding.earlier:
        curl = finding.steps[0].curl_short
        if len(curl) <= MAX_COMMAND and "\n" not in curl:
            return curl
    return finding.replay


def _print_flaky(console: Console, flaky: Sequence[FindingView]) -> None:
    if flaky:
        print_text(console, Text())
    for finding in flaky[:MAX_ERRORS]:
        text = f"{finding.claim_id}, {finding.operation}: {finding.message}"
        print_prose(console, Text.assemble(("seen once, not again ", "yellow"), shorten(text, MAX_MESSAGE)))
    if len(flaky) > MAX_ERRORS:
        print_text(console, Text(f"and {len(flaky) - MAX_ERRORS} more in the reports"))


def _print_notes(console: Console, view: View) -> None:
    lines = [*(("fixed ", "green", text) for text in view.fixed), *(("note ", "yellow", text) for text in view.notes)]
    if lines:
        print_text(console, Text())
    for label, style, text in lines[:MAX_NOTES]:
        print_prose(console, Text.assemble((label, style), shorten(text, MAX_MESSAGE)))
    if len(lines) > MAX_NOTES:
        print_text(console, Text(f"and {len(lines) - MAX_NOTES} more in the reports"))


def _print_errors(console: Console, view: View) -> None:
    if not view.errors:
        return
    print_text(console, Text())
    for error in view.errors[:MAX_ERRORS]:
        place = f"{error.operation}: " if error.operation else ""
        print_prose(console, Text.assemble(("error ", "yellow"), shorten(place + error.message, MAX_MESSAGE)))
    if len(view.errors) > MAX_ERRORS:
        print_text(console, Text(f"and {count(len(view.errors) - MAX_ERRORS, 'error')} more in the reports"))


def _print_not_exercised(console: Console, view: View) -> None:
    """Operations that were left out and claims that were never judged, by reason."""
    reasons: dict[str, list[str]] = {}
    for item in view.not_exercised:
        if item.is_whole:
            reasons.setdefault(item.reason, []).append(item.subject)
    for reason, subjects in [*reasons.items()][:MAX_REASONS]:
        named = dict.fromkeys(subjects)
        shown = [*named] if len(named) <= MAX_SUBJECTS else [*[*named][: MAX_SUBJECTS - 1], f"{len(named) - 2} more"]
        line = Text.assemble(("not exercised ", "dim"), f"{list_words(shown)}: {reason}")
        line.truncate(console.width, overflow="ellipsis")
        print_text(console, line)
    if len(reasons) > MAX_REASONS:
        print_text(console, Text(f"and {len(reasons) - MAX_REASONS} more reasons in the reports"))


def _coverage(view: View) -> str:
    """``statuses 41 of 44, parameters 96 of 96; 3 statuses no request can bring about``."""
    totals = view.totals
    line = (
        f"statuses {totals.statuses_seen} of {totals.statuses}, parameters {totals.inputs_reached} of {totals.inputs}"
    )
    if not totals.statuses_beyond:
        return line
    return f"{line}; {count(totals.statuses_beyond, 'status', 'statuses')} no request can bring about"


def _facts(view: View) -> str:
    totals = view.totals
    parts = [
        count(totals.cases, "case"),
        f"{totals.claims_judged} of {count(totals.claims, 'claim')} judged",
        f"seed {view.seed}",
        f"exit {view.exit_code}",
    ]
    if view.elapsed_ms:
        parts.insert(0, format_ms(view.elapsed_ms))
    return ", ".join(parts)
