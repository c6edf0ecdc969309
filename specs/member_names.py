"""Read the names of members: `createdAt`, `created_at` and `created-at` are the same words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeVar

from understudy.specs.pointers import tokens

__all__ = ["find_by_name", "is_identity", "owner_of", "singular", "words_of"]

T = TypeVar("T")

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTITIES: Final = frozenset({"id", "uuid", "guid", "uid"})
_STRUCTURE: Final = frozenset(
    (
        *("$defs", "additionalProperties", "allOf", "anyOf", "contains", "contentSchema", "definitions"),
        *("dependentSchemas", "else", "if", "items", "not", "oneOf", "patternProperties", "prefixItems", "properties"),
        *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
    )
)
_NOT_PLURAL: Final = ("ss", "us", "is", "news", "series", "status", "address")


@lru_cache(maxsize=8192)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, lower case: ``IPAddress`` → ``("ip", "address")``."""
    return tuple(word.lower() for word in _WORD.findall(name))


def find_by_name(table: Mapping[str, T], name: str) -> T | None:
    """The entry for a name: for all its words, else for the most of its last words, else None.

    ``user_email_address`` finds ``email_address`` before ``address``.
    """
    words = words_of(name)
    for first in range(len(words)):
        found = table.get("_".join(words[first:]))
        if found is not None:
            return found
    return None


def is_identity(name: str) -> bool:
    """Whether a member names one thing among many: ``id``, ``userId``, ``file_uuid``."""
    return words_of(name)[-1:] != () and words_of(name)[-1] in _IDENTITIES


def singular(name: str) -> str:
    """The name of one item of an array: ``tags`` → ``tag``, ``categories`` → ``category``; others unchanged."""
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    if name.endswith("s") and not name.endswith(_NOT_PLURAL):
        return name[:-1]
    return name


def owner_of(pointer: str, default: str) -> str:
    """What the member at a pointer belongs to: a ``User`` at ``/$defs/User/properties/name``.

    The name of the schema or member around it; ``default`` for members of the root.
    """
    names = tokens(pointer)
    if len(names) < 2 or names[-2] != "properties":
        return default
    for name in reversed(names[:-2]):
        if name not in _STRUCTURE and not name.isdigit():
            return name
    return default
