"""What the document says of a request: our own reading of what was really sent.

A fuzzer knows what it meant to send. On the wire, and by the letter of the document, it may be something else: a wrong
type that reads as a right one, a "valid" value whose encoding isn't. Both have to agree before a server is blamed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, partial
from typing import Final, final

from understudy.contracts.case import Case
from understudy.contracts.coverage import BODY, Form, Forms, InputKey
from understudy.contracts.requests.reading_bodies import Unreadable, read_body
from understudy.contracts.requests.rules import find_broken_rule
from understudy.contracts.sending.credentials import credential_of
from understudy.specs.behaviour.state import Request
from understudy.specs.behaviour.values import ValueFailed
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, Location, MediaType, Missing, Operation, Parameter
from understudy.specs.path_templates import Segment, decode_segment, parse_template
from understudy.specs.schemas.validation import Validator
from understudy.specs.wire.malformed import MalformedContent
from understudy.specs.wire.media_types import find_content
from understudy.specs.wire.styles import ParameterCodec, Raw, compile_parameters, split_cookies, split_query

__all__ = ["Reading", "RequestReader", "Validity"]


class Validity(Enum):
    """Whether the document allows a request."""

    VALID = "valid"
    INVALID = "invalid"
    UNCLEAR = "unclear"
    """It can't be told: content that isn't read here, a path that isn't the operation's."""


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """How a request reads.

    Attributes:
        reason: The first thing that is wrong or unclear; empty when valid.
        place: Where it is wrong, without values: ``body /properties/title/minLength``; empty unless invalid.
    """

    validity: Validity
    reason: str = ""
    place: str = ""


_Objection = Callable[[], tuple[str, str]]
"""Gives place and reason, which take longer to say than that there is something."""


@final
@dataclass(frozen=True, slots=True)
class _Read:
    """A parameter as it was sent: missing where it was left out, or can't be read."""

    form: Form
    value: Json | Missing
    objection: _Objection | None = None


_VALID: Final = Reading(Validity.VALID)


