"""Overheard traffic as the events of a run, so that every report can show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, final

from understudy.contracts.case import Phase
from understudy.contracts.events import (
    ClaimExercised,
    ErrorRaised,
    Event,
    ExchangeDone,
    FailureFound,
    Noted,
    StreamSeen,
)
from understudy.contracts.running.plan import make_plan
from understudy.contracts.running.starting import run_started
from understudy.contracts.settings import Settings
from understudy.contracts.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from understudy.contracts.claims import Claim
    from understudy.contracts.proxy.overhearing import Overheard
    from understudy.specs.model import Api

__all__ = ["Traffic"]

MAX_FAULTS: Final = 500
"""Different things that are wrong with requests; those that come later aren't told apart."""


@final
class Traffic:
    """The exchanges that a proxy has passed on.

    Args:
        upstream: Base URL of the live API.
    """

    def __init__(self, api: Api, document: str, upstream: str, claims: Sequence[Claim], now: datetime) -> None:
        plan = replace(make_plan(api, Settings()), claims=tuple(claims), phases=(Phase.TRAFFIC,))
        told = {"traffic": "passed on by a proxy"}
        self.start = run_started(api, plan, document=document, target=upstream, at=now, settings=told)
        self._faults: Counter[str] = Counter()

    def events(self, heard: Overheard) -> Iterator[Event]:
        """What one exchange tells. What is wrong with a request is its client's doing, and no finding."""
        for _, text in heard.faults:
            fault = f"{heard.operation.label}: {text}" if heard.operation else text
            is_kept = fault in self._faults or len(self._faults) < MAX_FAULTS
            self._faults[fault if is_kept else "other requests"] += 1
        if heard.operation is None:
            return
        label, exchange = heard.operation.label, heard.exchange
        if exchange.answer is None:
            if heard.faults:
                return
            yield ErrorRaised(label, Phase.TRAFFIC, exchange.error)
            return
        yield ExchangeDone(exchange, heard.forms)
        for claim_id in heard.judged:
            yield ClaimExercised(claim_id, label)
        for failure in heard.failures:
            yield FailureFound(failure, (exchange,))
        if heard.seen is not None and heard.seen.stream is not None:
            item_ms = tuple(entry.at_ms for entry in heard.seen.stream.entries)
            yield StreamSeen(label, item_ms, exchange.answer.elapsed_ms)

    def notes(self) -> Iterator[Event]:
        """At the end: which requests broke the document, and how often."""
        for text, times in self._faults.most_common():
            yield Noted(f"{count(times, 'request')} of clients: {text}")
