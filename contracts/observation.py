"""An exchange beside what the document says about it: what checks judge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

from understudy.contracts.case import Answer, Exchange
from understudy.contracts.claims import Claim, Failure
from understudy.contracts.stream_items import Stream, read_stream
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, MediaType, Operation, Response
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.media_types import Kind, find_content, find_media_type, kind
from understudy.specs.wire.xml_contents import read_xml_body
from understudy.specs.wire.xml_trees import MalformedXml

__all__ = ["Observation", "may_stream"]


@final
@dataclass(frozen=True)
class Observation:
    """What is derived from an exchange is computed when first asked for, and once.

    Attributes:
        answer: What came back; an exchange without an answer is no observation.
    """

    exchange: Exchange
    operation: Operation
    answer: Answer

    @property
    def is_addressed(self) -> bool:
        """Whether the request is one of the operation at all: its method, and a media type that it describes.

        What a server says to any other request is its own business: the document doesn't speak of it.
        """
        case = self.exchange.case
        if case.method != self.operation.method:
            return False
        sent = next((value for name, value in case.headers if name.lower() == "content-type"), None)
        body = self.operation.request_body
        return sent is None or body is None or find_content(body.content, sent) is not None

    @cached_property
    def response(self) -> Response | None:
        """What the document says about this status; None when nothing."""
        return self.operation.find_response(self.answer.status) if self.is_addressed else None

    @property
    def content_type(self) -> str:
        """The answer's; empty when it has none."""
        return self.answer.header("content-type") or ""

    @property
    def kind(self) -> Kind:
        """How the answer's body is written, by its own `Content-Type`."""
        return kind(self.content_type)

    @cached_property
    def media_type(self) -> MediaType | None:
        """The documented media type that the answer has; None when it has none of them."""
        return find_content(self.response.content, self.content_type) if self.response else None

    @property
    def has_body(self) -> bool:
        """Whether there is a body, or there would be one if we had read on."""
        return bool(self.answer.body) or not self.answer.complete

    @property
    def is_broken(self) -> bool:
        """Whether the connection or the content coding broke in the body, as opposed to that we stopped reading."""
        return not self.answer.complete and bool(self.exchange.error)

    @cached_property
    def json(self) -> Json | MalformedJson:
        """The body as JSON, or what is wrong with it."""
        try:
            return load_json(self.answer.body)
        except MalformedJson as error:
            return error

    @cached_property
    def xml(self) -> Json | MalformedXml:
        """The body as XML under the documented schema, or what is wrong with it: `RefusedXml` if we only can't tell."""
        schema = self.media_type.schema if self.media_type is not None else None
        try:
            return read_xml_body(schema, Direction.RESPONSE, self.answer.body, self.content_type)
        except MalformedXml as error:
            return error

    @cached_property
    def stream(self) -> Stream | None:
        """The items of a sequential media type that has a described item; None for any other answer."""
        if self.media_type is None or not self.kind.is_sequential:
            return None
        return read_stream(self.answer, self.kind, self.media_type.stream)

    @property
    def place(self) -> str:
        """Status and media type, as places of failures begin: ``200 application/json``."""
        value = find_media_type(self.content_type)
        return f"{self.answer.status} {value.essence}" if value else str(self.answer.status)

    def failure(self, claim: Claim, place: str, message: str) -> Failure:
        """A failure of this operation."""
        return Failure(claim, self.operation.label, place, message)


def may_stream(operation: Operation) -> bool:
    """Whether an operation documents an answer of a sequential media type."""
    return any(
        kind(media_type.name).is_sequential for response in operation.responses for media_type in response.content
    )
