"""Read and check the body of a request: no more than is allowed, in the media type it says it has."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, final

from understudy.mockserver.problems import ROOT, Objection, Problem, ProblemRaised, body_objection, too_large
from understudy.mockserver.requests.uploads import UploadReader
from understudy.specs.documents.yaml12 import parse_yaml
from understudy.specs.errors import DocumentUnreadable
from understudy.specs.model import MISSING, Direction, MediaType, Missing, RequestBody
from understudy.specs.pointers import child
from understudy.specs.problems import ProblemKind
from understudy.specs.schemas.allowed_types import AllowedTypes
from understudy.specs.schemas.validation import MAX_VIOLATIONS
from understudy.specs.wire.body_kinds import is_structured, kind_of_request
from understudy.specs.wire.forms import compile_form
from understudy.specs.wire.json_bodies import load_json
from understudy.specs.wire.jsonl import MalformedRecord, Parser, SequenceParser
from understudy.specs.wire.malformed import ContentTooLarge, MalformedContent
from understudy.specs.wire.media_types import Kind, find_content, find_media_type, kind
from understudy.specs.wire.sse import Parser as EventParser
from understudy.specs.wire.sse import as_item
from understudy.specs.wire.xml_contents import read_xml_body

if TYPE_CHECKING:
    from understudy.mockserver.requests.incoming import BodyReader, Incoming
    from understudy.mockserver.settings import Limits
    from understudy.specs.documents.document import Json
    from understudy.specs.schemas.validation import Validator

__all__ = ["DecodedBody", "RequestBodyReader"]

_CHARSETS: Final = frozenset(
    {"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "cp1251", "koi8-r", "utf-16", "utf-16-le", "utf-16-be"}
    | {"shift_jis", "euc_jp", "gb18030", "gbk", "big5", "euc_kr"}
)
"""Text is decoded with these and no others: some of Python's codecs are no charsets, and some are slow on purpose."""

_MAX_REMEMBERED: Final = 64
"""Values of `Content-Type` that are looked up once."""


@final
class DecodedBody(NamedTuple):
    """A body, and what is wrong with it.

    Attributes:
        value: MISSING when none was sent.
        media_type: As it was sent, without parameters; empty when there is no body.
    """

    value: Json | Missing
    media_type: str
    objections: Sequence[Objection] = ()


_NO_BODY: Final = DecodedBody(MISSING, "")


@final
class RequestBodyReader:
    """The body of one operation's requests; each media type is compiled when it first comes."""

    def __init__(self, body: RequestBody, limits: Limits) -> None:
        self._body = body
        self._limits = limits
        self._compiled: dict[str, _Content] = {}
        self._by_header: dict[str, _Content] = {}

    async def read(self, request: Incoming) -> DecodedBody:
        """Read, decode and check.

        Raises:
            ProblemRaised: ``missing-body``, ``unsupported-media-type``, ``body-too-large``, ``malformed-body``, or
                ``invalid-file``; objections to the value are not raised but given back.
            ClientLeft: The connection was closed in the middle.
        """
        body = request.body()
        content_type = (request.header(b"content-type") or b"").decode("latin-1")
        content = self._find(content_type) if content_type or body.is_expected else None
        if not body.is_expected and (content is None or content.kind is not Kind.FORM):
            return self._without_body()
        if content is None:
            # Nothing at all, chunked, in whatever media type, is still no body.
            if not content_type and await _is_empty(body):
                return self._without_body()
            raise ProblemRaised(_unsupported(content_type, self._body.content))
        try:
            return await self._decode(body, content, content_type)
        except ContentTooLarge as error:
            raise ProblemRaised(too_large(error, "the body")) from error
        except MalformedContent as error:
            objection = Objection("body", ROOT, "syntax", f"not {content.media_type.name}: {error}")
            raise ProblemRaised(Problem(ProblemKind.MALFORMED_BODY, objections=(objection,))) from error

    async def _decode(self, body: BodyReader, content: _Content, content_type: str) -> DecodedBody:
        if content.kind is Kind.MULTIPART:
            value = await content.uploads.read(body, content_type, self._limit(content))
            if value is None:
                return self._without_body()
        else:
            octets = await body.read(self._limit(content))
            if not octets and (not self._body.required or content.kind not in (Kind.TEXT, Kind.BINARY, Kind.FORM)):
                return self._without_body()
            value = content.decode(octets, content_type)
        named = find_media_type(content_type)
        media_type = named.essence if named is not None else str(content.media_type.name)
        return DecodedBody(value, media_type, content.check(value))

    def _limit(self, content: _Content) -> int:
        if self._body.max_bytes is not None:
            return min(self._body.max_bytes, self._limits.body_bytes)
        whole = content.kind not in (Kind.MULTIPART, Kind.BINARY)
        return min(self._limits.json_bytes, self._limits.body_bytes) if whole else self._limits.body_bytes

    def _without_body(self) -> DecodedBody:
        if not self._body.required:
            return _NO_BODY
        objection = Objection("body", ROOT, "required", "a body is required and wasn't sent")
        raise ProblemRaised(Problem(ProblemKind.MISSING_BODY, objections=(objection,)))

    def _find(self, content_type: str) -> _Content | None:
        content = self._by_header.get(content_type)
        if content is not None:
            return content
        entry = find_content(self._body.content, content_type) if content_type else self._assumed
        if entry is None:
            return None
        content = self._compiled.get(entry.name)
        if content is None:
            content = self._compiled[entry.name] = _Content(entry)
        # A boundary is another one each time; what is remembered is bounded.
        if len(self._by_header) < _MAX_REMEMBERED and content.kind is not Kind.MULTIPART:
            self._by_header[content_type] = content
        return content

    @cached_property
    def _assumed(self) -> MediaType | None:
        """What a body without `Content-Type` is taken for (RFC 9110, section 8.3): the one media type there is."""
        return self._body.content[0] if len(self._body.content) == 1 else None


