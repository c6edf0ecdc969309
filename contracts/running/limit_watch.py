"""What is seen of rate limits in passing: does a window end when it was said to, and are those let in who come back?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from understudy.contracts.case import Answer, Exchange
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.events import ClaimExercised, Event, FailureFound
from understudy.contracts.probing import shown_by
from understudy.contracts.sending.credentials import credential_of
from understudy.contracts.sending.retry_after import read_retry_after
from understudy.specs.behaviour.limits import Limit, MalformedLimitHeader, Sender, read_standing
from understudy.specs.model import Location, Operation

__all__ = ["LimitWatch"]

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

WINDOW_STAYS: Final = shown_by(
    lambda exchanges: False,
    Claim(
        id="limit-window-stays",
        title="The end of a window doesn't move away",
        severity=Severity.MEDIUM,
        clause="https://www.rfc-editor.org/rfc/rfc6585.html#section-4",
        documentation=(
            "Where the document declares a limit with a window and the header that says when it ends: before that end "
            "no answer to the same caller says a later one, while the calls that remain become fewer. Judged on what "
            "a run sends anyway, by the server's own clock, and only when it happens twice; a replay can't show it."
        ),
        owner="limit_watch",
    ),
)

SKEW_SECONDS: Final = 3.0
"""How far apart two sayings of one end may lie: each is rounded, and so is `Date`."""

Caller = tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class _Window:
    """What an answer said of a window, and whether an end was seen to move before."""

    exchange: Exchange
    ends: float
    remaining: int
    has_moved: bool = False


@final
class LimitWatch:
    """Remembers what answers said, by limit and caller; of one run.

    Args:
        is_judged: Whether a claim is, by its id.
    """

    def __init__(self, is_judged: Callable[[str], bool]) -> None:
        self._is_judged = is_judged
        self._windows: dict[tuple[str, Caller], _Window] = {}
        self._told: set[tuple[str, str]] = set()
        self._refused: list[Exchange] = []

    def watch(self, exchange: Exchange, operation: Operation) -> Iterator[Event]:
        """What an exchange says of the limits that count it."""
        if exchange.answer is None:
            return
        if exchange.answer.status == REFUSED:
            yield from self._judge_return(exchange, operation)
            return
        self._refused = []
        # Whom a refused request is counted for, only the server knows.
        is_known = exchange.answer.status < 400 and self._is_judged(WINDOW_STAYS.id)
        for limit in operation.limits if is_known else ():
            yield from self._judge_end(exchange, exchange.answer, operation, limit)

    def _judge_return(self, exchange: Exchange, operation: Operation) -> Iterator[Event]:
        is_same = bool(self._refused) and self._refused[-1].case == exchange.case and exchange.case.waits
        self._refused = [*(self._refused if is_same else []), exchange]
        answers = [each.answer for each in self._refused if each.answer is not None]
        told = [read_retry_after(each.header("retry-after"), each.header("date")) for each in answers]
        name = (LET_IN_AGAIN.id, operation.label)
        if not is_same or None in told or not self._is_judged(LET_IN_AGAIN.id) or name in self._told:
            return
        yield ClaimExercised(LET_IN_AGAIN.id, operation.label)
        if len(self._refused) >= REFUSALS:
            self._told.add(name)
            message = f"answered 429 {REFUSALS} times in a row, each time after Retry-After: {told[0]:g} seconds"
            story = (self._refused[0], self._refused[-1])
            yield FailureFound(Failure(LET_IN_AGAIN, operation.label, "429", message), story)

    def _judge_end(self, exchange: Exchange, answer: Answer, operation: Operation, limit: Limit) -> Iterator[Event]:
        caller, now = _caller(exchange, operation, limit), answer.made_at
        if caller is None or now is None or limit.headers is None or (WINDOW_STAYS.id, limit.name) in self._told:
            return
        try:
            fields = {name.lower(): value for name, value in answer.headers}
            standing = read_standing(limit.headers, fields, now)
        except MalformedLimitHeader:
            return  # judged with every answer
        if standing.resets is None or standing.remaining is None:
            return
        window = self._windows.get((limit.name, caller))
        seen = _Window(exchange, standing.resets, standing.remaining)
        if window is None or now > window.ends - SKEW_SECONDS or seen.remaining >= window.remaining:
            self._windows[limit.name, caller] = seen
            return
        yield ClaimExercised(WINDOW_STAYS.id, operation.label)
        if seen.ends <= window.ends + SKEW_SECONDS:
            return
        self._windows[limit.name, caller] = replace(seen, has_moved=True)
        if window.has_moved:
            self._told.add((WINDOW_STAYS.id, limit.name))
            message = (
                f"{limit.headers.reset} said an end, and before it one that is {seen.ends - window.ends:.0f} s later; "
                f"the calls that remain fell from {window.remaining} to {seen.remaining}"
            )
            story = (window.exchange, exchange)
            yield FailureFound(Failure(WINDOW_STAYS, operation.label, limit.headers.reset, message), story)


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
