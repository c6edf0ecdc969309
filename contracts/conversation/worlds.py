"""What a request may lead to, for somebody who doesn't know everything: the model's outcomes in every world that fits.

Where it isn't known whether a record is there, or whether it has ended, both worlds are tried. The time that a server
writes down isn't known exactly either: what the earliest and the latest make differently is open, and so is what
depends on prose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import product
from typing import Final, TypeAlias, final

from understudy.contracts.conversation.times import Moments
from understudy.contracts.conversation.values import combined
from understudy.specs.behaviour import Outcome, Query, Record, Request, Snapshot, reads, step
from understudy.specs.behaviour.expectation import (
    Expectation,
    Free,
    Items,
    Joined,
    Known,
    Members,
    Refusal,
    ResponsePattern,
    Shown,
)
from understudy.specs.behaviour.state import Clear, Effect, Put
from understudy.specs.behaviour.step import Given
from understudy.specs.behaviour.values import UNKNOWN, ValueFailed
from understudy.specs.documents.document import Json
from understudy.specs.model import MediaType, Operation

__all__ = ["LONGER", "Alternative", "TooMany", "Worlds", "all_reads", "alternatives", "snapshot_of", "value_of"]

MAX_WORLDS: Final = 8
MAX_READS: Final = 8
"""How often what was read may name more to be read."""
LONGER: Final = " and so on, one two three four five six seven"
"""What makes another text of a text: more words, more characters, another digest."""

Worlds: TypeAlias = Callable[[Query], tuple[Sequence[tuple[Record, ...]], bool]]
"""What a query may find, what says least first; and whether it certainly finds nothing else."""


class TooMany(ValueError):
    """Too little is known to say anything."""


@final
@dataclass(frozen=True, slots=True)
class Alternative:
    """One legal way to answer, with what is open.

    Attributes:
        refusal: Why the request is refused; None where it isn't.
        pattern: Status and media types of a success; None for a refusal.
        bodies: By media type: what is known of the body; of a stream the text.
        items: By media type of a stream: pointer into an item → value.
    """

    refusal: Refusal | None
    effects: tuple[Effect, ...] = ()
    pattern: ResponsePattern | None = None
    bodies: tuple[tuple[MediaType, Json], ...] = ()
    items: tuple[tuple[MediaType, Mapping[str, Json]], ...] = ()
    headers: Mapping[str, Json] = field(default_factory=dict)


def all_reads(operation: Operation, request: Request, worlds: Worlds, moment: datetime) -> tuple[Query, ...]:
    """What must be known to judge a request's answer: what the request names, and what the records name in turn.

    Raises:
        TooMany: Too many worlds fit, or what is read names more again and again.
        ValueFailed: An expression doesn't fit what it sees.
    """
    names = reads(operation, request, moment)
    for _ in range(MAX_READS):
        missed: set[Query] = set()
        for snapshot in _snapshots(names, worlds):
            try:
                step(snapshot, operation, request, moment)
            except ValueFailed:
                if not snapshot.missed:
                    raise
            missed |= snapshot.missed
        if not missed:
            return names
        names = (*names, *sorted(missed, key=repr))
    raise TooMany(f"what is read named more to read {MAX_READS} times")


def alternatives(
    operation: Operation,
    request: Request,
    queries: Iterable[Query],
    worlds: Worlds,
    moments: Moments,
    text: str | None = None,
    record: Mapping[str, Json] | None = None,
) -> list[Alternative]:
    """Every legal way to answer a request.

    Args:
        queries: As `all_reads` gives them.
        moments: When the server worked.
        text: The prose that it answered with; None where none was seen.
        record: What it showed of the record that it made; None leaves that open.

    Raises:
        TooMany: Too many worlds fit, or the answer's text names what else is to be read.
        ValueFailed: An expression doesn't fit what it sees.
    """
    found: list[Alternative] = []
    endings = dict.fromkeys((moments.early, moments.late))
    for snapshot, ending in product(_snapshots(tuple(queries), worlds), endings):
        one = step(snapshot, operation, request, moments.low, _given(text, ending, record))
        other = step(snapshot, operation, request, moments.high, _given(text, ending, record, LONGER))
        if snapshot.missed:
            raise TooMany("it depends on records of which only the answer tells")
        for alternative in _together(one, other, text):
            if alternative not in found:
                found.append(alternative)
    return found


def snapshot_of(queries: Iterable[Query], worlds: Worlds) -> Snapshot:
    """One snapshot for all worlds: what they differ in is unsure."""
    found, unsure = {}, set()
    for query in queries:
        fitting, is_sure = worlds(query)
        found[query] = fitting[0]
        if len(fitting) > 1 or not is_sure:
            unsure.add(query)
    return Snapshot(found, unsure=frozenset(unsure))


def value_of(expectation: Expectation) -> Json:
    """What an expectation knows, as a value; the items of a list are not for this."""
    match expectation:
        case Known(value):
            return value
        case Members(members):
            return {name: value_of(each) for name, each in members.items()}
        case Joined(text):
            return value_of(text)
        case Free() | Shown() | Items():
            return UNKNOWN


def _snapshots(names: tuple[Query, ...], worlds: Worlds) -> Iterator[Snapshot]:
    """A snapshot for each world; what may find still more is unsure in all of them."""
    choices = [worlds(query) for query in names]
    count = 1
    for fitting, _ in choices:
        count *= len(fitting)
    if count > MAX_WORLDS:
        raise TooMany(f"{count} worlds")
    unsure = frozenset(query for query, (_, is_sure) in zip(names, choices, strict=True) if not is_sure)
    for chosen in product(*(fitting for fitting, _ in choices)):
        yield Snapshot(dict(zip(names, chosen, strict=True)), unsure=unsure)


def _given(text: str | None, ending: datetime, record: Mapping[str, Json] | None, more: str = "") -> Given:
    return Given(record=record or {}, text=text + more if text is not None else UNKNOWN, ending=ending)


def _together(one: Sequence[Outcome], other: Sequence[Outcome], text: str | None) -> Iterator[Alternative]:
    """The outcomes of the earliest and the latest time: put together where they are alike, else each by itself."""
    if len(one) == len(other) and all(map(_alike, one, other)):
        for left, right in zip(one, other, strict=True):
            yield _alternative(left, right, text)
        return
    for outcome in (*one, *other):
        yield _alternative(outcome, outcome, text)


def _alike(one: Outcome, other: Outcome) -> bool:
    if isinstance(one.pattern, Refusal) or isinstance(other.pattern, Refusal):
        return isinstance(one.pattern, Refusal) and isinstance(other.pattern, Refusal)
    return len(one.effects) == len(other.effects) and all(map(_on_the_same, one.effects, other.effects))


def _on_the_same(one: Effect, other: Effect) -> bool:
    if isinstance(one, Put) and isinstance(other, Put):
        return (one.resource.name, one.scope) == (other.resource.name, other.scope)
    return isinstance(one, Clear) and one == other


def _alternative(one: Outcome, other: Outcome, text: str | None) -> Alternative:
    if isinstance(one.pattern, Refusal) or isinstance(other.pattern, Refusal):
        return Alternative(one.pattern if isinstance(one.pattern, Refusal) else None)
    pairs = list(zip(one.pattern.bodies, other.pattern.bodies, strict=True))
    bodies = tuple(
        (media_type, combined(value_of(left), value_of(right), text)) for (media_type, left), (_, right) in pairs
    )
    items = tuple(
        (
            media_type,
            {at: combined(value_of(each), value_of(right.members[at]), text) for at, each in left.members.items()},
        )
        for (media_type, left), (_, right) in pairs
        if isinstance(left, Joined) and isinstance(right, Joined) and left.members.keys() == right.members.keys()
    )
    headers = {
        name: combined(value_of(each), value_of(other.pattern.headers[name]), text)
        for name, each in one.pattern.headers.items()
        if name in other.pattern.headers
    }
    effects = tuple(_effect(left, right, text) for left, right in zip(one.effects, other.effects, strict=True))
    return Alternative(None, effects, one.pattern, bodies, items, headers)


def _effect(one: Effect, other: Effect, text: str | None) -> Effect:
    if not isinstance(one, Put) or not isinstance(other, Put):
        return one
    key = one.key if one.key == other.key else UNKNOWN
    return replace(one, key=key, members=combined(one.members, other.members, text))
