"""The parts of a message and how they are written: parameters, headers, media types, examples, streams, credentials.

They belong to the model (`model.py`), which is where to import them from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, NewType, final

from understudy.specs.pointers import JsonPointer

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json
    from understudy.specs.schemas.schema import Schema

MediaTypeName = NewType("MediaTypeName", str)
"""Type and subtype, lower case, parameters as written: ``application/json``, ``image/*``."""


@final
class Missing(Enum):
    """The value that is not there, as opposed to ``null``."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING


class Direction(Enum):
    """Which way a value travels: `readOnly` members go only out, `writeOnly` members only in."""

    REQUEST = "request"
    RESPONSE = "response"


class Location(Enum):
    """`in` of a Parameter Object."""

    PATH = "path"
    QUERY = "query"
    QUERYSTRING = "querystring"
    HEADER = "header"
    COOKIE = "cookie"


class Style(Enum):
    """`style` of a Parameter, Header or Encoding Object."""

    MATRIX = "matrix"
    LABEL = "label"
    SIMPLE = "simple"
    FORM = "form"
    SPACE_DELIMITED = "spaceDelimited"
    PIPE_DELIMITED = "pipeDelimited"
    DEEP_OBJECT = "deepObject"
    COOKIE = "cookie"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object stands: the document's URI and the JSON Pointer in it."""

    uri: str
    pointer: JsonPointer

    def __str__(self) -> str:
        return f"{self.uri}#{self.pointer}"


@dataclass(frozen=True, slots=True)
class Example:
    """An Example Object, or the value of `example` under the name ``""``.

    Attributes:
        value: The data; MISSING when only the serialised form is given.
        serialized: The exact text of the body; None when not given.
    """

    name: str
    value: Json | Missing
    serialized: str | None
    summary: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Header:
    """A Header Object. Exactly one of ``schema`` and ``content`` is set, or neither: anything goes."""

    name: str
    description: str
    required: bool
    schema: Schema | None
    content: MediaType | None
    explode: bool
    examples: tuple[Example, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one member of a form, or one part of a multipart body, is written.

    Attributes:
        content_types: Allowed media types in document order, wildcards possible; empty means the
            specification's default for the member's type.
        style: None means the media type's own rules apply.
    """

    content_types: tuple[MediaTypeName, ...]
    style: Style | None
    explode: bool
    allow_reserved: bool
    headers: Mapping[str, Header]
    encoding: Mapping[str, Encoding]


@dataclass(frozen=True, slots=True)
class Ping:
    """A sign of life in a stream that is no item of it.

    Attributes:
        item: The event that may come anywhere; None when there is only a comment.
        is_comment: A server sends a comment, whatever else may come.
        every_seconds: The interval.
        unless: Expression → value; when all hold no ping is sent.
    """

    item: Mapping[str, Json] | None
    is_comment: bool
    every_seconds: float
    unless: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Stream:
    """The `stream` member of the vocabulary; see VOCABULARY.md. None means nothing is said."""

    when: Mapping[str, Json]
    first: Schema | None
    repeated: Schema | None
    last: Schema | None
    text: JsonPointer | None
    sentinel: str | None
    ping: Ping | None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class MediaType:
    """A Media Type Object under its name in `content`.

    Attributes:
        schema: The whole content; None when not given (anything goes, or ``item_schema`` speaks).
        item_schema: One item of a sequential media type; None when not given.
        encoding: By property name.
        prefix_encoding: By position, for multipart without names.
        item_encoding: For the positions after those; None when not given.
        stream: What `x-understudy` says; None when it says nothing.
    """

    name: MediaTypeName
    schema: Schema | None
    item_schema: Schema | None
    examples: tuple[Example, ...]
    encoding: Mapping[str, Encoding]
    prefix_encoding: tuple[Encoding, ...]
    item_encoding: Encoding | None
    stream: Stream | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Parameter:
    """A Parameter Object. At most one of ``schema`` and ``content`` is set."""

    name: str
    location: Location
    description: str
    required: bool
    deprecated: bool
    schema: Schema | None
    content: MediaType | None
    style: Style
    explode: bool
    allow_reserved: bool
    allow_empty_value: bool
    examples: tuple[Example, ...]
    origin: Origin


class SecurityKind(Enum):
    """`type` of a Security Scheme Object."""

    API_KEY = "apiKey"
    HTTP = "http"
    MUTUAL_TLS = "mutualTLS"
    OAUTH2 = "oauth2"
    OPEN_ID_CONNECT = "openIdConnect"


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A Security Scheme Object.

    Attributes:
        location: Where an API key travels; None for other kinds.
        parameter: Name of the API key's parameter; empty for other kinds.
        scheme: HTTP authentication scheme, lower case (``bearer``); empty for other kinds.
        flows: OAuth Flow Objects by name (``clientCredentials``); empty for other kinds.
        open_id_connect_url: Empty for other kinds.
    """

    name: str
    kind: SecurityKind
    description: str
    location: Location | None
    parameter: str
    scheme: str
    bearer_format: str
    flows: Mapping[str, Json]
    open_id_connect_url: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class SecurityRequirement:
    """All of these schemes together; no schemes at all means anonymous access is allowed."""

    schemes: tuple[tuple[SecurityScheme, tuple[str, ...]], ...]
