"""Read the body of a request as its media type says, to the value that the schema speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from understudy.contracts.requests.bodies import is_array, is_file
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, MediaType
from understudy.specs.wire.body_kinds import kind_of_request
from understudy.specs.wire.encoded_parts import inner_media_type
from understudy.specs.wire.forms import FormCodec, compile_form
from understudy.specs.wire.json_bodies import load_json
from understudy.specs.wire.jsonl import MalformedRecord, Parser, SequenceParser
from understudy.specs.wire.malformed import MalformedContent
from understudy.specs.wire.media_types import Kind, kind, matches
from understudy.specs.wire.multipart import Parser as MultipartParser
from understudy.specs.wire.multipart import Part
from understudy.specs.wire.xml_contents import read_xml_body
from understudy.specs.wire.xml_trees import RefusedXml

__all__ = ["Unreadable", "can_read", "read_body"]


class Unreadable(ValueError):
    """Content that isn't read here: whether it is allowed can't be told."""


def read_body(media_type: MediaType, content_type: str, body: bytes) -> Json:
    """The value of a body; a file is a string of the code points 0 to 255, one for each octet.

    Args:
        content_type: As it was sent, with its parameters.

    Raises:
        MalformedContent: The octets break the format's rules.
        Unreadable: A format that isn't read here.
    """
    return _READERS[kind_of_request(media_type, content_type)](media_type, content_type, body)


def can_read(media_type: str) -> bool:
    """Whether contents of a media type are read here at all."""
    return _READERS[kind(media_type)] is not _unreadable


def _json(media_type: MediaType, content_type: str, body: bytes) -> Json:
    return load_json(body)


def _text(media_type: MediaType, content_type: str, body: bytes) -> Json:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Unreadable("text that isn't UTF-8") from None


def _form(media_type: MediaType, content_type: str, body: bytes) -> Json:
    return compile_form(media_type, Direction.REQUEST).parse(body)


def _records(media_type: MediaType, content_type: str, body: bytes) -> Json:
    parser = SequenceParser() if kind(content_type) is Kind.JSON_SEQ else Parser()
    values: list[Json] = []
    for record in (*parser.feed(body), *parser.close()):
        if isinstance(record, MalformedRecord):
            raise MalformedContent(f"line {record.line}: {record.reason}")
        values.append(record.value)
    return values


def _octets(media_type: MediaType, content_type: str, body: bytes) -> Json:
    return body.decode("latin-1")


def _xml(media_type: MediaType, content_type: str, body: bytes) -> Json:
    try:
        return read_xml_body(media_type.schema, Direction.REQUEST, body, content_type)
    except RefusedXml as error:
        raise Unreadable(f"XML that isn't read here: {error}") from error


def _unreadable(media_type: MediaType, content_type: str, body: bytes) -> Json:
    raise Unreadable(f"{content_type} isn't read here")


def _multipart(media_type: MediaType, content_type: str, body: bytes) -> Json:
    if media_type.item_schema or media_type.prefix_encoding or media_type.item_encoding:
        raise Unreadable("parts without names aren't read here")
    parts: list[Part] = []
    try:
        with MultipartParser(content_type) as parser:
            parts += parser.feed(body)
            parser.close()
        return _read_parts(media_type, parts)
    finally:
        for part in parts:  # a large one lies in a temporary file
            part.close()


def _read_parts(media_type: MediaType, parts: list[Part]) -> Json:
    by_name: dict[str, list[Part]] = {}
    styled: list[tuple[str, str]] = []
    schemas = dict(media_type.schema.members()) if media_type.schema else {}
    form = compile_form(media_type, Direction.REQUEST)
    for part in parts:
        if form.claims(part.name) and not is_file(schemas.get(part.name)):
            styled.append((part.name, part.read().decode("utf-8", "replace")))
        else:
            by_name.setdefault(part.name, []).append(part)
    value = form.read_parts(styled) if styled else {}
    for name, each in by_name.items():
        inner = inner_media_type(media_type, name)
        written = each[0].media_type or ""
        if inner is not None and len(each) == 1 and kind(written) is Kind.MULTIPART:
            value[name] = _multipart(inner, written, each[0].read())
            continue
        _check_types(media_type, name, each)
        if is_file(schemas.get(name)):
            contents: list[Json] = [part.read().decode("latin-1") for part in each]
            if is_array(schemas.get(name)):
                value[name] = contents
            elif len(contents) == 1:
                value[name] = contents[0]
            else:
                raise Unreadable(f"the part {name!r} is one file and comes {len(contents)} times")
        else:
            value[name] = _member(form, name, each)
    return value


def _check_types(media_type: MediaType, name: str, parts: list[Part]) -> None:
    allowed = media_type.encoding[name].content_types if name in media_type.encoding else ()
    for part in parts:
        if allowed and part.media_type and not any(matches(each, part.media_type) for each in allowed):
            raise MalformedContent(f"the part {name!r} is {part.media_type}, which isn't taken")


def _member(form: FormCodec, name: str, parts: list[Part]) -> Json:
    found = kind(parts[0].media_type) if parts[0].media_type else Kind.TEXT
    content = parts[0].read()
    if len(parts) == 1 and found is Kind.JSON:
        return load_json(content)
    if found in (Kind.JSON_LINES, Kind.JSON_SEQ):
        raise Unreadable(f"the part {name!r} is a sequence")
    try:
        return form.read_member(name, [part.read().decode() for part in parts])
    except UnicodeDecodeError:
        raise Unreadable(f"the part {name!r} is text that isn't UTF-8") from None


_READERS: Final[Mapping[Kind, Callable[[MediaType, str, bytes], Json]]] = {
    Kind.JSON: _json,
    Kind.TEXT: _text,
    Kind.FORM: _form,
    Kind.MULTIPART: _multipart,
    Kind.SSE: _unreadable,
    Kind.JSON_LINES: _records,
    Kind.JSON_SEQ: _records,
    Kind.XML: _xml,
    Kind.BINARY: _octets,
}
