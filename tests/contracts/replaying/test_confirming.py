"""A failure counts when it shows again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.apps.small_api import answer_of, case_of, operation_of
from understudy.contracts.case import Answer, Case, Exchange
from understudy.contracts.checking import exchange_checks
from understudy.contracts.claims import Failure
from understudy.contracts.fuzzing.claims import DELETED_GONE, INVALID_REFUSED
from understudy.contracts.replaying.confirming import Confirmer
from understudy.contracts.running.plan import select_claims

assert select_claims(())  # registers every claim

OPERATION = operation_of({"content": {"application/json": {"schema": {"type": "object", "required": ["id"]}}}})
BAD, GOOD = answer_of(b"{}"), answer_of(b'{"id": 1}')


def exchange(answer: Answer | None, target: str = "/things", method: str = "GET") -> Exchange:
    return Exchange(case_of(OPERATION, target=target, method=method), answer)


def confirmer(answers: Iterator[Answer | None] | Callable[[Case], Answer | None], **repeats: int) -> Confirmer:
    def send(case: Case) -> Exchange:
        return Exchange(case, next(answers) if isinstance(answers, Iterator) else answers(case))

    return Confirmer(send, exchange_checks(), {key.replace("_", "-"): number for key, number in repeats.items()})


def schema_failure() -> Failure:
    from understudy.contracts.checking import judge
    from understudy.contracts.observation import Observation

    found = judge(Observation(exchange(BAD), OPERATION, BAD), exchange_checks()).failures
    return next(each for each in found if each.claim.id == "response-schema")


def test_what_shows_again_is_confirmed_once() -> None:
    confirming = confirmer(iter([BAD]))
    first = confirming.confirm(schema_failure(), (exchange(BAD),), OPERATION)
    second = confirming.confirm(schema_failure(), (exchange(BAD),), OPERATION)
    assert (first.is_confirmed, len(first.sent)) == (True, 1)
    assert (second.is_confirmed, second.sent) == (True, ())
    assert confirming.flaky == {}


def test_what_does_not_show_again_is_flaky_until_it_does() -> None:
    confirming = confirmer(iter([GOOD, None, BAD]))
    results = [confirming.confirm(schema_failure(), (exchange(BAD),), OPERATION).is_confirmed for _ in range(3)]
    assert results == [False, False, True]
    assert confirming.flaky == {}


def test_it_is_not_tried_for_ever() -> None:
    confirming = confirmer(iter([GOOD, GOOD, GOOD]))
    results = [confirming.confirm(schema_failure(), (exchange(BAD),), OPERATION) for _ in range(5)]
    assert [len(result.sent) for result in results] == [1, 1, 1, 0, 0]
    assert list(confirming.flaky) == [schema_failure().fingerprint]


def test_the_last_request_alone_is_tried_before_the_whole_conversation() -> None:
    confirming = confirmer(iter([BAD]))
    result = confirming.confirm(schema_failure(), (exchange(GOOD, "/a"), exchange(BAD)), OPERATION)
    assert [each.case.target for each in result.exchanges] == ["/things"]
    needed = confirmer(iter([GOOD, GOOD, BAD]))
    result = needed.confirm(schema_failure(), (exchange(GOOD, "/a"), exchange(BAD)), OPERATION)
    assert [each.case.target for each in result.exchanges] == ["/a", "/things"]


def test_claims_about_time_must_show_more_often() -> None:
    failure = schema_failure()
    assert (
        not confirmer(iter([BAD, GOOD]), response_schema=2).confirm(failure, (exchange(BAD),), OPERATION).is_confirmed
    )
    assert confirmer(iter([BAD, BAD]), response_schema=2).confirm(failure, (exchange(BAD),), OPERATION).is_confirmed


@pytest.mark.parametrize(("status", "confirmed"), [(200, True), (302, True), (400, False), (500, False)])
def test_the_fuzzers_failures_are_recognised_by_status(status: int, confirmed: bool) -> None:
    failure = Failure(INVALID_REFUSED, OPERATION.label, "body", "accepted")
    confirming = confirmer(iter([answer_of(b"{}", status=status)]))
    assert confirming.confirm(failure, (exchange(GOOD),), OPERATION).is_confirmed is confirmed


@pytest.mark.parametrize(
    ("method", "status", "confirmed"),
    [("DELETE", 404, True), ("POST", 409, True), ("GET", 404, False), ("DELETE", 500, False), ("DELETE", 429, False)],
)
def test_what_can_be_done_once_need_not_show_twice(method: str, status: int, confirmed: bool) -> None:
    confirming = confirmer(iter([answer_of(b"{}", status=status)]))
    result = confirming.confirm(schema_failure(), (exchange(BAD, method=method),), OPERATION)
    assert result.is_confirmed is confirmed
    assert bool(confirming.flaky) is not confirmed


def deleted() -> tuple[Failure, tuple[Exchange, ...]]:
    failure = Failure(DELETED_GONE, OPERATION.label, "", "still there")
    story = (exchange(GOOD, "/things/pet_7", "DELETE"), exchange(GOOD, "/things/pet_7/tags"))
    return failure, story


def test_a_server_without_state_is_not_blamed_for_what_it_never_deleted() -> None:
    result = confirmer(lambda case: GOOD).confirm(*deleted(), OPERATION)
    assert not result.is_confirmed
    assert "keeps no state" in result.doubt
    control = result.sent[-1].case
    assert control.target != "/things/pet_7/tags"
    assert control.target.startswith("/things/")
    assert control.target.endswith("/tags")


def test_a_server_that_knows_what_it_has_is() -> None:
    def answer(case: Case) -> Answer:
        return GOOD if "pet_7" in case.target else answer_of(b"{}", status=404)

    result = confirmer(answer).confirm(*deleted(), OPERATION)
    assert result.is_confirmed
    assert [each.case.method for each in result.exchanges] == ["DELETE", "GET"]


def test_a_repetition_that_is_answered_as_at_first_confirms_nothing() -> None:
    kept = {"k1": BAD}

    def answer(case: Case) -> Answer:
        return kept.get(dict(case.headers)["Idempotency-Key"], GOOD)

    sighting = Exchange(case_of(OPERATION, method="POST", headers=(("Idempotency-Key", "k1"),)), BAD)
    assert not confirmer(answer).confirm(schema_failure(), (sighting,), OPERATION).is_confirmed
