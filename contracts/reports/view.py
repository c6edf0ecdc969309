"""One view of a Run, which every format renders: reports differ in their looks, never in what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from understudy.contracts.claims import Claim, Severity
from understudy.contracts.reports.conclusion import conclude
from understudy.contracts.reports.coverage import (
    InputView,
    StatusView,
    Unreached,
    cover_inputs,
    cover_statuses,
    find_unreached,
)
from understudy.contracts.reports.finding_view import FindingView, find_link, view_finding
from understudy.contracts.reports.latency import LatencyView, Scale, summarise_latencies
from understudy.contracts.reports.not_exercised import NotExercised, find_not_exercised
from understudy.contracts.reports.placeholders import explain_placeholders
from understudy.contracts.reports.printable import printable
from understudy.contracts.reports.totals import Totals, total
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.secrecy.run_redaction import redact_run
from understudy.contracts.verdict import ClaimResult, Finding, OperationResult, Run, Standing, Verdict

__all__ = ["Cell", "Column", "ErrorView", "Row", "TimelineView", "View", "view_run"]

MAX_TIMELINES = 6


@dataclass(frozen=True, slots=True)
class Column:
    """A claim in the matrix; ``failed`` is on how many operations it is broken."""

    claim: Claim
    link: str
    failed: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One claim on one operation; ``finding`` is the number of the first finding, None without one."""

    verdict: Verdict
    times: int
    reason: str
    finding: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """An operation in the matrix.

    Attributes:
        cells: One for each column; None where the claim doesn't apply.
        findings: Numbers of the operation's findings.
        statuses: See `cover_statuses`; ``inputs``: see `cover_inputs`.
        judged: Claims that were judged on it.
        elapsed_ms: Sum of the elapsed times that were kept.
        skipped: Why it was left out; empty when it was not.
    """

    label: str
    method: str
    path: str
    operation_id: str
    verdict: Verdict
    cases: int
    judged: int
    elapsed_ms: float
    cells: tuple[Cell | None, ...]
    findings: tuple[int, ...]
    statuses: tuple[StatusView, ...]
    inputs: tuple[InputView, ...]
    latency: LatencyView
    skipped: str


@dataclass(frozen=True, slots=True)
class TimelineView:
    """A stream's items over time: ``items`` and ``end`` in per cent of the longest timeline of the operation."""

    operation: str
    items: tuple[float, ...]
    item_count: int
    end: float
    first_ms: float | None
    ended_ms: float
    axis_ms: float


@dataclass(frozen=True, slots=True)
class ErrorView:
    """Something that we could not do; ``operation`` is empty when it concerns the whole run."""

    operation: str
    message: str


@dataclass(frozen=True, slots=True)
class View:
    """Everything a report says; all of it is redacted, and text in it is printable.

    Attributes:
        target: Base URL of the API under test.
        columns: Claims that apply to at least one operation: broken ones first, then by severity and id.
        rows: Operations in document order.
        unreached: What of their statuses and inputs wasn't reached, and why.
        findings: Open ones first, then by severity, then in document order, then by fingerprint.
        fixed: Findings of the baseline that are gone, as ``claim on operation``.
        notes: What waivers and baseline leave to be said.
        flaky: Failures that didn't recur; numbered after the findings, in the same order.
        timelines: At most `MAX_TIMELINES` for each operation.
        scale: The axis that all latencies share.
        settings: Option and value.
        placeholders: What variables in command lines stand for: ``$TOKEN`` and what to set it to.
        phases: Name and elapsed time in milliseconds; None when it was not finished.
    """

    title: str
    version: str
    openapi: str
    document: str
    target: str
    seed: int
    started_at: str
    elapsed_ms: float
    interrupted: bool
    exit_code: int
    conclusion: str
    totals: Totals
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    findings: tuple[FindingView, ...]
    flaky: tuple[FindingView, ...]
    fixed: tuple[str, ...]
    notes: tuple[str, ...]
    timelines: tuple[TimelineView, ...]
    scale: Scale
    not_exercised: tuple[NotExercised, ...]
    unreached: tuple[Unreached, ...]
    errors: tuple[ErrorView, ...]
    settings: tuple[tuple[str, str], ...]
    placeholders: tuple[tuple[str, str], ...]
    phases: tuple[tuple[str, float | None], ...]

    @property
    def status_keys(self) -> tuple[str, ...]:
        """Every status that is documented or was seen: in ascending order, then ranges, then ``default``."""
        keys = {status.key for row in self.rows for status in row.statuses}
        return tuple(sorted(keys, key=lambda key: (not key.isdigit(), key == "default", key)))


