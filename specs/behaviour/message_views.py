"""How messages show a record, and what they bring of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from understudy.specs.behaviour.declarations import Taken
from understudy.specs.behaviour.inferred_facts import Evidence, Fact, Uncertain
from understudy.specs.behaviour.item_schemas import ROOT, Item, called, object_members
from understudy.specs.documents.document import Json
from understudy.specs.member_names import is_identity, words_of
from understudy.specs.model import MISSING, Direction, MediaType, Missing, Operation
from understudy.specs.pointers import JsonPointer, tokens
from understudy.specs.schemas.object_schemas import alternatives, find_default, is_read_only, is_write_only
from understudy.specs.schemas.relations import is_same, is_within, types_of
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["Answers", "Brought", "hidden_members", "is_item_like", "of_members", "read_answers", "read_body"]

_SCALARS: Final = frozenset({"boolean", "integer", "number", "string", "null"})
_REWRITTEN: Final = frozenset({"date-time", "time", "duration", "password"})
"""Formats of values that a healthy server may write otherwise than they were sent, or not at all."""


_SECRETS: Final = frozenset({"key", "password", "secret", "token", "value"})
"""Words of names whose values may be masked."""


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
        ways: The members that it may have there, by name; one entry for each way in which it may be written.
        takes: The members that become the record's.
        same: Those that certainly read back as sent.
    """

    pointer: JsonPointer | None
    schema: Schema | None
    ways: tuple[Mapping[str, Schema], ...]
    takes: Mapping[str, Taken]
    same: tuple[str, ...]

    @property
    def required(self) -> frozenset[str]:
        """The members that have to be sent."""
        return self.schema.required() if self.schema is not None else frozenset()

    def is_about(self, item: Item) -> bool:
        """Whether most of what can be sent, in each way of writing it, are members of the record."""
        for way in self.ways:
            names = [name for name, schema in way.items() if name != item.key and not is_write_only(schema)]
            if names and 2 * sum(name in item.members for name in names) <= len(names):
                return False
        return True


def is_item_like(schema: Schema, item: Item) -> bool:
    """Whether an object shows a record: it has its schema, or its key and, unless that is an id, more of it."""
    if is_same(schema, item.schema):
        return True
    members = dict(schema.members())
    if item.key not in members or not types_of(members[item.key]) & types_of(item.members[item.key]):
        return False
    others = (name for name in members if name in item.members and name != item.key)
    return is_identity(item.key) or any(is_within(item.members[name], members[name]) for name in others)


def hidden_members(schema: Schema, item: Item) -> frozenset[str]:
    """The members that a message may mean something else by than the record does."""
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
    media_types = [each for response in operation.responses if response.is_success for each in response.content]
    if any(media_type.item_schema is not None for media_type in media_types):
        raise Uncertain(f"{operation.label} answers piece by piece")
    views = {each.schema: _find_view(each.schema, item) for each in media_types if each.schema is not None}
    found = [view for view in views.values() if view is not None]
    if not found:
        return Answers(ROOT, frozenset(), is_whole=False)
    pointer = found[0][0]
    if any(view[0] != pointer for view in found):
        raise Uncertain(f"{operation.label} shows {called(item.schema)} in different places")
    hidden: set[str] = set()
    for schema, view in views.items():
        hidden |= hidden_members(view[1], item) if view is not None else {name for name, _ in _below(schema, pointer)}
    is_whole = all(is_same(view[1], item.schema) for view in found)
    return Answers(pointer, frozenset(item.members) - hidden, is_whole)


