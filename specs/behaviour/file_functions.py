"""Functions about files: their octets as text, their paths, and what is told from their names and contents.

A body that is a file is, to expressions, a text with one character for each octet (code points 0 to 255).
"""

from __future__ import annotations

import base64
import mimetypes
import re
from typing import Final
from urllib.parse import unquote

__all__ = ["from_base64", "is_text", "media_type_of", "path_of", "to_base64"]

MAX_ENCODINGS: Final = 8
"""How often a path may be percent-encoded over and over before it counts as one that leads out."""
_TYPES: Final = mimetypes.MimeTypes()
_COMPRESSED: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


def to_base64(octets: str) -> str:
    """Octets as base64 (RFC 4648, section 4). Raises ValueError for a text that is none of octets."""
    return base64.b64encode(octets.encode("latin-1")).decode("ascii")


def from_base64(text: str) -> str:
    """The octets that base64 stands for. Raises ValueError for what isn't base64."""
    return base64.b64decode(text, validate=True).decode("latin-1")


def path_of(text: str) -> str | None:
    """A POSIX path from the root, without ``.``, empty parts and a slash at its end.

    None where it would lead out: a part is ``..``, between slashes or backslashes, as it stands or percent-encoded, or
    it has a NUL.
    """
    seen = text
    for _ in range(MAX_ENCODINGS):
        if "\0" in seen or any(part.strip() == ".." for part in re.split(r"[/\\]", seen)):
            return None
        decoded = unquote(seen)
        if decoded == seen:
            return "/" + "/".join(part for part in text.split("/") if part not in ("", "."))
        seen = decoded
    return None


def media_type_of(name: str) -> str:
    """The media type that the end of a file's name stands for; ``application/octet-stream`` where it says nothing."""
    end = re.search(r"(?:\.[A-Za-z0-9]+){1,2}$", name)
    found, coding = _TYPES.guess_type(f"file{end.group()}" if end is not None else "file")
    return _COMPRESSED.get(coding or "", found or "application/octet-stream")


def is_text(octets: str) -> bool:
    """Whether octets are UTF-8 without NUL."""
    try:
        return "\0" not in octets.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
