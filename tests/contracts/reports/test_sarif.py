"""SARIF 2.1.0: rules and results refer to each other, and levels follow severities."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from understudy.contracts.reports import sarif
from understudy.contracts.reports.view import view_run
from understudy.contracts.verdict import Run

STATES = pytest.mark.parametrize("state", ["rich", "small", "passed", "empty", "interrupted", "large"])


@STATES
def test_results_point_at_their_rules(state: str, runs: dict[str, Run]) -> None:
    view = view_run(runs[state])
    log = sarif.render(view)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result, finding in zip(run["results"], view.findings, strict=True):
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == finding.claim_id
        assert rule["defaultConfiguration"]["level"] == result["level"]
        assert result["partialFingerprints"] == {"understudy/v1": finding.fingerprint}
        assert finding.message in result["message"]["text"]
    (invocation,) = run["invocations"]
    assert invocation["exitCode"] == view.exit_code
    levels = [each["level"] for each in invocation["toolExecutionNotifications"]]
    assert levels == ["error"] * len(view.errors) + ["note"] * len(view.not_exercised)


def test_levels(rich_run: Run) -> None:
    levels = [result["level"] for result in sarif.render(view_run(rich_run))["runs"][0]["results"]]
    assert levels == ["error"] * 5 + ["warning", "note"]


@pytest.mark.parametrize(
    ("document", "uri"),
    [
        ("specs/my api.yaml", "specs/my%20api.yaml"),
        ("/srv/a b.yaml", "file:///srv/a%20b.yaml"),
        ("https://h/openapi.json", "https://h/openapi.json"),
    ],
)
def test_the_document_is_the_place(document: str, uri: str, runs: dict[str, Run]) -> None:
    run = runs["small"]
    log = sarif.render(view_run(replace(run, start=replace(run.start, document=document))))
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": uri}


def test_a_small_report_as_a_whole(runs: dict[str, Run], snapshot: Callable[[str, str], None], tmp_path: Path) -> None:
    sarif.write(runs["small"], tmp_path / "report.sarif")
    text = (tmp_path / "report.sarif").read_text(encoding="utf-8")
    assert json.loads(text) == sarif.render(view_run(runs["small"]))
    snapshot("report-small.sarif", text)
