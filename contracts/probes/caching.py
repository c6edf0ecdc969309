"""Is a client told truly whether what it has is still so?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Exchange
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.entity_tags import another_tag, body_of, tag_of, with_condition
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import reach
from understudy.specs.model import Operation

NOT_MODIFIED: Final = Claim(
    id="not-modified-answered",
    title="What hasn't changed is answered 304",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.2",
    documentation=(
        "Where a GET documents 304, one with `If-None-Match` and the `ETag` that was just given (without an ETag: "
        "`If-Modified-Since` and the `Last-Modified`) isn't answered with the same body again. What changes from one "
        "GET to the next isn't judged."
    ),
    owner="probes.caching",
)

CHANGED_SENT: Final = Claim(
    id="unknown-tag-answered-in-full",
    title="Who has another state is sent this one",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.2",
    documentation=(
        "Where a GET documents 304, one with `If-None-Match` and a tag that was never given isn't answered 304: the "
        "client would show what is out of date for ever. Judged where the same GET without a condition is accepted."
    ),
    owner="probes.caching",
)


def _may_say_so(operation: Operation) -> bool:
    return operation.method == "GET" and any(each.status == "304" for each in operation.responses)


def _validator(exchange: Exchange) -> tuple[str, str] | None:
    """The condition that the answer's own validator makes: a header and its value."""
    if exchange.answer is None or not accepted(exchange):
        return None
    if tag := exchange.answer.header("etag"):
        return "If-None-Match", tag
    if date := exchange.answer.header("last-modified"):
        return "If-Modified-Since", date
    return None


def _is_sent_again(exchanges: Sequence[Exchange]) -> bool:
    """Whether a request that names the validator that was just given is answered with the same body all the same."""
    first, last = exchanges[-2:]
    validator = _validator(first)
    is_named = validator is not None and any(name == validator[0] for name, _ in last.case.headers)
    return is_named and last.answer is not None and last.answer.status == 200 and body_of(first) == body_of(last)


def _is_called_current(exchanges: Sequence[Exchange]) -> bool:
    first, last = exchanges[-2:]
    return accepted(first) and last.answer is not None and last.answer.status == 304


@probe(NOT_MODIFIED, applies_to=_may_say_so, shows=_is_sent_again)
def unmodified(subject: Subject) -> ProbeSteps:
    """GET, then with the condition that the answer gives."""
    operation = subject.operation
    control = yield from reach(subject, replace(subject.composer.draft(), note="without a condition"))
    validator = _validator(control.exchange)
    if validator is None:
        is_there = accepted(control.exchange)
        why = "no ETag and no Last-Modified came" if is_there else f"GET is {outcome(control.exchange)}"
        yield skip(NOT_MODIFIED, operation, why)
        return
    exchange = yield from ask(with_condition(control.case, *validator, f"{validator[0]} with what was just given"))
    if exchange.answer is None:
        return
    # Without what made it: made anew it would have another tag, and what is there stays.
    story = (control.exchange, exchange)
    if _is_sent_again(story):
        yield ClaimExercised(NOT_MODIFIED.id, operation.label)
        message = f"answered 200 to {validator[0]} with the validator that was just given, not 304"
        yield fail(NOT_MODIFIED, operation, validator[0], message, story)
    elif exchange.answer.status == 304:
        yield ClaimExercised(NOT_MODIFIED.id, operation.label)
    else:
        yield skip(NOT_MODIFIED, operation, "it changes from one GET to the next")


@probe(CHANGED_SENT, applies_to=_may_say_so, shows=_is_called_current)
def unknown_tags(subject: Subject) -> ProbeSteps:
    """GET, then with a tag that was never given."""
    operation = subject.operation
    control = yield from reach(subject, replace(subject.composer.draft(), note="without a condition"))
    tag = tag_of(control.exchange)
    if not tag:
        yield skip(CHANGED_SENT, operation, f"GET is {outcome(control.exchange)}, without an ETag")
        return
    note = "If-None-Match with a tag that was never given"
    exchange = yield from ask(with_condition(control.case, "If-None-Match", another_tag(tag), note))
    if exchange.answer is None:
        return
    yield ClaimExercised(CHANGED_SENT.id, operation.label)
    story = (*control.before, control.exchange, exchange)
    if _is_called_current(story):
        message = "answered 304 to If-None-Match with a tag that was never given"
        yield fail(CHANGED_SENT, operation, "If-None-Match", message, story)
