"""Percent-encoding (RFC 3986, section 2.1; OpenAPI 3.2, URL Percent-Encoding), strict on the way in."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, quote_plus, unquote_to_bytes

from understudy.specs.wire.malformed import MalformedContent

__all__ = ["decode", "decode_form", "encode", "encode_form", "encode_reserved"]

_BROKEN: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TRIPLE: Final = re.compile(r"(%[0-9A-Fa-f]{2})")


def encode(text: str) -> str:
    """Everything but letters, digits and ``-._~`` encoded, as RFC 6570 expands by default.

    Raises:
        UnicodeEncodeError: Half of a surrogate pair, which UTF-8 cannot say.
    """
    return quote(text, safe="")


def encode_reserved(text: str, keep: str) -> str:
    """As `encode`, with the characters in ``keep`` and percent-triples left as they are (`allowReserved`)."""
    pieces = _TRIPLE.split(text)
    return "".join(piece if index % 2 else quote(piece, safe=keep) for index, piece in enumerate(pieces))


def encode_form(text: str) -> str:
    """As `application/x-www-form-urlencoded` is written (URL Standard, section 5.2): a space is ``+``."""
    return quote_plus(text, safe="*").replace("~", "%7E")


def decode(text: str, *, plus: bool = False) -> str:
    """The text behind percent-triples.

    Args:
        plus: Whether ``+`` is a space, as it is in a query and in a form, nowhere else.

    Raises:
        MalformedContent: ``%`` without two hexadecimal digits; octets that are not UTF-8.
    """
    if plus and "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    broken = _BROKEN.search(text)
    if broken:
        shown = text[broken.start() : broken.start() + 3]
        raise MalformedContent(f"{shown!r} is no percent-encoded octet: two hexadecimal digits follow each %")
    return _to_text(text)


def decode_form(text: str) -> str:
    """As a form is read (URL Standard, section 5.1): ``+`` is a space, and a ``%`` without two digits is itself.

    Raises:
        MalformedContent: Octets that are not UTF-8.
    """
    text = text.replace("+", " ")
    return _to_text(text) if "%" in text else text


def _to_text(encoded: str) -> str:
    try:
        return unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError as error:
        raise MalformedContent(f"{encoded[:40]!r} does not stand for UTF-8 text") from error
