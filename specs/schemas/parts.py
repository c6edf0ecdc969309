"""Schemas that refer to very many others: each of those is compiled once, for all that refer to it.

A compiled schema holds all that it can reach. Where hundreds of schemas reach each other, as many times hundreds would
be held. So from `MIN_DEFINITIONS` on, a reference is a keyword of ours that asks the validator of what it names.
"""

from __future__ import annotations

from typing import Final, Protocol, final

from understudy.specs.documents.document import Json
from understudy.specs.pointers import from_fragment, tokens
from understudy.specs.schemas.translation import subschemas

__all__ = ["MIN_DEFINITIONS", "REFERENCE", "PartReference", "Parts", "can_be_split", "split"]

MIN_DEFINITIONS: Final = 150
"""`$defs` from which on a schema is split: asking costs a microsecond or two, and being held some 7 kB for each."""
REFERENCE: Final = "understudy-reference"
"""Stands for `$ref` in a schema that was split; its value is the key in `$defs`."""

_NEEDS_THE_WHOLE: Final = frozenset({"unevaluatedProperties", "unevaluatedItems"})


class _Part(Protocol):
    def is_valid(self, value: Json) -> bool: ...


@final
class Parts:
    """What was compiled of the `$defs` of all schemas that belong together: one key means one schema in all of them."""

    def __init__(self) -> None:
        self.validators: dict[str, _Part] = {}
        self.mentions: dict[str, bool] = {}


def can_be_split(schema: Json, parts: Parts) -> bool:
    """Whether a schema is large enough, and has no keyword that looks through references."""
    definitions = schema.get("$defs") if isinstance(schema, dict) else None
    if not isinstance(definitions, dict) or len(definitions) < MIN_DEFINITIONS:
        return False
    if _looks_through({key: value for key, value in schema.items() if key != "$defs"}):
        return False
    for key, definition in definitions.items():
        if key not in parts.mentions:
            parts.mentions[key] = _looks_through(definition)
        if parts.mentions[key]:
            return False
    return True


def _looks_through(schema: Json) -> bool:
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict) and _NEEDS_THE_WHOLE & value.keys():
            return True
        waiting.extend(inner for _, inner in subschemas(value))
    return False


def split(schema: Json) -> Json:
    """The schema without its `$defs`, with `REFERENCE` for each `$ref`."""
    if not isinstance(schema, dict):
        return schema
    out = {key: value for key, value in schema.items() if key not in ("$defs", "$ref")}
    if isinstance(schema.get("$ref"), str):
        out[REFERENCE] = tokens(from_fragment(schema["$ref"].removeprefix("#")))[-1]
    for path, inner in subschemas(schema):
        keyword = path[0]
        if len(path) == 1:
            out[keyword] = split(inner)
            continue
        if out[keyword] is schema[keyword]:
            out[keyword] = out[keyword].copy()
        out[keyword][path[1]] = split(inner)
    return out


class PartReference:
    """`REFERENCE` as a custom keyword of the validator, which takes a class per schema.

    ``find`` gives the validator of a key; it is called when the first value is seen, so that schemas may refer to each
    other in a circle.
    """

    def __init__(self, parent_schema: dict[str, Json], value: Json, schema_path: list[str | int]) -> None:
        self._key = str(value)

    @staticmethod
    def find(key: str) -> _Part:
        """The validator of a key."""
        raise KeyError(key)

    def validate(self, instance: Json) -> None:
        """Raises ValueError when what is referred to doesn't allow the value."""
        if not type(self).find(self._key).is_valid(instance):
            raise ValueError(f"disagrees with {self._key}")
