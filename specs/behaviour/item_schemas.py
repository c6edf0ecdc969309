"""What the records of a collection look like, and which member names one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, final

from understudy.specs.behaviour.inferred_facts import Uncertain
from understudy.specs.behaviour.path_shapes import Collection
from understudy.specs.member_names import singular, words_of
from understudy.specs.model import Location, MediaType, Operation
from understudy.specs.pointers import JsonPointer, child, tokens
from understudy.specs.schemas.object_schemas import has_alternatives
from understudy.specs.schemas.relations import is_same, is_within, types_of
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["ROOT", "Item", "array_members", "called", "find_item", "find_key", "is_json", "object_members", "successes"]

ROOT: Final = JsonPointer("")
_BODY: Final = "$response.body#/"
_NULL: Final = frozenset({"null"})


@final
@dataclass(frozen=True)
class Item:
    """What is known of a resource's records.

    Attributes:
        schema: A whole record's.
        key: The member that names it.
        reason: How the two were found, in words.
        key_schema: What a key must be besides, so that a path can name it; None when the member's schema is enough.
    """

    schema: Schema
    key: str
    reason: str
    key_schema: Schema | None = None

    @cached_property
    def members(self) -> Mapping[str, Schema]:
        """The members' schemas by name."""
        return dict(self.schema.members())

    @cached_property
    def required(self) -> frozenset[str]:
        """The members that each record has."""
        return self.schema.required()


def find_item(collection: Collection, operations: Iterable[Operation]) -> Item:
    """The records that a collection's paths are about: what `GET` on one answers, else what lists show.

    Args:
        operations: All of the document, for their links.

    Raises:
        Uncertain: No schema, or no key, stands out.
    """
    linked = _find_linked_key(collection, operations)
    read = collection.of_one.get("GET")
    bodies = successes(read) if read is not None else ()
    if read is not None and bodies:
        item = _item_of_read(collection, read, bodies, linked)
    else:
        item = _item_of_list(collection, linked)
    if has_alternatives(item.schema):
        raise Uncertain(f"members of {called(item.schema)} depend on each other (`oneOf`, `discriminator` or the like)")
    return _with_key_schema(collection, item)


def successes(operation: Operation) -> tuple[Schema, ...]:
    """The schemas of the JSON that an operation succeeds with, in document order."""
    return tuple(
        media_type.schema
        for response in operation.responses
        if response.is_success
        for media_type in response.content
        if media_type.schema is not None and is_json(media_type)
    )


def is_json(media_type: MediaType) -> bool:
    """Whether the content is one JSON value; a range such as ``*/*`` may be."""
    return kind(media_type.name) is Kind.JSON or media_type.name in ("*/*", "application/*")


def object_members(schema: Schema) -> Iterator[tuple[JsonPointer, Schema]]:
    """The members of an object that are objects themselves, by pointer."""
    for name, member in schema.members():
        if types_of(member) - _NULL == {"object"}:
            yield child("", name), member


def array_members(schema: Schema) -> Iterator[tuple[JsonPointer, Schema]]:
    """The arrays in a body, by pointer: the body itself, or members of it."""
    if types_of(schema) - _NULL == {"array"}:
        yield ROOT, schema
        return
    for name, member in schema.members():
        if types_of(member) - _NULL == {"array"}:
            yield child("", name), member


def called(schema: Schema) -> str:
    """A schema as a sentence names it: a component by its name."""
    path = tokens(schema.target.origin.pointer)
    return path[-1] if path[-2:-1] in (("schemas",), ("definitions",)) else "an object"


def find_key(schema: Schema, collection: Collection, linked: str | None = None) -> tuple[str, str] | None:
    """The member that the item's path parameter names, and how it was told; None when none is certain.

    ``{petId}`` of ``/pets`` names `petId`, `pet_id` or `id`; ``{id}`` names `id` or `petId`. Where two of them are
    there, one is somebody else's.
    """
    members = dict(schema.members())
    if linked in members:
        return linked, f"`{linked}` is what links send as {{{collection.key}}}"
    words = words_of(collection.name)
    last = tuple(map(singular, words[-1:]))
    stems = {(*words[:-1], *last), last, words_of(called(schema))} - {()}
    found = [name for name in members if _is_named(name, collection.key, stems)]
    return (found[0], f"`{found[0]}` is the {{{collection.key}}}") if len(found) == 1 else None


