"""Are conditional requests answered as they ask, where the document says that they are?"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, Told, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import make_record, reach
from understudy.specs.model import Operation

NOT_MODIFIED: Final = Claim(
    id="not-modified-answered",
    title="What hasn't changed is answered 304",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.2",
    documentation=(
        "Where a GET documents 304, one with `If-None-Match` and the `ETag` that was just given (without an ETag: "
        "`If-Modified-Since` and the `Last-Modified`) is answered 304. Judged where two plain GETs in a row give the "
        "same validator."
    ),
    owner="probes.conditions",
)

PRECONDITION: Final = Claim(
    id="failed-precondition-refused",
    title="A change under a condition that doesn't hold is refused",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.1",
    documentation=(
        "Where PUT, PATCH or DELETE documents 412, a request with `If-Match` and a tag that was never given isn't "
        "accepted: otherwise one client overwrites what another has written. It counts only where the same request "
        "without the condition, or with the tag that GET gives, is accepted."
    ),
    owner="probes.conditions",
)

_NEVER_GIVEN: Final = '"understudy-never-given"'


_ROTATED: Final = str.maketrans("0123456789abcdefABCDEF", "3456789012bcdefaBCDEFA")
"""Makes another tag of the same form."""


def _documents(operation: Operation, status: str) -> bool:
    return any(each.status == status for each in operation.responses)


def _validator(exchange: Exchange) -> tuple[str, str] | None:
    """The condition that the answer's own validator makes: a header and its value."""
    if exchange.answer is None or not accepted(exchange):
        return None
    if tag := exchange.answer.header("etag"):
        return "If-None-Match", tag
    if date := exchange.answer.header("last-modified"):
        return "If-Modified-Since", date
    return None


def _with(case: Case, name: str, value: str, note: str) -> Case:
    kept = tuple(pair for pair in case.headers if pair[0].lower() != name.lower())
    return replace(case, headers=(*kept, (name, value)), note=note)


def _is_sent_again(exchanges: Sequence[Exchange]) -> bool:
    """Whether two answers give one validator, and a request that names it is answered in full all the same."""
    first, second, last = exchanges[-3:]
    validator = _validator(second)
    sent = validator is not None and validator in last.case.headers
    return sent and validator == _validator(first) and last.answer is not None and last.answer.status == 200


@probe(
    NOT_MODIFIED,
    applies_to=lambda operation: operation.method == "GET" and _documents(operation, "304"),
    shows=_is_sent_again,
)
def unmodified(subject: Subject) -> ProbeSteps:
    """GET twice, then with the condition that the answers give."""
    operation = subject.operation
    control = yield from reach(subject, replace(subject.composer.draft(), note="without a condition"))
    again = yield from ask(control.case)
    validator = _validator(again)
    if validator is None:
        why = f"GET is {outcome(again)}" if not accepted(again) else "no ETag and no Last-Modified came"
        yield skip(NOT_MODIFIED, operation, why)
        return
    if validator != _validator(control.exchange):
        yield skip(NOT_MODIFIED, operation, "it changes from one GET to the next")
        return
    exchange = yield from ask(_with(control.case, *validator, f"{validator[0]} with what was just given"))
    if exchange.answer is None:
        return
    yield ClaimExercised(NOT_MODIFIED.id, operation.label)
    # Without what made it: made anew it would have another tag, and what is there stays.
    story = (control.exchange, again, exchange)
    if _is_sent_again(story):
        message = f"answered 200 to {validator[0]} with the validator that was just given, not 304"
        yield fail(NOT_MODIFIED, operation, validator[0], message, story)


@probe(
    PRECONDITION,
    applies_to=lambda operation: operation.method in ("PUT", "PATCH", "DELETE") and _documents(operation, "412"),
    shows=lambda exchanges: accepted(exchanges[-1]),
)
def preconditions(subject: Subject) -> ProbeSteps:
    """The request under a condition that doesn't hold, then under none: what is deleted is gone."""
    operation = subject.operation
    draft = subject.composer.draft()
    made = yield from make_record(subject)
    before: tuple[Exchange, ...] = ()
    if made is not None:
        before, draft = made[0], replace(draft, values={**draft.values, **made[1]})
    case = subject.dress(subject.composer.write(draft, Mode.POSITIVE, Phase.PROBES))
    tag = yield from _tag(subject, case)
    never = tag.translate(_ROTATED) if tag else _NEVER_GIVEN
    never = never if never != tag else _NEVER_GIVEN
    refused = yield from ask(_with(case, "If-Match", never, "If-Match with a tag that was never given"))
    if refused.answer is None:
        return
    if accepted(refused):
        yield ClaimExercised(PRECONDITION.id, operation.label)
        message = f"answered {refused.answer.status} although its If-Match doesn't hold"
        yield fail(PRECONDITION, operation, "If-Match", message, (*before, refused))
        return
    control = yield from ask(replace(case, note="without a condition"))
    if not accepted(control):
        control = (
            (yield from ask(_with(case, "If-Match", tag, "If-Match with the tag that GET gives"))) if tag else control
        )
    if accepted(control):
        yield ClaimExercised(PRECONDITION.id, operation.label)
    else:
        yield skip(PRECONDITION, operation, f"the request without a condition is {outcome(control)}")


def _tag(subject: Subject, case: Case) -> Generator[Case | Told, Exchange | None, str]:
    """The ETag that GET of the same target gives; empty without one."""
    path = subject.operation.path
    getter = next((each for each in subject.api.operations if each.method == "GET" and each.path == path), None)
    if getter is None:
        return ""
    headers = tuple(pair for pair in case.headers if pair[0].lower() not in ("content-type", "if-match"))
    got = yield from ask(
        replace(case, operation=getter.label, method="GET", headers=headers, body=None, note="which tag it has")
    )
    return (got.answer.header("etag") or "") if got.answer is not None and accepted(got) else ""
