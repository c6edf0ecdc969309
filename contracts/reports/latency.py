"""Sum latencies up, and lay them out on a common scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["LatencyView", "Scale", "format_ms", "percentile", "summarise_latencies"]

MAX_DOTS = 60
MAX_TICKS = 6

_DECADES = tuple(float(f"1e{power}") for power in range(-1, 8))
_STEPS = tuple(step for decade in _DECADES for step in (decade, 3 * decade))


@dataclass(frozen=True, slots=True)
class LatencyView:
    """Elapsed times of one operation, all in milliseconds.

    Attributes:
        dots_ms: At most `MAX_DOTS` of the times, ascending, spread evenly by rank, the extremes among them.
    """

    operation: str
    count: int
    least_ms: float
    p25_ms: float
    p50_ms: float
    p75_ms: float
    p95_ms: float
    max_ms: float
    dots_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis from ``low_ms`` to ``high_ms``, both 1 or 3 times a power of ten."""

    low_ms: float
    high_ms: float

    @classmethod
    def from_latencies(cls, latencies: Iterable[LatencyView]) -> Scale:
        """The narrowest axis that holds all of them."""
        views = [*latencies]
        low = max(min((view.least_ms for view in views), default=1.0), _STEPS[0])
        high = max(max((view.max_ms for view in views), default=10.0), low)
        first = max(step for step in _STEPS if step <= low)
        return cls(first, next((step for step in _STEPS if step >= high and step > first), _STEPS[-1]))

    def at(self, value_ms: float) -> float:
        """Place on the axis in per cent, 0–100, to two decimals."""
        share = math.log(max(value_ms, self.low_ms) / self.low_ms) / math.log(self.high_ms / self.low_ms)
        return round(100 * min(share, 1.0), 2)

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Place in per cent and label: every step, or the powers of ten where that would be more than six."""
        steps = [step for step in _STEPS if self.low_ms <= step <= self.high_ms]
        if len(steps) > MAX_TICKS:
            steps = [step for step in steps if step in _DECADES]
        return tuple((self.at(step), format_ms(step)) for step in steps)


def percentile(ascending: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0–1) of them don't exceed (nearest rank); 0 of nothing is 0."""
    if not ascending:
        return 0.0
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]


def summarise_latencies(operation: str, latencies_ms: Sequence[float]) -> LatencyView:
    """Percentiles and the dots to draw; zeros when there are no times."""
    ascending = sorted(latencies_ms)
    count = len(ascending)
    dots = ascending
    if count > MAX_DOTS:
        dots = [ascending[round(index * (count - 1) / (MAX_DOTS - 1))] for index in range(MAX_DOTS)]
    return LatencyView(
        operation,
        count,
        percentile(ascending, 0),
        percentile(ascending, 0.25),
        percentile(ascending, 0.5),
        percentile(ascending, 0.75),
        percentile(ascending, 0.95),
        percentile(ascending, 1),
        tuple(dots),
    )


def format_ms(value_ms: float) -> str:
    """``0.42`` → ``0.4 ms``, ``42.4`` → ``42 ms``, ``4242`` → ``4.2 s``, ``424242`` → ``7 min 4 s``."""
    if value_ms < 9.95:
        return f"{value_ms:.1f} ms".replace(".0 ms", " ms")
    if value_ms < 999.5:
        return f"{value_ms:.0f} ms"
    seconds = value_ms / 1000
    if seconds < 59.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    return f"{round(seconds) // 60} min {round(seconds) % 60} s"
