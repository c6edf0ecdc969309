"""Write a Run as one HTML file that needs nothing else: no network, no fonts, and no script to be read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from understudy.contracts.claims import Severity
from understudy.contracts.reports.conclusion import outcome
from understudy.contracts.reports.latency import format_ms
from understudy.contracts.reports.view import TimelineView, View, view_run
from understudy.contracts.verdict import Run, Verdict
from understudy.contracts.wording import count

__all__ = ["render", "write"]

MAX_DETAILED = 100
"""Findings shown with their conversations; the others are listed."""

_TEMPLATES = Path(__file__).with_name("templates")


def write(run: Run, path: Path) -> None:
    """Write the report; see `render`."""
    path.write_text(render(view_run(run)), encoding="utf-8", newline="\n")


def render(view: View) -> str:
    """The whole page. Its Content-Security-Policy lets nothing load and only its own script and style work."""
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            view=view,
            outcome=outcome(view.exit_code),
            verdicts=[(verdict.value, view.totals.verdicts.get(verdict, 0)) for verdict in Verdict],
            severities=[(severity.value, view.totals.severities.get(severity, 0)) for severity in Severity],
            style=style,
            style_hash=_hash(style),
            script=script,
            script_hash=_hash(script),
            most=MAX_DETAILED,
        )
    )


@cache
def _asset(name: str) -> Markup:
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8").strip())


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "bare": lambda link: link.partition("://")[2],
        "breakable": _breakable,
        "amount": count,
        "groupby_operation": _group,
        "instant": _instant,
        "ms": format_ms,
        "thousands": lambda number: f"{number:,}",
    }
    return environment


def _breakable(text: str) -> Markup:
    """Text that may be broken after each slash."""
    return Markup("/<wbr>").join(text.split("/"))


def _instant(time: str) -> str:
    """``2026-11-20T18:40:00Z`` → ``2026-11-20 18:40 UTC``; anything else stays."""
    return f"{time[:10]} {time[11:16]} UTC" if len(time) == 20 and time.endswith("Z") else time


def _group(timelines: Sequence[TimelineView]) -> list[tuple[str, list[TimelineView]]]:
    return [(key, [*group]) for key, group in groupby(timelines, key=lambda timeline: timeline.operation)]
