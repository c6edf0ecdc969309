"""Keywords of a Schema Object that are ill-formed: mended where it is plain what was meant, else passed over.

One wrong keyword makes a whole schema unusable to a validator, and with it the operation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.regex.dialect import read_pattern

__all__ = ["repair"]

Repaired = tuple[bool, Json, str]
"""Whether the keyword stays, with which value, and how it was read."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?")


def repair(schema: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Mend the keywords of a translated Schema Object, in place, but for what stands in its subschemas.

    Yields:
        Each keyword that is ill-formed, and how it was read.
    """
    for keyword in [keyword for keyword in schema if keyword in _REPAIRS]:
        value = schema[keyword]
        stays, mended, reading = _REPAIRS[keyword](value)
        if not reading:
            continue
        if stays:
            schema[keyword] = mended
        else:
            del schema[keyword]
        shown = value if isinstance(value, str) else type(value).__name__
        yield keyword, f"`{keyword}` is ill-formed ({str(shown)[:80]!r}); {reading}"


_FINE: Final = (True, None, "")


def _dropped(expected: str) -> Repaired:
    return False, None, f"it should be {expected}, and says nothing"


def _number(value: Json) -> Repaired:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _FINE
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return True, float(value) if "." in value else int(value), "read as a number"
    return _dropped("a number")


def _positive(value: Json) -> Repaired:
    stays, mended, reading = _number(value)
    number = mended if reading else value
    return (stays, mended, reading) if stays and number > 0 else _dropped("a number above 0")


def _count(value: Json) -> Repaired:
    stays, mended, reading = _number(value)
    number = mended if reading else value
    if not stays or number < 0 or number != int(number):
        return _dropped("a whole number of at least 0")
    return stays, mended, reading


def _pattern(value: Json) -> Repaired:
    if not isinstance(value, str):
        return _dropped("a string")
    found, reading = read_pattern(value)
    return found is not None, found, reading


def _pattern_members(value: Json) -> Repaired:
    if not isinstance(value, dict):
        return _dropped("an object")
    readings = {name: read_pattern(name) for name in value}
    if not any(reading for _, reading in readings.values()):
        return _FINE
    mended = {readings[name][0]: schema for name, schema in value.items() if readings[name][0] is not None}
    return bool(mended), mended, next(reading for _, reading in readings.values() if reading)


def _strings(value: Json) -> Repaired:
    if not isinstance(value, list):
        return _dropped("an array of strings")
    names = list(dict.fromkeys(name for name in value if isinstance(name, str)))
    return _FINE if len(names) == len(value) else (True, names, "read as each of its strings once")


def _schema(value: Json) -> Repaired:
    return _FINE if isinstance(value, (dict, bool)) else _dropped("a schema")


def _schemas(value: Json) -> Repaired:
    if isinstance(value, dict):
        return True, [value], "read as an array of this one schema"
    return _FINE if isinstance(value, list) and value else _dropped("an array of schemas")


def _members(value: Json) -> Repaired:
    if not isinstance(value, dict):
        return _dropped("an object of schemas")
    kept = {name: schema for name, schema in value.items() if isinstance(schema, (dict, bool))}
    return _FINE if len(kept) == len(value) else (True, kept, "read without the members that are no schemas")


def _names_by_name(value: Json) -> Repaired:
    fine = isinstance(value, dict) and not any(_strings(names)[2] for names in value.values())
    return _FINE if fine else _dropped("an object of arrays of strings")


def _enum(value: Json) -> Repaired:
    return _FINE if isinstance(value, list) and value else _dropped("an array of values")


def _examples(value: Json) -> Repaired:
    return _FINE if isinstance(value, list) else (True, [value], "read as one example")


def _boolean(value: Json) -> Repaired:
    if isinstance(value, bool):
        return _FINE
    return (True, value == "true", "read as a Boolean") if value in ("true", "false") else _dropped("a Boolean")


def _string(value: Json) -> Repaired:
    return _FINE if isinstance(value, str) else _dropped("a string")


_REPAIRS: Final[dict[str, Callable[[Json], Repaired]]] = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    "multipleOf": _positive,
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains"), _count
    ),
    "maxContains": _count,
    "pattern": _pattern,
    "patternProperties": _pattern_members,
    "required": _strings,
    **dict.fromkeys(("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"), _schema),
    **dict.fromkeys(("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"), _schema),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _schemas),
    **dict.fromkeys(("dependentSchemas", "properties"), _members),
    "dependentRequired": _names_by_name,
    "enum": _enum,
    "examples": _examples,
    "uniqueItems": _boolean,
    **dict.fromkeys(("format", "contentEncoding", "contentMediaType"), _string),
}
