"""Requests, one kind after the other, on all servers in turn: so that what else the machine does hits all alike."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

from tests.bench.cases import Case
from tests.bench.client import connections, drive
from tests.bench.processes import Server

__all__ = ["Measured", "measure", "ratio"]

CONNECTIONS = 8


@final
@dataclass
class Measured:
    """One case on one server, a figure for each round.

    Attributes:
        cpu: CPU microseconds of the server for one request.
        rate: Requests in a second, by the wall clock, on `CONNECTIONS` connections.
        alone: Seconds of each request on one connection, all rounds.
    """

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Of the latencies on one connection, in milliseconds."""
        ordered = sorted(self.alone)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


def measure(
    servers: Sequence[Server], cases: Sequence[Case], *, rounds: int, requests: int
) -> dict[tuple[str, str], Measured]:
    """By the names of server and case."""
    found = {(server.name, case.name): Measured() for server in servers for case in cases}
    numbers = itertools.count()
    for _ in range(rounds + 1):
        for case in cases:
            for server in servers:
                status = case.bare if server.name == "bare" else case.status
                made = [case.make(next(numbers)) for _ in range(requests)]
                single = [case.make(next(numbers)) for _ in range(requests // 8)]
                with connections(server.port, CONNECTIONS) as opened:
                    # What a connection costs to open isn't counted, nor the first requests.
                    drive(opened, made[:CONNECTIONS], status)
                    cpu, began = server.cpu_seconds(), time.perf_counter()
                    drive(opened, made, status)
                    seconds, cpu = time.perf_counter() - began, server.cpu_seconds() - cpu
                    alone = drive(opened[:1], single, status)
                held = found[server.name, case.name]
                held.cpu.append(cpu / requests * 1e6)
                held.rate.append(requests / seconds)
                held.alone += alone
    for held in found.values():
        # The first round warmed up.
        del held.cpu[0], held.rate[0], held.alone[: requests // 8]
    return found


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """Median, least and largest of the ratios within each round."""
    each = [one / other for one, other in zip(ours, theirs, strict=True) if other]
    return (statistics.median(each), min(each), max(each)) if each else (0.0, 0.0, 0.0)
