"""Fill the free parts of an answer: what a mock does where a tester observes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, final

from understudy.specs.behaviour.declarations import Action, Resource
from understudy.specs.behaviour.expectation import Expectation, Free, Items, Joined, Known, Members, Shown
from understudy.specs.behaviour.state import Scope
from understudy.specs.behaviour.step import creates
from understudy.specs.documents.document import Json
from understudy.specs.generation.generator import Generator
from understudy.specs.model import MISSING, Direction, Operation
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["Maker"]

_PROSE: Final = Generator({"type": "string", "minLength": 24, "maxLength": 240}, name="content")
_KEY_LENGTH: Final = 16
"""Characters of a key that may be any text."""
_SAMPLES: Final = frozenset({"examples", "example", "default"})


@final
class Maker:
    """Makes what a server is free to choose; everything is a function of the seed and of what it is made for.

    Args:
        seed: Text that all values depend on.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._new: dict[Operation, _NewRecord] = {}
        self._keys: dict[str, _Keys] = {}

    def text(self, request_key: str) -> str:
        """The prose of an answer, for the digest of a request."""
        return str(_PROSE.generate(f"{self._seed}/text/{request_key}"))

    def given(self, operation: Operation, scope: Scope, ordinal: int) -> Mapping[str, Json]:
        """What the server chooses for the record that a request may make: no member that the client could send."""
        if operation.action is None or not creates(operation):
            return {}
        new = self._new.get(operation)
        if new is None:
            new = self._new[operation] = _new_record(operation, operation.action)
        key = self._key(operation.action.resource, scope, ordinal)
        drawn: Json = new.schema.generator(Direction.RESPONSE).generate(key) if new.schema is not None else {}
        rename = operation.action.rename
        members = {rename.get(name, name): value for name, value in drawn.items()} if isinstance(drawn, dict) else {}
        record = {name: value for name, value in members.items() if name not in new.sendable}
        if new.key is not None:
            record[operation.action.resource.key] = new.key.draw(key, ordinal)
        return record

    def whole(self, resource: Resource, scope: Scope, ordinal: int) -> dict[str, Json] | None:
        """A whole record, its key among its members; None where nothing says what one looks like.

        Raises:
            GenerationError: None could be made.
        """
        if resource.schema is None:
            return None
        drawn = resource.schema.generator(Direction.RESPONSE).generate(self._key(resource, scope, ordinal))
        if not isinstance(drawn, dict):
            return None
        keys = self._keys.get(resource.name)
        if keys is None:
            keys = self._keys[resource.name] = _keys_of(resource.key, resource.key, resource.schema)
        return {**drawn, resource.key: keys.draw(self._key(resource, scope, ordinal), ordinal)}

    def body(self, expectation: Expectation, base: Json) -> Json:
        """A body that fits an expectation; what is free is taken from ``base``."""
        match expectation:
            case Known(value):
                return value
            case Free() | Shown() | Joined():
                return None if base is MISSING else base
            case Items():
                return self._items(expectation, base)
            case Members():
                return self._members(expectation, base)

    def _members(self, members: Members, base: Json) -> Json:
        if members.about and members.schema is not None:
            # What a record doesn't say is the same whenever it is shown, and only there when it has to be.
            base = self._missing_members(members.schema, members)
        out = dict(base) if isinstance(base, Mapping) else {}
        for name, expectation in members.members.items():
            out[name] = self.body(expectation, out.get(name))
        return out

    def _missing_members(self, schema: Schema, members: Members) -> dict[str, Json]:
        must = schema.required() - members.members.keys()
        if not must:
            return {}
        drawn = schema.generator(Direction.RESPONSE).generate("/".join((self._seed, *members.about)))
        return {name: value for name, value in drawn.items() if name in must} if isinstance(drawn, dict) else {}

    def _items(self, items: Items, base: Json) -> Json:
        bases = base if isinstance(base, list) and base else [None]
        return [self.body(item, bases[index % len(bases)]) for index, item in enumerate(items.items)]

    def _key(self, resource: Resource, scope: Scope, ordinal: int) -> str:
        return "/".join((self._seed, resource.name, *scope, str(ordinal)))


@final
@dataclass(frozen=True, slots=True)
class _Keys:
    """What keys that the server gives look like.

    Attributes:
        are_ordinals: Whether they are the numbers of the records.
        generator: Makes those that must have a form; None where any text will do.
    """

    are_ordinals: bool = False
    generator: Generator | None = None

    def draw(self, key: str, ordinal: int) -> Json:
        """One that no other record has: the ordinal where it is a number, else one drawn without examples."""
        if self.are_ordinals:
            return ordinal
        if self.generator is not None:
            return self.generator.generate(key)
        return blake2b(key.encode(), digest_size=_KEY_LENGTH // 2).hexdigest()


@final
@dataclass(frozen=True, slots=True)
class _NewRecord:
    """What the server chooses for the records that an operation makes.

    Attributes:
        schema: What its members are drawn from; None where it chooses none but the key.
        sendable: The record's members that the request may bring, its key excepted.
        key: None where the request names it.
    """

    schema: Schema | None
    sendable: frozenset[str]
    key: _Keys | None


def _new_record(operation: Operation, action: Action) -> _NewRecord:
    resource = action.resource
    schema = action.schema or resource.schema or _shown_schema(operation)
    sendable = frozenset(action.rename.get(name, name) for name in _sendable(operation))
    # Where the client may name it in the body, this one is used by those who don't.
    gives_key = not resource.singleton and (action.key is not None) is (resource.key in sendable)
    shown = next((name for name, member in action.rename.items() if member == resource.key), resource.key)
    key = _keys_of(shown, resource.key, schema) if gives_key else None
    if schema is not None:
        names = {action.rename.get(name, name) for name in (*schema.member_names(), *schema.required())}
        schema = schema if names - sendable - ({resource.key} if gives_key else set()) else None
    return _NewRecord(schema, sendable - {resource.key}, key)


def _keys_of(name: str, own: str, schema: Schema | None) -> _Keys:
    """What the keys of a schema's records look like.

    Args:
        name: What the schema calls the key.
        own: What the record calls it, which the schema may do, too.
    """
    described = dict(schema.members()) if schema is not None else {}
    found = described.get(name, described.get(own))
    form = found.target.standalone(Direction.RESPONSE) if found is not None else {}
    if isinstance(form, dict):
        form = {keyword: value for keyword, value in form.items() if keyword not in _SAMPLES}
        if form.get("type") in ("integer", ["integer"]):
            return _Keys(are_ordinals=True)
        fits = form.get("minLength", 0) <= _KEY_LENGTH <= form.get("maxLength", _KEY_LENGTH)
        if form.get("format") or form.get("pattern") or "$ref" in form or not fits:
            return _Keys(generator=Generator(form, name=name))
    return _Keys()


def _shown_schema(operation: Operation) -> Schema | None:
    """The schema of the first JSON success."""
    for response in operation.responses:
        if response.is_success:
            for media_type in response.content:
                if kind(media_type.name) is Kind.JSON and media_type.schema is not None:
                    return media_type.schema
    return None


def _sendable(operation: Operation) -> frozenset[str]:
    """The members that a request body may bring; one that is `readOnly` is the server's."""
    content = operation.request_body.content if operation.request_body is not None else ()
    return frozenset(
        name
        for each in content
        if each.schema is not None
        for name, member in each.schema.members()
        if not any(
            isinstance(schema.raw, dict) and schema.raw.get("readOnly") is True for schema in (member, member.target)
        )
    )
