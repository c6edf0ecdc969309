"""Sets of JSON types as `type` combines them: integers are numbers, and a number that is no integer is a kind too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.generation.conjunctions import Conjunction
from understudy.specs.generation.formats import FORMATS, INTEGER_RANGES

__all__ = ["ALL_KINDS", "FRACTION", "INTEGER", "find_kinds"]

INTEGER: Final = "integer"
FRACTION: Final = "fraction"
ALL_KINDS: Final = ("string", INTEGER, "object", "boolean", "array", FRACTION, "null")
"""Every kind of value, those first that say most to a reader."""

_FAMILIES: Final = {
    keyword: kinds
    for kinds, keywords in {
        ("object",): (
            "properties required additionalProperties patternProperties minProperties maxProperties propertyNames "
            "dependentRequired dependentSchemas unevaluatedProperties"
        ),
        ("array",): "items prefixItems minItems maxItems uniqueItems contains unevaluatedItems",
        ("string",): "pattern minLength maxLength contentMediaType contentEncoding contentSchema",
        (INTEGER, FRACTION): "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
    }.items()
    for keyword in keywords.split()
}


def find_kinds(conjunction: Conjunction) -> tuple[str, ...]:
    """The kinds of value to draw, the best first; empty when no type is left.

    Where no `type` is given, those that the other keywords speak of: `{"minLength": 2}` allows any number, but a
    reader expects a string.
    """
    allowed: tuple[str, ...] = ALL_KINDS
    is_typed = False
    for part in conjunction.parts:
        if "type" in part.schema:
            is_typed = True
            named = _kinds_of(part.schema["type"])
            ranked = named if allowed == ALL_KINDS else allowed
            allowed = tuple(kind for kind in ranked if kind in allowed and kind in named)
    for keyword, value in conjunction.excluded:
        if keyword == "type":
            excluded = _kinds_of(value)
            allowed = tuple(kind for kind in allowed if kind not in excluded)
        elif keyword in ("const", "enum"):
            continue
        else:
            family = ("string",) if keyword == "format" else _FAMILIES[keyword]
            is_typed = True
            allowed = tuple(kind for kind in allowed if kind in family)
    if conjunction.is_object:
        return tuple(kind for kind in allowed if kind == "object")
    if is_typed:
        return allowed
    spoken = _spoken_of(conjunction)
    return tuple(kind for kind in spoken if kind in allowed) or allowed[:1]


def _kinds_of(named: Json) -> tuple[str, ...]:
    names: Iterable[str] = [named] if isinstance(named, str) else named
    kinds: dict[str, None] = {}
    for name in names:
        kinds.update(dict.fromkeys((INTEGER, FRACTION) if name == "number" else (name,)))
    return tuple(kinds)


def _spoken_of(conjunction: Conjunction) -> tuple[str, ...]:
    kinds: dict[str, None] = dict.fromkeys(("object",) if conjunction.must_have else ())
    for part in conjunction.parts:
        for keyword in part.schema:
            kinds.update(dict.fromkeys(_FAMILIES.get(keyword, ())))
        named = part.schema.get("format")
        if named in INTEGER_RANGES:
            kinds[INTEGER] = None
        elif named in ("float", "double"):
            kinds.update(dict.fromkeys((INTEGER, FRACTION)))
        elif named in FORMATS:
            kinds["string"] = None
    return tuple(kinds)
