"""What becomes of a request, from first to last: the one function to read to know the order of things."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers import NO_BODY_STATUSES, Answer, AnyAnswer, StreamedAnswer
from understudy.mockserver.encoding import Unencodable
from understudy.mockserver.negotiation import Choice, negotiate_response
from understudy.mockserver.preferences import NO_WISHES, Preferences, read_preferences
from understudy.mockserver.problems import Problem, ProblemRaised, problem_header
from understudy.mockserver.routing import Routes, allowed_methods, method_not_allowed
from understudy.mockserver.security import find_unmet
from understudy.mockserver.settings import RANDOM, Settings, Validation
from understudy.mockserver.streaming import paced
from understudy.specs.behaviour import NOTHING, Request, step
from understudy.specs.errors import GenerationError
from understudy.specs.expressions import Context, Message
from understudy.specs.json_bodies import dump_json
from understudy.specs.model import MISSING
from understudy.specs.paths import OtherMethods
from understudy.specs.problems import ProblemKind

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledApi, CompiledMediaType, CompiledOperation
    from understudy.mockserver.incoming import Incoming
    from understudy.specs.document import Json

__all__ = ["Trace", "answer_request"]

_ALWAYS_REFUSED: Final = frozenset(
    {ProblemKind.MALFORMED_REQUEST, ProblemKind.MALFORMED_BODY, ProblemKind.BODY_TOO_LARGE}
)
"""What there is no decoded request to answer for."""


@final
@dataclass(slots=True)
class Trace:
    """What has been found out about a request so far; who answers a problem, and who logs, read it.

    Attributes:
        api: The document that speaks for the path; None when none does.
        operation: None until the route is matched.
        decoded: None until the request is decoded.
        problem: The problem that was answered or, where validation only reports, the first one found.
    """

    api: CompiledApi | None = None
    operation: CompiledOperation | None = None
    wish: Preferences = NO_WISHES
    decoded: Request | None = None
    problem: Problem | None = None

    @property
    def message(self) -> Message:
        """The request as expressions see it."""
        return as_message(self.decoded) if self.decoded is not None else Message()


async def answer_request(routes: Routes, request: Incoming, settings: Settings, trace: Trace) -> AnyAnswer:
    """Answer one request: match, authorise, decode and validate, step, negotiate, encode.

    Args:
        trace: Filled in on the way.

    Raises:
        ProblemRaised: The request isn't answered with a success; `trace` tells how far it got.
        ClientLeft: Nobody waits for an answer any more.
    """
    path = request.path.decode("latin-1")
    if len(request.path) > settings.limits.path_bytes:
        raise ProblemRaised(Problem(ProblemKind.MALFORMED_REQUEST, "the path is too long", status=414, is_ours=True))

    found = routes.find(request.method, path)
    if found is None or isinstance(found, OtherMethods):
        return _unmatched(routes, request, path, found, trace)
    trace.operation = operation = found.value
    trace.api = operation.api
    trace.wish = wish = read_preferences(request.header(b"prefer"), request.query)

    if settings.validation is not Validation.OFF:
        unmet = find_unmet(operation.operation.security, request, operation.api.api.title)
        _object(unmet, settings, trace)

    decoded = await operation.decoder.decode(request, found.parameters)
    trace.decoded = decoded.request
    _object(decoded.problem, settings, trace)

    outcomes = step(NOTHING, operation.operation, decoded.request, settings.clock.now())
    context = Context(method=request.method, request=trace.message)
    accept = request.header(b"accept")
    choice = negotiate_response(
        operation, outcomes, context, accept.decode("latin-1") if accept else None, wish, settings.bodies
    )
    return _encode(choice, context, decoded.request, settings, trace)


def as_message(request: Request) -> Message:
    """A decoded request as expressions see it."""
    return Message(path=request.path, query=request.query, headers=request.header, body=request.body)


def _unmatched(routes: Routes, request: Incoming, path: str, found: OtherMethods | None, trace: Trace) -> Answer:
    if request.method == "OPTIONS" and (found is not None or path == "*"):
        methods = found.methods if found is not None else ("GET",)
        return Answer(204, ((b"allow", allowed_methods(methods)),), b"")
    trace.api = routes.find_owner(path, found.methods if found is not None else ())
    problem = method_not_allowed(request.method, path, found) if found is not None else routes.not_found(path)
    raise ProblemRaised(problem)


def _object(problem: Problem | None, settings: Settings, trace: Trace) -> None:
    """Raise the problem, or only note it, as the settings say."""
    if problem is None:
        return
    if settings.validation is Validation.REJECT or problem.kind in _ALWAYS_REFUSED:
        raise ProblemRaised(problem)
    if settings.validation is Validation.REPORT:
        trace.problem = trace.problem or problem


def _encode(choice: Choice, context: Context, request: Request, settings: Settings, trace: Trace) -> AnyAnswer:
    seed, applied = _draw(trace.wish, settings, is_generated=choice.sample is None)
    headers = choice.response.headers
    if applied:
        headers += ((b"preference-applied", applied),)
    if trace.problem is not None:
        headers += ((b"x-understudy-problem", problem_header(trace.problem)),)
    media_type = choice.media_type
    if media_type is None or choice.status in NO_BODY_STATUSES:
        return Answer(choice.status, headers, b"")
    try:
        content_type, pieces = _body(choice, media_type, seed, request)
    except (GenerationError, Unencodable) as error:
        raise ProblemRaised(Problem(ProblemKind.NO_RESPONSE, str(error))) from error
    headers = ((b"content-type", content_type), *headers)
    if not media_type.kind.is_sequential:
        return Answer(choice.status, headers, pieces[0])
    silent = media_type.no_heartbeat is not None and media_type.no_heartbeat.holds(context)
    heartbeat = None if silent else media_type.heartbeat
    return StreamedAnswer(
        choice.status,
        (*headers, (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")),
        lambda: paced(pieces, settings.pace, settings.clock, heartbeat),
    )


def _body(
    choice: Choice, media_type: CompiledMediaType, seed: str, request: Request
) -> tuple[bytes, tuple[bytes, ...]]:
    if choice.sample is not None:
        return choice.sample.content_type or media_type.content_type, choice.sample.pieces
    return media_type.generate_body(_key(seed, choice.status, request))


def _draw(wish: Preferences, settings: Settings, *, is_generated: bool) -> tuple[str, bytes]:
    """The seed of this answer and what to tell the client about its wishes."""
    if wish.seed is not None:
        return str(wish.seed), wish.applied
    if settings.seed is not RANDOM:
        return str(settings.seed), wish.applied
    drawn = replace(wish, seed=secrets.randbits(63))
    return str(drawn.seed), drawn.applied if is_generated else wish.applied


def _key(seed: str, status: int, request: Request) -> str:
    """What a made-up body depends on: seed, operation, status, path, query and body, and nothing else."""
    digest = hashlib.blake2b(digest_size=16)
    parts: tuple[Json, ...] = (seed, request.operation.label, status, request.path, request.query, request.body)
    for part in map(_octets, parts):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _octets(value: Json) -> bytes:
    if value is MISSING:
        return b""
    try:
        return dump_json(dict(value) if isinstance(value, Mapping) else value)
    except TypeError:
        return repr(value).encode("utf-8", "surrogatepass")
