"""The document's own examples of an answer, encoded once; one that disagrees with its schema is not served."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from understudy.mockserver.answers.encoding import Unencodable, encode_value
from understudy.mockserver.answers.stream_items import as_event, encode_item, encode_sentinel
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, Example, MediaType, Missing
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire import sse
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.jsonl import MalformedRecord, Parser, SequenceParser
from understudy.specs.wire.media_types import Kind
from understudy.specs.wire.xml_contents import read_xml_example
from understudy.specs.wire.xml_trees import MalformedXml

__all__ = ["InvalidSample", "Sample", "read_sample"]

_BLANK_LINE: Final = re.compile(rb"(?:\r\n|\r|\n)(?:\r\n|\r|\n)")


class InvalidSample(ValueError):
    """An example can't be served; the message says why, in one sentence."""


@final
@dataclass(frozen=True, slots=True)
class Sample:
    """An example, ready to be sent.

    Attributes:
        value: The data; MISSING for content that has none, such as a file.
        content_type: Overrules the media type's; None takes that.
        pieces: The body: one piece, or those of a stream.
    """

    name: str
    value: Json | Missing
    content_type: bytes | None
    pieces: tuple[bytes, ...]


def read_sample(example: Example, media_type: MediaType, name: str, kind: Kind) -> Sample:
    """An example of a media type.

    Args:
        name: The media type as it is sent.

    Raises:
        InvalidSample: It disagrees with its schema, or can't be written in the media type.
    """
    if kind.is_sequential:
        return _read_stream(example, media_type, kind)
    if example.serialized is not None:
        body = example.serialized.encode("utf-8", "surrogatepass")
        value = example.value
        if value is MISSING:
            value = _parsed(body, kind) if kind is not Kind.XML else _read_xml(media_type, example.serialized)
        _check(media_type.schema, value)
        return Sample(example.name, value, None, (body,))
    value = example.value if kind is not Kind.XML else _read_xml(media_type, example.value)
    if kind is not Kind.BINARY:
        _check(media_type.schema, value)
    try:
        encoded = encode_value(media_type, name, kind, example.value, example.name)
    except Unencodable as error:
        raise InvalidSample(str(error)) from error
    return Sample(example.name, value, encoded.content_type, (encoded.body,))


def _read_xml(media_type: MediaType, value: Json) -> Json:
    try:
        return read_xml_example(media_type.schema, Direction.RESPONSE, value)
    except MalformedXml as error:
        raise InvalidSample(f"its text isn't XML that can be read: {error}") from error


def _read_stream(example: Example, media_type: MediaType, kind: Kind) -> Sample:
    text = example.serialized if example.serialized is not None else example.value
    if isinstance(text, str):
        body = text.encode("utf-8", "surrogatepass")
        items, pieces = _split(body, kind)
    else:
        items = text if isinstance(text, list) else [text]
        if kind is Kind.SSE:
            items = [as_event(item) for item in items]
        try:
            pieces = [encode_item(kind, item) for item in items]
        except (sse.UnencodableEvent, TypeError) as error:
            raise InvalidSample(str(error)) from error
    sentinel = media_type.stream.sentinel if media_type.stream else None
    if sentinel is not None:
        closing = encode_sentinel(kind, sentinel)
        if items and _is_sentinel(items[-1], sentinel):
            items = items[:-1]
        else:
            pieces = [*pieces, closing]
    _check_items(media_type, items, text)
    return Sample(example.name, items, None, tuple(pieces))


def _split(body: bytes, kind: Kind) -> tuple[list[Json], list[bytes]]:
    """The items of a stream that is given as text, and the text in as many pieces."""
    if kind is Kind.SSE:
        framed = body if _BLANK_LINE.search(body[-4:]) else body.rstrip(b"\r\n") + b"\n\n"
        ends = [match.end() for match in _BLANK_LINE.finditer(framed)]
        starts = [0, *ends]
        pieces = [framed[start:end] for start, end in zip(starts, ends, strict=False)]
        return [sse.as_item(event) for event in sse.Parser().feed(framed)], pieces
    parser = SequenceParser() if kind is Kind.JSON_SEQ else Parser()
    records = [*parser.feed(body), *parser.close()]
    items = []
    for record in records:
        if isinstance(record, MalformedRecord):
            raise InvalidSample(f"line {record.line}: {record.reason}")
        items.append(record.value)
    return items, body.splitlines(keepends=True)


def _is_sentinel(item: Json, sentinel: str) -> bool:
    return isinstance(item, dict) and item.get("data") == sentinel


def _check_items(media_type: MediaType, items: Sequence[Json], whole: Json | Missing) -> None:
    if media_type.item_schema is None:
        if isinstance(whole, str) or media_type.schema is None:
            return
        validator = media_type.schema.validator(Direction.RESPONSE)
        if not validator.is_valid(list(items)):
            for item in items:
                _check(media_type.schema, item)
        return
    for index, item in enumerate(items):
        _check(media_type.item_schema, item, f"item {index}, ")
    stream = media_type.stream
    if stream and items:
        _check(stream.first, items[0], "the first item, ")
        _check(stream.last, items[-1], "the last item, ")


def _check(schema: Schema | None, value: Json | Missing, place: str = "") -> None:
    if schema is None or value is MISSING:
        return
    violations = schema.validator(Direction.RESPONSE).violations(value)
    if violations:
        where = f"{place}at {violations[0].pointer}" if violations[0].pointer else place.rstrip(", ")
        raise InvalidSample(f"{where}: {violations[0].message}" if where else violations[0].message)


def _parsed(body: bytes, kind: Kind) -> Json | Missing:
    if kind is not Kind.JSON:
        return body.decode("utf-8", "replace") if kind is Kind.TEXT else MISSING
    try:
        return load_json(body)
    except MalformedJson as error:
        raise InvalidSample(f"its serialised form isn't JSON: {error}") from error
