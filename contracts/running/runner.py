"""Run the checks: yields what happens, prints nothing, writes no file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final, final

from understudy.contracts.case import Phase
from understudy.contracts.checking import last_place
from understudy.contracts.conversation.phase import Talk, converse
from understudy.contracts.events import (
    ClaimExercised,
    ErrorRaised,
    Event,
    FailureFound,
    Noted,
    PhaseFinished,
    PhaseStarted,
    RunFinished,
)
from understudy.contracts.fuzzing.steps import FUZZED, FuzzPlan, PhaseBegan, PhaseEnded, Sent, Shown, Trouble
from understudy.contracts.probing import Subject
from understudy.contracts.requests.composer import Composer
from understudy.contracts.running.judging import Judge
from understudy.contracts.running.plan import Plan, make_plan
from understudy.contracts.running.rounds import Rounds
from understudy.contracts.running.starting import run_started
from understudy.contracts.sending.target import Target
from understudy.contracts.sending.transport import SYSTEM_CLOCK, Clock
from understudy.contracts.settings import Settings
from understudy.specs.errors import TargetError
from understudy.specs.model import Api, Operation

__all__ = ["run_checks"]

CONVERSATION_SHARE: Final = 0.35
"""Of the time that is left after the examples; shortening what was found may take a little longer."""
PROBES_SHARE: Final = 0.5
"""Of the time that is left after that. They come before the fuzzer: each of their requests tells more."""
FUZZING_SHARE: Final = 0.75
"""Of the time that is left after that, where probes are still to be asked; else all of it."""


def run_checks(
    api: Api,
    url: str,
    settings: Settings | None = None,
    *,
    document: str = "",
    clock: Clock = SYSTEM_CLOCK,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Event]:
    """Test a live API against its document.

    Args:
        url: The whole base URL; it replaces the document's servers.
        document: As the user named it; empty takes the Api's name.

    Yields:
        `RunStarted` first, `RunFinished` last. A `KeyboardInterrupt` ends the run early with what was found.

    Raises:
        UsageError: The URL or a setting is wrong; before anything is yielded.
    """
    settings = settings or Settings()
    plan = make_plan(api, settings, url)
    with Target(api, url, settings, clock) as target:
        run = _Run(api, plan, settings, target, clock, now)
        told = settings.describe()
        yield run_started(api, plan, document=document, target=target.url, at=now(), settings=told, seed=settings.seed)
        yield from run.events()


@final
class _Run:
    """The state of one run."""

    def __init__(
        self,
        api: Api,
        plan: Plan,
        settings: Settings,
        target: Target,
        clock: Clock,
        now: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._plan = plan
        self._settings = settings
        self._target = target
        self._clock = clock
        self._now = now
        self._started = clock.now()
        self._deadline = self._started + settings.seconds
        self._judge = Judge(api, plan, target)

    def events(self) -> Iterator[Event]:
        """Everything after `RunStarted`."""
        interrupted = unreachable = False
        try:
            self._target.check_ready()
            yield from self._phases()
        except TargetError as error:
            unreachable = True
            yield ErrorRaised("", None, f"the API can't be reached: {error.reason}")
        except KeyboardInterrupt:
            interrupted = True
        except Exception as error:
            # A fault of ours must not cost what was found before it.
            yield ErrorRaised("", None, f"the runner crashed: {type(error).__name__}: {error}{last_place(error)}")
        if self._target.lost:
            yield ErrorRaised("", None, f"the target was lost in the middle of the run: {self._target.lost}")
        yield from self._judge.flaky()
        self._target.tidy()
        yield from map(Noted, self._target.notes())
        yield RunFinished((self._clock.now() - self._started) * 1000, interrupted, unreachable)

    def _phases(self) -> Iterator[Event]:
        yield from self._rounds(Phase.EXAMPLES).ask(self._deadline)
        if Phase.CONVERSATION in self._plan.phases:
            yield from self._converse()
        probes, limits = self._rounds(Phase.PROBES), self._rounds(Phase.LIMITS)
        yield from probes.ask(self._after(PROBES_SHARE))
        if FUZZED.intersection(self._plan.phases) and self._plan.selected:
            is_last = probes.is_over and not self._settings.probe_limits
            yield from self._fuzz(self._after(1.0 if is_last else FUZZING_SHARE))
        yield from probes.ask(self._deadline)
        yield from limits.ask(self._deadline)

    def _rounds(self, phase: Phase) -> Rounds:
        return Rounds(
            phase,
            plan=self._plan,
            target=self._target,
            judge=self._judge,
            clock=self._clock,
            subject=self._subject,
            deadline=self._deadline,
        )

    def _subject(self, operation: Operation) -> Subject:
        composer = Composer(operation, str(self._settings.seed))
        has_credentials = self._target.has_credentials(operation)
        return Subject(self._api, operation, composer, self._target.dress, has_credentials, self._settings.probe_limits)

    def _after(self, share: float) -> float:
        """When a share of the time that is left is over."""
        now = self._clock.now()
        return now + max(0.0, self._deadline - now) * share

    # The model

    def _converse(self) -> Iterator[Event]:
        started = self._clock.now()
        yield PhaseStarted(Phase.CONVERSATION)
        talk = Talk(
            trust=self._plan.trust,
            operations=self._plan.selected,
            claim_ids=self._plan.claim_ids,
            settings=self._settings,
            target=self._target,
            clock=self._clock,
            now=self._now,
            judge=self._judge.exchange,
            deadline=self._after(CONVERSATION_SHARE),
        )
        for event in converse(talk):
            if isinstance(event, FailureFound):
                self._judge.twins.take(event.failure)
                event = self._judge.complete(event)
            yield event
        yield PhaseFinished(Phase.CONVERSATION, (self._clock.now() - started) * 1000)

    # The fuzzer

    def _fuzz(self, until: float) -> Iterator[Event]:
        from understudy.contracts.fuzzing.document import fuzzing_document
        from understudy.contracts.fuzzing.engine import (
            fuzz,  # half a second to import, which no other phase should cost
        )

        seconds = until - self._clock.now()
        if seconds <= 0:
            return
        plan = FuzzPlan(
            document=fuzzing_document(self._api, self._plan.selected),
            base_url=self._target.url,
            operations=tuple(operation.label for operation in self._plan.selected),
            media_types=_media_types(self._plan.selected),
            seed=self._settings.seed,
            seconds=seconds,
            turn_examples=self._settings.budget.turn_examples,
            turns=self._settings.budget.turns,
            phases=FUZZED.intersection(self._plan.phases),
            dress=self._target.dress,
            send=self._target.send_hastily,
        )
        began: dict[Phase, float] = {}
        steps = fuzz(plan)
        try:
            for step in steps:
                match step:
                    case PhaseBegan(phase):
                        began[phase] = self._clock.now()
                        yield PhaseStarted(phase)
                    case PhaseEnded(phase):
                        if phase in began:
                            yield PhaseFinished(phase, (self._clock.now() - began.pop(phase)) * 1000)
                    case Sent(exchanges, claims):
                        yield from self._judge.exchange(exchanges)
                        for claim_id in self._plan.claim_ids.intersection(claims):
                            if self._judge.is_meant(claim_id, exchanges[-1].case):
                                yield ClaimExercised(claim_id, exchanges[-1].case.operation)
                    case Shown(failure, exchanges):
                        if self._judge.is_meant(failure.claim.id, exchanges[-1].case):
                            yield from self._judge.failure(failure, exchanges)
                    case Trouble(operation, phase, message):
                        yield ErrorRaised(operation, phase, message)
                if self._target.lost:
                    return
        finally:
            steps.close()


def _media_types(operations: tuple[Operation, ...]) -> tuple[str, ...]:
    """Every media type that requests and their parts may have."""
    names: set[str] = set()
    for operation in operations:
        for media_type in operation.request_body.content if operation.request_body else ():
            names.add(media_type.name)
            names.update(name for encoding in media_type.encoding.values() for name in encoding.content_types)
    return tuple(sorted(names))
