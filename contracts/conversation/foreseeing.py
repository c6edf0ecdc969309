"""What a move would make, before it is sent; and moves whose records end soon, or come to another end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from understudy.contracts.conversation.knowledge import Knowledge, actions_of
from understudy.contracts.conversation.moves import Move, put_at
from understudy.contracts.conversation.names import read_names
from understudy.contracts.conversation.values import moment_of
from understudy.contracts.conversation.worlds import TooMany
from understudy.contracts.requests.composer import Uncomposable
from understudy.contracts.requests.reading import RequestReader
from understudy.specs.behaviour import step
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.state import Put
from understudy.specs.behaviour.values import ValueFailed, rfc3339
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, Location

__all__ = ["LIFETIMES", "foresee", "lifetime", "with_lifetimes"]

LIFETIMES: Final = (6, 8, 5, 10, 15, 30, 60, 4, 3, 2, 1)
"""Seconds, the dearest first: short, but long enough to be looked at well before the end."""


def foresee(move: Move, known: Knowledge, now: datetime) -> Mapping[str, Json] | None:
    """The members of the record that a move would make, as far as the request and the document tell them; None where
    it would make none."""
    operation = move.operation
    assert operation.action is not None
    try:
        case = move.write(known.made)
        request = RequestReader(operation).decode(case) if case is not None else None
        if request is None:
            return None
        names = read_names(operation, request, now, known)
        outcomes = step(names.snapshot, operation, request, now)
    except (Uncomposable, TooMany, ValueFailed):
        return None
    effects = outcomes[0].effects if outcomes else ()
    return next((each.members for each in effects if isinstance(each, Put)), None)


def lifetime(move: Move, resource: Resource, known: Knowledge, now: datetime) -> float | None:
    """How many seconds the record would last that a move makes; None where it doesn't end, or nothing tells."""
    members = foresee(move, known, now)
    end = moment_of(members.get(resource.expires)) if members is not None and resource.expires else None
    return (end - now).total_seconds() if end is not None else None


def with_lifetimes(move: Move, resource: Resource, now: datetime) -> Iterator[Move]:
    """The move, and the same with short times wherever the request may say how long the record lasts."""
    yield move
    source = _source_of_end(move, resource)
    for seconds in LIFETIMES:
        soon = rfc3339(now + timedelta(seconds=seconds))
        for value in (seconds, f"{seconds}s", f"PT{seconds}S", soon):
            yield from _with_value(move, source, value)


def _with_value(move: Move, source: str, value: Json) -> Iterator[Move]:
    schema = move.media_type.schema if move.media_type is not None else None
    if schema is not None and isinstance(move.body, Mapping):
        for name in schema.member_names():
            body = put_at(move.body, f"/{name}", value)
            if name in source and schema.validator(Direction.REQUEST).is_valid(body):
                yield move.with_body(body)
    for parameter in move.operation.parameters:
        place = (parameter.location, parameter.name)
        is_meant = parameter.location is not Location.PATH and parameter.name.lower() in source.lower()
        schema = parameter.schema if is_meant else None
        if schema is not None and schema.validator(Direction.REQUEST).is_valid(value):
            yield move.with_values({**move.values, place: value})


def _source_of_end(move: Move, resource: Resource) -> str:
    """How the document says when a record ends that a move makes; the member's own name where a request brings it."""
    assert move.operation.action is not None
    assert resource.expires is not None
    found = [resource.expires]
    if resource.expires in resource.defaults:
        found.append(str(resource.defaults[resource.expires].source))
    for action in actions_of(move.operation.action):
        if action.resource.name == resource.name and resource.expires in action.set:
            found.append(str(action.set[resource.expires].source))
        found += [name for name, member in action.rename.items() if member == resource.expires]
    return " ".join(found)
