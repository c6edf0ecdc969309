"""What a Schema Object's keywords mean in each version of OpenAPI, said in JSON Schema 2020-12.

One function, `translate`, takes one Schema Object (not what is below it) and gives its keywords in 2020-12. It is pure
and knows no references. Draft 4's Boolean `exclusiveMinimum` and 3.0's `nullable` are understood in every version,
because many documents of later versions still carry them.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from understudy.specs.document import Json

__all__ = ["Dialect", "translate"]

INT32: Final = (-(2**31), 2**31 - 1)
INT64: Final = (-(2**63), 2**63 - 1)
_BOUNDS: Final = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "uint16": (0, 65535)} | {
    "int32": INT32,
    "int64": INT64,
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}

# Keywords that say nothing about a value, or that are read elsewhere.
_DROPPED: Final = frozenset(
    {
        "$anchor",
        "$comment",
        "$dynamicAnchor",
        "$id",
        "$recursiveAnchor",
        "$schema",
        "$vocabulary",
        "$defs",
        "collectionFormat",
        "definitions",
        "deprecated",
        "description",
        "discriminator",
        "example",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "externalDocs",
        "id",
        "nullable",
        "readOnly",
        "title",
        "writeOnly",
        "xml",
    }
)
_TYPES: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


class Dialect(Enum):
    """How Schema Objects are read: before 3.1 a `$ref` hides its siblings."""

    DRAFT_4 = "draft 4"
    DRAFT_2020_12 = "draft 2020-12"


def translate(schema: dict[str, Json], dialect: Dialect) -> dict[str, Json]:
    """The keywords of one Schema Object in JSON Schema 2020-12.

    Subschemas are passed on untranslated. `example` becomes the last of `examples`, so that a generator sees it.
    """
    out = {key: value for key, value in schema.items() if key not in _DROPPED and not key.startswith("x-")}
    if "example" in schema:
        examples = schema.get("examples")
        out["examples"] = [*(examples if isinstance(examples, list) else []), schema["example"]]
    elif isinstance(out.get("examples"), dict):
        out["examples"] = list(out["examples"].values())
    _bounds(schema, out)
    _types(out)
    _arrays(out, dialect)
    _strings(out)
    if "required" in out and not isinstance(out["required"], list):
        del out["required"]
    if schema.get("nullable") is True:
        _allow_null(out)
    return out


def _bounds(schema: dict[str, Json], out: dict[str, Json]) -> None:
    for plain, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        value = schema.get(exclusive)
        if value is True and plain in out:
            out[exclusive] = out.pop(plain)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            out[exclusive] = value
    if out.get("type") == "integer" or out.get("type") == ["integer", "null"]:
        low, high = _BOUNDS.get(out.get("format", ""), (None, None)) if isinstance(out.get("format"), str) else (None, None)
        if low is not None and "exclusiveMinimum" not in out:
            out["minimum"] = max(out.get("minimum", low), low)
        if high is not None and "exclusiveMaximum" not in out:
            out["maximum"] = min(out.get("maximum", high), high)


def _types(out: dict[str, Json]) -> None:
    """`type: file` (2.0) is binary content; `type: any`, misspellings and empty lists say nothing."""
    types = out.get("type")
    if isinstance(types, str) and types not in _TYPES:
        del out["type"]
        if types == "file":
            out["contentMediaType"] = "application/octet-stream"
    elif isinstance(types, list):
        kept = [name for name in dict.fromkeys(types) if name in _TYPES]
        if kept:
            out["type"] = kept[0] if len(kept) == 1 else kept
        else:
            del out["type"]


def _arrays(out: dict[str, Json], dialect: Dialect) -> None:
    if isinstance(out.get("items"), list):
        out["prefixItems"] = out.pop("items")
        if "additionalItems" in out:
            out["items"] = out.pop("additionalItems")
    elif dialect is Dialect.DRAFT_4:
        out.pop("additionalItems", None)


def _strings(out: dict[str, Json]) -> None:
    """`format: byte` is base64 (3.0, data types); 2020-12 says so with `contentEncoding`, which is not asserted."""
    if out.get("format") == "byte":
        out.setdefault("contentEncoding", "base64")


def _allow_null(out: dict[str, Json]) -> None:
    types = out.get("type")
    if isinstance(types, str) and types != "null":
        out["type"] = [types, "null"]
    elif isinstance(types, list) and "null" not in types:
        out["type"] = [*types, "null"]
    elif types is None and any(key in out for key in ("$ref", "allOf", "anyOf", "oneOf")):
        rest = dict(out)
        out.clear()
        out["anyOf"] = [rest, {"type": "null"}]
        return
    if isinstance(out.get("enum"), list) and None not in out["enum"]:
        out["enum"] = [*out["enum"], None]
    if "const" in out and out["const"] is not None:
        out["enum"] = [out.pop("const"), None]
