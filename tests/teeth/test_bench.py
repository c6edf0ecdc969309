"""The bench counts rightly, goes on where it was ended, and ends what it started."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.apps.desk.variants import variants
from tests.teeth import witnesses
from tests.teeth.__main__ import Bench, arguments, by_turns, chosen, main
from tests.teeth.report import markdown
from tests.teeth.subjects import HEALTHY, HEALTHY_LOW, control, subject
from tests.teeth.witnesses import Result, run_understudy, serving

FINDING = ("claim", "GET /a", "wrong")


def result(tool: str, name: str, *, killed: bool, seed: int = 0) -> Result:
    return Result(tool, name, seed, 60.0, 1.5, 10, (FINDING,) if killed else ())


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int, bool]]:
    """What was run: tool, desk, seed, whether beside a healthy one. Understudy finds all, schemathesis nothing."""
    ran: list[tuple[str, str, int, bool]] = []

    def runner(tool: str) -> object:
        def run(name: str, seed: int, budget: float, work: Path, healthy: Result | None) -> Result:
            ran.append((tool, name, seed, healthy is not None))
            return Result(tool, name, seed, budget, 1.0, 5, (FINDING,) if tool == "understudy" and healthy else ())

        return run

    monkeypatch.setattr("tests.teeth.__main__.RUNNERS", {tool: runner(tool) for tool in witnesses.TOOLS})
    return ran


def test_families_and_tools_are_counted() -> None:
    results = [
        result("understudy", HEALTHY, killed=False),
        result("understudy", "put-not-kept", killed=True),
        result("understudy", "stale-read", killed=False),
        result("schemathesis", "put-not-kept", killed=False),
    ]
    table = markdown(results, variants())
    assert "| state | 1/2 | 0/1 |" in table
    assert "| **all** | **1/2** | **0/1** |" in table
    assert "understudy on the healthy desk, seed 0: nothing." in table
    assert "| state: put-not-kept | claim GET /a, 1.5 s | survived, 10 cases in 1.5 s |" in table


def test_results_are_read_as_they_were_written() -> None:
    before = Result("schemathesis", HEALTHY, 1, 60.0, 2.0, 3, (FINDING,), "late", (("GET /a", "{}"),))
    assert Result.from_json(before.to_json()) == before


def test_a_second_call_runs_only_what_is_missing(
    tmp_path: Path, calls: list[tuple[str, str, int, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--family", "hanging", "--out", str(tmp_path), "--max-time", "1"]
    assert main(options) == 0
    hanging = [name for name, variant in variants().items() if variant.family == "hanging"]
    assert {name for _, name, _, beside in calls if beside} == set(hanging)
    assert f"| hanging | {len(hanging)}/{len(hanging)} | 0/{len(hanging)} |" in capsys.readouterr().out
    assert len(json.loads((tmp_path / "report.json").read_text())) == len(calls)
    done = len(calls)
    assert main(options) == 0
    assert len(calls) == done
    assert main([*options, "--seed", "5", "--tool", "understudy"]) == 0
    assert {(tool, seed) for tool, _, seed, beside in calls[done:] if beside} == {("understudy", 5)}


def test_results_of_another_budget_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text(result("understudy", HEALTHY, killed=False).to_json() + "\n")
    assert len(Bench(tmp_path, 60.0).results) == 1
    assert Bench(tmp_path, 20.0).results == {}


def test_families_take_turns() -> None:
    order = by_turns(variants())
    families = [variants()[name].family for name in order[:22]]
    assert len(set(families)) == 22
    assert sorted(order) == sorted(variants())


def test_a_variant_is_judged_beside_a_desk_with_its_settings() -> None:
    assert control(subject("no-done")) == HEALTHY
    assert control(subject("limit-not-kept")) == HEALTHY_LOW
    with pytest.raises(KeyError):
        subject("nobody")


def test_a_desk_is_served_and_ended() -> None:
    with serving(HEALTHY) as url:
        assert httpx.get(f"{url}/health", timeout=60).json()["status"] == "ok"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")


def test_a_run_ends_at_the_first_finding_that_counts(tmp_path: Path) -> None:
    healthy = Result("understudy", HEALTHY, 0, 20.0, 1.0, 1)
    found = run_understudy("no-limit-headers", 0, 20.0, tmp_path, healthy)
    assert (found.error, found.killed) == ("", True)
    assert found.findings[0][0] == "response-headers"
    assert found.seconds < 20


@pytest.mark.parametrize("number", [1, 2])
def test_a_blind_round_is_chosen_by_its_number(number: int) -> None:
    round_ = chosen(arguments(["--blind", str(number)]))
    assert len(round_) == 20
    assert all(variant.blind == number for variant in round_.values())


def test_what_is_of_no_blind_round_is_chosen_by_0() -> None:
    assert set(chosen(arguments(["--blind", "0"]))) == {name for name, each in variants().items() if not each.blind}
