"""Which requests take far longer than others of their operation, or are never answered: one input that hangs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final, final

from understudy.contracts.case import Case, Exchange
from understudy.contracts.claims import Claim, Failure, Severity, register
from understudy.contracts.events import ClaimExercised, ClaimSkipped, Event, ExchangeDone, FailureFound
from understudy.contracts.sending.missing_answers import came_too_late, was_cut_off
from understudy.specs.model import Operation
from understudy.specs.wire.media_types import kind

__all__ = ["ANSWERS_IN_TIME", "Promptness", "hangs"]

ANSWERS_IN_TIME: Final = register(
    Claim(
        id="answers-in-time",
        title="No single input makes an answer hang",
        severity=Severity.HIGH,
        clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6",
        documentation=(
            "An answer that takes more than two seconds and more than twenty times as long as its operation's median, "
            "or that doesn't come at all (a timeout, a closed connection), while one request before it and one after "
            "it are answered at once, and that does so when it is sent again. Streams may take their time. Whoever "
            "sends such an input can keep a server busy."
        ),
        owner="promptness",
    )
)

MIN_SEEN: Final = 5
"""Answers of an operation before one of them can be called slow."""

FACTOR: Final = 20.0
SLOW_MS: Final = 2_000.0
MAX_KEPT: Final = 500
MAX_ATTEMPTS: Final = 2
"""Suspicions of one operation that are looked into: each costs as long as the input hangs."""


@final
@dataclass(slots=True)
class _Pace:
    """What is known of an operation: how long its answers took, and a request that is answered at once."""

    times: list[float] = field(default_factory=list)
    control: Case | None = None
    attempts: int = 0
    is_told: bool = False


@final
class Promptness:
    """Watches the answers of one run.

    Args:
        send: Sends a case once; an exchange without answer when it can't be.
    """

    def __init__(self, send: Callable[[Case], Exchange]) -> None:
        self._send = send
        self._paces: dict[str, _Pace] = {}

    def watch(self, exchange: Exchange, operation: Operation) -> Iterator[Event]:
        """What an exchange says of its operation's pace; a suspicion is looked into at once."""
        pace = self._paces.setdefault(operation.label, _Pace())
        took = _took(exchange)
        if not self._is_suspicious(exchange, pace):
            if took is not None and len(pace.times) < MAX_KEPT:
                pace.times.append(took)
                is_best = exchange.answer is not None and exchange.answer.status < 400
                if (
                    took < SLOW_MS
                    and exchange.case.method in ("GET", "HEAD", operation.method)
                    and (pace.control is None or is_best)
                ):
                    pace.control = exchange.case
            if took is not None and len(pace.times) == MIN_SEEN:
                yield ClaimExercised(ANSWERS_IN_TIME.id, operation.label)
            return
        if pace.is_told or pace.attempts >= MAX_ATTEMPTS or pace.control is None:
            return
        pace.attempts += 1
        yield from self._look_into(exchange, operation, pace, pace.control)

    def _look_into(self, exchange: Exchange, operation: Operation, pace: _Pace, control: Case) -> Iterator[Event]:
        """Control, suspect, control: the suspect hangs again and the others don't."""
        usual = median(pace.times)
        story = []
        for case in (control, exchange.case, control):
            story.append(self._send(replace(case, waits=False)))
            yield ExchangeDone(story[-1])
        before, again, after = story
        if any(self._is_suspicious(each, pace) for each in (before, after)):
            reason = "other requests weren't answered in time either"
            yield ClaimSkipped(ANSWERS_IN_TIME.id, operation.label, reason)
            return
        if not self._is_suspicious(again, pace):
            return
        pace.is_told = True
        took = _took(again)
        said = again.error if took is None else f"the answer took {took / 1000:.1f} s"
        note = f" to: {exchange.case.note}" if exchange.case.note else ""
        place = "no answer" if took is None else "slow"
        message = f"{said}{note}; other requests are answered within {usual:.0f} ms"
        yield ClaimExercised(ANSWERS_IN_TIME.id, operation.label)
        yield FailureFound(Failure(ANSWERS_IN_TIME, operation.label, place, message), (before, again))

    def _is_suspicious(self, exchange: Exchange, pace: _Pace) -> bool:
        if len(pace.times) < MIN_SEEN:
            return False
        if exchange.answer is None:
            return came_too_late(exchange) or was_cut_off(exchange)
        took = _took(exchange)
        return took is not None and took > max(SLOW_MS, FACTOR * median(pace.times))


def _took(exchange: Exchange) -> float | None:
    """Milliseconds of an answer that is no stream; None for any other, and without one."""
    answer = exchange.answer
    if answer is None or kind(answer.header("content-type") or "").is_sequential:
        return None
    return answer.elapsed_ms


def hangs(exchanges: Sequence[Exchange]) -> bool:
    """Whether the last of a conversation hangs, and the one before it doesn't."""
    *_, before, last = exchanges
    usual = _took(before)
    if usual is None or usual > SLOW_MS:
        return False
    took = _took(last)
    return last.answer is None or (took is not None and took > max(SLOW_MS, FACTOR * usual))
