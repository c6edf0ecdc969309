"""One run of a tester, and what its coverage and fuzzing took; prints it as JSON.

python -m tests.bench.testing_witness ours NAME URL SECONDS SEED OPERATIONS
python -m tests.bench.testing_witness theirs NAME URL EXAMPLES SEED OPERATIONS

The command line of either doesn't tell CPU time by phase: so both are called here as their commands call them.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from understudy.contracts.case import Phase
from understudy.contracts.events import Event, ExchangeDone, PhaseFinished, PhaseStarted
from understudy.specs.documents.document import Json
from understudy.specs.model import Api, Operation

SHARED: Final = (Phase.COVERAGE, Phase.FUZZING)
HEADERS: Final = (("Authorization", "Bearer bench"), ("X-API-Key", "bench"))
"""Mocks take any credential that is well-formed."""

_QUIET: Final = """\
seed = {seed}
continue-on-failure = true
[generation]
mode = "all"
database = "none"
no-shrink = true
max-examples = {examples}
[phases.examples]
enabled = false
[phases.stateful]
enabled = false
"""


class Tap:
    """Counts what passes by."""

    def __init__(self) -> None:
        self.cases: Counter[Phase] = Counter()
        self.seconds: Counter[Phase] = Counter()
        self.cpu: Counter[Phase] = Counter()

    def through(self, events: Iterator[Event]) -> Iterator[Event]:
        """The same events."""
        began: dict[Phase, tuple[float, float]] = {}
        for event in events:
            match event:
                case ExchangeDone(exchange):
                    self.cases[exchange.case.phase] += 1
                case PhaseStarted(phase):
                    began[phase] = time.perf_counter(), time.process_time()
                case PhaseFinished(phase) if phase in began:
                    wall, cpu = began[phase]
                    self.seconds[phase] += time.perf_counter() - wall  # type: ignore[assignment]
                    self.cpu[phase] += time.process_time() - cpu  # type: ignore[assignment]
            yield event


def chosen(api: Api, count: int) -> tuple[Operation, ...]:
    """So many operations at most, spread over the document."""
    return api.operations[:: math.ceil(len(api.operations) / count)]


def ours(name: str, url: str, seconds: float, seed: int, count: int) -> dict[str, Json]:
    """`understudy test NAME --url URL --profile standard`."""
    from understudy.contracts.commands.testing import run_and_report
    from understudy.contracts.running.runner import run_checks
    from understudy.contracts.settings import Profile, Settings
    from understudy.specs.catalog import load_api

    api = load_api(name)
    operations = chosen(api, count)
    settings = Settings(
        profile=Profile.STANDARD,
        max_seconds=seconds,
        seed=seed,
        headers=HEADERS,
        include=tuple(each.label for each in operations),
    )
    tap, began = Tap(), time.perf_counter()
    events = tap.through(run_checks(api, url, settings, document=name))
    with contextlib.redirect_stdout(io.StringIO()):
        run_and_report(api, events, settings, formats=("html", "json"), directory=Path("ours"))
    return {
        "cases": tap.cases.total(),
        "seconds": time.perf_counter() - began,
        "examples": max(1, math.ceil(tap.cases[Phase.FUZZING] / len(operations))),
        "shared": {
            "cases": sum(tap.cases[phase] for phase in SHARED),
            "seconds": sum(tap.seconds[phase] for phase in SHARED),
            "cpu_seconds": sum(tap.cpu[phase] for phase in SHARED),
        },
    }


def theirs(name: str, url: str, examples: int, seed: int, count: int) -> dict[str, Json]:
    """`schemathesis run` with every check, in the same two phases."""
    from schemathesis.cli import schemathesis

    from understudy.specs.catalog import load_api
    from understudy.specs.conversion.convert import Target, convert_api
    from understudy.specs.wire.json_bodies import dump_json

    api = load_api(name)
    Path("theirs.json").write_bytes(dump_json(convert_api(api, Target.V3_2).document))
    Path("theirs.toml").write_text(_QUIET.format(seed=seed, examples=examples), encoding="utf-8")
    options = ["run", "theirs.json", "--url", url, "--checks", "all", "--no-color"]
    for header, value in HEADERS:
        options += ["-H", f"{header}: {value}"]
    for operation in chosen(api, count):
        options += ["--include-name", operation.label]
    options += ["--report", "json", "--report-json-path", "report.json"]
    wall, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        schemathesis(["--config-file", "theirs.toml", *options])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    cases = json.loads(Path("report.json").read_text(encoding="utf-8"))["test_cases"]["generated"]
    return {"shared": {"cases": cases, "seconds": wall, "cpu_seconds": cpu}}


if __name__ == "__main__":
    _, _tester, _name, _url, _much, *_numbers = sys.argv
    _seed, _count = map(int, _numbers)
    if _tester == "ours":
        _told = ours(_name, _url, float(_much), _seed, _count)
    else:
        _told = theirs(_name, _url, int(_much), _seed, _count)
    sys.stdout.write(json.dumps(_told) + "\n")
