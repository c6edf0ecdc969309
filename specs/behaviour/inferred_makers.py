"""Who else may make a collection's records: then what is known of them is not all there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from understudy.specs.behaviour.item_schemas import Item, array_members, called, object_members, successes
from understudy.specs.behaviour.path_shapes import Collection
from understudy.specs.member_names import words_of
from understudy.specs.model import Operation, Origin
from understudy.specs.schemas.relations import is_same, place_of
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["Maker", "find_makers", "find_other_maker", "find_twin"]

_ASKING: Final = frozenset(
    (
        *("check", "count", "estimate", "filter", "find", "lookup", "preview", "query"),
        *("search", "test", "validate", "verify"),
    )
)
"""Words of paths that take or answer records without making any."""
_BODIES: Final = (Kind.JSON, Kind.JSON_LINES, Kind.FORM, Kind.MULTIPART)


@final
@dataclass(frozen=True, slots=True)
class Maker:
    """An operation that may make records.

    Attributes:
        takes: Where the schemas stand of what it takes: one, many, or one in an envelope.
        makes: Likewise, of what it answers 201 with.
    """

    operation: Operation
    takes: frozenset[Origin]
    makes: frozenset[Origin]


def find_makers(operations: Iterable[Operation]) -> list[Maker]:
    """Every operation that may make records, in document order."""
    return [
        Maker(
            operation,
            frozenset(_places(_requested(operation))),
            frozenset(_places(successes(operation))) if _is_making(operation) else frozenset(),
        )
        for operation in operations
        if operation.method in ("POST", "PUT") and not _ASKING & set(words_of(operation.path.rpartition("/")[2]))
    ]


def find_other_maker(collection: Collection, item: Item, makers: Iterable[Maker], known: frozenset[str]) -> str:
    """Why another operation may make the collection's records too; empty when certainly none does.

    Args:
        known: The labels of what is understood: operations that make records of their own, and the collection's.
    """
    post = collection.of_all.get("POST")
    mine = {place_of(item.schema), *map(place_of, _requested(post) if post is not None else ())}
    for maker in makers:
        operation = maker.operation
        if operation.label in known or collection.owns(operation):
            continue
        if maker.takes & mine:
            return f"{operation.label} may make them too: it takes {called(item.schema)}, or what one is made from"
        if place_of(item.schema) in maker.makes:
            return f"{operation.label} may make them too: it answers 201 with {called(item.schema)}"
    return ""


def find_twin(collection: Collection, items: Mapping[Collection, Item]) -> str:
    """Why a collection may be another one's records seen elsewhere; empty when it certainly isn't.

    Collections of different names may share a schema, as long as each can read its own items.
    """
    for other, item in items.items():
        if other is collection or not is_same(item.schema, items[collection].schema):
            continue
        if other.name == collection.name or ("GET" not in collection.of_one and "GET" in other.of_one):
            return f"its records may be those of {other.path}: both are {called(item.schema)}"
    return ""


def _is_making(operation: Operation) -> bool:
    return any(response.status == "201" for response in operation.responses)


def _requested(operation: Operation) -> tuple[Schema, ...]:
    content = operation.request_body.content if operation.request_body is not None else ()
    schemas = [each.schema or each.item_schema for each in content if kind(each.name) in _BODIES]
    return tuple(schema for schema in schemas if schema is not None)


def _places(bodies: Iterable[Schema]) -> Iterator[Origin]:
    """Where the bodies' schemas stand, those of the objects in them, and those of the items of their arrays."""
    for body in bodies:
        yield place_of(body)
        yield from (place_of(member) for _, member in object_members(body))
        for _, array in array_members(body):
            items = array.find_items()
            if items is not None:
                yield place_of(items)
