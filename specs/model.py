"""The model: one frozen, 3.2-shaped picture of an API, whatever version its document was written in.

Names are OpenAPI's own. References between OpenAPI objects are resolved here; references between schemas are not:
a `Schema` gives a self-contained JSON Schema on demand (see `schemas`), so a large document costs nothing until
an operation is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NewType

from understudy.specs.content import (
    MISSING,
    Direction,
    Encoding,
    Example,
    Header,
    Location,
    MediaType,
    MediaTypeName,
    Missing,
    Origin,
    Parameter,
    Ping,
    SecurityKind,
    SecurityRequirement,
    SecurityScheme,
    Stream,
    Style,
)

if TYPE_CHECKING:
    from understudy.specs.behaviour.declarations import Action, Resource
    from understudy.specs.behaviour.limits import Limit
    from understudy.specs.documents.document import Json

__all__ = [
    "MISSING",
    "Api",
    "Direction",
    "Encoding",
    "Envelope",
    "ErrorKind",
    "Errors",
    "Example",
    "Header",
    "Link",
    "Location",
    "MediaType",
    "MediaTypeName",
    "Missing",
    "Operation",
    "Origin",
    "Parameter",
    "PathTemplate",
    "Ping",
    "Quirk",
    "RequestBody",
    "Response",
    "SecurityKind",
    "SecurityRequirement",
    "SecurityScheme",
    "Server",
    "ServerVariable",
    "Stream",
    "Style",
]

PathTemplate = NewType("PathTemplate", str)
"""A path with its expressions: ``/pets/{petId}``."""


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


@dataclass(frozen=True, eq=False)
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
        action: What it does with which records; None when nothing is declared or inferred.
        errors: What it says of kinds of problems, over what the document says of them.
        limits: How many calls are answered in a time; empty when nothing is declared.
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
    action: Action | None = None
    errors: Mapping[str, ErrorKind] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()

    @cached_property
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


@dataclass(frozen=True, eq=False)
class Api:
    """Everything a document says.

    Attributes:
        name: Short name: the shipped name, else the file's stem.
        version: `info.version`.
        openapi: The version the document was written in, as written: ``"3.1.0"``, ``"2.0"``.
        operations: In document order.
        webhooks: Name → operations.
        resources: Types of records by name; empty when nothing is declared or inferred.
        quirks: Quirks tolerated at load, in document order.
        files: Every file that was read, the entry first, as absolute paths or URLs.
        limits: The declared rate limits by name.
        is_stateless: Nothing is to be inferred of records either.
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
    resources: Mapping[str, Resource]
    origin: Origin
    quirks: tuple[Quirk, ...] = field(default=())
    files: tuple[str, ...] = field(default=())
    limits: Mapping[str, Limit] = field(default_factory=dict)
    is_stateless: bool = False

    @cached_property
    def operations_by_name(self) -> Mapping[str, Operation]:
        """Operations by `operationId` and by label."""
        names: dict[str, Operation] = {}
        for operation in self.operations:
            names.setdefault(operation.label, operation)
            if operation.id:
                names.setdefault(operation.id, operation)
        return names

    def stateless(self) -> Api:
        """The same without records, declared or inferred: every answer is its document's."""
        operations = tuple(replace(operation, action=None) for operation in self.operations)
        return replace(self, resources={}, operations=operations, is_stateless=True)

    def find_operation(self, name: str) -> Operation | None:
        """The operation with this `operationId` or label."""
        return self.operations_by_name.get(name)
