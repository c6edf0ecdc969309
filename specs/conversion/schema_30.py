"""Say in a Schema Object of OpenAPI 3.0 what one of 3.1 says.

What 3.0 can say otherwise is said otherwise, and accepts the same values: `const`, `if`, `contains`, several types,
`dependentRequired`. What it cannot say at all is loosened: the result accepts every value that the original accepts.
Under `not`, and between the branches of `oneOf`, loosening would refuse values, so those are loosened as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from understudy.specs.conversion.losses import Losses
from understudy.specs.conversion.schema_writer import COMPONENTS
from understudy.specs.documents.document import Json
from understudy.specs.pointers import child
from understudy.specs.schemas.translation import subschemas
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["SchemaDown", "find_loosened"]

# Each of these makes the schema accept more when it is left out or replaced.
_LOOSENED: Final = frozenset(
    {
        "maxContains",
        "minContains",
        "patternProperties",
        "prefixItems",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_NULL_ONLY: Final = {"type": "string", "nullable": True, "enum": [None]}
"""A type is needed for `nullable` to count (3.0.3, Schema Object)."""

_COPIED: Final = (
    "title", "description", "multipleOf", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems",
    "maxProperties", "minProperties", "required", "default", "format", "readOnly", "writeOnly", "deprecated",
    "discriminator", "externalDocs", "xml",
)  # fmt: skip


def find_loosened(schemas: Mapping[str, Json]) -> frozenset[str]:
    """Names of the components that can't be said exactly, because of themselves or of what they refer to."""
    users: dict[str, set[str]] = {}
    waiting = []
    for name, schema in schemas.items():
        below = [schema]
        for each in below:
            if isinstance(each, dict):
                if not _LOOSENED.isdisjoint(each):
                    waiting.append(name)
                if "$ref" in each:
                    users.setdefault(each["$ref"].removeprefix(COMPONENTS), set()).add(name)
                below.extend(schema for _, schema in subschemas(each))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(users.get(name, ()))
    return frozenset(found)


