"""Figures of a whole run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from understudy.contracts.claims import Severity
from understudy.contracts.reports.coverage import InputView, StatusView
from understudy.contracts.verdict import Run, Verdict

__all__ = ["Totals", "total"]


@dataclass(frozen=True, slots=True)
class Totals:
    """Figures of the whole run.

    Attributes:
        judgements: How often any claim was judged on any operation.
        failures: All of them; ``findings`` counts fingerprints.
        statuses: Documented statuses of all operations; ``statuses_seen`` those that came back at least once;
            ``statuses_beyond`` those that did not, because nothing that is sent can bring them about.
        inputs: Parameters, and bodies in each of their media types; ``inputs_reached`` those that were sent in every
            form that is possible: valid, invalid, left out.
    """

    operations: int
    verdicts: Mapping[Verdict, int]
    cases: int
    judgements: int
    claims: int
    claims_judged: int
    findings: int
    failures: int
    severities: Mapping[Severity, int]
    statuses: int
    statuses_seen: int
    statuses_beyond: int
    inputs: int
    inputs_reached: int
    errors: int


def total(run: Run, covered: Iterable[tuple[tuple[StatusView, ...], tuple[InputView, ...]]]) -> Totals:
    """Sum up a run.

    Args:
        covered: Statuses and inputs of each operation.
    """
    results = [(key, result) for operation in run.operations for key, result in operation.claims.items()]
    judged = {key for key, result in results if result.verdict is not Verdict.SKIPPED}
    rows = [*covered]
    statuses = [status for row, _ in rows for status in row if status.documented]
    inputs = [each for _, row in rows for each in row]
    return Totals(
        operations=len(run.operations),
        verdicts=dict(Counter(operation.verdict for operation in run.operations)),
        cases=run.cases,
        judgements=sum(result.times for _, result in results),
        claims=len({claim.id for claim in run.start.claims} | judged),
        claims_judged=len(judged),
        findings=len(run.findings),
        failures=sum(finding.count for finding in run.findings),
        severities=dict(Counter(finding.claim.severity for finding in run.findings)),
        statuses=len(statuses),
        statuses_seen=sum(status.times > 0 for status in statuses),
        statuses_beyond=sum(status.beyond for status in statuses),
        inputs=len(inputs),
        inputs_reached=sum(each.is_reached for each in inputs),
        errors=len(run.errors) + sum(len(operation.errors) for operation in run.operations),
    )
