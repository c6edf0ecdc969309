"""What answers say of a rate limit in passing: ends of windows, and refusals of those who came back."""

from __future__ import annotations

from email.utils import formatdate

from tests.apps.small_api import answer_of, api_of
from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.events import ClaimExercised, FailureFound
from understudy.contracts.running.limit_watch import LimitWatch
from understudy.specs.model import Operation

BEGAN = 1_800_000_000
LIMITED = {
    "limit": 100,
    "window": "60s",
    "default": True,
    "headers": {"limit": "L", "remaining": "R", "reset": "E", "resetAs": "delta"},
}


def operation() -> Operation:
    paths = {"/things": {"get": {"responses": {"200": {"description": ""}}}}}
    return api_of(paths, **{"x-understudy": {"limits": {"calls": LIMITED}}}).operations[0]


def sent(status: int, at: float, headers: dict[str, str], *, waits: bool = True) -> Exchange:
    case = Case("GET /things", "GET", "/things", (), None, Mode.POSITIVE, Phase.PROBES, waits=waits)
    given = {"Date": formatdate(BEGAN + at, usegmt=True), **headers}
    return Exchange(case, answer_of(b"", status=status, headers=tuple(given.items())))


def told(*exchanges: Exchange) -> tuple[list[str], bool]:
    """Claims that are broken, and whether any was judged."""
    watch, described = LimitWatch(lambda claim: True), operation()
    events = [event for exchange in exchanges for event in watch.watch(exchange, described)]
    broken = [event.failure.claim.id for event in events if isinstance(event, FailureFound)]
    return broken, any(isinstance(event, ClaimExercised) for event in events)


def counted(at: float, remaining: int, ends: float) -> Exchange:
    return sent(200, at, {"L": "100", "R": str(remaining), "E": f"{ends - at:.0f}"})


def test_an_end_that_moves_away_twice_is_found() -> None:
    assert told(*(counted(at, 100 - at, 30 + 2 * at) for at in range(10))) == (["limit-window-stays"], True)


def test_an_end_that_moves_once_may_be_a_clock_that_was_set() -> None:
    assert told(counted(0, 99, 30), counted(1, 98, 50), counted(2, 97, 50)) == ([], True)


def test_an_end_that_is_said_in_whole_seconds_stays() -> None:
    assert told(*(counted(at, 100 - at, 30 + at % 3) for at in range(10))) == ([], True)


def test_the_next_window_ends_later() -> None:
    windows = [counted(at, 100 - at % 20, 20 * (1 + at // 20)) for at in range(100)]
    assert told(*windows) == ([], True)


def test_headers_that_say_nothing_are_not_judged() -> None:
    assert told(*(sent(200, at, {"R": "few"}) for at in range(5))) == ([], False)


def refused(at: float, *, after: str = "1", waits: bool = True) -> Exchange:
    return sent(429, at, {"Retry-After": after}, waits=waits)


def test_who_comes_back_four_times_and_is_never_let_in() -> None:
    assert told(*(refused(at) for at in range(4))) == (["retry-after-kept"], True)


def test_who_is_let_in_at_last_has_no_complaint() -> None:
    assert told(refused(0), refused(1), refused(2), counted(3, 9, 30), refused(4)) == ([], True)


def test_without_a_time_or_without_waiting_nothing_is_claimed() -> None:
    assert told(*(refused(at, after="soon") for at in range(6))) == ([], False)
    assert told(*(refused(at, waits=False) for at in range(6))) == ([], False)
