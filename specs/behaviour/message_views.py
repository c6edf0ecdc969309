"""How messages show a record, and what they bring of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from understudy.specs.behaviour.declarations import Taken
from understudy.specs.behaviour.inferred_facts import Uncertain
from understudy.specs.behaviour.item_schemas import ROOT, Item, called, object_members
from understudy.specs.media_types import Kind, kind
from understudy.specs.member_names import is_identity
from understudy.specs.model import MISSING, Direction, MediaType, Missing, Operation, Response
from understudy.specs.document import Json
from understudy.specs.pointers import JsonPointer, tokens
from understudy.specs.schema import Schema
from understudy.specs.schema_relations import is_read_only, is_same, is_within, is_write_only, types_of

__all__ = ["Answers", "Brought", "hidden_members", "is_item_like", "read_answers", "read_body"]

_SCALARS = frozenset({"boolean", "integer", "number", "string", "null"})


@final
@dataclass(frozen=True, slots=True)
class Answers:
    """How an operation's successes show a record.

    Attributes:
        pointer: Where in the body it lies.
        shows: The members that they certainly show as the record has them; empty when they show no record.
        is_whole: Whether they show it under its own schema.
    """

    pointer: JsonPointer
    shows: frozenset[str]
    is_whole: bool


@final
@dataclass(frozen=True, slots=True)
class Brought:
    """What an operation's request body says of a record.

    Attributes:
        pointer: Where in the body it lies; None when the body says nothing of it.
        schema: What lies there; None likewise.
        takes: The members that become the record's.
        same: Those whose schema is as narrow as the record's, so that they certainly read back as sent.
    """

    pointer: JsonPointer | None
    schema: Schema | None
    takes: Mapping[str, Taken]
    same: tuple[str, ...]


def is_item_like(schema: Schema, item: Item) -> bool:
    """Whether an object shows a record: it has the record's schema, or its key and, unless that is an id, more of it."""
    if is_same(schema, item.schema):
        return True
    members = dict(schema.members())
    if item.key not in members or not types_of(members[item.key]) & types_of(item.members[item.key]):
        return False
    others = (name for name in members if name in item.members and name != item.key)
    return is_identity(item.key) or any(is_within(item.members[name], members[name]) for name in others)


def hidden_members(schema: Schema, item: Item) -> frozenset[str]:
    """The members that a message may mean something else by than the record does."""
    if is_same(schema, item.schema):
        return frozenset(name for name, member in item.members.items() if is_write_only(member))
    return frozenset(
        name
        for name, member in schema.members()
        if name in item.members and (is_write_only(member) or not is_within(item.members[name], member))
    )


def read_answers(operation: Operation, item: Item) -> Answers:
    """How the successes of an operation on one record show it.

    Raises:
        Uncertain: They show it in different places, or piece by piece.
    """
    media_types = list(_media_types(operation))
    if any(media_type.item_schema is not None for _, media_type in media_types):
        raise Uncertain(f"{operation.label} answers piece by piece")
    schemas = [media_type.schema for _, media_type in media_types if media_type.schema is not None]
    views = {id(schema): _find_view(schema, item) for schema in schemas}
    found = [view for view in views.values() if view is not None]
    if len({pointer for pointer, _ in found}) > 1:
        raise Uncertain(f"{operation.label} shows {called(item.schema)} in different places")
    if not found:
        return Answers(ROOT, frozenset(), is_whole=False)
    pointer = found[0][0]
    hidden: set[str] = set()
    for schema in schemas:
        view = views[id(schema)]
        if view is not None:
            hidden |= hidden_members(view[1], item)
        else:
            hidden |= {name for name, _ in _at(schema, pointer)}
    return Answers(pointer, frozenset(item.members) - hidden, all(is_same(view, item.schema) for _, view in found))


def read_body(operation: Operation, item: Item, *, with_key: bool, checked: bool) -> Brought:
    """What an operation's request body says of a record.

    Args:
        with_key: Whether it may name the record.
        checked: Whether every value is to be checked, even one that its schema keeps right.

    Raises:
        Uncertain: The body isn't an object.
    """
    content = operation.request_body.content if operation.request_body is not None else ()
    schemas = [media_type.schema for media_type in content if media_type.schema is not None and _is_object(media_type)]
    if not schemas:
        if any(kind(media_type.name) is Kind.JSON for media_type in content):
            raise Uncertain(f"{operation.label} takes JSON that is not just an object")
        return Brought(None, None, {}, ())
    if len(schemas) < sum(kind(media_type.name) is Kind.JSON for media_type in content):
        raise Uncertain(f"{operation.label} takes JSON that is not just an object")
    schema, *others = schemas
    checked = checked or not all(is_same(schema, other) for other in others)
    pointer: JsonPointer = ROOT
    if not any(name in item.members for name, _ in schema.members()):
        inside = list(object_members(schema))
        if len(inside) == 1 and any(name in item.members for name, _ in inside[0][1].members()):
            pointer, schema = inside[0]
    takes, same = {}, []
    for name, sent in schema.members():
        member = item.members.get(name)
        if member is None or (name == item.key and not with_key):
            continue
        if is_read_only(sent) or is_read_only(member) or is_write_only(member):
            continue
        if not types_of(sent) & types_of(member) - {"null"}:
            continue
        certain = is_within(sent, member)
        if certain:
            same.append(name)
        schema_of_value = None if certain and not checked and types_of(member) <= _SCALARS else member
        takes[name] = Taken(schema_of_value, name not in item.required, _default(sent, member))
    return Brought(pointer, schema, takes, tuple(same))


def _find_view(schema: Schema, item: Item) -> tuple[JsonPointer, Schema] | None:
    """Where a body shows a record, and with which schema; None where it doesn't, or in more than one place."""
    if is_same(schema, item.schema):
        return ROOT, schema
    inside = list(object_members(schema))
    whole = [(pointer, member) for pointer, member in inside if is_same(member, item.schema)]
    direct = is_item_like(schema, item)
    if direct or whole:
        return (ROOT, schema) if not whole else whole[0] if len(whole) == 1 and not direct else None
    alone = inside if len(list(schema.members())) == 1 else []
    return next(((pointer, member) for pointer, member in alone if is_item_like(member, item)), None)


def _at(schema: Schema, pointer: JsonPointer) -> Iterator[tuple[str, Schema]]:
    for token in tokens(pointer):
        found = dict(schema.members()).get(token)
        if found is None:
            return
        schema = found
    yield from schema.members()


def _media_types(operation: Operation) -> Iterator[tuple[Response, MediaType]]:
    for response in operation.responses:
        if response.is_success:
            for media_type in response.content:
                yield response, media_type


def _is_object(media_type: MediaType) -> bool:
    is_read = kind(media_type.name) in (Kind.JSON, Kind.FORM, Kind.MULTIPART)
    return is_read and media_type.schema is not None and types_of(media_type.schema) == {"object"}


def _default(sent: Schema, member: Schema) -> Json | Missing:
    """What a member is that isn't sent; MISSING where nothing is said, or what is said can't be shown."""
    for schema in (sent, sent.target, member, member.target):
        if isinstance(schema.node.value, dict) and "default" in schema.node.value:
            value = schema.node.get("default")
            return value if member.validator(Direction.RESPONSE).is_valid(value) else MISSING
    return MISSING
