"""What a mock holds where behaviour is only inferred: a few records from the start, and whatever else is asked for.

The document's examples come first, then values made up by seed, resource, scope and key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, final, overload

from understudy.mockserver.settings import Bodies
from understudy.mockserver.stores.texts import check_text, written_members
from understudy.specs.behaviour.declarations import Resource, Verb
from understudy.specs.behaviour.scenes import key_text
from understudy.specs.errors import GenerationError
from understudy.specs.model import MISSING, Api, Direction, Operation
from understudy.specs.pointers import JsonPointer, tokens
from understudy.specs.wire.malformed import UncarriableValue

if TYPE_CHECKING:
    from understudy.mockserver.answers.concretion import Maker
    from understudy.specs.behaviour.state import Scope
    from understudy.specs.documents.document import Json

__all__ = ["Assumptions"]

START: Final = 3
"""Records made up where no list has an example."""
MAX_START: Final = 5
"""Of an example with more: what is created should come on the first page."""


@final
class Assumptions:
    """The records of a document whose behaviour is inferred."""

    def __init__(self, api: Api, maker: Maker, bodies: Bodies) -> None:
        self._maker = maker
        self._operations = api.operations if bodies is Bodies.EXAMPLES else ()
        self._examples: dict[str, tuple[dict[str, Json], ...]] = {}

    def resources(self, api: Api) -> list[Resource]:
        """The document's resources with the records that are there from the start; made when first asked for."""
        return [replace(each, seed=_Later(partial(self.start, each))) for each in api.resources.values()]

    def start(self, resource: Resource) -> tuple[dict[str, Json], ...]:
        """The records that are there from the start: those of a list's example, else three."""
        found = {_key(resource, each): each for each in self._shown(resource, Verb.LIST)}
        if not found:
            found = {_key(resource, each): each for each in self._shown(resource, Verb.READ)}
            for number in range(1, START + 1):
                made = self._made(resource, ("start",), number)
                if len(found) < START and made and _is_valid(resource, made):
                    found.setdefault(_key(resource, made), made)
        return tuple(found.values())[:MAX_START]

    def assume(self, resource: Resource, scope: Scope, key: Json) -> dict[str, Json]:
        """The members of a record that nobody made."""
        shown = next(iter(self._shown(resource, Verb.READ)), None)
        if shown is None:
            shown = self._made(resource, ("assumed", *scope, key_text(key)), 1)
        return _with_key(resource, shown, key)

    def _shown(self, resource: Resource, verb: Verb) -> tuple[dict[str, Json], ...]:
        """The records in the examples of the operations that read or list them."""
        name = f"{resource.name}/{verb.value}"
        if name not in self._examples:
            mine = [
                (each, each.action.items or JsonPointer(""))
                for each in self._operations
                if each.action is not None and each.action.resource.name == resource.name and each.action.verb is verb
            ]
            values = (item for each, items in mine for value in _examples(each) for item in _records(value, items))
            self._examples[name] = tuple(self._whole(resource, values))
        return self._examples[name]

    def _whole(self, resource: Resource, shown: Iterable[Json]) -> Iterator[dict[str, Json]]:
        """Records that are whole and valid: what an example leaves out is made up, if it has to be there."""
        for members in shown:
            if not isinstance(members, dict) or members.get(resource.key) is None:
                continue
            if not _is_valid(resource, members):
                members = {**self._made(resource, ("example", key_text(members[resource.key])), 1), **members}
            if _is_valid(resource, members):
                yield members

    def _made(self, resource: Resource, scope: Scope, ordinal: int) -> dict[str, Json]:
        """A whole record that is made up; empty where none can be."""
        try:
            return self._maker.whole(resource, scope, ordinal) or {}
        except GenerationError:
            return {}


def _examples(operation: Operation) -> Iterator[Json]:
    for response in operation.responses:
        for media_type in response.content if response.is_success else ():
            for example in media_type.examples:
                if example.value is not MISSING and example.serialized is None:
                    yield example.value


def _records(value: Json, items: JsonPointer) -> list[Json]:
    for token in tokens(items):
        value = value.get(token) if isinstance(value, Mapping) else None
    return value if isinstance(value, list) else [value]


def _with_key(resource: Resource, members: Mapping[str, Json], key: Json) -> dict[str, Json]:
    """The members under another key, as far as the schema allows: as it is, or as the number that it is written as."""
    forms = [key, int(key)] if isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 16 else [key]
    for form in forms:
        found = {**members, resource.key: form}
        if _is_valid(resource, found):
            return found
    return dict(members)


def _is_valid(resource: Resource, members: Mapping[str, Json]) -> bool:
    try:
        written_members(members)
        check_text(_key(resource, members))
    except UncarriableValue:
        return False
    return resource.schema is None or resource.schema.validator(Direction.RESPONSE).is_valid(dict(members))


def _key(resource: Resource, members: Mapping[str, Json]) -> str:
    return key_text(members[resource.key])


@final
class _Later(Sequence[Mapping[str, "Json"]]):
    """Records that are made when somebody looks at them."""

    def __init__(self, make: Callable[[], tuple[dict[str, Json], ...]]) -> None:
        self._make = make
        self._made: tuple[dict[str, Json], ...] | None = None

    def _records(self) -> tuple[dict[str, Json], ...]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __len__(self) -> int:
        return len(self._records())

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Json]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Json]]: ...

    def __getitem__(self, index: int | slice) -> Mapping[str, Json] | Sequence[Mapping[str, Json]]:
        return self._records()[index]