async def _is_empty(body: BodyReader) -> bool:
    if body.declared:
        return False
    try:
        return not await body.read(0)
    except ContentTooLarge:
        return False


@final
class _Content:
    """One media type that a body may have, compiled."""

    def __init__(self, media_type: MediaType) -> None:
        self.media_type = media_type
        self.kind = kind_of_request(media_type, media_type.name)
        is_yaml = self.kind is Kind.TEXT and "yaml" in media_type.name and is_structured(media_type.schema)
        self._decode = (_yaml if is_yaml else _DECODERS[self.kind])(media_type)

    @cached_property
    def uploads(self) -> UploadReader:
        """Reads the parts, for a multipart media type."""
        return UploadReader(self.media_type)

    def decode(self, body: bytes, content_type: str) -> Json:
        """The value of a body; raises `MalformedContent`, or `ProblemRaised` for a charset that isn't known."""
        return self._decode(body, content_type)

    def check(self, value: Json) -> Sequence[Objection]:
        """What the schema has against a value."""
        validator = self._validator
        if validator is None:
            return ()
        if not self._is_checked_by_item:
            return _check(validator, value, "")
        objections = (each for index, item in enumerate(value) for each in _check(validator, item, f"/{index}"))
        return tuple(islice(objections, MAX_VIOLATIONS))

    @cached_property
    def _is_checked_by_item(self) -> bool:
        return self.kind.is_sequential and self.media_type.item_schema is not None

    @property
    def _validator(self) -> Validator | None:
        """Not held: the schemas' space lets those go that take too much memory together."""
        if self.kind is Kind.BINARY:
            return None
        schema = self.media_type.item_schema if self._is_checked_by_item else self.media_type.schema
        return schema.validator(Direction.REQUEST) if schema is not None else None


def _check(validator: Validator, value: Json, below: str) -> Sequence[Objection]:
    if validator.is_valid(value):
        return ()
    return validator.find_violations(value).then(lambda violation: body_objection(violation, below))


_Decode = Callable[[bytes, str], "Json"]


def _json(media_type: MediaType) -> _Decode:
    return lambda body, _: load_json(body)


def _form(media_type: MediaType) -> _Decode:
    form = compile_form(media_type, Direction.REQUEST)
    return lambda body, _: form.parse(body)


def _text(media_type: MediaType) -> _Decode:
    types = AllowedTypes(True if media_type.schema is None else media_type.schema.standalone(Direction.REQUEST))
    return lambda body, content_type: types.read(_decode_text(body, content_type))


def _yaml(media_type: MediaType) -> _Decode:
    def decode(body: bytes, content_type: str) -> Json:
        if len(body) > _MAX_YAML:
            raise MalformedContent(f"YAML of more than {_MAX_YAML} octets isn't read")
        try:
            return parse_yaml(_decode_text(body, content_type).encode(), "the body")
        except DocumentUnreadable as error:
            raise MalformedContent(f"line {error.line}: {error.reason}") from error

    return decode


def _xml(media_type: MediaType) -> _Decode:
    return lambda body, content_type: read_xml_body(media_type.schema, Direction.REQUEST, body, content_type)


def _lines(media_type: MediaType) -> _Decode:
    def decode(body: bytes, _: str) -> Json:
        parser = SequenceParser() if kind(media_type.name) is Kind.JSON_SEQ else Parser()
        values = []
        for record in (*parser.feed(body), *parser.close()):
            if isinstance(record, MalformedRecord):
                raise MalformedContent(f"line {record.line}: {record.reason}")
            values.append(record.value)
        return values

    return decode


def _events(media_type: MediaType) -> _Decode:
    return lambda body, _: [as_item(event) for event in EventParser().feed(body)]


def _octets(media_type: MediaType) -> _Decode:
    """A file: a string of the code points 0 to 255, one for each octet."""
    return lambda body, _: body.decode("latin-1")


_MAX_YAML: Final = 1024 * 1024
"""Octets of a YAML body: reading it takes some fifty times as long as reading JSON."""
_DECODERS: Final[dict[Kind, Callable[[MediaType], _Decode]]] = {
    Kind.JSON: _json,
    Kind.FORM: _form,
    Kind.TEXT: _text,
    Kind.JSON_LINES: _lines,
    Kind.JSON_SEQ: _lines,
    Kind.SSE: _events,
    Kind.XML: _xml,
    Kind.BINARY: _octets,
    Kind.MULTIPART: _octets,
}


def _decode_text(body: bytes, content_type: str) -> str:
    named = find_media_type(content_type)
    charset = named.parameters.get("charset", "utf-8") if named is not None else "utf-8"
    try:
        codec = codecs.lookup(charset).name
    except (LookupError, ValueError):
        codec = ""
    if codec not in _CHARSETS:
        raise ProblemRaised(_unsupported(content_type, (), f"the charset {charset[:40]!r} isn't known; send UTF-8"))
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        raise MalformedContent(f"octet {error.start} is not {charset}") from error


def _unsupported(content_type: str, content: tuple[MediaType, ...], reason: str = "") -> Problem:
    names = ", ".join(media_type.name for media_type in content)
    shown = f"{content_type[:100]!r} isn't taken" if content_type else "the body has no Content-Type"
    message = reason or f"{shown}; send {names}"
    objection = Objection("header", child("", "Content-Type"), "content", message, "Content-Type")
    # RFC 9110, section 15.5.16: what would have been taken.
    headers = ((b"accept", names.encode("latin-1", "replace")),) if names else ()
    return Problem(ProblemKind.UNSUPPORTED_MEDIA_TYPE, objections=(objection,), headers=headers)
