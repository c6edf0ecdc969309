"""JSON Pointers (RFC 6901): the names of places in documents and bodies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType
from urllib.parse import quote, unquote

__all__ = ["JsonPointer", "child", "from_tokens", "to_fragment", "tokens"]

JsonPointer = NewType("JsonPointer", str)
"""Absolute, without the ``#``; the empty string is the root."""


def escape(token: str) -> str:
    """``a/b~c`` → ``a~1b~0c``."""
    if "~" not in token and "/" not in token:
        return token
    return token.replace("~", "~0").replace("/", "~1")


def child(pointer: str, *keys: str | int) -> JsonPointer:
    """The pointer to a member or item below ``pointer``: ``("/paths", "/pets")`` → ``/paths/~1pets``."""
    return JsonPointer(pointer + "".join([f"/{escape(key) if isinstance(key, str) else key}" for key in keys]))


def from_tokens(keys: Iterable[str | int]) -> JsonPointer:
    """``["paths", "/pets", 0]`` → ``/paths/~1pets/0``."""
    return child("", *keys)


def tokens(pointer: str) -> tuple[str, ...]:
    """``/paths/~1pets/0`` → ``("paths", "/pets", "0")``."""
    if not pointer:
        return ()
    found = pointer[1:].split("/")
    return tuple([token.replace("~1", "/").replace("~0", "~") for token in found] if "~" in pointer else found)


def to_fragment(pointer: str) -> str:
    """The pointer as a URI fragment, percent-encoded (RFC 6901, section 6): ``#/a%20b``."""
    return "#" + quote(pointer, safe="/~!$&'()*+,;=:@-._")


def from_fragment(fragment: str) -> JsonPointer:
    """A URI fragment without its ``#`` as a pointer."""
    return JsonPointer(unquote(fragment))
