"""Undo `Content-Encoding` piece by piece, never to more octets than allowed."""

from __future__ import annotations

import zlib
from typing import Final, final

__all__ = ["ACCEPTED", "BrokenCoding", "Decoder", "find_decoder"]

ACCEPTED: Final = "gzip, deflate"
"""What we offer as `Accept-Encoding`."""

_WINDOW_BITS: Final = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class BrokenCoding(ValueError):
    """The content is not what its `Content-Encoding` says."""


@final
class Decoder:
    """Undoes one coding. ``deflate`` is read with and without its zlib header, as browsers do."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inflate = zlib.decompressobj(_WINDOW_BITS[coding])
        self._begun = False

    def feed(self, data: bytes, limit: int) -> bytes:
        """The octets that these add, at most `limit`: what is beyond is dropped.

        Raises:
            BrokenCoding: They aren't what the coding makes.
        """
        begun, self._begun = self._begun, self._begun or bool(data)
        try:
            return self._inflate.decompress(data, limit) if limit > 0 else b""
        except zlib.error as error:
            if self._coding == "deflate" and not begun:
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
                return self.feed(data, limit)
            raise BrokenCoding(f"the body is not {self._coding}: {error}") from error

    @property
    def is_finished(self) -> bool:
        """Whether the coding's own end was seen; content without it was cut off."""
        return self._inflate.eof or not self._begun


def find_decoder(content_encoding: str | None) -> Decoder | None:
    """The decoder for a `Content-Encoding` field; None when nothing was coded, or in a way that we didn't offer."""
    coding = (content_encoding or "").strip().lower()
    return Decoder(coding) if coding in _WINDOW_BITS else None