def view_run(run: Run, redaction: Redaction | None = None) -> View:
    """Everything that reports say of a Run.

    The Run is redacted here once more by what names and looks tell, so that a caller who forgot does little harm;
    exact credentials must have been masked before (`redact_run`) or be given here.
    """
    run = redact_run(run, redaction or Redaction())
    ordered = [*_in_order(run.findings, run), *_in_order(run.flaky, run)]
    shown = tuple(view_finding(finding, number, run.start) for number, finding in enumerate(ordered, start=1))
    findings, flaky = shown[: len(run.findings)], shown[len(run.findings) :]
    columns = _columns(run)
    rows = tuple(_row(operation, columns, findings) for operation in run.operations)
    start = run.start
    return View(
        title=printable(start.title),
        version=printable(start.version),
        openapi=printable(start.openapi),
        document=printable(start.document),
        target=printable(start.target),
        seed=start.seed,
        started_at=printable(start.started_at),
        elapsed_ms=run.elapsed_ms,
        interrupted=run.interrupted,
        exit_code=run.exit_code,
        conclusion=conclude(run),
        totals=total(run, [(row.statuses, row.inputs) for row in rows]),
        columns=columns,
        rows=rows,
        findings=findings,
        flaky=flaky,
        fixed=tuple(printable(f"{finding.claim.id} on {finding.operation}") for finding in run.fixed),
        notes=tuple(printable(note) for note in run.notes),
        timelines=tuple(timeline for operation in run.operations for timeline in _timelines(operation)),
        scale=Scale.from_latencies(row.latency for row in rows if row.latency.count),
        not_exercised=find_not_exercised(run),
        unreached=find_unreached((row.label, row.statuses, row.inputs) for row in rows),
        errors=_errors(run),
        settings=tuple((printable(name), printable(value)) for name, value in start.settings.items()),
        placeholders=explain_placeholders((step.curl for each in shown for step in each.steps), start.settings),
        phases=tuple((phase.value, run.phases_ms.get(phase)) for phase in start.phases),
    )


def _in_order(findings: Iterable[Finding], run: Run) -> list[Finding]:
    severities = [*Severity]
    places = {operation.plan.label: index for index, operation in enumerate(run.operations)}
    return sorted(
        findings,
        key=lambda finding: (
            finding.standing is not Standing.OPEN,
            severities.index(finding.claim.severity),
            places.get(finding.operation, len(places)),
            finding.fingerprint,
        ),
    )


def _columns(run: Run) -> tuple[Column, ...]:
    known = {claim.id: claim for claim in (*run.start.claims, *(finding.claim for finding in run.findings))}
    failed = Counter(
        claim_id
        for operation in run.operations
        for claim_id, result in operation.claims.items()
        if result.verdict is Verdict.FAILED
    )
    applied = {claim_id for operation in run.operations for claim_id in operation.claims} & known.keys()
    severities = [*Severity]
    ordered = sorted(applied, key=lambda key: (not failed[key], severities.index(known[key].severity), key))
    return tuple(Column(known[key], find_link(known[key].clause), failed[key]) for key in ordered)


def _row(operation: OperationResult, columns: tuple[Column, ...], findings: tuple[FindingView, ...]) -> Row:
    plan = operation.plan
    method, _, path = plan.label.partition(" ")
    own = [finding for finding in findings if finding.operation == printable(plan.label)]
    numbers = {finding.claim_id: finding.number for finding in reversed(own)}
    return Row(
        label=printable(plan.label),
        method=printable(method),
        path=printable(path),
        operation_id=printable(plan.operation_id),
        verdict=operation.verdict,
        cases=operation.cases,
        judged=sum(result.verdict is not Verdict.SKIPPED for result in operation.claims.values()),
        elapsed_ms=sum(operation.latencies_ms),
        cells=tuple(_cell(operation.claims.get(column.claim.id), numbers.get(column.claim.id)) for column in columns),
        findings=tuple(finding.number for finding in own),
        statuses=cover_statuses(operation),
        inputs=cover_inputs(operation),
        latency=summarise_latencies(printable(plan.label), operation.latencies_ms),
        skipped=printable(plan.skipped),
    )


def _cell(result: ClaimResult | None, finding: int | None) -> Cell | None:
    return Cell(result.verdict, result.times, printable(result.reason), finding) if result else None


def _timelines(operation: OperationResult) -> tuple[TimelineView, ...]:
    shown = operation.timelines[:MAX_TIMELINES]
    axis_ms = max((max((timeline.ended_ms, *timeline.item_ms)) for timeline in shown), default=0.0) or 1.0
    return tuple(
        TimelineView(
            printable(operation.plan.label),
            tuple(round(100 * at_ms / axis_ms, 2) for at_ms in timeline.item_ms),
            len(timeline.item_ms),
            round(100 * timeline.ended_ms / axis_ms, 2),
            timeline.item_ms[0] if timeline.item_ms else None,
            timeline.ended_ms,
            axis_ms,
        )
        for timeline in shown
    )


def _errors(run: Run) -> tuple[ErrorView, ...]:
    whole = [ErrorView("", printable(message)) for message in run.errors]
    return (
        *whole,
        *(
            ErrorView(printable(operation.plan.label), printable(message))
            for operation in run.operations
            for message in operation.errors
        ),
    )
