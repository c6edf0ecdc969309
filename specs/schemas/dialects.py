"""What a Schema Object's keywords mean in each version of OpenAPI, said in JSON Schema 2020-12.

`translate` takes one Schema Object (not what is below it) and gives its keywords in 2020-12; `allow_null` comes after
what is below has been translated. Both are pure and know no references. Draft 4's Boolean `exclusiveMinimum` and 3.0's
`nullable` are understood in every version, because many documents of later versions still carry them.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Final

from understudy.specs.documents.document import Json

__all__ = ["Dialect", "allow_null", "translate"]

INT32: Final = (-(2**31), 2**31 - 1)
INT64: Final = (-(2**63), 2**63 - 1)
_BOUNDS: Final = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "uint16": (0, 65535)} | {
    "int32": INT32,
    "int64": INT64,
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}

# The keywords of 2020-12 that say something about a value. All others are read elsewhere, or are nobody's.
_KEPT: Final = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "contains",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "default",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "enum",
        "examples",
        "format",
        "if",
        "items",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "patternProperties",
        "prefixItems",
        "properties",
        "propertyNames",
        "required",
        "then",
        "type",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
    }
)
# The XML Object says how a value is written and nothing about it; what is ill-formed in it says nothing at all.
_XML: Final = {"name": str, "namespace": str, "prefix": str, "attribute": bool, "wrapped": bool, "nodeType": str}
_NULLABLE_INTEGERS: Final = (["integer", "null"], ["null", "integer"])
_TYPES: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


class Dialect(Enum):
    """How Schema Objects are read: before 3.1 a `$ref` hides its siblings."""

    DRAFT_4 = "draft 4"
    DRAFT_2020_12 = "draft 2020-12"


def translate(schema: dict[str, Json]) -> dict[str, Json]:
    """The keywords of one Schema Object in JSON Schema 2020-12, but for `$ref`.

    Subschemas are passed on untranslated. `example` becomes the last of `examples`, so that a generator sees it.
    Keywords that 2020-12 doesn't know are left out, save `xml`, by which bodies are read and written; those that are
    ill-formed stay, for `repair` to mend.
    """
    out = {key: value for key, value in schema.items() if key in _KEPT}
    xml = schema.get("xml")
    kept = (
        {key: xml[key] for key, kind in _XML.items() if isinstance(xml.get(key), kind)} if isinstance(xml, dict) else {}
    )
    if kept:
        out["xml"] = kept
    if isinstance(out.get("examples"), dict):
        out["examples"] = list(out["examples"].values())
    if "example" in schema:
        examples = out.get("examples")
        out["examples"] = [*(examples if isinstance(examples, list) else []), schema["example"]]
    _types(out)
    _bounds(schema, out)
    _arrays(out)
    _dependencies(out)
    # `format: byte` is base64 (3.0, data types); 2020-12 says so with `contentEncoding`.
    if out.get("format") == "byte":
        out.setdefault("contentEncoding", "base64")
    if "required" in out and not isinstance(out["required"], list):
        del out["required"]  # draft 3 wrote a Boolean at the member
    return out


def _types(out: dict[str, Json]) -> None:
    """`type: file` (2.0) is binary content; `type: any`, misspellings and empty lists say nothing."""
    types = out.get("type")
    if isinstance(types, str) and types not in _TYPES:
        del out["type"]
        if types == "file":
            out["contentMediaType"] = "application/octet-stream"
    elif isinstance(types, list):
        kept = [name for name in dict.fromkeys(map(str, types)) if name in _TYPES]
        if kept:
            out["type"] = kept[0] if len(kept) == 1 else kept
        else:
            del out["type"]
    elif "type" in out and not isinstance(types, str):
        del out["type"]


def _bounds(schema: dict[str, Json], out: dict[str, Json]) -> None:
    for plain, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        value = schema.get(exclusive)
        if value is True and plain in out:
            out[exclusive] = out.pop(plain)
        elif exclusive in schema and not isinstance(value, bool):
            out[exclusive] = value
    types = out.get("type")
    form = out.get("format")
    if isinstance(form, str) and form in _BOUNDS and (types == "integer" or types in _NULLABLE_INTEGERS):
        low, high = _BOUNDS[form]
        if "exclusiveMinimum" not in out and _is_number(out.setdefault("minimum", low)):
            out["minimum"] = max(out["minimum"], low)
        if "exclusiveMaximum" not in out and _is_number(out.setdefault("maximum", high)):
            out["maximum"] = min(out["maximum"], high)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _arrays(out: dict[str, Json]) -> None:
    """Before 2020-12 an array under `items` was what `prefixItems` is now."""
    if isinstance(out.get("items"), list):
        prefix = out.pop("items")
        if "additionalItems" in out:
            out["items"] = out["additionalItems"]
        if prefix:
            out["prefixItems"] = prefix
    out.pop("additionalItems", None)


def _dependencies(out: dict[str, Json]) -> None:
    """Before 2019-09 one keyword held both kinds of dependencies."""
    dependencies = out.pop("dependencies", None)
    for name, value in dependencies.items() if isinstance(dependencies, dict) else ():
        keyword = "dependentRequired" if isinstance(value, list) else "dependentSchemas"
        out[keyword] = {name: value} | (out[keyword] if isinstance(out.get(keyword), dict) else {})


def allow_null(schema: dict[str, Json]) -> dict[str, Json]:
    """What 3.0's `nullable: true` makes of a translated schema.

    Beside a `type` it adds to that; where only a choice or a reference speaks it is one more choice.
    """
    types = schema.get("type")
    if types is None and any(key in schema for key in ("$ref", "allOf", "anyOf", "oneOf")):
        return {"anyOf": [schema, {"type": "null"}]}
    out = dict(schema)
    if types is not None:
        listed = types if isinstance(types, list) else [types]
        out["type"] = [*listed, *(["null"] if "null" not in listed else [])]
    if isinstance(out.get("enum"), list) and None not in out["enum"]:
        out["enum"] = [*out["enum"], None]
    if out.get("const") is not None:
        out["enum"] = [out.pop("const"), None]
    return out
