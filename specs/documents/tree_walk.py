"""Walk over the objects of a description, in document order, leaving out what is data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias
from urllib.parse import urljoin

from understudy.specs.documents.document import Json
from understudy.specs.pointers import JsonPointer, child

__all__ = ["walk_objects"]

# What stands under these is data: a `$ref` or `$id` in it refers to nothing and identifies nothing.
_DATA: Final = frozenset({"const", "default", "enum", "example", "examples"})
_SCHEMA_EXTENSIONS: Final = frozenset({"x-itemSchema", "x-oas32-itemSchema"})
# The members of these are named by the author: a property or a response `default` is no keyword.
_NAMED: Final = frozenset(
    {"$defs", "definitions", "dependentSchemas", "patternProperties", "properties", "responses", "schemas"}
)

_Step: TypeAlias = tuple[Json, str, str, bool]


def walk_objects(tree: Json, pointer: str, base: str) -> Iterator[tuple[dict[str, Json], JsonPointer, str]]:
    """Each object with its pointer and the base URI of references in it; the root first.

    Examples, defaults, constants and extensions aren't entered. A part that a YAML alias repeats comes once.

    Args:
        tree: A whole document, or a part of it.
        pointer: Where the part stands.
        base: The base URI around it; a `$id` changes it for what is below (JSON Schema Core, section 8.2).
    """
    seen: set[int] = set()
    stack: list[_Step] = [(tree, pointer, base, False)]
    while stack:
        value, place, base, named = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            own = None if named or not place else value.get("$id")
            base = urljoin(base, own) if isinstance(own, str) else base
            yield value, JsonPointer(place), base
        elif not isinstance(value, list):
            continue
        stack.extend(reversed(list(_below(value, place, base, named))))


def _below(value: Json, place: str, base: str, named: bool) -> Iterator[_Step]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                yield item, child(place, index), base, False
        return
    for key, member in value.items():
        if isinstance(member, (dict, list)) and (named or not _is_data(key)):
            yield member, child(place, key), base, not named and key in _NAMED


def _is_data(key: str) -> bool:
    return key in _DATA or (key.startswith("x-") and key not in _SCHEMA_EXTENSIONS)
