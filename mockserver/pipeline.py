"""What becomes of a request, from first to last: the one function to read to know the order of things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers.answers import NO_BODY_STATUSES, Answer, AnyAnswer, StreamedAnswer
from understudy.mockserver.answers.drawn import body_key, draw_seed, prose_key
from understudy.mockserver.answers.encoding import Unencodable
from understudy.mockserver.answers.headers import with_values
from understudy.mockserver.answers.negotiation import Choice, negotiate_response
from understudy.mockserver.answers.preconditions import conditions_of
from understudy.mockserver.answers.repeating import find_attempt
from understudy.mockserver.forcing.overrides import Override, raise_forced, take_override
from understudy.mockserver.limiting import count_call
from understudy.mockserver.problems import Problem, ProblemRaised, problem_header
from understudy.mockserver.requests.credentials import find_unknown
from understudy.mockserver.requests.preferences import NO_WISHES, Preferences, read_preferences
from understudy.mockserver.requests.security import find_unmet
from understudy.mockserver.routing import Routes, allowed_methods, method_not_allowed
from understudy.mockserver.settings import RANDOM, RateLimits, Settings, Validation
from understudy.mockserver.stepping import Call, answer_from_records, find_expectation, make_body
from understudy.specs.behaviour import NOTHING, Known, Outcome, Request, ResponsePattern, step
from understudy.specs.errors import GenerationError
from understudy.specs.expressions import Context, Message
from understudy.specs.model import MISSING
from understudy.specs.paths import Match, OtherMethods
from understudy.specs.problems import ProblemKind

if TYPE_CHECKING:
    from understudy.mockserver.answers.answers import Headers
    from understudy.mockserver.answers.remembering import AnswerMemory
    from understudy.mockserver.compiled import CompiledApi, CompiledOperation
    from understudy.mockserver.compiled_media_type import CompiledMediaType
    from understudy.mockserver.requests.incoming import Incoming

__all__ = ["Trace", "answer_matched", "answer_request", "read_path"]

_ALWAYS_REFUSED: Final = frozenset(
    {ProblemKind.MALFORMED_REQUEST, ProblemKind.MALFORMED_BODY, ProblemKind.BODY_TOO_LARGE}
)
"""What there is no decoded request to answer for."""

MAX_CHOICES: Final = 64
"""Choices that are remembered for one operation: what clients prefer may be any text."""

_NEVER_HELD_BACK: Final = ((b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"))
"""Keeps caches and buffering proxies from collecting a stream."""


@final
@dataclass(slots=True)
class Trace:
    """What has been found out about a request so far; who answers a problem, and who logs, read it.

    Attributes:
        api: The document that speaks for the path; None when none does.
        operation: None until the route is matched.
        decoded: None until the request is decoded.
        problem: The problem that was answered or, where validation only reports, the first one found.
        limits: What every answer says of the limits that the request counts towards.
        override: What who controls the mock forces on this answer; None for nothing.
        is_repeated: Whether the answer is that of an attempt before, and nothing follows from it again.
    """

    api: CompiledApi | None = None
    operation: CompiledOperation | None = None
    wish: Preferences = NO_WISHES
    decoded: Request | None = None
    problem: Problem | None = None
    limits: Headers = ()
    override: Override | None = None
    is_repeated: bool = False

    @property
    def message(self) -> Message:
        """The request as expressions see it."""
        if self.decoded is None:
            return Message()
        decoded = self.decoded
        return Message(path=decoded.path, query=decoded.query, headers=decoded.header, body=decoded.body)

    def context(self) -> Context:
        """What the document's conditions are evaluated against."""
        return Context(request=self.message)


