"""Draw integers and numbers: bounds, `multipleOf`, and what may not be a multiple.

Everything is reckoned in whole steps of an exact fraction, and a float is only given where its decimal spelling is
exactly that multiple: 0.3, never 0.30000000000000004.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.drawing import Draw, Drawable, Drawing, Unsatisfied
from understudy.specs.generation.quantities import find_range

__all__ = ["NumberShape", "to_fraction"]

MAX_FINITE: Final = 256
MAX_TRIES: Final = 100
MAX_DIGITS: Final = 40
EXACT: Final = 2**50
"""Below this many numbers, rounding never leads past the last one."""
FEW: Final = 10
WIDE: Final = 1_000_000
_LARGEST_FLOAT: Final = 10**308


def to_fraction(number: int | float | Decimal) -> Fraction:
    """The number that was written: ``0.1`` is one tenth."""
    return Fraction(Decimal(repr(number)) if isinstance(number, float) else number)


@final
@dataclass(frozen=True)
class NumberShape:
    """Numbers within bounds.

    Attributes:
        low: None is without bound; ``low_open`` leaves the bound itself out. So for ``high``.
        multiples: Every one divides the number.
        not_multiples: None divides it.
        whole: Only integers.
        fractional: No integers.
        name: Of the member, for a realistic range.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False
    multiples: tuple[Fraction, ...] = ()
    not_multiples: tuple[Fraction, ...] = ()
    whole: bool = False
    fractional: bool = False
    name: str = ""

    def is_dead(self, levels: int) -> bool:
        """Whether no number is within the bounds."""
        _, low, high = self._steps
        return low > high

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """A number, int wherever it is integral."""
        step, low, high = self._steps if not drawing.varied else self._wide_steps
        if low > high:
            raise Unsatisfied(f"no {'integer' if self.whole else 'number'} lies within the bounds")
        numerator, denominator, is_plain = step.numerator, step.denominator, self._is_plain
        count = high - low + 1
        for attempt in range(MAX_TRIES):
            at = low + min(int(drawing.random.random() * count), count - 1)
            if attempt > MAX_TRIES // 2:
                # Large numbers have no room for decimals.
                at = min(-(-at // denominator) * denominator, high)
            value = _to_number(at * numerator, denominator)
            if is_plain or self.contains(value):
                return value
        raise Unsatisfied("no number within the bounds can be written exactly")

    @cached_property
    def swift(self) -> Draw:
        """The arithmetic alone, where every step is right by construction."""
        step, low, high = self._steps
        numerator, denominator, count = step.numerator, step.denominator, high - low + 1
        if self.rests_on is None:
            return self.draw
        if denominator == 1:
            return lambda drawing, depth: (low + int(drawing.random.random() * count)) * numerator

        def draw(drawing: Drawing, depth: int) -> Json:
            at = (low + int(drawing.random.random() * count)) * numerator
            return at / denominator if at % denominator else at // denominator

        return draw

    def contains(self, value: Json) -> bool:
        """Whether a number, as it is written, lies within the bounds."""
        return self._allows(to_fraction(value))

    def _allows(self, exact: Fraction) -> bool:
        if self.low is not None and (exact < self.low or (self.low_open and exact == self.low)):
            return False
        if self.high is not None and (exact > self.high or (self.high_open and exact == self.high)):
            return False
        is_whole = exact.denominator == 1
        if (self.whole and not is_whole) or (self.fractional and is_whole):
            return False
        if any((exact / multiple).denominator != 1 for multiple in self.multiples):
            return False
        return all((exact / multiple).denominator != 1 for multiple in self.not_multiples)

    @cached_property
    def rests_on(self) -> tuple[Drawable, ...] | None:
        """Nothing else, where every step is right by construction."""
        _, low, high = self._steps
        return () if self._is_plain and 0 < high - low + 1 < EXACT else None

    def height(self, limit: int) -> int | None:
        """0, or None when there is no number."""
        return None if self.is_dead(0) else 0

    def finite(self) -> tuple[Json, ...] | None:
        """All numbers, ascending, when steps and bounds make them few."""
        if self.low is None or self.high is None or self._step is None:
            return None
        low, high = self._within(self._step, self.low, self.high)
        if high - low >= MAX_FINITE:
            return None
        values = (_to_number(at * self._step.numerator, self._step.denominator) for at in range(low, high + 1))
        return tuple(value for value in values if self.contains(value))

    @cached_property
    def _step(self) -> Fraction | None:
        """The least common multiple of what must divide the number; None when nothing must."""
        divisors = [abs(multiple) for multiple in self.multiples] + ([Fraction(1)] if self.whole else [])
        if not divisors:
            return None
        step = divisors[0]
        for other in divisors[1:]:
            step = Fraction(math.lcm(step.numerator, other.numerator), math.gcd(step.denominator, other.denominator))
        return step

    @cached_property
    def _is_plain(self) -> bool:
        """Whether every step within the bounds is right by construction: a float holds 15 decimal digits exactly."""
        step, low, high = self._steps
        scale, rest = divmod(10**6, step.denominator)
        largest = (max(abs(low), abs(high)) + WIDE) * step.numerator * scale
        return not rest and largest < 10**15 and not self.not_multiples and not self.fractional

    @cached_property
    def _steps(self) -> tuple[Fraction, int, int]:
        """The step, and the first and last count of it to draw from; first > last when there is no number."""
        usual = find_range(self.name, is_integer=self.whole)
        if self._step is not None:
            return self._step, *self._choose(self._step, Fraction(usual.low), Fraction(usual.high))
        step = Fraction(1, 10**usual.digits)
        for _ in range(MAX_DIGITS):
            low, high = self._choose(step, Fraction(usual.low), Fraction(usual.high))
            if high - low >= FEW or (self.low is not None and self.low == self.high):
                break
            step /= 10
        for bound in (self.low, self.high):
            if low > high and bound is not None and self._allows(bound):
                step = Fraction(1, bound.denominator)
                low, high = self._within(step, bound, bound)
        return step, low, high

    @cached_property
    def _wide_steps(self) -> tuple[Fraction, int, int]:
        """As `_steps`, far beyond the usual range where the bounds allow."""
        step, low, high = self._steps
        lowest = low if self.low is None else math.ceil(self.low / step)
        highest = high + WIDE if self.high is None else min(math.floor(self.high / step), high + WIDE)
        first, last = self._within(step, lowest * step, highest * step)
        return step, first, last

    def _choose(self, step: Fraction, usual_low: Fraction, usual_high: Fraction) -> tuple[int, int]:
        """Counts of the step in the usual range, or near the bounds where the usual range isn't allowed."""
        low = usual_low if self.low is None else max(self.low, usual_low)
        high = usual_high if self.high is None else min(self.high, usual_high)
        first, last = self._within(step, low, high)
        if last - first + 1 >= FEW or (low == self.low and high == self.high):
            return first, last
        span = max(usual_high - usual_low, 100 * step)
        if self.low is not None:
            low, high = self.low, self.low + span if self.high is None else min(self.low + span, self.high)
        elif self.high is not None:
            low, high = self.high - span, self.high
        else:
            low, high = Fraction(0), span
        if self._step is None and first <= last:
            return first, last
        return self._within(step, low, high)

    def _within(self, step: Fraction, low: Fraction, high: Fraction) -> tuple[int, int]:
        first, last = math.ceil(low / step), math.floor(high / step)
        if self.low_open and self.low is not None and first * step <= self.low:
            first = math.floor(self.low / step) + 1
        if self.high_open and self.high is not None and last * step >= self.high:
            last = math.ceil(self.high / step) - 1
        return first, last


def _to_number(numerator: int, denominator: int) -> int | float:
    whole, rest = divmod(numerator, denominator)
    if not rest or abs(whole) > _LARGEST_FLOAT:
        return whole
    number = numerator / denominator
    return int(number) if number.is_integer() else number
