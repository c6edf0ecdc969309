"""What findings mean for the outcome: waivers, baselines, the least severity; and how every report says so."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.apps.small_runs import GRAVE, PET, PETS, SLIGHT, run_with
from understudy.contracts.claims import Severity
from understudy.contracts.coverage import Form, Goals, Input, Reached
from understudy.contracts.events import OperationPlanned, RunFinished, RunStarted
from understudy.contracts.reports import json as json_report
from understudy.contracts.reports import junit, load_report, markdown, sarif, view_run
from understudy.contracts.running.folding import fold
from understudy.contracts.running.standing import Policy, stand
from understudy.contracts.running.waivers import Waiver, read_waivers
from understudy.contracts.verdict import Run, Standing
from understudy.specs.errors import UsageError

TODAY = date(2026, 11, 20)


def waiver(text: str = "", expires: date | None = None, claim: str = "*", operation: str = "*") -> Waiver:
    return Waiver(text or None, claim, operation, "known to the team", expires, "waivers.yaml:2")


def standings(run: Run) -> dict[tuple[str, str], Standing]:
    return {(finding.claim.id, finding.operation): finding.standing for finding in run.findings}


def test_a_run_without_policy_fails_on_every_finding() -> None:
    run = run_with((SLIGHT, PETS))
    assert run.exit_code == 1
    assert stand(run, Policy(today=TODAY)) == run


def test_a_waived_finding_is_shown_and_fails_nothing() -> None:
    run = run_with((GRAVE, PETS), (GRAVE, PET))
    finding = run.findings[0]
    waived = stand(run, Policy(today=TODAY, waivers=(waiver(finding.fingerprint, date(2027, 1, 1)),)))
    assert waived.exit_code == 1, "the other one is open"
    assert waived.findings[0].standing is Standing.WAIVED
    assert waived.findings[0].remark == "known to the team (until 2027-01-01)"
    both = stand(run, Policy(today=TODAY, waivers=(waiver(claim="grave-*", operation="GET /pets*"),)))
    assert both.exit_code == 0
    assert len(both.findings) == 2
    assert view_run(both).conclusion == "Nothing new: 2 waived, and no other finding in 2 cases."


@pytest.mark.parametrize(("today", "code"), [(date(2026, 11, 20), 0), (date(2026, 11, 21), 1)])
def test_a_waiver_holds_to_the_end_of_its_last_day(today: date, code: int) -> None:
    run = stand(run_with((GRAVE, PETS)), Policy(today=today, waivers=(waiver(expires=date(2026, 11, 20)),)))
    assert run.exit_code == code
    assert run.notes == (
        () if code == 0 else ("the waiver at waivers.yaml:2 expired on 2026-11-20: known to the team",)
    )


def test_a_waiver_that_covers_nothing_is_named() -> None:
    run = stand(run_with(), Policy(today=TODAY, waivers=(waiver(claim="gone"),)))
    assert run.notes == ("the waiver at waivers.yaml:2 covers no finding any more: known to the team",)


def test_templated_labels_stand_for_themselves() -> None:
    run = run_with((GRAVE, PET))
    assert stand(run, Policy(today=TODAY, waivers=(waiver(operation=PET),))).exit_code == 0


def test_a_baseline_tells_what_is_new_known_and_fixed() -> None:
    before = run_with((GRAVE, PETS), (SLIGHT, PETS))
    after = stand(run_with((GRAVE, PETS), (GRAVE, PET)), Policy(today=TODAY, baseline=before))
    assert standings(after) == {("grave-claim", PETS): Standing.KNOWN, ("grave-claim", PET): Standing.OPEN}
    assert [(finding.claim.id, finding.operation) for finding in after.fixed] == [("slight-claim", PETS)]
    assert after.exit_code == 1
    assert stand(run_with((GRAVE, PETS)), Policy(today=TODAY, baseline=before)).exit_code == 0
    assert "1 finding of the baseline is fixed." in view_run(after).conclusion


def test_what_was_not_judged_is_not_fixed() -> None:
    before = run_with((GRAVE, PETS))
    plan = OperationPlanned(PETS, "", (), (), "not included")
    start = RunStarted("Pets", "1", "3.2.0", "p.yaml", "http://t", 1, "", (plan,), (GRAVE,), (), {})
    after = stand(fold([start, RunFinished(1.0)]), Policy(today=TODAY, baseline=before))
    assert after.fixed == ()


def test_a_baseline_of_another_api_is_noted() -> None:
    run = stand(run_with(), Policy(today=TODAY, baseline=run_with(title="Birds")))
    assert run.notes == ("the baseline is of another API: Birds",)


def reaching(run: Run, statuses: tuple[int, ...], *forms: Form) -> Run:
    """The run with what it reached of its first operation."""
    key = ("query", "limit")
    first, *others = run.operations
    plan = replace(first.plan, statuses=("200", "404"), goals=Goals((Input(key, False, tuple(Form)),)))
    reached = Reached({(key, form): {200: 1} for form in forms})
    first = replace(first, plan=plan, statuses=dict.fromkeys(statuses, 1), reached=reached)
    return replace(run, operations=(first, *others))


def test_what_only_the_baseline_reached_is_noted() -> None:
    before = reaching(run_with(), (200, 404, 500), Form.VALID, Form.LEFT_OUT)
    after = reaching(run_with(), (200,), Form.VALID, Form.INVALID)
    expected = f"reached in the baseline, not in this run: 404 of {PETS}, query limit left out of {PETS}"
    assert stand(after, Policy(today=TODAY, baseline=before)).notes == (expected,)
    assert stand(before, Policy(today=TODAY, baseline=before)).notes == ()
    assert stand(replace(after, interrupted=True), Policy(today=TODAY, baseline=before)).notes == ()


def test_less_than_the_least_severity_fails_nothing() -> None:
    run = stand(run_with((GRAVE, PETS), (SLIGHT, PETS)), Policy(today=TODAY, least=Severity.MEDIUM))
    assert standings(run) == {("grave-claim", PETS): Standing.OPEN, ("slight-claim", PETS): Standing.MINOR}
    assert run.exit_code == 1
    assert stand(run_with((SLIGHT, PETS)), Policy(today=TODAY, least=Severity.MEDIUM)).exit_code == 0


def test_every_report_says_so(tmp_path: Path) -> None:
    before = run_with((SLIGHT, PETS), (GRAVE, PET))
    policy = Policy(today=TODAY, waivers=(waiver(claim="grave-claim", operation=PETS),), baseline=before)
    run = stand(run_with((GRAVE, PETS), (GRAVE, PET)), policy)
    json_report.write(run, tmp_path / "report.json")
    assert standings(load_report(tmp_path / "report.json")) == standings(run)
    assert load_report(tmp_path / "report.json").fixed == run.fixed
    cases = ET.fromstring(junit.render(view_run(run))).iter("testcase")
    skipped = {case.get("classname"): case.find("skipped") for case in cases if case.get("name") == "grave-claim"}
    assert [each.get("message") for each in skipped.values() if each is not None] == [
        "waived: known to the team",
        "known: the baseline has it",
    ]
    text = markdown.render(view_run(run))
    assert "waived: known to the team" in text
    assert "### Gone since the baseline\n\n- slight-claim on GET /pets" in text
    results = sarif.render(view_run(run))["runs"][0]["results"]
    assert results[0]["suppressions"] == [{"kind": "external", "justification": "known to the team"}]
    assert results[1]["baselineState"] == "unchanged"


def test_waivers_are_read_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(
        "waivers:\n"
        "  - claim: grave-*\n    operation: GET /pets\n    reason: >\n      fixed in\n      2.4\n"
        "    expires: 2027-01-31\n"
        "  - fingerprint: 0123456789ab\n    reason: never mind\n",
        encoding="utf-8",
    )
    first, second = read_waivers(str(file))
    assert first == Waiver(None, "grave-*", "GET /pets", "fixed in 2.4", date(2027, 1, 31), f"{file}:2")
    assert (second.fingerprint, second.expires, second.place) == ("0123456789ab", None, f"{file}:8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "list `waivers`"),
        ("waivers: [{claim: a}]", "reason"),
        ("waivers: [{reason: all of them}]", "/waivers/0"),
        ("waivers:\n- {claim: a, reason: b}\n- {claim: a, reason: b, expires: soon}", ":3"),
        ("waivers: [{claim: a, reason: b, until: 2027-01-01}]", "until"),
        ("waivers: [", "can be read"),
    ],
)
def test_mistakes_in_waivers_name_their_place(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="--waivers") as raised:
        read_waivers(str(file))
    assert message in str(raised.value)


def test_the_shipped_schema_is_one() -> None:
    import jsonschema

    text = (Path(junit.__file__).parents[1] / "waivers.schema.json").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
