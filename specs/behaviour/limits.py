"""Rate limits: how calls are counted, and what headers say of the count. The mock writes them, the contracts read them.

A window begins with the first call in it and lasts as long as declared; the next one begins with the first call after.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum
from typing import Final, NamedTuple, final

from understudy.specs.model import Location

__all__ = [
    "Bucket",
    "CallerPart",
    "Limit",
    "LimitHeaders",
    "MalformedLimitHeader",
    "ResetForm",
    "Sender",
    "Standing",
    "Tally",
    "bucket_key",
    "counted",
    "find_lapse",
    "read_standing",
    "retry_after",
    "write_standings",
]

_DIGITS: Final = re.compile(r"[0-9]{1,15}")


class ResetForm(Enum):
    """How a header says when the window ends."""

    EPOCH = "epoch"
    """Seconds since 1970."""
    DELTA = "delta"
    """Seconds from now."""
    HTTP_DATE = "http-date"
    RFC3339 = "rfc3339"


@final
@dataclass(frozen=True, slots=True)
class LimitHeaders:
    """Names of the headers that carry a limit, as declared; empty where none does."""

    limit: str
    remaining: str
    reset: str
    reset_as: ResetForm


class Sender(Enum):
    """What tells callers apart besides what they send."""

    CREDENTIAL = "credential"
    ADDRESS = "address"


CallerPart = Sender | tuple[Location, str]
"""A part of what tells callers apart; with a location and a name: that parameter, as it was sent."""


@final
@dataclass(frozen=True, slots=True)
class Limit:
    """A declared limit.

    Attributes:
        calls: How many are answered in a window.
        seconds: How long a window is.
        scope: What tells callers apart; empty counts all of them together.
        is_default: Whether it counts the calls of operations that name no limits.
        headers: None where nothing is said of it.
    """

    name: str
    calls: int
    seconds: float
    scope: tuple[CallerPart, ...]
    is_default: bool
    headers: LimitHeaders | None


@final
@dataclass(frozen=True, slots=True)
class Bucket:
    """What calls are counted in: a limit and a caller, who is the values of its scope."""

    limit: Limit
    caller: tuple[str, ...]

    @property
    def key(self) -> str:
        """As text, its own among all buckets of a document."""
        return bucket_key(self.limit.name, self.caller)


def bucket_key(limit: str, caller: Sequence[str]) -> str:
    """A JSON array: the limit's name, then the caller's values."""
    return json.dumps([limit, *caller])


class Tally(NamedTuple):
    """The calls counted in a window, and when it ends, in seconds since 1970."""

    used: int
    ends: float


@final
@dataclass(frozen=True, slots=True)
class Standing:
    """What headers say; None where they don't. ``resets`` is in seconds since 1970."""

    limit: int | None
    remaining: int | None
    resets: float | None


class MalformedLimitHeader(Exception):
    """A header of a limit that isn't as declared; names it and says what is wrong."""


def counted(
    buckets: Sequence[Bucket], tallies: Sequence[Tally | None], now: float, *, enforce: bool
) -> tuple[tuple[Tally, ...], bool]:
    """The tallies after a call, and whether it may be answered.

    Args:
        tallies: Before it, in the order of the buckets; None where nothing has been counted.
        enforce: A call that passes a limit isn't answered, and counts nowhere. Otherwise every call counts.
    """
    current = tuple(_current(bucket.limit, tally, now) for bucket, tally in zip(buckets, tallies, strict=True))
    if enforce and any(tally.used >= bucket.limit.calls for bucket, tally in zip(buckets, current, strict=True)):
        return current, False
    return tuple(Tally(tally.used + 1, tally.ends) for tally in current), True


def retry_after(buckets: Sequence[Bucket], tallies: Sequence[Tally], now: float) -> int:
    """Whole seconds, at least one, until every limit that is used up has a new window."""
    ends = [tally.ends for bucket, tally in zip(buckets, tallies, strict=True) if tally.used >= bucket.limit.calls]
    return max([1, *(math.ceil(end - now) for end in ends)])


