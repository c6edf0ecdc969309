"""Are the methods answered rightly that a path has without the document, and those that it doesn't have?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Exchange, Mode
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.fuzzing.claims import METHOD_REFUSED, still_shows
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import reach

HEAD_LIKE_GET: Final = Claim(
    id="head-like-get",
    title="HEAD is answered as GET is, without the body",
    severity=Severity.LOW,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-9.3.2",
    documentation=(
        "A path that answers GET answers HEAD with the same status and media type, or says 405 or 501. Judged where "
        "GET is accepted."
    ),
    owner="probes.methods",
)

METHOD_NOT_ALLOWED: Final = Claim(
    id="other-method-not-unknown",
    title="A method that a path doesn't have doesn't hide the path",
    severity=Severity.LOW,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-9.1",
    documentation=(
        "Where GET of a target is accepted, a method that the document doesn't give its path isn't answered 404 or "
        "410: what is there is there for every method, and 405 says that this one isn't allowed."
    ),
    owner="probes.methods",
)

_NOT_SUPPORTED: Final = frozenset({405, 501})
_OTHERS: Final = ("PATCH", "PUT", "DELETE", "POST")


def _differs(get: Exchange, head: Exchange) -> str:
    """What differs, in words; empty when nothing does."""
    if get.answer is None or head.answer is None or not accepted(get) or head.answer.status in _NOT_SUPPORTED:
        return ""
    if get.answer.status != head.answer.status:
        return f"GET is answered {get.answer.status}, HEAD {head.answer.status}"
    types = [answer.header("content-type") for answer in (get.answer, head.answer)]
    # A server may leave out what it would only know by making the body.
    if types[1] is not None and types[0] != types[1]:
        return f"GET is answered with {types[0]}, HEAD with {types[1]}"
    return ""


def _shows(exchanges: Sequence[Exchange]) -> bool:
    return bool(_differs(exchanges[-2], exchanges[-1]))


@probe(HEAD_LIKE_GET, applies_to=lambda operation: operation.method == "GET", shows=_shows)
def head_requests(subject: Subject) -> ProbeSteps:
    """GET, then HEAD of the same target."""
    operation = subject.operation
    if "HEAD" in _methods(subject):
        return
    control = yield from reach(subject, subject.composer.draft())
    get = control.exchange
    if not accepted(get):
        yield skip(HEAD_LIKE_GET, operation, f"GET is {outcome(get)}")
        return
    head = yield from ask(replace(control.case, method="HEAD", note="HEAD instead of GET"))
    if head.answer is None:
        return
    yield ClaimExercised(HEAD_LIKE_GET.id, operation.label)
    difference = _differs(get, head)
    if difference:
        yield fail(HEAD_LIKE_GET, operation, "HEAD", difference, (*control.before, get, head))


def _hides(exchanges: Sequence[Exchange]) -> bool:
    get, other = exchanges[-2:]
    return accepted(get) and other.answer is not None and other.answer.status in (404, 410)


@probe(METHOD_NOT_ALLOWED, applies_to=lambda operation: operation.method == "GET", shows=_hides)
def other_methods(subject: Subject) -> ProbeSteps:
    """GET, OPTIONS, then each of the usual methods that the path doesn't have."""
    operation = subject.operation
    control = yield from reach(subject, subject.composer.draft())
    if not accepted(control.exchange):
        yield skip(METHOD_NOT_ALLOWED, operation, f"GET is {outcome(control.exchange)}")
        return
    # What is in the answer is judged with every answer: no 5xx.
    yield from ask(replace(control.case, method="OPTIONS", note="OPTIONS"))
    for method in _OTHERS:
        if method in _methods(subject):
            continue
        case = replace(control.case, method=method, mode=Mode.NEGATIVE, note=f"{method}, which the path doesn't have")
        exchange = yield from ask(case)
        if exchange.answer is None:
            continue
        story = (*control.before, control.exchange, exchange)
        message = f"answered {exchange.answer.status} to {case.note}"
        yield ClaimExercised(METHOD_REFUSED.id, operation.label)
        yield ClaimExercised(METHOD_NOT_ALLOWED.id, operation.label)
        if still_shows(METHOD_REFUSED, exchange):
            is_taken = exchange.answer.status < 400
            place = "another method accepted" if is_taken else "another method refused"
            yield fail(METHOD_REFUSED, operation, place, message if is_taken else f"{message}, without Allow", story)
        elif _hides(story):
            yield fail(METHOD_NOT_ALLOWED, operation, "another method", message, story)


def _methods(subject: Subject) -> set[str]:
    """Those that the document gives the path."""
    return {each.method for each in subject.api.operations if each.path == subject.operation.path}
