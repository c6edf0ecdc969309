"""Write a value in a media type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from understudy.mockserver.answers.multipart import write_multipart
from understudy.mockserver.answers.sample_files import sample_file
from understudy.specs.model import Direction, MediaType
from understudy.specs.wire.forms import compile_form
from understudy.specs.wire.json_bodies import dump_json
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.media_types import Kind
from understudy.specs.wire.xml_contents import write_xml_body

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["Encoded", "Unencodable", "encode_value"]


class Unencodable(ValueError):
    """A value has no form in a media type; the message says which, and why."""


@final
@dataclass(frozen=True, slots=True)
class Encoded:
    """A body.

    Attributes:
        content_type: Where the body decides it, such as a boundary; None leaves it to the media type.
    """

    content_type: bytes | None
    body: bytes


def encode_value(media_type: MediaType, name: str, kind: Kind, value: Json, key: str) -> Encoded:
    """Write a value; for sequential media types see `stream_items`.

    Args:
        name: The media type that is sent.
        key: What a boundary is made from.

    Raises:
        Unencodable: The media type has no form for the value.
    """
    match kind:
        case Kind.JSON:
            return Encoded(None, dump_json(value))
        case Kind.TEXT:
            return Encoded(None, _text(value))
        case Kind.FORM:
            return Encoded(None, _form(media_type, value, name))
        case Kind.BINARY:
            return Encoded(None, _octets(value, name))
        case Kind.MULTIPART:
            return _multipart(media_type, name, value, key)
        case Kind.XML:
            return Encoded(None, _xml(media_type, value, name))
        case _:
            raise Unencodable(f"{name}: a stream is written item by item")


def _text(value: Json) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else dump_json(value)


def _form(media_type: MediaType, value: Json, name: str) -> bytes:
    try:
        return compile_form(media_type, Direction.RESPONSE).serialize(value)
    except UncarriableValue as error:
        raise Unencodable(f"{name}: {error}") from error


def _xml(media_type: MediaType, value: Json, name: str) -> bytes:
    try:
        return write_xml_body(media_type.schema, Direction.RESPONSE, value)
    except UncarriableValue as error:
        raise Unencodable(f"{name}: {error}") from error


def _multipart(media_type: MediaType, name: str, value: Json, key: str) -> Encoded:
    try:
        return Encoded(*write_multipart(media_type, name, value, key))
    except UncarriableValue as error:
        raise Unencodable(f"{name}: {error}") from error


def _octets(value: Json, name: str) -> bytes:
    """A file given as text: a code point for each octet where that fits, else UTF-8; anything else is a sample file."""
    if isinstance(value, str):
        try:
            return value.encode("latin-1")
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return sample_file(name) or dump_json(value)
