"""What a stream consisted of: its items with the time each was complete, and what is wrong with its framing."""

from __future__ import annotations

from codecs import BOM_UTF8 as BOM
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, final

from understudy.contracts.case import Answer, Chunk
from understudy.specs.documents.document import Json
from understudy.specs.model import Stream as Description
from understudy.specs.wire import jsonl, sse
from understudy.specs.wire.media_types import Kind
from understudy.specs.wire.sse_events import as_item

__all__ = ["Entry", "Fault", "Role", "Stream", "read_stream"]


MAX_ENTRIES: Final = 20_000
"""What comes after them isn't judged: a target that sends without end may send a million in the time of one request."""
PIECE_BYTES: Final = 32 * 1024


class Role(Enum):
    """What an entry of a stream is."""

    ITEM = "item"
    PING = "ping"
    SENTINEL = "sentinel"


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One event or record.

    Attributes:
        at_ms: When it was complete, milliseconds after the request was sent.
        value: As `itemSchema` sees it.
    """

    at_ms: float
    value: Json
    role: Role


@final
@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the framing that clients ignore or lose.

    Attributes:
        kind: Permanent kebab-case name.
        message: One sentence with the line.
    """

    kind: str
    message: str


@final
@dataclass(frozen=True)
class Stream:
    """A stream as it was read.

    Attributes:
        entries: In order of arrival.
        faults: In the order in which they stand in the stream.
        is_whole: Whether its end was seen; False when we stopped reading, the connection broke, or there were more
            than `MAX_ENTRIES`.
    """

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    is_whole: bool

    @property
    def items(self) -> tuple[Entry, ...]:
        """Without pings and the sentinel."""
        return tuple(entry for entry in self.entries if entry.role is Role.ITEM)


def read_stream(answer: Answer, kind: Kind, description: Description | None) -> Stream:
    """The items of an answer in a sequential media type.

    Args:
        description: What the document says beyond the item's schema; None when nothing.
    """
    chunks = answer.chunks or (Chunk(answer.elapsed_ms, answer.body),)
    match kind:
        case Kind.SSE:
            return _read_events(chunks, description, is_whole=answer.complete)
        case Kind.JSON_SEQ:
            return _read_records(chunks, jsonl.SequenceParser(), is_whole=answer.complete)
        case _:
            return _read_records(chunks, jsonl.Parser(), is_whole=answer.complete)


def _marks(body: bytes) -> list[Fault]:
    """JSON mustn't begin with a byte order mark, which some readers refuse (RFC 8259, section 8.1)."""
    return [Fault("byte-order-mark", "the first line begins with a byte order mark")] if body.startswith(BOM) else []


def _read_events(chunks: tuple[Chunk, ...], description: Description | None, *, is_whole: bool) -> Stream:
    parser = sse.Parser()
    entries: list[Entry] = []
    faults: list[Fault] = []
    for at_ms, data in _pieces(chunks):
        if len(entries) > MAX_ENTRIES:
            is_whole = False
            break
        try:
            events = parser.feed(data)
        except sse.EventTooLarge as error:
            events = list(error.events)
            faults.append(Fault("event-too-large", str(error)))
        entries += [_entry(at_ms, as_item(event), description) for event in events]
        if faults:
            break
    if is_whole and not faults:
        parser.close()
    found = [
        Fault(fault.kind.value, _FAULTS[fault.kind].format(fault.line, fault.text))
        for fault in parser.faults
        if not _is_silent_ping(fault, description)
    ]
    return Stream(tuple(entries), tuple(found + faults), is_whole)


def _read_records(chunks: tuple[Chunk, ...], parser: jsonl.Parser | jsonl.SequenceParser, *, is_whole: bool) -> Stream:
    entries: list[Entry] = []
    faults = _marks(chunks[0].data)
    found: list[tuple[float, jsonl.Record | jsonl.MalformedRecord]] = []
    for at_ms, data in _pieces(chunks):
        if len(found) > MAX_ENTRIES:
            is_whole = False
            break
        found += [(at_ms, record) for record in parser.feed(data)]
    if is_whole:
        found += [(chunks[-1].at_ms, record) for record in parser.close()]
    for at_ms, record in found:
        if isinstance(record, jsonl.Record):
            entries.append(Entry(at_ms, record.value, Role.ITEM))
        else:
            faults.append(Fault("malformed-record", f"line {record.line}: {record.reason}: {record.text!r}"))
    return Stream(tuple(entries), tuple(faults), is_whole)


def _pieces(chunks: tuple[Chunk, ...]) -> Iterator[tuple[float, bytes]]:
    """The chunks in pieces of which none holds very many entries."""
    for chunk in chunks:
        for start in range(0, len(chunk.data), PIECE_BYTES):
            yield chunk.at_ms, chunk.data[start : start + PIECE_BYTES]


_FAULTS = {
    sse.FaultKind.INVALID_UTF8: "line {}: octets that are not UTF-8: {!r}",
    sse.FaultKind.UNKNOWN_FIELD: "line {}: a field that clients ignore: {!r}",
    sse.FaultKind.ID_WITH_NUL: "line {}: an id with NUL, which clients ignore: {!r}",
    sse.FaultKind.INVALID_RETRY: "line {}: a retry that is no whole number, which clients ignore: {!r}",
    sse.FaultKind.EVENT_WITHOUT_DATA: "line {}: an event without data, which clients drop: {!r}",
    sse.FaultKind.UNFINISHED_EVENT: "line {}: an event without the blank line that ends it, which clients drop: {!r}",
    sse.FaultKind.UNFINISHED_LINE: "line {}: the stream ends in the middle of a line, which clients drop: {!r}",
}


def _entry(at_ms: float, item: dict[str, Json], description: Description | None) -> Entry:
    return Entry(at_ms, item, _role(item, description))


def _role(item: dict[str, Json], description: Description | None) -> Role:
    if description is None:
        return Role.ITEM
    if description.sentinel is not None and item.get("data") == description.sentinel:
        return Role.SENTINEL
    ping = description.ping.item if description.ping else None
    return Role.PING if ping is not None and item == dict(ping) else Role.ITEM


def _is_silent_ping(fault: sse.Fault, description: Description | None) -> bool:
    """A ping that is only an event's name has no data, and no client needs to see it."""
    ping = description.ping.item if description and description.ping else None
    if ping is None or "data" in ping:
        return False
    return fault.kind is sse.FaultKind.EVENT_WITHOUT_DATA and fault.text == f"event: {ping.get('event')}"
