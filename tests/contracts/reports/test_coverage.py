"""Documented statuses against those seen, and what was not exercised."""

from __future__ import annotations

from dataclasses import replace

from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.coverage import Form, Goals, Input, Reached
from understudy.contracts.events import (
    ClaimExercised,
    ClaimSkipped,
    ExchangeDone,
    OperationPlanned,
    RunFinished,
    RunStarted,
)
from understudy.contracts.reports.coverage import (
    FormView,
    MediaTypeView,
    StatusView,
    Unreached,
    cover_inputs,
    cover_statuses,
    find_unreached,
)
from understudy.contracts.reports.not_exercised import NotExercised, find_not_exercised
from understudy.contracts.reports.view import view_run
from understudy.contracts.running.folding import fold
from understudy.contracts.verdict import OperationResult, Run

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


LIMIT, IDENT = ("query", "limit"), ("path", "id")
GOALS = Goals(
    (Input(IDENT, True, (Form.VALID, Form.INVALID)), Input(LIMIT, False, (Form.VALID, Form.LEFT_OUT))),
    {"200": ("application/*", "text/csv; charset=utf-8")},
    {"500": "a fault of the server's own"},
)
REACHED = Reached(
    {(IDENT, Form.VALID): {200: 3}, (LIMIT, Form.VALID): {401: 2}, (LIMIT, Form.LEFT_OUT): {200: 1}},
    {(200, "application/json"): 2, (200, "text/plain"): 1},
)


def _covered(*seen: int, skipped: str = "") -> OperationResult:
    operation = _run(("200", "404", "500"), *seen).operations[0]
    plan = replace(operation.plan, goals=GOALS, skipped=skipped)
    return replace(operation, plan=plan, reached=REACHED if seen else Reached())


def test_media_types_count_for_the_ranges_that_are_documented() -> None:
    assert cover_statuses(_covered(200, 200, 200))[0].media_types == (
        MediaTypeView("application/*", 2, True),
        MediaTypeView("text/csv; charset=utf-8", 0, True),
        MediaTypeView("text/plain", 1, False),
    )


def test_what_no_request_can_bring_about_is_told_apart() -> None:
    _, missing, fault = cover_statuses(_covered(200))
    assert (missing.reason, missing.beyond) == ("nothing that was sent led to it", False)
    assert (fault.reason, fault.beyond) == ("a fault of the server's own", True)
    assert not cover_statuses(_covered(200, 500))[2].beyond


def test_each_form_of_a_parameter() -> None:
    ident, limit = cover_inputs(_covered(200))
    assert ident.forms == (
        FormView("valid", True, True, ((200, 3),), ""),
        FormView("invalid", True, False, (), "no request had it so"),
        FormView("left out", False, False, (), "it is part of the path"),
    )
    assert limit.forms == (
        FormView("valid", True, False, ((401, 2),), "turned away before it was read"),
        FormView("invalid", False, False, (), "every value is valid"),
        FormView("left out", True, True, ((200, 1),), ""),
    )
    assert [ident.is_reached, limit.is_reached] == [False, False]


def test_what_was_not_reached_is_told_once_for_each_reason() -> None:
    there, left_out = _covered(200), _covered(skipped="--read-only")
    rows = [
        (label, cover_statuses(each), cover_inputs(each)) for label, each in ((A, there), (B, there), (C, left_out))
    ]
    assert find_unreached(rows) == (
        Unreached("200", "--read-only", (C,)),
        Unreached("404", "nothing that was sent led to it", (A, B)),
        Unreached("404", "--read-only", (C,)),
        Unreached("500", "a fault of the server's own", (A, B, C)),
        Unreached("path id invalid", "no request had it so", (A, B)),
        Unreached("query limit valid", "turned away before it was read", (A, B)),
        Unreached("path id valid", "--read-only", (C,)),
        Unreached("path id invalid", "--read-only", (C,)),
        Unreached("query limit valid", "--read-only", (C,)),
        Unreached("query limit left out", "--read-only", (C,)),
    )


def test_the_figures_of_a_run(rich_run: Run) -> None:
    totals = view_run(rich_run).totals
    inputs = [each for operation in rich_run.operations for each in cover_inputs(operation)]
    assert (totals.inputs, totals.inputs_reached) == (len(inputs), sum(each.is_reached for each in inputs))
    assert 0 < totals.inputs_reached < totals.inputs
    assert totals.statuses_beyond == sum(
        status.beyond for each in rich_run.operations for status in cover_statuses(each)
    )
