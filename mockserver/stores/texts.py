"""Records, keys and partitions as the text that stores keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum

from understudy.specs.behaviour.state import Scope
from understudy.specs.documents.document import Json
from understudy.specs.wire.json_bodies import MalformedJson, dump_json, load_json
from understudy.specs.wire.malformed import UncarriableValue

__all__ = ["check_text", "is_text", "partition_of", "partition_text", "written_members"]


def written_members(members: Mapping[str, Json]) -> tuple[bytes, dict[str, Json]]:
    """A record's members as JSON, and as they come back from it: they share nothing with those that were given.

    Raises:
        UncarriableValue: A member isn't known yet, or JSON can't carry it: octets, too deep, half a character.
    """
    unknown = [name for name, value in members.items() if isinstance(value, Enum)]
    if unknown:
        raise UncarriableValue(f"the member {unknown[0]!r} of a record is {members[unknown[0]]!r}")
    try:
        text = dump_json(dict(members))
        return text, load_json(text)
    except (TypeError, MalformedJson, RecursionError) as error:
        raise UncarriableValue(f"a record can't be kept as JSON: {error}") from error


def is_text(value: str) -> bool:
    """Whether UTF-8 can carry it; half of a surrogate pair can't be."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def check_text(*values: str) -> None:
    """Raise `UncarriableValue` for a part of a key or scope that UTF-8 can't carry."""
    for value in values:
        if not is_text(value):
            raise UncarriableValue(f"{value!r} in a key or scope has half of a surrogate pair")


def partition_text(partition: tuple[str, Scope]) -> str:
    """A partition as a JSON array, its resource first: ``["message","acme","s-1"]``.

    The text of what lies below a scope begins with the text of that scope without its last character.
    """
    resource, scope = partition
    return dump_json([resource, *scope]).decode()


def partition_of(text: str) -> tuple[str, Scope]:
    """The partition that a text stands for."""
    resource, *scope = json.loads(text)
    return resource, tuple(scope)
