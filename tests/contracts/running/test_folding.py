"""Events fold into a Run: verdicts, counts, the smallest conversation, bounds, exit codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.events import (
    ClaimExercised,
    ClaimSkipped,
    ErrorRaised,
    Event,
    ExchangeDone,
    FailureFound,
    FlakyFound,
    OperationPlanned,
    PhaseFinished,
    PhaseStarted,
    RunFinished,
    RunStarted,
    StreamSeen,
)
from understudy.contracts.running.folding import (
    MAX_ERRORS,
    MAX_ITEMS,
    MAX_LATENCIES,
    MAX_TIMELINES,
    VerdictFold,
    fold,
)
from understudy.contracts.verdict import ClaimResult, Verdict

BODY = Claim("response-body", "The body matches its schema", Severity.HIGH, "", "", "tests")
STATUS = Claim("response-status", "The status is documented", Severity.HIGH, "", "", "tests")
PETS, PET = "GET /pets", "GET /pets/{petId}"


def started(*labels: str, skipped: str = "") -> RunStarted:
    operations = tuple(OperationPlanned(label, "", (), ("200",), skipped) for label in labels)
    return RunStarted("Pets", "1", "3.2.0", "pets.yaml", "http://t", 1, "", operations, (BODY, STATUS), (), {})


def exchange(label: str = PETS, target: str = "/pets", status: int = 200, elapsed_ms: float = 1.0) -> Exchange:
    case = Case(label, "GET", target, (), None, Mode.POSITIVE, Phase.FUZZING)
    return Exchange(case, Answer(status, "", (), b"", elapsed_ms, elapsed_ms))


def failure(place: str = "200 /id type", claim: Claim = BODY, label: str = PETS, message: str = "m") -> Failure:
    return Failure(claim, label, place, message)


def test_operations_keep_the_order_of_the_document() -> None:
    run = fold([started(PET, PETS), ExchangeDone(exchange(PETS)), RunFinished(5.0)])
    assert [operation.plan.label for operation in run.operations] == [PET, PETS]
    assert run.elapsed_ms == 5.0
    assert not run.interrupted


def test_answers_are_counted_by_status_and_cases_without_answer_too() -> None:
    lost = Exchange(exchange().case, None, "refused")
    run = fold(
        [started(PETS), *(ExchangeDone(exchange(status=status)) for status in (404, 200, 404)), ExchangeDone(lost)]
    )
    (operation,) = run.operations
    assert operation.cases == run.cases == 4
    assert list(operation.statuses.items()) == [(200, 1), (404, 2)]
    assert len(operation.latencies_ms) == 3


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        ([], Verdict.SKIPPED),
        ([ExchangeDone(exchange())], Verdict.SKIPPED),
        ([ExchangeDone(exchange()), ClaimExercised("response-body", PETS)], Verdict.PASSED),
        ([ClaimSkipped("response-body", PETS, "no body")], Verdict.SKIPPED),
        ([ClaimExercised("response-body", PETS), ErrorRaised(PETS, None, "e")], Verdict.ERRORED),
        ([ErrorRaised(PETS, None, "e"), FailureFound(failure(), (exchange(),))], Verdict.FAILED),
    ],
)
def test_an_operation_passes_only_when_a_claim_was_judged(events: Sequence[Event], verdict: Verdict) -> None:
    (operation,) = fold([started(PETS), *events, RunFinished(1.0)]).operations
    assert operation.verdict is verdict
    assert operation.is_judged is (verdict in (Verdict.PASSED, Verdict.FAILED) or "ClaimExercised" in repr(events))


def test_a_claim_is_passed_failed_or_skipped_with_its_reason() -> None:
    run = fold(
        [
            started(PETS),
            ClaimExercised("response-body", PETS, 3),
            ClaimExercised("response-body", PETS),
            ClaimSkipped("response-body", PETS, "once there was no body"),
            ClaimSkipped("response-status", PETS, "first reason"),
            ClaimSkipped("response-status", PETS, "second reason"),
        ]
    )
    assert run.operations[0].claims == {
        "response-body": ClaimResult(Verdict.PASSED, 4, ""),
        "response-status": ClaimResult(Verdict.SKIPPED, 0, "first reason"),
    }


def test_a_failed_claim_was_judged_at_least_as_often_as_it_failed() -> None:
    run = fold([started(PETS), *[FailureFound(failure(), (exchange(),))] * 3])
    assert run.operations[0].claims == {"response-body": ClaimResult(Verdict.FAILED, 3, "")}


def test_failures_with_one_fingerprint_are_one_finding_with_the_smallest_conversation() -> None:
    long, short = exchange(target="/pets?limit=100&offset=20"), exchange(target="/pets")
    run = fold(
        [
            started(PETS),
            FailureFound(failure(message="two steps"), (short, short)),
            FailureFound(failure(message="long"), (long,)),
            FailureFound(failure(message="short"), (short,)),
            FailureFound(failure(message="as short"), (short,)),
            FailureFound(failure(message="long again"), (long,)),
        ]
    )
    (finding,) = run.findings
    assert (finding.message, finding.exchanges, finding.count) == ("short", (short,), 5)
    assert finding.fingerprint == failure().fingerprint


@pytest.mark.parametrize(
    "other", [failure("200 /name type"), failure(claim=STATUS), failure(label=PET)], ids=["place", "claim", "operation"]
)
def test_another_place_claim_or_operation_is_another_finding(other: Failure) -> None:
    run = fold([started(PETS, PET), FailureFound(failure(), (exchange(),)), FailureFound(other, (exchange(),))])
    assert len(run.findings) == 2


def test_what_did_not_recur_stands_apart_and_fails_nothing() -> None:
    flaky = FlakyFound(failure(), (exchange(),))
    run = fold([started(PETS), ClaimExercised("response-body", PETS), flaky, flaky, RunFinished(1.0)])
    assert [(finding.fingerprint, finding.count) for finding in run.flaky] == [(failure().fingerprint, 2)]
    assert (run.findings, run.exit_code, run.operations[0].verdict) == ((), 0, Verdict.PASSED)
    confirmed = fold([started(PETS), flaky, FailureFound(failure(), (exchange(),)), flaky])
    assert (len(confirmed.findings), confirmed.flaky) == (1, ())


def test_what_was_not_planned_is_not_lost() -> None:
    run = fold([started(), FailureFound(failure(), (exchange(),)), StreamSeen(PET, (1.0,), 2.0)])
    assert [(operation.plan.label, operation.verdict) for operation in run.operations] == [
        (PETS, Verdict.FAILED),
        (PET, Verdict.SKIPPED),
    ]


def test_errors_belong_to_an_operation_or_the_run_and_come_once() -> None:
    error = ErrorRaised(PETS, Phase.FUZZING, "no value fits")
    run = fold([started(PETS), error, error, ErrorRaised("", None, "the check crashed"), RunFinished(1.0)])
    assert run.operations[0].errors == ("no value fits",)
    assert run.errors == ("the check crashed",)


def test_memory_is_bounded() -> None:
    run = fold(
        [
            started(PETS),
            *[ExchangeDone(exchange())] * (MAX_LATENCIES + 5),
            *[StreamSeen(PETS, tuple(float(at) for at in range(MAX_ITEMS + 50)), 999.0)] * (MAX_TIMELINES + 1),
            *(ErrorRaised(PETS, None, f"error {index}") for index in range(MAX_ERRORS + 9)),
        ]
    )
    (operation,) = run.operations
    assert operation.cases == MAX_LATENCIES + 5
    assert len(operation.latencies_ms) == MAX_LATENCIES
    assert len(operation.timelines) == MAX_TIMELINES
    assert len(operation.timelines[0].item_ms) == MAX_ITEMS
    assert operation.timelines[0].item_ms[-2:] == (MAX_ITEMS - 2, MAX_ITEMS + 49)
    assert len(operation.errors) == MAX_ERRORS


def test_phases_add_up() -> None:
    run = fold([started(), PhaseStarted(Phase.FUZZING), *[PhaseFinished(Phase.FUZZING, 2.5)] * 2])
    assert run.phases_ms == {Phase.FUZZING: 5.0}


def test_a_run_may_be_asked_at_any_time_and_counts_as_interrupted_until_it_finishes() -> None:
    verdicts = VerdictFold()
    verdicts.feed(started(PETS))
    assert verdicts.run().interrupted
    verdicts.feed(ClaimExercised("response-body", PETS))
    before = verdicts.run()
    verdicts.feed(RunFinished(3.0))
    assert verdicts.run() == replace(before, elapsed_ms=3.0, interrupted=False)


JUDGED, FOUND, ERRED = (
    ClaimExercised("response-body", PETS),
    FailureFound(failure(), (exchange(),)),
    ErrorRaised("", None, "the target went away"),
)


@pytest.mark.parametrize(
    ("events", "exit_code"),
    [
        ([JUDGED, RunFinished(1.0)], 0),
        ([JUDGED, FOUND, ERRED, RunFinished(1.0)], 1),
        ([JUDGED, ERRED, RunFinished(1.0)], 5),
        ([ErrorRaised(PETS, None, "no value fits"), RunFinished(1.0)], 5),
        ([RunFinished(1.0)], 6),
        ([ExchangeDone(exchange()), RunFinished(1.0)], 6),
        ([JUDGED], 130),
        ([JUDGED, FOUND, RunFinished(1.0, interrupted=True)], 130),
    ],
)
def test_exit_codes(events: Sequence[Event], exit_code: int) -> None:
    assert fold([started(PETS), *events]).exit_code == exit_code


@pytest.mark.parametrize("events", [[JUDGED], [started(), started()]], ids=["without a start", "started twice"])
def test_a_run_starts_first_and_once(events: Sequence[Event]) -> None:
    with pytest.raises(ValueError, match="RunStarted comes first and once"):
        fold(events)


def test_nothing_is_no_run() -> None:
    with pytest.raises(ValueError, match="no event was fed"):
        fold([])
