"""What is just allowed has to be accepted, what just isn't refused: at each place of a request, however deep.

Fuzzing draws such requests, too, as many as its time allows. Here every border is gone to once, whatever the time; on
which side of it a request lies is decided by our own reading of what is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.events import ClaimExercised
from understudy.contracts.fuzzing.claims import INVALID_REFUSED, VALID_ACCEPTED, still_shows
from understudy.contracts.probing import ProbeSteps, Subject, Told, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import Control, reach
from understudy.contracts.requests.bodies import is_file
from understudy.contracts.requests.borders import allowed, forbidden, has_words
from understudy.contracts.requests.composer import Draft, Uncomposable
from understudy.contracts.requests.reading import Reading, RequestReader, Validity
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Location, MediaType, Operation
from understudy.specs.schemas.json_values import copy_value
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.media_types import Kind, kind

MAX_ALLOWED: Final = 60
MAX_FORBIDDEN: Final = 80
"""Requests of each kind for one operation."""

MAX_WAYS: Final = 3
"""In which one rule is broken: a server may know one way and not the other."""

MAX_TRIED: Final = 1_000
MAX_DEPTH: Final = 6
_KINDS: Final = (Kind.JSON, Kind.FORM, Kind.MULTIPART, Kind.JSON_LINES)

Path = tuple[str | int, ...]


@final
@dataclass(frozen=True, slots=True)
class _Place:
    """A place in a request: what is said of it, what stands there, and how something else is put there.

    Attributes:
        is_text: What is written there is text and no JSON, so that nothing has a type of its own.
    """

    name: str
    schema: Schema | None
    value: Json
    put: Callable[[Json], Draft]
    is_text: bool = False


def _applies(operation: Operation) -> bool:
    # What is deleted once can't be deleted again.
    return operation.method != "DELETE" and bool(operation.parameters or operation.request_body)


@probe(applies_to=_applies)
def forbidden_values(subject: Subject) -> ProbeSteps:
    """A full request that is accepted, then the same with one value at a time that the document doesn't allow.

    Each rule is broken once, then again in other ways.
    """
    operation, reader = subject.operation, RequestReader(subject.operation)
    control = yield from _control(subject)
    if not accepted(control.exchange):
        yield skip(INVALID_REFUSED, operation, f"the same request in good order is {outcome(control.exchange)}")
        return
    ways: Counter[str] = Counter()
    later: list[tuple[Case, Reading]] = []
    first = (each for each in _forbidden(subject, control.draft, reader) if _is_first(each, ways, later))
    for sent, (case, reading) in enumerate(_then(first, later)):
        if sent >= MAX_FORBIDDEN:
            return
        exchange = yield from ask(case)
        if exchange.answer is None:
            continue
        yield ClaimExercised(INVALID_REFUSED.id, operation.label)
        if accepted(exchange):
            message = f"answered {exchange.answer.status} to {case.note}: {reading.reason}"
            yield fail(INVALID_REFUSED, operation, reading.place, message, (*control.before, exchange))


@probe(applies_to=_applies)
def allowed_values(subject: Subject) -> ProbeSteps:
    """A full request that is accepted, then the same with one value at a time that the document just allows."""
    operation, reader = subject.operation, RequestReader(subject.operation)
    control = yield from _control(subject)
    if not accepted(control.exchange):
        yield skip(VALID_ACCEPTED, operation, f"the full request is {outcome(control.exchange)}")
        return
    seen = {(control.case.target, control.case.body)}
    for place in _places(subject, control.draft):
        # Other words in a path name other records.
        if place.name.startswith(Location.PATH.value) and not has_words(place.schema):
            continue
        for value, note in allowed(place.schema, place.value):
            case = _written(subject, place.put(value), f"{place.name}: {note}", Mode.POSITIVE)
            if case is None or (case.target, case.body) in seen or reader.read(case).validity is not Validity.VALID:
                continue
            seen.add((case.target, case.body))
            if len(seen) > MAX_ALLOWED:
                return
            exchange = yield from ask(case)
            if exchange.answer is None:
                continue
            yield ClaimExercised(VALID_ACCEPTED.id, operation.label)
            if still_shows(VALID_ACCEPTED, exchange):
                message = f"answered {exchange.answer.status} to a valid request, {case.note}"
                story = (*control.before, control.exchange, exchange)
                yield fail(VALID_ACCEPTED, operation, case.note, message, story)


def _control(subject: Subject) -> Generator[Case | Told, Exchange | None, Control]:
    """A request with all that the body may have, or else the plain one."""
    body, note = subject.operation.request_body, "the request in good order"
    media_type = next((each for each in body.content if kind(each.name) in _KINDS), None) if body else None
    control = yield from reach(subject, replace(subject.composer.full(media_type), note=note))
    if accepted(control.exchange) or media_type is None:
        return control
    return (yield from reach(subject, replace(subject.composer.draft(media_type), note=note)))


def _forbidden(subject: Subject, draft: Draft, reader: RequestReader) -> Iterator[tuple[Case, Reading]]:
    """Requests that break the document in one place, at most `MAX_TRIED`, and how they read."""
    tried = 0
    for parameter in subject.operation.parameters:
        if parameter.required and parameter.location is not Location.PATH:
            rest = {key: value for key, value in draft.values.items() if key != (parameter.location, parameter.name)}
            case = _written(subject, replace(draft, values=rest), "a parameter too few", Mode.NEGATIVE)
            if case is not None and (reading := reader.read(case)).validity is Validity.INVALID:
                yield case, reading
    for place in _places(subject, draft):
        for value, note in forbidden(place.schema, place.value):
            if place.is_text and (value is None or isinstance(value, dict | list)):
                continue
            tried += 1
            if tried > MAX_TRIED:
                return
            case = _written(subject, place.put(value), note, Mode.NEGATIVE)
            if case is not None and (reading := reader.read(case)).validity is Validity.INVALID:
                yield case, reading


def _is_first(each: tuple[Case, Reading], ways: Counter[str], later: list[tuple[Case, Reading]]) -> bool:
    place = each[1].place
    ways[place] += 1
    if 1 < ways[place] <= MAX_WAYS:
        later.append(each)
    return ways[place] == 1


def _then(first: Iterator[tuple[Case, Reading]], later: list[tuple[Case, Reading]]) -> Iterator[tuple[Case, Reading]]:
    yield from first
    yield from later


def _written(subject: Subject, draft: Draft, note: str, mode: Mode) -> Case | None:
    """None where the value has no written form."""
    try:
        return subject.dress(subject.composer.write(replace(draft, note=note), mode, Phase.PROBES))
    except Uncomposable:
        return None


def _places(subject: Subject, draft: Draft) -> Iterator[_Place]:
    """Every parameter, then every value in the body from the outside in."""
    for parameter in subject.operation.parameters:
        schema = parameter.content.schema if parameter.content else parameter.schema
        key = parameter.location, parameter.name
        try:
            value = draft.values[key] if key in draft.values else subject.composer.parameter_value(parameter)
        except Uncomposable:
            continue
        name = f"{parameter.location.value} {parameter.name}"
        yield _Place(name, schema, value, partial(_with_parameter, draft, key))
    if draft.media_type is None or draft.body is MISSING:
        return
    for path, schema, value in _values(draft.media_type, draft.body):
        name = "body " + "".join(f"/{'*' if isinstance(step, int) else step}" for step in path)
        yield _Place(
            name.rstrip(),
            schema,
            value,
            partial(_with_value, draft, path),
            is_text=bool(path) and kind(draft.media_type.name) in (Kind.FORM, Kind.MULTIPART),
        )


def _values(media_type: MediaType, body: Json) -> Iterator[tuple[Path, Schema | None, Json]]:
    """Every value in a body with its schema, from the outside in; of an array only the first item; no files."""
    waiting: list[tuple[Path, Schema | None, Json]] = [((), media_type.schema, body)]
    if media_type.schema is None and media_type.item_schema is not None and isinstance(body, list) and body:
        waiting = [((0,), media_type.item_schema, body[0])]
    has_files = kind(media_type.name) is Kind.MULTIPART
    while waiting:
        path, schema, value = waiting.pop(0)
        yield path, schema, value
        if len(path) >= MAX_DEPTH:
            continue
        if isinstance(value, dict):
            members = dict(schema.members()) if schema is not None else {}
            for name, item in value.items():
                if not (has_files and is_file(members.get(name))):
                    waiting.append(((*path, name), members.get(name), item))
        elif isinstance(value, list) and value:
            waiting.append(((*path, 0), schema.find_items() if schema is not None else None, value[0]))


def _with_parameter(draft: Draft, key: tuple[Location, str], value: Json) -> Draft:
    return replace(draft, values={**draft.values, key: value})


def _with_value(draft: Draft, path: Path, value: Json) -> Draft:
    body = None if draft.body is MISSING else draft.body
    return replace(draft, body=_with(body, path, value), serialized=None)


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