def read_body(operation: Operation, item: Item, *, with_key: bool, checked: bool) -> Brought:
    """What an operation's request body says of a record.

    Args:
        with_key: Whether it may name the record.
        checked: Whether every value is to be checked, even one that its schema keeps right.

    Raises:
        Uncertain: It may be JSON that is no object.
    """
    content = operation.request_body.content if operation.request_body is not None else ()
    schemas = [each.schema for each in content if each.schema is not None and _is_object(each)]
    if len(schemas) < sum(kind(media_type.name) in (Kind.JSON, Kind.JSON_LINES) for media_type in content):
        raise Uncertain(f"{operation.label} takes JSON that need not be one object")
    if not schemas:
        return Brought(None, None, (), {}, ())
    schema, *others = schemas
    pointer = ROOT
    inside = list(object_members(schema))
    if len(inside) == 1 and not _knows(schema, item) and _knows(inside[0][1], item):
        pointer, schema = inside[0]
    ways = alternatives(schema)
    takes, same = dict[str, Taken](), list[str]()
    for name, sent in (each for way in ways for each in way.items()):
        member = item.members.get(name)
        if name in takes or member is None or not _is_writable(sent, member) or (name == item.key and not with_key):
            continue
        is_certain = is_within(sent, member)
        # In a schema that requests and answers share, what is optional may be the server's.
        is_clients = not is_same(schema, item.schema) or name in item.required
        if is_certain and is_clients and _reads_back(name, member) and len(ways) == 1:
            same.append(name)
        is_free = is_certain and not checked and not others and len(ways) == 1 and types_of(member) <= _SCALARS
        takes[name] = Taken(None if is_free else member, name not in item.required, _default(sent, member))
    return Brought(pointer, schema, ways, takes, tuple(same))


def of_members(operation: Operation, brought: Brought) -> Iterator[Evidence]:
    """What is known of the members that a body brings."""
    if brought.same:
        text = f"one schema in the request and the record, so that it reads back as sent: {_list(brought.same)}"
        yield Evidence(operation.label, Fact.READ_BACK, text, brought.same)
    others = tuple(name for name in brought.takes if name not in brought.same)
    if others:
        text = f"the record's as well, as far as its schema allows the value: {_list(others)}"
        yield Evidence(operation.label, Fact.TAKEN, text, others)


def _find_view(schema: Schema, item: Item) -> tuple[JsonPointer, Schema] | None:
    """Where a body shows a record, and under which schema; None where it doesn't, or in more than one place."""
    if is_same(schema, item.schema):
        return ROOT, schema
    inside = list(object_members(schema))
    whole = [(pointer, member) for pointer, member in inside if is_same(member, item.schema)]
    found = [(ROOT, schema), *whole] if is_item_like(schema, item) else whole
    if not found and len(list(schema.members())) == 1:
        found = [(pointer, member) for pointer, member in inside if is_item_like(member, item)]
    return found[0] if len(found) == 1 else None


def _below(schema: Schema, pointer: JsonPointer) -> Iterator[tuple[str, Schema]]:
    """The members of what lies at a pointer."""
    for token in tokens(pointer):
        found = dict(schema.members()).get(token)
        if found is None:
            return
        schema = found
    yield from schema.members()


def _is_object(media_type: MediaType) -> bool:
    is_read = kind(media_type.name) in (Kind.JSON, Kind.FORM, Kind.MULTIPART)
    return is_read and media_type.schema is not None and types_of(media_type.schema) == {"object"}


def _knows(schema: Schema, item: Item) -> bool:
    return any(name in item.members for name, _ in schema.members())


def _is_writable(sent: Schema, member: Schema) -> bool:
    """Whether what is sent may become the record's; a schema of its own may send what is `readOnly` there."""
    if is_read_only(sent) or is_write_only(member):
        return False
    return bool(types_of(sent) & types_of(member) - {"null"})


def _reads_back(name: str, member: Schema) -> bool:
    """Whether no healthy server answers with anything else than what was sent, if it shows the member."""
    if is_read_only(member) or _SECRETS & set(words_of(name)):
        return False
    items = member.find_items()
    flat = types_of(member) | (types_of(items) if items is not None else frozenset())
    return flat - {"array"} <= _SCALARS and member.target.node.get("format") not in _REWRITTEN


def _default(sent: Schema, member: Schema) -> Json | Missing:
    """What a member is that isn't sent; MISSING where nothing is said, or what is said can't be shown."""
    value = find_default(sent)
    value = find_default(member) if value is MISSING else value
    return value if value is MISSING or member.validator(Direction.RESPONSE).is_valid(value) else MISSING


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
