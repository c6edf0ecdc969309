"""What can be forced on answers, as scenarios and the control API write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from understudy.mockserver.forcing.delays import Delay, read_delay, write_delay
from understudy.mockserver.forcing.durations import parse_duration
from understudy.mockserver.forcing.faults import Fault
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError

__all__ = ["EVERY", "Forcing", "read_forcing", "write_forcing"]

EVERY: Final = "*"
"""Stands for all operations."""

MAX_COUNT: Final = 1_000_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Forcing:
    """What is forced, on what, and how often. None forces nothing.

    Attributes:
        operation: An `operationId`, a label such as ``GET /pets/{petId}``, or `EVERY`.
        status: 200–599.
        example: Name of the example to answer with.
        delay: Before the answer, instead of the usual latency.
        pace: Between two items of a stream, in seconds.
        fault: What goes wrong on the way.
        after: Items of a stream that come before the fault; None is half of them.
        rate: The share of requests that are hit, 0 to 1; which ones follows from the seed.
        times: Requests that are hit before it is over; None is all.
    """

    operation: str
    status: int | None = None
    example: str | None = None
    delay: Delay | None = None
    pace: float | None = None
    fault: Fault | None = None
    after: int | None = None
    rate: float = 1.0
    times: int | None = None


def read_forcing(raw: Json) -> Forcing:
    """An override as scenarios and the control API write it.

    Raises:
        UsageError: An unknown or ill-formed member, or one that forces nothing.
    """
    if not isinstance(raw, dict):
        raise UsageError("override", raw, f"an object with {', '.join(_READERS)}")
    unknown = [name for name in raw if name not in _READERS]
    if unknown:
        raise UsageError("override", unknown[0], f"the members {', '.join(_READERS)}")
    read = {name: _READERS[name](value) for name, value in raw.items()}
    if "operation" not in read:
        raise UsageError("operation", None, "an operationId, a label such as 'GET /pets/{petId}', or '*' for all")
    if not read.keys() & {"status", "example", "delay", "pace", "fault"}:
        raise UsageError("override", sorted(read), "at least one of status, example, delay, pace, fault")
    return Forcing(**read)


def write_forcing(forcing: Forcing) -> dict[str, Json]:
    """The members that say something, as `read_forcing` reads them."""
    members: dict[str, Json] = {
        "operation": forcing.operation,
        "status": forcing.status,
        "example": forcing.example,
        "delay": None if forcing.delay is None else write_delay(forcing.delay),
        "pace": None if forcing.pace is None else f"{forcing.pace:g}s",
        "fault": None if forcing.fault is None else forcing.fault.value,
        "after": forcing.after,
        "rate": None if forcing.rate == 1 else forcing.rate,
        "times": forcing.times,
    }
    return {name: value for name, value in members.items() if value is not None}


def _text(name: str, allowed: str) -> Callable[[Json], str]:
    def read(value: Json) -> str:
        if not isinstance(value, str) or not value or len(value) > 500:
            raise UsageError(name, value, allowed)
        return value

    return read


def _whole(name: str, low: int, high: int) -> Callable[[Json], int]:
    def read(value: Json) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise UsageError(name, value, f"a whole number from {low} to {high}")
        return value

    return read


def _rate(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise UsageError("rate", value, "a share above 0 and at most 1, such as 0.2")
    return float(value)


def _fault(value: Json) -> Fault:
    known = [each.value for each in Fault]
    if value not in known:
        raise UsageError("fault", value, ", ".join(known))
    return Fault(value)


def _pace(value: Json) -> float:
    try:
        return parse_duration(value if isinstance(value, str) else repr(value))
    except ValueError as error:
        raise UsageError("pace", value, str(error)) from error


_READERS: Final[Mapping[str, Callable[[Json], Json]]] = {
    "operation": _text("operation", "an operationId, a label such as 'GET /pets/{petId}', or '*' for all"),
    "status": _whole("status", 200, 599),
    "example": _text("example", "the name of an example"),
    "delay": read_delay,
    "pace": _pace,
    "fault": _fault,
    "after": _whole("after", 0, MAX_COUNT),
    "rate": _rate,
    "times": _whole("times", 1, MAX_COUNT),
}
