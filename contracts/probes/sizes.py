"""Is a body refused that is larger than the document allows, and one taken that is just as large?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import reach
from understudy.specs.model import MediaType, Operation
from understudy.specs.wire.media_types import Kind, kind

OVERSIZED_REFUSED: Final = Claim(
    id="oversized-body-refused",
    title="A body larger than allowed is refused",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.14",
    documentation=(
        "Where the document says how many octets a body may have (`maxBytes`), one more is answered with a 4xx, as a "
        "rule 413; the body is JSON that is valid but for the white space after it. It counts only where the same "
        "request is accepted at its own size."
    ),
    owner="probes.sizes",
)

FULL_ACCEPTED: Final = Claim(
    id="largest-body-accepted",
    title="A body as large as allowed is accepted",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.14",
    documentation=(
        "A body with exactly as many octets as the document allows isn't answered 413: a proxy or a framework before "
        "the service often has a limit of its own."
    ),
    owner="probes.sizes",
)

MAX_SENT: Final = 64 * 1024 * 1024
"""Larger bodies aren't sent."""


def _padded(operation: Operation) -> MediaType | None:
    """The JSON media type of a body with a limit: white space may follow it (RFC 8259, section 2)."""
    body = operation.request_body
    if body is None or body.max_bytes is None:
        return None
    return next((each for each in body.content if kind(each.name) is Kind.JSON), None)


def _shows_oversized(exchanges: Sequence[Exchange]) -> bool:
    return accepted(exchanges[-2]) and accepted(exchanges[-1])


def _is_too_large(exchange: Exchange) -> bool:
    return exchange.answer is not None and exchange.answer.status == 413


def _applies(operation: Operation) -> bool:
    return operation.request_body is not None and operation.request_body.max_bytes is not None


@probe(OVERSIZED_REFUSED, applies_to=_applies, shows=_shows_oversized)
def oversized_bodies(subject: Subject) -> ProbeSteps:
    """The control, then the same with one octet more than allowed."""
    yield from _sized(subject, OVERSIZED_REFUSED, 1)


@probe(
    FULL_ACCEPTED,
    applies_to=_applies,
    shows=lambda exchanges: accepted(exchanges[-2]) and _is_too_large(exchanges[-1]),
)
def largest_bodies(subject: Subject) -> ProbeSteps:
    """The control, then the same with as many octets as allowed."""
    yield from _sized(subject, FULL_ACCEPTED, 0)


def _sized(subject: Subject, claim: Claim, more: int) -> ProbeSteps:
    operation = subject.operation
    media_type = _padded(operation)
    most = operation.request_body.max_bytes if operation.request_body else None
    if media_type is None or most is None:
        yield skip(claim, operation, "no media type whose bodies can be made longer")
        return
    if most > MAX_SENT:
        yield skip(claim, operation, f"bodies of {most} octets aren't sent")
        return
    draft = replace(subject.composer.draft(media_type), note="the request in good order")
    control = yield from reach(subject, draft)
    if not accepted(control.exchange):
        yield skip(claim, operation, f"the same request in good order is {outcome(control.exchange)}")
        return
    note = f"a body of {most + more} octets"
    case: Case = control.case
    body = (case.body or b"").ljust(most + more)
    mode = Mode.NEGATIVE if more else Mode.POSITIVE
    exchange = yield from ask(replace(case, body=body, mode=mode, note=note))
    if exchange.answer is None:
        yield skip(claim, operation, f"{note}: {exchange.error}")
        return
    yield ClaimExercised(claim.id, operation.label)
    if accepted(exchange) if more else _is_too_large(exchange):
        message = f"answered {exchange.answer.status} to {note}; {most} are allowed"
        yield fail(claim, operation, "body maxBytes", message, (*control.before, control.exchange, exchange))
