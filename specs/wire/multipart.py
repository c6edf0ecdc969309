"""`multipart/form-data` and its kin, read piece by piece within limits (RFC 2046, section 5.1; RFC 7578).

A limit is enforced while the body comes: the refusal is raised with the octet that passes it, and what follows need
not be read. Large parts go to temporary files. A part's content is given as it came: `Content-Transfer-Encoding` is
no longer used in HTTP (RFC 7578, section 4.7) and is left to the reader. Written: `multipart_parts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Final, final

from understudy.specs.wire.malformed import ContentTooLarge, MalformedContent
from understudy.specs.wire.media_types import find_media_type
from understudy.specs.wire.multipart_parts import BOUNDARY, Content, Part, encode_multipart, read_headers

__all__ = [
    "BodyTooLarge",
    "Limits",
    "MalformedMultipart",
    "Parser",
    "Part",
    "PartTooLarge",
    "encode_multipart",
    "get_boundary",
]

_LINE_END: Final = re.compile(rb"[ \t]*\r\n")
_MAX_PADDING: Final = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted; None is no limit of ours.

    Attributes:
        max_part_bytes: The name of a part → octets its content may have. Parts without a name are asked for as ``""``.
        max_body_bytes: Octets of the whole body, boundaries and headers included.
        max_parts: Number of parts.
        max_header_bytes: Octets of one part's headers.
        spool_bytes: A part whose content has more octets than this goes to a temporary file.
    """

    max_part_bytes: Callable[[str], int | None] = lambda _: None
    max_body_bytes: int | None = None
    max_parts: int = 1000
    max_header_bytes: int = 16 * 1024
    spool_bytes: int = 1024 * 1024


class MalformedMultipart(MalformedContent):
    """A body is not multipart as its header says.

    Args:
        reason: One sentence.
        offset: 0-based octet of the body near which it shows.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.offset = offset

    def __str__(self) -> str:
        return f"octet {self.offset}: {self.reason}"


class BodyTooLarge(ContentTooLarge):
    """The whole body passes its limit."""


class PartTooLarge(ContentTooLarge):
    """One part's content passes the limit for its name."""

    def __init__(self, name: str, limit: int, received_at_least: int) -> None:
        super().__init__(limit, received_at_least)
        self.name = name

    def __str__(self) -> str:
        return f"the part {self.name!r} is {super().__str__()}"


def get_boundary(content_type: str) -> str:
    """The boundary that a `Content-Type` field gives.

    Raises:
        MalformedMultipart: None is given, or it is not one by RFC 2046, section 5.1.1.
    """
    value = find_media_type(content_type)
    boundary = value.parameters.get("boundary") if value else None
    if boundary is None:
        raise MalformedMultipart("Content-Type gives no boundary", 0)
    if BOUNDARY.fullmatch(boundary) is None:
        raise MalformedMultipart(f"{boundary[:80]!r} is not a boundary of 1 to 70 allowed characters", 0)
    return boundary


class _State(Enum):
    PREAMBLE = "before the first boundary"
    HEADERS = "in the headers of a part"
    CONTENT = "in the content of a part"
    EPILOGUE = "after the last boundary"


