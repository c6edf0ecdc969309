"""What an answer shows: its body, its list, the text of its stream, and where it isn't what the model allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final

from understudy.contracts.case import Answer, Exchange
from understudy.contracts.claims import Failure
from understudy.contracts.conversation.blame import blame_difference
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.listing import list_items, members_of
from understudy.contracts.conversation.times import Moments
from understudy.contracts.conversation.told_headers import header_differences, read_headers
from understudy.contracts.conversation.values import Between, Difference, differences, moment_of
from understudy.contracts.conversation.worlds import Alternative
from understudy.contracts.observation import Observation
from understudy.specs.behaviour.declarations import Action, Verb
from understudy.specs.behaviour.memory import Name
from understudy.specs.behaviour.values import UNKNOWN
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, MediaType, Missing, Operation
from understudy.specs.pointers import JsonPointer, tokens
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.media_types import Kind

__all__ = ["Seen", "judge_answer", "read_answer"]

SENTINEL: Final = "understudy-prose"
"""Stands for the text of an answer to find out where the answer has it: one word, so that it is never cut."""

_SECOND: Final = timedelta(seconds=1)


@final
@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as the model sees it.

    Attributes:
        body: As JSON; MISSING where there is none, or none that is read here.
        stream: The items of a stream; None for another answer.
        joined: The text that a stream carried; None without one, or where the stream broke off.
        headers: Those that the response documents, by name, as far as they can be read.
    """

    action: Action
    status: int
    media_type: MediaType | None
    body: Json | Missing
    stream: tuple[Json, ...] | None
    joined: str | None
    location: str | None
    headers: Mapping[str, Json]

    @property
    def record(self) -> Mapping[str, Json] | None:
        """What shows the record; None where nothing does."""
        value = self.body
        for token in tokens(self.action.items or "") if self.action.verb is not Verb.LIST else ():
            value = value.get(token) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else None

    @property
    def key(self) -> Json:
        """The key of the record that a create shows; UNKNOWN where none does."""
        members = members_of(self.action, self.record) if self.record is not None else {}
        return members.get(self.action.resource.key, UNKNOWN) if self.action.verb is Verb.CREATE else UNKNOWN

    @property
    def items(self) -> Sequence[Json] | None:
        """What a list lists; None where nothing does."""
        return self.stream if self.stream is not None else list_items(self.action, self.body)

    def find_text(self, legal: Callable[[str], Sequence[Alternative]]) -> str | None:
        """The prose of the answer; None where none is seen.

        Args:
            legal: What may be answered with a given text.
        """
        if self.stream is not None or self.body is MISSING:
            return self.joined
        for alternative in legal(SENTINEL):
            for media_type, expected in alternative.bodies:
                if media_type is self.media_type:
                    for found in differences(expected, self.body):
                        if found.expected == SENTINEL and isinstance(found.actual, str):
                            return found.actual
        return None

    def find_now(self, legal: Sequence[Alternative], moments: Moments) -> datetime | None:
        """The time that the answer calls now; None where it doesn't tell."""
        return next((actual for value, actual in self._times(legal) if abs(value.low - moments.low) < _SECOND), None)

    def nows(self, legal: Sequence[Alternative], moments: Moments) -> Iterator[datetime]:
        """What now must have been for each time of the answer that is computed from it, give or take a second."""
        for value, actual in self._times(legal):
            if abs((value.high - value.low) - (moments.high - moments.low)) <= _SECOND:
                yield moments.low + (actual - value.low)

    def _times(self, legal: Sequence[Alternative]) -> Iterator[tuple[Between, datetime]]:
        """Each time that depends on now, beside what was answered."""
        for alternative in legal:
            for media_type, expected in alternative.bodies:
                if media_type is self.media_type:
                    yield from _times(expected, self.body)


