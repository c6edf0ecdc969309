"""Write a Run as JSON. Its shape is public: `report.schema.json` describes it, ``schemaVersion`` tells it apart."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from understudy.contracts.case import Answer, Case, Exchange
from understudy.contracts.claims import Claim
from understudy.contracts.replaying.story import Command, tell
from understudy.contracts.reports.coverage_json import write_coverage
from understudy.contracts.reports.encoded_bodies import encode_body
from understudy.contracts.reports.finding_view import replay_line
from understudy.contracts.reports.latency import summarise_latencies
from understudy.contracts.reports.totals import Totals
from understudy.contracts.reports.view import view_run
from understudy.contracts.secrecy.masking import MASK
from understudy.contracts.secrecy.redaction import PLACEHOLDER, Redaction
from understudy.contracts.secrecy.run_redaction import redact_run
from understudy.contracts.verdict import Finding, OperationResult, Run, Verdict
from understudy.specs.documents.document import Json
from understudy.specs.schemas.validation import Violation

__all__ = ["SCHEMA_VERSION", "render", "write"]

SCHEMA_VERSION = "1"
MAX_DEPTH = 32
MAX_MEMBERS = 200
MAX_STRING = 10_000


def write(run: Run, path: Path) -> None:
    """Write the report, indented by one space."""
    path.write_text(json.dumps(render(run), indent=1, allow_nan=False) + "\n", encoding="utf-8", newline="\n")


def render(run: Run) -> Json:
    """The report as a JSON value without credentials; findings come in the order that every report shows."""
    run = redact_run(run, Redaction())
    view = view_run(run)
    order = {finding.fingerprint: finding.number for finding in (*view.findings, *view.flaky)}
    start = run.start
    claims = {
        claim.id: claim
        for claim in (*start.claims, *(finding.claim for finding in (*run.findings, *run.flaky, *run.fixed)))
    }
    report = {
        "schemaVersion": SCHEMA_VERSION,
        "run": {
            "title": start.title,
            "version": start.version,
            "openapi": start.openapi,
            "document": start.document,
            "target": start.target,
            "seed": start.seed,
            "startedAt": start.started_at,
            "elapsedMs": round(run.elapsed_ms, 3),
            "interrupted": run.interrupted,
            "unreachable": run.unreachable,
            "exitCode": run.exit_code,
            "conclusion": view.conclusion,
            "settings": dict(start.settings),
            "phases": [
                {"phase": phase.value, "elapsedMs": _rounded(run.phases_ms.get(phase))} for phase in start.phases
            ],
        },
        "placeholders": dict(view.placeholders),
        "totals": _totals(view.totals),
        "claims": [_claim(claim) for claim in claims.values()],
        "operations": [_operation(operation) for operation in run.operations],
        "findings": [
            _finding(finding, run) for finding in sorted(run.findings, key=lambda finding: order[finding.fingerprint])
        ],
        "flaky": [
            _finding(finding, run) for finding in sorted(run.flaky, key=lambda finding: order[finding.fingerprint])
        ],
        "fixed": [_finding(finding, run) for finding in run.fixed],
        "notes": [*run.notes],
        "notExercised": [
            {"subject": item.subject, "reason": item.reason, "operations": [*item.operations]}
            for item in view.not_exercised
        ],
        "errors": [*run.errors],
    }
    return _plain(report, limited=False)


def _totals(totals: Totals) -> Json:
    return {
        "operations": totals.operations,
        "verdicts": {verdict.value: totals.verdicts.get(verdict, 0) for verdict in Verdict},
        "cases": totals.cases,
        "judgements": totals.judgements,
        "claims": totals.claims,
        "claimsJudged": totals.claims_judged,
        "findings": totals.findings,
        "failures": totals.failures,
        "documentedStatuses": totals.statuses,
        "documentedStatusesSeen": totals.statuses_seen,
        "documentedStatusesOutOfReach": totals.statuses_beyond,
        "parameters": totals.inputs,
        "parametersReached": totals.inputs_reached,
        "errors": totals.errors,
    }


def _claim(claim: Claim) -> Json:
    return {
        "id": claim.id,
        "title": claim.title,
        "severity": claim.severity.value,
        "clause": claim.clause,
        "documentation": claim.documentation,
        "owner": claim.owner,
    }


def _operation(operation: OperationResult) -> Json:
    plan = operation.plan
    latency = summarise_latencies(plan.label, operation.latencies_ms)
    return {
        "operation": plan.label,
        "operationId": plan.operation_id,
        "tags": [*plan.tags],
        "documentedStatuses": [*plan.statuses],
        "skipped": plan.skipped,
        "verdict": operation.verdict.value,
        "cases": operation.cases,
        "statuses": {str(status): times for status, times in operation.statuses.items()},
        "coverage": write_coverage(operation),
        "claims": {
            key: {"verdict": result.verdict.value, "times": result.times, "reason": result.reason}
            for key, result in operation.claims.items()
        },
        "latency": {
            "p50Ms": _rounded(latency.p50_ms),
            "p95Ms": _rounded(latency.p95_ms),
            "maxMs": _rounded(latency.max_ms),
            "samplesMs": [_rounded(sample) for sample in operation.latencies_ms],
        },
        "timelines": [
            {"itemsMs": [_rounded(at) for at in timeline.item_ms], "endedMs": _rounded(timeline.ended_ms)}
            for timeline in operation.timelines
        ],
        "errors": [*operation.errors],
    }


def _finding(finding: Finding, run: Run) -> Json:
    return {
        "fingerprint": finding.fingerprint,
        "claim": finding.claim.id,
        "severity": finding.claim.severity.value,
        "operation": finding.operation,
        "place": finding.place,
        "message": finding.message,
        "count": finding.count,
        "violations": [_violation(violation) for violation in finding.violations],
        "exchanges": [
            _exchange(exchange, command)
            for exchange, command in zip(
                finding.exchanges, tell(finding.exchanges, finding.bindings, run.start.target), strict=True
            )
        ],
        "bindings": [{"name": each.name, "step": each.step, "place": each.place} for each in finding.bindings],
        "replay": replay_line(run.start, finding.fingerprint),
        "standing": finding.standing.value,
        "remark": finding.remark,
    }


def _violation(violation: Violation) -> Json:
    return {
        "pointer": violation.pointer,
        "keyword": violation.keyword,
        "expected": _plain(violation.expected),
        "actual": _plain(violation.actual),
        "schemaPointer": violation.schema_pointer,
        "message": violation.message,
    }


def _exchange(exchange: Exchange, command: Command) -> Json:
    case, answer = exchange.case, exchange.answer
    return {
        "request": {
            "operation": case.operation,
            "method": case.method,
            "target": case.target,
            "headers": _headers(case.headers),
            "body": encode_body(case.body),
            "mode": case.mode.value,
            "phase": case.phase.value,
            "note": case.note,
            "pauseSeconds": case.pause,
            "masked": _masked(case),
            "curl": command.text,
        },
        "response": _response(answer) if answer else None,
        "error": exchange.error,
    }


def _response(answer: Answer) -> Json:
    return {
        "status": answer.status,
        "reason": answer.reason,
        "headers": _headers(answer.headers),
        "body": encode_body(answer.body),
        "elapsedMs": _rounded(answer.elapsed_ms),
        "firstByteMs": _rounded(answer.first_byte_ms),
        "complete": answer.complete,
    }


def _headers(headers: tuple[tuple[str, str], ...]) -> Json:
    return [{"name": name, "value": value} for name, value in headers]


def _masked(case: Case) -> list[str]:
    """Which parts of a request hold no longer what was sent: who replays it must fill them in."""
    parts = [f"header {name}" for name, value in case.headers if PLACEHOLDER.search(value)]
    if PLACEHOLDER.search(case.target):
        parts.append("target")
    if case.body is not None and MASK.encode() in case.body:
        parts.append("body")
    return parts


def _rounded(value_ms: float | None) -> float | None:
    return None if value_ms is None else round(value_ms, 3)


def _plain(value: Json, depth: int = 0, limited: bool = True) -> Json:
    """The value as JSON can carry it: no lone surrogates, no Decimal, no infinity.

    Args:
        limited: Whether ``…`` stands for what is too deep, too long or too much.
    """
    if isinstance(value, str):
        cut = limited and len(value) > MAX_STRING
        return (value[:MAX_STRING] + "…" if cut else value).encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, (list, tuple, dict)) and limited and depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, (list, tuple)):
        items = [_plain(item, depth + 1, limited) for item in (value[:MAX_MEMBERS] if limited else value)]
        return [*items, "…"] if len(items) < len(value) else items
    if isinstance(value, dict):
        keys = [*value][:MAX_MEMBERS] if limited else [*value]
        members = {_plain(str(key)): _plain(value[key], depth + 1, limited) for key in keys}
        return members | {"…": "…"} if len(keys) < len(value) else members
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, (Decimal, float)):
        number = float(value)
        return number if abs(number) < float("inf") else str(value)
    return value
