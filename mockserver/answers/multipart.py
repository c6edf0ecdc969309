"""Write multipart answers: the value of a schema as parts, files as sample files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.mockserver.answers.sample_files import sample_file
from understudy.mockserver.requests.file_members import FileMember, FileMembers
from understudy.specs.model import Direction, MediaType
from understudy.specs.wire.encoded_parts import inner_media_type, write_part_headers
from understudy.specs.wire.forms import compile_form
from understudy.specs.wire.json_bodies import dump_json
from understudy.specs.wire.media_types import Kind, find_media_type, kind
from understudy.specs.wire.multipart import Part, encode_multipart

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["write_multipart"]


def write_multipart(media_type: MediaType, name: str, value: Json, key: str) -> tuple[bytes, bytes]:
    """The content type, boundary included, and the body.

    Args:
        name: The media type that is sent.
        key: What the boundary is made from: the same key, the same octets.

    Raises:
        UncarriableValue: Neither an object nor an array; a line break or NUL in a member's name.
    """
    boundary = f"understudy-{hashlib.blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"
    if isinstance(value, dict):
        parts = list(_named(media_type, value, key))
    else:
        items = value if isinstance(value, list) else [value]
        parts = [_positional(media_type, index, item) for index, item in enumerate(items)]
    return f"{name}; boundary={boundary}".encode("latin-1", "replace"), encode_multipart(parts, boundary)


def _named(media_type: MediaType, value: dict[str, Json], key: str) -> Iterator[Part]:
    for name, member in value.items():
        headers = write_part_headers(media_type.encoding.get(name), Direction.RESPONSE, f"{key}/{name}")
        for part in _member(media_type, name, member, f"{key}/{name}"):
            yield replace(part, headers=headers)


def _member(media_type: MediaType, name: str, member: Json, key: str) -> Iterator[Part]:
    file = FileMembers(media_type).by_name.get(name)
    if file is not None:
        for content in member if file.is_array and isinstance(member, list) else [member]:
            yield _file(name, file, content)
        return
    inner = inner_media_type(media_type, name)
    if inner is not None and isinstance(member, dict):
        content_type, body = write_multipart(inner, inner.name, member, key)
        yield Part(name, body, media_type=content_type.decode("latin-1"))
        return
    styled = compile_form(media_type, Direction.RESPONSE).write_parts(name, member) if media_type.encoding else None
    if styled is not None:
        yield from (Part(each, text.encode("utf-8", "surrogatepass")) for each, text in styled)
        return
    encoding = media_type.encoding.get(name)
    named = str(encoding.content_types[0]) if encoding is not None and encoding.content_types else None
    for item in member if isinstance(member, list) and named is None else [member]:
        yield _plain(name, item, named)


def _file(name: str, file: FileMember, content: Json) -> Part:
    media_type = _concrete(file.content_types[0] if file.content_types else "application/octet-stream")
    sample = sample_file(media_type)
    given = content.encode("latin-1") if isinstance(content, str) and all(ord(char) < 256 for char in content) else b""
    # A made-up string is no picture; an example is.
    body = given if sample is None or _looks_like(given, sample) else sample
    return Part(name, body, filename=f"{name}.{media_type.rpartition('/')[2].partition('+')[0]}", media_type=media_type)


def _plain(name: str, value: Json, media_type: str | None) -> Part:
    if isinstance(value, dict | list) or (media_type is not None and kind(media_type) is Kind.JSON):
        return Part(name, dump_json(value), media_type=media_type or "application/json")
    text = value if isinstance(value, str) else dump_json(value).decode()
    return Part(name, text.encode("utf-8", "surrogatepass"), media_type=media_type)


def _positional(media_type: MediaType, index: int, value: Json) -> Part:
    encodings = media_type.prefix_encoding
    encoding = encodings[index] if index < len(encodings) else media_type.item_encoding
    named = _concrete(encoding.content_types[0]) if encoding is not None and encoding.content_types else None
    if named is not None and kind(named) is Kind.BINARY:
        return Part("", sample_file(named) or str(value).encode("utf-8", "surrogatepass"), media_type=named)
    part = _plain("", value, named)
    return part if part.media_type else Part("", part.content, media_type="text/plain; charset=utf-8")


def _concrete(name: str) -> str:
    value = find_media_type(name)
    if value is None or not value.is_range:
        return name
    by_type = {"image": "image/png", "audio": "audio/wav", "text": "text/plain"}
    return by_type.get(value.type, "application/octet-stream")


def _looks_like(given: bytes, sample: bytes) -> bool:
    return len(given) >= 4 and given[:4] == sample[:4]
