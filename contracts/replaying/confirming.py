"""Does a failure show again? Its conversation is sent once more before it is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, final
from urllib.parse import quote, unquote

from understudy.contracts.case import Case, Exchange
from understudy.contracts.checking import ExchangeCheck, judge
from understudy.contracts.claims import Failure
from understudy.contracts.fuzzing.claims import CLAIM_OF_FAILURE, DELETED_GONE, still_shows
from understudy.contracts.observation import Observation
from understudy.contracts.probing import find_shows
from understudy.contracts.promptness import ANSWERS_IN_TIME, hangs
from understudy.contracts.replaying.rebinding import of_the_same_form, rebind, with_fresh_idempotency_key
from understudy.specs.model import Operation

__all__ = ["Confirmation", "Confirmer", "is_spent", "shows"]

MAX_ATTEMPTS: Final = 3
"""A failure that is seen and doesn't show again is tried at so many sightings, then it is flaky."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
_MOVED_ON: Final = frozenset({404, 409, 410, 412})

_FUZZED: Final = frozenset(claim.id for claim in CLAIM_OF_FAILURE.values())


def shows(
    failure: Failure,
    first: Sequence[Exchange],
    again: Sequence[Exchange],
    operation: Operation,
    checks: Iterable[ExchangeCheck],
) -> bool:
    """Whether a conversation shows the same failure as it did at first.

    Args:
        first: The exchanges that the failure came with.
        again: The same requests, sent again.
    """
    last = again[-1]
    if failure.claim.id in _FUZZED:
        if failure.claim.id == "allow-header-complete" and last.answer and first[-1].answer:
            return last.answer.header("allow") == first[-1].answer.header("allow")
        return still_shows(failure.claim, last)
    if failure.claim.id == ANSWERS_IN_TIME.id:
        return len(again) > 1 and hangs(again)
    probe_shows = find_shows(failure.claim.id)
    if probe_shows is not None:
        return all(each.answer is not None for each in again) and probe_shows(again)
    if last.answer is None:
        return False
    found = judge(Observation(last, operation, last.answer), checks)
    return any(each.fingerprint == failure.fingerprint for each in found.failures)


def is_spent(first: Exchange, again: Exchange) -> bool:
    """Whether a request can't show its failure again because it did at first what can be done once: what is deleted
    can't be deleted again."""
    if first.answer is None or again.answer is None or first.case.method in _SAFE:
        return False
    return 200 <= first.answer.status < 300 and again.answer.status in _MOVED_ON


def _is_limited(exchange: Exchange) -> bool:
    """Whether a request was refused for the rate, whatever it was."""
    return exchange.answer is not None and exchange.answer.status == 429


@final
@dataclass(frozen=True, slots=True)
class Confirmation:
    """What became of a failure.

    Attributes:
        is_confirmed: It showed again, now or before; or it can't, since the request does what can be done once.
        sent: What was sent to find out.
        exchanges: The shortest conversation that shows it.
        doubt: Why a failure that shows again is none; empty when there is no doubt.
    """

    is_confirmed: bool
    sent: tuple[Exchange, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    doubt: str = ""


@final
@dataclass(slots=True)
class Confirmer:
    """Remembers by fingerprint what was confirmed; sends as little as it can.

    Args:
        send: Sends a case once; an exchange without answer confirms nothing.
        repeats: Claim id → how often its failures must show again; once unless said.
    """

    send: Callable[[Case], Exchange]
    checks: tuple[ExchangeCheck, ...]
    repeats: dict[str, int] = field(default_factory=dict)
    flaky: dict[str, tuple[Failure, tuple[Exchange, ...]]] = field(default_factory=dict)
    _confirmed: set[str] = field(default_factory=set)
    _doubted: set[str] = field(default_factory=set)
    _attempts: dict[str, int] = field(default_factory=dict)
    _turn: int = 0

    def confirm(self, failure: Failure, exchanges: tuple[Exchange, ...], operation: Operation) -> Confirmation:
        """Whether the failure shows again. What was found out of a fingerprint isn't tried again."""
        name = failure.fingerprint
        if name in self._confirmed:
            return Confirmation(True, exchanges=exchanges)
        attempts = self._attempts.get(name, 0)
        if _is_limited(exchanges[-1]):
            # Nobody can ask for it: what two refusals show has shown again.
            self._attempts[name] = attempts + 1
            if attempts:
                self._confirmed.add(name)
            return Confirmation(attempts > 0, exchanges=exchanges)
        if name in self._doubted or attempts >= MAX_ATTEMPTS:
            return Confirmation(False)
        self._attempts[name] = attempts + 1
        sent: list[Exchange] = []
        # The last request alone, if that is enough: the shortest story there can be.
        stories = [exchanges[-1:], exchanges] if self._may_stand_alone(failure, exchanges) else [exchanges]
        for story in stories:
            if all(
                self._shows_again(failure, story, operation, sent) for _ in range(self.repeats.get(failure.claim.id, 1))
            ):
                doubt = self._doubt(failure, story, sent)
                if doubt:
                    self._doubted.add(name)
                    return Confirmation(False, tuple(sent), doubt=doubt)
                self._confirmed.add(name)
                self.flaky.pop(name, None)
                return Confirmation(True, tuple(sent), story)
        if failure.claim.id not in self.repeats and is_spent(exchanges[-1], sent[-1]):
            self._confirmed.add(name)
            self.flaky.pop(name, None)
            return Confirmation(True, tuple(sent), exchanges)
        self.flaky.setdefault(name, (failure, exchanges))
        return Confirmation(False, tuple(sent))

    def _may_stand_alone(self, failure: Failure, exchanges: tuple[Exchange, ...]) -> bool:
        is_check = failure.claim.id not in _FUZZED and find_shows(failure.claim.id) is None
        return len(exchanges) > 1 and is_check

    def _shows_again(
        self, failure: Failure, story: tuple[Exchange, ...], operation: Operation, sent: list[Exchange]
    ) -> bool:
        again: list[Exchange] = []
        self._turn += 1
        for exchange in story:
            case = rebind(exchange.case, story[: len(again)], again)
            again.append(self.send(with_fresh_idempotency_key(case, self._turn)))
        sent += again
        return shows(failure, story, again, operation, self.checks)

    def _doubt(self, failure: Failure, story: tuple[Exchange, ...], sent: list[Exchange]) -> str:
        """A server that also serves what never was keeps no state, and its records can't be gone."""
        if failure.claim.id != DELETED_GONE.id:
            return ""
        delete = next((each for each in reversed(sent[:-1]) if each.case.method == "DELETE"), None)
        if delete is None:
            return "no DELETE in the conversation"
        deleted = delete.case.target.partition("?")[0].rstrip("/").rpartition("/")[2]
        case = sent[-1].case
        segments = case.target.split("/")
        others = [quote(of_the_same_form(unquote(part)), safe="") if part == deleted else part for part in segments]
        control = self.send(replace(case, target="/".join(others), note="a record that never was"))
        sent.append(control)
        if control.answer is not None and control.answer.status < 400:
            return "a record that never was is served as well: the server keeps no state"
        return ""
