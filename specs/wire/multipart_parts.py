"""One part of a multipart body: its headers, its content, and how parts are written (RFC 7578; RFC 6266)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Final, final
from urllib.parse import unquote_to_bytes

from understudy.specs.wire.malformed import MalformedContent, UncarriableValue

__all__ = ["BOUNDARY", "Content", "Headers", "Part", "encode_multipart", "read_headers"]

Headers = tuple[tuple[str, str], ...]
"""Names as they were sent, and values without white space around them."""

BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
"""1 to 70 of the characters that RFC 2046, section 5.1.1, allows, no space at the end."""

_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(.*)", re.DOTALL)
_FOLD: Final = re.compile(r"\r\n[ \t]+")
_PARAMETER: Final = re.compile(r';[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]++|\\.)*+)"|([^;"]*))', re.DOTALL)
_ESCAPED: Final = re.compile(r'\\(["\\])')
_BREAKING: Final = re.compile(r"[\r\n\0]")
_OWN_HEADERS: Final = ("content-disposition", "content-type")


@dataclass(frozen=True, slots=True)
class Part:
    """One part, read or to be written.

    Attributes:
        name: Of the field; the empty string when there is none, as in ``multipart/mixed``.
        content: The octets, or the temporary file that holds them, at its start.
        filename: As it was sent, path and all; None when the part isn't called a file.
        media_type: As it was sent; None when it was not, which means ``text/plain`` (RFC 7578, section 4.4).
        headers: All headers as they were sent. For writing, those to be added to `Content-Disposition` and
            `Content-Type`, which are made of the other attributes.
    """

    name: str
    content: bytes | BinaryIO
    filename: str | None = None
    media_type: str | None = None
    headers: Headers = ()

    def read(self) -> bytes:
        """The whole content; may be called again."""
        if isinstance(self.content, bytes):
            return self.content
        self.content.seek(0)
        return self.content.read()

    def close(self) -> None:
        """Let go of the temporary file, if there is one."""
        if not isinstance(self.content, bytes):
            self.content.close()


@final
class Content:
    """A part while it is being read."""

    def __init__(self, headers: Headers, spool_bytes: int) -> None:
        fields = {name.lower(): value for name, value in reversed(headers)}
        parameters = _read_parameters(fields.get("content-disposition", ""))
        self._headers = headers
        self._media_type = fields.get("content-type")
        self._filename = parameters.get("filename")
        self._spool_bytes = spool_bytes
        self._memory = bytearray()
        self._file: BinaryIO | None = None
        self.has_name = "name" in parameters
        self.name = parameters.get("name", "")
        self.size = 0

    def write(self, octets: bytes) -> None:
        """Add to the content."""
        self.size += len(octets)
        if self._file is None and self.size > self._spool_bytes:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - the part owns it
            self._file.write(self._memory)
            self._memory.clear()
        if self._file is None:
            self._memory += octets
        else:
            self._file.write(octets)

    def finish(self) -> Part:
        """The part with all its content."""
        if self._file is not None:
            self._file.seek(0)
        return Part(self.name, self._file or bytes(self._memory), self._filename, self._media_type, self._headers)

    def close(self) -> None:
        """Let go of what was read."""
        if self._file is not None:
            self._file.close()


def read_headers(block: bytes) -> Headers:
    """The headers in a block of lines, without the blank line that ends it; folded lines are unfolded.

    Raises:
        MalformedContent: A line that is no header.
    """
    try:
        text = block.decode()
    except UnicodeDecodeError:
        text = block.decode("latin-1")
    headers = []
    for line in _FOLD.sub(" ", text).split("\r\n") if text else []:
        match = _HEADER.fullmatch(line)
        if match is None or _BREAKING.search(line):
            raise MalformedContent(f"{line[:60]!r} is not a header of a part")
        headers.append((match[1], match[2].strip(" \t")))
    return tuple(headers)


def _read_parameters(disposition: str) -> dict[str, str]:
    """The parameters of `Content-Disposition`. Of two with one name the first counts; `filename*` (RFC 8187) goes
    before `filename` if it can be decoded. Only quotes and backslashes count as escaped: others are Windows paths."""
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(disposition):
        found.setdefault(name.lower(), plain.strip() if plain else _ESCAPED.sub(r"\1", quoted))
    charset, _, encoded = found.get("filename*", "").partition("'")
    if charset.lower() in ("utf-8", "iso-8859-1"):
        try:
            found["filename"] = unquote_to_bytes(encoded.partition("'")[2]).decode(charset)
        except UnicodeDecodeError:
            return found
    return found


def encode_multipart(parts: Iterable[Part], boundary: str) -> bytes:
    """A whole body. Parts with a name are written as ``form-data``; those without have no `Content-Disposition`.

    Args:
        boundary: 1 to 70 characters that occur in no part; the same boundary and parts give the same octets.

    Raises:
        UncarriableValue: A line break or NUL in a name, file name or header; the boundary is none, or in a content.
    """
    if BOUNDARY.fullmatch(boundary) is None:
        raise UncarriableValue(f"{boundary[:80]!r} is not a boundary (RFC 2046, section 5.1.1)")
    delimiter = b"--" + boundary.encode()
    pieces: list[bytes] = []
    for part in parts:
        content = part.read()
        if delimiter in content:
            raise UncarriableValue(f"the part {part.name!r} has the boundary {boundary!r} in it; choose another")
        lines = [f"{name}: {_checked(value)}" for name, value in part.headers if name.lower() not in _OWN_HEADERS]
        if part.media_type is not None:
            lines.insert(0, f"Content-Type: {_checked(part.media_type)}")
        if part.name or part.filename is not None:
            filename = "" if part.filename is None else f"; filename={_quote(part.filename)}"
            lines.insert(0, f"Content-Disposition: form-data; name={_quote(part.name)}{filename}")
        try:
            head = "".join(f"{line}\r\n" for line in lines).encode()
        except UnicodeEncodeError:
            raise UncarriableValue(f"half of a surrogate pair in a header of the part {part.name!r}") from None
        pieces += [delimiter, b"\r\n", head, b"\r\n", content, b"\r\n"]
    return b"".join([*pieces, delimiter, b"--\r\n"])


def _checked(value: str) -> str:
    if _BREAKING.search(value):
        raise UncarriableValue(f"{value[:60]!r} has a line break or NUL in it, which no header can hold")
    return value


def _quote(value: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", _checked(value)) + '"'
