from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from understudy.specs.generation.chance import Chance
from understudy.specs.generation.drawing import Drawing, Unsatisfied
from understudy.specs.generation.number_shapes import NumberShape, to_fraction


def draw(shape: NumberShape, count: int = 60, *, varied: bool = False) -> list[int | float]:
    drawing = Drawing(Chance("1"), minimal=False, careful=False)
    drawing.varied = varied
    return [shape.draw(drawing, 0) for _ in range(count)]


def tenths(value: int) -> Fraction:
    return Fraction(value, 10)


@pytest.mark.parametrize(
    "shape",
    [
        NumberShape(),
        NumberShape(whole=True),
        NumberShape(fractional=True),
        NumberShape(low=Fraction(5), high=Fraction(7), low_open=True, high_open=True, whole=True),
        NumberShape(low=tenths(1), high=tenths(2), low_open=True, high_open=True),
        NumberShape(multiples=(Fraction(1, 100),), low=Fraction(0), high=Fraction(1000)),
        NumberShape(multiples=(tenths(6), tenths(4)), low=Fraction(100)),
        NumberShape(multiples=(Fraction(5, 2),), whole=True),
        NumberShape(multiples=(Fraction(3),), not_multiples=(Fraction(15),), whole=True),
        NumberShape(multiples=(Fraction(1, 100),), low=Fraction(10**14)),
        NumberShape(multiples=(Fraction(10**30),)),
        NumberShape(high=Fraction(-(10**20))),
        NumberShape(low=to_fraction(0.3), high=to_fraction(0.3)),
        NumberShape(low=Fraction(0), low_open=True, high=to_fraction(5e-324)),
        NumberShape(low=to_fraction(1.7e308)),
    ],
)
@pytest.mark.parametrize("varied", [False, True])
def test_numbers_lie_within_their_bounds_to_the_last_digit(shape: NumberShape, varied: bool) -> None:
    assert not shape.is_dead(0)
    for value in draw(shape, varied=varied):
        assert shape.contains(value)
        assert isinstance(value, int) or not value.is_integer(), "an int wherever it is integral"


@pytest.mark.parametrize(
    "shape",
    [
        NumberShape(low=Fraction(2), high=Fraction(1)),
        NumberShape(low=Fraction(2), high=Fraction(2), high_open=True),
        NumberShape(low=tenths(1), high=tenths(9), whole=True),
        NumberShape(low=Fraction(1), high=Fraction(6), multiples=(Fraction(7),)),
    ],
)
def test_empty_bounds_are_dead(shape: NumberShape) -> None:
    assert shape.is_dead(0)
    with pytest.raises(Unsatisfied, match="bounds"):
        draw(shape, 1)


def test_few_numbers_are_known_by_name() -> None:
    assert NumberShape(low=Fraction(1), high=Fraction(4), whole=True).finite() == (1, 2, 3, 4)
    assert NumberShape(low=Fraction(0), high=Fraction(1), multiples=(Fraction(1, 4),)).finite() == (
        0,
        0.25,
        0.5,
        0.75,
        1,
    )
    assert NumberShape(low=Fraction(1), high=Fraction(10**6), whole=True).finite() is None
    assert NumberShape(low=Fraction(0), high=Fraction(1)).finite() is None


def test_numbers_stay_in_the_usual_range_of_their_name() -> None:
    assert all(0 <= value <= 100 for value in draw(NumberShape(name="progress", whole=True)))
    assert all(98 <= value <= 300 for value in draw(NumberShape(name="progress", whole=True, low=Fraction(98))))


def test_distinct_numbers_do_not_run_out() -> None:
    assert max(draw(NumberShape(whole=True), 500, varied=True)) > 10_000


def test_written_numbers_are_read_exactly() -> None:
    assert to_fraction(0.1) == Fraction(1, 10)
    assert to_fraction(Decimal("1e-7")) == Fraction(1, 10**7)
    assert to_fraction(10**40) == 10**40


def test_binary_fractions_are_not_taken_for_decimal_ones() -> None:
    shape = NumberShape(multiples=(Fraction(1, 2**39),), low=Fraction(0), high=Fraction(1))
    assert all(shape.contains(value) for value in draw(shape))