async def answer_request(routes: Routes, request: Incoming, settings: Settings, trace: Trace) -> AnyAnswer:
    """Answer one request: match, authorise, decode and validate, step, negotiate, encode.

    Args:
        trace: Filled in on the way.

    Raises:
        ProblemRaised: The request isn't answered with a success; `trace` tells how far it got.
        ClientLeft: Nobody waits for an answer any more.
    """
    kept = routes.memory.find(request)
    if kept is not None and not (kept.operation and kept.operation.overrides):
        trace.operation = kept.operation
        return kept.answer
    path = read_path(request, settings)
    found = routes.find(request, path)
    if found is None or isinstance(found, OtherMethods):
        return _unmatched(routes, request, path, found, trace)
    return await answer_matched(found, routes.memory, request, settings, trace)


async def answer_matched(
    found: Match[CompiledOperation], memory: AnswerMemory, request: Incoming, settings: Settings, trace: Trace
) -> AnyAnswer:
    """Answer a request that belongs to an operation; all but the first step of `answer_request`."""
    trace.operation = operation = found.value
    trace.api = operation.api
    if operation.overrides:
        trace.override = take_override(operation.overrides)
    if operation.operation.limits:
        enforce = (operation.rate_limits or settings.rate_limits) is RateLimits.ENFORCE
        now = settings.clock.now()
        full = trace.override is not None and trace.override.is_quota
        trace.limits, refusal = await count_call(
            operation, request, found.parameters, now, enforce=enforce, used_up=full
        )
        if refusal is not None:
            raise ProblemRaised(refusal)

    prefer, accept = request.header(b"prefer"), request.header(b"accept")
    trace.wish = wish = read_preferences(prefer, request.query)
    if trace.override is not None:
        trace.wish = wish = trace.override.over(wish)

    if operation.operation.security and settings.validation is not Validation.OFF:
        security, title = operation.operation.security, operation.api.api.title
        problem = find_unmet(security, request, title)
        _object(problem or await find_unknown(operation.api, security, request, settings.clock), settings, trace)

    decoded = await operation.decoder.decode(request, found.parameters)
    trace.decoded = decoded.request
    if decoded.problem is not None:
        _object(decoded.problem, settings, trace)
    if trace.override is not None:
        raise_forced(trace.override, operation)

    preferred = (accept, wish)
    answer = operation.answers.get(preferred) if trace.problem is None else None
    is_plain = trace.problem is None and trace.override is None
    is_repeatable = is_plain and wish.delay is None and operation.is_told_by_header
    if answer is None and _asks_records(operation, wish):
        return await _answer_from_records(operation, decoded.request, request, accept, settings, trace)
    if answer is None:
        choice = _find_choice(operation, decoded.request, accept, wish, settings, trace)
        answer = _encode(choice, decoded.request, settings, trace)
        is_repeatable = is_repeatable and (choice.is_constant or settings.seed is not RANDOM)
        if is_plain and choice.is_constant and preferred in operation.choices:
            operation.answers[preferred] = answer
    if is_repeatable:
        memory.keep_for(request, operation, answer)
    return answer


def _asks_records(operation: CompiledOperation, wish: Preferences) -> bool:
    """Whether records are read and changed; a wish for one answer is no question to them."""
    if operation.operation.action is None or wish.code is not None or wish.example is not None:
        return False
    return wish.dynamic is not True or operation.api.assumptions is None or operation.operation.method != "GET"


async def _answer_from_records(
    operation: CompiledOperation,
    request: Request,
    incoming: Incoming,
    accept: bytes | None,
    settings: Settings,
    trace: Trace,
) -> AnyAnswer:
    def negotiate(outcomes: Sequence[Outcome]) -> Choice:
        return negotiate_response(operation, outcomes, trace.context, _text(accept), trace.wish, settings.bodies)

    digest = prose_key(operation, request) if operation.says_text else ""
    attempt = find_attempt(request, incoming)
    conditions = conditions_of(operation.operation, incoming)
    is_plain = trace.problem is None and conditions is None and attempt is None and settings.seed is not RANDOM
    form = (accept, trace.wish) if is_plain else None
    call = Call(operation, request, settings.clock.now(), digest, conditions, attempt, form)
    answer = await answer_from_records(call, negotiate, lambda choice: _encode(choice, request, settings, trace))
    trace.is_repeated = attempt is not None and attempt.is_repeated
    return answer


