"""Put a problem into the API's own words, as far as its document has any; VOCABULARY.md, `errors`, has the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, final

from understudy.mockserver.answers.answers import NO_BODY_STATUSES, Answer, Headers
from understudy.mockserver.answers.improvised import ImprovisedError, merge_patch
from understudy.mockserver.problems import PROBLEM_JSON, Problem, list_violations, problem_header, problem_members
from understudy.mockserver.settings import ErrorBodies
from understudy.specs.expressions import Context, Message, Template, compile_template
from understudy.specs.model import MISSING, Api, Envelope, ErrorKind, Operation
from understudy.specs.problems import ProblemKind
from understudy.specs.wire.json_bodies import dump_json

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.mockserver.compiled_media_type import CompiledMediaType
    from understudy.specs.documents.document import Json

__all__ = ["ErrorWriter", "choose_status", "problem_json"]

_UNSAID: Final = ErrorKind(None, MISSING, MISSING)


class _Envelope(NamedTuple):
    """An envelope filled in for one kind of problem, but for what each occurrence says."""

    content_type: bytes
    template: Template
    is_valid: Callable[[Json], bool]


@final
@dataclass(frozen=True, slots=True)
class _Plan:
    """How an operation tells one kind of problem, as far as that is the same each time.

    Attributes:
        envelopes: The first whose filled-in body is valid is sent; else the first of ``improvised`` that can be made.
        is_bodiless: Whether the response is documented without a body.
    """

    kind: ErrorKind
    status: int
    headers: Headers = ()
    envelopes: tuple[_Envelope, ...] = ()
    improvised: tuple[tuple[bytes, ImprovisedError], ...] = ()
    is_bodiless: bool = False


@final
class ErrorWriter:
    """Writes the error bodies of one API. How a problem is told is found out when it first comes."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._plans: dict[tuple[CompiledOperation | None, ProblemKind, int | None], _Plan] = {}

    @cached_property
    def tells_time(self) -> bool:
        """Whether an error says what time it is."""
        said = [self._api.errors, *(operation.errors for operation in self._api.operations)]
        return any("$now" in repr(each) for each in said)

    def write(
        self,
        problem: Problem,
        operation: CompiledOperation | None,
        request: Callable[[], Message],
        now: Callable[[], str],
        words: ErrorBodies,
    ) -> Answer:
        """The answer to a problem.

        Args:
            operation: None where no operation owns the route.
            request: Gives what had been decoded when the problem was found; asked where a template may mention it.
            now: Gives the time, as `$now` has it; likewise.
            words: Whose words are used.
        """
        # Operations, kinds and statuses are of the document, so there are few.
        key = (operation, problem.kind, problem.status)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._make_plan(problem, operation)
        if problem.is_ours or words is ErrorBodies.DELIBERATE:
            return problem_json(problem, plan.status)
        for envelope in plan.envelopes:
            context = Context(request=request(), problem=_facts(problem, plan), now=now())
            body = envelope.template.evaluate(context)
            if body is not MISSING and envelope.is_valid(body):
                return _answer(problem, plan.status, envelope.content_type, dump_json(body), plan.headers)
        for content_type, improvised in plan.improvised:
            written = improvised.write(problem)
            if written is not None:
                return _answer(problem, plan.status, content_type, written, plan.headers)
        if plan.is_bodiless:
            return _answer(problem, plan.status, b"", b"", plan.headers)
        return problem_json(problem, plan.status)

    def _make_plan(self, problem: Problem, operation: CompiledOperation | None) -> _Plan:
        kind = self._kind(problem.kind, operation)
        status = choose_status(problem, kind, operation.operation if operation else None)
        if operation is None:
            said = self._api.errors.envelopes[:1]
            envelopes = tuple(_Envelope(b"application/json", _template(each, kind), _takes_all) for each in said)
            return _Plan(kind, status, envelopes=envelopes)
        response = operation.find_response(status)
        if response is None:
            return _Plan(kind, status)
        if not response.media_types or status in NO_BODY_STATUSES:
            return _Plan(kind, status, response.headers, is_bodiless=True)
        envelopes = tuple(
            _Envelope(each.content_type, _template(envelope, kind), each.is_valid)
            for each in response.media_types
            if (envelope := self._find_envelope(each)) is not None
        )
        improvised = tuple((each.content_type, ImprovisedError(each, status)) for each in response.json_first)
        return _Plan(kind, status, response.headers, envelopes, improvised)

    def _kind(self, kind: ProblemKind, operation: CompiledOperation | None) -> ErrorKind:
        """What the document says of a kind; where its operation says more, that."""
        said = self._api.errors.kinds.get(kind.value, _UNSAID)
        own = operation.operation.errors.get(kind.value) if operation else None
        if own is None:
            return said
        return ErrorKind(
            said.status if own.status is None else own.status,
            said.code if own.code is MISSING else own.code,
            said.body if own.body is MISSING else own.body,
        )

    def _find_envelope(self, media_type: CompiledMediaType) -> Envelope | None:
        if not media_type.is_json or media_type.media_type.schema is None:
            return None
        origin = media_type.media_type.schema.target.origin
        return next((envelope for envelope in self._api.errors.envelopes if envelope.schema == origin), None)


def _template(envelope: Envelope, kind: ErrorKind) -> Template:
    """The template of an envelope with what a kind says."""
    return compile_template(envelope.body if kind.body is MISSING else merge_patch(envelope.body, kind.body))


def _takes_all(body: Json) -> bool:
    return True


def choose_status(problem: Problem, kind: ErrorKind, operation: Operation | None) -> int:
    """The status of a problem: its own, then what the document gives its kind, then the first one documented."""
    if problem.status is not None:
        return problem.status
    if kind.status is not None:
        return kind.status
    statuses = problem.kind.statuses
    keys = [response.status for response in operation.responses] if operation else []
    exact = (status for status in statuses if str(status) in keys)
    ranges = (status for status in statuses if f"{status // 100}XX" in keys)
    return next(exact, None) or next(ranges, None) or statuses[0]


def problem_json(problem: Problem, status: int) -> Answer:
    """The answer in the words of RFC 9457, with every violation."""
    return _answer(problem, status, PROBLEM_JSON, dump_json(problem_members(problem, status)), ())


def _answer(problem: Problem, status: int, content_type: bytes, body: bytes, headers: Headers) -> Answer:
    documented = headers
    if problem.headers:
        own = {name for name, _ in problem.headers}
        documented = tuple((name, value) for name, value in headers if name not in own)
    typed = ((b"content-type", content_type),) if content_type else ()
    reason = (b"x-understudy-problem", problem_header(problem))
    return Answer(status, (*typed, *documented, *problem.headers, reason), body)


def _facts(problem: Problem, plan: _Plan) -> dict[str, Json]:
    """What `$problem.…` gives; what has no value is left out."""
    first = problem.first
    facts: dict[str, Json] = {
        "kind": problem.kind.value,
        "status": plan.status,
        "title": problem.title,
        "detail": problem.text,
        "reason": first.message if first else problem.text,
        "violations": list_violations(problem),
    }
    if plan.kind.code is not MISSING:
        facts["code"] = plan.kind.code
    if first and first.field:
        facts["field"] = first.field
    if problem.limit:
        facts |= {"limit": problem.limit, "received": problem.received}
    if problem.retry_after is not None:
        facts["retryAfter"] = problem.retry_after
    return facts
