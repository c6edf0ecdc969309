"""What the mock has against a request: one record, raised anywhere in the pipeline, rendered in `error_bodies`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, final

from understudy.specs.model import Location, Parameter
from understudy.specs.pointers import JsonPointer, child, tokens
from understudy.specs.problems import ProblemKind
from understudy.specs.schemas.validation import Violation
from understudy.specs.wire.malformed import ContentTooLarge

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = [
    "PROBLEM_JSON",
    "TITLES",
    "Objection",
    "Problem",
    "ProblemRaised",
    "body_objection",
    "from_objections",
    "list_violations",
    "parameter_objection",
    "problem_header",
    "problem_members",
    "size_text",
    "too_large",
]

PROBLEM_JSON: Final = b"application/problem+json"
_UNPRINTABLE: Final = re.compile(r"[^ -~]")

MAX_MESSAGE: Final = 300
"""Characters of a message; what a client sent may be long, what it is told need not be."""
ROOT: Final = JsonPointer("")

TITLES: Final[Mapping[ProblemKind, str]] = {
    ProblemKind.MALFORMED_REQUEST: "The request can't be decoded",
    ProblemKind.MALFORMED_BODY: "The body can't be decoded",
    ProblemKind.MISSING_BODY: "A body is required",
    ProblemKind.MISSING_MEMBER: "A required member is missing",
    ProblemKind.INVALID_BODY: "The body disagrees with its schema",
    ProblemKind.MISSING_PARAMETER: "A required parameter is missing",
    ProblemKind.INVALID_PARAMETER: "A parameter disagrees with its schema",
    ProblemKind.UNSUPPORTED_MEDIA_TYPE: "The body's media type isn't supported",
    ProblemKind.INVALID_FILE: "A file's media type isn't supported",
    ProblemKind.BODY_TOO_LARGE: "The body is too large",
    ProblemKind.NOT_ACCEPTABLE: "No media type that is accepted can be given",
    ProblemKind.UNAUTHORIZED: "Valid credentials are required",
    ProblemKind.FORBIDDEN: "The credentials don't allow this",
    ProblemKind.ROUTE_NOT_FOUND: "There is no such path",
    ProblemKind.METHOD_NOT_ALLOWED: "The path doesn't have this method",
    ProblemKind.RESOURCE_NOT_FOUND: "There is no such resource",
    ProblemKind.CONFLICT: "The state doesn't allow this",
    ProblemKind.PRECONDITION_FAILED: "A condition of the request doesn't hold",
    ProblemKind.RATE_LIMITED: "Too many requests",
    ProblemKind.UNAVAILABLE: "The service isn't available now",
    ProblemKind.NO_RESPONSE: "The document describes no response that can be given",
    ProblemKind.INTERNAL: "The mock server failed",
}
"""One sentence about each kind, without the full stop."""


@final
class Objection(NamedTuple):
    """One thing wrong with a request.

    Attributes:
        location: ``path``, ``query``, ``header``, ``cookie`` or ``body``; ``request`` for none of them.
        pointer: The place in it: for a parameter its name comes first.
        keyword: The keyword that isn't met, or the rule of HTTP: ``required``, ``maxLength``, ``syntax``.
        message: What is wrong there, in one sentence.
        field: Name of the member or parameter at fault; empty for the whole body.
    """

    location: str
    pointer: JsonPointer
    keyword: str
    message: str
    field: str = ""

    def __str__(self) -> str:
        place = self.location
        if self.pointer:
            place += f" {self.pointer}"
        return f"{place}: {self.message}"


@final
@dataclass(slots=True)
class Problem:
    """Why a request isn't answered with a success; nobody changes it. (Frozen it would take longer to make.)

    Attributes:
        detail: One sentence about this occurrence: where and why. Empty takes the first objection's.
        status: Overrules what the document and the kind say; None leaves it to them.
        headers: Sent with the answer whatever its body: ``allow``, ``www-authenticate``.
        limit: What was passed and what was received, as text with a unit; empty where no limit was.
        retry_after: Seconds; None except for a used-up limit.
        is_ours: It is about the mock's own manners, so it isn't put into the API's words.
        first: The first objection; None when there is none.
        text: One sentence about this occurrence.
    """

    kind: ProblemKind
    detail: str = ""
    objections: Sequence[Objection] = ()
    status: int | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    limit: str = ""
    received: str = ""
    retry_after: int | None = None
    is_ours: bool = False
    first: Objection | None = field(init=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.objections)
        self.first = first = self.objections[0] if count else None
        self.text = self.detail or (self.title if first is None else str(first))
        if count > 1 and not self.detail:
            self.text += f" (and {count - 1} more)"

    @property
    def title(self) -> str:
        """One sentence about the kind."""
        return TITLES[self.kind]


class ProblemRaised(Exception):
    """Carries a Problem out of the pipeline; there is one handler, in `app.py`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.problem.kind.value}: {self.problem.text}"


