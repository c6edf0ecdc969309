"""Write a Run as Markdown for the summary of a CI job: the conclusion, the operations, each finding folded up."""

from __future__ import annotations

import re
from pathlib import Path

from understudy.contracts.reports.conclusion import outcome
from understudy.contracts.reports.finding_view import FindingView
from understudy.contracts.reports.latency import format_ms
from understudy.contracts.reports.view import Row, View, view_run
from understudy.contracts.verdict import Run, Standing, Verdict
from understudy.contracts.wording import count

__all__ = ["code_span", "fence", "render", "write"]

MAX_FINDINGS = 30
MAX_FLAKY = 10
MAX_ROWS = 100
MAX_COMMAND = 4_000

_WORDS = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "**failed**",
    Verdict.ERRORED: "**error**",
    Verdict.SKIPPED: "skipped",
}


def write(run: Run, path: Path) -> None:
    """Write the report; see `render`."""
    path.write_text(render(view_run(run)), encoding="utf-8", newline="\n")


def render(view: View) -> str:
    """GitHub-flavoured Markdown, far below the mebibyte that GitHub allows; text from outside can't become markup."""
    totals = view.totals
    blocks = [
        f"## {outcome(view.exit_code)}: {_text(view.title)} {_text(view.version)}".rstrip(),
        _text(view.conclusion),
        " · ".join(
            (
                f"{count(totals.cases, 'case')}",
                f"{totals.claims_judged} of {count(totals.claims, 'claim')} judged",
                f"{totals.statuses_seen} of {totals.statuses} documented statuses seen",
                f"{totals.inputs_reached} of {count(totals.inputs, 'parameter')} reached",
                format_ms(view.elapsed_ms),
                f"seed {view.seed}",
                f"target {code_span(view.target)}",
            )
        ),
    ]
    if view.placeholders:
        lines = [f"- {code_span(name)} is {_text(meaning)}" for name, meaning in view.placeholders]
        blocks.append("\n".join(["In the command lines", "", *lines]))
    blocks += [_finding(finding) for finding in view.findings[:MAX_FINDINGS]]
    if len(view.findings) > MAX_FINDINGS:
        blocks.append(f"… and {count(len(view.findings) - MAX_FINDINGS, 'finding')} more in the full report.")
    if view.flaky:
        folded = "\n\n".join(_finding(finding) for finding in view.flaky[:MAX_FLAKY])
        blocks.append(_folded(f"Seen once, not again ({len(view.flaky)})", folded))
    for heading, told in (("Gone since the baseline", view.fixed), ("Notes", view.notes)):
        if told:
            blocks.append(f"### {heading}\n\n" + "\n".join(f"- {_text(line)}" for line in told[:MAX_ROWS]))
    if view.errors:
        blocks.append("### Errors\n\n" + "\n".join(_error(error.operation, error.message) for error in view.errors))
    if view.rows:
        blocks.append(_operations(view))
        blocks.append(_folded("Coverage", _coverage(view)))
    if view.not_exercised:
        lines = [
            f"- {code_span(item.subject)}: {_text(item.reason)}" + _where(item.operations)
            for item in view.not_exercised
        ]
        blocks.append(_folded(f"Not exercised ({len(lines)})", "\n".join(lines[:MAX_ROWS])))
    return "\n\n".join(blocks) + "\n"


