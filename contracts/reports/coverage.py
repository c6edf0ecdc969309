"""Compare what was seen with what the document describes: statuses, and what was not exercised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from understudy.contracts.reports.printable import printable
from understudy.contracts.verdict import OperationResult, Run, Verdict

__all__ = ["NotExercised", "StatusView", "cover_statuses", "find_not_exercised"]


@dataclass(frozen=True, slots=True)
class StatusView:
    """A status of an operation: ``times`` seen, and whether the document describes it.

    ``key`` is as documented (``404``, ``4XX``, ``default``) or, where it isn't, the status itself.
    """

    key: str
    times: int
    documented: bool


@dataclass(frozen=True, slots=True)
class NotExercised:
    """Something that was not judged and why.

    Attributes:
        subject: A claim's id, or an operation's label.
        operations: Labels of the operations it concerns; empty when it concerns none in particular.
    """

    subject: str
    title: str
    reason: str
    operations: tuple[str, ...]


def cover_statuses(operation: OperationResult) -> tuple[StatusView, ...]:
    """The documented statuses in document order, then those seen that nothing documents.

    A status counts for its exact key, else for its range, else for ``default``.
    """
    times = dict.fromkeys(operation.plan.statuses, 0)
    undocumented: list[StatusView] = []
    for status, seen in operation.statuses.items():
        key = next((key for key in (str(status), f"{status // 100}XX", "default") if key in times), None)
        if key is None:
            undocumented.append(StatusView(str(status), seen, False))
        else:
            times[key] += seen
    return (*(StatusView(printable(key), seen, True) for key, seen in times.items()), *undocumented)


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
            reasons["it applies to no operation that was exercised"] = []
        group = somewhere if judged else nowhere
        group += (_not_exercised(claim.id, claim.title, reason, labels) for reason, labels in reasons.items())
    return (*left_out, *nowhere, *somewhere)


def _left_out(operation: OperationResult) -> NotExercised:
    reason = operation.plan.skipped
    if not reason:
        reason = "cases were sent, but no claim could be judged" if operation.cases else "no case was sent"
    return _not_exercised(operation.plan.label, operation.plan.operation_id, reason, ())


def _not_exercised(subject: str, title: str, reason: str, labels: Iterable[str]) -> NotExercised:
    return NotExercised(
        printable(subject), printable(title), printable(reason), tuple(printable(label) for label in labels)
    )
