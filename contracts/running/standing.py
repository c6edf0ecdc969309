"""What findings mean for the outcome: waivers, a baseline, and the least severity that fails a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from understudy.contracts.claims import Severity
from understudy.contracts.running.waivers import Waiver
from understudy.contracts.verdict import Finding, Run, Standing, Verdict

__all__ = ["Policy", "stand"]

MAX_LOST: Final = 10
"""Statuses and parameters that are named."""

_SEVERITIES: Final = [*Severity]
"""The gravest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a user lives with.

    Attributes:
        least: The least severity that fails a run.
        waivers: In the order of their file; the first that covers a finding and holds decides.
        baseline: An earlier run; what it found already doesn't fail this one. None for none.
        today: The day that waivers expire by.
    """

    today: date
    least: Severity = Severity.LOW
    waivers: tuple[Waiver, ...] = ()
    baseline: Run | None = None


def stand(run: Run, policy: Policy) -> Run:
    """The run, each finding with its standing, and what of the baseline is fixed.

    A finding of the baseline is fixed only if its claim was judged on its operation and held; if nothing was judged
    there, nothing is said.
    """
    known = {finding.fingerprint for finding in policy.baseline.findings} if policy.baseline else set[str]()
    return replace(
        run,
        findings=tuple(_stand(finding, policy, known) for finding in run.findings),
        fixed=tuple(_fixed(run, policy.baseline)) if policy.baseline else (),
        notes=(*run.notes, *_notes(run, policy)),
    )


def _stand(finding: Finding, policy: Policy, known: set[str]) -> Finding:
    for waiver in policy.waivers:
        if waiver.covers(finding) and not waiver.has_expired(policy.today):
            until = f" (until {waiver.expires.isoformat()})" if waiver.expires else ""
            return replace(finding, standing=Standing.WAIVED, remark=f"{waiver.reason}{until}")
    if finding.fingerprint in known:
        return replace(finding, standing=Standing.KNOWN, remark="the baseline has it")
    if _SEVERITIES.index(finding.claim.severity) > _SEVERITIES.index(policy.least):
        return replace(finding, standing=Standing.MINOR, remark=f"less than {policy.least.value}")
    return finding


def _fixed(run: Run, baseline: Run) -> Iterator[Finding]:
    seen = {finding.fingerprint for finding in (*run.findings, *run.flaky)}
    judged = {
        (operation.plan.label, claim_id)
        for operation in run.operations
        for claim_id, result in operation.claims.items()
        if result.verdict is not Verdict.SKIPPED
    }
    for finding in baseline.findings:
        if finding.fingerprint not in seen and (finding.operation, finding.claim.id) in judged:
            yield finding


def _notes(run: Run, policy: Policy) -> Iterator[str]:
    for waiver in policy.waivers:
        covered = [finding for finding in run.findings if waiver.covers(finding)]
        if covered and waiver.expires is not None and waiver.has_expired(policy.today):
            yield f"the waiver at {waiver.place} expired on {waiver.expires.isoformat()}: {waiver.reason}"
        if not covered and not run.interrupted:
            yield f"the waiver at {waiver.place} covers no finding any more: {waiver.reason}"
    if policy.baseline is not None and policy.baseline.start.title != run.start.title:
        yield f"the baseline is of another API: {policy.baseline.start.title}"
    elif policy.baseline is not None and not run.interrupted:
        lost = [*_lost(run, policy.baseline)]
        more = f" and {len(lost) - MAX_LOST} more" if len(lost) > MAX_LOST else ""
        if lost:
            yield f"reached in the baseline, not in this run: {', '.join(lost[:MAX_LOST])}{more}"


def _lost(run: Run, baseline: Run) -> Iterator[str]:
    """Documented statuses, and forms of parameters, that the baseline reached and this run did not."""
    before = {operation.plan.label: operation for operation in baseline.operations}
    for operation in run.operations:
        label, earlier = operation.plan.label, before.get(operation.plan.label)
        if earlier is None or operation.plan.skipped:
            continue
        yield from (
            f"{status} of {label}"
            for status in earlier.statuses
            if status not in operation.statuses and str(status) in operation.plan.statuses
        )
        for each in operation.plan.goals.inputs:
            for form in each.forms:
                if earlier.reached.has(each.key, form) and not operation.reached.has(each.key, form):
                    yield f"{each.key[0]} {each.key[1]} {form.word} of {label}"