@final
class SchemaDown:
    """Rewrites Schema Objects.

    Args:
        loosened: `find_loosened` of all component schemas.
    """

    def __init__(self, losses: Losses, loosened: frozenset[str]) -> None:
        self._losses = losses
        self._loosened = loosened

    def write(self, schema: Json, pointer: str) -> dict[str, Json]:
        """The Schema Object in 3.0; a Boolean becomes an object."""
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        new = {key: schema[key] for key in _COPIED if key in schema}
        if new.get("required") == []:
            del new["required"]  # draft 4 wants one at least
        parts: list[Json] = []
        """Further schemas that all have to hold."""
        if "$ref" in schema:
            if len(schema) == 1:
                return {"$ref": schema["$ref"]}
            parts.append({"$ref": schema["$ref"]})
        self._types(schema, new, parts)
        self._values(schema, new, parts)
        self._bounds(schema, new)
        self._content(schema, new, pointer)
        self._choices(schema, new, parts, pointer)
        self._conditions(schema, parts, pointer)
        self._arrays(schema, new, parts, pointer)
        self._objects(schema, new, parts, pointer)
        if len(parts) == 1 and not new:
            return dict(parts[0])
        return {**new, "allOf": parts} if parts else new

    def _types(self, schema: dict[str, Json], new: dict[str, Json], parts: list[Json]) -> None:
        types = schema.get("type")
        listed = types if isinstance(types, list) else [types] if types is not None else []
        named = [name for name in listed if name != "null"]
        nullable = {"nullable": True} if "null" in listed else {}
        if listed and not named:
            parts.append(_NULL_ONLY)
        elif len(named) == 1:
            new.update(type=named[0], **nullable)
        elif named:
            items: Json = {"array": {"items": {}}}
            parts.append({"anyOf": [{"type": name, **nullable, **items.get(name, {})} for name in named]})

    def _values(self, schema: dict[str, Json], new: dict[str, Json], parts: list[Json]) -> None:
        """`enum` and `const`. Null counts only beside a `type` that is nullable, so it gets a branch of its own."""
        for values in ([schema["const"]] if "const" in schema else None, schema.get("enum")):
            if not isinstance(values, list):
                continue
            others = [value for value in values if value is not None]
            if not values:
                parts.append({"not": {}})
            elif None not in values or new.get("nullable"):
                if "enum" in new:
                    parts.append({"enum": values})
                else:
                    new["enum"] = values
            else:
                parts.append({"anyOf": [{"enum": others}, _NULL_ONLY]} if others else _NULL_ONLY)
        if isinstance(schema.get("examples"), list) and schema["examples"]:
            new["example"] = schema["examples"][0]

    def _bounds(self, schema: dict[str, Json], new: dict[str, Json]) -> None:
        """Draft 4 says with a Boolean whether a bound is exclusive; of two bounds only the stricter one is kept."""
        for plain, exclusive, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
            if plain in schema:
                new[plain] = schema[plain]
            limit = schema.get(exclusive)
            if limit is not None and (plain not in schema or sign * limit >= sign * schema[plain]):
                new.update({plain: limit, exclusive: True})

    def _content(self, schema: dict[str, Json], new: dict[str, Json], pointer: str) -> None:
        encoding, media_type = schema.get("contentEncoding"), schema.get("contentMediaType")
        if encoding is not None and str(encoding).lower() == "base64":
            new["format"] = "byte"
        elif encoding is not None:
            self._losses.add(pointer, f"`contentEncoding: {encoding}` is left out", "contentEncoding")
        elif media_type is not None and kind(str(media_type)) is Kind.BINARY:
            new.update({"type": "string", "format": "binary"})
        if "contentSchema" in schema:
            self._losses.add(pointer, f"what is in the text ({media_type}) is left out", "contentSchema")

    def _choices(self, schema: dict[str, Json], new: dict[str, Json], parts: list[Json], pointer: str) -> None:
        if "allOf" in schema:
            parts += self._list(schema["allOf"], child(pointer, "allOf"))
        if "anyOf" in schema:
            new["anyOf"] = self._list(schema["anyOf"], child(pointer, "anyOf"))
        if "oneOf" in schema:
            branches = self._list(schema["oneOf"], child(pointer, "oneOf"))
            if not any(map(self._is_loosened, schema["oneOf"])):
                new["oneOf"] = branches
            else:
                self._losses.add(pointer, "`oneOf` becomes `anyOf`: its branches can't be told apart", "oneOf")
                if "anyOf" in new:
                    parts.append({"anyOf": branches})
                else:
                    new["anyOf"] = branches
        if "not" in schema:
            if self._is_loosened(schema["not"]):
                self._losses.add(pointer, "`not` is left out: what it forbids can't be said", "not")
            else:
                new["not"] = self.write(schema["not"], child(pointer, "not"))

    def _conditions(self, schema: dict[str, Json], parts: list[Json], pointer: str) -> None:
        if "if" in schema and ("then" in schema or "else" in schema):
            if self._is_loosened(schema["if"]):
                self._losses.add(pointer, "`if` with `then` and `else` is left out: its condition can't be said", "if")
            else:
                condition = self.write(schema["if"], child(pointer, "if"))
                if "then" in schema:
                    then = self.write(schema["then"], child(pointer, "then"))
                    parts.append({"anyOf": [{"not": condition}, then]})
                if "else" in schema:
                    parts.append({"anyOf": [condition, self.write(schema["else"], child(pointer, "else"))]})
        for name, required in schema.get("dependentRequired", {}).items():
            if required:
                parts.append({"anyOf": [_without(name), {"required": required}]})
        for name, below in schema.get("dependentSchemas", {}).items():
            written = self.write(below, child(pointer, "dependentSchemas", name))
            parts.append({"anyOf": [_without(name), written]})

    def _arrays(self, schema: dict[str, Json], new: dict[str, Json], parts: list[Json], pointer: str) -> None:
        items = schema.get("items")
        if "prefixItems" in schema:
            prefix = self._list(schema["prefixItems"], child(pointer, "prefixItems"))
            if items is False:
                new["maxItems"] = min(len(prefix), new.get("maxItems", len(prefix)))
            elif items in (None, True):
                prefix = []
            else:
                prefix.append(self.write(items, child(pointer, "items")))
            new["items"] = {"anyOf": prefix} if prefix else {}
            self._losses.add(pointer, "the order of the items is left out: each may stand anywhere", "prefixItems")
        elif items is not None:
            new["items"] = self.write(items, child(pointer, "items"))
        elif new.get("type") == "array":
            new["items"] = {}
        if "contains" in schema and schema.get("minContains", 1) != 0:
            if self._is_loosened(schema["contains"]):
                self._losses.add(pointer, "`contains` is left out", "contains")
            else:
                wanted = self.write(schema["contains"], child(pointer, "contains"))
                parts.append({"not": {"type": "array", "items": {"not": wanted}}})
        for keyword in ("minContains", "maxContains", "unevaluatedItems"):
            if keyword in schema:
                self._losses.add(pointer, f"`{keyword}` is left out", keyword)

    def _objects(self, schema: dict[str, Json], new: dict[str, Json], parts: list[Json], pointer: str) -> None:
        if "properties" in schema:
            place = child(pointer, "properties")
            new["properties"] = {
                name: self.write(below, child(place, name)) for name, below in schema["properties"].items()
            }
        additional = schema.get("additionalProperties")
        if additional is not None:
            is_boolean = isinstance(additional, bool)
            new["additionalProperties"] = (
                additional if is_boolean else self.write(additional, child(pointer, "additionalProperties"))
            )
        if "patternProperties" in schema:
            self._losses.add(pointer, "the patterns of member names are left out", "patternProperties")
            place = child(pointer, "patternProperties")
            written = [self.write(below, child(place, name)) for name, below in schema["patternProperties"].items()]
            if additional is False:
                new["additionalProperties"] = {"anyOf": written} if written else False
            elif additional not in (None, True):
                new["additionalProperties"] = {"anyOf": [*written, new["additionalProperties"]]}
        for keyword in ("propertyNames", "unevaluatedProperties"):
            if keyword in schema:
                self._losses.add(pointer, f"`{keyword}` is left out", keyword)

    def _list(self, schemas: list[Json], pointer: str) -> list[Json]:
        return [self.write(schema, child(pointer, index)) for index, schema in enumerate(schemas)]

    def _is_loosened(self, schema: Json) -> bool:
        """Whether a schema, with what it refers to, can't be said exactly."""
        waiting = [schema]
        for each in waiting:
            if isinstance(each, dict):
                if not _LOOSENED.isdisjoint(each) or each.get("$ref", "").removeprefix(COMPONENTS) in self._loosened:
                    return True
                waiting.extend(below for _, below in subschemas(each))
        return False


def _without(name: str) -> Json:
    """No object that has this member."""
    return {"not": {"type": "object", "required": [name]}}
