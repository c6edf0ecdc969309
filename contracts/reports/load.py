"""Read a JSON report back into a Run, so that it can be shown, merged or replayed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jsonschema_rs

from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import OperationPlanned, RunStarted
from understudy.contracts.replaying.bindings import Binding
from understudy.contracts.reports.coverage_json import read_goals, read_reached
from understudy.contracts.reports.encoded_bodies import decode_body
from understudy.contracts.verdict import ClaimResult, Finding, OperationResult, Run, Standing, Timeline, Verdict
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.validation import Violation

__all__ = ["load_report", "run_from_report"]

MAX_OCTETS = 268_435_456


def load_report(path: Path) -> Run:
    """The Run that a JSON report tells.

    Credentials are not in a report: headers hold ``$TOKEN`` and the like. Bodies that were cut stay cut.

    Raises:
        UsageError: The file can't be read, is larger than 256 MiB, or isn't a report of ``schemaVersion`` 1.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_OCTETS + 1)
        if len(octets) > MAX_OCTETS:
            raise UsageError("report", str(path), f"a file of at most {MAX_OCTETS:,} octets")
        report = json.loads(octets)
    except OSError as error:
        raise UsageError("report", str(path), f"a file that can be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError("report", str(path), f"a JSON report ({error})") from error
    return run_from_report(report, str(path))


def run_from_report(report: Json, name: str) -> Run:
    """The Run that a parsed report tells; ``name`` is for messages. Raises as `load_report` does."""
    if fault := next(_validator().iter_errors(report), None):
        place = "".join(f"/{token}" for token in fault.instance_path)
        raise UsageError(
            "report", name, f"a report of schemaVersion 1 (at {place or 'the top'}: {fault.message[:200]})"
        )
    claims = {claim["id"]: _claim(claim) for claim in report["claims"]}
    missing = sorted(
        {finding["claim"] for finding in (*report["findings"], *report["flaky"], *report["fixed"])} - claims.keys()
    )
    if missing:
        raise UsageError("report", name, f"a report that describes its claims ({', '.join(missing)} missing)")
    run = report["run"]
    try:
        findings = tuple(_finding(finding, claims) for finding in report["findings"])
        flaky = tuple(_finding(finding, claims) for finding in report["flaky"])
        fixed = tuple(_finding(finding, claims) for finding in report["fixed"])
    except ValueError as error:
        raise UsageError("report", name, f"a report with readable bodies ({error})") from error
    return Run(
        start=_start(run, report["operations"], tuple(claims.values())),
        operations=tuple(_operation(operation) for operation in report["operations"]),
        findings=findings,
        errors=tuple(report["errors"]),
        phases_ms={
            Phase(phase["phase"]): phase["elapsedMs"] for phase in run["phases"] if phase["elapsedMs"] is not None
        },
        elapsed_ms=run["elapsedMs"],
        interrupted=run["interrupted"],
        flaky=flaky,
        fixed=fixed,
        notes=tuple(report["notes"]),
        unreachable=run.get("unreachable", False),
        reasons={each["subject"]: each["reason"] for each in report["notExercised"] if not each["operations"]},
    )


@cache
def _validator() -> jsonschema_rs.Validator:
    schema = json.loads(Path(__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
    return jsonschema_rs.validator_for(schema)


def _start(run: Json, operations: Json, claims: tuple[Claim, ...]) -> RunStarted:
    return RunStarted(
        title=run["title"],
        version=run["version"],
        openapi=run["openapi"],
        document=run["document"],
        target=run["target"],
        seed=run["seed"],
        started_at=run["startedAt"],
        operations=tuple(_plan(operation) for operation in operations),
        claims=claims,
        phases=tuple(Phase(phase["phase"]) for phase in run["phases"]),
        settings=dict(run["settings"]),
    )


def _plan(operation: Json) -> OperationPlanned:
    return OperationPlanned(
        operation["operation"],
        operation["operationId"],
        tuple(operation["tags"]),
        tuple(operation["documentedStatuses"]),
        operation["skipped"],
        read_goals(operation),
    )


def _claim(claim: Json) -> Claim:
    return Claim(
        claim["id"],
        claim["title"],
        Severity(claim["severity"]),
        claim["clause"],
        claim["documentation"],
        claim["owner"],
    )


def _operation(operation: Json) -> OperationResult:
    return OperationResult(
        plan=_plan(operation),
        verdict=Verdict(operation["verdict"]),
        cases=operation["cases"],
        claims={
            key: ClaimResult(Verdict(result["verdict"]), result["times"], result["reason"])
            for key, result in operation["claims"].items()
        },
        statuses={int(status): times for status, times in operation["statuses"].items()},
        latencies_ms=tuple(operation["latency"]["samplesMs"]),
        timelines=tuple(
            Timeline(tuple(timeline["itemsMs"]), timeline["endedMs"]) for timeline in operation["timelines"]
        ),
        errors=tuple(operation["errors"]),
        reached=read_reached(operation),
    )


def _finding(finding: Json, claims: dict[str, Claim]) -> Finding:
    return Finding(
        finding["fingerprint"],
        claims[finding["claim"]],
        finding["operation"],
        finding["place"],
        finding["message"],
        tuple(_violation(violation) for violation in finding["violations"]),
        tuple(_exchange(exchange) for exchange in finding["exchanges"]),
        finding["count"],
        Standing(finding["standing"]),
        finding["remark"],
        tuple(Binding(each["name"], each["step"], each["place"]) for each in finding.get("bindings", ())),
    )


def _violation(violation: Json) -> Violation:
    return Violation(
        JsonPointer(violation["pointer"]),
        violation["keyword"],
        violation["expected"],
        violation["actual"],
        JsonPointer(violation["schemaPointer"]),
        violation["message"],
    )


def _exchange(exchange: Json) -> Exchange:
    request, response = exchange["request"], exchange["response"]
    case = Case(
        request["operation"],
        request["method"],
        request["target"],
        _headers(request["headers"]),
        decode_body(request["body"]),
        Mode(request["mode"]),
        Phase(request["phase"]),
        request["note"],
        pause=request.get("pauseSeconds", 0.0),
    )
    return Exchange(case, _answer(response) if response else None, exchange["error"])


def _answer(response: Json) -> Answer:
    return Answer(
        response["status"],
        response["reason"],
        _headers(response["headers"]),
        decode_body(response["body"]) or b"",
        response["elapsedMs"],
        response["firstByteMs"],
        complete=response["complete"] and not response["body"]["cut"],
    )


def _headers(headers: Json) -> tuple[tuple[str, str], ...]:
    return tuple((header["name"], header["value"]) for header in headers)
