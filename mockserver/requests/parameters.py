"""Read and check the parameters of one operation: path, query, headers, cookies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.problems import Objection, parameter_objection
from understudy.specs.model import MISSING, Direction, Location, Operation, Parameter
from understudy.specs.pointers import JsonPointer, child
from understudy.specs.wire import percent
from understudy.specs.wire.forms import MalformedForm
from understudy.specs.wire.malformed import MalformedContent
from understudy.specs.wire.styles import (
    MalformedParameter,
    ParameterCodec,
    Raw,
    compile_parameters,
    split_cookies,
    split_query,
)

if TYPE_CHECKING:
    from understudy.mockserver.requests.incoming import Incoming
    from understudy.specs.documents.document import Json
    from understudy.specs.schemas.validation import Validator

__all__ = ["DecodedParameters", "ParameterReader"]


_NO_PAIRS: Final[Mapping[Location, Sequence[tuple[str, str]]]] = {}


@final
@dataclass(slots=True)
class DecodedParameters:
    """The values that were sent, by name, and what is wrong with them, in document order.

    What can't be decoded is left out; what disagrees with its schema is there as it was sent.
    """

    path: dict[str, Json] = field(default_factory=dict)
    query: dict[str, Json] = field(default_factory=dict)
    header: dict[str, Json] = field(default_factory=dict)
    cookie: dict[str, Json] = field(default_factory=dict)
    objections: list[Objection] = field(default_factory=list)

    def keep(self, parameter: Parameter, value: Json) -> None:
        """Put a value where its location says; names of headers in lower case."""
        match parameter.location:
            case Location.PATH:
                self.path[parameter.name] = value
            case Location.QUERY | Location.QUERYSTRING:
                self.query[parameter.name] = value
            case Location.HEADER:
                self.header[parameter.name.lower()] = value
            case Location.COOKIE:
                self.cookie[parameter.name] = value


@final
class ParameterReader:
    """The parameters of one operation, compiled."""

    def __init__(self, operation: Operation) -> None:
        codecs = compile_parameters(operation.parameters)
        self._entries = tuple(
            (parameter, codec, parameter.name.lower().encode("latin-1", "replace"), _validator(parameter))
            for parameter, codec in zip(operation.parameters, codecs, strict=True)
        )
        self._places = frozenset(parameter.location for parameter in operation.parameters)
        self._has_pairs = not self._places.isdisjoint({Location.QUERY, Location.COOKIE})
        self._described = frozenset(each.name for each in operation.parameters if each.location is Location.PATH)

    def read(self, request: Incoming, captured: Mapping[str, str]) -> DecodedParameters:
        """Decode and check what a request sent.

        Args:
            captured: What the template's expressions took of the path, still percent-encoded.
        """
        decoded = DecodedParameters()
        query = self._text_of_query(request, decoded) if request.query else ""
        pairs = self._pairs(request, query, decoded) if self._has_pairs else _NO_PAIRS
        for parameter, codec, header_name, validator in self._entries:
            raw: Raw
            match parameter.location:
                case Location.PATH:
                    raw = captured.get(parameter.name)
                case Location.QUERY | Location.COOKIE:
                    raw = pairs.get(parameter.location)
                case Location.QUERYSTRING:
                    raw = query or None
                case Location.HEADER:
                    value = request.header(header_name)
                    raw = value.decode("latin-1") if value is not None else None
            _read_one(parameter, codec, raw, validator, decoded)
        if captured.keys() != self._described:
            self._keep_undescribed(captured, decoded)
        return decoded

    def _text_of_query(self, request: Incoming, decoded: DecodedParameters) -> str:
        if not request.query or not self._places & {Location.QUERY, Location.QUERYSTRING}:
            return ""
        try:
            return request.query.decode()
        except UnicodeDecodeError:
            decoded.objections.append(Objection("query", JsonPointer(""), "syntax", "the query is not UTF-8"))
            return ""

    def _pairs(
        self, request: Incoming, query: str, decoded: DecodedParameters
    ) -> dict[Location, Sequence[tuple[str, str]]]:
        pairs: dict[Location, Sequence[tuple[str, str]]] = {}
        if Location.QUERY in self._places:
            try:
                pairs[Location.QUERY] = split_query(query)
            except MalformedForm as error:
                decoded.objections.append(Objection("query", JsonPointer(""), "syntax", error.reason))
                pairs[Location.QUERY] = ()
        if Location.COOKIE in self._places:
            pairs[Location.COOKIE] = split_cookies((request.header(b"cookie") or b"").decode("latin-1"))
        return pairs

    def _keep_undescribed(self, captured: Mapping[str, str], decoded: DecodedParameters) -> None:
        """Expressions in the template that no parameter describes are strings."""
        for name, raw in captured.items():
            if name not in self._described:
                try:
                    decoded.path[name] = percent.decode(raw)
                except MalformedContent as error:
                    pointer = child("", name)
                    decoded.objections.append(Objection("path", pointer, "syntax", error.reason, name))


def _read_one(
    parameter: Parameter, codec: ParameterCodec, raw: Raw, validator: Validator | None, decoded: DecodedParameters
) -> None:
    try:
        value = codec.parse(raw)
    except MalformedParameter as error:
        decoded.objections.append(parameter_objection(parameter, "syntax", error.reason))
        return
    if value is MISSING:
        if parameter.required:
            decoded.objections.append(parameter_objection(parameter, "required", "is required and wasn't sent"))
        return
    decoded.keep(parameter, value)
    if validator is not None and not validator.is_valid(value):
        decoded.objections += [
            parameter_objection(parameter, violation.keyword, violation.message, violation.pointer)
            for violation in validator.violations(value)
        ]


def _validator(parameter: Parameter) -> Validator | None:
    schema = parameter.content.schema if parameter.content is not None else parameter.schema
    return schema.validator(Direction.REQUEST) if schema is not None else None
