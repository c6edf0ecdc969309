"""Server-sent events: the format `text/event-stream`, read by the rules of HTML, section 9.2 (written: `sse_events`).

A `Parser` takes octets in any pieces and gives the events that a browser would dispatch, no more and no fewer. What a
browser passes over in silence (octets that are not UTF-8, unknown fields, an event cut off at the end) is noted in
`Parser.faults`, so that a checker can judge the framing while the events stay what clients see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, final

from understudy.specs.wire.malformed import ContentTooLarge
from understudy.specs.wire.sse_events import Event, UnencodableEvent, as_item, encode, encode_comment, from_item

__all__ = [
    "MAX_EVENT_BYTES",
    "MAX_FAULTS",
    "Event",
    "EventTooLarge",
    "Fault",
    "FaultKind",
    "Parser",
    "UnencodableEvent",
    "as_item",
    "encode",
    "encode_comment",
    "from_item",
]

MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
"""The largest event that is read unless the caller says otherwise, in octets of its lines."""

MAX_FAULTS: Final = 1000
"""No more faults than this are kept for one stream; `Parser.fault_count` counts on."""

_BOM: Final = b"\xef\xbb\xbf"
_RETRY: Final = re.compile(r"[0-9]{1,4300}")  # more digits Python refuses to make a number of
_EXCERPT: Final = 200


class FaultKind(Enum):
    """What a browser passes over in silence."""

    INVALID_UTF8 = "invalid-utf8"
    UNKNOWN_FIELD = "unknown-field"
    ID_WITH_NUL = "id-with-nul"
    INVALID_RETRY = "invalid-retry"
    EVENT_WITHOUT_DATA = "event-without-data"
    UNFINISHED_EVENT = "unfinished-event"
    UNFINISHED_LINE = "unfinished-line"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the framing that clients ignore or lose.

    Attributes:
        line: 1-based line of the stream where it stands; for an event, its first line.
        text: The line, or what the event had, cut after 200 characters.
    """

    kind: FaultKind
    line: int
    text: str


class EventTooLarge(ContentTooLarge):
    """An event passes the parser's limit; nothing after it can be read.

    Args:
        line: 1-based line where the limit was passed.
        events: The events that the same `feed` had completed before.
    """

    def __init__(self, limit: int, received_at_least: int, line: int, events: tuple[Event, ...]) -> None:
        super().__init__(limit, received_at_least)
        self.line = line
        self.events = events

    def __str__(self) -> str:
        return f"line {self.line}: an event is {super().__str__()}"


