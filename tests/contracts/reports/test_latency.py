"""Percentiles by nearest rank, and places on the axis."""

from __future__ import annotations

import pytest

from understudy.contracts.reports.latency import (
    MAX_DOTS,
    Scale,
    format_ms,
    percentile,
    summarise_latencies,
)


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 10), (0.51, 11), (0.95, 19), (0.951, 20), (1, 20)])
def test_nearest_rank(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(1, 21)], share) == value


def test_of_nothing() -> None:
    assert percentile([], 0.5) == 0.0
    assert summarise_latencies("GET /", []).count == 0


def test_summary() -> None:
    view = summarise_latencies("GET /", [float(number) for number in range(1_000, 0, -1)])
    assert (view.count, view.least_ms, view.p25_ms, view.p50_ms) == (1_000, 1, 250, 500)
    assert (view.p75_ms, view.p95_ms, view.max_ms) == (750, 950, 1_000)
    assert len(view.dots_ms) == MAX_DOTS
    assert view.dots_ms[0] == 1
    assert view.dots_ms[-1] == 1_000
    assert list(view.dots_ms) == sorted(view.dots_ms)


@pytest.mark.parametrize(
    ("times", "low", "high"),
    [
        ([2.0, 25.0], 1, 30),
        ([5.0], 3, 10),
        ([3.0, 3.0], 3, 10),
        ([0.0], 0.1, 0.3),
        ([0.5, 700.0], 0.3, 1_000),
        ([], 1, 10),
    ],
)
def test_scale(times: list[float], low: float, high: float) -> None:
    scale = Scale.from_latencies([summarise_latencies("GET /", times)] if times else [])
    assert (scale.low_ms, scale.high_ms) == pytest.approx((low, high))
    assert scale.at(low) == 0
    assert scale.at(high) == 100
    assert all(0 <= scale.at(time) <= 100 for time in times)


def test_the_scale_is_logarithmic_and_has_few_ticks() -> None:
    scale = Scale(1.0, 100.0)
    assert scale.at(10.0) == 50
    assert scale.at(0.001) == 0
    assert scale.at(1e9) == 100
    assert list(scale.ticks) == [(0, "1 ms"), (23.86, "3 ms"), (50, "10 ms"), (73.86, "30 ms"), (100, "100 ms")]
    wide = Scale.from_latencies([summarise_latencies("GET /", [0.2, 1e7])]).ticks
    assert len(wide) == 9
    assert [label for _, label in wide[:3]] == ["0.1 ms", "1 ms", "10 ms"]


@pytest.mark.parametrize(
    ("value_ms", "text"),
    [
        (0, "0 ms"),
        (0.42, "0.4 ms"),
        (9.94, "9.9 ms"),
        (9.96, "10 ms"),
        (42.4, "42 ms"),
        (999.4, "999 ms"),
        (999.6, "1 s"),
        (4_242, "4.2 s"),
        (59_960, "1 min 0 s"),
        (424_242, "7 min 4 s"),
    ],
)
def test_format(value_ms: float, text: str) -> None:
    assert format_ms(value_ms) == text
