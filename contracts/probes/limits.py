"""Is a declared rate limit counted, and kept?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from understudy.contracts.case import Exchange, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.limit_headers import find_limit_headers
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import reach
from understudy.contracts.running.goals import why_not_used_up
from understudy.specs.behaviour.limits import MalformedLimitHeader, ResetForm, find_lapse, read_standing
from understudy.specs.model import Operation

_CLAUSE: Final = "https://www.rfc-editor.org/rfc/rfc6585.html#section-4"

LIMIT_FALLS: Final = Claim(
    id="limit-remaining-falls",
    title="The calls that remain become fewer with each call",
    severity=Severity.MEDIUM,
    clause=_CLAUSE,
    documentation=(
        "Where the document declares a limit and its headers, or names `RateLimit-*` headers, two calls in a row "
        "with the same credentials, in one window, leave fewer calls than before. "
        "Others may use the limit, too, so that "
        "it may fall by more than "
        "one."
    ),
    owner="probes.limits",
)

LIMIT_KEPT: Final = Claim(
    id="limit-kept",
    title="Calls beyond a declared limit are answered 429",
    severity=Severity.HIGH,
    clause=_CLAUSE,
    documentation=(
        "Of twice as many calls as a declared limit allows, and one more, sent within one window's time, one is "
        "answered 429. Only with `--probe-limits`, after everything else, and for limits of up to 1,000 calls that "
        "count an operation that only reads."
    ),
    owner="probes.limits",
)

_CALLS: Final = 3
MIN_WINDOW_SECONDS: Final = 5.0


def _has_headers(operation: Operation) -> bool:
    return operation.method == "GET" and bool(find_limit_headers(operation))


def _lapse(operation: Operation, exchanges: Sequence[Exchange]) -> str:
    """What is wrong with the headers of two answers in a row; empty when nothing is."""
    before, after = exchanges[-2:]
    if before.answer is None or after.answer is None:
        return ""
    for headers in find_limit_headers(operation):
        try:
            first, second = (
                read_standing(headers, {name.lower(): value for name, value in answer.headers}, 0.0)
                for answer in (before.answer, after.answer)
            )
        except MalformedLimitHeader:
            continue  # judged with every answer
        # What is given back all the time, as from a bucket that fills again, needn't fall.
        if headers.reset_as is ResetForm.DELTA and (first.resets or 0.0) < MIN_WINDOW_SECONDS:
            continue
        if found := find_lapse(first, second, alone=False):
            return found
    return ""


@probe(
    LIMIT_FALLS,
    applies_to=_has_headers,
    shows=lambda exchanges: all(accepted(each) for each in exchanges[-2:]) and _same_remaining(exchanges),
)
def limit_headers(subject: Subject) -> ProbeSteps:
    """The same call three times."""
    operation = subject.operation
    control = yield from reach(subject, replace(subject.composer.draft(), note="a call that is counted"))
    exchanges = [control.exchange]
    while len(exchanges) < _CALLS:
        again = yield from ask(control.case)
        exchanges.append(again)
    if not all(accepted(each) for each in exchanges):
        yield skip(LIMIT_FALLS, operation, f"the call is {outcome(exchanges[-1])}")
        return
    yield ClaimExercised(LIMIT_FALLS.id, operation.label)
    for pair in pairwise(exchanges):
        if found := _lapse(operation, pair):
            yield fail(LIMIT_FALLS, operation, "remaining", found, pair)
            return


def _same_remaining(exchanges: Sequence[Exchange]) -> bool:
    """Whether no header that counts what remains has become less; which one it is the document says."""
    before, after = (each.answer for each in exchanges[-2:])
    if before is None or after is None:
        return False
    pairs = [
        (int(value), int(again))
        for name, value in before.headers
        if "remaining" in name.lower() and value.isdigit() and (again := after.header(name) or "").isdigit()
    ]
    return bool(pairs) and any(again >= value for value, again in pairs)


def _is_countable(operation: Operation) -> bool:
    return operation.method == "GET" and bool(operation.limits)


@probe(
    LIMIT_KEPT,
    phase=Phase.LIMITS,
    applies_to=_is_countable,
    shows=lambda exchanges: accepted(exchanges[-1]),
)
def limits_reached(subject: Subject) -> ProbeSteps:
    """Calls until one is refused."""
    operation = subject.operation
    if reason := why_not_used_up(operation, subject.probes_limits):
        yield skip(LIMIT_KEPT, operation, reason)
        return
    limit = min(operation.limits, key=lambda each: each.calls)
    control = yield from reach(subject, replace(subject.composer.draft(), note="a call that is counted"))
    case, exchange = replace(control.case, waits=False), control.exchange
    spent_ms = 0.0
    for _ in range(2 * limit.calls + 1):
        if exchange.answer is not None and exchange.answer.status == 429:
            yield ClaimExercised(LIMIT_KEPT.id, operation.label)
            # What is wrong with a refusal is believed when two have it.
            yield from ask(case)
            return
        if not accepted(exchange) or exchange.answer is None:
            yield skip(LIMIT_KEPT, operation, f"the call is {outcome(exchange)}")
            return
        spent_ms += exchange.answer.elapsed_ms
        if spent_ms > limit.seconds * 1000:
            yield skip(LIMIT_KEPT, operation, f"answers are too slow for {limit.calls} calls in {limit.seconds:g} s")
            return
        exchange = yield from ask(case)
    if not accepted(exchange):
        yield ClaimExercised(LIMIT_KEPT.id, operation.label)
        return
    yield ClaimExercised(LIMIT_KEPT.id, operation.label)
    message = (
        f"{2 * limit.calls + 2} calls in a row are answered; {limit.name} allows {limit.calls} in {limit.seconds:g} s"
    )
    yield fail(LIMIT_KEPT, operation, limit.name, message, (exchange,))
