"""What values may look like, written by hand: each shape gives the violations of a value at a pointer."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.apps.desk.problems import Violation

Shape = Callable[[Any, str], Iterator[Violation]]

EMAIL = re.compile(r"[a-z0-9]{1,20}([.][a-z0-9]{1,20})?@[a-z0-9]{1,20}[.](com|org|net)")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)([.]\d+)?([Zz]|[+-](\d\d):(\d\d))", re.ASCII)


def is_time(text: str) -> bool:
    """Whether it is RFC 3339's date-time; a leap second may only end an hour."""
    match = TIME.fullmatch(text)
    if match is None:
        return False
    year, month, day, hour, minute, second = (int(match[index]) for index in range(1, 7))
    if not 1 <= month <= 12 or hour > 23 or minute > 59 or second > (60 if minute == 59 else 59):
        return False
    if int(match[9] or 0) > 23 or int(match[10] or 0) > 59:
        return False
    return 1 <= day <= calendar.monthrange(year or 2000, month)[1]


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date-time": is_time,
    "uuid": lambda text: UUID.fullmatch(text) is not None,
    "email": lambda text: EMAIL.fullmatch(text) is not None,
}


def text(low: int = 0, high: int = 2000, *, pattern: str | None = None, form: str | None = None) -> Shape:
    """A string of `low` to `high` characters."""

    def shape(value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, str):
            yield Violation(at, "type", "must be a string")
        elif len(value) < low:
            yield Violation(at, "minLength", f"must have at least {low} characters")
        elif len(value) > high:
            yield Violation(at, "maxLength", f"must have at most {high} characters")
        elif pattern is not None and re.fullmatch(pattern, value) is None:
            yield Violation(at, "pattern", f"must match {pattern}")
        elif form is not None and not FORMATS[form](value):
            yield Violation(at, "format", f"must be a {form}")

    return shape


def integer(low: int, high: int) -> Shape:
    """A whole number; 2.0 is one, true is none."""

    def shape(value: Any, at: str) -> Iterator[Violation]:
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value % 1 == 0)):
            yield Violation(at, "type", "must be an integer")
        elif value < low:
            yield Violation(at, "minimum", f"must be at least {low}")
        elif value > high:
            yield Violation(at, "maximum", f"must be at most {high}")

    return shape


def boolean() -> Shape:
    def shape(value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, bool):
            yield Violation(at, "type", "must be true or false")

    return shape


def one_of(*names: str) -> Shape:
    def shape(value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, str):
            yield Violation(at, "type", "must be a string")
        elif value not in names:
            yield Violation(at, "enum", f"must be one of {', '.join(names)}")

    return shape


def nullable(inner: Shape) -> Shape:
    def shape(value: Any, at: str) -> Iterator[Violation]:
        if value is not None:
            yield from inner(value, at)

    return shape


def array(item: Shape, most: int) -> Shape:
    """At most `most` items, each of them once."""

    def shape(value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(at, "type", "must be an array")
            return
        if len(value) > most:
            yield Violation(at, "maxItems", f"must have at most {most} items")
        if any(each in value[:index] for index, each in enumerate(value)):
            yield Violation(at, "uniqueItems", "must not have an item twice")
        for index, each in enumerate(value):
            yield from item(each, f"{at}/{index}")

    return shape


def members(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object with these members and no others."""
    known = {**required, **(optional or {})}

    def shape(value: Any, at: str) -> Iterator[Violation]:
        if not isinstance(value, dict):
            yield Violation(at, "type", "must be an object")
            return
        for name in required:
            if name not in value:
                yield Violation(f"{at}/{name}", "required", "is missing")
        for name, each in value.items():
            if name not in known:
                yield Violation(f"{at}/{name}", "additionalProperties", "is not known")
            else:
                yield from known[name](each, f"{at}/{name}")

    return shape