def _is_named(member: str, parameter: str, stems: Iterable[tuple[str, ...]]) -> bool:
    words, wanted = words_of(member), words_of(parameter)
    if member == parameter or words == wanted != ():
        return True
    return any((*stem, *words) == wanted or words == (*stem, *wanted) for stem in stems)


def _item_of_read(collection: Collection, read: Operation, bodies: tuple[Schema, ...], linked: str | None) -> Item:
    schema = bodies[0]
    if not all(is_same(schema, body) for body in bodies):
        raise Uncertain(f"{read.label} succeeds with more than one schema")
    found = find_key(schema, collection, linked)
    if found is not None:
        return Item(schema, found[0], f"{read.label} answers {called(schema)}, where {found[1]}")
    is_only = len(list(schema.members())) == 1
    inside = [
        (member, key)
        for _, member in object_members(schema)
        if (is_only or _is_elsewhere(member, collection)) and (key := find_key(member, collection, linked))
    ]
    if len(inside) != 1:
        raise Uncertain(f"{read.label} answers {called(schema)}, where no member is certainly the {{{collection.key}}}")
    member, inner = inside[0]
    return Item(member, inner[0], f"{read.label} answers {called(member)} in an envelope, where {inner[1]}")


def _is_elsewhere(schema: Schema, collection: Collection) -> bool:
    """Whether another operation on the collection or its items answers with the same schema, or an array of it."""
    for operation in collection.operations:
        for body in successes(operation) if operation is not collection.of_one.get("GET") else ():
            arrays = [items for _, array in array_members(body) if (items := array.find_items()) is not None]
            candidates = [body, *arrays, *(member for _, member in object_members(body))]
            if any(is_same(schema, candidate) for candidate in candidates):
                return True
    return False


def _item_of_list(collection: Collection, linked: str | None) -> Item:
    listed = collection.of_all.get("GET")
    bodies = successes(listed) if listed is not None else ()
    if listed is None or not bodies:
        raise Uncertain(f"neither {collection.item_path} nor {collection.path} has a GET that answers with JSON")
    found = [
        (items, key)
        for _, array in array_members(bodies[0])
        if (items := array.find_items()) is not None and (key := find_key(items, collection, linked))
    ]
    if len(found) != 1:
        raise Uncertain(f"the items of {listed.label} have no member that is certainly the {{{collection.key}}}")
    items, named = found[0]
    return Item(items, named[0], f"{listed.label} lists {called(items)}, where {named[1]}")


def _find_linked_key(collection: Collection, operations: Iterable[Operation]) -> str | None:
    """The member that links from the collection's answers send as the path parameter; None when they name no one."""
    names = {name for operation in collection.of_one.values() for name in (operation.id, operation.label) if name}
    found = {
        tokens(value.removeprefix("$response.body#"))[-1]
        for operation in operations
        if operation in collection.of_all.values()
        for response in operation.responses
        for link in response.links
        if link.operation in names
        for name, value in link.parameters.items()
        if name.removeprefix("path.") == collection.key and isinstance(value, str) and value.startswith(_BODY)
    }
    return found.pop() if len(found) == 1 else None


def _with_key_schema(collection: Collection, item: Item) -> Item:
    """The item, if a path can name its keys.

    Raises:
        Uncertain: It can't, or not all of them can be told to.
    """
    member = item.members[item.key]
    types = types_of(member)
    if types not in ({"string"}, {"integer"}):
        raise Uncertain(f"`{item.key}` of {called(item.schema)} is not just a string, or just an integer")
    schemas = [
        parameter.schema
        for operation in collection.of_one.values()
        for parameter in operation.parameters
        if (parameter.location, parameter.name) == (Location.PATH, collection.key) and parameter.schema is not None
    ]
    for schema in schemas:
        allowed = types_of(schema)
        is_text = allowed == {"string"} and schema.node.value.keys() <= {"type", "title", "description", "example"}
        if is_within(member, schema) or (types == {"integer"} and is_text):
            continue
        if not is_within(schema, member):
            raise Uncertain(
                f"`{item.key}` of {called(item.schema)} may be what no {{{collection.key}}} can be: {_short(member)}, "
                f"{_short(schema)}"
            )
        item = replace(item, key_schema=schema)
    return item


def _short(schema: Schema) -> str:
    types = "/".join(sorted(types_of(schema)))
    named = schema.target.node.get("format")
    return f"{types} ({named})" if isinstance(named, str) else types
