"""Where a schema leaves the text of a member quite free, so that a value stays valid whatever is written there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.pointers import from_fragment, tokens

__all__ = ["takes_any_text"]

_ANNOTATIONS: Final = frozenset(
    {"$comment", "default", "deprecated", "description", "example", "examples", "readOnly", "title", "writeOnly"}
)
_OF_OBJECTS: Final = _ANNOTATIONS | {"type", "properties", "required", "additionalProperties", "$defs"}
"""Keywords that ask an object for its members' names, or leave a named member to its own schema."""
_OF_TEXTS: Final = _ANNOTATIONS | {"type", "$defs"}
_OF_REFERENCES: Final = _ANNOTATIONS | {"$ref", "$defs"}
MAX_REFERENCES: Final = 32


def takes_any_text(schema: Json, keys: Sequence[str]) -> bool:
    """Whether a valid object stays valid with any string in place of the one that it has at a path.

    True only where it is plain: members described by `properties`, nothing asked but names and types, down to a
    string without conditions.

    Args:
        schema: As `Schema.standalone` gives it.
        keys: Names of members, each inside the one before.
    """
    defs = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    place = _resolved(schema, defs)
    for key in keys:
        if not isinstance(place, dict) or not place.keys() <= _OF_OBJECTS or key not in place.get("properties", {}):
            return False
        place = _resolved(place["properties"][key], defs)
    if place is True:
        return True
    return isinstance(place, dict) and place.keys() <= _OF_TEXTS and "string" in place.get("type", "string")


def _resolved(schema: Json, defs: Json) -> Json:
    """What a schema that is nothing but a reference refers to."""
    for _ in range(MAX_REFERENCES):
        if not isinstance(schema, dict) or "$ref" not in schema or not schema.keys() <= _OF_REFERENCES:
            return schema
        path = tokens(from_fragment(schema["$ref"].removeprefix("#")))
        if len(path) != 2 or path[0] != "$defs":
            return schema
        schema = defs.get(path[1])
    return schema
