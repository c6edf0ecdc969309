"""JUnit XML that any reader takes: counts add up, text survives, nothing that XML forbids."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from understudy.contracts.reports import junit
from understudy.contracts.reports.view import view_run
from understudy.contracts.verdict import Run

STATES = pytest.mark.parametrize("state", ["rich", "small", "passed", "empty", "interrupted", "large"])


def parsed(run: Run) -> ET.Element:
    return ET.fromstring(junit.render(view_run(run)))


@STATES
def test_structure(state: str, runs: dict[str, Run]) -> None:
    """The order and attributes of the schema that Jenkins publishes."""
    root = parsed(runs[state])
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert {"name", "tests", "failures", "errors", "skipped", "time"} <= suite.attrib.keys()
        tags = [child.tag for child in suite]
        assert tags == sorted(tags)
        assert set(tags) <= {"properties", "testcase"}
        for case in suite.findall("testcase"):
            assert case.get("name")
            assert case.get("classname") == suite.get("name")
            assert {child.tag for child in case} <= {"failure", "error", "skipped", "system-out"}
            assert all(child.get("message") for child in case if child.tag != "system-out")
        assert re.fullmatch(r"\d+\.\d{3}", suite.get("time", ""))


@STATES
def test_counts_add_up(state: str, runs: dict[str, Run]) -> None:
    root = parsed(runs[state])
    for attribute, path in (("tests", ""), ("failures", "/failure"), ("errors", "/error"), ("skipped", "/skipped")):
        for suite in root:
            assert int(suite.get(attribute, "")) == len(
                {id(case) for case in suite.findall(f"testcase{path}/..")} if path else suite.findall("testcase")
            )
        assert int(root.get(attribute, "")) == sum(int(suite.get(attribute, "")) for suite in root)


def test_every_operation_and_claim_has_its_case(rich_run: Run) -> None:
    root = parsed(rich_run)
    for operation in rich_run.operations:
        (suite,) = [suite for suite in root if suite.get("name") == operation.plan.label]
        names = [case.get("name") for case in suite.findall("testcase")]
        assert set(names) - {"(operation)"} == operation.claims.keys()
        assert len(names) == len(set(names))
    assert [suite.get("name") for suite in root][-1] == "(run)"


def test_failures_skips_and_errors(rich_run: Run) -> None:
    root = parsed(rich_run)
    failures = root.findall(".//failure")
    assert len(failures) == 7
    (body,) = [failure for failure in failures if failure.get("message", "").startswith("The body of the 200")]
    text = body.text or ""
    for part in (
        "curl -i 'http://127.0.0.1",
        "at /items/71/planted: ",
        "<- 200 OK after 1.8 s",
        "replay: understudy test",
        "seen 37x",
    ):
        assert part in text
    skipped = {case.get("message") for case in root.findall(".//skipped")}
    assert "the document declares no limits" in skipped
    assert "it may touch what is not ours; --allow-destructive runs it" in skipped
    (output,) = root.findall(".//system-out")
    assert (output.text or "").startswith("Seen once, not again:\n\nNo answer to Bearer •••")
    assert [error.get("message") for error in root.findall(".//error")] == [
        "no value fits the schema of /file: pattern and maxLength exclude each other",
        "the check «two-digits» raised ZeroDivisionError: division by zero",
    ]


def test_properties(rich_run: Run) -> None:
    (suite,) = [suite for suite in parsed(rich_run) if suite.get("name") == "GET /health"]
    properties = {item.get("name"): item.get("value") for item in suite.iter("property")}
    assert properties["operationId"] == "getHealth"
    assert properties["target"] == "http://127.0.0.1:4010/v1"
    assert properties["seed"] == "4242"
    assert suite.get("timestamp") == "2026-11-20T18:40:00"


def test_control_characters_are_visible_instead_of_illegal(rich_run: Run) -> None:
    octets = junit.render(view_run(rich_run))
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", octets)
    assert "‹U+0000›‹U+001B›[31m" in octets.decode()
    assert octets.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')


def test_a_small_report_as_a_whole(runs: dict[str, Run], snapshot: Callable[[str, str], None], tmp_path: Path) -> None:
    junit.write(runs["small"], tmp_path / "junit.xml")
    snapshot("junit-small.xml", (tmp_path / "junit.xml").read_text(encoding="utf-8"))
