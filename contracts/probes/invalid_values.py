"""Is a value refused that breaks the document deep in a body: a type, a bound, a format, a member too many?

Fuzzing draws such requests, too, as many as its time allows. Here each rule of a body that is accepted is broken once,
whatever the time; that the request breaks the document is decided by our own reading of what is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Mode, Phase
from understudy.contracts.events import ClaimExercised
from understudy.contracts.fuzzing_claims import INVALID_REFUSED
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, probe
from understudy.contracts.reaching import reach
from understudy.contracts.reading import RequestReader, Validity
from understudy.contracts.requests import Draft, Uncomposable
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, MediaType, Operation
from understudy.specs.schemas.json_values import copy_value
from understudy.specs.wire.media_types import Kind, kind

MAX_BROKEN: Final = 40
"""Requests sent for one operation; one for each rule that is broken, the shallow ones first."""

MAX_TRIED: Final = 600
MAX_DEPTH: Final = 6

Path = tuple[str | int, ...]

_STRINGS: Final = (
    "",
    "understudy",
    "not-a-uuid-not-an-email",
    "2024-13-45",
    "2024-02-30T25:61:00Z",
    "http://[not a uri",
    "999.1.1.1",
    "{",
    " ",
    "\x00",
)


def _json_body(operation: Operation) -> MediaType | None:
    content = operation.request_body.content if operation.request_body else ()
    return next((each for each in content if kind(each.name) is Kind.JSON and each.schema is not None), None)


@probe(applies_to=lambda operation: _json_body(operation) is not None, shows=lambda exchanges: accepted(exchanges[-1]))
def invalid_values(subject: Subject) -> ProbeSteps:
    """A full body that is accepted, then the same with one value at a time that its schema doesn't allow."""
    operation = subject.operation
    media_type = _json_body(operation)
    if media_type is None:
        return
    control = yield from reach(subject, replace(_full(subject, media_type), note="the request in good order"))
    if not accepted(control.exchange):
        return
    reader = RequestReader(operation)
    places: set[str] = set()
    for case_body, note in _broken(control.draft.body if control.draft.body is not MISSING else None):
        if len(places) >= MAX_BROKEN:
            return
        draft = replace(control.draft, body=case_body, serialized=None, note=note)
        try:
            case = subject.dress(subject.composer.write(draft, Mode.NEGATIVE, Phase.PROBES))
        except Uncomposable:
            continue
        reading = reader.read(case)
        if reading.validity is not Validity.INVALID or reading.place in places:
            continue
        places.add(reading.place)
        exchange = yield from ask(case)
        if exchange.answer is None:
            continue
        yield ClaimExercised(INVALID_REFUSED.id, operation.label)
        if accepted(exchange):
            message = f"answered {exchange.answer.status} to {note}: {reading.reason}"
            story = (*control.before, exchange)
            yield fail(INVALID_REFUSED, operation, reading.place, message, story)


def _full(subject: Subject, media_type: MediaType) -> Draft:
    """A request with as much in its body as the schema has, where that is valid."""
    draft = subject.composer.draft(media_type)
    schema = media_type.schema
    if schema is None or draft.serialized is not None:
        return draft
    try:
        body = schema.generator(Direction.REQUEST).generate(f"full/{subject.operation.label}")
    except ValueError:
        return draft
    if not isinstance(draft.body, dict) or not isinstance(body, dict):
        return draft
    merged = {**body, **draft.body}
    return replace(draft, body=merged) if schema.validator(Direction.REQUEST).is_valid(merged) else draft


def _broken(body: Json) -> Iterator[tuple[Json, str]]:
    """Bodies with one value changed, at most `MAX_TRIED`, and what was done."""
    tried = 0
    for path, value in _values(body):
        for other, note in _others(value):
            if tried >= MAX_TRIED:
                return
            tried += 1
            yield _with(body, path, other), note


def _values(body: Json) -> Iterator[tuple[Path, Json]]:
    """Every value in a body, from the outside in; of an array only the first item."""
    waiting: list[tuple[Path, Json]] = [((), body)]
    while waiting:
        path, value = waiting.pop(0)
        yield path, value
        if len(path) >= MAX_DEPTH:
            continue
        if isinstance(value, dict):
            waiting += [((*path, name), item) for name, item in value.items()]
        elif isinstance(value, list) and value:
            waiting.append(((*path, 0), value[0]))


def _others(value: Json) -> Iterator[tuple[Json, str]]:
    yield None, "null"
    match value:
        case dict():
            yield {**value, "understudy-unheard-of": "x"}, "a member that isn't described"
            for name in value:
                yield {other: item for other, item in value.items() if other != name}, "a member too few"
            yield [value], "an array instead of an object"
        case list():
            yield {"0": value}, "an object instead of an array"
            yield [], "an empty array"
            if value:
                yield [*value, value[0]], "an item that is there twice"
                yield value[:1] * 101, "many items"
        case bool():
            yield str(value).lower(), "a word instead of a boolean"
        case int() | float():
            yield str(value), "text instead of a number"
            yield value + 0.5, "a fraction"
            for bound in (-1, 0, 101, 10**4, -(10**9), 10**9, 10**15):
                yield bound, "a number out of bounds"
        case str():
            yield 7, "a number instead of text"
            yield [value], "an array instead of text"
            for text in _STRINGS:
                yield text, "text that isn't allowed"
            yield value[:1] * 300 or "x" * 300, "long text"
            yield value[:1] * 20_000 or "x" * 20_000, "very long text"


def _with(body: Json, path: Path, value: Json) -> Json:
    """A copy of a body with one value replaced."""
    if not path:
        return value
    copied: Json = copy_value(body)
    place = copied
    for step in path[:-1]:
        place = _inside(place, step)
    if isinstance(place, dict):
        place[str(path[-1])] = value
    elif isinstance(place, list):
        place[int(path[-1])] = value
    return copied


def _inside(place: Json, step: str | int) -> Json:
    if isinstance(place, dict):
        return place[str(step)]
    return place[int(step)] if isinstance(place, list) else None