def read_answer(exchange: Exchange, operation: Operation, answer: Answer) -> Seen:
    """What an answer shows."""
    assert operation.action is not None
    seen = Observation(exchange, operation, answer)
    stream = seen.stream
    items = tuple(entry.value for entry in stream.items) if stream is not None else None
    described = seen.media_type.stream if seen.media_type is not None else None
    joined = None
    if items is not None and described is not None and described.text is not None and answer.complete:
        joined = "".join(_pieces(items, tokens(described.text)))
    body = seen.json if seen.kind is Kind.JSON and seen.has_body and stream is None else MISSING
    return Seen(
        operation.action,
        answer.status,
        seen.media_type,
        MISSING if isinstance(body, MalformedJson) else body,
        items,
        joined,
        answer.header("location"),
        read_headers(seen),
    )


def judge_answer(
    alternative: Alternative, operation: Operation, seen: Seen, known: Knowledge, own: Name | None
) -> list[Failure]:
    """Where an answer isn't what one alternative says."""
    action = seen.action
    failures: dict[str, Failure] = {}
    for found in _found(alternative, seen, known, own):
        if _is_open(found, action, operation, known):
            continue
        failure = blame_difference(operation, action, own or (action.resource.name, (), ""), found, known, seen.status)
        failures.setdefault(failure.fingerprint, failure)
    return list(failures.values())


def _found(alternative: Alternative, seen: Seen, known: Knowledge, own: Name | None) -> Iterator[Difference]:
    action = seen.action
    left = known.left.get(own, {}) if own is not None and action.verb is Verb.READ else {}
    inverse = {member: name for name, member in action.rename.items()}
    before: Json = {inverse.get(name, name): value for name, value in left.items()}
    for token in reversed(tokens(action.items or "")):
        before = {token: before}
    for media_type, expected in alternative.bodies:
        if media_type is not seen.media_type:
            continue
        if seen.joined is not None:
            yield from differences(expected, seen.joined)
        elif seen.body is not MISSING:
            yield from differences(expected, seen.body, before)
    yield from header_differences(alternative.headers, seen.headers)
    for media_type, members in alternative.items:
        if media_type is seen.media_type:
            for item in seen.stream or ():
                for pointer, expected in members.items():
                    actual = _at(item, tokens(pointer))
                    if actual is not MISSING:
                        yield from (
                            Difference(JsonPointer(pointer + each.pointer), each.expected, each.actual)
                            for each in differences(expected, actual)
                        )


def _is_open(found: Difference, action: Action, operation: Operation, known: Knowledge) -> bool:
    """Whether an inferred behaviour leaves open what an answer shows there: all but what certainly reads back."""
    if known.trust.is_declared or action.verb is Verb.READ:
        return False
    path = tokens(found.pointer)[len(tokens(action.items or "")) :]
    member = action.rename.get(path[0], path[0]) if path else ""
    return member not in known.trust.reads_back.get(operation.label, frozenset())


def _pieces(items: Sequence[Json], path: tuple[str, ...]) -> Iterator[str]:
    for item in items:
        piece = _at(item, path)
        if isinstance(piece, str):
            yield piece


def _at(item: Json, path: tuple[str, ...]) -> Json | Missing:
    """What lies at a pointer into an item; the text of an event's `data` is entered as JSON."""
    for token in path:
        if isinstance(item, str):
            try:
                item = load_json(item.encode("utf-8", "surrogatepass"))
            except MalformedJson:
                return MISSING
        if isinstance(item, Mapping) and token in item:
            item = item[token]
        elif isinstance(item, list) and token.isdigit() and int(token) < len(item):
            item = item[int(token)]
        else:
            return MISSING
    return item


def _times(expected: Json, actual: Json | Missing) -> Iterator[tuple[Between, datetime]]:
    if isinstance(expected, Between):
        moment = moment_of(actual)
        if moment is not None:
            yield expected, moment
    elif isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            yield from _times(value, actual.get(name, MISSING))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for one, other in zip(expected, actual, strict=True):
            yield from _times(one, other)
