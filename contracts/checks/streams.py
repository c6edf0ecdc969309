"""Is a stream what the document says: each item, the first, the last, and the framing?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import NotJudged, check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation, may_stream
from understudy.contracts.running.places import by_place
from understudy.contracts.stream_items import Entry, Role, Stream
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, MediaType
from understudy.specs.model import Stream as Description
from understudy.specs.schemas.schema import Schema
from understudy.specs.schemas.validation import Validator
from understudy.specs.wire.json_bodies import MalformedJson, load_json

_ITEMS: Final = "https://spec.openapis.org/oas/v3.2.0.html#sequential-media-types"

STREAM_ITEM_SCHEMA: Final = Claim(
    id="stream-item-schema",
    title="Every item of a stream matches its schema",
    severity=Severity.HIGH,
    clause=_ITEMS,
    documentation=(
        "Each event (its `data` as JSON where the schema says so) and each record of JSON Lines is valid under "
        "`itemSchema`. Pings and the sentinel are no items."
    ),
    owner="checks.streams",
)

STREAM_FIRST_ITEM: Final = Claim(
    id="stream-first-item",
    title="A stream begins with its first item, once",
    severity=Severity.HIGH,
    clause=_ITEMS,
    documentation="Where the document names the first item, the stream begins with it, and it doesn't come again.",
    owner="checks.streams",
)

STREAM_TERMINAL: Final = Claim(
    id="stream-terminal-once-last",
    title="A stream ends with its terminal item, once, and nothing follows",
    severity=Severity.HIGH,
    clause=_ITEMS,
    documentation=(
        "Where the document names the item that comes last, there is exactly one, and no item after it; where it names "
        "a sentinel such as `[DONE]`, that comes exactly once, at the very end. Without them a client can't tell a "
        "finished stream from a broken one."
    ),
    owner="checks.streams",
)

STREAM_FRAMING: Final = Claim(
    id="stream-framing",
    title="Clients can read everything that a stream sends",
    severity=Severity.HIGH,
    clause="https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation",
    documentation=(
        "Events are in UTF-8, have no field that clients ignore, carry data, and end with a blank line, the last one "
        "too; each line of JSON Lines is a JSON value. What breaks these rules is dropped by clients without a word."
    ),
    owner="checks.streams",
)


def _described(seen: Observation) -> tuple[Stream, MediaType, Description | None]:
    assert seen.stream is not None
    assert seen.media_type is not None
    return seen.stream, seen.media_type, seen.media_type.stream


@check(STREAM_FRAMING, applies_to=lambda seen: seen.stream is not None, concerns=may_stream)
def stream_framing(seen: Observation) -> Iterator[Failure]:
    """``line 7: an event without the blank line that ends it, which clients drop: 'data: {…'``."""
    stream, _, _ = _described(seen)
    kinds: set[str] = set()
    for fault in stream.faults:
        if fault.kind not in kinds:
            kinds.add(fault.kind)
            yield seen.failure(STREAM_FRAMING, f"{seen.place} {fault.kind}", fault.message)


@check(
    STREAM_ITEM_SCHEMA,
    applies_to=lambda seen: (
        seen.stream is not None
        and seen.media_type is not None
        and seen.media_type.item_schema is not None
        and bool(seen.stream.items)
    ),
    concerns=may_stream,
)
def stream_item_schema(seen: Observation) -> Iterator[Failure]:
    """``item 3, /data/word: 7 is not of type "string"``; a place that several items share is told once."""
    stream, media_type, _ = _described(seen)
    assert media_type.item_schema is not None
    validator = media_type.item_schema.validator(Direction.RESPONSE)
    places: set[str] = set()
    for index, item in enumerate(stream.items):
        value = _as_described(item.value, validator)
        if validator.is_valid(value):
            continue
        prefix = f"{seen.place} item"
        label, schema = seen.operation.label, media_type.item_schema
        for failure in by_place(STREAM_ITEM_SCHEMA, label, prefix, schema, validator.violations(value)):
            if failure.place not in places:
                places.add(failure.place)
                message = f"item {index + 1}, {failure.message}"
                yield Failure(STREAM_ITEM_SCHEMA, label, failure.place, message, failure.violations)


@check(STREAM_FIRST_ITEM, applies_to=lambda seen: _says(seen, "first"), concerns=may_stream)
def stream_first_item(seen: Observation) -> Iterator[Failure]:
    """``the stream begins with {…}, which isn't the first item (ChatStart)``."""
    stream, _, description = _described(seen)
    assert description is not None
    assert description.first is not None
    items = stream.items
    if not items and not stream.is_whole:
        raise NotJudged("we stopped reading before the first item")
    found = _positions(items, description.first)
    name = description.first.name
    if not items:
        yield seen.failure(STREAM_FIRST_ITEM, f"{seen.place} missing", f"the stream has no items, not even {name}")
    elif 0 not in found:
        message = f"the stream doesn't begin with {name}, but with {_shown(items[0])}"
        yield seen.failure(STREAM_FIRST_ITEM, f"{seen.place} first", message)
    if found and found != [0]:
        yield seen.failure(STREAM_FIRST_ITEM, f"{seen.place} again", f"{name} comes again, as item {found[-1] + 1}")


