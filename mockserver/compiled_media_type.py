"""A body in one media type, made ready to serve: its valid examples, and what makes one up."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers.encoding import Encoded, Unencodable, encode_value
from understudy.mockserver.answers.offers import content_type_header
from understudy.mockserver.answers.sample_files import sample_file
from understudy.mockserver.answers.samples import InvalidSample, Sample, read_sample
from understudy.mockserver.answers.stream_items import Items, encode_item, encode_sentinel
from understudy.mockserver.answers.streaming import Heartbeat
from understudy.mockserver.conditions import Condition
from understudy.specs.errors import GenerationError
from understudy.specs.model import MISSING, Direction, MediaType, Missing
from understudy.specs.wire import sse
from understudy.specs.wire.body_kinds import is_structured
from understudy.specs.wire.media_types import Kind, kind

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["CompiledMediaType"]

MAX_DRAWS: Final = 8
"""Values that are made up for one body before none is found that can be written."""
_EMPTY_XML: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<document/>\n'
_LOG: Final = logging.getLogger("understudy.mockserver")


@final
class CompiledMediaType:
    """A body in one media type.

    Args:
        name: The media type that is sent; never a range.
    """

    def __init__(self, media_type: MediaType, name: str) -> None:
        self.media_type = media_type
        self.name = name
        self.content_type = content_type_header(name)
        found = kind(name)
        # A media type that nobody knows, but with a schema of members: its content is most likely JSON.
        self.kind = Kind.JSON if found is Kind.BINARY and is_structured(media_type.schema) else found

    @cached_property
    def condition(self) -> Condition | None:
        """When this media type is the answer; None leaves it to `Accept`."""
        stream = self.media_type.stream
        return Condition(stream.when) if stream and stream.when else None

    @property
    def is_json(self) -> bool:
        """Whether the body is one JSON text."""
        return self.kind is Kind.JSON

    @property
    def is_text(self) -> bool:
        """Whether the body is plain text of some sort."""
        return self.kind is Kind.TEXT

    @cached_property
    def can_generate(self) -> bool:
        """Whether the document says enough to make a body up."""
        return self.media_type.schema is not None or self.media_type.item_schema is not None

    @cached_property
    def samples(self) -> Mapping[str, Sample]:
        """The valid examples by name, in document order."""
        return self._read_samples[0]

    @cached_property
    def invalid_samples(self) -> Mapping[str, str]:
        """Why the other examples aren't served, by name."""
        return self._read_samples[1]

    @cached_property
    def _read_samples(self) -> tuple[dict[str, Sample], dict[str, str]]:
        valid: dict[str, Sample] = {}
        invalid: dict[str, str] = {}
        for example in self.media_type.examples:
            try:
                valid[example.name] = read_sample(example, self.media_type, self.name, self.kind)
            except InvalidSample as error:
                invalid[example.name] = str(error)
                _LOG.warning("%s: this example isn't served, since it is invalid: %s", example.origin, error)
        return valid, invalid

    def is_valid(self, value: Json) -> bool:
        """Whether the schema allows a value; without schema it does."""
        schema = self.media_type.schema
        return schema is None or schema.validator(Direction.RESPONSE).is_valid(value)

    @cached_property
    def usual_value(self) -> Json | Missing:
        """The first valid example's value, else a generated one; MISSING where none can be made. Don't change it."""
        sample = next(iter(self.samples.values()), None)
        if sample is not None:
            return sample.value
        try:
            return self.generate("usual")
        except GenerationError:
            return MISSING

    @cached_property
    def usual_body(self) -> bytes | None:
        """As `usual_value`, written; None where none can be made."""
        sample = next(iter(self.samples.values()), None)
        try:
            return b"".join(sample.pieces if sample else self.generate_body("usual")[1])
        except (GenerationError, Unencodable):
            return None

    def generate(self, key: str) -> Json:
        """A value of the schema, the same for the same key.

        Raises:
            GenerationError: None was found.
        """
        # The generator isn't held: the schemas' space lets those go that take too much memory together.
        schema = self.media_type.schema
        return {} if schema is None else schema.generator(Direction.RESPONSE).generate(key)

    def generate_body(self, key: str) -> tuple[bytes, tuple[bytes, ...]]:
        """A content type and a body in pieces: one, or those of a stream.

        Raises:
            GenerationError: No value of the schema was found.
            Unencodable: A value of the schema can't be written in this media type.
        """
        if self.kind is Kind.JSON:
            schema = self.media_type.schema
            return self.content_type, (b"{}" if schema is None else schema.generator(Direction.RESPONSE).write(key),)
        if self.kind.is_sequential:
            return self.content_type, self.encode_items(self.generate_items(key))
        if self.kind is Kind.BINARY:
            return self.content_type, (sample_file(self.name) or key.encode("utf-8", "surrogatepass"),)
        if self.kind is Kind.XML:
            return self.content_type, (self._xml_file or self._generate_xml(key),)
        return self.encode(self.generate(key), key)

    def generate_items(
        self, key: str, text: str | None = None, known: Mapping[str, Json] = MappingProxyType({})
    ) -> list[Json]:
        """The items of a stream, which carry a text together; None makes one up.

        Args:
            known: Pointer → what lies there in every item that has such a member; of an event, in its `data`.

        Raises:
            GenerationError: No item of the schema was found.
        """
        return Items(self.media_type).generate(key, text, known)

    def find_fault(self, value: Json) -> str:
        """Why the schema doesn't allow a value; empty when it does."""
        if self.is_valid(value) or self.media_type.schema is None:
            return ""
        found = self.media_type.schema.validator(Direction.RESPONSE).find_violations(value)
        return f"{found[0].pointer or 'the body'}: {found[0].message}"

    def encode(self, value: Json, key: str) -> tuple[bytes, tuple[bytes, ...]]:
        """A content type and the one piece that a value is written as.

        Raises:
            Unencodable: It can't be written in this media type.
        """
        encoded = self._encode(value, key)
        return encoded.content_type or self.content_type, (encoded.body,)

    def encode_items(self, items: list[Json]) -> tuple[bytes, ...]:
        """The pieces of a stream of these items, with the event that closes it.

        Raises:
            Unencodable: An item can't be written.
        """
        try:
            pieces = [encode_item(self.kind, item) for item in items]
        except (sse.UnencodableEvent, TypeError) as error:
            raise Unencodable(f"{self.name}: {error}") from error
        sentinel = self.media_type.stream.sentinel if self.media_type.stream else None
        return (*pieces, encode_sentinel(self.kind, sentinel)) if sentinel is not None else tuple(pieces)

    @cached_property
    def heartbeat(self) -> Heartbeat | None:
        """The stream's sign of life; None when it has none."""
        ping = self.media_type.stream.ping if self.media_type.stream else None
        if ping is None:
            return None
        is_event = ping.item is not None and not ping.is_comment
        piece = sse.encode(sse.from_item(dict(ping.item or {}))) if is_event else sse.encode_comment("ping")
        return Heartbeat(piece, ping.every_seconds)

    @cached_property
    def no_heartbeat(self) -> Condition | None:
        """When no sign of life is wanted; None when it always is."""
        ping = self.media_type.stream.ping if self.media_type.stream else None
        return Condition(ping.unless) if ping and ping.unless else None

    @property
    def _xml_file(self) -> bytes | None:
        """A file in this kind of XML, where no schema says what is in it; one that says nothing, where even the kind
        isn't known and there is no schema at all; else None."""
        if is_structured(self.media_type.schema):
            return None
        return sample_file(self.name) or (_EMPTY_XML if self.media_type.schema is None else None)

    def _generate_xml(self, key: str) -> bytes:
        """What is made up may have names or characters that XML has not; then something else is."""
        for attempt in range(MAX_DRAWS - 1):
            try:
                return self._encode(self.generate(f"{key}/{attempt}" if attempt else key), key).body
            except Unencodable:
                continue
        return self._encode(self.generate(f"{key}/{MAX_DRAWS}"), key).body

    def _encode(self, value: Json, key: str) -> Encoded:
        return encode_value(self.media_type, self.name, self.kind, value, key)
