"""Write parameters, headers and media types as OpenAPI 3.2 has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, final

from understudy.specs.conversion.schema_writer import SchemaWriter
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Encoding, Example, Header, Location, MediaType, Parameter, Style

__all__ = ["ContentWriter", "present"]

_FORM_STYLES: Final = (Style.FORM, Style.COOKIE)
_DEFAULT_STYLES: Final = {Location.PATH: Style.SIMPLE, Location.HEADER: Style.SIMPLE}


def present(**members: Json) -> dict[str, Json]:
    """The members that are not None."""
    return {name: value for name, value in members.items() if value is not None}


@final
class ContentWriter:
    """Writes what holds schemas; the schemas they refer to are gathered in ``schemas``."""

    def __init__(self, schemas: SchemaWriter) -> None:
        self._schemas = schemas

    def parameter(self, parameter: Parameter) -> Json:
        default = _DEFAULT_STYLES.get(parameter.location, Style.FORM)
        is_styled = parameter.content is None
        return present(
            **{"in": parameter.location.value},
            name=parameter.name,
            description=parameter.description or None,
            required=parameter.required or None,
            deprecated=parameter.deprecated or None,
            allowEmptyValue=parameter.allow_empty_value or None,
            style=parameter.style.value if is_styled and parameter.style is not default else None,
            explode=_explode(parameter.explode, parameter.style) if is_styled else None,
            allowReserved=(parameter.allow_reserved or None) if is_styled else None,
            **self._schema_or_content(parameter),
            **_examples(parameter.examples, alone=False),
        )

    def header(self, header: Header) -> Json:
        return present(
            description=header.description or None,
            required=header.required or None,
            explode=(header.explode or None) if header.content is None else None,
            **self._schema_or_content(header),
            **_examples(header.examples, alone=False),
        )

    def _schema_or_content(self, holder: Parameter | Header) -> dict[str, Json]:
        if holder.content is not None:
            return {"content": self.content([holder.content])}
        return {"schema": self._schemas.write(holder.schema) if holder.schema is not None else {}}

    def content(self, content: Iterable[MediaType]) -> dict[str, Json]:
        return {media_type.name: self._media_type(media_type) for media_type in content}

    def _media_type(self, media_type: MediaType) -> Json:
        schema, item = media_type.schema, media_type.item_schema
        return present(
            schema=self._schemas.write(schema) if schema is not None else None,
            itemSchema=self._schemas.write(item) if item is not None else None,
            encoding=self._encodings(media_type.encoding) or None,
            prefixEncoding=[self._encoding(each) for each in media_type.prefix_encoding] or None,
            itemEncoding=self._encoding(media_type.item_encoding) if media_type.item_encoding is not None else None,
            **_examples(media_type.examples, alone=True),
        )

    def _encodings(self, encodings: Mapping[str, Encoding]) -> dict[str, Json]:
        return {name: self._encoding(encoding) for name, encoding in encodings.items()}

    def _encoding(self, encoding: Encoding) -> Json:
        return present(
            contentType=", ".join(encoding.content_types) or None,
            style=encoding.style.value if encoding.style is not None else None,
            explode=_explode(encoding.explode, encoding.style) if encoding.style is not None else None,
            allowReserved=encoding.allow_reserved or None,
            headers={name: self.header(header) for name, header in encoding.headers.items()} or None,
            encoding=self._encodings(encoding.encoding) or None,
        )


def _explode(explode: bool, style: Style) -> bool | None:
    """None where it is what the style has when nothing is said."""
    return None if explode is (style in _FORM_STYLES) else explode


def _examples(examples: tuple[Example, ...], *, alone: bool) -> dict[str, Json]:
    """`example` for one without name, where it may stand; else `examples`."""
    first = examples[0] if alone and len(examples) == 1 else None
    if first is not None and not first.name and first.serialized is None and first.value is not None:
        return {"example": first.value}
    written = {}
    for number, example in enumerate(examples, 1):
        has_both = example.value is not MISSING and example.serialized is not None
        value = {} if example.value is MISSING else {"dataValue" if has_both else "value": example.value}
        text = {} if example.serialized is None else {"serializedValue": example.serialized}
        summary = {"summary": example.summary} if example.summary else {}
        written[example.name or f"example-{number}"] = {**summary, **value, **text}
    return {"examples": written} if written else {}
