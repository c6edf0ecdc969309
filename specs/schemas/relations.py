"""How two schemas of one document compare, read from what is written: no value is made, and what can't be told is no.

`is_within` proves that every value of one schema is a value of another; it never says so wrongly, and often doesn't
say so where it is so. References are followed where nothing but annotations stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, Origin
from understudy.specs.schemas.json_values import is_equal, type_of
from understudy.specs.schemas.object_schemas import branches, parts
from understudy.specs.schemas.schema import Schema

__all__ = ["is_same", "is_within", "place_of", "types_of"]

MAX_DEPTH: Final = 8
"""Levels that a comparison looks into."""
MAX_TYPE_DEPTH: Final = 40
"""Levels of references and combinations in which types are sought."""
MAX_PAIRS: Final = 2000
"""Pairs of schemas that one comparison looks at."""
MAX_VALUES: Final = 200
"""Values of an `enum` that are tried one by one."""

_ALL: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_NULL: Final = frozenset({"null"})
_ANNOTATIONS: Final = frozenset(
    (
        *("title", "description", "example", "examples", "default", "deprecated", "readOnly", "writeOnly"),
        *("externalDocs", "xml", "$comment", "$id", "$schema", "$anchor", "$defs", "definitions"),
    )
)
_UPPER: Final = ("maximum", "maxLength", "maxItems", "maxProperties")
_LOWER: Final = ("minimum", "minLength", "minItems", "minProperties")
_BY_EQUALITY: Final = frozenset(
    (
        *("pattern", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "not", "oneOf", "propertyNames"),
        *("patternProperties", "prefixItems", "contentEncoding", "contentMediaType"),
    )
)
"""Keywords that an equal one implies, whatever else stands beside it."""
_NARROWER_FORMATS: Final = frozenset({("int32", "int64"), ("float", "double")})


def types_of(schema: Schema) -> frozenset[str]:
    """The JSON types that a schema allows, ``number`` always with ``integer``; all seven where nothing tells.

    Where no type is said, one with `properties` is taken for an object, and one with `items` for an array.
    """
    types = _Comparison().types(schema)
    if types == _ALL:
        said = {keyword for part in parts(schema) for keyword in part.node.value}
        types = frozenset({"object"} if "properties" in said else {"array"} if "items" in said else _ALL)
    return types


def place_of(schema: Schema) -> Origin:
    """Where the Schema Object stands that plain references lead to."""
    return _plain(schema).origin


def is_same(left: Schema, right: Schema) -> bool:
    """Whether both are one Schema Object, reached by plain references."""
    return place_of(left) == place_of(right)


def is_within(inner: Schema, outer: Schema) -> bool:
    """Whether every value of one schema is certainly a value of the other."""
    return _Comparison().within(inner, outer)


def _plain(schema: Schema) -> Schema:
    """What a schema refers to, as long as nothing but annotations stands beside the reference."""
    for _ in range(MAX_DEPTH):
        value = schema.node.value
        if not isinstance(value, dict) or "$ref" not in value or len(_constraints(schema)) > 1:
            break
        if not isinstance(value["$ref"], str):
            break
        schema = _behind(schema)
    return schema


def _behind(schema: Schema) -> Schema:
    """What the schema's `$ref` names."""
    return schema.space.schema(schema.space.resources.target(schema.node.get("$ref"), schema.node))


def _constraints(schema: Schema) -> Mapping[str, Json]:
    value = schema.node.value
    if not isinstance(value, dict):
        return {}
    return {key: schema.node.get(key) for key in value if key not in _ANNOTATIONS and not key.startswith("x-")}


