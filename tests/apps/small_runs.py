"""Runs of two operations and two claims, for what is done with whole runs."""

from __future__ import annotations

from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.events import (
    ClaimExercised,
    Event,
    ExchangeDone,
    FailureFound,
    OperationPlanned,
    RunFinished,
    RunStarted,
)
from understudy.contracts.running.folding import fold
from understudy.contracts.verdict import Run

GRAVE = Claim("grave-claim", "It holds", Severity.HIGH, "https://example.com/a", "", "tests")
SLIGHT = Claim("slight-claim", "It holds, too", Severity.LOW, "https://example.com/b", "", "tests")
PETS, PET = "GET /pets", "GET /pets/{petId}"


def run_with(*failed: tuple[Claim, str], title: str = "Pets") -> Run:
    """A run in which every claim was judged on both operations, and some failed."""
    plans = tuple(OperationPlanned(label, "", (), ("200",), "") for label in (PETS, PET))
    start = RunStarted(title, "1", "3.2.0", "p.yaml", "http://t", 1, "", plans, (GRAVE, SLIGHT), (), {})
    events: list[Event] = [start]
    for label in (PETS, PET):
        case = Case(label, "GET", "/pets", (), None, Mode.POSITIVE, Phase.FUZZING)
        exchange = Exchange(case, Answer(200, "OK", (), b"{}", 1.0, 1.0))
        events.append(ExchangeDone(exchange))
        for claim in (GRAVE, SLIGHT):
            events.append(ClaimExercised(claim.id, label))
            if (claim, label) in failed:
                events.append(FailureFound(Failure(claim, label, "200", f"{claim.id} is broken"), (exchange,)))
    return fold([*events, RunFinished(5.0)])
