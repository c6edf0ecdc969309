"""What was reached of what a document describes, statuses and inputs, and why the rest was not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from understudy.contracts.coverage import Form, Input, Reached
from understudy.contracts.reports.printable import printable
from understudy.contracts.verdict import OperationResult
from understudy.specs.wire.media_types import matches

__all__ = [
    "FormView",
    "InputView",
    "MediaTypeView",
    "StatusView",
    "Unreached",
    "cover_inputs",
    "cover_statuses",
    "find_unreached",
]

_IMPOSSIBLE: Mapping[Form, str] = {
    Form.VALID: "contents of this media type are neither made nor read here",
    Form.INVALID: "every value is valid",
    Form.LEFT_OUT: "it is part of the path",
}


@dataclass(frozen=True, slots=True)
class MediaTypeView:
    """A media type of a status: ``times`` seen, and whether the document describes it there."""

    name: str
    times: int
    documented: bool


@dataclass(frozen=True, slots=True)
class StatusView:
    """A status of an operation: ``times`` seen, and whether the document describes it.

    Attributes:
        key: As documented (``404``, ``4XX``, ``default``) or, where it isn't, the status itself.
        reason: Why it was not seen; empty where it was.
        beyond: Whether nothing that is sent can bring it about.
    """

    key: str
    times: int
    documented: bool
    reason: str = ""
    beyond: bool = False
    media_types: tuple[MediaTypeView, ...] = ()


@dataclass(frozen=True, slots=True)
class FormView:
    """One form of an input.

    Attributes:
        word: ``valid``, ``invalid`` or ``left out``.
        possible: Whether the input can be sent so at all.
        reached: Whether a request with it came further than the door: it was answered neither 401 nor 429.
        statuses: How it was answered, and how often.
        reason: Why it is impossible or wasn't reached; empty where it was.
    """

    word: str
    possible: bool
    reached: bool
    statuses: tuple[tuple[int, int], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class InputView:
    """A parameter, or a body in one media type; ``location`` is ``path``, ``query``, …, ``body``."""

    location: str
    name: str
    required: bool
    forms: tuple[FormView, ...]

    @property
    def is_reached(self) -> bool:
        """Whether it was sent in every form that is possible."""
        return all(form.reached for form in self.forms if form.possible)


@dataclass(frozen=True, slots=True)
class Unreached:
    """A status, or a form of an input, that wasn't reached on some operations, and why."""

    subject: str
    reason: str
    operations: tuple[str, ...]


def cover_statuses(operation: OperationResult) -> tuple[StatusView, ...]:
    """The documented statuses in document order, then those seen that nothing documents.

    A status counts for its exact key, else for its range, else for ``default``.
    """
    goals = operation.plan.goals
    seen: dict[str, int] = dict.fromkeys(operation.plan.statuses, 0)
    undocumented: list[StatusView] = []
    media_types: dict[str, dict[str, int]] = {
        key: dict.fromkeys(goals.media_types.get(key, ()), 0) for key in operation.plan.statuses
    }
    for status, times in operation.statuses.items():
        key = _find_key(status, seen)
        if key is None:
            undocumented.append(StatusView(str(status), times, False))
            continue
        seen[key] += times
        for (other, name), number in operation.reached.media_types.items():
            if other == status:
                described = _find_described(name, media_types[key])
                media_types[key][described] = media_types[key].get(described, 0) + number
    documented = [
        StatusView(
            printable(key),
            times,
            True,
            "" if times else printable(goals.beyond.get(key) or _why_not(operation, "nothing that was sent led to it")),
            not times and key in goals.beyond,
            tuple(
                MediaTypeView(printable(name), number, name in goals.media_types.get(key, ()))
                for name, number in media_types[key].items()
            ),
        )
        for key, times in seen.items()
    ]
    return (*documented, *undocumented)


def cover_inputs(operation: OperationResult) -> tuple[InputView, ...]:
    """The operation's parameters and bodies, in document order."""
    return tuple(
        InputView(
            each.key[0],
            printable(each.key[1]),
            each.required,
            tuple(_form(operation, each, form) for form in Form),
        )
        for each in operation.plan.goals.inputs
    )


def find_unreached(rows: Iterable[tuple[str, tuple[StatusView, ...], tuple[InputView, ...]]]) -> tuple[Unreached, ...]:
    """What wasn't reached, those with one reason together: statuses in ascending order, then inputs.

    Args:
        rows: Label, statuses and inputs of each operation.
    """
    statuses: dict[tuple[str, str], list[str]] = {}
    inputs: dict[tuple[str, str], list[str]] = {}
    for label, of_status, of_input in rows:
        for status in of_status:
            if status.documented and not status.times:
                statuses.setdefault((status.key, status.reason), []).append(label)
        for each in of_input:
            for form in each.forms:
                if form.possible and not form.reached:
                    key = (f"{each.location} {each.name} {form.word}", form.reason)
                    inputs.setdefault(key, []).append(label)
    ordered = sorted(statuses.items(), key=lambda item: item[0][0])
    return tuple(Unreached(*key, tuple(labels)) for key, labels in (*ordered, *inputs.items()))


def _form(operation: OperationResult, each: Input, form: Form) -> FormView:
    reached: Reached = operation.reached
    statuses = tuple(reached.inputs.get((each.key, form), {}).items())
    has, possible = reached.has(each.key, form), form in each.forms
    reason = ""
    if not possible and not has:
        reason = _IMPOSSIBLE[form]
    elif not has:
        reason = "turned away before it was read" if statuses else _why_not(operation, "no request had it so")
    return FormView(form.word, possible or has, has, statuses, printable(reason))


def _why_not(operation: OperationResult, otherwise: str) -> str:
    if operation.plan.skipped:
        return operation.plan.skipped
    return otherwise if operation.cases else "no case was sent"


def _find_key(status: int, keys: Mapping[str, int]) -> str | None:
    return next((key for key in (str(status), f"{status // 100}XX", "default") if key in keys), None)


def _find_described(name: str, described: Mapping[str, int]) -> str:
    """Which of the described media types and ranges a media type without parameters is of; itself where of none."""
    return next((key for key in described if matches(key.partition(";")[0], name)), name)
