"""What can be asked of a value: that a schema applies or fails, that an object has or lacks a member."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Final, TypeAlias, final

from understudy.specs.documents.document import Json
from understudy.specs.pointers import JsonPointer, child
from understudy.specs.schemas.subschemas import Subschemas

__all__ = ["WHOLE", "Alternative", "Demand", "DemandKind", "applies", "fails", "ways_to_fail"]

_ROOT: Final = JsonPointer("")


class DemandKind(Enum):
    """What is asked of a value, by the schema at a place, or of an object's member."""

    APPLIES = "applies"
    FAILS = "fails"
    KEYWORD_FAILS = "keyword fails"
    IS_OBJECT = "is an object"
    HAS = "has the member"
    LACKS = "lacks the member"
    MEMBER_FAILS = "has the member, which fails"


@final
@dataclass(frozen=True, slots=True)
class Demand:
    """One thing asked of a value.

    Attributes:
        pointer: Of the schema; of no meaning for what is said of members alone.
        name: The keyword, or the member; empty when neither is meant.
    """

    kind: DemandKind
    pointer: JsonPointer = _ROOT
    name: str = ""


WHOLE: Final = (Demand(DemandKind.APPLIES),)
"""What is asked of the value of a whole schema."""

Alternative: TypeAlias = tuple[Demand, ...]
"""Demands that go together, as one of several ways to satisfy something."""

# Keywords whose failing a shape can respect.
_LEAVES: Final = frozenset(
    (
        *("const", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength"),
        *("maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf"),
        *("pattern", "type"),
    )
)
# Keywords that can fail in ways that no demand says.
_UNSAID: Final = frozenset(
    (
        *("additionalProperties", "contains", "items", "patternProperties", "prefixItems", "propertyNames"),
        *("unevaluatedItems", "unevaluatedProperties", "uniqueItems"),
    )
)


def applies(pointer: JsonPointer, *keys: str | int) -> Demand:
    """That the schema below a place applies."""
    return Demand(DemandKind.APPLIES, child(pointer, *keys))


def fails(pointer: JsonPointer, *keys: str | int) -> Demand:
    """That the schema below a place fails."""
    return Demand(DemandKind.FAILS, child(pointer, *keys))


def ways_to_fail(schemas: Subschemas, pointer: JsonPointer) -> tuple[tuple[Alternative, ...], bool]:
    """How a schema object can fail: by any one of its keywords.

    Returns:
        The ways, and whether they are all there are.
    """
    schema = schemas.at(pointer)
    found: list[Alternative] = []
    for keyword in schema:
        found.extend(_ways(schemas, pointer, schema, keyword))
    return tuple(found), _UNSAID.isdisjoint(schema)


def _ways(schemas: Subschemas, pointer: JsonPointer, schema: dict[str, Json], keyword: str) -> list[Alternative]:
    if keyword in _LEAVES:
        return [(Demand(DemandKind.KEYWORD_FAILS, pointer, keyword),)]
    is_object = Demand(DemandKind.IS_OBJECT)
    match keyword:
        case "$ref" | "$dynamicRef":
            return [(fails(schemas.target(schema[keyword], pointer, dynamic=keyword == "$dynamicRef")),)]
        case "not":
            return [(applies(pointer, "not"),)]
        case "allOf":
            return [(fails(pointer, "allOf", at),) for at in range(len(schema["allOf"]))]
        case "anyOf":
            return [tuple(fails(pointer, "anyOf", at) for at in range(len(schema["anyOf"])))]
        case "oneOf":
            options = range(len(schema["oneOf"]))
            several = [
                (applies(pointer, "oneOf", a), applies(pointer, "oneOf", b)) for a, b in combinations(options, 2)
            ]
            return [tuple(fails(pointer, "oneOf", at) for at in options), *several]
        case "if":
            then = (applies(pointer, "if"), fails(pointer, "then"))
            otherwise = (fails(pointer, "if"), fails(pointer, "else"))
            return [*([then] if "then" in schema else []), *([otherwise] if "else" in schema else [])]
        case "required":
            return [(is_object, Demand(DemandKind.LACKS, name=name)) for name in schema["required"]]
        case "properties":
            return [
                (is_object, Demand(DemandKind.MEMBER_FAILS, child(pointer, "properties", name), name))
                for name in schema["properties"]
            ]
        case "dependentRequired":
            return [
                (is_object, Demand(DemandKind.HAS, name=name), Demand(DemandKind.LACKS, name=needed))
                for name, all_needed in schema["dependentRequired"].items()
                for needed in all_needed
            ]
        case "dependentSchemas":
            return [
                (is_object, Demand(DemandKind.HAS, name=name), fails(pointer, "dependentSchemas", name))
                for name in schema["dependentSchemas"]
            ]
        case _:
            return []
