"""The bench beside schemathesis counts rightly and goes on where it was ended; one small round of it is real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import testers
from tests.bench.testers import Pace, Pair, main, page

OURS, THEIRS = Pace(200, 2.0, 1.0), Pace(100, 2.0, 1.0)


def pair(api: str = "aivax", number: int = 0, ours: Pace = OURS) -> Pair:
    return Pair(api, number, 300.0, 14, 500, 10.0, ours, THEIRS)


def test_rates_and_ratios() -> None:
    assert (OURS.rate, OURS.cpu_ms) == (100, 5)
    text = page([pair(number=0), pair(number=1, ours=Pace(40, 1.0, 1.0)), pair(number=2)])
    assert "| aivax | Understudy | 200 | 2.0 | 100 | 5.00 | 2.00 (0.80–2.00) | 2.00 (0.40–2.00) | ≥ 0.8 |" in text
    assert "| aivax | schemathesis | 100 | 2.0 | 50 | 10.00 | 1.00 | 1.00 | |" in text
    assert "| aivax | 500 | 10.0 | 50 |" in text


def test_a_second_call_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured: list[int] = []

    def one(api: str, number: int, max_time: float, operations: int, work: Path) -> Pair:
        measured.append(number)
        return pair(api, number)

    monkeypatch.setattr(testers, "_round", one)
    options = ["--api", "aivax", "--work", str(tmp_path / "w"), "--out", str(tmp_path)]
    assert main([*options, "--rounds", "2"]) == 0
    assert main([*options, "--rounds", "3"]) == 0
    assert measured == [0, 1, 2]
    assert main([*options, "--rounds", "1", "--fresh"]) == 0
    assert measured == [0, 1, 2, 0]
    assert (tmp_path / "testers.md").read_text(encoding="utf-8") in capsys.readouterr().out


def test_too_slow_is_an_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(testers, "_round", lambda api, number, *others: pair(api, number, Pace(70, 2.0, 1.0)))
    assert main(["--api", "aivax", "--rounds", "1", "--work", str(tmp_path / "w"), "--out", str(tmp_path)]) == 1


def test_a_round_runs_both(tmp_path: Path) -> None:
    options = ["--api", "quantum-nexus", "--rounds", "1", "--max-time", "10", "--operations", "1"]
    main([*options, "--work", str(tmp_path / "w"), "--out", str(tmp_path)])
    (line,) = (tmp_path / "w" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    measured = Pair.from_json(line)
    assert json.loads(line)["ours"]["cases"] == measured.ours.cases > 0
    assert measured.theirs.cases > 0
    assert measured.ours.cpu_seconds > 0
    assert measured.total_seconds >= measured.ours.seconds
