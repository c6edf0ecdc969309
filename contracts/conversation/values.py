"""Values of which not everything is known: put two guesses together, compare with what came, and learn from it.

A value is JSON in which UNKNOWN stands for what nobody has seen yet, and `Between` for a time that depends on when
the server worked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from understudy.specs.behaviour.values import UNKNOWN
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Missing
from understudy.specs.pointers import JsonPointer, child

__all__ = ["Between", "Difference", "bind", "combined", "differences", "is_known", "moment_of", "opened", "same"]

ROOT: Final = JsonPointer("")


@final
@dataclass(frozen=True, slots=True)
class Between:
    """A time that isn't before ``low`` and not after ``high``."""

    low: datetime
    high: datetime

    def __str__(self) -> str:
        return f"a time from {self.low.isoformat()} to {self.high.isoformat()}"


@final
@dataclass(frozen=True, slots=True)
class Difference:
    """Where a value isn't as it has to be; ``actual`` is MISSING where there is none, ``expected`` where one is left
    that should be gone."""

    pointer: JsonPointer
    expected: Json | Between | Missing
    actual: Json | Missing


def combined(one: Json, other: Json, text: str | None = None) -> Json:
    """What two guesses have in common.

    Args:
        text: What is exactly this text in the first guess is known, whatever the second one makes of it.
    """
    if one is UNKNOWN or other is UNKNOWN:
        return UNKNOWN
    if isinstance(one, Between) and isinstance(other, Between):
        return Between(min(one.low, other.low), max(one.high, other.high))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = dict.fromkeys((*one, *other))
        return {
            name: combined(one[name], other[name], text) if name in one and name in other else UNKNOWN for name in names
        }
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        if len(one) != len(other):
            return UNKNOWN
        return [combined(left, right, text) for left, right in zip(one, other, strict=True)]
    if same(one, other) or (text is not None and one == text):
        return one
    low, high = moment_of(one), moment_of(other)
    return Between(min(low, high), max(low, high)) if low is not None and high is not None else UNKNOWN


def differences(expected: Json, actual: Json | Missing, before: Json = None) -> Iterator[Difference]:
    """Where a value differs from what is known of it; members that nobody spoke of are free.

    Args:
        before: An earlier value: a member that it had, and that should be gone, must not be there any more.
    """
    yield from _differences(expected, actual, before, ROOT)


def is_known(value: Json) -> bool:
    """Whether nothing of a value is still open."""
    if value is UNKNOWN or isinstance(value, Between):
        return False
    if isinstance(value, Mapping):
        return all(map(is_known, value.values()))
    return all(map(is_known, value)) if isinstance(value, (list, tuple)) else True


def bind(expected: Json, actual: Json) -> Json:
    """The value with what came back in the place of what was open."""
    if expected is UNKNOWN or isinstance(expected, Between):
        return actual
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return {name: bind(value, actual[name]) if name in actual else value for name, value in expected.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [bind(one, other) for one, other in zip(expected, actual, strict=True)]
    return expected


def opened(value: Json) -> Json:
    """The value with nothing between: a time that isn't known exactly isn't known."""
    if isinstance(value, Between):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: opened(item) for name, item in value.items()}
    return [opened(item) for item in value] if isinstance(value, list) else value


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal; 1 is 1.0 and isn't true, and a time may be written in several ways."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if one == other:
        return True
    moment = moment_of(one)
    return moment is not None and moment == moment_of(other)


def moment_of(value: Json) -> datetime | None:
    """The time that a text says (RFC 3339, with its offset); None for anything else."""
    if not isinstance(value, str) or not 20 <= len(value) <= 40 or value[4:5] != "-" or value[10:11] not in "Tt ":
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _differences(expected: Json, actual: Json | Missing, before: Json, pointer: JsonPointer) -> Iterator[Difference]:
    if expected is UNKNOWN or (expected is None and actual is MISSING):
        return
    if isinstance(expected, Between):
        moment = moment_of(actual)
        if moment is None or not expected.low <= moment <= expected.high:
            yield Difference(pointer, expected, actual)
    elif isinstance(expected, Mapping) and isinstance(actual, Mapping):
        old = before if isinstance(before, Mapping) else {}
        for name, value in expected.items():
            yield from _differences(value, actual.get(name, MISSING), old.get(name), child(pointer, name))
        for name in old.keys() & actual.keys() - expected.keys():
            if old[name] is not None and is_known(old[name]) and same(old[name], actual[name]):
                yield Difference(child(pointer, name), MISSING, actual[name])
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield Difference(pointer, expected, actual)
            return
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(one, other, None, child(pointer, index))
    elif actual is MISSING or not same(expected, actual):
        yield Difference(pointer, expected, actual)
