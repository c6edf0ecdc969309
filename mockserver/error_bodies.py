"""Put a problem into the API's own words, as far as its document has any; VOCABULARY.md, `errors`, has the rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers import NO_BODY_STATUSES, Answer, Headers
from understudy.mockserver.improvised import ImprovisedError, merge_patch
from understudy.mockserver.problems import Problem, problem_header
from understudy.mockserver.settings import ErrorBodies
from understudy.specs.expressions import Context, Message, Template, compile_template
from understudy.specs.model import MISSING, Api, Envelope, ErrorKind, Missing, Operation
from understudy.specs.problems import ProblemKind
from understudy.specs.wire.json_bodies import dump_json

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation, CompiledResponse
    from understudy.mockserver.compiled_media_type import CompiledMediaType
    from understudy.specs.documents.document import Json

__all__ = ["ErrorWriter", "choose_status", "problem_json"]

_PROBLEM_JSON: Final = b"application/problem+json"
_UNSAID: Final = ErrorKind(None, MISSING, MISSING)


@final
class ErrorWriter:
    """Writes the error bodies of one API. Templates are compiled when first needed."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._templates: dict[tuple[int, int], Template] = {}
        self._improvised: dict[tuple[CompiledMediaType, int], ImprovisedError] = {}

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
        kind = self._kind(problem.kind, operation)
        status = choose_status(problem, kind, operation.operation if operation else None)

        def context() -> Context:
            return Context(request=request(), problem=_facts(problem, status, kind), now=now())

        if problem.is_ours or words is ErrorBodies.DELIBERATE:
            return problem_json(problem, status)
        if operation is None:
            if not self._api.errors.envelopes:
                return problem_json(problem, status)
            body = self._template(0, kind.body).evaluate(context())
            return _answer(problem, status, b"application/json", dump_json(body), ())
        response = operation.find_response(status)
        if response is None:
            return problem_json(problem, status)
        return self._documented(problem, status, response, context, kind.body)

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

    def _documented(
        self,
        problem: Problem,
        status: int,
        response: CompiledResponse,
        context: Callable[[], Context],
        own: Json | Missing,
    ) -> Answer:
        headers = response.headers
        if not response.media_types or status in NO_BODY_STATUSES:
            return _answer(problem, status, b"", b"", headers)
        for media_type in response.media_types if self._api.errors.envelopes else ():
            index = self._find_envelope(media_type)
            if index is not None:
                body = self._template(index, own).evaluate(context())
                if body is not MISSING and media_type.is_valid(body):
                    return _answer(problem, status, media_type.content_type, dump_json(body), headers)
        for media_type in response.json_first:
            encoded = self._improvise(problem, status, media_type)
            if encoded is not None:
                return _answer(problem, status, media_type.content_type, encoded, headers)
        return problem_json(problem, status)

    def _find_envelope(self, media_type: CompiledMediaType) -> int | None:
        if not media_type.is_json or media_type.media_type.schema is None:
            return None
        origin = media_type.media_type.schema.target.origin
        envelopes = self._api.errors.envelopes
        return next((index for index, envelope in enumerate(envelopes) if envelope.schema == origin), None)

    def _improvise(self, problem: Problem, status: int, media_type: CompiledMediaType) -> bytes | None:
        """A body where the document has no envelope: its own example, else a generated one, with the reason put in
        wherever the schema allows; None where that can't be written."""
        if media_type.is_text:
            return problem.text.encode() if media_type.is_valid(problem.text) else media_type.usual_body
        if not media_type.is_json:
            return media_type.usual_body
        if media_type.content_type == _PROBLEM_JSON:
            members = _problem_members(problem, status)
            if media_type.is_valid(members):
                return dump_json(members)
        # A document has few statuses.
        improvised = self._improvised.get((media_type, status))
        if improvised is None:
            improvised = self._improvised[(media_type, status)] = ImprovisedError(media_type, status)
        return improvised.write(problem.text)

    def _template(self, index: int, own: Json | Missing) -> Template:
        """The template of an envelope with what a kind says; kinds are of the document, so there are few."""
        key = (index, id(own))
        template = self._templates.get(key)
        if template is None:
            envelope: Envelope = self._api.errors.envelopes[index]
            template = compile_template(envelope.body if own is MISSING else merge_patch(envelope.body, own))
            self._templates[key] = template
        return template


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
    return _answer(problem, status, _PROBLEM_JSON, dump_json(_problem_members(problem, status)), ())


def _answer(problem: Problem, status: int, content_type: bytes, body: bytes, headers: Headers) -> Answer:
    documented = headers
    if problem.headers:
        own = {name for name, _ in problem.headers}
        documented = tuple((name, value) for name, value in headers if name not in own)
    typed = ((b"content-type", content_type),) if content_type else ()
    reason = (b"x-understudy-problem", problem_header(problem))
    return Answer(status, (*typed, *documented, *problem.headers, reason), body)


def _violations(problem: Problem) -> list[Json]:
    return [
        {"location": each.location, "pointer": each.pointer, "keyword": each.keyword, "message": each.message}
        for each in problem.objections
    ]


def _facts(problem: Problem, status: int, kind: ErrorKind) -> dict[str, Json]:
    """What `$problem.…` gives; what has no value is left out."""
    first = problem.first
    facts: dict[str, Json] = {
        "kind": problem.kind.value,
        "status": status,
        "title": problem.title,
        "detail": problem.text,
        "reason": first.message if first else problem.text,
        "violations": _violations(problem),
    }
    if kind.code is not MISSING:
        facts["code"] = kind.code
    if first and first.field:
        facts["field"] = first.field
    if problem.limit:
        facts |= {"limit": problem.limit, "received": problem.received}
    if problem.retry_after is not None:
        facts["retryAfter"] = problem.retry_after
    return facts


def _problem_members(problem: Problem, status: int) -> dict[str, Json]:
    members: dict[str, Json] = {
        "type": f"urn:understudy:problem:{problem.kind.value}",
        "title": problem.title,
        "status": status,
        "detail": problem.text,
    }
    if problem.objections:
        members["violations"] = _violations(problem)
    if problem.limit:
        members |= {"limit": problem.limit, "received": problem.received}
    if problem.retry_after is not None:
        members["retryAfter"] = problem.retry_after
    return members