@final
class Parser:
    """Reads one body. As a context manager it lets go of what an unfinished body has left behind.

    Any way of cutting the same octets gives the same parts and the same refusals.

    Args:
        content_type: The `Content-Type` field. Under ``multipart/form-data`` each part must have a name.
        limits: What is accepted.

    Raises:
        MalformedMultipart: `Content-Type` gives no boundary.
    """

    def __init__(self, content_type: str, limits: Limits | None = None) -> None:
        value = find_media_type(content_type)
        self._limits = limits or Limits()
        self._delimiter = b"\r\n--" + get_boundary(content_type).encode()
        self._needs_name = value is not None and value.subtype == "form-data"
        self._state = _State.PREAMBLE
        # The first boundary may be the very start, as if a line had ended before it.
        self._buffer = bytearray(b"\r\n")
        self._offset = -2
        self._received = 0
        self._parts = 0
        self._content: Content | None = None
        self._skip = 0
        self._limit: int | None = None
        self._refusal: ContentTooLarge | MalformedContent | None = None

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drop()

    def feed(self, chunk: bytes) -> list[Part]:
        """The parts that these octets complete, in order.

        Raises:
            PartTooLarge, BodyTooLarge: A limit is passed.
            MalformedMultipart: Headers that are none or too long, a part without name, too many parts.
        """
        if self._refusal is not None:
            raise self._refusal
        limit = self._limits.max_body_bytes
        within = chunk if limit is None else chunk[: max(0, limit - self._received)]
        self._received += len(chunk)
        parts: list[Part] = []
        try:
            self._buffer += within
            while self._advance(parts):
                pass
            if limit is not None and self._received > limit:
                raise BodyTooLarge(limit, self._received)
        except (ContentTooLarge, MalformedContent) as refusal:
            self._refusal = refusal
            for part in parts:
                part.close()
            self._drop()
            raise
        return parts

    def close(self) -> None:
        """Say that the body has ended.

        Raises:
            MalformedMultipart: It ended before its last boundary.
            PartTooLarge, BodyTooLarge, MalformedMultipart: `feed` had raised it.
        """
        if self._refusal is not None:
            raise self._refusal
        self._drop()
        if self._state is not _State.EPILOGUE:
            shown = self._delimiter[2:].decode()
            reason = f"the body ends {self._state.value}: the line {shown + '--'!r}, with CRLF before it, never comes"
            raise MalformedMultipart(reason, self._received)

    def _drop(self) -> None:
        self._buffer.clear()
        if self._content is not None:
            self._content.close()
            self._content = None

    def _advance(self, parts: list[Part]) -> bool:
        """Take one step; False when more octets are needed."""
        match self._state:
            case _State.HEADERS:
                return self._read_headers()
            case _State.EPILOGUE:
                self._take(len(self._buffer))
                return False
            case _:
                return self._read_content(parts)

    def _take(self, length: int) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._offset += length
        return taken

    def _read_content(self, parts: list[Part]) -> bool:
        start = self._buffer.find(self._delimiter)
        if start < 0:
            # The end of what is here may be the beginning of a boundary.
            self._keep(self._take(max(0, len(self._buffer) - len(self._delimiter) + 1)))
            return False
        self._keep(self._take(start))
        after = len(self._delimiter)
        rest = bytes(self._buffer[after : after + _MAX_PADDING])
        ended = _LINE_END.match(rest)
        if rest.startswith(b"--") or ended:
            self._finish(parts)
            self._take(after + (ended.end() if ended else 2))
            self._state = _State.HEADERS if ended else _State.EPILOGUE
            # Headers may be none at all; then the blank line is the end of the boundary's own.
            self._buffer[:0] = b"\r\n" if ended else b""
            self._offset -= 2 if ended else 0
            return True
        if len(rest) < _MAX_PADDING and rest.rstrip(b"\r").strip(b" \t") in (b"", b"-"):
            return False
        # A longer line that only begins like the boundary is content.
        self._keep(self._take(2))
        return True

    def _keep(self, octets: bytes) -> None:
        if self._content is None:
            return
        skipped = min(self._skip, len(octets))
        self._skip -= skipped
        self._content.write(octets[skipped:])
        if self._limit is not None and self._content.size > self._limit:
            raise PartTooLarge(self._content.name, self._limit, self._content.size)

    def _finish(self, parts: list[Part]) -> None:
        if self._content is not None:
            parts.append(self._content.finish())
            self._content = None

    def _read_headers(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if (end - 2 if end >= 0 else len(self._buffer) - 5) > self._limits.max_header_bytes:
            raise MalformedMultipart(
                f"the headers of a part have more than {self._limits.max_header_bytes} octets", self._offset + 2
            )
        if end < 0:
            return False
        self._parts += 1
        if self._parts > self._limits.max_parts:
            raise MalformedMultipart(f"more than {self._limits.max_parts} parts", self._offset + 2)
        place = self._offset + 2
        try:
            self._content = Content(read_headers(self._take(end)[2:]), self._limits.spool_bytes)
        except MalformedContent as error:
            raise MalformedMultipart(error.reason, place) from error
        if self._needs_name and not self._content.has_name:
            raise MalformedMultipart("a part has no name: Content-Disposition gives none (RFC 7578, 4.2)", place)
        # The blank line's own end stays before the content, to be skipped: a boundary may follow at once.
        self._take(2)
        self._skip = 2
        self._limit = self._limits.max_part_bytes(self._content.name)
        self._state = _State.CONTENT
        return True
