"""By which clock a server works: told by its answers, as exactly as they tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, final

from understudy.contracts.case import Exchange
from understudy.specs.behaviour import Request
from understudy.specs.behaviour.scenes import ENDING, scene_of
from understudy.specs.behaviour.values import Scene

__all__ = ["TOLERANCE", "Moments", "ServerClock"]

TOLERANCE: Final = timedelta(seconds=60)
"""How far two clocks may be apart without anybody being wrong."""

MARGIN: Final = timedelta(seconds=0.5)
"""How far the machines of one server may be apart, beyond what its answers leave open."""

_SECOND: Final = timedelta(seconds=1)
_AGE_OF_DATE: Final = timedelta(seconds=2)
"""`Date` is cut to the second, and often made anew only once a second."""


@final
@dataclass(frozen=True, slots=True)
class Moments:
    """When a server worked on a request, by its own clock.

    Attributes:
        low: What it writes down as the time isn't before this, and not after ``high``.
        early: What ends before this has ended; what ends after ``late`` hasn't.
        sent: When the request was sent and the answer ``received``, by our own clock.
    """

    low: datetime
    high: datetime
    early: datetime
    late: datetime
    sent: datetime
    received: datetime

    def scenes(self, request: Request) -> tuple[Scene, Scene]:
        """What expressions see at the earliest and at the latest."""
        return (
            scene_of(request, self.low, **{ENDING: self.early}),
            scene_of(request, self.high, **{ENDING: self.late}),
        )

    def ends_between(self, ends: Iterable[datetime]) -> bool:
        """Whether it can't be told of something whether it has ended."""
        return any(self.early < end <= self.late for end in ends)

    def sure(self) -> Moments:
        """The same, where nothing ends in between."""
        return replace(self, late=self.early)


@final
class ServerClock:
    """What is known of a server's clock.

    What ends is judged by what its answers call now, because its `Date` may be that of a machine in front of it; but
    only as long as the two agree.

    Args:
        now: Our own clock.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._offset: timedelta | None = None
        self._ahead: tuple[timedelta, timedelta] | None = None
        self._is_torn = False

    def moments(self, exchange: Exchange) -> Moments:
        """When the server worked on a request that was answered just now."""
        received = self._now()
        sent = received - timedelta(milliseconds=exchange.answer.elapsed_ms if exchange.answer is not None else 0)
        date = _date_of(exchange)
        if date is not None:
            self._hear(date - received, date + _AGE_OF_DATE - sent)
        offset = self._offset if self._offset is not None else _worth_telling(date, received)
        low, high = sent + offset - TOLERANCE, received + offset + TOLERANCE
        if self._ahead is None or self._is_torn:
            return Moments(low, high, low, high, sent, received)
        early, late = sent + self._ahead[0] - MARGIN, received + self._ahead[1] + MARGIN
        return Moments(low, high, early, late, sent, received)

    def learns(self, told: datetime | None, moments: Moments) -> bool:
        """Whether an answer's now is by another clock than was thought; only the first one counts."""
        if told is None or self._offset is not None:
            return False
        is_near = moments.low <= told <= moments.high
        self._offset = moments.high - TOLERANCE - moments.received if is_near else told - moments.received
        return not is_near

    def hear(self, told: Iterable[datetime], moments: Moments) -> None:
        """Take in what an answer calls now, cut to the second perhaps."""
        for moment in told:
            if moments.low <= moment <= moments.high:
                self._hear(moment - _SECOND - moments.received, moment + _SECOND - moments.sent)

    def _hear(self, low: timedelta, high: timedelta) -> None:
        known = self._ahead or (low, high)
        self._ahead = max(known[0], low), min(known[1], high)
        self._is_torn = self._is_torn or self._ahead[0] > self._ahead[1]


def _date_of(exchange: Exchange) -> datetime | None:
    text = exchange.answer.header("date") if exchange.answer is not None else None
    try:
        date = parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError):
        return None
    return date if date is not None and date.tzinfo is not None else None


def _worth_telling(date: datetime | None, received: datetime) -> timedelta:
    """By how much a clock is ahead, as its `Date` says; nothing where that is as good as ours."""
    offset = date - received if date is not None else timedelta()
    return offset if abs(offset) > 2 * _SECOND else timedelta()