@final
class Parser:
    """Reads one stream, piece by piece. Any way of cutting the same octets gives the same events and faults.

    It departs from the rules in its bounds alone: too large an event ends the reading, and a `retry` of more than
    4300 digits is ignored.

    Args:
        max_event_bytes: The most octets the lines of one event may have, comments apart; one line by itself counts.

    Attributes:
        faults: In the order they stand in the stream, the first `MAX_FAULTS`.
        fault_count: All faults so far.
        comment_count: Comment lines so far: signs of life that are no events.
        last_event_id: What a client would send as `Last-Event-ID`; the empty string when there is none.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.faults: list[Fault] = []
        self.fault_count = 0
        self.comment_count = 0
        self.last_event_id = ""
        self._limit = max_event_bytes
        self._line = 0
        self._tail = bytearray()
        self._after_cr = False
        self._failed = False
        self._next_id = ""
        self._begin()

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these octets complete, in order; empty when none is complete yet.

        Raises:
            EventTooLarge: With the events completed before. Feeding on raises it again, without events.
        """
        events: list[Event] = []
        if not chunk:
            return events
        lines = chunk[1:] if self._after_cr and chunk.startswith(b"\n") else chunk
        self._after_cr = chunk.endswith(b"\r")
        # CR and LF are never part of a longer UTF-8 sequence, so lines may be cut before they are decoded.
        for piece in lines.splitlines(keepends=True):
            content = piece.rstrip(b"\r\n")
            self._guard(len(self._tail) + len(content), events)
            if len(content) == len(piece):
                self._tail += content
                continue
            if self._tail:
                content = bytes(self._tail) + content
                self._tail.clear()
            self._read_line(content, events)
        return events

    def close(self) -> list[Event]:
        """Note what the end of the stream cuts off. Always empty: an event without its blank line is dropped."""
        tail = bytes(self._tail) if self._line else self._tail.removeprefix(_BOM)
        if tail:
            line = self._decode(bytes(tail), self._line + 1)
            self._fault(FaultKind.UNFINISHED_LINE, self._line + 1, line)
        elif self._fields:
            self._fault(FaultKind.UNFINISHED_EVENT, self._start, self._summary())
        self._tail.clear()
        self._begin()
        return []

    def _begin(self) -> None:
        self._event: str | None = None
        self._data: list[str] | None = None
        self._id: str | None = None
        self._retry: int | None = None
        self._comments: list[str] = []
        self._fields = False
        self._start = 0
        self._size = 0
        self._comment_size = 0

    def _guard(self, pending: int, events: list[Event]) -> None:
        if self._failed or self._size + pending > self._limit:
            self._failed = True
            raise EventTooLarge(self._limit, self._size + pending, self._line + 1, tuple(events))

    def _read_line(self, octets: bytes, events: list[Event]) -> None:
        self._line += 1
        if self._line == 1:
            octets = octets.removeprefix(_BOM)
        if not octets:
            self._dispatch(events)
            return
        line = self._decode(octets, self._line)
        if line.startswith(":"):
            self._keep_comment(line[1:].removeprefix(" "))
            return
        self._size += len(octets)
        if not self._fields:
            self._fields, self._start = True, self._line
        name, _, value = line.partition(":")
        self._read_field(name, value.removeprefix(" "), line)

    def _read_field(self, name: str, value: str, line: str) -> None:
        match name:
            case "data":
                if self._data is None:
                    self._data = []
                self._data.append(value)
            case "event":
                self._event = value
            case "id" if "\0" not in value:
                self._id = self._next_id = value
            case "id":
                self._fault(FaultKind.ID_WITH_NUL, self._line, line)
            case "retry" if _RETRY.fullmatch(value):
                self._retry = int(value)
            case "retry":
                self._fault(FaultKind.INVALID_RETRY, self._line, line)
            case _:
                self._fault(FaultKind.UNKNOWN_FIELD, self._line, line)

    def _dispatch(self, events: list[Event]) -> None:
        self.last_event_id = self._next_id
        if self._data is not None:
            comment = "\n".join(self._comments) if self._comments else None
            events.append(Event(self._event, "\n".join(self._data), self._id, self._retry, comment))
        elif self._event is not None:
            self._fault(FaultKind.EVENT_WITHOUT_DATA, self._start, self._summary())
        self._begin()

    def _keep_comment(self, text: str) -> None:
        self.comment_count += 1
        # Comments have no meaning, so endless ones may not end the stream: past the limit they are only counted.
        self._comment_size += len(text) + 1
        if self._comment_size <= self._limit:
            self._comments.append(text)

    def _decode(self, octets: bytes, line: int) -> str:
        try:
            return octets.decode()
        except UnicodeDecodeError:
            text = octets.decode(errors="replace")
            self._fault(FaultKind.INVALID_UTF8, line, text)
            return text

    def _summary(self) -> str:
        data = None if self._data is None else "\n".join(self._data)
        fields = (("id", self._id), ("event", self._event), ("data", data), ("retry", self._retry))
        return ", ".join(f"{name}: {value}" for name, value in fields if value is not None)

    def _fault(self, kind: FaultKind, line: int, text: str) -> None:
        self.fault_count += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(kind, line, text[:_EXCERPT]))
