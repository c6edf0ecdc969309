"""Which members of a multipart body are files, and how large each may be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, final

from understudy.specs.wire.media_types import Kind, kind

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json
    from understudy.specs.model import MediaType, MediaTypeName
    from understudy.specs.schemas.schema import Schema

__all__ = ["FileMember", "FileMembers"]

_SAYING: Final = frozenset(
    {"type", "enum", "const", "properties", "items", "prefixItems", "allOf", "anyOf", "oneOf", "$ref", "pattern"}
    | {"additionalProperties", "minimum", "maximum", "format"}
)
"""Keywords that say what a value is; a member whose schema has none of them is a file (3.2, Encoding Object)."""


@final
@dataclass(frozen=True, slots=True)
class FileMember:
    """A member that is a file, or an array of files.

    Attributes:
        max_bytes: `maxLength` of one file; None when there is no limit.
        content_types: Allowed media types; empty allows all.
    """

    max_bytes: int | None
    content_types: tuple[MediaTypeName, ...]
    is_array: bool


@final
class FileMembers:
    """The file members of one multipart media type."""

    def __init__(self, media_type: MediaType) -> None:
        self._media_type = media_type

    @cached_property
    def by_name(self) -> dict[str, FileMember]:
        """The members that are files, by name."""
        schema = self._media_type.schema
        found: dict[str, FileMember] = {}
        for name, member in schema.members() if schema is not None else ():
            file, is_array = _find_file(member)
            if file is not None:
                encoding = self._media_type.encoding.get(name)
                types = encoding.content_types if encoding is not None else ()
                found[name] = FileMember(_max_length(file), types, is_array)
        return found

    def max_bytes(self, name: str) -> int | None:
        """The most octets that a part of this name may have; None for no limit of its own."""
        member = self.by_name.get(name)
        return member.max_bytes if member is not None else None


def _find_file(schema: Schema) -> tuple[Json, bool]:
    """The Schema Object that describes a file, and whether it is that of an array's items; None for no file."""
    raw = schema.target.raw
    if _is_file(raw):
        return raw, False
    items = schema.find_items()
    if items is not None and _is_file(items.target.raw):
        return items.target.raw, True
    return None, False


def _is_file(raw: Json) -> bool:
    if not isinstance(raw, dict) or "contentEncoding" in raw:
        return False
    if raw.get("format") == "binary" or raw.get("type") == "file":
        return True
    named = raw.get("contentMediaType")
    if isinstance(named, str):
        return raw.get("type", "string") == "string" and kind(named) is Kind.BINARY
    return not _SAYING & raw.keys()


def _max_length(raw: Json) -> int | None:
    limit = raw.get("maxLength")
    return limit if isinstance(limit, int) and not isinstance(limit, bool) else None
