"""The registry of checks, and a check that can't tell or that breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.apps.small_api import answer_of, operation_of, seen
from understudy.contracts.checking import ExchangeCheck, NotJudged, check, exchange_checks, judge
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation
from understudy.specs.errors import UsageError


def claim(name: str) -> Claim:
    return Claim(
        name, "Something", Severity.LOW, "https://example.org", "What it is about, in a sentence or two.", "tests"
    )


def test_a_check_that_crashes_is_named_and_the_others_go_on() -> None:
    def crash(observation: Observation) -> Iterator[Failure]:
        raise RuntimeError("oops")
        yield

    def find(observation: Observation) -> Iterator[Failure]:
        yield observation.failure(claim("second"), "here", "wrong")

    checks = [
        ExchangeCheck(claim("first"), lambda _: True, crash),
        ExchangeCheck(claim("second"), lambda _: True, find),
    ]
    judgement = judge(seen(operation_of({}), answer_of()), checks)
    assert [failure.place for failure in judgement.failures] == ["here"]
    assert judgement.judged == ("second",)
    assert "the check first (tests) crashed: RuntimeError: oops" in judgement.crashes[0]
    assert "test_checking.py, line" in judgement.crashes[0]


def test_a_check_that_cannot_tell_says_why() -> None:
    def find(observation: Observation) -> Iterator[Failure]:
        raise NotJudged("too dark")
        yield

    judgement = judge(seen(operation_of({}), answer_of()), [ExchangeCheck(claim("first"), lambda _: True, find)])
    assert judgement.skipped == (("first", "too dark"),)
    assert judgement.judged == ()


def test_a_check_that_does_not_apply_is_not_asked() -> None:
    def find(observation: Observation) -> Iterator[Failure]:
        raise AssertionError("asked")
        yield

    judgement = judge(seen(operation_of({}), answer_of()), [ExchangeCheck(claim("first"), lambda _: False, find)])
    assert judgement.judged == judgement.crashes == ()


def test_a_check_is_registered_once() -> None:
    mine = claim("tests-of-checking")

    @check(mine, applies_to=lambda _: True)
    def find(observation: Observation) -> Iterator[Failure]:
        yield observation.failure(mine, "x", "y")

    try:
        assert exchange_checks()[-1].claim is mine
        with pytest.raises(UsageError, match="tests-of-checking"):
            check(Claim(mine.id, "Other", Severity.LOW, "", "", "others"), applies_to=lambda _: True)(find)
    finally:
        from understudy.contracts import checking, claims

        del checking._checks[mine.id]
        del claims._registry[mine.id]
