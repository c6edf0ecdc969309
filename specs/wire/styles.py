"""Parameters and headers, text to value and back: every style of OpenAPI 3.2, and `content`.

`compile_parameter` looks at the schema once; its codec then reads and writes without looking again. What the codec
writes it reads back as the same value, where the schema allows that value; what the style has no way to say is refused
with `UncarriableValue`. Two things are lost by their nature, not refused: with `allowReserved`, a percent-triple in
the text comes back decoded; and where a schema allows a string as well as other types, a text that reads as one of
those does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias, final

from understudy.specs.model import MISSING, Direction, Header, Location, MediaType, Missing, Parameter, Style
from understudy.specs.schemas.allowed_types import AllowedTypes
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.escaping import HEADER, find_escaping
from understudy.specs.wire.forms import join_pairs, split_pairs
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue
from understudy.specs.wire.media_types import Kind, kind
from understudy.specs.wire.parameter_contents import content_functions
from understudy.specs.wire.style_pairs import Pairs, PairStyle
from understudy.specs.wire.style_texts import TextStyle

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = [
    "MalformedParameter",
    "Pairs",
    "ParameterCodec",
    "Raw",
    "compile_header",
    "compile_parameter",
    "compile_parameters",
    "join_cookies",
    "join_query",
    "parse_parameter",
    "serialize_parameter",
    "split_cookies",
    "split_query",
]

Raw: TypeAlias = str | Pairs | None
"""A parameter as it came, nothing decoded. For `path` the text that stands for the template expression; for `header`
the field value, several fields joined by ``, ``; for `querystring` the whole query without ``?``; for `query` all
pairs of `split_query`; for `cookie` all pairs of `split_cookies`. None when there is nothing of the kind."""


class MalformedParameter(MalformedContent):
    """A parameter cannot be read.

    Args:
        name: Of the parameter.
        location: Where it travels.
        reason: One sentence.
    """

    def __init__(self, name: str, location: Location, reason: str) -> None:
        super().__init__(reason)
        self.name = name
        self.location = location

    def __str__(self) -> str:
        return f"{self.location.value} parameter {self.name!r}: {self.reason}"


@final
class ParameterCodec:
    """Reads and writes one parameter or header. Made by `compile_parameter` and `compile_header`."""

    def __init__(
        self,
        name: str,
        location: Location,
        read: Callable[[Raw], Json | Missing],
        write: Callable[[Json], str | list[tuple[str, str]]],
    ) -> None:
        self.name = name
        self.location = location
        self._read = read
        self._write = write

    def parse(self, raw: Raw) -> Json | Missing:
        """The value; MISSING when it was not sent, or sent empty where `allowEmptyValue` makes that the same.

        Numbers, Booleans and null are made of text where the schema allows them; what fits no type stays a string.

        Raises:
            MalformedParameter: Broken percent-encoding, not UTF-8, not the form of the style, given more than once.
            TypeError: Text where pairs are taken, or the other way.
        """
        if raw is None:
            return MISSING
        try:
            return self._read(raw)
        except MalformedContent as error:
            raise MalformedParameter(self.name, self.location, error.reason) from error

    def serialize(self, value: Json) -> str | list[tuple[str, str]]:
        """The value as it is written: for `query` and `cookie` pairs for `join_query` and `join_cookies`, else text.

        `null` by itself is the empty text; inside an array or object it is ``null``.

        Raises:
            UncarriableValue: The style or the place cannot say this value.
        """
        try:
            return self._write(value)
        except UncarriableValue as error:
            raise UncarriableValue(f"{self.location.value} parameter {self.name!r}: {error.reason}") from error


def compile_parameter(parameter: Parameter, others: Iterable[str] = ()) -> ParameterCodec:
    """The codec of a parameter.

    Args:
        others: Names of the other parameters in the same location: an exploded object doesn't take theirs.
    """
    if parameter.location is Location.QUERYSTRING and parameter.content is not None:
        return _compile_querystring(parameter.name, parameter.content)
    if parameter.content is not None:
        return _compile_content(parameter.name, parameter.location, parameter.content, Direction.REQUEST)
    types = _types(parameter.schema, Direction.REQUEST)
    escaping = find_escaping(parameter.location, parameter.style, allow_reserved=parameter.allow_reserved)
    name, location, explode = parameter.name, parameter.location, parameter.explode
    if location not in (Location.QUERY, Location.COOKIE):
        text = TextStyle(name, parameter.style, explode, types, escaping)
        write = _checked_segment(text.write) if location is Location.PATH else text.write
        return ParameterCodec(name, location, _from_text(text.read), write)
    pairs = PairStyle(name, parameter.style, explode, types, escaping, frozenset(others) - {name})
    # `allowEmptyValue`: an empty value means that the parameter is not used (3.2), so not for one that is required.
    may_be_empty = parameter.allow_empty_value and not parameter.required and location is Location.QUERY
    read = _from_pairs(pairs.read, unused_if_empty=name if may_be_empty else None)
    return ParameterCodec(name, location, read, pairs.write)


def compile_parameters(parameters: Sequence[Parameter]) -> tuple[ParameterCodec, ...]:
    """The codecs of an operation's parameters, in their order, each knowing of the others."""
    names: dict[Location, list[str]] = {}
    for parameter in parameters:
        names.setdefault(parameter.location, []).append(parameter.name)
    return tuple(compile_parameter(parameter, names[parameter.location]) for parameter in parameters)


