"""What an Encoding Object (3.2) says of a part beyond its media type: its headers, and the parts inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from understudy.specs.errors import GenerationError
from understudy.specs.model import MISSING, Direction, Encoding, Header, MediaType, MediaTypeName
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue
from understudy.specs.wire.media_types import Kind, kind
from understudy.specs.wire.multipart_parts import Headers
from understudy.specs.wire.styles import compile_header

__all__ = ["find_header_fault", "inner_media_type", "write_part_headers"]

_OWN: Final = frozenset({"content-type", "content-disposition", "content-transfer-encoding"})


def write_part_headers(encoding: Encoding | None, direction: Direction, key: str) -> Headers:
    """The headers that a part requires, from examples or made up; one that no text fits is left out."""
    found = []
    for name, header in _described(encoding):
        text = _text(header, direction, f"{key}/{name}") if header.required else None
        if text is not None:
            found.append((name, text))
    return tuple(found)


def find_header_fault(encoding: Encoding | None, headers: Headers, direction: Direction) -> str:
    """What is wrong with the headers of a part; empty when nothing is."""
    sent: Mapping[str, str] = {name.lower(): value for name, value in headers}
    for name, header in _described(encoding):
        text = sent.get(name.lower())
        schema = header.content.schema if header.content is not None else header.schema
        if text is None:
            if header.required:
                return f"the part's header {name} is missing"
        elif schema is not None:
            try:
                violations = schema.validator(direction).violations(compile_header(header).parse(text))
            except MalformedContent as error:
                return f"the part's header {name}: {error.reason}"
            if violations:
                return f"the part's header {name}: {violations[0].message}"
    return ""


def inner_media_type(media_type: MediaType, name: str) -> MediaType | None:
    """The Media Type Object that describes the parts inside the part of a member; None where it has none inside."""
    encoding = media_type.encoding.get(name)
    types = encoding.content_types if encoding is not None else ()
    if encoding is None or not types or kind(types[0]) is not Kind.MULTIPART:
        return None
    schemas = dict(media_type.schema.members()) if media_type.schema is not None else {}
    return MediaType(
        name=MediaTypeName(types[0]),
        schema=schemas.get(name),
        item_schema=None,
        examples=(),
        encoding=encoding.encoding,
        prefix_encoding=(),
        item_encoding=None,
        stream=None,
        origin=media_type.origin,
    )


def _described(encoding: Encoding | None) -> Iterator[tuple[str, Header]]:
    for name, header in encoding.headers.items() if encoding is not None else ():
        if name.lower() not in _OWN:
            yield name, header


def _text(header: Header, direction: Direction, key: str) -> str | None:
    schema = header.content.schema if header.content is not None else header.schema
    values = [example.value for example in header.examples if example.value is not MISSING]
    valid = [value for value in values if schema is None or schema.validator(direction).is_valid(value)]
    try:
        if not valid:
            valid = [schema.generator(direction).generate(key) if schema is not None else "understudy"]
        written = compile_header(header).serialize(valid[0])
    except (GenerationError, UncarriableValue):
        return None
    return written if isinstance(written, str) and written.isprintable() else None
