"""The headers that a response documents, with values: their examples, else made up from the seed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from understudy.specs.errors import GenerationError
from understudy.specs.model import MISSING, Direction, Header, Response
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.styles import compile_header

if TYPE_CHECKING:
    from understudy.mockserver.answers.answers import Headers
    from understudy.specs.documents.document import Json
    from understudy.specs.schemas.schema import Schema

__all__ = ["make_headers", "with_values"]

_LOG: Final = logging.getLogger("understudy.mockserver")
_DRAWS: Final = 8
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_OF_THE_CONNECTION: Final = frozenset(
    {"connection", "content-encoding", "content-length", "content-type", "date", "keep-alive", "transfer-encoding"}
    | {"upgrade", "trailer", "te"}
)
"""Headers that follow from the message itself: what a document says of them is met, or could only break the message."""


def make_headers(response: Response, key: str) -> Headers:
    """Every documented header that a value was found for, in document order; names in lower case.

    A header whose schema no text fits is left out, with a warning where the document requires it.
    """
    found = []
    for header in response.headers:
        name = header.name.lower()
        if name in _OF_THE_CONNECTION or not _NAME.fullmatch(name):
            continue
        text = next(_texts(header, f"{key}/{name}"), None)
        if text is not None:
            found.append((name.encode("ascii"), text))
        elif header.required:
            _LOG.warning("%s: no value was found for this header, so it isn't sent", header.origin)
    return tuple(found)


def with_values(headers: Headers, response: Response, values: Mapping[str, Json]) -> Headers:
    """The headers of a response, those that have a value given with that value.

    Args:
        values: By name, as the response documents it; one that no header can carry is passed over.
    """
    told: dict[bytes, bytes] = {}
    for header in response.headers:
        if header.name not in values or header.name.lower() in _OF_THE_CONNECTION:
            continue
        text = next(_written(header, [values[header.name]]), None)
        if text is not None:
            told[header.name.lower().encode("latin-1", "replace")] = text
    return (*(each for each in headers if each[0] not in told), *told.items())


def _texts(header: Header, key: str) -> Iterator[bytes]:
    """What the header could say, the best first."""
    schema = header.content.schema if header.content is not None else header.schema
    return _written(header, _values(header, schema, key))


def _written(header: Header, values: Iterable[Json]) -> Iterator[bytes]:
    codec = compile_header(header)
    for value in values:
        try:
            written = codec.serialize(value)
        except UncarriableValue:
            continue
        text = written.encode("latin-1", "replace") if isinstance(written, str) else b""
        if _VALUE.fullmatch(text):
            yield text


def _values(header: Header, schema: Schema | None, key: str) -> Iterator[Json]:
    examples = header.content.examples if header.content is not None else header.examples
    for example in examples:
        if example.value is not MISSING and _is_valid(schema, example.value):
            yield example.value
    for draw in range(_DRAWS):
        if schema is None:
            return
        try:
            yield schema.generator(Direction.RESPONSE).generate(f"{key}/{draw}")
        except GenerationError:
            return


def _is_valid(schema: Schema | None, value: Json) -> bool:
    return schema is None or schema.validator(Direction.RESPONSE).is_valid(value)
