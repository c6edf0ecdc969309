"""How long an answer is waited for: always the same, anything between two bounds, or as slow servers have it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Final, final

from understudy.mockserver.forcing.durations import MAX_DURATION, parse_duration, parse_range
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError

__all__ = ["Delay", "read_delay", "write_delay"]

_ALLOWED: Final = "a duration such as 250ms, a range such as 20ms..80ms, or {median: 200ms, p99: 2s}"
_P99: Final = 2.3263478740408408
"""Standard deviations below which 99 of 100 values of a normal distribution lie."""


@final
@dataclass(frozen=True, slots=True)
class Delay:
    """A delay in seconds.

    Attributes:
        low: The shortest; the median where `is_skewed`.
        high: The longest; where `is_skewed`, what 99 of 100 stay below.
        is_skewed: Log-normal, as most response times are, rather than evenly spread.
    """

    low: float
    high: float
    is_skewed: bool = False

    def draw(self, random: Random) -> float:
        """One delay, in seconds; never longer than `MAX_DURATION`."""
        if not self.is_skewed:
            return self.low + (self.high - self.low) * random.random()
        spread = math.log(self.high / self.low) / _P99
        return min(self.low * math.exp(spread * random.gauss(0, 1)), MAX_DURATION)


def read_delay(value: Json) -> Delay:
    """A delay as scenarios and overrides write it.

    Raises:
        UsageError: Anything else, with what is allowed.
    """
    try:
        if isinstance(value, str):
            return Delay(*parse_range(value))
        if isinstance(value, dict) and value.keys() == {"median", "p99"}:
            median, p99 = parse_duration(str(value["median"])), parse_duration(str(value["p99"]))
            if 0 < median <= p99:
                return Delay(median, p99, is_skewed=True)
    except ValueError as error:
        raise UsageError("delay", value, str(error)) from error
    raise UsageError("delay", value, _ALLOWED)


def write_delay(delay: Delay) -> Json:
    """As `read_delay` reads it."""
    if delay.is_skewed:
        return {"median": _shown(delay.low), "p99": _shown(delay.high)}
    return _shown(delay.low) if delay.low == delay.high else f"{_shown(delay.low)}..{_shown(delay.high)}"


def _shown(seconds: float) -> str:
    return f"{seconds:.9g}s" if seconds >= 1 else f"{round(seconds * 1000, 6):.9g}ms"
