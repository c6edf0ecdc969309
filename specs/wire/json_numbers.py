"""Numbers as JSON writes them (RFC 8259, section 6), to their exact value and back."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final

__all__ = ["MAX_DIGITS", "parse_fraction", "parse_integer", "parse_number", "write_number"]

MAX_DIGITS: Final = 4300
"""Characters of a number, and the largest power of ten in it. Section 6 lets a parser set limits; this one is
what Python allows a text to make of an `int`, and keeps a short text from naming a number that fills the memory."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:(\.[0-9]+)?([eE][+-]?[0-9]+)?)")


def parse_number(text: str) -> int | float | Decimal:
    """The exact value of a number: an `int` when neither point nor power is written, else as `parse_fraction`.

    Raises:
        ValueError: Not written as JSON writes numbers, or past `MAX_DIGITS`.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a JSON number")
    return parse_integer(text) if match.lastindex is None else parse_fraction(text)


def parse_integer(text: str) -> int:
    """As `parse_number`, for a text known to be digits with or without a sign."""
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return int(text)


def parse_fraction(text: str) -> float | Decimal:
    """As `parse_number`, for a text known to have a point or a power of ten.

    A `float` where the shortest form of that float says the same number, else a `Decimal`: ``1.10`` is a float,
    ``0.12345678901234567890`` and ``1e400`` are not.
    """
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    number = float(text)
    if repr(number) == text:
        return number
    try:
        exact = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"a number with a power of ten above {MAX_DIGITS}") from None
    if isfinite(number) and Decimal(repr(number)) == exact:
        return number
    if abs(exact.adjusted()) > MAX_DIGITS:
        raise ValueError(f"a number with a power of ten above {MAX_DIGITS}")
    return exact


def write_number(value: float | Decimal) -> str:
    """A number as JSON writes it, all digits kept; ``null`` for NaN and the infinities, which JSON cannot say."""
    if isinstance(value, int):
        return format(Decimal(value), "f")
    finite = value.is_finite() if isinstance(value, Decimal) else isfinite(value)
    return str(value) if finite else "null"
