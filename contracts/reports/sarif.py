"""Write a Run as SARIF 2.1.0, which code hosts show beside the document's source."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from understudy.contracts.claims import Claim, Severity
from understudy.contracts.reports.finding_view import FindingView
from understudy.contracts.reports.not_exercised import NotExercised
from understudy.contracts.reports.printable import printable
from understudy.contracts.reports.view import ErrorView, View, view_run
from understudy.contracts.verdict import Run, Standing
from understudy.specs.documents.document import Json

__all__ = ["render", "write"]

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


def write(run: Run, path: Path) -> None:
    """Write the report; see `render`."""
    path.write_text(json.dumps(render(view_run(run)), indent=1) + "\n", encoding="utf-8", newline="\n")


def render(view: View) -> Json:
    """The log as a JSON value: a rule for each claim that applied, a result for each finding.

    Results lie in the document as a whole: a finding knows its operation, not a line. Failures that didn't recur are
    left out.
    """
    claims = [column.claim for column in view.columns]
    indexes = {claim.id: index for index, claim in enumerate(claims)}
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Understudy", "rules": [_rule(claim) for claim in claims]}},
                "automationDetails": {"id": f"understudy/{view.title}/"},
                "invocations": [
                    {
                        "executionSuccessful": not view.errors and not view.interrupted,
                        "exitCode": view.exit_code,
                        "exitCodeDescription": view.conclusion,
                        "toolExecutionNotifications": [
                            *(_notification(error) for error in view.errors),
                            *(_silence(item) for item in view.not_exercised),
                        ],
                    }
                ],
                "results": [_result(finding, indexes[finding.claim_id], view) for finding in view.findings],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _rule(claim: Claim) -> Json:
    link = {"helpUri": claim.clause} if claim.clause.startswith(("https://", "http://")) else {}
    return {
        "id": claim.id,
        "shortDescription": {"text": printable(claim.title)},
        "fullDescription": {"text": printable(claim.documentation)},
        "defaultConfiguration": {"level": _LEVELS[claim.severity]},
        "properties": {"severity": claim.severity.value, "tags": ["api", "contract"]},
        **link,
    }


def _result(finding: FindingView, rule: int, view: View) -> Json:
    commands = "\n".join(step.curl for step in finding.steps)
    return {
        "ruleId": finding.claim_id,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.operation}: {finding.message}\n\n{commands}\n\n{finding.replay}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": _uri(view.document)}, "region": {"startLine": 1}},
                "logicalLocations": [{"fullyQualifiedName": finding.operation, "kind": "function"}],
            }
        ],
        "partialFingerprints": {"understudy/v1": finding.fingerprint},
        "occurrenceCount": finding.times,
        **_standing(finding),
    }


def _standing(finding: FindingView) -> Json:
    """How SARIF says it: a waiver suppresses (3.27.23); what the baseline has is unchanged (3.27.24)."""
    match finding.standing:
        case Standing.WAIVED:
            return {"suppressions": [{"kind": "external", "justification": finding.remark}]}
        case Standing.KNOWN:
            return {"baselineState": "unchanged"}
        case _:
            return {}


def _notification(error: ErrorView) -> Json:
    text = f"{error.operation}: {error.message}" if error.operation else error.message
    return {"level": "error", "message": {"text": text}}


def _silence(item: NotExercised) -> Json:
    places = f" ({', '.join(item.operations)})" if item.operations else ""
    return {"level": "note", "message": {"text": f"not exercised: {item.subject}: {item.reason}{places}"}}


def _uri(document: str) -> str:
    """A path as a URI reference, relative where it is; a URL as it is."""
    if "://" in document:
        return document
    return Path(document).as_uri() if Path(document).is_absolute() else quote(document)
