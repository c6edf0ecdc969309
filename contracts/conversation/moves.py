"""A conversation before it is held: moves, in which a record is referred to by the move that made it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, final

from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.conversation.knowledge import Made
from understudy.contracts.requests.composer import Composer, Draft
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.values import Value
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Location, MediaType, Missing, Operation
from understudy.specs.pointers import tokens

__all__ = ["Move", "Slot", "put_at", "scope_slots", "slot_of", "without_at"]

_PARAMETER: Final = re.compile(r"\$request\.(path|query|header)\.([^{}]+)")
_BODY: Final = re.compile(r"\$request\.body#(/[^{}]+)")


@final
@dataclass(frozen=True, slots=True)
class Slot:
    """Where a request names something: a parameter, or a pointer into the body where the location is None."""

    location: Location | None
    name: str


@final
@dataclass(frozen=True, slots=True)
class Move:
    """One request of a conversation.

    Attributes:
        number: By which later moves refer to the record that it makes.
        caller: Which credentials it is sent with; 0 are the user's own.
        values: Parameters by location and name.
        refs: Where the key of a record goes, and the number of the move that made it.
        nobodys: Keys in it that no record has.
        drawn: Keys in it that were drawn at random for what it makes.
        after: A move's number, and how many seconds after the answer to that one it is sent at the earliest.
    """

    number: int
    operation: Operation
    caller: int
    values: Mapping[tuple[Location, str], Json]
    media_type: MediaType | None = None
    body: Json | Missing = MISSING
    refs: tuple[tuple[Slot, int], ...] = ()
    nobodys: tuple[str, ...] = ()
    after: tuple[int, float] | None = None
    note: str = ""
    drawn: tuple[str, ...] = ()
    _composers: dict[str, Composer] = field(default_factory=dict, compare=False, repr=False)

    def write(self, made: Mapping[int, Made]) -> Case | None:
        """The request, without credentials; None where a record that it refers to wasn't made.

        Raises:
            Uncomposable: A value has no written form.
        """
        values, body = dict(self.values), self.body
        for slot, number in self.refs:
            if number not in made:
                return None
            value = made[number].value
            if slot.location is None:
                body = put_at(body, slot.name, value)
            else:
                values[slot.location, slot.name] = value
        draft = Draft(values, self.media_type, body, note=self.note)
        composer = self._composers.setdefault(self.operation.label, Composer(self.operation, ""))
        return composer.write(draft, Mode.POSITIVE, Phase.CONVERSATION)

    def with_body(self, body: Json | Missing) -> Move:
        """The same move with another body; what it refers to stays in it."""
        return replace(self, body=body)

    def with_values(self, values: Mapping[tuple[Location, str], Json]) -> Move:
        """The same move with other parameters."""
        return replace(self, values=values)


def slot_of(value: Value | None) -> Slot | None:
    """Where a request has the value of a declaration; None where it is computed or constant."""
    source = value.source if value is not None else None
    if not isinstance(source, str):
        return None
    parameter = _PARAMETER.fullmatch(source)
    if parameter is not None:
        return Slot(Location(parameter.group(1)), parameter.group(2))
    body = _BODY.fullmatch(source)
    return Slot(None, body.group(1)) if body is not None else None


def scope_slots(resource: Resource) -> Iterator[tuple[Slot | None, Resource | None]]:
    """For each value of a scope: where requests have it, and whose key it is; None for a tenant's."""
    if resource.parent is not None:
        yield from scope_slots(resource.parent.resource)
        yield slot_of(resource.parent.key), resource.parent.resource
    for value in resource.scope:
        yield slot_of(value), None


def put_at(body: Json | Missing, pointer: str, value: Json) -> Json:
    """The body with a value at a pointer; objects on the way are made."""
    token, *rest = tokens(pointer)
    old = body if isinstance(body, Mapping) else {}
    inner = value if not rest else put_at(old.get(token, MISSING), "/" + "/".join(rest), value)
    return {**old, token: inner}


def without_at(body: Json | Missing, pointer: str) -> Json | Missing:
    """The body without what lies at a pointer."""
    token, *rest = tokens(pointer)
    if not isinstance(body, Mapping) or token not in body:
        return body
    if not rest:
        return {name: item for name, item in body.items() if name != token}
    return {**body, token: without_at(body[token], "/" + "/".join(rest))}
