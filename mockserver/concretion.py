"""Fill the free parts of an answer: what a mock does where a tester observes."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final, final

from understudy.specs.behaviour.declarations import Resource
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

    def text(self, request_key: str) -> str:
        """The prose of an answer, for the digest of a request."""
        return str(_PROSE.generate(f"{self._seed}/text/{request_key}"))

    def given(self, operation: Operation, scope: Scope, ordinal: int) -> Mapping[str, Json]:
        """What the server chooses for the record that a request may make: no member that the client could send."""
        if operation.action is None or not creates(operation):
            return {}
        action = operation.action
        resource = action.resource
        schema = action.schema or resource.schema or _shown_schema(operation)
        drawn: Json = (
            schema.generator(Direction.RESPONSE).generate(self._key(resource, scope, ordinal)) if schema else {}
        )
        members = drawn if isinstance(drawn, dict) else {}
        members = {action.rename.get(name, name): value for name, value in members.items()}
        sendable = {action.rename.get(name, name) for name in _sendable(operation)}
        record = {name: value for name, value in members.items() if name not in sendable or name == resource.key}
        # Where the client may name it in the body, this one is used by those who don't.
        if not resource.singleton and (action.key is not None) is (resource.key in sendable):
            record[resource.key] = self._new_key(action.rename, resource, schema, scope, ordinal)
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
        return {**drawn, resource.key: self._new_key({}, resource, resource.schema, scope, ordinal)}

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
            must = members.schema.required() - members.members.keys()
            key = "/".join((self._seed, *members.about))
            drawn = members.schema.generator(Direction.RESPONSE).generate(key) if must else {}
            base = {name: value for name, value in drawn.items() if name in must} if isinstance(drawn, dict) else {}
        out = dict(base) if isinstance(base, Mapping) else {}
        for name, expectation in members.members.items():
            out[name] = self.body(expectation, out.get(name))
        return out

    def _items(self, items: Items, base: Json) -> Json:
        bases = base if isinstance(base, list) and base else [None]
        return [self.body(item, bases[index % len(bases)]) for index, item in enumerate(items.items)]

    def _key(self, resource: Resource, scope: Scope, ordinal: int) -> str:
        return "/".join((self._seed, resource.name, *scope, str(ordinal)))

    def _new_key(
        self, rename: Mapping[str, str], resource: Resource, schema: Schema | None, scope: Scope, ordinal: int
    ) -> Json:
        """A key that no other record has: the ordinal where it is a number, else one drawn without examples."""
        shown = next((name for name, member in rename.items() if member == resource.key), resource.key)
        described = dict(schema.members()) if schema is not None else {}
        found = described.get(shown, described.get(resource.key))
        key = self._key(resource, scope, ordinal)
        form = found.target.standalone(Direction.RESPONSE) if found is not None else {}
        if isinstance(form, dict):
            form = {name: value for name, value in form.items() if name not in _SAMPLES}
            types = form.get("type")
            if types == "integer" or types == ["integer"]:
                return ordinal
            fits = form.get("minLength", 0) <= _KEY_LENGTH <= form.get("maxLength", _KEY_LENGTH)
            if form.get("format") or form.get("pattern") or "$ref" in form or not fits:
                return Generator(form, name=shown).generate(key)
        return blake2b(key.encode(), digest_size=_KEY_LENGTH // 2).hexdigest()


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
