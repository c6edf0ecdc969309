"""One sentence for every way a run can end."""

from __future__ import annotations

import pytest

from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised, ErrorRaised, OperationPlanned, RunFinished, RunStarted
from understudy.contracts.reports.conclusion import conclude, outcome
from understudy.contracts.running.folding import fold
from understudy.contracts.verdict import Run
from understudy.contracts.wording import count, list_words


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (
            "rich",
            "The API departs from its document: 7 findings (2 critical, 3 high, 1 medium and 1 low) on 6 of 14 "
            "operations. 1 failure more did not recur.",
        ),
        ("small", "The API departs from its document: 2 findings (2 high) on 2 of 4 operations."),
        ("passed", "The API keeps to its document: 12,964 judgements in 781 cases, no finding."),
        ("empty", "No claim could be judged on any operation."),
        ("interrupted", "Stopped after 291 cases: 1 finding so far, and the rest was not judged."),
    ],
)
def test_states(state: str, sentence: str, runs: dict[str, Run]) -> None:
    assert conclude(runs[state]) == sentence


def test_errors_and_what_was_left_out() -> None:
    claim = Claim("c", "C", Severity.LOW, "", "", "tests")
    plans = tuple(OperationPlanned(label, "", (), ()) for label in ("GET /a", "GET /b"))
    start = RunStarted("A", "1", "3.2.0", "a", "http://a", 1, "", plans, (claim,), (), {})
    judged = ClaimExercised("c", "GET /a")
    run = fold([start, judged, ErrorRaised("GET /b", None, "x"), ErrorRaised("", None, "y"), RunFinished(1.0)])
    assert conclude(run) == "No finding, but the run is incomplete: 2 errors kept part of it from being judged."
    run = fold([start, judged, RunFinished(1.0)])
    assert conclude(run) == (
        "The API keeps to its document: 1 judgement in 0 cases, no finding; 1 operation could not be exercised."
    )
    assert conclude(fold([start])) == "Stopped after 0 cases: no finding so far, and the rest was not judged."


@pytest.mark.parametrize("exit_code", [0, 1, 5, 6, 130])
def test_every_exit_code_has_a_word(exit_code: int) -> None:
    assert outcome(exit_code)


def test_words() -> None:
    assert [list_words(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [count(number, "case") for number in (0, 1, 2_000)] == ["0 cases", "1 case", "2,000 cases"]
