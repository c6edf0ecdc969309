"""What kind of file something is, by its label or, without one, by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from understudy.specs.wire.media_types import find_media_type, matches

__all__ = ["is_accepted"]

_UNLABELLED: Final = "application/octet-stream"

_ALIASES: Final = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-ms-bmp": "image/bmp",
    "image/vnd.microsoft.icon": "image/x-icon",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-flac": "audio/flac",
    "application/x-zip-compressed": "application/zip",
    "application/x-gzip": "application/gzip",
    "text/x-markdown": "text/markdown",
    "text/xml": "application/xml",
}
"""Other names in use → the name that is compared."""

_BY_ENDING: Final = {
    "png": ("image/png",),
    "jpg": ("image/jpeg",),
    "jpeg": ("image/jpeg",),
    "gif": ("image/gif",),
    "bmp": ("image/bmp",),
    "webp": ("image/webp",),
    "svg": ("image/svg+xml",),
    "ico": ("image/x-icon",),
    "tif": ("image/tiff",),
    "tiff": ("image/tiff",),
    "heic": ("image/heic",),
    "avif": ("image/avif",),
    "wav": ("audio/wav",),
    "mp3": ("audio/mpeg",),
    "ogg": ("audio/ogg", "video/ogg", "application/ogg"),
    "flac": ("audio/flac",),
    "m4a": ("audio/mp4",),
    "aac": ("audio/aac",),
    "webm": ("video/webm", "audio/webm"),
    "mp4": ("video/mp4", "audio/mp4"),
    "mov": ("video/quicktime",),
    "avi": ("video/x-msvideo",),
    "pdf": ("application/pdf",),
    "zip": ("application/zip",),
    "gz": ("application/gzip",),
    "tar": ("application/x-tar",),
    "json": ("application/json",),
    "jsonl": ("application/jsonl", "application/x-ndjson"),
    "xml": ("application/xml",),
    "yaml": ("application/yaml",),
    "yml": ("application/yaml",),
    "csv": ("text/csv",),
    "txt": ("text/plain",),
    "md": ("text/markdown", "text/plain"),
    "html": ("text/html",),
    "htm": ("text/html",),
    "js": ("text/javascript", "application/javascript"),
    "css": ("text/css",),
    "doc": ("application/msword",),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    "exe": ("application/vnd.microsoft.portable-executable",),
}
"""Ending of a file's name → what such a file may be."""


def is_accepted(allowed: Sequence[str], media_type: str | None, filename: str | None) -> bool:
    """Whether a file is of an allowed type.

    ``application/octet-stream`` is what clients send for files they know nothing about, so it is no label; a file
    without label whose name tells nothing either is accepted.

    Args:
        allowed: Media types or ranges; empty allows everything.
        media_type: As it was sent; None when it wasn't.
    """
    if not allowed:
        return True
    return any(_is_one(pattern, candidate) for candidate in _candidates(media_type, filename) for pattern in allowed)


def _candidates(media_type: str | None, filename: str | None) -> tuple[str, ...]:
    named = find_media_type(media_type) if media_type else None
    if media_type and named is None:
        return (media_type,)
    if named is not None and named.essence != _UNLABELLED:
        return (named.essence,)
    ending = (filename or "").rpartition(".")[2].lower() if "." in (filename or "") else ""
    return _BY_ENDING.get(ending, ("*/*",))


def _is_one(pattern: str, candidate: str) -> bool:
    if candidate == "*/*":
        return True
    essence = pattern.partition(";")[0].strip().lower()
    return matches(_ALIASES.get(essence, essence), _ALIASES.get(candidate, candidate))