@final
class _Comparison:
    """One question's answers to the smaller questions in it; each is asked once."""

    def __init__(self) -> None:
        self._types: dict[Origin, frozenset[str]] = {}
        self._within: dict[tuple[Origin, Origin], bool] = {}
        self._depth = 0

    def types(self, schema: Schema) -> frozenset[str]:
        """See `types_of`."""
        schema = _plain(schema)
        known = self._types.get(schema.origin)
        if known is None:
            self._types[schema.origin] = _ALL  # what contains itself says nothing more
            self._depth += 1
            known = self._find_types(schema) if self._depth <= MAX_TYPE_DEPTH else _ALL
            self._types[schema.origin] = known
            self._depth -= 1
        return known

    def _find_types(self, schema: Schema) -> frozenset[str]:
        if schema.node.value is False:
            return frozenset()
        said = _constraints(schema)
        types = _named(said)
        if isinstance(said.get("$ref"), str):
            types &= self.types(_behind(schema))
        for part in branches(schema, "allOf"):
            types &= self.types(part)
        for keyword in ("anyOf", "oneOf"):
            if keyword in said:
                types &= frozenset().union(*map(self.types, branches(schema, keyword)))
        if "enum" in said or "const" in said:
            types &= frozenset(map(type_of, _values(said) or ()))
        return types | _NULL if said.get("nullable") is True else types

    def within(self, inner: Schema, outer: Schema) -> bool:
        """See `is_within`. A question that comes up in itself, or too deep or late, is answered with no."""
        inner, outer = _plain(inner), _plain(outer)
        pair = (inner.origin, outer.origin)
        known = self._within.get(pair)
        if known is None:
            self._within[pair] = False
            self._depth += 1
            known = self._depth <= MAX_DEPTH and len(self._within) <= MAX_PAIRS and self._find_within(inner, outer)
            self._within[pair] = known
            self._depth -= 1
        return known

    def _find_within(self, inner: Schema, outer: Schema) -> bool:
        if inner.origin == outer.origin or _is_open(outer):
            return True
        if not isinstance(inner.node.value, dict) or not isinstance(outer.node.value, dict):
            return inner.node.value is False
        if not self.types(inner) <= self.types(outer):
            return False
        allowed = _constraints(inner)
        values = _values(allowed)
        if values is not None:
            some = [value for value in values if value is not None]
            return len(values) <= MAX_VALUES and all(map(outer.validator(Direction.RESPONSE).is_valid, some))
        if isinstance(allowed.get("$ref"), str):  # in OpenAPI 3.0 what stands beside a reference says nothing
            return self.within(_behind(inner), outer)
        if any(self.within(part, outer) for part in branches(inner, "allOf")):
            return True
        for keyword in ("anyOf", "oneOf"):
            ways = branches(inner, keyword)
            if ways and all(self._is_null(way) or self.within(way, outer) for way in ways):
                return True
        return self._keeps_all(inner, outer)

    def _keeps_all(self, inner: Schema, outer: Schema) -> bool:
        return all(self._keeps(key, inner, outer) for key in _constraints(outer) if key not in ("type", "nullable"))

    def _keeps(self, keyword: str, inner: Schema, outer: Schema) -> bool:
        """Whether the values of one schema meet a keyword of another, whose types they have."""
        needed, given = outer.node.get(keyword), inner.node.get(keyword)
        if keyword == "$ref" and isinstance(needed, str):
            return self.within(inner, _behind(outer))
        if keyword == "allOf":
            return all(self.within(inner, part) for part in branches(outer, "allOf"))
        if keyword in ("anyOf", "oneOf"):
            bare = [branch for branch in branches(outer, keyword) if not self._is_null(branch)]
            if keyword == "anyOf" or len(bare) == 1:
                return any(self.within(inner, branch) or self._within_besides_null(inner, branch) for branch in bare)
        if keyword in _UPPER + _LOWER:
            comparable = _is_number(given) and _is_number(needed)
            return comparable and (given <= needed if keyword in _UPPER else given >= needed)
        if keyword == "format":
            return given == needed or (given, needed) in _NARROWER_FORMATS
        if keyword == "required":
            return frozenset(map(str, needed)) <= inner.required()
        if keyword == "properties":
            return self._members_within(inner, outer)
        if keyword == "items":
            left, right = inner.find_items(), outer.find_items()
            if left is None or right is None or "prefixItems" in inner.node.value:
                return False
            return self.within(left, right)
        if keyword == "additionalProperties":
            own = outer.node.get("properties") or {}
            return needed is True or (needed is False and _is_closed(inner) and _names(inner) <= own.keys())
        if keyword == "uniqueItems":
            return needed is not True or given is True
        return keyword in _BY_EQUALITY and is_equal(given, needed) and "$ref" not in str(needed)

    def _within_besides_null(self, inner: Schema, outer: Schema) -> bool:
        """Whether every value but `null`, which is allowed elsewhere, is within."""
        types, outer = self.types(inner), _plain(outer)
        return "null" in types and types - _NULL <= self.types(outer) and self._keeps_all(inner, outer)

    def _members_within(self, inner: Schema, outer: Schema) -> bool:
        mine = dict(inner.members())
        return all(
            self.within(mine[name], member) if name in mine else _is_closed(inner) or _is_open(member)
            for name, member in outer.members()
        )

    def _is_null(self, schema: Schema) -> bool:
        return self.types(schema) == _NULL


def _named(said: Mapping[str, Json]) -> frozenset[str]:
    named = said.get("type")
    names = frozenset([named] if isinstance(named, str) else named if isinstance(named, list) else _ALL)
    return names | {"integer"} if "number" in names else names


def _values(said: Mapping[str, Json]) -> list[Json] | None:
    """The only values there are; None where they aren't listed."""
    if "const" in said:
        return [said["const"]]
    return said["enum"] if isinstance(said.get("enum"), list) else None


def _is_closed(schema: Schema) -> bool:
    return schema.node.get("additionalProperties") is False and "patternProperties" not in schema.node.value


def _is_open(schema: Schema) -> bool:
    plain = _plain(schema)
    return plain.node.value is not False and not _constraints(plain)


def _names(schema: Schema) -> frozenset[str]:
    return frozenset(name for name, _ in schema.members())


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
