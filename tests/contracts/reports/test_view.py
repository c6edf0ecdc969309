"""What every format says of a run."""

from __future__ import annotations

import time

import pytest

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.events import FailureFound, OperationPlanned, RunFinished, RunStarted
from understudy.contracts.reports.finding_view import MAX_STEPS, MAX_VIOLATIONS, find_link
from understudy.contracts.reports.view import MAX_TIMELINES, Cell, View, view_run
from understudy.contracts.running.folding import fold
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.verdict import Run, Verdict
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.validation import Violation


@pytest.fixture(scope="module")
def rich(rich_run: Run) -> View:
    return view_run(rich_run)


def test_findings_come_by_severity_then_operation(rich: View) -> None:
    assert [(finding.number, finding.severity.value, finding.operation) for finding in rich.findings] == [
        (1, "critical", "GET /orchards/{orchardId}"),
        (2, "critical", "POST /imports"),
        (3, "high", "GET /orchards/{orchardId}/trees"),
        (4, "high", "POST /chat/completions"),
        (5, "high", "POST /chat/completions"),
        (6, "medium", "PATCH /orchards/{orchardId}"),
        (7, "low", "GET /health"),
    ]


def test_totals(rich: View) -> None:
    totals = rich.totals
    assert (totals.operations, totals.cases, totals.claims, totals.claims_judged) == (14, 1_003, 20, 19)
    assert (totals.findings, totals.failures, totals.errors) == (7, 43, 2)
    assert totals.verdicts == {Verdict.FAILED: 6, Verdict.PASSED: 7, Verdict.SKIPPED: 1}
    assert sum(totals.severities.values()) == totals.findings
    assert totals.statuses == sum(status.documented for row in rich.rows for status in row.statuses)


def test_the_matrix_has_a_cell_for_every_claim_that_applies(rich: View, rich_run: Run) -> None:
    for row, operation in zip(rich.rows, rich_run.operations, strict=True):
        assert len(row.cells) == len(rich.columns)
        shown = {column.claim.id for column, cell in zip(rich.columns, row.cells, strict=True) if cell}
        assert shown == operation.claims.keys()


def test_broken_claims_come_first_then_by_severity(rich: View) -> None:
    severities = [*Severity]
    keys = [(column.failed == 0, severities.index(column.claim.severity), column.claim.id) for column in rich.columns]
    assert keys == sorted(keys)
    assert sum(column.failed > 0 for column in rich.columns) == 7


def test_a_failed_cell_leads_to_its_finding(rich: View) -> None:
    for row in rich.rows:
        for column, cell in zip(rich.columns, row.cells, strict=True):
            if cell and cell.verdict is Verdict.FAILED:
                assert cell.finding is not None
                finding = rich.findings[cell.finding - 1]
                assert (finding.operation, finding.claim_id) == (row.label, column.claim.id)
            else:
                assert cell is None or cell.finding is None


def test_a_skipped_cell_has_its_reason(rich: View) -> None:
    (column,) = [index for index, column in enumerate(rich.columns) if column.claim.id == "limit-headers"]
    assert rich.rows[0].cells[column] == Cell(Verdict.SKIPPED, 0, "the document declares no limits", None)


def test_timelines_share_the_axis_of_their_operation(rich: View) -> None:
    chat = [timeline for timeline in rich.timelines if timeline.operation == "POST /chat/completions"]
    assert len(chat) <= MAX_TIMELINES
    assert len({timeline.axis_ms for timeline in chat}) == 1
    assert all(0 <= place <= timeline.end <= 100 for timeline in chat for place in timeline.items)
    empty = [timeline for timeline in rich.timelines if not timeline.item_count]
    assert [(timeline.first_ms, timeline.ended_ms) for timeline in empty] == [(None, 12.0)]


def test_the_conversation_and_how_to_replay_it(rich: View) -> None:
    finding = rich.findings[0]
    assert [step.request for step in finding.steps] == ["POST /orchards", "GET /orchards/orc_7f"]
    assert finding.steps[1].note == "with the credentials of the second tenant"
    assert finding.replay == (
        "understudy test orchard/openapi.yaml --url http://127.0.0.1:4010/v1 --replay report.json"
        f" --only {finding.fingerprint}"
    )


def test_a_case_without_answer_says_why(rich: View) -> None:
    (step,) = rich.findings[-1].steps
    assert (step.status, step.error) == ("", "the connection was closed before an answer came")
    assert step.curl == "curl -i -X TRACE http://127.0.0.1:4010/v1/health"


def test_nothing_secret_is_in_it_even_without_being_told(rich_run: Run) -> None:
    assert "tok-4e1f0c9a77" in repr(rich_run)
    shown = repr(view_run(rich_run, Redaction({"tok-4e1f0c9a77": "TOKEN"})))
    by_name = repr(view_run(rich_run))
    for text in (shown, by_name):
        assert not [secret for secret in ("tok-4e1f0c9a77", "hunter2", "at-9988", "s3cr3t") if secret in text]


def _one(
    exchanges: tuple[Exchange, ...], violations: tuple[Violation, ...] = (), clause: str = "", **settings: str
) -> View:
    claim = Claim("c", "C", Severity.LOW, clause, "", "tests")
    plan = OperationPlanned("GET /a", "", (), ())
    start = RunStarted("A", "", "3.2.0", "my api.yaml", "http://a", 1, "", (plan,), (claim,), (), settings)
    return view_run(
        fold([start, FailureFound(Failure(claim, "GET /a", "", "m", violations), exchanges), RunFinished(1.0)])
    )


CASE = Case("GET /a", "GET", "/a", (), None, Mode.POSITIVE, Phase.PROBES)


def test_long_conversations_show_their_end() -> None:
    steps = tuple(
        Exchange(Case("GET /a", "GET", f"/{index}", (), None, Mode.POSITIVE, Phase.PROBES), None) for index in range(50)
    )
    finding = _one(steps).findings[0]
    assert len(finding.steps) == MAX_STEPS
    assert finding.earlier == 50 - MAX_STEPS
    assert finding.steps[-1].request == "GET /49"


def test_a_finding_without_conversation_is_shown() -> None:
    assert _one(()).findings[0].steps == ()


def test_many_violations_are_cut_and_counted() -> None:
    violations = tuple(
        Violation(JsonPointer(f"/{index}"), "type", "string", index, JsonPointer("/type"), "m") for index in range(100)
    )
    finding = _one((Exchange(CASE, None),), violations).findings[0]
    assert (len(finding.violations), finding.more_violations) == (MAX_VIOLATIONS, 100 - MAX_VIOLATIONS)


def test_a_replay_line_is_quoted_and_names_the_app() -> None:
    finding = _one((), app="shop:app").findings[0]
    assert finding.replay.startswith("understudy test 'my api.yaml' --app shop:app --replay report.json --only ")


def test_a_replay_line_names_what_was_merged_into_the_document() -> None:
    finding = _one((), overlay="a.yaml, b c.yaml").findings[0]
    assert " --overlay a.yaml --overlay 'b c.yaml' --url " in finding.replay


@pytest.mark.parametrize("clause", ["javascript:alert(1)", "data:text/html,x", "", "//host/x", "https://x/\u202e"])
def test_only_http_links_are_links(clause: str) -> None:
    assert find_link(clause) == ""
    assert _one((), clause=clause).findings[0].link == ""


def test_large_runs_are_fast(runs: dict[str, Run]) -> None:
    before = time.perf_counter()
    view = view_run(runs["large"])
    assert time.perf_counter() - before < 1
    assert (len(view.rows), len(view.columns)) == (65, 22)
