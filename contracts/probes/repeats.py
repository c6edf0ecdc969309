"""May a request be sent twice, where the document or HTTP says so: with an idempotency key, or a PUT?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import reach
from understudy.contracts.requests.composer import Draft
from understudy.contracts.sending.minted_keys import minted_keys
from understudy.specs.member_names import words_of
from understudy.specs.model import Direction, Location, Operation, Parameter

KEY_HONOURED: Final = Claim(
    id="idempotency-key-honoured",
    title="The same idempotency key makes nothing twice",
    severity=Severity.CRITICAL,
    clause="https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header#section-2.2",
    documentation=(
        "Where a POST or PATCH has a header parameter `Idempotency-Key`, the same request with the same key isn't "
        "answered with the key of another record, nor refused for what it contains or as a conflict, when the first "
        "was accepted: a client sends it again when the answer is lost. Judged where answers name the record, by "
        "`Location` or an `id`."
    ),
    owner="probes.repeats",
)

KEY_OF_ONE_REQUEST: Final = Claim(
    id="idempotency-key-of-one-request",
    title="An idempotency key doesn't answer another request",
    severity=Severity.HIGH,
    clause="https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header#section-2.7",
    documentation=(
        "As above: another body with a key that was used isn't answered with success and the record that was made of "
        "the first. The client would take for done what was never looked at."
    ),
    owner="probes.repeats",
)

PUT_REPEATABLE: Final = Claim(
    id="put-repeatable",
    title="The same PUT may be sent twice",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-9.2.2",
    documentation=(
        "A PUT that was accepted is accepted again: it is idempotent, and clients send it again when the answer is "
        "lost. Not judged where the request has a condition (`If-Match`); a refusal of the caller, for the rate, or "
        "because the record is gone is about something else. 409 counts: what is there already is no conflict."
    ),
    owner="probes.repeats",
)

_ELSE: Final = frozenset({401, 403, 404, 409, 410, 412, 425, 428, 429})


def _key_parameter(operation: Operation) -> Parameter | None:
    named = (each for each in operation.parameters if each.location is Location.HEADER)
    return next((each for each in named if each.name.lower() in ("idempotency-key", "x-idempotency-key")), None)


def _keys(exchange: Exchange) -> tuple[str, ...]:
    """What the answer names its record by: `Location`, and members that are its key by their name."""
    answer, case = exchange.answer, exchange.case
    if answer is None:
        return ()
    found = [location] if (location := answer.header("location")) else []
    last = words_of(case.operation.rstrip("/").rpartition("/")[2])
    single = (*last[:-1], last[-1].removesuffix("s"), "id") if last else ("id",)
    return (*found, *minted_keys(case, answer, frozenset({("id",), ("uuid",), single})))


def _is_done_twice(exchanges: Sequence[Exchange]) -> bool:
    """Whether two equal requests made two records, or the second is refused for what it contains."""
    first, second = exchanges[-2:]
    if second.answer is None or not accepted(first):
        return False
    if not accepted(second):
        return second.answer.status not in _ELSE - {409}
    return bool(_keys(first)) and _keys(first) != _keys(second)


def _is_answered_for_another(exchanges: Sequence[Exchange]) -> bool:
    first, second = exchanges[-2:]
    both = accepted(first) and accepted(second) and first.case.body != second.case.body
    return both and bool(_keys(first)) and _keys(first) == _keys(second)


def _is_refused_again(exchanges: Sequence[Exchange]) -> bool:
    first, second = exchanges[-2:]
    if second.answer is None or not accepted(first):
        return False
    return second.answer.status >= 400 and second.answer.status not in _ELSE - {409}


def _takes_keys(operation: Operation) -> bool:
    return operation.method in ("POST", "PATCH") and _key_parameter(operation) is not None


@probe(KEY_HONOURED, applies_to=_takes_keys, shows=_is_done_twice)
def idempotency_keys(subject: Subject) -> ProbeSteps:
    """The same request twice with a key."""
    operation = subject.operation
    control = yield from reach(subject, _keyed(subject, subject.composer.draft(), "7c9e6679"))
    if not accepted(control.exchange):
        yield skip(KEY_HONOURED, operation, f"the request with a key is {outcome(control.exchange)}")
        return
    again = yield from ask(replace(control.case, note="the same again with the same key"))
    if again.answer is None:
        return
    if accepted(again) and not _keys(control.exchange):
        yield skip(KEY_HONOURED, operation, "answers don't name a record")
        return
    yield ClaimExercised(KEY_HONOURED.id, operation.label)
    story = (*control.before, control.exchange, again)
    if _is_done_twice(story):
        status = again.answer.status
        message = f"the same request with the same key is answered {status}" + (
            ", for another record" if accepted(again) else ""
        )
        yield fail(KEY_HONOURED, operation, "Idempotency-Key", message, story)


@probe(KEY_OF_ONE_REQUEST, applies_to=_takes_keys, shows=_is_answered_for_another)
def idempotency_keys_again(subject: Subject) -> ProbeSteps:
    """A request with a key, then another with the same."""
    operation = subject.operation
    draft = _keyed(subject, subject.composer.draft(), "2f1c8a04")
    control = yield from reach(subject, draft)
    if not accepted(control.exchange) or not _keys(control.exchange):
        reason = f"the request with a key is {outcome(control.exchange)}, or its answer doesn't name a record"
        yield skip(KEY_OF_ONE_REQUEST, operation, reason)
        return
    other = replace(control.draft, body=subject.composer.full(draft.media_type).body, serialized=None)
    case = subject.composer.write(replace(other, note="another request with the same key"), Mode.POSITIVE, Phase.PROBES)
    if case.body == control.case.body:
        yield skip(KEY_OF_ONE_REQUEST, operation, "no other body was found")
        return
    again = yield from ask(subject.dress(case))
    if again.answer is None:
        return
    yield ClaimExercised(KEY_OF_ONE_REQUEST.id, operation.label)
    story = (*control.before, control.exchange, again)
    if _is_answered_for_another(story):
        message = f"another request with the same key is answered {again.answer.status}, for the first one's record"
        yield fail(KEY_OF_ONE_REQUEST, operation, "Idempotency-Key", message, story)


def _keyed(subject: Subject, draft: Draft, beginning: str) -> Draft:
    """A draft with an idempotency key."""
    parameter = _key_parameter(subject.operation)
    assert parameter is not None
    key = f"{beginning}-7425-40de-944b-e07fc1f90ae7"
    schema = parameter.schema
    if schema is not None and not schema.validator(Direction.REQUEST).is_valid(key):
        key = str(schema.generator(Direction.REQUEST).generate(f"{beginning}/{subject.operation.label}"))
    return replace(draft, values={**draft.values, (Location.HEADER, parameter.name): key}, note="with a key")


@probe(
    PUT_REPEATABLE,
    applies_to=lambda operation: operation.method == "PUT",
    shows=_is_refused_again,
)
def repeated_puts(subject: Subject) -> ProbeSteps:
    """The same PUT twice."""
    operation = subject.operation
    control = yield from reach(subject, replace(subject.composer.draft(), note="PUT"))
    if not accepted(control.exchange):
        yield skip(PUT_REPEATABLE, operation, f"PUT is {outcome(control.exchange)}")
        return
    if any(name.lower() == "if-match" for name, _ in control.case.headers):
        yield skip(PUT_REPEATABLE, operation, "the request has a condition")
        return
    again = yield from ask(replace(control.case, note="the same PUT again"))
    if again.answer is None:
        return
    yield ClaimExercised(PUT_REPEATABLE.id, operation.label)
    story = (*control.before, control.exchange, again)
    if _is_refused_again(story):
        message = f"the same PUT is answered {_status(control.exchange)}, then {again.answer.status}"
        yield fail(PUT_REPEATABLE, operation, "again", message, story)


def _status(exchange: Exchange) -> int:
    return exchange.answer.status if exchange.answer else 0
