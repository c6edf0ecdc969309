"""The two tools on the bench, each run as a process of its own against a served desk, with one budget."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.teeth.subjects import subject

ROOT = Path(__file__).parents[2]
TOOLS = ("understudy", "schemathesis")
GRACE_SECONDS = 45
"""What a tool may take beyond its budget, before it is ended."""

Finding = tuple[str, str, str]
"""Claim or check, operation (empty where the tool doesn't say), a sentence."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one tool said of one desk.

    Attributes:
        findings: Those that the healthy desk doesn't have, for a variant; all, for a healthy desk.
        error: Why the run is no run; empty where it is one.
    """

    tool: str
    subject: str
    seed: int
    budget: float
    seconds: float
    cases: int
    findings: tuple[Finding, ...] = ()
    error: str = ""
    known: tuple[tuple[str, str], ...] = field(default=())

    @property
    def killed(self) -> bool:
        return bool(self.findings)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Result:
        value = json.loads(text)
        value["findings"] = tuple((claim, operation, message) for claim, operation, message in value["findings"])
        value["known"] = tuple((claim, operation) for claim, operation in value["known"])
        return cls(**value)


@contextmanager
def serving(name: str) -> Iterator[str]:
    """A desk on a port of its own; gives its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.teeth.serving", name], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError(f"the desk {name} doesn't open")
        yield url
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def run_understudy(name: str, seed: int, budget: float, work: Path, healthy: Result | None) -> Result:
    """`healthy` is the same tool's result for the healthy desk; None goes to the end and collects."""
    work.mkdir(parents=True, exist_ok=True)
    document = work / "openapi.yaml"
    document.write_text(subject(name).document(), encoding="utf-8")
    known = None if healthy is None else [finding[:2] for finding in healthy.findings]
    with serving(name) as url:
        command = [sys.executable, "-m", "tests.teeth.understudy_witness", str(document), url, str(budget), str(seed)]
        finished = _run([*command, json.dumps(known)], ROOT, budget)
    if isinstance(finished, str):
        return Result("understudy", name, seed, budget, budget, 0, error=finished)
    if finished.returncode:
        return Result("understudy", name, seed, budget, budget, 0, error=finished.stderr.strip()[-300:])
    value = json.loads(finished.stdout.splitlines()[-1])
    findings = [(claim, operation, message) for claim, operation, message in value["findings"]]
    if known is not None:
        findings = [finding for finding in findings if finding[:2] not in known]
    error = "" if value["exchanges"] else "; ".join(value["errors"])
    return Result("understudy", name, seed, budget, value["seconds"], value["exchanges"], tuple(findings), error)


def run_schemathesis(name: str, seed: int, budget: float, work: Path, healthy: Result | None) -> Result:
    """The same. What it says of the healthy desk is a baseline file, which it takes as accepted."""
    work.mkdir(parents=True, exist_ok=True)
    for file in (Path(__file__).parent / "schemathesis").iterdir():
        if file.is_file():
            shutil.copy(file, work)
    (work / "openapi.yaml").write_text(subject(name).document(), encoding="utf-8")
    baseline, report = work / "baseline.json", work / "report.json"
    report.unlink(missing_ok=True)
    options = ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"]
    options += ["--max-time", str(round(budget)), "--seed", str(seed), "--request-timeout", "5", "--no-color"]
    options += ["--report", "json", "--report-json-path", str(report), "--baseline", str(baseline)]
    if healthy is None:
        options.append("--baseline-update")
    else:
        options += ["--max-failures", "1"]
        _write_baseline(baseline, healthy)
    with serving(name) as url:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"]
        finished = _run([*command, "openapi.yaml", "--url", url, *options], work, budget)
    if isinstance(finished, str):
        return Result("schemathesis", name, seed, budget, budget, 0, error=finished)
    if not report.exists():
        return Result("schemathesis", name, seed, budget, budget, 0, error=finished.stdout.strip()[-300:])
    value = json.loads(report.read_text(encoding="utf-8"))
    fresh = value["baseline"]["new"]
    failures = [(each["code"], ", ".join(each["operations"]), each["title"]) for each in value["failures"]]
    return Result(
        "schemathesis",
        name,
        seed,
        budget,
        round(value["running_time"], 1),
        value["test_cases"]["generated"],
        tuple(failures) if fresh else (),
        known=_read_baseline(baseline) if healthy is None else (),
    )


def _run(command: list[str], directory: Path, budget: float) -> subprocess.CompletedProcess[str] | str:
    """The ended process, or why there is none."""
    path = os.pathsep.join([str(directory), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    try:
        return subprocess.run(
            command,
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=budget + GRACE_SECONDS,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        return f"not done {GRACE_SECONDS} s after its time"


def _read_baseline(path: Path) -> tuple[tuple[str, str], ...]:
    """Pairs of operation and entry, the entry as JSON."""
    if not path.exists():
        return ()
    entries = json.loads(path.read_text(encoding="utf-8"))["entries"]
    return tuple((entry["operation"], json.dumps(entry)) for entry in entries)


def _write_baseline(path: Path, healthy: Result) -> None:
    from importlib.metadata import version

    entries = list({entry["id"]: entry for entry in (json.loads(text) for _, text in healthy.known)}.values())
    content = {"format_version": 1, "schemathesis_version": version("schemathesis"), "entries": entries}
    path.write_text(json.dumps(content), encoding="utf-8")


RUNNERS = {"understudy": run_understudy, "schemathesis": run_schemathesis}
