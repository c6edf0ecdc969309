"""The model: one frozen, 3.2-shaped picture of an API, whatever version its document was written in.

Names are OpenAPI's own. References between OpenAPI objects are resolved here; references between schemas are not:
a `Schema` gives a self-contained JSON Schema on demand (see `schema.py`), so a large document costs nothing until
an operation is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final, NewType, final

from understudy.specs.pointers import JsonPointer

if TYPE_CHECKING:
    from understudy.specs.document import Json
    from understudy.specs.schema import Schema

MediaTypeName = NewType("MediaTypeName", str)
"""Type and subtype, lower case, parameters as written: ``application/json``, ``image/*``."""

PathTemplate = NewType("PathTemplate", str)
"""A path with its expressions: ``/pets/{petId}``."""


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
        item: The event that may come anywhere, or None for a comment.
        every_seconds: The interval.
        unless: Expression → value; when all hold no ping is sent.
    """

    item: Mapping[str, Json] | None
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


@dataclass(frozen=True, slots=True)
class RequestBody:
    """A Request Body Object; ``max_bytes`` is None where the document sets no limit."""

    description: str
    required: bool
    content: tuple[MediaType, ...]
    max_bytes: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Link:
    """A Link Object.

    Attributes:
        operation: `operationId` of the target or the label behind an `operationRef`; empty when unresolved.
        parameters: Name, possibly qualified (``path.id``) → constant or runtime expression.
        request_body: Constant or runtime expression; MISSING when not given.
    """

    name: str
    operation: str
    parameters: Mapping[str, Json]
    request_body: Json | Missing
    origin: Origin


@dataclass(frozen=True, slots=True)
class Response:
    """A Response Object under its key.

    Attributes:
        status: ``"200"``, a range such as ``"2XX"`` (upper case), or ``"default"``.
    """

    status: str
    description: str
    headers: tuple[Header, ...]
    content: tuple[MediaType, ...]
    links: tuple[Link, ...]
    origin: Origin

    def matches(self, status: int) -> bool:
        """Whether a response with this status is described here; ``default`` describes all."""
        return self.status in (str(status), f"{status // 100}XX", "default")

    @property
    def is_success(self) -> bool:
        """Whether the key is a 2xx status or the range ``2XX``."""
        return self.status.startswith("2")


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
    """

    name: str
    kind: SecurityKind
    description: str
    location: Location | None
    parameter: str
    scheme: str
    bearer_format: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class SecurityRequirement:
    """All of these schemes together; no schemes at all means anonymous access is allowed."""

    schemes: tuple[tuple[SecurityScheme, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ServerVariable:
    """A Server Variable Object; ``enum`` is empty when any value goes."""

    default: str
    enum: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Server:
    """A Server Object. ``url`` is a template, possibly relative."""

    url: str
    description: str
    variables: Mapping[str, ServerVariable]

    def expand(self, values: Mapping[str, str] | None = None) -> str:
        """The URL with each variable replaced by the given value, else by its default."""
        values = values or {}

        def replace(match: re.Match[str]) -> str:
            name = match.group(1)
            variable = self.variables.get(name)
            return values.get(name, variable.default if variable else match.group(0))

        return re.sub(r"\{([^{}]+)\}", replace, self.url)


@dataclass(frozen=True)
class Operation:
    """An Operation Object with what its Path Item adds.

    Attributes:
        id: `operationId`; empty when the document gives none.
        method: Upper case for the fixed methods; as written for `additionalOperations`.
        parameters: Path Item parameters first, each replaced by an Operation parameter of the same name and location.
        responses: In document order.
        security: Alternatives; empty means no security applies.
        servers: Never empty; the document's, unless the path item or operation has its own.
        callbacks: Each one's name → the operations under its runtime-expression paths.
    """

    id: str
    method: str
    path: PathTemplate
    summary: str
    description: str
    tags: tuple[str, ...]
    deprecated: bool
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: tuple[Response, ...]
    security: tuple[SecurityRequirement, ...]
    servers: tuple[Server, ...]
    callbacks: Mapping[str, tuple[Operation, ...]]
    origin: Origin

    @property
    def label(self) -> str:
        """``GET /pets/{petId}``."""
        return f"{self.method} {self.path}"

    @cached_property
    def name(self) -> str:
        """`operationId`, or the label where there is none."""
        return self.id or self.label

    def find_response(self, status: int) -> Response | None:
        """The response described for a status: the exact key, then the range, then ``default``."""
        for key in (str(status), f"{status // 100}XX", "default"):
            for response in self.responses:
                if response.status == key:
                    return response
        return None


@dataclass(frozen=True, slots=True)
class Envelope:
    """An error body of the API's own: the schema it has and the template that makes it."""

    schema: Origin
    body: Json


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """What the document says of one kind of problem; MISSING and None where it says nothing."""

    status: int | None
    code: Json | Missing
    body: Json | Missing


@dataclass(frozen=True, slots=True)
class Errors:
    """The `errors` member of the vocabulary; both parts empty when the document has none."""

    envelopes: tuple[Envelope, ...]
    kinds: Mapping[str, ErrorKind]


@dataclass(frozen=True, slots=True)
class Quirk:
    """A quirk of the document that was tolerated: where, and how it was read."""

    origin: Origin
    message: str


@dataclass(frozen=True)
class Api:
    """Everything a document says.

    Attributes:
        name: Short name: the shipped name, else the file's stem.
        version: `info.version`.
        openapi: The version the document was written in, as written: ``"3.1.0"``, ``"2.0"``.
        operations: In document order.
        webhooks: Name → operations.
        quirks: Quirks tolerated at load, in document order.
        files: Every file that was read, the entry first, as absolute paths or URLs.
    """

    name: str
    title: str
    version: str
    openapi: str
    description: str
    servers: tuple[Server, ...]
    operations: tuple[Operation, ...]
    webhooks: Mapping[str, tuple[Operation, ...]]
    security_schemes: Mapping[str, SecurityScheme]
    tags: tuple[str, ...]
    errors: Errors
    origin: Origin
    quirks: tuple[Quirk, ...] = field(default=())
    files: tuple[str, ...] = field(default=())

    @cached_property
    def operations_by_name(self) -> Mapping[str, Operation]:
        """Operations by `operationId` and by label."""
        names: dict[str, Operation] = {}
        for operation in self.operations:
            names.setdefault(operation.label, operation)
            if operation.id:
                names.setdefault(operation.id, operation)
        return names

    def find_operation(self, name: str) -> Operation | None:
        """The operation with this `operationId` or label."""
        return self.operations_by_name.get(name)
