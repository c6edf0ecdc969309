"""Write the body of a request in its media type."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, Example, MediaType, MediaTypeName, Missing
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.encoded_parts import inner_media_type, write_part_headers
from understudy.specs.wire.forms import compile_form
from understudy.specs.wire.json_bodies import dump_json
from understudy.specs.wire.jsonl import encode_line, encode_sequence_record
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.media_types import Kind, find_media_type, kind, matches
from understudy.specs.wire.multipart import Part, encode_multipart
from understudy.specs.wire.xml_contents import is_xml_text, read_xml_example, write_xml_body
from understudy.specs.wire.xml_trees import MalformedXml

__all__ = ["Unwritable", "concrete_name", "is_array", "is_file", "read_example", "write_body"]

_SIGNATURES: Final = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "audio/webm"),
)
_IN_RANGE: Final = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4", "text": "text/plain"}


_ANNOTATIONS: Final = frozenset({"title", "description", "maxLength", "minLength", "examples", "example", "deprecated"})
"""A schema with nothing else says no type: binary, in the words of 3.1 and 3.2."""


class Unwritable(ValueError):
    """A value has no form in a media type; the sentence says why."""


def write_body(media_type: MediaType, value: Json | Missing, serialized: str | None = None) -> tuple[str, bytes]:
    """`Content-Type` and the octets of a body.

    Args:
        value: MISSING where only the text is known.
        serialized: The exact text, which goes before the value; None without one.

    Raises:
        Unwritable: The media type has no form for the value.
    """
    name = concrete_name(media_type.name)
    if serialized is not None:
        return name, serialized.encode("utf-8", "surrogatepass")
    if value is MISSING:
        return name, b""
    try:
        return _write(media_type, name, value)
    except (UncarriableValue, TypeError) as error:
        raise Unwritable(f"{name}: {error}") from error


def read_example(media_type: MediaType, example: Example) -> tuple[Json | Missing, str | None]:
    """Value and exact text of an example, each as `Example` has it: XML is often given as text alone."""
    if (
        kind(concrete_name(media_type.name)) is not Kind.XML
        or example.serialized is not None
        or not is_xml_text(example.value)
    ):
        return example.value, example.serialized
    try:
        value = read_xml_example(media_type.schema, Direction.REQUEST, example.value)
    except MalformedXml:
        value = example.value  # which then disagrees with the schema
    return value, str(example.value)


def concrete_name(name: MediaTypeName) -> str:
    """A media type that a range names: ``image/*`` → ``image/png``; any other name stays as it is."""
    parsed = find_media_type(name)
    if parsed is None or not parsed.is_range:
        return name
    if parsed.suffix:
        return f"application/{parsed.suffix}"
    return _IN_RANGE.get(parsed.type, "application/octet-stream")


def _write(media_type: MediaType, name: str, value: Json) -> tuple[str, bytes]:
    match kind(name):
        case Kind.JSON:
            return name, dump_json(value)
        case Kind.FORM:
            return name, compile_form(media_type, Direction.REQUEST).serialize(value)
        case Kind.MULTIPART:
            return _multipart(media_type, name, value)
        case Kind.JSON_LINES:
            return name, b"".join(encode_line(record) for record in _records(value))
        case Kind.JSON_SEQ:
            return name, b"".join(encode_sequence_record(record) for record in _records(value))
        case Kind.XML:
            return name, write_xml_body(media_type.schema, Direction.REQUEST, value)
        case _:
            return name, _octets(value)


def _records(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _octets(value: Json) -> bytes:
    """A file given as text: a code point for each octet where that fits, else UTF-8; anything else as JSON."""
    if not isinstance(value, str):
        return dump_json(value)
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


def _multipart(media_type: MediaType, name: str, value: Json) -> tuple[str, bytes]:
    if not isinstance(value, dict):
        raise Unwritable(f"{name}: only an object has parts")
    parts = list(_parts(media_type, value))
    contents = b"\0".join(part.read() for part in parts)
    boundary = hashlib.sha256(contents).hexdigest()[:32]
    return f"{name}; boundary={boundary}", encode_multipart(parts, boundary)


def _parts(media_type: MediaType, value: dict[str, Json]) -> Iterator[Part]:
    schemas = dict(media_type.schema.members()) if media_type.schema else {}
    form = compile_form(media_type, Direction.REQUEST) if media_type.encoding else None
    for name, member in value.items():
        styled = form.write_parts(name, member) if form is not None and not is_file(schemas.get(name)) else None
        if styled is not None:
            yield from (Part(each, text.encode("utf-8", "surrogatepass")) for each, text in styled)
            continue
        headers = write_part_headers(media_type.encoding.get(name), Direction.REQUEST, name)
        inner = inner_media_type(media_type, name)
        if inner is not None and isinstance(member, dict):
            written, body = _multipart(inner, inner.name, member)
            yield Part(name, body, media_type=written, headers=headers)
            continue
        types = media_type.encoding[name].content_types if name in media_type.encoding else ()
        for item in member if isinstance(member, list) and is_array(schemas.get(name)) else [member]:
            yield replace(_part(name, item, types, is_file=is_file(schemas.get(name))), headers=headers)


def _part(name: str, item: Json, types: tuple[MediaTypeName, ...], *, is_file: bool) -> Part:
    structured = isinstance(item, (dict, list))
    content = _octets(item) if is_file or structured else _text(item)
    written = _part_type(content, types) if types else ("application/json" if structured else None)
    if is_file and written is None:
        written = "application/octet-stream"
    return Part(name, content, filename=name if is_file else None, media_type=written)


def _part_type(content: bytes, types: tuple[MediaTypeName, ...]) -> str:
    """Of the media types a part may have the one that its content looks like, else the first."""
    for signature, found in _SIGNATURES:
        if content.startswith(signature) and any(matches(each, found) for each in types):
            return found
    return concrete_name(types[0])


def _text(value: Json) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else dump_json(value)


def is_array(schema: Schema | None) -> bool:
    """Whether a member takes one part for each item."""
    raw = schema.target.raw if schema else None
    return isinstance(raw, dict) and (raw.get("type") == "array" or "items" in raw)


def is_file(schema: Schema | None) -> bool:
    """Whether a member, or an item of one, is binary (3.2, Working with Binary Data; 3.0, `format: binary`)."""
    raw = schema.target.raw if schema else None
    if not isinstance(raw, dict):
        return False
    raw = raw["items"] if isinstance(raw.get("items"), dict) else raw
    if raw.get("format") == "binary":
        return True
    if "contentMediaType" in raw:
        return "contentEncoding" not in raw and kind(str(raw["contentMediaType"])) is not Kind.JSON
    return raw.keys() <= _ANNOTATIONS
