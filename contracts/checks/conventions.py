"""Are the conventions of HTTP kept that bodies and headers rely on: lengths, charsets, problems, when to come back?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation
from understudy.contracts.sending.retry_after import read_retry_after
from understudy.specs.model import Operation
from understudy.specs.wire.json_bodies import MalformedJson
from understudy.specs.wire.media_types import Kind, find_media_type

NO_CONTENT: Final = Claim(
    id="no-content-has-none",
    title="An answer without content announces none",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-8.6",
    documentation=(
        "A 204 has no `Transfer-Encoding` and no `Content-Length` above 0, and a 205 has no body: some clients wait "
        "for the octets that are announced, or take them for the next answer."
    ),
    owner="checks.conventions",
)

JSON_CHARSET: Final = Claim(
    id="json-charset-utf-8",
    title="JSON isn't declared to be in another charset than UTF-8",
    severity=Severity.LOW,
    clause="https://www.rfc-editor.org/rfc/rfc8259.html#section-8.1",
    documentation=(
        "Where `Content-Type` of a JSON body has a `charset`, it is UTF-8: clients that believe any other show wrong "
        "characters."
    ),
    owner="checks.conventions",
)

PROBLEM_STATUS: Final = Claim(
    id="problem-status-right",
    title="A problem document has the status of its answer",
    severity=Severity.LOW,
    clause="https://www.rfc-editor.org/rfc/rfc9457.html#section-3.1.2",
    documentation="`status` in a body of type `application/problem+json` is the status that the answer has.",
    owner="checks.conventions",
)

ALLOW_TRUE: Final = Claim(
    id="allow-without-refused-method",
    title="Allow doesn't name the method that is refused",
    severity=Severity.LOW,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.6",
    documentation=(
        "`Allow` of a 405 lists the methods that the target takes at the moment, so that the one that was just refused "
        "isn't among them."
    ),
    owner="checks.conventions",
)

RETRY_AFTER: Final = Claim(
    id="retry-after-given",
    title="Who is told to come back is told when",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.3",
    documentation=(
        "A 429 or 503 for which the document describes `Retry-After` has it, as whole seconds or as a date. Where it "
        "isn't described, one that is there has to be readable."
    ),
    owner="checks.conventions",
)


@check(NO_CONTENT, applies_to=lambda seen: seen.answer.status in (204, 205))
def no_content(seen: Observation) -> Iterator[Failure]:
    """``204 with Content-Length: 7``."""
    length = seen.answer.header("content-length")
    status = seen.answer.status
    if status == 204 and length is not None and length.strip() not in ("", "0"):
        yield seen.failure(NO_CONTENT, "204 Content-Length", f"204 with Content-Length: {length}")
    if status == 204 and seen.answer.header("transfer-encoding") is not None:
        yield seen.failure(NO_CONTENT, "204 Transfer-Encoding", "204 with Transfer-Encoding")
    if seen.answer.body:
        yield seen.failure(NO_CONTENT, f"{status} body", f"{status} with a body of {len(seen.answer.body)} octets")


@check(JSON_CHARSET, applies_to=lambda seen: seen.kind is Kind.JSON and seen.has_body)
def json_charset(seen: Observation) -> Iterator[Failure]:
    """``the body is application/json; charset=iso-8859-1``."""
    found = find_media_type(seen.content_type)
    charset = dict(found.parameters).get("charset") if found is not None else None
    if charset is not None and charset.strip('"').lower() not in ("utf-8", "utf8", "us-ascii"):
        yield seen.failure(JSON_CHARSET, f"{seen.place} charset", f"the body is {seen.content_type}; JSON is in UTF-8")


def _is_problem(seen: Observation) -> bool:
    found = find_media_type(seen.content_type)
    is_named = found is not None and found.essence == "application/problem+json"
    return is_named and seen.answer.complete and seen.exchange.case.method != "HEAD" and bool(seen.answer.body)


@check(PROBLEM_STATUS, applies_to=_is_problem)
def problem_status(seen: Observation) -> Iterator[Failure]:
    """``answered 404 with a problem whose status is 500``."""
    problem = seen.json
    if isinstance(problem, MalformedJson) or not isinstance(problem, dict) or "status" not in problem:
        return
    if problem["status"] != seen.answer.status:
        message = f"answered {seen.answer.status} with a problem whose status is {problem['status']!r}"
        yield seen.failure(PROBLEM_STATUS, f"{seen.place} status", message)


@check(ALLOW_TRUE, applies_to=lambda seen: seen.answer.status == 405 and seen.answer.header("allow") is not None)
def allow_true(seen: Observation) -> Iterator[Failure]:
    """``405 to DELETE, with Allow: GET, DELETE``."""
    allow = seen.answer.header("allow") or ""
    method = seen.exchange.case.method
    if method in (each.strip() for each in allow.split(",")):
        yield seen.failure(ALLOW_TRUE, "405 Allow", f"405 to {method}, with Allow: {allow}")


def _may_say(operation: Operation) -> bool:
    return any(response.matches(429) or response.matches(503) for response in operation.responses)


@check(RETRY_AFTER, applies_to=lambda seen: seen.answer.status in (429, 503), concerns=_may_say)
def retry_after(seen: Observation) -> Iterator[Failure]:
    """``429 without Retry-After, which is documented``."""
    given = seen.answer.header("retry-after")
    status = seen.answer.status
    documented = seen.response is not None and any(
        header.name.lower() == "retry-after" for header in seen.response.headers
    )
    # A response that describes every refusal says of no single one that it has the header.
    is_own = seen.response is not None and seen.response.status == str(status)
    if given is None and documented and is_own:
        yield seen.failure(RETRY_AFTER, f"{status} Retry-After", f"{status} without Retry-After, which is documented")
    elif given is not None and read_retry_after(given, seen.answer.header("date")) is None:
        yield seen.failure(RETRY_AFTER, f"{status} Retry-After form", f"Retry-After: {given!r} is no time")
