"""Show a body to a reader: pretty-printed, cut to a readable length, with the place at fault marked."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from understudy.contracts.replaying.curl import is_stream
from understudy.contracts.reports.printable import printable, shorten
from understudy.specs.documents.document import Json
from understudy.specs.pointers import JsonPointer, child

__all__ = ["BodyView", "Line", "Mark", "show_body", "show_value"]

MAX_LINES = 60
MAX_COLUMNS = 300
MAX_PARSED = 1_000_000
MAX_TEXT = 100_000
MAX_DEPTH = 40
HEX_OCTETS = 256
HEAD_LINES = 6
AROUND = 4

_LINE_END = re.compile(r"\r\n|\n|\r")


class Mark(Enum):
    """What a line is."""

    PLAIN = "plain"
    FAULT = "fault"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; for a GAP it says how many lines were left out."""

    text: str
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True)
class BodyView:
    """A body ready to show.

    Attributes:
        kind: ``JSON``, ``text``, ``events``, ``records`` or ``binary data``; empty when there is no body.
        octets: Size of the whole body.
    """

    kind: str
    lines: tuple[Line, ...]
    octets: int


def show_body(body: bytes, media_type: str | None, at_fault: Collection[JsonPointer] = ()) -> BodyView:
    """Lay a body out.

    Args:
        media_type: Value of `Content-Type`, None when there was none.
        at_fault: Pointers into the body. In a stream the first token is the index of the event or record:
            ``/3/data`` marks the fourth.
    """
    size = len(body)
    if not body:
        return BodyView("", (), 0)
    try:
        octets = body if size <= MAX_PARSED else body[:MAX_TEXT]
        text = codecs.getincrementaldecoder("utf-8")().decode(octets, final=size <= MAX_PARSED)
    except UnicodeDecodeError:
        return BodyView("binary data", _fit([Line(line) for line in _hex(body)], size > HEX_OCTETS), size)
    name = (media_type or "").partition(";")[0].strip().lower()
    text = text.removesuffix("\n")
    indexes = {int(token) for pointer in at_fault if (token := pointer[1:].partition("/")[0]).isdigit()}
    if name == "text/event-stream":
        return BodyView("events", _fit([*_mark_events(text, indexes)]), size)
    if is_stream([name]):
        return BodyView("records", _fit([*_mark_records(text, indexes)]), size)
    if size <= MAX_PARSED and (lines := _json_lines(text, at_fault)) is not None:
        return BodyView("JSON", _fit(lines), size)
    return BodyView("text", _fit([Line(line) for line in _LINE_END.split(text)], size > MAX_PARSED), size)


def show_value(value: Json, limit: int = 200) -> str:
    """A value on one line, cut after ``limit`` characters."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):
        text = "(nested too deeply to show)"
    return printable(shorten(text, limit))


def _fit(lines: Sequence[Line], cut: bool = False) -> tuple[Line, ...]:
    """The first lines and those around each fault, with gaps in between, each cut at `MAX_COLUMNS`."""
    faults = [index for index, line in enumerate(lines) if line.mark is Mark.FAULT]
    keep = set(range(min(len(lines), HEAD_LINES if faults else MAX_LINES)))
    for fault in faults:
        if len(keep) < MAX_LINES:
            keep.update(range(max(0, fault - AROUND), min(len(lines), fault + AROUND + 1)))
    if len(lines) <= MAX_LINES:
        keep = set(range(len(lines)))
    shown: list[Line] = []
    last = -1
    for index in sorted(keep):
        if index > last + 1:
            shown.append(_gap(index - last - 1))
        shown.append(Line(printable(shorten(lines[index].text, MAX_COLUMNS)), lines[index].mark))
        last = index
    if last + 1 < len(lines):
        shown.append(_gap(len(lines) - last - 1))
    if cut:
        shown.append(Line("and more", Mark.GAP))
    return tuple(shown)


def _gap(count: int) -> Line:
    return Line("1 line" if count == 1 else f"{count:,} lines", Mark.GAP)


class _Pairs(list[tuple[str, Json]]):
    """Members of an object in order, with duplicates."""


class _Number(str):
    """A number as it was written."""


def _json_lines(text: str, at_fault: Collection[JsonPointer]) -> list[Line] | None:
    try:
        value = json.loads(
            text, object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number, parse_constant=_Number
        )
    except (ValueError, RecursionError):
        return None
    return [
        Line(line, Mark.FAULT if pointer in at_fault else Mark.PLAIN)
        for line, pointer in _layout(value, JsonPointer(""), 0, "", "")
    ]


def _layout(
    value: Json, pointer: JsonPointer, depth: int, head: str, tail: str
) -> Iterator[tuple[str, JsonPointer | None]]:
    """Lines, each with the pointer of the value that begins on it; None for a closing bracket."""
    indent = "  " * depth
    members: Sequence[tuple[str | int, Json]] | None = None
    brackets = ""
    if isinstance(value, _Pairs):
        members, brackets = value, "{}"
    elif isinstance(value, list):
        members, brackets = [*enumerate(value)], "[]"
    if members is None:
        scalar = value if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)
        yield f"{indent}{head}{scalar}{tail}", pointer
    elif not members or depth >= MAX_DEPTH:
        yield f"{indent}{head}{brackets[0]}{'…' if members else ''}{brackets[1]}{tail}", pointer
    else:
        yield f"{indent}{head}{brackets[0]}", pointer
        for position, (key, item) in enumerate(members):
            name = f"{json.dumps(key, ensure_ascii=False)}: " if isinstance(key, str) else ""
            comma = "," if position < len(members) - 1 else ""
            yield from _layout(item, child(pointer, key), depth + 1, name, comma)
        yield f"{indent}{brackets[1]}{tail}", None


def _mark_events(text: str, indexes: Collection[int]) -> Iterator[Line]:
    """Lines of an event stream; events are counted as they are dispatched, at a blank line after data."""
    index, has_data = 0, False
    for line in _LINE_END.split(text):
        if not line:
            index, has_data = index + has_data, False
            yield Line("")
            continue
        has_data = has_data or line.startswith("data")
        yield Line(line, Mark.FAULT if index in indexes and not line.startswith(":") else Mark.PLAIN)


def _mark_records(text: str, indexes: Collection[int]) -> Iterator[Line]:
    index = 0
    for line in text.split("\n"):
        yield Line(line, Mark.FAULT if index in indexes and line.strip() else Mark.PLAIN)
        index += bool(line.strip())


def _hex(body: bytes) -> Iterator[str]:
    for start in range(0, min(len(body), HEX_OCTETS), 16):
        octets = body[start : start + 16]
        text = "".join(chr(octet) if 0x20 <= octet < 0x7F else "·" for octet in octets)
        yield f"{start:08x}  {octets.hex(' '):<47}  {text}"
