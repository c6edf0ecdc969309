"""Sequences of JSON values: JSON Lines and NDJSON (a value a line), `application/json-seq` (RFC 7464).

A parser takes octets in any pieces and gives what is complete. A record that cannot be read is an item of its own in
the result, with its line and the reason, and the next one is read: one bad line hides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from understudy.specs.wire.json_bodies import MalformedJson, dump_json, load_json

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = [
    "MAX_RECORD_BYTES",
    "MalformedRecord",
    "Parser",
    "Record",
    "SequenceParser",
    "encode_line",
    "encode_sequence_record",
]

MAX_RECORD_BYTES: Final = 16 * 1024 * 1024
"""The longest record that is read unless the caller says otherwise, in octets."""

_EXCERPT: Final = 200
_BOM: Final = b"\xef\xbb\xbf"
_SEPARATOR: Final = b"\x1e"
_BLANK: Final = b" \t\r\n"
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?')
_SCALAR: Final = re.compile(rb"[ \t\r\n]*+[-0-9a-z]")
_SOMETHING: Final = re.compile(rb"[^ \t\r\n]")


@dataclass(frozen=True, slots=True)
class Record:
    """One value. ``line`` is the 1-based line on which it begins."""

    line: int
    value: Json


@dataclass(frozen=True, slots=True)
class MalformedRecord:
    """A record that could not be read.

    Attributes:
        line: 1-based line on which it begins.
        reason: One sentence.
        text: Its first 200 characters; what is not UTF-8 shows as U+FFFD.
    """

    line: int
    reason: str
    text: str


@final
class Parser:
    """Reads JSON Lines: UTF-8, a value a line, lines ended by LF or CRLF. Blank lines are passed over, as NDJSON does;
    the last line needs no end. Any way of cutting the same octets gives the same items.

    Args:
        max_record_bytes: A longer line is malformed; it is skipped, not kept.
    """

    def __init__(self, max_record_bytes: int = MAX_RECORD_BYTES) -> None:
        self._limit = max_record_bytes
        self._line = 1
        self._tail = bytearray()
        self._skipping = False

    def feed(self, chunk: bytes) -> list[Record | MalformedRecord]:
        """The items that these octets complete, in order."""
        items: list[Record | MalformedRecord] = []
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            self._gather(piece, items)
            self._finish(items)
            self._line += 1
        self._gather(rest, items)
        return items

    def close(self) -> list[Record | MalformedRecord]:
        """What the last line holds when nothing ends it; call it once, at the end of the content."""
        items: list[Record | MalformedRecord] = []
        self._finish(items)
        return items

    def _gather(self, piece: bytes, items: list[Record | MalformedRecord]) -> None:
        if self._skipping:
            return
        self._tail += piece
        if len(self._tail) > self._limit:
            items.append(_malformed(self._line, f"longer than {self._limit} octets", self._tail[: self._limit]))
            self._tail.clear()
            self._skipping = True

    def _finish(self, items: list[Record | MalformedRecord]) -> None:
        line = bytes(self._tail)
        self._tail.clear()
        self._skipping = False
        if self._line == 1:
            line = line.removeprefix(_BOM)
        if _SOMETHING.search(line):
            items.append(_read(line, self._line))


@final
class SequenceParser:
    """Reads JSON text sequences (RFC 7464): each record begins with the octet 1E and ends with a line feed.

    A value may have line breaks inside. It is given as soon as the line is read that closes it. Text before the first
    1E, or after a value, is malformed; so is a number or word without white space after it, which may have been cut.

    Args:
        max_record_bytes: A longer record is malformed; it is skipped, not kept.
    """

    def __init__(self, max_record_bytes: int = MAX_RECORD_BYTES) -> None:
        self._limit = max_record_bytes
        self._line = 1
        self._begin(outside=True)

    def feed(self, chunk: bytes) -> list[Record | MalformedRecord]:
        """The items that these octets complete, in order."""
        items: list[Record | MalformedRecord] = []
        *ended, rest = chunk.split(_SEPARATOR)
        for piece in ended:
            self._gather(piece, items)
            self._finish(items)
            self._begin(outside=False)
        self._gather(rest, items)
        return items

    def close(self) -> list[Record | MalformedRecord]:
        """What the last record holds; call it once, at the end of the content."""
        items: list[Record | MalformedRecord] = []
        self._finish(items)
        self._begin(outside=True)
        return items

    def _begin(self, *, outside: bool) -> None:
        self._text = bytearray()
        self._start = self._line
        self._scanned = 0
        self._depth = 0
        self._outside = outside
        self._skipping = False

    def _gather(self, piece: bytes, items: list[Record | MalformedRecord]) -> None:
        for line in piece.splitlines(keepends=True):
            if not self._skipping:
                self._text += line
            if line.endswith(b"\n"):
                self._line += 1
                if not self._skipping:
                    self._end_line(items)
            if len(self._text) > self._limit:
                items.append(_malformed(self._start, f"longer than {self._limit} octets", self._text[: self._limit]))
                self._text.clear()
                self._skipping = True

    def _end_line(self, items: list[Record | MalformedRecord]) -> None:
        """No JSON string goes over a line end, so each line's brackets can be counted by themselves."""
        if _SOMETHING.search(self._text) is None:
            self._text.clear()
            self._start = self._line
        elif not self._outside and len(self._text) <= self._limit:
            bare = _STRING.sub(b"", self._text[self._scanned :])
            self._scanned = len(self._text)
            self._depth += bare.count(b"[") + bare.count(b"{") - bare.count(b"]") - bare.count(b"}")
            if self._depth <= 0:
                items.append(_read(bytes(self._text), self._start))
                self._begin(outside=True)

    def _finish(self, items: list[Record | MalformedRecord]) -> None:
        text = bytes(self._text)
        if _SOMETHING.search(text) is None:
            return
        if self._outside:
            items.append(_malformed(self._start, "text outside a record: no 1E before it", text.strip(_BLANK)))
            return
        item = _read(text, self._start)
        if isinstance(item, Record) and _SCALAR.match(text) and text[-1] not in _BLANK:
            item = _malformed(self._start, "cut off: no line feed after a number or word (RFC 7464, 2.4)", text)
        items.append(item)


def _read(text: bytes, line: int) -> Record | MalformedRecord:
    if text.startswith(_BOM):
        return _malformed(line, "a byte order mark inside the content", text)
    try:
        return Record(line, load_json(text))
    except MalformedJson as error:
        place = f"line {error.line} of the record, " if error.line > 1 else ""
        return _malformed(line, f"{place}column {error.column}: {error.reason}", text)


def _malformed(line: int, reason: str, text: bytes | bytearray) -> MalformedRecord:
    return MalformedRecord(line, reason, text[: 4 * _EXCERPT].decode(errors="replace")[:_EXCERPT])


def encode_line(value: Json) -> bytes:
    """One line of JSON Lines, its line feed included.

    Raises:
        TypeError: Something in it is no JSON value.
    """
    return dump_json(value) + b"\n"


def encode_sequence_record(value: Json) -> bytes:
    """One record of a JSON text sequence, from its 1E to its line feed.

    Raises:
        TypeError: Something in it is no JSON value.
    """
    return _SEPARATOR + dump_json(value) + b"\n"
