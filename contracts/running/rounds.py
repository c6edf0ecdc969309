"""Ask probes in rounds: each of every operation before the next, so that a short time tells something of all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import final

from understudy.contracts.case import Case, Exchange, Phase
from understudy.contracts.events import (
    ClaimExercised,
    ClaimSkipped,
    ErrorRaised,
    Event,
    FailureFound,
    PhaseFinished,
    PhaseStarted,
)
from understudy.contracts.probing import Probe, Subject, probes
from understudy.contracts.requests.composer import Uncomposable
from understudy.contracts.running.judging import Judge
from understudy.contracts.running.plan import Plan
from understudy.contracts.sending.target import Target
from understudy.contracts.sending.transport import Clock, Unsendable
from understudy.specs.model import Operation

__all__ = ["Rounds"]


@final
class Rounds:
    """The probes of one phase, those registered first before the others.

    Args:
        subject: What a probe works on, for an operation.
        deadline: Of the whole run, by the clock: nothing is sent after it.
    """

    def __init__(
        self,
        phase: Phase,
        *,
        plan: Plan,
        target: Target,
        judge: Judge,
        clock: Clock,
        subject: Callable[[Operation], Subject],
        deadline: float,
    ) -> None:
        self._phase = phase
        self._claim_ids = plan.claim_ids
        self._target = target
        self._judge = judge
        self._clock = clock
        self._subject = subject
        self._deadline = deadline
        # One for all calls: what is under way when a time is over goes on with the next.
        self._steps = self._all()
        self._is_asking = False
        self._waiting = deque(
            (probe, operation)
            for probe in (probes(phase) if phase in plan.phases else ())
            for operation in plan.selected
            if probe in plan.probes(phase, operation)
        )

    @property
    def is_over(self) -> bool:
        """Whether every probe was asked."""
        return not self._waiting and not self._is_asking

    def ask(self, until: float) -> Iterator[Event]:
        """Ask those that wait, until a time. What is under way then goes on with the next call; with the run's deadline
        the rest is told as skipped."""
        if self.is_over:
            return
        started = self._clock.now()
        yield PhaseStarted(self._phase)
        for event in self._steps:
            yield event
            if self._clock.now() > until and until < self._deadline:
                break
        yield PhaseFinished(self._phase, (self._clock.now() - started) * 1000)

    def _all(self) -> Iterator[Event]:
        while self._waiting:
            probe, operation = self._waiting.popleft()
            self._is_asking = True
            if self._target.lost:
                yield from self._skipped(probe, operation, f"the target is gone: {self._target.lost}")
            elif self._clock.now() > self._deadline:
                yield from self._skipped(probe, operation, "the time was over")
            else:
                yield from self._ask(probe, operation)
            self._is_asking = False

    def _ask(self, probe: Probe, operation: Operation) -> Iterator[Event]:
        steps = probe.run(self._subject(operation))
        answer: Exchange | None = None
        unsent: Unsendable | None = None
        try:
            while not self._target.lost:
                step = steps.throw(unsent) if unsent is not None else steps.send(answer)
                answer = unsent = None
                match step:
                    case Case():
                        try:
                            answer = self._send(step, probe)
                        except Unsendable as error:
                            unsent = error
                            continue
                        yield from self._judge.exchange((answer,))
                    case FailureFound(failure, exchanges):
                        yield from self._judge.failure(failure, exchanges)
                    case ClaimExercised(claim_id) | ClaimSkipped(claim_id) if claim_id in self._claim_ids:
                        yield step
                    case _:
                        pass
        except StopIteration:
            return
        except (Uncomposable, Unsendable) as error:
            yield from self._skipped(probe, operation, str(error))
        except Exception as error:
            message = f"the probe {probe.name} crashed: {type(error).__name__}: {error}"
            yield ErrorRaised(operation.label, self._phase, message)
        finally:
            steps.close()

    def _send(self, case: Case, probe: Probe) -> Exchange:
        if self._clock.now() > self._deadline:
            raise Unsendable("the time was over")
        return self._target.send(case) if probe.is_patient else self._target.send_hastily(case)

    def _skipped(self, probe: Probe, operation: Operation, reason: str) -> Iterator[Event]:
        for claim in probe.claims:
            if claim.id in self._claim_ids:
                yield ClaimSkipped(claim.id, operation.label, reason)
