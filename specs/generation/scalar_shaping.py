"""What the parts of a conjunction say together of strings and of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from understudy.specs.documents.document import Json
from understudy.specs.generation.conjunctions import Conjunction
from understudy.specs.generation.content_shapes import ContentShape
from understudy.specs.generation.demands import Demand, DemandKind
from understudy.specs.generation.drawing import Drawable
from understudy.specs.generation.formats import INTEGER_RANGES, MAX_FLOAT
from understudy.specs.generation.number_shapes import NumberShape, to_fraction
from understudy.specs.generation.shapes import Shape
from understudy.specs.generation.string_shapes import StringShape
from understudy.specs.pointers import child

__all__ = ["number_shape", "string_shape"]


def string_shape(
    conjunction: Conjunction, name: str, owner: str, place: Callable[[tuple[Demand, ...], str], Drawable]
) -> Shape:
    """The strings that all parts allow."""
    lows = [int(value) for value in _values(conjunction, "minLength")]
    highs = [int(value) for value in _values(conjunction, "maxLength")]
    lows += [int(value) + 1 for value in _excluded(conjunction, "maxLength")]
    highs += [int(value) - 1 for value in _excluded(conjunction, "minLength")]
    text = StringShape(
        low=max(lows, default=0),
        high=min(highs, default=None),
        patterns=tuple(dict.fromkeys(_values(conjunction, "pattern"))),
        excluded_patterns=tuple(dict.fromkeys(_excluded(conjunction, "pattern"))),
        formats=tuple(dict.fromkeys(_values(conjunction, "format"))),
        excluded_formats=tuple(dict.fromkeys(_excluded(conjunction, "format"))),
        name=name,
        owner=owner,
    )
    media_type = next(iter(_values(conjunction, "contentMediaType")), "")
    encoding = next(iter(_values(conjunction, "contentEncoding")), "")
    if not media_type and not encoding:
        return text
    inside = tuple(
        Demand(DemandKind.APPLIES, child(part.pointer, "contentSchema"))
        for part in conjunction.parts
        if "contentSchema" in part.schema and "contentMediaType" in part.schema
    )
    return ContentShape(text, media_type, encoding.lower(), place(inside, name) if inside else None)


def number_shape(conjunction: Conjunction, name: str, *, has_integers: bool, has_fractions: bool) -> NumberShape:
    """The numbers that all parts allow."""
    lows = [(to_fraction(value), False) for value in _values(conjunction, "minimum")]
    lows += [(to_fraction(value), True) for value in _values(conjunction, "exclusiveMinimum")]
    lows += [(to_fraction(value), True) for value in _excluded(conjunction, "maximum")]
    lows += [(to_fraction(value), False) for value in _excluded(conjunction, "exclusiveMaximum")]
    highs = [(to_fraction(value), False) for value in _values(conjunction, "maximum")]
    highs += [(to_fraction(value), True) for value in _values(conjunction, "exclusiveMaximum")]
    highs += [(to_fraction(value), True) for value in _excluded(conjunction, "minimum")]
    highs += [(to_fraction(value), False) for value in _excluded(conjunction, "exclusiveMinimum")]
    for named in _values(conjunction, "format"):
        if named in INTEGER_RANGES:
            has_fractions = False
            lows.append((Fraction(INTEGER_RANGES[named][0]), False))
            highs.append((Fraction(INTEGER_RANGES[named][1]), False))
        elif named == "float":
            lows.append((to_fraction(-MAX_FLOAT), False))
            highs.append((to_fraction(MAX_FLOAT), False))
    low, low_open = max(lows, default=(None, False))
    high, high_open = min(((value, not is_open) for value, is_open in highs), default=(None, True))
    return NumberShape(
        low=low,
        high=high,
        low_open=low_open,
        high_open=not high_open,
        multiples=tuple(dict.fromkeys(to_fraction(value) for value in _values(conjunction, "multipleOf"))),
        not_multiples=tuple(dict.fromkeys(to_fraction(value) for value in _excluded(conjunction, "multipleOf"))),
        whole=has_integers and not has_fractions,
        fractional=has_fractions and not has_integers,
        name=name,
    )


def _values(conjunction: Conjunction, keyword: str) -> Iterator[Json]:
    return (part.schema[keyword] for part in conjunction.parts if keyword in part.schema)


def _excluded(conjunction: Conjunction, keyword: str) -> Iterator[Json]:
    return (value for name, value in conjunction.excluded if name == keyword)
