"""By which clock a server works: as exactly as its answers tell, and not at all where they contradict each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.apps.small_api import answer_of, case_of, operation_of
from understudy.contracts.case import Exchange
from understudy.contracts.conversation.times import TOLERANCE, ServerClock

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
NEVER = timedelta(days=1)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def exchange(date: datetime | None = None) -> Exchange:
    headers = {"Date": format_datetime(date, usegmt=True)} if date is not None else {}
    return Exchange(case_of(operation_of({})), answer_of(b"", None, headers=tuple(headers.items())))


def test_a_server_that_tells_nothing_may_be_a_minute_beside() -> None:
    moments = ServerClock(lambda: NOW).moments(exchange())
    assert (moments.low, moments.high) == (moments.early, moments.late)
    assert moments.high == NOW + TOLERANCE
    assert moments.low <= NOW - TOLERANCE


def test_what_is_written_down_is_told_less_exactly_than_what_has_ended() -> None:
    clock = ServerClock(lambda: NOW)
    clock.hear([NOW], clock.moments(exchange()))
    moments = clock.moments(exchange())
    assert moments.high == NOW + TOLERANCE
    assert NOW < moments.late <= NOW + seconds(2)
    assert NOW - seconds(2) <= moments.early < NOW


@pytest.mark.parametrize("ahead", [seconds(0), seconds(7), seconds(-25)])
def test_the_date_of_an_answer_tells(ahead: timedelta) -> None:
    clock = ServerClock(lambda: NOW)
    moments = clock.moments(exchange(NOW + ahead))
    assert moments.early < NOW + ahead < moments.late
    assert moments.late - moments.early < seconds(5)


@pytest.mark.parametrize("told", [NOW + seconds(30), NOW - seconds(40)])
def test_two_clocks_that_contradict_each_other_tell_nothing(told: datetime) -> None:
    clock = ServerClock(lambda: NOW)
    clock.hear([told], clock.moments(exchange(NOW)))
    moments = clock.moments(exchange())
    assert (moments.low, moments.high) == (moments.early, moments.late)


def test_a_time_far_off_is_another_clock_once() -> None:
    clock = ServerClock(lambda: NOW)
    assert clock.learns(NOW - NEVER, clock.moments(exchange()))
    moments = clock.moments(exchange())
    assert moments.low < NOW - NEVER < moments.high
    assert not clock.learns(NOW, moments)


def test_what_ends_in_between_is_not_sure() -> None:
    clock = ServerClock(lambda: NOW)
    clock.hear([NOW], clock.moments(exchange()))
    moments = clock.moments(exchange())
    assert moments.ends_between([NOW])
    assert not moments.ends_between([NOW + seconds(3), NOW - seconds(3)])
    assert moments.sure().early == moments.sure().late