def compile_header(header: Header) -> ParameterCodec:
    """The codec of a response's header, or of a part's."""
    if header.content is not None:
        return _compile_content(header.name, Location.HEADER, header.content, Direction.RESPONSE)
    text = TextStyle(header.name, Style.SIMPLE, header.explode, _types(header.schema, Direction.RESPONSE), HEADER)
    return ParameterCodec(header.name, Location.HEADER, _from_text(text.read), text.write)


def parse_parameter(parameter: Parameter, raw: Raw, others: Iterable[str] = ()) -> Json | Missing:
    """As `ParameterCodec.parse`, once; keep a codec for more."""
    return compile_parameter(parameter, others).parse(raw)


def serialize_parameter(parameter: Parameter, value: Json, others: Iterable[str] = ()) -> str | list[tuple[str, str]]:
    """As `ParameterCodec.serialize`, once; keep a codec for more."""
    return compile_parameter(parameter, others).serialize(value)


def split_query(query: str) -> list[tuple[str, str]]:
    """The pairs of a query without its ``?``, for `ParameterCodec.parse`.

    Raises:
        MalformedForm: A name that is not UTF-8; more than `forms.MAX_PAIRS` pairs.
    """
    return split_pairs(query)


def join_query(pairs: Pairs) -> str:
    """The query of what codecs have written, without ``?``."""
    return join_pairs(pairs)


def split_cookies(header: str) -> list[tuple[str, str]]:
    """The pairs of a `Cookie` field, for `ParameterCodec.parse`. What has no ``=`` is passed over; quotes around a
    value are part of it (3.2, Appendix D)."""
    pairs = (piece.partition("=") for piece in header.split(";"))
    return [(name.strip(" \t"), value.strip(" \t")) for name, equals, value in pairs if equals]


def join_cookies(pairs: Pairs) -> str:
    """The `Cookie` field of what codecs have written."""
    return "; ".join(f"{name}={value}" for name, value in pairs)


def _types(schema: Schema | None, direction: Direction) -> AllowedTypes:
    return AllowedTypes(True if schema is None else schema.standalone(direction))


def _checked_segment(write: Callable[[Json], str]) -> Callable[[Json], str]:
    def checked(value: Json) -> str:
        text = write(value)
        if text in ("", ".", ".."):
            raise UncarriableValue(f"the text {text!r} cannot be a path segment (RFC 3986, section 5.2.4)")
        return text

    return checked


def _compile_content(name: str, location: Location, content: MediaType, direction: Direction) -> ParameterCodec:
    read, write = content_functions(content, direction)
    escaping = find_escaping(location, Style.COOKIE, allow_reserved=False)
    if location in (Location.QUERY, Location.COOKIE):

        def read_pair(pairs: Pairs) -> Json | Missing:
            own = [value for key, value in pairs if key == name]
            if len(own) > 1:
                raise MalformedContent(f"given {len(own)} times, but once is expected")
            return read(escaping.decode(own[0])) if own else MISSING

        def write_pair(value: Json) -> list[tuple[str, str]]:
            return [(escaping.encode_name(name), escaping.encode(write(value)))]

        return ParameterCodec(name, location, _from_pairs(read_pair), write_pair)

    def write_text(value: Json) -> str:
        return escaping.encode(write(value))

    checked = _checked_segment(write_text) if location is Location.PATH else write_text
    return ParameterCodec(name, location, _from_text(lambda raw: read(escaping.decode(raw))), checked)


def _compile_querystring(name: str, content: MediaType) -> ParameterCodec:
    read, write = content_functions(content, Direction.REQUEST)
    if kind(content.name) is Kind.FORM:
        # A form is percent-encoded in itself; encoding it again would spoil it (3.2, Parameter Object Examples).
        return ParameterCodec(name, Location.QUERYSTRING, _from_text(read), write)
    escaping = find_escaping(Location.QUERYSTRING, Style.FORM, allow_reserved=False)
    decoded = _from_text(lambda raw: read(escaping.decode(raw)))
    return ParameterCodec(name, Location.QUERYSTRING, decoded, lambda value: escaping.encode(write(value)))


def _from_text(read: Callable[[str], Json]) -> Callable[[Raw], Json | Missing]:
    def checked(raw: Raw) -> Json | Missing:
        if not isinstance(raw, str):
            raise TypeError("this location takes text, not pairs")
        return read(raw)

    return checked


def _from_pairs(
    read: Callable[[Pairs], Json | Missing], *, unused_if_empty: str | None = None
) -> Callable[[Raw], Json | Missing]:
    def checked(raw: Raw) -> Json | Missing:
        if isinstance(raw, str) or raw is None:
            raise TypeError("this location takes pairs, not text")
        if unused_if_empty is not None and [value for name, value in raw if name == unused_if_empty] == [""]:
            return MISSING
        return read(raw)

    return checked
