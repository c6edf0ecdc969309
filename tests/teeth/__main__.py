"""`make teeth`: how many broken desks do Understudy and a tuned schemathesis find in the same time?

Results are kept as they come; a second call goes on where the first was ended. ``--fresh`` begins anew.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.apps.desk.variants import FAMILIES, Variant, variants
from tests.teeth.report import write
from tests.teeth.subjects import CONTROLS, HEALTHY, control
from tests.teeth.witnesses import RUNNERS, TOOLS, Result


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make teeth TEETH='…'", description=__doc__)
    parser.add_argument("--family", action="append", choices=FAMILIES, help="these families only")
    parser.add_argument("--variant", action="append", choices=sorted(variants()), metavar="NAME", help="these only")
    parser.add_argument("--blind", type=int, metavar="N", help="those of the N-th blind round only")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="one of the two only")
    parser.add_argument("--seed", action="append", type=int, metavar="N", help="0 unless said")
    parser.add_argument("--max-time", type=float, default=60.0, metavar="SECONDS", help="for each run; default 60")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="runs at a time; default 1")
    parser.add_argument("--out", type=Path, default=Path("build/teeth"), metavar="DIRECTORY")
    parser.add_argument("--fresh", action="store_true", help="forget the results of earlier calls")
    parser.add_argument("--list", action="store_true", help="show the variants, and end")
    return parser.parse_args(given)


def chosen(options: argparse.Namespace) -> Mapping[str, Variant]:
    """The variants that the options leave, family by family."""
    return {
        name: variant
        for name, variant in variants().items()
        if (not options.family or variant.family in options.family)
        and (not options.variant or name in options.variant)
        and options.blind in (None, variant.blind)
    }


def by_turns(wanted: Mapping[str, Variant]) -> list[str]:
    """The first of each family, then the second of each: what is done when a call is ended says something of all."""
    seen: Counter[str] = Counter()
    turns: dict[str, int] = {}
    for name, variant in wanted.items():
        turns[name] = seen[variant.family]
        seen[variant.family] += 1
    return sorted(wanted, key=lambda name: turns[name])


CONTROL_SEEDS = 3
"""How often a healthy desk is tried, so that what a tool says wrongly of it isn't taken for a find elsewhere."""


class Bench:
    """Runs what has no result yet, and keeps every result at once."""

    def __init__(self, out: Path, budget: float) -> None:
        self.out = out.resolve()
        self.budget = budget
        self.file = self.out / "results.jsonl"
        self.results: dict[tuple[str, str, int], Result] = {}
        if self.file.exists():
            for line in self.file.read_text(encoding="utf-8").splitlines():
                result = Result.from_json(line)
                if result.budget == budget:
                    self.results[result.tool, result.subject, result.seed] = result

    def run(self, tool: str, name: str, seed: int, healthy: Result | None) -> Result:
        key = (tool, name, seed)
        if key not in self.results:
            work = self.out / "work" / f"{tool}-{name}-{seed}"
            result = RUNNERS[tool](name, seed, self.budget, work, healthy)
            self.results[key] = result
            with self.file.open("a", encoding="utf-8") as file:
                file.write(result.to_json() + "\n")
            state = f"error: {result.error}" if result.error else "killed" if result.killed else "survived"
            said = " ".join(result.findings[-1]) if result.findings else ""
            sys.stdout.write(f"{tool:12} {name:28} {state:9} {result.seconds:5.1f} s {result.cases:6} cases  {said}\n")
            sys.stdout.flush()
        return self.results[key]

    def said(self, tool: str, name: str) -> Result:
        """All that a tool said of a healthy desk."""
        results = [result for result in list(self.results.values()) if result.tool == tool and result.subject == name]
        findings = tuple(finding for result in results for finding in result.findings)
        return replace(
            results[0], findings=findings, known=tuple({pair for result in results for pair in result.known})
        )


def main(given: Sequence[str] | None = None) -> int:
    """1 when a healthy desk has findings of ours, or a run failed; survivors are figures, not errors."""
    options = arguments(given)
    wanted = chosen(options)
    if options.list:
        for variant in wanted.values():
            sys.stdout.write(f"{variant.family:14} {variant.name:28} {variant.wrong}: {variant.sees}\n")
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    if options.fresh:
        (options.out / "results.jsonl").unlink(missing_ok=True)
    bench = Bench(options.out, options.max_time)
    tools, seeds = options.tool or list(TOOLS), options.seed or [0]
    control_seeds = sorted({seed + more for seed in seeds for more in range(CONTROL_SEEDS)})
    controls = sorted({control(variant) for variant in wanted.values()} | {HEALTHY})
    healthy = [(tool, name, seed) for tool in tools for name in controls for seed in control_seeds]
    work = [(tool, name, seed) for seed in seeds for name in by_turns(wanted) for tool in tools]

    def judge(key: tuple[str, str, int]) -> Result:
        tool, name, seed = key
        return bench.run(tool, name, seed, bench.said(tool, control(wanted[name])))

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda key: bench.run(key[0], key[1], key[2], None), healthy))
        list(pool.map(judge, work))
    ran = {*healthy, *work}
    results = [result for key, result in bench.results.items() if key in ran]
    path = write(results, variants(), options.out)
    sys.stdout.write("\n" + path.read_text(encoding="utf-8").partition("\n\n")[0] + f"\n\n{path}\n")
    false_alarm = any(each.findings for each in results if each.tool == "understudy" and each.subject in CONTROLS)
    return 1 if false_alarm or any(each.error for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
