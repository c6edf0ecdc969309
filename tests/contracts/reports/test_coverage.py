"""Documented statuses against those seen, and what was not exercised."""

from __future__ import annotations

from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import (
    ClaimExercised,
    ClaimSkipped,
    ExchangeDone,
    OperationPlanned,
    RunFinished,
    RunStarted,
)
from understudy.contracts.folding import fold
from understudy.contracts.reports.coverage import StatusView, cover_statuses
from understudy.contracts.reports.not_exercised import NotExercised, find_not_exercised
from understudy.contracts.verdict import Run

A, B, C = "GET /a", "GET /b", "GET /c"


def _run(statuses: tuple[str, ...], *seen: int) -> Run:
    claims = tuple(Claim(key, key.upper(), Severity.LOW, "", "", "tests") for key in ("one", "two", "three", "four"))
    plans = (
        OperationPlanned(A, "a", (), statuses),
        OperationPlanned(B, "b", (), ()),
        OperationPlanned(C, "c", (), (), "not ours to touch"),
    )
    start = RunStarted("A", "1", "3.2.0", "a", "http://a", 1, "", plans, claims, (), {})
    case = Case(A, "GET", "/a", (), None, Mode.POSITIVE, Phase.FUZZING)
    return fold(
        [
            start,
            *(ExchangeDone(Exchange(case, Answer(status, "", (), b"", 1, 1))) for status in seen),
            ClaimExercised("one", A),
            ClaimExercised("two", A),
            ClaimSkipped("two", B, "no array in the answer"),
            ClaimSkipped("three", A, ""),
            ClaimSkipped("three", B, "no limits"),
            RunFinished(1.0),
        ]
    )


def test_a_status_counts_for_its_key_then_its_range_then_default() -> None:
    run = _run(("200", "4XX", "404", "default", "503"), 200, 200, 404, 418, 500)
    assert cover_statuses(run.operations[0]) == (
        StatusView("200", 2, True),
        StatusView("4XX", 1, True),
        StatusView("404", 1, True),
        StatusView("default", 1, True),
        StatusView("503", 0, True, "nothing that was sent led to it"),
    )


def test_undocumented_statuses_come_last() -> None:
    run = _run(("200",), 500, 418, 418)
    assert cover_statuses(run.operations[0]) == (
        StatusView("200", 0, True, "nothing that was sent led to it"),
        StatusView("418", 2, False),
        StatusView("500", 1, False),
    )


def test_what_was_not_exercised_and_why() -> None:
    assert find_not_exercised(_run(())) == (
        NotExercised(B, "b", "no case was sent", ()),
        NotExercised(C, "c", "not ours to touch", ()),
        NotExercised("three", "THREE", "no case that could show it was reached", (A,)),
        NotExercised("three", "THREE", "no limits", (B,)),
        NotExercised("four", "FOUR", "it applies to no operation that was exercised", ()),
        NotExercised("two", "TWO", "no array in the answer", (B,), is_whole=False),
    )