def _find_choice(
    operation: CompiledOperation,
    request: Request,
    accept: bytes | None,
    wish: Preferences,
    settings: Settings,
    trace: Trace,
) -> Choice:
    """Step and negotiate; the same preferences lead to the same choice where neither state nor the request's values
    have a say in it."""
    key = (accept, wish)
    if operation.is_fixed and (known := operation.choices.get(key)) is not None:
        return known
    is_free = operation.operation.action is None
    outcomes = step(NOTHING, operation.operation, request, settings.clock.now()) if is_free else ()
    choice = negotiate_response(operation, outcomes, trace.context, _text(accept), wish, settings.bodies)
    if operation.is_fixed and len(operation.choices) < MAX_CHOICES:
        operation.choices[key] = choice
    return choice


def _text(header: bytes | None) -> str | None:
    return header.decode("latin-1") if header is not None else None


def read_path(request: Incoming, settings: Settings) -> str:
    """The path as text; raises `ProblemRaised` where it is none, or too long."""
    try:
        path = request.path.decode()
    except UnicodeDecodeError:
        raise ProblemRaised(Problem(ProblemKind.MALFORMED_REQUEST, "the path is not UTF-8", is_ours=True)) from None
    if len(request.path) > settings.limits.path_bytes:
        detail = f"the path has more than {settings.limits.path_bytes} octets"
        raise ProblemRaised(Problem(ProblemKind.MALFORMED_REQUEST, detail, status=414, is_ours=True))
    return path


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


def _encode(choice: Choice, request: Request, settings: Settings, trace: Trace) -> AnyAnswer:
    seed, applied = draw_seed(trace.wish, settings, is_generated=not choice.is_constant)
    headers = _headers(choice)
    if applied:
        headers += ((b"preference-applied", applied),)
    if trace.problem is not None:
        headers += ((b"x-understudy-problem", problem_header(trace.problem)),)
    media_type = choice.media_type
    if media_type is None or choice.status in NO_BODY_STATUSES:
        return Answer(choice.status, headers, b"")
    try:
        content_type, pieces = _body(choice, media_type, seed, request, trace)
    except (GenerationError, Unencodable) as error:
        raise ProblemRaised(Problem(ProblemKind.NO_RESPONSE, str(error))) from error
    headers = ((b"content-type", content_type), *headers)
    if not media_type.kind.is_sequential:
        return Answer(choice.status, headers, pieces[0])
    silent = media_type.no_heartbeat is not None and media_type.no_heartbeat.holds(trace.context())
    heartbeat = None if silent else media_type.heartbeat
    resumes = trace.operation is not None and trace.operation.resumes(media_type)
    return StreamedAnswer(choice.status, (*headers, *_NEVER_HELD_BACK), pieces, heartbeat, resumes)


def _headers(choice: Choice) -> Headers:
    """The documented headers, those that the records speak for with what they say."""
    pattern = choice.outcome.pattern if choice.outcome is not None else None
    if not isinstance(pattern, ResponsePattern) or not pattern.headers:
        return choice.response.headers
    told = {name: each.value for name, each in pattern.headers.items() if isinstance(each, Known)}
    return with_values(choice.response.headers, pattern.response, told)


def _body(
    choice: Choice, media_type: CompiledMediaType, seed: str, request: Request, trace: Trace
) -> tuple[bytes, tuple[bytes, ...]]:
    expectation = find_expectation(choice) if request.operation.action is not None else None
    if expectation is not None and trace.wish.example is None and trace.api is not None:
        base = choice.sample.value if choice.sample is not None else MISSING
        try:
            return make_body(trace.api, media_type, expectation, base, lambda: body_key(seed, choice.status, request))
        except (GenerationError, Unencodable):
            # What is only inferred may be wrong: then the answer is the document's.
            if trace.api.assumptions is None:
                raise
    if choice.sample is not None:
        return choice.sample.content_type or media_type.content_type, choice.sample.pieces
    return media_type.generate_body(body_key(seed, choice.status, request))
