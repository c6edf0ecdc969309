"""Fold a run's events into a Run, one by one, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from understudy.contracts.case import Exchange, Phase
from understudy.contracts.coverage import Forms, ReachedTally
from understudy.contracts.events import (
    ClaimExercised,
    ClaimSkipped,
    ErrorRaised,
    Event,
    ExchangeDone,
    FailureFound,
    FlakyFound,
    Noted,
    OperationPlanned,
    PhaseFinished,
    PhaseStarted,
    RunFinished,
    RunStarted,
    StreamSeen,
)
from understudy.contracts.verdict import ClaimResult, Finding, OperationResult, Run, Timeline, Verdict

__all__ = ["VerdictFold", "fold", "weight"]

MAX_LATENCIES = 2_000
MAX_TIMELINES = 20
MAX_ITEMS = 500
MAX_ERRORS = 50
MAX_NOTES = 200


@dataclass(slots=True)
class _Tally:
    plan: OperationPlanned
    cases: int = 0
    times: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)
    timelines: list[Timeline] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    reached: ReachedTally = field(default_factory=ReachedTally)

    def result(self, failed: Mapping[str, int]) -> OperationResult:
        claims: dict[str, ClaimResult] = {}
        for claim_id in sorted({*self.times, *self.reasons, *failed}):
            times = max(self.times.get(claim_id, 0), failed.get(claim_id, 0))
            verdict = Verdict.FAILED if claim_id in failed else Verdict.PASSED if times else Verdict.SKIPPED
            reason = self.reasons.get(claim_id, "") if verdict is Verdict.SKIPPED else ""
            claims[claim_id] = ClaimResult(verdict, times, reason)
        if failed:
            verdict = Verdict.FAILED
        elif self.errors:
            verdict = Verdict.ERRORED
        elif any(self.times.values()):
            verdict = Verdict.PASSED
        else:
            verdict = Verdict.SKIPPED
        return OperationResult(
            self.plan,
            verdict,
            self.cases,
            claims,
            dict(sorted(self.statuses.items())),
            tuple(self.latencies_ms),
            tuple(self.timelines),
            tuple(self.errors),
            self.reached.reached(),
        )


def weight(exchanges: tuple[Exchange, ...]) -> tuple[int, int]:
    """How heavy a conversation is to read: its exchanges, then their octets."""
    return len(exchanges), sum(len(e.case.target) + len(e.case.body or b"") for e in exchanges)


class VerdictFold:
    """Takes events one by one; `run` may be asked at any time, also of a run that was cut short.

    Memory is bounded by the document: operations, claims and places, each with a fixed number of samples.
    """

    def __init__(self) -> None:
        self._start: RunStarted | None = None
        self._tallies: dict[str, _Tally] = {}
        self._findings: dict[str, Finding] = {}
        self._flaky: dict[str, Finding] = {}
        self._errors: list[str] = []
        self._notes: list[str] = []
        self._reasons: dict[str, str] = {}
        self._phases_ms: dict[Phase, float] = {}
        self._elapsed_ms = 0.0
        self._interrupted = True
        self._unreachable = False

    def feed(self, event: Event) -> None:
        """Take the next event.

        Raises:
            ValueError: The first event isn't `RunStarted`, or a later one is.
        """
        if (self._start is None) is not isinstance(event, RunStarted):
            raise ValueError(f"RunStarted comes first and once; got {type(event).__name__}")
        match event:
            case RunStarted():
                self._start = event
                self._tallies = {plan.label: _Tally(plan) for plan in event.operations}
            case ExchangeDone(exchange, forms):
                self._exchange(exchange, forms)
            case ClaimExercised(claim_id, operation, times):
                tally = self._tally(operation)
                tally.times[claim_id] = tally.times.get(claim_id, 0) + times
            case ClaimSkipped(claim_id, operation, reason):
                reasons = self._tally(operation).reasons if operation else self._reasons
                reasons.setdefault(claim_id, reason)
            case FailureFound():
                self._failure(event)
            case FlakyFound():
                known = self._flaky.get(event.failure.fingerprint)
                shown = replace(known, count=known.count + 1) if known else _finding(event, 1)
                self._flaky[event.failure.fingerprint] = shown
            case StreamSeen(operation, item_ms, ended_ms):
                tally = self._tally(operation)
                if len(tally.timelines) < MAX_TIMELINES:
                    if len(item_ms) > MAX_ITEMS:
                        item_ms = (*item_ms[: MAX_ITEMS - 1], item_ms[-1])
                    tally.timelines.append(Timeline(item_ms, ended_ms))
            case ErrorRaised(operation, _, message):
                errors = self._tally(operation).errors if operation else self._errors
                if message not in errors and len(errors) < MAX_ERRORS:
                    errors.append(message)
            case Noted(message):
                if message not in self._notes and len(self._notes) < MAX_NOTES:
                    self._notes.append(message)
            case PhaseStarted():
                pass
            case PhaseFinished(phase, elapsed_ms):
                self._phases_ms[phase] = self._phases_ms.get(phase, 0.0) + elapsed_ms
            case RunFinished(elapsed_ms, interrupted, unreachable):
                self._elapsed_ms = elapsed_ms
                self._interrupted = interrupted
                self._unreachable = unreachable

    def run(self) -> Run:
        """What is known so far. A run without `RunFinished` counts as interrupted.

        Raises:
            ValueError: No event was fed.
        """
        if self._start is None:
            raise ValueError("a run begins with RunStarted; no event was fed")
        failed: dict[str, dict[str, int]] = {}
        for finding in self._findings.values():
            counts = failed.setdefault(finding.operation, {})
            counts[finding.claim.id] = counts.get(finding.claim.id, 0) + finding.count
        return Run(
            self._start,
            tuple(tally.result(failed.get(label, {})) for label, tally in self._tallies.items()),
            tuple(self._findings.values()),
            tuple(self._errors),
            dict(self._phases_ms),
            self._elapsed_ms,
            self._interrupted,
            tuple(finding for key, finding in self._flaky.items() if key not in self._findings),
            notes=tuple(self._notes),
            unreachable=self._unreachable,
            reasons=self._reasons,
        )

    def _tally(self, operation: str) -> _Tally:
        return self._tallies.setdefault(operation, _Tally(OperationPlanned(operation, "", (), ())))

    def _exchange(self, exchange: Exchange, forms: Forms) -> None:
        tally = self._tally(exchange.case.operation)
        tally.cases += 1
        if exchange.answer is not None:
            status = exchange.answer.status
            if exchange.case.method.upper() == exchange.case.operation.partition(" ")[0].upper():
                # What another method is answered says nothing about the operation's own statuses.
                tally.statuses[status] = tally.statuses.get(status, 0) + 1
                tally.reached.add(forms, exchange.answer)
            if len(tally.latencies_ms) < MAX_LATENCIES:
                tally.latencies_ms.append(exchange.answer.elapsed_ms)

    def _failure(self, event: FailureFound) -> None:
        failure = event.failure
        self._tally(failure.operation)
        known = self._findings.get(failure.fingerprint)
        count = known.count + 1 if known else 1
        if known is not None and weight(known.exchanges) <= weight(event.exchanges):
            self._findings[failure.fingerprint] = replace(known, count=count)
            return
        self._findings[failure.fingerprint] = _finding(event, count)


def _finding(event: FailureFound | FlakyFound, count: int) -> Finding:
    failure = event.failure
    named = (failure.fingerprint, failure.claim, failure.operation, failure.place)
    return Finding(*named, failure.message, failure.violations, event.exchanges, count)


def fold(events: Iterable[Event]) -> Run:
    """The Run that a finished sequence of events tells."""
    verdicts = VerdictFold()
    for event in events:
        verdicts.feed(event)
    return verdicts.run()
