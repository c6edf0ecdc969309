"""What was not exercised, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from understudy.contracts.reports.printable import printable
from understudy.contracts.verdict import OperationResult, Run, Verdict

__all__ = ["NotExercised", "find_not_exercised"]


@dataclass(frozen=True, slots=True)
class NotExercised:
    """Something that was not judged and why.

    Attributes:
        subject: A claim's id, or an operation's label.
        operations: Labels of the operations it concerns; empty when it concerns none in particular.
        is_whole: Whether it was exercised nowhere: an operation that was left out, a claim that was never judged.
    """

    subject: str
    title: str
    reason: str
    operations: tuple[str, ...]
    is_whole: bool = True


def find_not_exercised(run: Run) -> tuple[NotExercised, ...]:
    """Operations left out, then claims that were judged nowhere, then those judged on some operations only."""
    left_out = [_left_out(operation) for operation in run.operations if not operation.is_judged]
    nowhere: list[NotExercised] = []
    somewhere: list[NotExercised] = []
    for claim in run.start.claims:
        results = [(op.plan.label, op.claims[claim.id]) for op in run.operations if claim.id in op.claims]
        judged = any(result.verdict is not Verdict.SKIPPED for _, result in results)
        reasons: dict[str, list[str]] = {}
        for label, result in results:
            if result.verdict is Verdict.SKIPPED:
                reasons.setdefault(result.reason or "no case that could show it was reached", []).append(label)
        if not results:
            reasons[run.reasons.get(claim.id, "it applies to no operation that was exercised")] = []
        group = somewhere if judged else nowhere
        group += (
            _not_exercised(claim.id, claim.title, reason, labels, is_whole=not judged)
            for reason, labels in reasons.items()
        )
    return (*left_out, *nowhere, *somewhere)


def _left_out(operation: OperationResult) -> NotExercised:
    reason = operation.plan.skipped
    if not reason:
        reason = "cases were sent, but no claim could be judged" if operation.cases else "no case was sent"
    return _not_exercised(operation.plan.label, operation.plan.operation_id, reason, ())


def _not_exercised(
    subject: str, title: str, reason: str, labels: Iterable[str], *, is_whole: bool = True
) -> NotExercised:
    shown = tuple(printable(label) for label in labels)
    return NotExercised(printable(subject), printable(title), printable(reason), shown, is_whole)
