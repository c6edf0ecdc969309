"""Judge what came back, confirm what is wrong with it, and tell both as events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from understudy.contracts.case import Case, Exchange
from understudy.contracts.checking import judge
from understudy.contracts.claims import Failure
from understudy.contracts.coverage import Forms
from understudy.contracts.events import (
    ClaimExercised,
    ClaimSkipped,
    ErrorRaised,
    Event,
    ExchangeDone,
    FailureFound,
    FlakyFound,
    StreamSeen,
)
from understudy.contracts.fuzzing.claims import HEADER_REQUIRED, INVALID_REFUSED, VALID_ACCEPTED
from understudy.contracts.observation import Observation
from understudy.contracts.probes.examples import EXAMPLE_ACCEPTED
from understudy.contracts.promptness import ANSWERS_IN_TIME, Promptness
from understudy.contracts.replaying.confirming import Confirmer
from understudy.contracts.replaying.origins import MAX_MADE_FOR_RELATIONS, Origins
from understudy.contracts.requests.reading import Reading, RequestReader, Validity
from understudy.contracts.running.limit_watch import LimitWatch
from understudy.contracts.running.plan import Plan
from understudy.contracts.running.twins import Twins
from understudy.contracts.sending.target import Target
from understudy.contracts.sending.transport import Unsendable
from understudy.specs.model import Api, Operation
from understudy.specs.problems import ProblemKind

__all__ = ["Judge", "is_about_records"]

REPEATS: Final = {
    "stream-incremental": 2,
    "stream-pings-in-time": 2,
    "stream-closed-after-its-end": 2,
    "stream-goes-on": 2,
}
"""Claims about time, whose failures must show more often: a busy machine isn't a fault."""

MEANT: Final = {
    INVALID_REFUSED.id: Validity.INVALID,
    HEADER_REQUIRED.id: Validity.INVALID,
    VALID_ACCEPTED.id: Validity.VALID,
}
"""What a request must be, by the document's letter, for a claim of the fuzzer to be put to the test."""


_ACCEPTED: Final = frozenset({VALID_ACCEPTED.id, EXAMPLE_ACCEPTED.id})
_ABOUT_RECORDS: Final = (ProblemKind.RESOURCE_NOT_FOUND.value, ProblemKind.CONFLICT.value)