@check(
    STREAM_TERMINAL,
    applies_to=lambda seen: _says(seen, "last") or _says(seen, "sentinel"),
    concerns=may_stream,
)
def stream_terminal(seen: Observation) -> Iterator[Failure]:
    """``the stream ends after 4 items without its terminal item (ChatDone)``."""
    stream, _, description = _described(seen)
    assert description is not None
    failures: list[Failure] = []
    if description.last is not None:
        failures += _terminal_item(seen, stream, description.last)
    if description.sentinel is not None:
        failures += _sentinel(seen, stream, description.sentinel)
    if not failures and not stream.is_whole:
        raise NotJudged("we stopped reading before the stream ended")
    yield from failures


def _terminal_item(seen: Observation, stream: Stream, last: Schema) -> Iterator[Failure]:
    items = stream.items
    found = _positions(items, last)
    name = last.name
    if not found and (stream.is_whole or seen.is_broken):
        message = f"the stream ends after {len(items)} items without its terminal item ({name})"
        yield seen.failure(STREAM_TERMINAL, f"{seen.place} terminal missing", message)
    if len(found) > 1:
        message = f"the terminal item ({name}) comes {len(found)} times"
        yield seen.failure(STREAM_TERMINAL, f"{seen.place} terminal repeated", message)
    elif found and found[0] < len(items) - 1:
        message = f"after the terminal item ({name}) comes another: {_shown(items[found[0] + 1])}"
        yield seen.failure(STREAM_TERMINAL, f"{seen.place} item after terminal", message)


def _sentinel(seen: Observation, stream: Stream, sentinel: str) -> Iterator[Failure]:
    found = [index for index, entry in enumerate(stream.entries) if entry.role is Role.SENTINEL]
    if not found and (stream.is_whole or seen.is_broken):
        yield seen.failure(STREAM_TERMINAL, f"{seen.place} sentinel missing", f"the stream ends without {sentinel}")
    if len(found) > 1:
        message = f"{sentinel} comes {len(found)} times"
        yield seen.failure(STREAM_TERMINAL, f"{seen.place} sentinel repeated", message)
    elif found and found[0] < len(stream.entries) - 1:
        message = f"after {sentinel} comes another event: {_shown(stream.entries[found[0] + 1])}"
        yield seen.failure(STREAM_TERMINAL, f"{seen.place} event after sentinel", message)


def _says(seen: Observation, member: str) -> bool:
    description = seen.media_type.stream if seen.media_type and seen.stream else None
    return description is not None and getattr(description, member) is not None


def _positions(items: tuple[Entry, ...], schema: Schema) -> list[int]:
    validator = schema.validator(Direction.RESPONSE)
    return [index for index, item in enumerate(items) if validator.is_valid(_as_described(item.value, validator))]


def _as_described(item: Json, validator: Validator) -> Json:
    """The item with `data` as the JSON it holds, where the document describes it so instead of as a string."""
    if not isinstance(item, dict) or not isinstance(item.get("data"), str) or validator.is_valid(item):
        return item
    if not any(found.pointer == "/data" and found.keyword == "type" for found in validator.violations(item)):
        return item
    try:
        return {**item, "data": load_json(item["data"].encode(errors="surrogatepass"))}
    except MalformedJson:
        return item


def _shown(entry: Entry) -> str:
    text = repr(entry.value)
    return text if len(text) <= 120 else f"{text[:119]}…"
