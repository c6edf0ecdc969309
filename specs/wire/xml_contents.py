"""XML bodies of a Media Type Object: their values by its schema, and how values and texts become bodies.

Where a schema asks for no members and no items, the whole text may be what it speaks of: documents describe files, and
what they don't look into, as strings. Such a text is taken as it is when it can't be read, and when what is read is not
allowed but the text is.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from understudy.specs.schemas.allowed_types import AllowedTypes
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.media_types import find_media_type
from understudy.specs.wire.xml_bodies import XmlCodec, compile_xml
from understudy.specs.wire.xml_trees import RefusedXml

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json
    from understudy.specs.model import Direction, Origin
    from understudy.specs.schemas.schema import Schema, SchemaSpace

__all__ = ["is_xml_text", "read_xml_body", "read_xml_example", "write_xml_body"]

_BEFORE_MARKUP: Final = "\ufeff \t\r\n"
_ANYTHING: Final = XmlCodec(AllowedTypes(True), "root")
# Places are only told apart within one space; its codecs go with it.
_CODECS: Final[WeakKeyDictionary[SchemaSpace, dict[tuple[Origin, Direction], XmlCodec]]] = WeakKeyDictionary()


def is_xml_text(value: Json) -> bool:
    """Whether a value is meant as the text of a body, not as what stands in one: it begins with ``<``."""
    return isinstance(value, str) and value.lstrip(_BEFORE_MARKUP).startswith("<")


def read_xml_body(schema: Schema | None, direction: Direction, body: bytes, content_type: str = "") -> Json:
    """The value of a body; without schema everything in it is text.

    Args:
        content_type: As it was sent, with its parameters.

    Raises:
        RefusedXml: Such as we don't read, a document type definition above all.
        MalformedXml: Not well-formed.
    """
    codec = _codec(schema, direction)
    named = find_media_type(content_type)
    try:
        value = codec.read(body, named.parameters.get("charset", "") if named is not None else "")
    except RefusedXml:
        if not codec.is_opaque:
            raise
        return body.decode("utf-8", "replace")
    if schema is not None and codec.is_opaque and not _is_valid(schema, direction, value):
        text = body.decode("utf-8", "replace")
        return text if _is_valid(schema, direction, text) else value
    return value


def read_xml_example(schema: Schema | None, direction: Direction, value: Json) -> Json:
    """What the schema speaks of: the value of an example that is the text of a body, else the example itself.

    Raises:
        MalformedXml: The text can't be read.
    """
    if not is_xml_text(value):
        return value
    if schema is None:
        with suppress(RefusedXml):
            _ANYTHING.read(value.encode("utf-8", "surrogatepass"), "utf-8")
        return value
    if _codec(schema, direction).is_opaque and _is_valid(schema, direction, value):
        return value
    return read_xml_body(schema, direction, value.encode("utf-8", "surrogatepass"), "text/xml; charset=utf-8")


def write_xml_body(schema: Schema | None, direction: Direction, value: Json) -> bytes:
    """The body of a value, or of a text as it is; always in UTF-8.

    Raises:
        UncarriableValue: XML can't say the value; or no schema says which elements it has.
    """
    if is_xml_text(value):
        return str(value).encode("utf-8", "surrogatepass")
    if schema is None:
        raise UncarriableValue("without a schema, which says what the elements are, only XML text can be sent")
    return _codec(schema, direction).write(value)


def _codec(schema: Schema | None, direction: Direction) -> XmlCodec:
    if schema is None:
        return _ANYTHING
    codecs = _CODECS.setdefault(schema.space, {})
    key = (schema.origin, direction)
    if key not in codecs:
        codecs[key] = compile_xml(schema, direction)
    return codecs[key]


def _is_valid(schema: Schema, direction: Direction, value: Json) -> bool:
    return schema.validator(direction).is_valid(value)
