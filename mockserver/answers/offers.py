"""The media types that a response can be given in, the favourite first."""

from __future__ import annotations

from typing import Final

from understudy.mockserver.answers.sample_files import SAMPLES
from understudy.specs.model import MediaType
from understudy.specs.wire.media_types import Kind, find_content, find_media_type, kind, matches

__all__ = ["content_type_header", "list_offers"]

_CONCRETE: Final = (
    "application/json",
    "text/plain",
    "text/html",
    "text/csv",
    *SAMPLES,
    "video/mp4",
    "multipart/form-data",
    "application/problem+json",
)
"""What stands for a range such as ``image/*``, the first that fits first."""


def list_offers(content: tuple[MediaType, ...]) -> list[tuple[MediaType, str]]:
    """Each entry of `content` with a media type that is really sent, in the order the mock prefers.

    A range stands for every media type that is known here, fits it and has no entry of its own. JSON comes first,
    since that is what a client that says nothing, or ``*/*``, expects; then the document's order.
    """
    offers = [
        (entry, name)
        for entry in content
        for name in _names(entry.name)
        if name == entry.name or find_content(content, name) is entry
    ]
    return sorted(offers, key=lambda offer: kind(offer[1]) is not Kind.JSON)


def content_type_header(name: str) -> bytes:
    """The value of `Content-Type`: text is UTF-8 and says so; JSON has no such parameter (RFC 8259, section 11)."""
    value = find_media_type(name)
    is_text = value is not None and value.type == "text" and "charset" not in value.parameters
    return (f"{name}; charset=utf-8" if is_text else name).encode("latin-1", "replace")


def _names(name: str) -> list[str]:
    value = find_media_type(name)
    if value is None or not value.is_range:
        return [name]
    known = [each for each in _CONCRETE if matches(value.essence, each)]
    # A range that nothing known fits is served under a name that fits it.
    return known or [name.replace("*", "x-sample" if value.type != "*" else "octet-stream")]
