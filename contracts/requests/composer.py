"""Valid requests of an operation: values from the document's examples, else made up; then written as octets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, final
from urllib.parse import quote

from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.requests.bodies import Unwritable, read_example, write_body
from understudy.contracts.requests.rules import find_broken_rule
from understudy.contracts.requests.writable_values import draw_body, draw_parameter
from understudy.specs.behaviour.values import ValueFailed
from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.model import MISSING, Direction, Example, Location, MediaType, Missing, Operation, Parameter
from understudy.specs.path_templates import bare_path
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.styles import ParameterCodec, compile_parameters, join_cookies, join_query

__all__ = ["Composer", "Draft", "Uncomposable"]


MAX_ATTEMPTS: Final = 8
"""Values made for a member, until one is something and goes with the others."""


class Uncomposable(ValueError):
    """No valid request could be made; the sentence says which part is missing."""


@final
@dataclass(frozen=True, slots=True)
class Draft:
    """A request before it is written.

    Attributes:
        values: By location and name; a parameter that isn't here isn't sent.
        media_type: Of the body; None without one.
        body: MISSING without one.
        serialized: The exact text of the body, which goes before ``body``; None when there is only a value.
        accept: Value of `Accept`; empty sends what any client does.
    """

    values: Mapping[tuple[Location, str], Json] = field(default_factory=dict)
    media_type: MediaType | None = None
    body: Json | Missing = MISSING
    serialized: str | None = None
    accept: str = ""
    note: str = ""


@final
class Composer:
    """Makes requests of one operation.

    Args:
        key: Decides made-up values, together with the place they are for.
    """

    def __init__(self, operation: Operation, key: str) -> None:
        self.operation = operation
        self._key = f"{key}/{operation.label}"

    @cached_property
    def _codecs(self) -> tuple[ParameterCodec, ...]:
        return compile_parameters(self.operation.parameters)

    def draft(self, media_type: MediaType | None = None) -> Draft:
        """A valid request with what is required and, where a rule of the action asks for it, some that is optional.

        Args:
            media_type: The body's; None takes the first that can be written, or none where no body is required.

        Raises:
            Uncomposable: A value can't be made.
        """
        parameters = self.operation.parameters
        values = {(each.location, each.name): self.parameter_value(each) for each in parameters if each.required}
        draft = self._draft(values, media_type)
        if self._keeps_rules(draft):
            return draft
        optional = {
            (each.location, each.name): self.parameter_value(each)
            for each in parameters
            if not each.required and each.examples
        }
        others = [replace(draft, values={**values, name: value}) for name, value in optional.items()]
        others.append(replace(draft, values={**values, **optional}))
        return next(filter(self._keeps_rules, others), draft)

    def _keeps_rules(self, draft: Draft) -> bool:
        try:
            return find_broken_rule(self.operation, draft.values, draft.body) is None
        except ValueFailed:
            return False

    def _draft(self, values: Mapping[tuple[Location, str], Json], media_type: MediaType | None) -> Draft:
        body = self.operation.request_body
        if body is None or (media_type is None and not (body.required and body.content)):
            return Draft(values)
        chosen = media_type or body.content[0]
        example = next(iter(self.valid_examples(chosen)), None)
        if example is not None:
            return Draft(values, chosen, *read_example(chosen, example))
        return Draft(values, chosen, self._body_value(chosen))

    def full(self, media_type: MediaType | None = None) -> Draft:
        """As `draft`, with every member in the body that its schema names and that stays valid beside the others.

        Raises:
            Uncomposable: A value can't be made.
        """
        draft = self.draft(media_type)
        schema = draft.media_type.schema if draft.media_type else None
        if schema is None or draft.serialized is not None or not isinstance(draft.body, dict):
            return draft
        validator = schema.validator(Direction.REQUEST)
        body = dict(draft.body)
        for name, member in schema.members():
            for attempt in range(MAX_ATTEMPTS if body.get(name) is None else 0):
                try:
                    made = member.generator(Direction.REQUEST).generate(f"{self._key}/full/{name}/{attempt}")
                except GenerationError:
                    break
                if made is not None and validator.is_valid({**body, name: made}):
                    body[name] = made
                    break
        return replace(draft, body=body)

    def examples(self) -> Iterator[Draft]:
        """Each named example of the request once, in document order: of each body, then of each parameter."""
        operation = self.operation
        for media_type in operation.request_body.content if operation.request_body else ():
            for example in media_type.examples:
                value, serialized = read_example(media_type, example)
                draft = replace(self.draft(media_type), body=value, serialized=serialized)
                yield replace(draft, note=f"example {example.name or 'of the body'}")
        for parameter in operation.parameters:
            for example in parameter.examples:
                if example.value is not MISSING:
                    draft = self.draft()
                    values = {**draft.values, (parameter.location, parameter.name): example.value}
                    name = f"example {example.name}".strip()
                    yield replace(
                        draft, values=values, note=f"{name} of the {parameter.location.value} {parameter.name}"
                    )

    def valid_examples(self, media_type: MediaType) -> Iterator[Example]:
        """The examples of a body that are valid; one that is only text is taken as it is."""
        for example in media_type.examples:
            value, _ = read_example(media_type, example)
            if value is MISSING or media_type.schema is None or _is_allowed(media_type, value):
                yield example

    def write(self, draft: Draft, mode: Mode, phase: Phase) -> Case:
        """The draft as a case, without credentials.

        Raises:
            Uncomposable: A value has no written form, such as an empty path segment.
        """
        written: dict[Location, list[tuple[str, str]]] = {location: [] for location in Location}
        path: dict[str, str] = {}
        try:
            for codec in self._codecs:
                if (codec.location, codec.name) not in draft.values:
                    continue
                text = codec.serialize(draft.values[codec.location, codec.name])
                if codec.location is Location.PATH:
                    path[codec.name] = str(text)
                elif isinstance(text, str):
                    written[codec.location].append((codec.name, text))
                else:
                    written[codec.location] += text
            headers, body = self._headers(written, draft), None
            if draft.media_type is not None and (draft.serialized is not None or draft.body is not MISSING):
                content_type, body = write_body(draft.media_type, draft.body, draft.serialized)
                headers.append(("Content-Type", content_type))
            headers = _framed(headers, body)
        except (UncarriableValue, Unwritable) as error:
            raise Uncomposable(str(error)) from error
        query = "".join(text for _, text in written[Location.QUERYSTRING]) or join_query(written[Location.QUERY])
        target = _fill(bare_path(self.operation.path), path) + (f"?{query}" if query else "")
        operation = self.operation
        return Case(operation.label, operation.method, target, tuple(headers), body, mode, phase, draft.note)

    def _headers(self, written: Mapping[Location, list[tuple[str, str]]], draft: Draft) -> list[tuple[str, str]]:
        headers = [("Accept", draft.accept)] if draft.accept else []
        headers += written[Location.HEADER]
        if written[Location.COOKIE]:
            headers.append(("Cookie", join_cookies(written[Location.COOKIE])))
        return headers

    def parameter_value(self, parameter: Parameter) -> Json:
        """A value that a parameter may have: its first valid example, else one that is made up.

        Raises:
            Uncomposable: None can be made.
        """
        schema = parameter.schema or (parameter.content.schema if parameter.content else None)
        examples = (*parameter.examples, *(parameter.content.examples if parameter.content else ()))
        for example in examples:
            if example.value is not MISSING and (
                schema is None or schema.validator(Direction.REQUEST).is_valid(example.value)
            ):
                return example.value
        if schema is None:
            return "understudy"
        try:
            key = f"{self._key}/{parameter.location.value}/{parameter.name}"
            codec = self._codecs[self.operation.parameters.index(parameter)]
            return draw_parameter(schema.generator(Direction.REQUEST), key, codec)
        except GenerationError as error:
            raise Uncomposable(
                f"no value for the {parameter.location.value} parameter {parameter.name}: {error}"
            ) from error

    def _body_value(self, media_type: MediaType) -> Json:
        schema = media_type.schema
        try:
            if schema is not None:
                return draw_body(schema.generator(Direction.REQUEST), f"{self._key}/body", media_type)
            if media_type.item_schema is not None:
                generator = media_type.item_schema.generator(Direction.REQUEST)
                return [generator.generate(f"{self._key}/body/{index}") for index in range(2)]
        except GenerationError as error:
            raise Uncomposable(f"no {media_type.name} body: {error}") from error
        return "understudy"


def _is_allowed(media_type: MediaType, value: Json) -> bool:
    return media_type.schema is None or media_type.schema.validator(Direction.REQUEST).is_valid(value)


def _framed(headers: list[tuple[str, str]], body: bytes | None) -> list[tuple[str, str]]:
    """The headers with what is true of the message, where they say how long it is or whom it is for."""
    length = str(len(body or b""))
    true = {"content-length": [length], "host": []}
    return [(name, said) for name, value in headers for said in true.get(name.lower(), [value])]


def _fill(template: str, texts: Mapping[str, str]) -> str:
    """``/pets/{petId}`` with texts that are encoded already."""
    parts = re.split(r"\{([^{}]+)\}", template)
    literals = [quote(part, safe="/%:@!$&'()*+,;=~-._") for part in parts[::2]]
    values = [texts.get(name, quote(f"{{{name}}}")) for name in parts[1::2]]
    return "".join(text for pair in zip(literals, [*values, ""], strict=True) for text in pair)
