"""`understudy test` against targets that misbehave: it ends by itself, with the exit code and the words that
contracts/README.md states, with its reports, and with memory to spare. Each is a real process and a real connection."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.apps.bad_targets import SECRET, TARGETS, THING

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "contracts" / "README.md").read_text(encoding="utf-8")
ROWS: Final = {
    name: (int(code), said) for name, code, said in re.findall(r"^\| ([^|]+) \| (\d) \| (.+) \|$", README, re.M)
}
MEMORY: Final = int(re.findall(r"never takes more than (\d+) MiB", README)[0]) * 1024
HANGS_AFTER: Final = 600.0
"""Seconds after which a run has no end; nothing is said of how long it takes until then."""

_COMMAND: Final = "import sys; from understudy.contracts.cli import main; sys.exit(main())"
_MEASURED: Final = f"""
import resource, subprocess, sys
code = subprocess.call([sys.executable, "-c", {_COMMAND!r}, *sys.argv[1:]])
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
"""Small beside what it measures, because the peak of a process begins with that of its parent."""


def test_every_target_has_a_row() -> None:
    assert ROWS.keys() == TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_that(name: str, tmp_path: Path) -> None:
    code, said = ROWS[name]
    document, out = tmp_path / "thing.json", tmp_path / "report"
    document.write_text(json.dumps(THING), encoding="utf-8")
    options = ["--profile", "quick", "--max-time", "30s", "--timeout", "2s", "-H", f"Authorization: Bearer {SECRET}"]
    with TARGETS[name](tmp_path) as target:
        command = [sys.executable, "-c", _MEASURED, "test", str(document), *target, *options, "--out", str(out)]
        environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=HANGS_AFTER, env=environment, check=False
        )
    shown, _, peak = done.stdout.rpartition("peak ")
    assert done.returncode == code, done.stdout + done.stderr
    assert said in " ".join(shown.split())
    assert not done.stderr
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["run"]["exitCode"] == code
    assert said in json.dumps(report, ensure_ascii=False).replace('\\"', '"')
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not any(SECRET in text for text in (shown, page, json.dumps(report)))
    assert int(peak) < MEMORY