def write_standings(buckets: Sequence[Bucket], tallies: Sequence[Tally], now: float) -> dict[str, str]:
    """What the headers say after a call, by name as declared.

    Where limits share a header it speaks for the one that leaves the fewest calls, of equal ones for the last to end.
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    pairs = zip(buckets, tallies, strict=True)
    for bucket, tally in sorted(pairs, key=lambda each: (_remaining(*each), -each[1].ends)):
        headers = bucket.limit.headers
        if headers is None:
            continue
        said = {
            headers.limit: str(bucket.limit.calls),
            headers.remaining: str(_remaining(bucket, tally)),
            headers.reset: _write_reset(headers.reset_as, tally.ends, now),
        }
        found |= {name: text for name, text in said.items() if name and name.lower() not in seen}
        seen |= {name.lower() for name in said}
    return found


def read_standing(headers: LimitHeaders, given: Mapping[str, str], now: float) -> Standing:
    """What the headers of an answer say of a limit.

    Args:
        given: By name in lower case.
        now: When the answer came, in seconds since 1970.

    Raises:
        MalformedLimitHeader: One isn't as declared, or more calls remain than there are.
    """
    limit = _read_number(headers.limit, given)
    remaining = _read_number(headers.remaining, given)
    if limit is not None and remaining is not None and remaining > limit:
        raise MalformedLimitHeader(f"{headers.remaining} is {remaining}, more than {headers.limit}, {limit}")
    text = given.get(headers.reset.lower()) if headers.reset else None
    resets = None if text is None else _read_reset(headers, text, now)
    return Standing(limit, remaining, resets)


def find_lapse(before: Standing, after: Standing, *, alone: bool, skew: float = 1.0) -> str:
    """What is wrong with the second of two answers to one caller, in one sentence; empty when nothing is.

    Nothing is said where they may speak of two windows or of two limits.

    Args:
        alone: Nobody else's calls are counted in between, so that it must fall by exactly one.
        skew: How far apart, in seconds, two sayings of one end may lie.
    """
    if before.remaining is None or after.remaining is None or before.limit != after.limit:
        return ""
    if before.resets is None or after.resets is None or abs(after.resets - before.resets) > skew:
        return ""
    fell = before.remaining - after.remaining
    if before.remaining == 0 and fell == 0:
        return ""
    if fell < 1:
        return f"the calls that remain were {before.remaining} and are {after.remaining} after another one"
    if alone and fell > 1:
        return f"one call took {fell} of those that remain: {before.remaining}, then {after.remaining}"
    return ""


def _current(limit: Limit, tally: Tally | None, now: float) -> Tally:
    # One that ends too late was begun by a clock that has been set back since.
    if tally is None or not now < tally.ends <= now + limit.seconds:
        return Tally(0, now + limit.seconds)
    return tally


def _remaining(bucket: Bucket, tally: Tally) -> int:
    return max(bucket.limit.calls - tally.used, 0)


def _write_reset(form: ResetForm, ends: float, now: float) -> str:
    # Rounded up: at the time that is said the window is over.
    moment = math.ceil(ends)
    match form:
        case ResetForm.EPOCH:
            return str(moment)
        case ResetForm.DELTA:
            return str(max(math.ceil(ends - now), 0))
        case ResetForm.HTTP_DATE:
            return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)
        case ResetForm.RFC3339:
            return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def _read_number(name: str, given: Mapping[str, str]) -> int | None:
    text = given.get(name.lower()) if name else None
    if text is None:
        return None
    if not _DIGITS.fullmatch(text):
        raise MalformedLimitHeader(f"{name} is {text!r}, no whole number")
    return int(text)


def _read_reset(headers: LimitHeaders, text: str, now: float) -> float:
    form = headers.reset_as
    if form in (ResetForm.EPOCH, ResetForm.DELTA):
        if not _DIGITS.fullmatch(text):
            raise MalformedLimitHeader(f"{headers.reset} is {text!r}, no whole number of seconds")
        return float(text) + (now if form is ResetForm.DELTA else 0.0)
    try:
        read = parsedate_to_datetime(text) if form is ResetForm.HTTP_DATE else datetime.fromisoformat(text)
        if read.tzinfo is None:
            raise ValueError("it has no zone")
        return read.timestamp()
    except (ValueError, OverflowError) as error:
        raise MalformedLimitHeader(f"{headers.reset} is {text!r}, no {form.value}: {error}") from error