@final
class Judge:
    """Judges the exchanges of one run.

    Attributes:
        twins: What conversations have found, so that it isn't told twice.
    """

    def __init__(self, api: Api, plan: Plan, target: Target) -> None:
        self._api = api
        self._plan = plan
        self._target = target
        self._origins = Origins()
        self._readers: dict[str, RequestReader] = {}
        self.twins = Twins()
        self._promptness = Promptness(self._send_again)
        self._limits = LimitWatch(plan.claim_ids.__contains__)
        self._confirmer = Confirmer(self._send_again, plan.checks, dict(REPEATS))

    def exchange(self, conversation: tuple[Exchange, ...]) -> Iterator[Event]:
        """What the exchange checks say of the last exchange; what they find is confirmed before it is told.

        Refusals after which the target sent a request again are exchanges, too.
        """
        for refused in self._target.take_refused():
            yield from self._exchange((refused,))
        yield from self._exchange(conversation)

    def _exchange(self, conversation: tuple[Exchange, ...]) -> Iterator[Event]:
        exchange = conversation[-1]
        phase, label = exchange.case.phase, exchange.case.operation
        operation = self._api.find_operation(label)
        self._origins.watch(exchange)
        yield ExchangeDone(exchange, self._forms(exchange, operation))
        if operation is not None and ANSWERS_IN_TIME.id in self._plan.claim_ids and not self._target.lost:
            yield from self._promptness.watch(exchange, operation)
        if operation is not None:
            yield from self._limits.watch(exchange, operation)
        if exchange.answer is None or operation is None:
            if not self._target.lost:
                yield ErrorRaised(label, phase, _unanswered(exchange))
            return
        seen = Observation(exchange, operation, exchange.answer)
        if seen.stream is not None:
            item_ms = tuple(entry.at_ms for entry in seen.stream.entries)
            yield StreamSeen(label, item_ms, exchange.answer.elapsed_ms)
        judgement = judge(seen, self._plan.checks)
        for claim_id in judgement.judged:
            yield ClaimExercised(claim_id, label)
        for claim_id, reason in judgement.skipped:
            yield ClaimSkipped(claim_id, label, reason)
        for crash in judgement.crashes:
            yield ErrorRaised(label, phase, crash)
        for failure in judgement.failures:
            yield from self.failure(failure, conversation)

    def failure(self, failure: Failure, exchanges: tuple[Exchange, ...]) -> Iterator[Event]:
        """A failure that was seen, if its claim is judged and it shows again."""
        operation = self._api.find_operation(failure.operation)
        if failure.claim.id not in self._plan.claim_ids or operation is None or self.twins.is_told(failure):
            return
        if failure.claim.id in _ACCEPTED and is_about_records(operation, exchanges[-1]):
            return
        failure = self._placed(failure, exchanges[-1])
        confirmation = self._confirmer.confirm(failure, exchanges, operation)
        for exchange in confirmation.sent:
            yield ExchangeDone(exchange)
        if confirmation.doubt:
            yield ClaimSkipped(failure.claim.id, failure.operation, confirmation.doubt)
        if confirmation.is_confirmed:
            yield FailureFound(failure, self._origins.complete(confirmation.exchanges))

    def complete(self, found: FailureFound) -> FailureFound:
        """A conversation's failure with all that is needed to see it on a target that has no records yet."""
        return FailureFound(found.failure, self._origins.complete(found.exchanges, MAX_MADE_FOR_RELATIONS))

    def is_meant(self, claim_id: str, case: Case) -> bool:
        """Whether our own reading of a request agrees with what the fuzzer meant by it."""
        needed = MEANT.get(claim_id)
        if needed is None:
            return True
        return self._read(case).validity is needed

    def _placed(self, failure: Failure, exchange: Exchange) -> Failure:
        """A request that should have been refused, named by what is wrong with it and not by how it came about: a
        fuzzer breaks one rule in many ways."""
        if failure.claim != INVALID_REFUSED or exchange.answer is None:
            return failure
        reading = self._read(exchange.case)
        if not reading.place:
            return failure
        message = f"answered {exchange.answer.status} to a request that breaks the document: {reading.reason}"
        return Failure(failure.claim, failure.operation, reading.place, message)

    def _forms(self, exchange: Exchange, operation: Operation | None) -> Forms:
        """How the inputs of an answered request were sent; nothing of one with another method than the operation's."""
        if operation is None or exchange.answer is None or exchange.case.method != operation.method:
            return ()
        return self._reader(exchange.case).forms(exchange.case)

    def _read(self, case: Case) -> Reading:
        return self._reader(case).read(case)

    def _reader(self, case: Case) -> RequestReader:
        reader = self._readers.get(case.operation)
        if reader is None:
            reader = self._readers[case.operation] = RequestReader(self._api.operations_by_name[case.operation])
        return reader

    def flaky(self) -> Iterator[Event]:
        """At the end of the run: failures that never showed again."""
        for failure, exchanges in self._confirmer.flaky.values():
            yield FlakyFound(failure, self._origins.complete(exchanges))

    def _send_again(self, case: Case) -> Exchange:
        try:
            return self._target.send(case)
        except Unsendable as error:
            return Exchange(case, None, str(error))


def _unanswered(exchange: Exchange) -> str:
    method = exchange.case.method
    return exchange.error if exchange.case.operation.startswith(f"{method} ") else f"with {method}: {exchange.error}"


def is_about_records(operation: Operation, exchange: Exchange) -> bool:
    """Whether a refusal has a status that the operation gives to what isn't there, or what the state forbids."""
    statuses = {operation.errors[kind].status for kind in _ABOUT_RECORDS if kind in operation.errors}
    return exchange.answer is not None and exchange.answer.status in statuses
