"""What was measured, as a Markdown page and a plot."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, final
from xml.sax.saxutils import escape

from tests.bench.cases import Case
from tests.bench.growth import Growth
from tests.bench.processes import Server
from tests.bench.streams import Streams
from tests.bench.throughput import Measured, ratio

__all__ = ["Results", "write_page", "write_plot"]

_HOW: Final = """\
`make bench` writes this page. Everything runs on loopback in one run, the servers taking turns with each kind of
request, so that whatever else the machine does hits all alike. *CPU* is the server process's own time for one
request, from the scheduler; *ratio* is that of bare Starlette (the same bytes, serialised beforehand; nothing is
read, checked or chosen) divided by the server's, within each round: the median, and the least and largest round.
1.00 is as fast as bare Starlette, and more is faster. *Rate* is the same by the wall clock on 8 connections, where
the client's share of the time blurs the difference. p50 and p99 are on one connection."""
_NAMES: Final = {"ours": "Understudy", "bare": "bare Starlette", "prism": "Prism"}


@final
@dataclass
class Results:
    """Everything of one run; what wasn't measured is empty."""

    servers: Sequence[tuple[Server, float]] = ()
    cases: Sequence[Case] = ()
    measured: Mapping[tuple[str, str], Measured] = field(default_factory=dict)
    stateful: Mapping[tuple[str, str], Measured] = field(default_factory=dict)
    stateful_cases: Sequence[Case] = ()
    streams: Mapping[str, Sequence[Sequence[Streams]]] = field(default_factory=dict)
    growth: Sequence[Growth] = ()


def write_page(results: Results, seconds: float) -> str:
    """The Markdown page."""
    parts = [
        "# Benchmark",
        _HOW,
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {seconds:.0f} s for all of it.",
    ]
    if results.measured:
        parts += ["![Ratios to bare Starlette](ratios.svg)", "## Requests", _requests(results.cases, results.measured)]
    if results.servers:
        parts += ["## Start", _starts(results.servers)]
    if results.stateful:
        parts += ["## Records", _stateful(results.stateful_cases, results.stateful)]
    if results.streams:
        parts += ["## Streams", _streams(results.streams)]
    if results.growth:
        parts += ["## Growth", _growth(results.growth)]
    return "\n\n".join(parts) + "\n"


