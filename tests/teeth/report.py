"""Results of the bench as a table by families, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.apps.desk.variants import FAMILIES, Variant
from tests.teeth.subjects import CONTROLS
from tests.teeth.witnesses import TOOLS, Result


def rate(results: Sequence[Result]) -> str:
    """``7/9``, or a dash where nothing was run."""
    return f"{sum(result.killed for result in results)}/{len(results)}" if results else "–"


def markdown(results: Sequence[Result], variants: Mapping[str, Variant]) -> str:
    """Killed of run, by family and tool; then each variant that was run, and what gave it away."""
    tools = [tool for tool in TOOLS if any(result.tool == tool for result in results)]
    lines = ["| family | " + " | ".join(tools) + " |", "|---|" + "---:|" * len(tools)]
    judged = [result for result in results if result.subject not in CONTROLS]
    for family in FAMILIES:
        of_family = [result for result in judged if variants[result.subject].family == family]
        if of_family:
            cells = [rate([result for result in of_family if result.tool == tool]) for tool in tools]
            lines.append(f"| {family} | " + " | ".join(cells) + " |")
    totals = [rate([result for result in judged if result.tool == tool]) for tool in tools]
    lines += ["| **all** | " + " | ".join(f"**{total}**" for total in totals) + " |", ""]
    for tool in tools:
        for result in (each for each in results if each.tool == tool and each.subject in CONTROLS):
            said = "; ".join(f"{claim} {operation}" for claim, operation, _ in result.findings) or "nothing"
            lines.append(f"{tool} on the {result.subject} desk, seed {result.seed}: {said}.")
    lines += ["", "| variant | " + " | ".join(tools) + " |", "|---|" + "---|" * len(tools)]
    for name, variant in variants.items():
        cells = [_cell([each for each in judged if each.subject == name and each.tool == tool]) for tool in tools]
        if any(cell != "–" for cell in cells):
            lines.append(f"| {variant.family}: {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(results: Sequence[Result]) -> str:
    if not results:
        return "–"
    said = []
    for result in results:
        if result.error:
            said.append(f"error: {result.error.splitlines()[-1][:80]}")
        elif result.findings:
            claim, operation, _ = result.findings[-1]
            said.append(f"{claim} {operation}, {result.seconds:g} s")
        else:
            said.append(f"survived, {result.cases} cases in {result.seconds:g} s")
    return "; ".join(said).replace("|", "\\|")


def write(results: Sequence[Result], variants: Mapping[str, Variant], directory: Path) -> Path:
    """Write report.md and report.json; gives the path of the first."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "report.json").write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    path = directory / "report.md"
    path.write_text(markdown(results, variants), encoding="utf-8")
    return path
