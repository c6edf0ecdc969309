"""Write a Run as JUnit XML: a suite for each operation, a test case for each claim on it.

The libraries for this write characters that XML 1.0 (section 2.2) forbids; here every text is made printable first.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from understudy.contracts.reports.finding_text import finding_text
from understudy.contracts.reports.finding_view import FindingView
from understudy.contracts.reports.not_exercised import NotExercised
from understudy.contracts.reports.view import Cell, Column, Row, View, view_run
from understudy.contracts.verdict import Run, Standing, Verdict

__all__ = ["render", "write"]


def write(run: Run, path: Path) -> None:
    """Write the report; see `render`."""
    path.write_bytes(render(view_run(run)))


def render(view: View) -> bytes:
    """The document in UTF-8.

    A claim that wasn't exercised is a skipped test case with its reason, as is one whose findings are all waived, known
    or minor; a failure that didn't recur stands in the output of its test case. An operation that was left out, and one
    on which we erred, has a test case of its own, named ``(operation)``; what concerns the whole run, and claims that
    apply to no operation, are the suite ``(run)``. Times are in seconds: of a suite the sum of its answers, as far as
    they were kept.
    """
    suites = [_suite(row, view) for row in view.rows]
    errors = [error.message for error in view.errors if not error.operation]
    labels = {row.label for row in view.rows}
    nowhere = [item for item in view.not_exercised if not item.operations and item.subject not in labels]
    if errors or nowhere:
        suites.append(_run_suite(errors, nowhere))
    root = ET.Element("testsuites", {"name": f"{view.title} {view.version}".strip()})
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.set("time", _seconds(view.elapsed_ms))
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _suite(row: Row, view: View) -> ET.Element:
    suite = ET.Element("testsuite", {"name": row.label})
    suite.append(_properties(row, view))
    own = {finding.number: finding for finding in view.findings}
    findings = [own[number] for number in row.findings]
    flaky = [finding for finding in view.flaky if finding.operation == row.label]
    for column, cell in zip(view.columns, row.cells, strict=True):
        if cell is not None:
            case = _case(row, column, cell, [item for item in findings if item.claim_id == column.claim.id])
            if texts := [_text(item) for item in flaky if item.claim_id == column.claim.id]:
                ET.SubElement(case, "system-out").text = "\n\n".join(("Seen once, not again:", *texts))
            suite.append(case)
    messages = [error.message for error in view.errors if error.operation == row.label]
    if messages or row.verdict is Verdict.SKIPPED:
        case = ET.SubElement(suite, "testcase", {"classname": row.label, "name": "(operation)", "time": "0.000"})
        for message in messages:
            ET.SubElement(case, "error", {"type": "error", "message": message})
        if not messages:
            ET.SubElement(case, "skipped", {"message": row.skipped or "no claim could be judged"})
    suite.set("timestamp", view.started_at.removesuffix("Z"))
    suite.set("time", _seconds(row.elapsed_ms))
    return _counted(suite)


def _run_suite(messages: list[str], nowhere: list[NotExercised]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": "(run)", "time": "0.000"})
    for message in messages:
        case = ET.SubElement(suite, "testcase", {"classname": "(run)", "name": message, "time": "0.000"})
        ET.SubElement(case, "error", {"type": "error", "message": message})
    for item in nowhere:
        case = ET.SubElement(suite, "testcase", {"classname": "(run)", "name": item.subject, "time": "0.000"})
        ET.SubElement(case, "skipped", {"message": item.reason})
    return _counted(suite)


def _counted(suite: ET.Element) -> ET.Element:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    return suite


def _properties(row: Row, view: View) -> ET.Element:
    properties = ET.Element("properties")
    values = {
        "target": view.target,
        "document": view.document,
        "openapi": view.openapi,
        "seed": str(view.seed),
        "operationId": row.operation_id,
        "verdict": row.verdict.value,
        "cases": str(row.cases),
        "statuses": ", ".join(f"{status.key}: {status.times}" for status in row.statuses),
        "parameters": f"{sum(each.is_reached for each in row.inputs)} of {len(row.inputs)}",
    }
    for name, value in values.items():
        ET.SubElement(properties, "property", {"name": name, "value": value})
    return properties


def _case(row: Row, column: Column, cell: Cell, findings: list[FindingView]) -> ET.Element:
    case = ET.Element("testcase", {"classname": row.label, "name": column.claim.id, "time": "0.000"})
    accepted = [finding for finding in findings if finding.standing is not Standing.OPEN]
    findings = [finding for finding in findings if finding.standing is Standing.OPEN]
    if findings:
        kind = column.claim.severity.value
        message = findings[0].message
        if len(findings) > 1:
            message += f" (and {len(findings) - 1} more)"
        failure = ET.SubElement(case, "failure", {"type": kind, "message": message})
        failure.text = "\n\n".join(_text(finding) for finding in findings)
    elif accepted:
        remarks = "; ".join(f"{finding.standing.value}: {finding.remark}" for finding in accepted)
        ET.SubElement(case, "skipped", {"message": remarks})
        ET.SubElement(case, "system-out").text = "\n\n".join(_text(finding) for finding in accepted)
    elif cell.verdict is Verdict.FAILED:
        ET.SubElement(case, "failure", {"type": "failure", "message": "see the other reports"})
    elif cell.verdict is Verdict.SKIPPED:
        ET.SubElement(case, "skipped", {"message": cell.reason or "not exercised"})
    return case


def _seconds(value_ms: float) -> str:
    return f"{value_ms / 1000:.3f}"


def _text(finding: FindingView) -> str:
    return f"{finding_text(finding)}\n\nreplay: {finding.replay}"