def write_plot(results: Results) -> str:
    """Ratios to bare Starlette by CPU time, one bar for each case and server, as SVG."""
    rows = [
        (case, name, *ratio(results.measured["bare", case.name].cpu, held.cpu))
        for case in results.cases
        for name in ("ours", "prism")
        if (held := results.measured.get((name, case.name))) is not None
    ]
    scale, left, height = 260.0, 330, 22
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{height * len(rows) + 50}" '
        'font-family="sans-serif" font-size="12">',
        "<title>Requests for the CPU time that bare Starlette takes for one</title>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for index, (case, name, median, low, high) in enumerate(rows):
        y = 20 + index * height
        colour = "#2f6f9f" if name == "ours" else "#b8b8b8"
        label = escape(case.name if name == "ours" else _NAMES[name])
        lines += [
            f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{label}</text>',
            f'<rect x="{left}" y="{y}" width="{median * scale:.1f}" height="{height - 6}" fill="{colour}"/>',
            f'<path d="M{left + low * scale:.1f} {y + 8}H{left + high * scale:.1f}" stroke="black"/>',
            f'<text x="{left + max(median, high) * scale + 6:.1f}" y="{y + 13}">{median:.2f}</text>',
        ]
        if name == "ours" and case.target is not None:
            x = left + case.target * scale
            lines.append(f'<path d="M{x:.1f} {y - 2}v{height - 2}" stroke="#c0392b" stroke-dasharray="3 2"/>')
    bottom = 20 + height * len(rows)
    lines += [
        f'<path d="M{left + scale:.1f} 10V{bottom}" stroke="#888"/>',
        f'<text x="{left + scale:.1f}" y="{bottom + 14}" text-anchor="middle">1.0 = bare Starlette</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _requests(cases: Sequence[Case], measured: Mapping[tuple[str, str], Measured]) -> str:
    rows = []
    for case in cases:
        bare = measured["bare", case.name]
        for name in ("ours", "prism", "bare"):
            held = measured.get((name, case.name))
            if held is not None:
                target = f"≥ {case.target}" if name == "ours" and case.target is not None else ""
                rows.append((case.name, _NAMES[name], *_figures(held, bare), target))
    head = ("request", "server", "CPU µs", "ratio", "rate/s", "rate", "p50 ms", "p99 ms", "wanted")
    return _table(head, rows)


def _figures(held: Measured, bare: Measured) -> tuple[str, ...]:
    cpu, low, high = ratio(bare.cpu, held.cpu)
    return (
        f"{statistics.median(held.cpu):.0f}",
        f"{cpu:.2f} ({low:.2f}–{high:.2f})",
        f"{statistics.median(held.rate):,.0f}",
        f"{ratio(held.rate, bare.rate)[0]:.2f}",
        f"{held.percentile(0.5):.2f}",
        f"{held.percentile(0.99):.2f}",
    )


def _starts(servers: Sequence[tuple[Server, float]]) -> str:
    rows = [
        (_NAMES[server.name], f"{server.started_after[0]:.2f}", f"{server.started_after[1]:.2f}", f"{rss:.0f}")
        for server, rss in servers
    ]
    return _table(("server", "s to the first 200", "CPU s to the first 200", "RSS MiB"), rows)


def _stateful(cases: Sequence[Case], measured: Mapping[tuple[str, str], Measured]) -> str:
    rows = []
    for case in cases:
        bare, few, many = (measured[name, case.name] for name in ("bare", "few", "many"))
        grown = ratio(many.cpu, few.cpu)
        for name, held in (("100 records", few), ("100,000 records", many), ("bare Starlette", bare)):
            growth = f"{grown[0]:.2f} ({grown[1]:.2f}–{grown[2]:.2f})" if held is many else ""
            rows.append((case.name, name, *_figures(held, bare), growth))
    head = ("request", "server", "CPU µs", "ratio", "rate/s", "rate", "p50 ms", "p99 ms", "100,000 : 100")
    return _table(head, rows)


def _streams(streams: Mapping[str, Sequence[Sequence[Streams]]]) -> str:
    rows = []
    for title, rounds in streams.items():
        bare = [each for found in rounds for each in found if each.server == "bare"]
        for name in dict.fromkeys(each.server for found in rounds for each in found):
            own = [each for found in rounds for each in found if each.server == name]
            middle = [
                statistics.median(getattr(each, field) for each in own)
                for field in ("events", "cpu", "seconds", "first_p99")
            ]
            each = ratio([each.cpu for each in bare], [each.cpu for each in own])
            rate = ratio([each.events for each in own], [each.events for each in bare])
            wrong = sum(each.wrong for each in own)
            rows.append(
                (
                    *(title, _NAMES[name], f"{middle[0]:,.0f}", f"{rate[0]:.2f}", f"{middle[1]:.1f}"),
                    *(
                        f"{each[0]:.2f} ({each[1]:.2f}–{each[2]:.2f})",
                        f"{middle[2]:.2f}",
                        f"{middle[3]:.0f}",
                        str(wrong),
                    ),
                )
            )
    head = (
        *("streams of 50 events", "server", "events/s", "rate", "CPU µs/event", "ratio"),
        *("s until the last ends", "first event p99 ms", "broken or out of order"),
    )
    return _table(head, rows)


def _growth(growth: Sequence[Growth]) -> str:
    rows = [
        (
            *(each.name, f"{each.operations:,}", f"{each.megabytes:.2f}", f"{each.cold:.2f}", f"{each.cached:.2f}"),
            *(f"{each.rss:.0f}", f"{each.request:.0f}", f"{each.body:,.0f}"),
            f"{each.times:.2f}" if each.times else "",
        )
        for each in growth
    ]
    head = (
        *("document", "operations", "MB", "CPU s to the first 200, cold", "cached"),
        *("RSS MiB", "CPU µs of a GET with a generated body", "octets of that body", "× that of the smallest"),
    )
    return _table(head, rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
