"""One server-sent event (HTML, section 9.2): what it is, how it is written, how `itemSchema` sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from understudy.specs.wire.json_bodies import dump_json
from understudy.specs.wire.malformed import UncarriableValue

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["Event", "UnencodableEvent", "as_item", "encode", "encode_comment", "from_item"]

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as it was sent: None is a field that was not sent, the empty string one that was sent empty.

    Attributes:
        event: The last `event` field.
        data: The `data` lines joined by LF.
        id: The last `id` field without NUL. It stays the stream's last event ID until another comes.
        retry: The last valid `retry` field, in milliseconds.
        comment: The comment lines joined by LF, each without its colon and one space.
    """

    event: str | None = None
    data: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None

    @property
    def type(self) -> str:
        """The type a browser dispatches: ``message`` when none or an empty one was sent."""
        return self.event or "message"


class UnencodableEvent(UncarriableValue):
    """An event cannot be written so that it comes back as it is; says which field, and why."""


def encode(event: Event) -> bytes:
    """The lines of an event with the blank line that ends it: comment, `id`, `event`, `data`, `retry`; LF throughout.

    CR and CRLF in data or in a comment count as line breaks, so they arrive as LF.

    Raises:
        UnencodableEvent: NUL or a line break in `id`; a line break in `event`; a negative `retry`; half of a surrogate
            pair anywhere.
    """
    lines = [] if event.comment is None else [f": {text}" for text in _LINE_END.split(event.comment)]
    if event.id is not None:
        if "\0" in event.id:
            raise UnencodableEvent(f"id: {event.id!r} holds NUL, so clients ignore it")
        lines.append(_field("id", event.id))
    if event.event is not None:
        lines.append(_field("event", event.event))
    if event.data is not None:
        lines += [_field("data", text) for text in _LINE_END.split(event.data)]
    if event.retry is not None:
        if event.retry < 0:
            raise UnencodableEvent(f"retry: {event.retry} is negative, so clients ignore it")
        lines.append(_field("retry", str(event.retry)))
    return _to_octets(lines)


def encode_comment(text: str) -> bytes:
    """A comment with the blank line after it: a sign of life that no client takes for an event.

    Raises:
        UnencodableEvent: Half of a surrogate pair in it.
    """
    return encode(Event(comment=text))


def _field(name: str, value: str) -> str:
    if _LINE_END.search(value):
        raise UnencodableEvent(f"{name}: {value!r} holds a line break, which would end the field")
    return f"{name}: {value}" if value else f"{name}:"


def _to_octets(lines: list[str]) -> bytes:
    try:
        return "".join(f"{line}\n" for line in [*lines, ""]).encode()
    except UnicodeEncodeError as error:
        raise UnencodableEvent(f"half of a surrogate pair in {error.object[error.start - 9 : error.end]!r}") from error


def as_item(event: Event) -> dict[str, Json]:
    """The event as `itemSchema` sees it (OpenAPI 3.2, Special Considerations for Server-Sent Events).

    ``id``, ``event`` and ``data`` are strings, ``retry`` an integer; a field that was not sent is no member.
    """
    fields: tuple[tuple[str, Json], ...] = (
        ("id", event.id),
        ("event", event.event),
        ("data", event.data),
        ("retry", event.retry),
    )
    return {name: value for name, value in fields if value is not None}


def from_item(item: Mapping[str, Json]) -> Event:
    """The event of an item; the other way from `as_item`.

    ``data`` that is no string is written as JSON, as documents mean that describe it as an object.

    Raises:
        UnencodableEvent: Another member; ``id`` or ``event`` that is no string; ``retry`` that is no whole number.
    """
    for name, value in item.items():
        if name not in ("id", "event", "data", "retry"):
            raise UnencodableEvent(f"{name}: no such field in an event; there are id, event, data and retry")
        if name in ("id", "event") and not isinstance(value, str):
            raise UnencodableEvent(f"{name}: {value!r} is not a string")
    return Event(item.get("event"), _data(item), item.get("id"), _retry(item))


def _data(item: Mapping[str, Json]) -> str | None:
    data = item.get("data", "")
    if "data" not in item or isinstance(data, str):
        return data if "data" in item else None
    return dump_json(data).decode()


def _retry(item: Mapping[str, Json]) -> int | None:
    if "retry" not in item:
        return None
    retry = item["retry"]
    whole = isinstance(retry, int) or (isinstance(retry, float) and retry.is_integer())
    if isinstance(retry, bool) or not whole:
        raise UnencodableEvent(f"retry: {retry!r} is not a whole number of milliseconds")
    return int(retry)
