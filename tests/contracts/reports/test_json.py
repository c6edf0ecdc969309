"""The JSON report is what its schema says, whole, and reads back as the same Run."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest

from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.events import FailureFound, OperationPlanned, RunFinished, RunStarted
from understudy.contracts.reports import json as json_report
from understudy.contracts.reports.load import load_report, run_from_report
from understudy.contracts.running.folding import fold
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.secrecy.run_redaction import redact_run
from understudy.contracts.verdict import Run
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.validation import Violation

SCHEMA = json.loads(Path(json_report.__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
STATES = pytest.mark.parametrize("state", ["rich", "small", "passed", "empty", "interrupted", "large"])


def closed(schema: Json) -> Json:
    """The schema that admits no member it doesn't describe."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    extra = {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
    return extra | {key: closed(value) for key, value in schema.items()}


@STATES
def test_the_report_is_valid_and_says_nothing_that_the_schema_does_not(state: str, runs: dict[str, Run]) -> None:
    report = json_report.render(runs[state])
    jsonschema_rs.validator_for(closed(SCHEMA)).validate(report)
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(report)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_closed_schema_has_teeth(runs: dict[str, Run]) -> None:
    report = json_report.render(runs["small"])
    report["findings"][0]["exchanges"][0]["request"]["extra"] = 1
    assert not jsonschema_rs.validator_for(closed(SCHEMA)).is_valid(report)
    assert jsonschema_rs.validator_for(SCHEMA).is_valid(report)


@STATES
def test_it_reads_back_as_the_run_that_was_redacted(state: str, runs: dict[str, Run], tmp_path: Path) -> None:
    redacted = redact_run(runs[state], Redaction())
    path, again = tmp_path / "report.json", tmp_path / "again.json"
    json_report.write(runs[state], path)
    loaded = load_report(path)
    assert loaded.start == redacted.start
    assert loaded.operations == redacted.operations
    assert {finding.fingerprint: finding for finding in loaded.findings} == {
        finding.fingerprint: finding for finding in redacted.findings
    }
    assert (loaded.errors, loaded.phases_ms, loaded.elapsed_ms) == (
        redacted.errors,
        redacted.phases_ms,
        redacted.elapsed_ms,
    )
    assert loaded.flaky == redacted.flaky
    assert loaded.exit_code == redacted.exit_code
    json_report.write(loaded, again)
    assert again.read_bytes() == path.read_bytes()


def test_a_small_report_as_a_whole(runs: dict[str, Run], snapshot: Callable[[str, str], None], tmp_path: Path) -> None:
    json_report.write(runs["small"], tmp_path / "report.json")
    snapshot("report-small.json", (tmp_path / "report.json").read_text(encoding="utf-8"))


def test_the_request_says_what_was_masked(runs: dict[str, Run]) -> None:
    masked = {
        exchange["request"]["target"]: exchange["request"]["masked"]
        for finding in json_report.render(runs["rich"])["findings"]
        for exchange in finding["exchanges"]
    }
    assert masked["/orchards"] == ["header Authorization", "body"]
    assert masked["/imports?api-key=$API_KEY"] == ["target"]
    assert masked["/health"] == []


def _run(actual: Json, message: str = "m") -> Run:
    claim = Claim("c", "C", Severity.LOW, "", "", "tests")
    plan = OperationPlanned("GET /a", "", (), ())
    start = RunStarted("A", "1", "3.2.0", "a", "http://a", 1, "", (plan,), (claim,), (), {})
    case = Case("GET /a", "GET", "/a", (), None, Mode.POSITIVE, Phase.PROBES)
    exchange = Exchange(case, Answer(200, "OK", (), b"\xff" * 10, 1.0, 1.0))
    violation = Violation(JsonPointer(""), "type", Decimal("1.50"), actual, JsonPointer("/type"), message)
    return fold(
        [start, FailureFound(Failure(claim, "GET /a", "", message, [violation]), (exchange,)), RunFinished(1.0)]
    )


@pytest.mark.parametrize(
    ("actual", "written"),
    [
        (Decimal("7"), 7),
        (Decimal("0.25"), 0.25),
        (Decimal("1e400"), "1E+400"),
        (float("inf"), "inf"),
        ("\ud800", "?"),
        ({"\ud800": 1}, {"?": 1}),
        ("x" * 20_000, "x" * 10_000 + "…"),
        (list(range(500)), [*range(200), "…"]),
    ],
)
def test_values_that_json_cannot_carry_or_should_not(actual: Json, written: Json, tmp_path: Path) -> None:
    report = json_report.render(_run(actual, "a lone \ud800"))
    violation = report["findings"][0]["violations"][0]
    assert (violation["expected"], violation["actual"]) == (1.5, written)
    assert violation["message"] == "a lone ?"
    json_report.write(_run(actual), tmp_path / "report.json")
    load_report(tmp_path / "report.json")


def test_values_nested_without_end(tmp_path: Path) -> None:
    value: list[Json] = []
    for _ in range(3_000):
        value = [value]
    json_report.write(_run(value), tmp_path / "report.json")
    assert "…" in repr(load_report(tmp_path / "report.json").findings[0].violations[0].actual)


def _edited(path: tuple[str | int, ...], value: Json, runs: dict[str, Run]) -> Json:
    report = json.loads(json.dumps(json_report.render(runs["small"])))
    node = report
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return report


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("schemaVersion",), "2", "schemaVersion 1 .at /schemaVersion: "),
        (("run", "seed"), "x", "at /run/seed"),
        (("operations", 0, "statuses"), {"abc": 1}, "at /operations/0/statuses"),
        (("operations", 0, "verdict"), "maybe", "at /operations/0/verdict"),
        (("findings", 0, "exchanges", 0, "request", "phase"), "lunch", "/request/phase"),
        (("findings", 0, "fingerprint"), "<script>", "at /findings/0/fingerprint"),
        (("claims",), [], "describes its claims .response-body, stream-terminal missing"),
        (
            ("findings", 0, "exchanges", 0, "response", "body"),
            {"encoding": "base64", "data": "!", "octets": 1, "cut": False},
            "readable bodies",
        ),
    ],
)
def test_a_report_that_is_none_is_refused_with_its_place(
    path: tuple[str | int, ...], value: Json, message: str, runs: dict[str, Run]
) -> None:
    with pytest.raises(UsageError, match=message):
        run_from_report(_edited(path, value, runs), "report.json")


def test_members_from_the_future_are_ignored(runs: dict[str, Run]) -> None:
    assert run_from_report(_edited(("run", "later"), 1, runs), "report.json").start.title == "Orchard API"


@pytest.mark.parametrize(
    "octets",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 1_000_000, b'{"schemaVersion": "1"}'],
    ids=["empty", "cut", "array", "null", "no text", "deep", "bare"],
)
def test_files_that_are_no_report(octets: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(octets)
    with pytest.raises(UsageError, match=r"^report: got '.*report.json'; allowed: "):
        load_report(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a file that can be read \(No such file"):
        load_report(tmp_path / "none.json")
    with pytest.raises(UsageError, match=r"a file that can be read \(Is a directory"):
        load_report(tmp_path)
