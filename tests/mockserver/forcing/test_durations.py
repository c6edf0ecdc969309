from __future__ import annotations

import pytest

from understudy.mockserver.forcing.durations import parse_duration, parse_range


@pytest.mark.parametrize(("text", "seconds"), [("250ms", 0.25), ("1.5s", 1.5), ("0", 0.0), (" 2s ", 2.0), ("0ms", 0.0)])
def test_durations_have_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "-1s", "1h", "1e3s", "s", "1 s", "3601s", "٣s", "1s2", "9" * 5000 + "s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        parse_duration(text)


def test_a_range_has_two_ends() -> None:
    assert parse_range("20ms..80ms") == pytest.approx((0.02, 0.08))
    assert parse_range("1s") == (1.0, 1.0)


@pytest.mark.parametrize("text", ["80ms..20ms", "1s..", "..1s", "1s...2s", "1s..2s..3s"])
def test_a_range_ends_after_it_begins(text: str) -> None:
    with pytest.raises(ValueError, match=r"before|duration"):
        parse_range(text)
