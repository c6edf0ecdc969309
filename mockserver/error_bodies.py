"""Put a problem into the API's own words, as far as its document has any; VOCABULARY.md, `errors`, has the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers import NO_BODY_STATUSES, Answer, Headers
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
_TEXT_MEMBERS: Final = ("detail", "message", "msg", "reason", "error", "error_description", "description", "title")
"""Members in which APIs put the reason, the most telling first."""
_STATUS_MEMBERS: Final = ("status", "statusCode", "status_code", "code")


@final
class ErrorWriter:
    """Writes the error bodies of one API. Templates are compiled when first needed."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._templates: dict[tuple[int, int], Template] = {}
        self._values: dict[tuple[CompiledMediaType, int], Json | Missing] = {}

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
        for media_type in response.media_types:
            index = self._find_envelope(media_type)
            if index is not None:
                body = self._template(index, own).evaluate(context())
                if body is not MISSING and media_type.is_valid(body):
                    return _answer(problem, status, media_type.content_type, dump_json(body), headers)
        for media_type in sorted(response.media_types, key=lambda each: not each.is_json):
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
        # All but the reason is the same each time; a document has few statuses.
        key = (media_type, status)
        if key not in self._values:
            self._values[key] = _with_status(media_type, status)
        value = self._values[key]
        return None if value is MISSING else dump_json(_with_reason(value, problem, media_type))

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


def merge_patch(target: Json, patch: Json) -> Json:
    """RFC 7396: members of the patch replace or join those of the target; null removes."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _answer(problem: Problem, status: int, content_type: bytes, body: bytes, headers: Headers) -> Answer:
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
    first = problem.objections[0] if problem.objections else None
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


def _with_status(media_type: CompiledMediaType, status: int) -> Json | Missing:
    value = media_type.usual_value
    for patch in _status_patches(value, status):
        patched = merge_patch(value, patch)
        if media_type.is_valid(patched):
            value = patched
    return value


def _with_reason(value: Json, problem: Problem, media_type: CompiledMediaType) -> Json:
    told = (merge_patch(value, patch) for patch in _text_patches(value, problem.text))
    return next((patched for patched in told if media_type.is_valid(patched)), value)


def _status_patches(value: Json, status: int) -> Iterator[Json]:
    """Every member that could hold the status, one at a time; also inside an object under ``error``."""
    if not isinstance(value, dict):
        return
    for name in _STATUS_MEMBERS:
        member = value.get(name)
        if isinstance(member, int) and not isinstance(member, bool):
            yield {name: status}
        elif isinstance(member, str) and member.isdigit():
            yield {name: str(status)}
    for patch in _status_patches(value.get("error"), status):
        yield {"error": patch}


def _text_patches(value: Json, text: str) -> Iterator[Json]:
    """Every member that could hold the reason, the most telling first; also inside an object under ``error``."""
    if not isinstance(value, dict):
        return
    for patch in _text_patches(value.get("error"), text):
        yield {"error": patch}
    for name in _TEXT_MEMBERS:
        if isinstance(value.get(name), str):
            yield {name: text}
