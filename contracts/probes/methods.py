"""Is HEAD answered like GET?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Exchange
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
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

_NOT_SUPPORTED: Final = frozenset({405, 501})


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
    if any(each.method == "HEAD" and each.path == operation.path for each in subject.api.operations):
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
