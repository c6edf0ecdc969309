"""What the events of schemathesis' engine tell, as our steps. They are taken by their names: they aren't public."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from understudy.contracts.case import Phase
from understudy.contracts.fuzzing.steps import FuzzPlan, PhaseBegan, PhaseEnded, Step, Trouble
from understudy.specs.documents.document import Json

__all__ = ["PHASES", "listen"]

PHASES: Final = {
    "examples": Phase.EXAMPLES,
    "coverage": Phase.COVERAGE,
    "fuzzing": Phase.FUZZING,
    "stateful": Phase.LINKS,
}
"""By the engine's names, which are the same for phases and for what a case was drawn in."""


def listen(
    stream: Json, plan: FuzzPlan, tell: Callable[[Step | None], None], tell_conversations: Callable[[Json], None]
) -> None:
    """Turn the engine's events into steps until it ends, or until its last turn is over; None is the last one told.

    Args:
        stream: The engine's events, and ``stop`` to end it.
        tell_conversations: Takes what a walk over links has recorded.
    """
    turns: Counter[str] = Counter()
    tried: set[str] = set()
    try:
        for event in stream:
            match type(event).__name__:
                case "PhaseStarted" if event.phase.is_enabled:
                    name = event.phase.name
                    turns[name] += 1
                    if turns[name] > plan.turns:
                        stream.stop()
                    else:
                        tell(PhaseBegan(PHASES[name]))
                case "ScenarioFinished" if event.phase == "stateful":
                    tell_conversations(event.recorder)
                case "ScenarioFinished":
                    tried.add(event.label)
                case "NonFatalError":
                    label = event.label if event.related_to_operation else ""
                    message = next(iter(event.info.message.strip().splitlines()), repr(event.value))
                    tell(Trouble(label, PHASES.get(event.phase or ""), message))
                case "FatalError":
                    tell(Trouble("", None, f"the fuzzer crashed: {event.exception!r}"))
                case "PhaseFinished":
                    tell(PhaseEnded(PHASES[event.phase.name]))
                case "EngineFinished" if event.stop_reason == "completed" or turns["fuzzing"] > plan.turns:
                    # A thread of the engine that dies does so without an event.
                    for label in sorted(set(plan.operations) - tried) if plan.phases - {Phase.LINKS} else ():
                        tell(Trouble(label, None, "the fuzzer left this operation out"))
                case _:
                    pass
    except Exception as error:
        # What isn't foreseen in another's engine is told, and the rest of the run goes on.
        tell(Trouble("", None, f"the fuzzer crashed: {error!r}"))
    finally:
        tell(None)
