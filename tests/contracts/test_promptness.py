"""One input that hangs: what is suspected, what is looked into, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.apps.small_api import answer_of, case_of, operation_of
from understudy.contracts.case import Answer, Case, Exchange
from understudy.contracts.events import ClaimSkipped, FailureFound
from understudy.contracts.promptness import MIN_SEEN, Promptness, hangs

OPERATION = operation_of({})
GOOD = case_of(OPERATION)
BAD = case_of(OPERATION, target="/things?q=slow")


def took(milliseconds: float, content_type: str = "application/json") -> Answer:
    return replace(answer_of(b"{}", content_type), elapsed_ms=milliseconds)


def watched(
    suspect: Exchange, again: Callable[[Case], Exchange], *, before: int = MIN_SEEN
) -> tuple[list[FailureFound], list[ClaimSkipped], list[Case]]:
    """What is told of a suspect after so many quick answers, and what was sent to find out."""
    sent: list[Case] = []

    def send(case: Case) -> Exchange:
        sent.append(case)
        return again(case)

    promptness = Promptness(send)
    for _ in range(before):
        assert not [each for each in promptness.watch(Exchange(GOOD, took(10)), OPERATION) if _is_failure(each)]
    told = list(promptness.watch(suspect, OPERATION))
    failures = [each for each in told if isinstance(each, FailureFound)]
    return failures, [each for each in told if isinstance(each, ClaimSkipped)], sent


def _is_failure(event: object) -> bool:
    return isinstance(event, FailureFound)


def hanging(case: Case) -> Exchange:
    return Exchange(case, took(2_500) if "slow" in case.target else took(10))


def silent(case: Case) -> Exchange:
    if "slow" in case.target:
        return Exchange(case, None, "no answer within 10 s")
    return Exchange(case, took(10))


def test_a_slow_answer_that_is_slow_again_is_told_with_its_control() -> None:
    failures, _, sent = watched(hanging(BAD), hanging)
    assert [each.failure.place for each in failures] == ["slow"]
    assert [case.target for case in sent] == ["/things", "/things?q=slow", "/things"]
    assert hangs(failures[0].exchanges)


def test_no_answer_at_all() -> None:
    failures, _, _ = watched(silent(BAD), silent)
    assert [each.failure.place for each in failures] == ["no answer"]
    assert hangs(failures[0].exchanges)


def test_what_is_quick_again_is_nothing() -> None:
    failures, skipped, sent = watched(hanging(BAD), lambda case: Exchange(case, took(10)))
    assert failures == []
    assert skipped == []
    assert len(sent) == 3


def test_a_server_that_is_slow_with_everything_is_not_blamed_for_one_input() -> None:
    failures, skipped, _ = watched(hanging(BAD), lambda case: Exchange(case, took(2_500)))
    assert failures == []
    assert "other requests" in skipped[0].reason


def test_slow_counts_only_beside_the_median_and_beyond_two_seconds() -> None:
    assert watched(Exchange(BAD, took(1_900)), hanging)[2] == []
    assert watched(hanging(BAD), hanging, before=MIN_SEEN - 1)[2] == []


def test_streams_take_their_time() -> None:
    assert watched(Exchange(BAD, took(30_000, "text/event-stream")), hanging)[2] == []


def test_an_input_is_told_once() -> None:
    promptness = Promptness(hanging)
    for _ in range(MIN_SEEN):
        list(promptness.watch(Exchange(GOOD, took(10)), OPERATION))
    told = [list(promptness.watch(hanging(BAD), OPERATION)) for _ in range(3)]
    assert [sum(_is_failure(each) for each in events) for events in told] == [1, 0, 0]