def _finding(finding: FindingView) -> str:
    head = f"<b>{finding.severity.value}</b> · <code>{_text(finding.operation)}</code> · {_text(finding.headline)}"
    if finding.standing is not Standing.OPEN:
        head = f"{finding.standing.value}: {head}"
    seen = "once" if finding.times == 1 else count(finding.times, "time")
    broken = f"Breaks {code_span(finding.claim_id)}: {_text(finding.title)}."
    lines = [f"{broken} Seen {seen}, fingerprint `{finding.fingerprint}`"]
    if finding.link:
        lines[0] += f", [clause](<{finding.link}>)"
    if finding.remark:
        lines.append(f"- {finding.standing.value}: {_text(finding.remark)}")
    lines += [f"- at {code_span(item.pointer)}: {_text(item.message)}" for item in finding.violations]
    for number, step in enumerate(finding.steps, start=1):
        answer = (
            f"→ {code_span(step.status)} after {step.elapsed}" if step.status else f"→ no answer: {_text(step.error)}"
        )
        told = f"{number}. {_text(step.note)}" if len(finding.steps) > 1 else _text(step.note)
        lines += [*(["", told.rstrip()] if told else []), "", fence(step.curl), "", answer]
    lines += ["", "Replay:", "", fence(finding.replay)]
    return _folded(head, "\n".join(lines))


def _operations(view: View) -> str:
    failed = [row for row in view.rows if row.verdict in (Verdict.FAILED, Verdict.ERRORED)]
    rows = view.rows if len(view.rows) <= MAX_ROWS else failed[:MAX_ROWS]
    lines = ["| operation | verdict | findings | cases | claims judged | p95 |", "|---|---|--:|--:|--:|--:|"]
    lines += [_row(row) for row in rows]
    if len(rows) < len(view.rows):
        lines.append(f"\n{count(len(view.rows) - len(rows), 'operation')} not shown.")
    return "### Operations\n\n" + "\n".join(lines)


def _row(row: Row) -> str:
    p95 = format_ms(row.latency.p95_ms) if row.latency.count else ""
    findings = str(len(row.findings)) if row.findings else ""
    verdict = _WORDS[row.verdict]
    return f"| {code_span(row.label, cell=True)} | {verdict} | {findings} | {row.cases} | {row.judged} | {p95} |"


def _coverage(view: View) -> str:
    """Statuses and parameters of each operation, then what wasn't reached and why."""
    lines = ["| operation | statuses seen | not seen | parameters |", "|---|---|---|--:|"]
    for row in view.rows[:MAX_ROWS]:
        seen = ", ".join(f"{status.key} ×{status.times:,}" for status in row.statuses if status.times)
        unseen = ", ".join(status.key for status in row.statuses if not status.times)
        reached = sum(each.is_reached for each in row.inputs)
        inputs = f"{reached} of {len(row.inputs)}" if row.inputs else ""
        lines.append(f"| {code_span(row.label, cell=True)} | {seen} | {unseen} | {inputs} |")
    if len(view.rows) > MAX_ROWS:
        lines.append(f"\n{count(len(view.rows) - MAX_ROWS, 'operation')} not shown.")
    reasons = [
        f"- {code_span(item.subject)}: {_text(item.reason)}{_where(item.operations)}"
        for item in view.unreached[:MAX_ROWS]
    ]
    if len(view.unreached) > MAX_ROWS:
        reasons.append(f"- and {len(view.unreached) - MAX_ROWS} more in the full report")
    return "\n".join([*lines, *(["", "Not reached, and why:", "", *reasons] if reasons else [])])


def _error(operation: str, message: str) -> str:
    return f"- {code_span(operation) + ': ' if operation else ''}{_text(message)}"


def _where(operations: tuple[str, ...]) -> str:
    if not operations:
        return ""
    shown = ", ".join(code_span(label) for label in operations[:3])
    return f" ({shown}{f' and {len(operations) - 3} more' if len(operations) > 3 else ''})"


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _text(text: str) -> str:
    """Text that stays text, on one line: neither Markdown nor HTML in it works."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]#|~$@])", lambda match: f"&#{ord(match.group(1))};", text)


def code_span(text: str, *, cell: bool = False) -> str:
    """A code span; the fence of backticks is longer than any run in the text."""
    text = " ".join(text.split())
    if cell:
        text = text.replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str) -> str:
    """A fenced block of shell, cut at `MAX_COMMAND` characters."""
    cut = text[:MAX_COMMAND] + "\n… cut; the full report has it all" if len(text) > MAX_COMMAND else text
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", cut)), default=0))
    return f"{ticks}sh\n{cut}\n{ticks}"