def parameter_objection(parameter: Parameter, keyword: str, message: str, inner: str = "") -> Objection:
    """An objection to a parameter, or to a place in its value."""
    pointer = JsonPointer(child("", parameter.name) + inner)
    return Objection(_location(parameter.location), pointer, keyword, _shorten(message), parameter.name)


def body_objection(violation: Violation, below: str = "") -> Objection:
    """An objection to the body, or to a place in it.

    Args:
        below: Pointer to the item that was checked, for a body that is checked item by item.
    """
    name = str(violation.expected) if violation.keyword == "required" else _last_name(violation.pointer)
    pointer = JsonPointer(below + violation.pointer)
    return Objection("body", pointer, violation.keyword, _shorten(violation.message), name)


def from_objections(objections: Sequence[Objection]) -> Problem:
    """The problem whose kind the first objection tells; all of them are kept."""
    first = objections[0]
    if first.keyword == "syntax":
        kind = ProblemKind.MALFORMED_BODY if first.location == "body" else ProblemKind.MALFORMED_REQUEST
    elif first.location == "body":
        kind = ProblemKind.MISSING_MEMBER if first.keyword == "required" else ProblemKind.INVALID_BODY
    else:
        kind = ProblemKind.MISSING_PARAMETER if first.keyword == "required" else ProblemKind.INVALID_PARAMETER
    return Problem(kind, objections=objections)


def too_large(fault: ContentTooLarge, what: str, pointer: JsonPointer = ROOT) -> Problem:
    """The problem of a body, or of a part of it, that passes a limit."""
    limit, received = size_text(fault.limit), size_text(fault.received_at_least)
    message = f"{what} may have {limit} at most; {received} were received"
    objection = Objection("body", pointer, "maxBytes" if not pointer else "maxLength", message, _last_name(pointer))
    return Problem(ProblemKind.BODY_TOO_LARGE, objections=(objection,), limit=limit, received=received)


def size_text(octets: int) -> str:
    """An amount with its unit, of 1024 each: ``20MB``, ``25.3MB``, ``512KB``, ``12B``."""
    for unit, size in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if octets >= size:
            # Rounding up, so that what passes a limit never reads as the limit.
            tenths = -(-octets * 10 // size)
            return f"{tenths // 10}{unit}" if tenths % 10 == 0 else f"{tenths / 10:.1f}{unit}"
    return f"{octets}B"


def problem_header(problem: Problem) -> bytes:
    """The reason in one line, so that it can be seen however little the API's own error says.

    ``missing-member; location=body; pointer="/message"; keyword=required; detail="…"``, ASCII only; other
    characters are written as ``\\uXXXX``.
    """
    place, first, count = "", problem.first, len(problem.objections)
    if first is not None:
        place = f"; location={first.location}; pointer={_quoted(first.pointer)}; keyword={first.keyword}"
        place += f"; violations={count}" if count > 1 else ""
    return f"{problem.kind.value}{place}; detail={_quoted(problem.text)}".encode("ascii")


def problem_members(problem: Problem, status: int) -> dict[str, Json]:
    """The problem as RFC 9457 has it, with every violation."""
    members: dict[str, Json] = {
        "type": f"urn:understudy:problem:{problem.kind.value}",
        "title": problem.title,
        "status": status,
        "detail": problem.text,
    }
    if problem.objections:
        members["violations"] = list_violations(problem)
    if problem.limit:
        members |= {"limit": problem.limit, "received": problem.received}
    if problem.retry_after is not None:
        members["retryAfter"] = problem.retry_after
    return members


def list_violations(problem: Problem) -> list[Json]:
    """All objections, as they are shown in a body."""
    return [
        {"location": each.location, "pointer": each.pointer, "keyword": each.keyword, "message": each.message}
        for each in problem.objections
    ]


def _quoted(text: str) -> str:
    escaped = _shorten(text).replace("\\", "\\\\").replace('"', '\\"')
    if escaped.isascii() and escaped.isprintable():
        return f'"{escaped}"'
    return '"' + _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", escaped) + '"'


def _shorten(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 1]}…"


def _last_name(pointer: str) -> str:
    return next((token for token in reversed(tokens(pointer)) if not token.isdigit()), "")


def _location(location: Location) -> str:
    return "query" if location is Location.QUERYSTRING else location.value
