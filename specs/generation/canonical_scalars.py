"""Strings and numbers of the canonical form."""

from __future__ import annotations

from fractions import Fraction

from jsonschema_rs import canonical as views

from understudy.specs.generation.content_shapes import ContentShape
from understudy.specs.generation.number_shapes import NumberShape, to_fraction
from understudy.specs.generation.shapes import Shape, UnionShape
from understudy.specs.generation.string_shapes import StringShape

__all__ = ["number_shape", "string_shape"]


def string_shape(view: views.StringView, name: str, owner: str) -> Shape:
    """The strings of a view. What they contain is only known by media type: `contentSchema` isn't in the view."""
    text = StringShape(
        low=view.min_length or 0,
        high=view.max_length,
        patterns=tuple(view.patterns),
        excluded_patterns=tuple(view.excluded_patterns),
        formats=tuple(view.formats),
        excluded_formats=tuple(view.excluded_formats),
        name=name,
        owner=owner,
    )
    media_type, encoding = next(iter(view.content_media_types), ""), next(iter(view.content_encodings), "")
    shape: Shape = ContentShape(text, media_type, encoding, None) if media_type or encoding else text
    return UnionShape({"string": shape}, tuple(view.excluded)) if view.excluded else shape


def number_shape(view: views.IntegerView | views.NumberView | None, name: str, *, whole: bool = False) -> NumberShape:
    """The numbers of a view; None is any number, or any integer when ``whole``."""
    if view is None:
        return NumberShape(whole=whole, name=name)
    return NumberShape(
        low=None if view.minimum is None else to_fraction(view.minimum),
        high=None if view.maximum is None else to_fraction(view.maximum),
        low_open=isinstance(view, views.NumberView) and view.exclusive_minimum,
        high_open=isinstance(view, views.NumberView) and view.exclusive_maximum,
        multiples=_fractions(view),
        not_multiples=tuple(to_fraction(multiple) for multiple in view.not_multiple_of),
        whole=isinstance(view, views.IntegerView),
        fractional=isinstance(view, views.NumberView) and view.excludes_integers,
        name=name,
    )


def _fractions(view: views.IntegerView | views.NumberView) -> tuple[Fraction, ...]:
    return tuple(to_fraction(multiple) for multiple in view.multiple_of)
