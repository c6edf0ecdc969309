"""Understudy and `schemathesis run` against the same mock, by turns: cases a second of the phases that both have.

python -m tests.bench.testers [--api NAME]... [--rounds N] [--max-time SECONDS] [--out bench] [--fresh]

Both generate with one engine; what is compared is what each does beside: sending, judging, recording. Understudy's
number of cases is given to schemathesis. Results are kept in build/ as they come; a second call goes on where the first
was ended.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, final

from tests.bench.client import request
from tests.bench.processes import ROOT, free_port, start, understudy
from understudy.specs.catalog import SHIPPED
from understudy.specs.documents.document import Json

__all__ = ["Pace", "Pair", "main", "page"]

WANTED: Final = 0.8
"""Of the rate of schemathesis."""
PATIENCE: Final = 900.0
"""Seconds after which a run counts as one without an end."""

_HOW: Final = """\
`make testers` writes this page. Understudy (`--profile standard`) and `schemathesis run` take turns against the same
mock, each in a process of its own; of Understudy the phases that both have are counted, coverage and fuzzing, and
schemathesis is asked for as many cases. Both draw with the same engine: the ratio tells what judging, confirming,
recording and reporting cost beside it. *CPU* is the tester's own time for a case. A ratio above 1 means that Understudy
is the faster one: the median of the rounds, and the least and the largest."""


@final
@dataclass(frozen=True, slots=True)
class Pace:
    """What a tester did in the phases that are compared.

    Attributes:
        seconds: By the clock.
        cpu_seconds: Its process's own, all threads.
    """

    cases: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Cases a second, by the clock."""
        return self.cases / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU time of a case, in milliseconds."""
        return self.cpu_seconds / self.cases * 1000


@final
@dataclass(frozen=True, slots=True)
class Pair:
    """One round.

    Attributes:
        total_seconds: Understudy's whole run with all its phases.
    """

    api: str
    round: int
    max_time: float
    operations: int
    total_cases: int
    total_seconds: float
    ours: Pace
    theirs: Pace

    @classmethod
    def from_json(cls, text: str) -> Pair:
        value = json.loads(text)
        return cls(**{**value, "ours": Pace(**value["ours"]), "theirs": Pace(**value["theirs"])})


def main(given: Sequence[str] | None = None) -> int:
    """1 when a median ratio is below what is wanted."""
    parser = argparse.ArgumentParser(prog="make testers TESTERS='…'")
    parser.add_argument("--api", choices=SHIPPED, action="append", help="this mock only; may be given again")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--max-time", type=float, default=300.0, metavar="SECONDS", help="of Understudy's run")
    parser.add_argument("--operations", type=int, default=14, metavar="N", help="at most, spread over the document")
    parser.add_argument("--out", type=Path, default=Path("bench"), help="where the page goes")
    parser.add_argument("--work", type=Path, default=Path("build/testers"), help="where results are kept")
    parser.add_argument("--fresh", action="store_true", help="forget the results of earlier calls")
    options = parser.parse_args(given)
    options.work.mkdir(parents=True, exist_ok=True)
    kept = options.work / "results.jsonl"
    if options.fresh:
        kept.unlink(missing_ok=True)
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    limits = (options.max_time, options.operations)
    pairs = [pair for pair in map(Pair.from_json, lines) if (pair.max_time, pair.operations) == limits]
    done = {(pair.api, pair.round) for pair in pairs}
    wanted = options.api or list(SHIPPED)
    for number in range(options.rounds):
        for api in wanted:
            if (api, number) not in done:
                pairs.append(_round(api, number, *limits, options.work.resolve()))
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(pairs[-1])) + "\n")
                sys.stdout.write(f"{api} round {number + 1}: {_ratio([pairs[-1]])} of schemathesis's rate\n")
                sys.stdout.flush()
    text = page(pair for pair in pairs if pair.api in wanted)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "testers.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0 if all(statistics.median(_ratios(pairs, api)) >= WANTED for api in wanted) else 1


def page(pairs: Iterable[Pair]) -> str:
    """The Markdown page."""
    found = list(pairs)
    lines = [
        "| mock | tester | cases | wall s | cases/s | CPU ms a case | rate: ratio | CPU: ratio | wanted |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    wholes = ["| mock | cases | wall s | cases/s |", "|---|---:|---:|---:|"]
    for api in dict.fromkeys(pair.api for pair in found):
        own = [pair for pair in found if pair.api == api]
        cpu = [pair.theirs.cpu_ms / pair.ours.cpu_ms for pair in own]
        ours = f"{_figures([pair.ours for pair in own])} | {_ratio(own)} | {_spread(cpu)}"
        lines.append(f"| {api} | Understudy | {ours} | ≥ {WANTED} |")
        lines.append(f"| {api} | schemathesis | {_figures([pair.theirs for pair in own])} | 1.00 | 1.00 | |")
        cases = statistics.median(pair.total_cases for pair in own)
        seconds = statistics.median(pair.total_seconds for pair in own)
        wholes.append(f"| {api} | {cases:,.0f} | {seconds:.1f} | {cases / seconds:,.0f} |")
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}."
    return "\n\n".join(
        [
            "# Testers",
            _HOW,
            machine,
            "## Coverage and fuzzing",
            "\n".join(lines),
            "## Understudy's whole run",
            "Conversations and probes included, which wait for streams and jobs.",
            "\n".join(wholes) + "\n",
        ]
    )


def _figures(paces: Sequence[Pace]) -> str:
    cases, seconds, rate, cpu = (
        statistics.median(getattr(pace, name) for pace in paces) for name in ("cases", "seconds", "rate", "cpu_ms")
    )
    return f"{cases:,.0f} | {seconds:.1f} | {rate:,.0f} | {cpu:.2f}"


def _ratios(pairs: Sequence[Pair], api: str) -> list[float]:
    return [pair.ours.rate / pair.theirs.rate for pair in pairs if pair.api == api]


def _ratio(pairs: Sequence[Pair]) -> str:
    return _spread([pair.ours.rate / pair.theirs.rate for pair in pairs])


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def _round(api: str, number: int, max_time: float, operations: int, work: Path) -> Pair:
    """Understudy, then schemathesis; each against a mock of its own, so that neither finds the other's records."""
    told = _run(api, work, "ours", str(max_time), str(number), str(operations))
    ours = Pace(**told["shared"])
    theirs = Pace(**_run(api, work, "theirs", str(told["examples"]), str(number), str(operations))["shared"])
    return Pair(api, number, max_time, operations, told["cases"], told["seconds"], ours, theirs)


def _run(api: str, work: Path, tester: str, *options: str) -> dict[str, Json]:
    port = free_port()
    command = understudy("mock", api, "-p", str(port), "--log-level", "error", "--pace", "0")
    with start("mock", command, port, request("GET", "/__understudy/"), {}):
        witness = [
            sys.executable,
            "-m",
            "tests.bench.testing_witness",
            tester,
            api,
            f"http://127.0.0.1:{port}",
            *options,
        ]
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
        done = subprocess.run(
            witness,
            cwd=work,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
    found: dict[str, Json] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
