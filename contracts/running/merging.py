"""Several runs as one: the shards of a test, each on a machine of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from understudy.contracts.case import Phase
from understudy.contracts.coverage import merge_reached
from understudy.contracts.running.folding import MAX_ERRORS, MAX_LATENCIES, MAX_TIMELINES, weight
from understudy.contracts.verdict import ClaimResult, Finding, OperationResult, Run, Verdict
from understudy.specs.errors import UsageError

__all__ = ["merge_runs"]

_GRAVEST = (Verdict.FAILED, Verdict.ERRORED, Verdict.PASSED, Verdict.SKIPPED)


def merge_runs(runs: Sequence[Run]) -> Run:
    """One run that says what all of them say; it is interrupted when one of them was, unreachable when all were.

    An operation that one run left out and another exercised was exercised. The time is that of the longest, because
    shards run side by side.

    Raises:
        UsageError: There is none, or they are of different documents.
    """
    if not runs:
        raise UsageError("merge", "nothing", "at least one report")
    first = runs[0]
    for other in runs[1:]:
        ours, theirs = ((run.start.title, run.start.version) for run in (first, other))
        if ours != theirs:
            raise UsageError("merge", " ".join(theirs), f"reports of the same document, {' '.join(ours)}")
    claims = {claim.id: claim for run in runs for claim in run.start.claims}
    phases = {phase: None for run in runs for phase in run.start.phases}
    labels = {operation.plan.label: None for run in runs for operation in run.operations}
    operations = tuple(
        _merge_operation([each for run in runs for each in run.operations if each.plan.label == label])
        for label in labels
    )
    settings = {name: value for name, value in first.start.settings.items() if name != "shard"}
    return Run(
        replace(
            first.start,
            started_at=min(run.start.started_at for run in runs),
            operations=tuple(operation.plan for operation in operations),
            claims=tuple(claims.values()),
            phases=tuple(phase for phase in Phase if phase in phases),
            settings=settings,
        ),
        operations,
        _merge_findings(finding for run in runs for finding in run.findings),
        tuple({error: None for run in runs for error in run.errors})[:MAX_ERRORS],
        _sum(run.phases_ms for run in runs),
        max(run.elapsed_ms for run in runs),
        any(run.interrupted for run in runs),
        _merge_findings(finding for run in runs for finding in run.flaky),
        _merge_findings(finding for run in runs for finding in run.fixed),
        tuple({note: None for run in runs for note in run.notes}),
        all(run.unreachable for run in runs),
        {claim: reason for run in runs for claim, reason in run.reasons.items()},
    )


def _merge_operation(results: Sequence[OperationResult]) -> OperationResult:
    exercised = [each for each in results if not each.plan.skipped] or results
    names = sorted({name for each in exercised for name in each.claims})
    statuses: Counter[int] = Counter()
    for each in exercised:
        statuses.update(each.statuses)
    return OperationResult(
        exercised[0].plan,
        min((each.verdict for each in exercised), key=_GRAVEST.index),
        sum(each.cases for each in exercised),
        {name: _merge_claim([each.claims[name] for each in exercised if name in each.claims]) for name in names},
        dict(sorted(statuses.items())),
        tuple(latency for each in exercised for latency in each.latencies_ms)[:MAX_LATENCIES],
        tuple(timeline for each in exercised for timeline in each.timelines)[:MAX_TIMELINES],
        tuple({error: None for each in exercised for error in each.errors})[:MAX_ERRORS],
        merge_reached(each.reached for each in exercised),
    )


def _merge_claim(results: Sequence[ClaimResult]) -> ClaimResult:
    verdict = min((each.verdict for each in results), key=_GRAVEST.index)
    reason = next((each.reason for each in results if each.reason), "") if verdict is Verdict.SKIPPED else ""
    return ClaimResult(verdict, sum(each.times for each in results), reason)


def _merge_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    merged: dict[str, Finding] = {}
    for finding in findings:
        known = merged.get(finding.fingerprint)
        if known is None:
            merged[finding.fingerprint] = finding
            continue
        lightest = min(known, finding, key=lambda each: weight(each.exchanges))
        merged[finding.fingerprint] = replace(lightest, count=known.count + finding.count)
    return tuple(merged.values())


def _sum(parts: Iterable[Mapping[Phase, float]]) -> dict[Phase, float]:
    total: dict[Phase, float] = {}
    for part in parts:
        for phase, elapsed_ms in part.items():
            total[phase] = total.get(phase, 0.0) + elapsed_ms
    return total
