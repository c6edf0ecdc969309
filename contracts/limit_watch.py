"""Are declared rate limits kept while a run goes on: are calls beyond them refused, and those let in who come back?"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final, final

from understudy.contracts.case import Exchange
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.credentials import credential_of
from understudy.contracts.events import ClaimExercised, Event, FailureFound
from understudy.contracts.probes.limits import LIMIT_KEPT, MAX_CALLS
from understudy.contracts.probing import shown_by
from understudy.contracts.retry_after import read_retry_after
from understudy.specs.behaviour.limits import Limit, Sender
from understudy.specs.model import Location, Operation

__all__ = ["LET_IN_AGAIN", "LimitWatch"]

REFUSED: Final = 429
REFUSALS: Final = 4
"""So often in a row is a request refused although it waited as told each time, until that is no coincidence."""


def _is_refused(exchanges: Sequence[Exchange]) -> bool:
    return all(each.answer is not None and each.answer.status == REFUSED for each in exchanges)


LET_IN_AGAIN: Final = shown_by(
    _is_refused,
    Claim(
        id="retry-after-kept",
        title="Who comes back when told to is let in",
        severity=Severity.MEDIUM,
        clause="https://www.rfc-editor.org/rfc/rfc6585.html#section-4",
        documentation=(
            "A request that was answered 429 with `Retry-After`, and is sent again after that time, isn't refused "
            f"{REFUSALS} times in a row: clients that keep to the header would never get through."
        ),
        owner="limit_watch",
    ),
)

Caller = tuple[str, ...]


@final
class LimitWatch:
    """Counts the calls of one run, by limit and caller.

    Args:
        is_judged: Whether a claim is, by its id.
    """

    def __init__(self, is_judged: Callable[[str], bool]) -> None:
        self._is_judged = is_judged
        self._calls: dict[tuple[str, Caller], deque[float]] = {}
        self._settled: set[tuple[str, str]] = set()
        self._refused: list[Exchange] = []

    def watch(self, exchange: Exchange, operation: Operation) -> Iterator[Event]:
        """What an exchange says of the limits that count it."""
        if exchange.answer is None:
            return
        if exchange.answer.status == REFUSED:
            self._settled |= {(LIMIT_KEPT.id, limit.name) for limit in operation.limits}
            yield from self._judge_return(exchange, operation)
        elif exchange.answer.status < REFUSED:
            self._refused = []
            for limit in operation.limits:
                yield from self._count(exchange, operation, limit)

    def _judge_return(self, exchange: Exchange, operation: Operation) -> Iterator[Event]:
        is_same = bool(self._refused) and self._refused[-1].case == exchange.case and exchange.case.waits
        self._refused = [*(self._refused if is_same else []), exchange]
        answers = [each.answer for each in self._refused if each.answer is not None]
        told = [read_retry_after(each.header("retry-after"), each.header("date")) for each in answers]
        name = (LET_IN_AGAIN.id, operation.label)
        if not is_same or None in told or not self._is_judged(LET_IN_AGAIN.id) or name in self._settled:
            return
        yield ClaimExercised(LET_IN_AGAIN.id, operation.label)
        if len(self._refused) >= REFUSALS:
            self._settled.add(name)
            message = f"answered 429 {REFUSALS} times in a row, each time after Retry-After: {told[0]:g} seconds"
            story = (self._refused[0], self._refused[-1])
            yield FailureFound(Failure(LET_IN_AGAIN, operation.label, "429", message), story)

    def _count(self, exchange: Exchange, operation: Operation, limit: Limit) -> Iterator[Event]:
        """Of twice as many calls as a window allows, and one more, within its time one lies beyond it."""
        caller = _caller(exchange, operation, limit)
        at = exchange.answer.made_at if exchange.answer is not None else None
        name = (LIMIT_KEPT.id, limit.name)
        if caller is None or at is None or limit.calls > MAX_CALLS or not self._is_judged(LIMIT_KEPT.id):
            return
        most = 2 * limit.calls + 1
        calls = self._calls.setdefault((limit.name, caller), deque(maxlen=most))
        calls.append(at)
        # `Date` has whole seconds, so that up to one more may lie between two of them.
        if name in self._settled or len(calls) < most or calls[-1] - calls[0] + 1 > limit.seconds:
            return
        self._settled.add(name)
        message = f"{most} calls within {limit.seconds:g} s are answered; {limit.name} allows {limit.calls}"
        yield ClaimExercised(LIMIT_KEPT.id, operation.label)
        yield FailureFound(Failure(LIMIT_KEPT, operation.label, limit.name, message), (exchange,))


def _caller(exchange: Exchange, operation: Operation, limit: Limit) -> Caller | None:
    """Whom a limit counts a call for; None where that can't be told from the request alone."""
    found: list[str] = []
    for part in limit.scope:
        match part:
            case Sender.CREDENTIAL:
                found.append(credential_of(exchange.case, operation))
            case Sender.ADDRESS:
                pass
            case (Location.HEADER, name):
                wanted = name.lower()
                found.append(next((value for key, value in exchange.case.headers if key.lower() == wanted), ""))
            case _:
                return None
    return tuple(found)