@final
class RequestReader:
    """Reads requests of one operation; compiled when first used."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def read(self, case: Case) -> Reading:
        """What the document says of a case. Credentials are none of its business."""
        try:
            objection = next(self._objections(case), None)
        except Unreadable as error:
            return Reading(Validity.UNCLEAR, str(error))
        if objection is None:
            return _VALID
        place, reason = objection()
        return Reading(Validity.INVALID, reason, place)

    def decode(self, case: Case) -> Request | None:
        """A request as the model takes it; None where the document doesn't allow it, or it can't be told."""
        if self.read(case).validity is not Validity.VALID:
            return None
        raws = self._raws(case)
        found: dict[Location, dict[str, Json]] = {location: {} for location in Location}
        for parameter, codec, _ in self._entries:
            value = codec.parse(raws.get(_key(parameter)))
            if not isinstance(value, Missing):
                name = parameter.name.lower() if parameter.location is Location.HEADER else parameter.name
                found[parameter.location][name] = value
        body: Json | Missing = MISSING
        content_type = _content_type(case)
        described = self._operation.request_body
        media_type = find_content(described.content, content_type) if described is not None and case.body else None
        if media_type is not None and case.body:
            body = read_body(media_type, content_type, case.body)
        return Request(
            self._operation,
            path=found[Location.PATH],
            query=found[Location.QUERY],
            header=found[Location.HEADER],
            cookie=found[Location.COOKIE],
            body=body,
            media_type=content_type.partition(";")[0].strip().lower() if media_type is not None else "",
            credential=credential_of(case, self._operation),
        )

    def forms(self, case: Case) -> Forms:
        """How each parameter and the body were sent, in so far as that can be told."""
        try:
            raws = self._raws(case)
        except Unreadable:
            return ()
        found = [
            (_input(parameter), _read(parameter, codec, validator, raws.get(_key(parameter))).form)
            for parameter, codec, validator in self._entries
        ]
        return (*found, *self._body_forms(case))

    def _body_forms(self, case: Case) -> Iterator[tuple[InputKey, Form]]:
        content = self._operation.request_body.content if self._operation.request_body is not None else ()
        if not case.body:
            yield from (((BODY, media_type.name), Form.LEFT_OUT) for media_type in content)
        elif media_type := find_content(content, _content_type(case)):
            try:
                objection = next(self._object_to_body(case), None)
            except Unreadable:
                return
            yield (BODY, media_type.name), Form.VALID if objection is None else Form.INVALID

    def _objections(self, case: Case) -> Iterator[_Objection]:
        raws = self._raws(case)
        values: dict[tuple[Location, str], Json] = {}
        for parameter, codec, validator in self._entries:
            read = _read(parameter, codec, validator, raws.get(_key(parameter)))
            if read.objection is not None:
                yield read.objection
            if not isinstance(read.value, Missing):
                values[_key(parameter)] = read.value
        body = yield from self._object_to_body(case)
        try:
            broken = find_broken_rule(self._operation, values, body)
        except ValueFailed as error:
            raise Unreadable(str(error)) from error
        if broken is not None:
            yield lambda: (f"rule {broken.rule.source}", broken.detail)

    @cached_property
    def _entries(self) -> Sequence[tuple[Parameter, ParameterCodec, Validator | None]]:
        parameters = self._operation.parameters
        return [
            (parameter, codec, _validator(parameter))
            for parameter, codec in zip(parameters, compile_parameters(parameters), strict=True)
        ]

    def _raws(self, case: Case) -> dict[tuple[Location, str], Raw]:
        """What was sent, undecoded, under the key of each parameter."""
        path, _, query = case.target.partition("?")
        headers: dict[str, str] = {}
        for name, value in case.headers:
            lower = name.lower()
            headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value.strip(" \t")
        raws: dict[tuple[Location, str], Raw] = {}
        try:
            pairs = split_query(query)
        except MalformedContent:
            pairs = []
        raws.update(self._captured(path))
        for parameter in self._operation.parameters:
            match parameter.location:
                case Location.QUERY:
                    raws[_key(parameter)] = pairs
                case Location.QUERYSTRING:
                    raws[_key(parameter)] = query or None
                case Location.HEADER:
                    raws[_key(parameter)] = headers.get(parameter.name.lower())
                case Location.COOKIE:
                    raws[_key(parameter)] = split_cookies(headers.get("cookie", ""))
                case _:
                    pass
        return raws

    def _captured(self, path: str) -> dict[tuple[Location, str], Raw]:
        template = parse_template(self._operation.path)
        segments = path.removeprefix("/").split("/")
        if len(segments) != len(template):
            raise Unreadable("the path isn't the operation's")
        found: dict[tuple[Location, str], Raw] = {}
        for segment, text in zip(template, segments, strict=True):
            texts = segment.capture(text) if segment.names else _literal(segment, text)
            if texts is None:
                raise Unreadable("the path isn't the operation's")
            found.update({(Location.PATH, name): raw for name, raw in zip(segment.names, texts, strict=True)})
        return found

    def _object_to_body(self, case: Case) -> Generator[_Objection, None, Json | Missing]:
        described = self._operation.request_body
        if described is None:
            return MISSING
        if not case.body:
            if described.required:
                yield lambda: ("body required", "there is no body")
            return MISSING
        if described.max_bytes is not None and len(case.body) > described.max_bytes:
            yield lambda: ("body maxBytes", f"the body has more than {described.max_bytes} octets")
        content_type = _content_type(case)
        media_type = find_content(described.content, content_type)
        if media_type is None:
            yield lambda: ("body media type", f"a body in {content_type or 'no media type'} isn't taken")
            return MISSING
        try:
            value = read_body(media_type, content_type, case.body)
        except MalformedContent as error:
            reason = f"the body can't be read: {error}"
            yield lambda: (f"body {media_type.name}", reason)
            return MISSING
        yield from _object_to_value(media_type, value)
        return value


def _literal(segment: Segment, text: str) -> list[str] | None:
    """Nothing is captured of a literal segment; None where it is another."""
    return [] if decode_segment(text) == segment.literals[0] else None


def _key(parameter: Parameter) -> tuple[Location, str]:
    return parameter.location, parameter.name


def _input(parameter: Parameter) -> InputKey:
    return parameter.location.value, parameter.name


def _content_type(case: Case) -> str:
    return next((value for name, value in case.headers if name.lower() == "content-type"), "")


def _validator(parameter: Parameter) -> Validator | None:
    schema = parameter.content.schema if parameter.content is not None else parameter.schema
    return schema.validator(Direction.REQUEST) if schema is not None else None


def _read(parameter: Parameter, codec: ParameterCodec, validator: Validator | None, raw: Raw) -> _Read:
    try:
        value = codec.parse(raw)
    except MalformedContent as error:
        reason = f"can't be read: {error}"
        return _Read(Form.INVALID, MISSING, lambda: _about(parameter, "", reason))
    if isinstance(value, Missing):
        objection = (lambda: _about(parameter, " required", "is missing")) if parameter.required else None
        return _Read(Form.LEFT_OUT, MISSING, objection)
    if validator is None or validator.is_valid(value):
        return _Read(Form.VALID, value)
    return _Read(Form.INVALID, value, lambda: _about_value(parameter, validator, value))


def _about(parameter: Parameter, keyword: str, reason: str) -> tuple[str, str]:
    location, name = _input(parameter)
    return f"{location} {name}{keyword}", f"the {location} parameter {name} {reason}"


def _about_value(parameter: Parameter, validator: Validator, value: Json) -> tuple[str, str]:
    violation = validator.violations(value)[0]
    place, named = _about(parameter, f" {violation.keyword}", "")
    return place, f"{named.rstrip()}: {violation.message}"


def _object_to_value(media_type: MediaType, value: Json) -> Iterator[_Objection]:
    for schema, values in ((media_type.schema, [value]), (media_type.item_schema, value)):
        if schema is None or (schema is media_type.item_schema and not isinstance(value, list)):
            continue
        validator = schema.validator(Direction.REQUEST)
        yield from (partial(_about_body, validator, each) for each in values if not validator.is_valid(each))


def _about_body(validator: Validator, value: Json) -> tuple[str, str]:
    violation = validator.violations(value)[0]
    return f"body {violation.schema_pointer}", f"{f'body {violation.pointer}'.rstrip()}: {violation.message}"
