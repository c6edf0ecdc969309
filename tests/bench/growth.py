"""How loading and answering grow with the number of operations, and what the cache of parsed documents saves."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.bench.client import connections, drive, request
from tests.bench.documents import small_document, synthetic_document, write_document
from tests.bench.processes import free_port, start, understudy

__all__ = ["SIZES", "Growth", "measure_growth"]

SIZES: Final = (10, 100, 600, 3000)
IN_YAML: Final = (600,)
"""Sizes that are also measured as YAML: what differs is only how long the text takes to parse."""


@final
@dataclass(frozen=True)
class Growth:
    """One document.

    Attributes:
        cold: CPU seconds from the start of the process to its first 200, with nothing cached; `cached` the second time.
        rss: MiB after that.
        request: CPU microseconds of a GET with a generated body, another path each time.
    """

    name: str
    operations: int
    megabytes: float
    cold: float
    cached: float
    rss: float
    request: float


def measure_growth(folder: Path, sizes: Sequence[int] = SIZES, *, requests: int = 800) -> Iterator[Growth]:
    """The small document, and synthetic ones: flat and dense, JSON and YAML."""
    yield _measure("small, JSON", 6, write_document(small_document(), folder / "small.json"), "/orders/{}", requests)
    for is_dense in (False, True):
        for size in sizes:
            document = synthetic_document(size, dense=is_dense)
            for suffix in ("json", "yaml") if size in IN_YAML else ("json",):
                name = f"{'dense' if is_dense else 'flat'}, {suffix.upper()}"
                path = write_document(document, folder / f"{is_dense}-{size}.{suffix}")
                yield _measure(name, size, path, "/area3/resource3/{}", requests)
                path.unlink()


def _measure(name: str, operations: int, path: Path, target: str, requests: int) -> Growth:
    cache = path.parent / f"cache-{path.name}"
    runs = [_run(path, cache, target, requests if again else 0) for again in (False, True)]
    (cold, _, _), (cached, rss, cost) = runs
    return Growth(name, operations, path.stat().st_size / 1e6, cold, cached, rss, cost)


def _run(path: Path, cache: Path, target: str, requests: int) -> tuple[float, float, float]:
    port = free_port()
    command = understudy("mock", str(path), "-p", str(port), "--log-level", "error", "--stateless")
    probe = request("GET", target.format("first"))
    # `click.get_app_dir`, where the cache is, follows this variable.
    with start(path.name, command, port, probe, {"XDG_CONFIG_HOME": str(cache), "HOME": os.environ["HOME"]}) as server:
        rss = server.rss_mib()
        if not requests:
            return server.started_after[1], rss, 0.0
        costs = []
        with connections(port, 4) as opened:
            for part in range(5):
                made = [request("GET", target.format(f"x{part}-{number}")) for number in range(requests // 5)]
                cpu = server.cpu_seconds()
                drive(opened, made, 200)
                costs.append((server.cpu_seconds() - cpu) / len(made) * 1e6)
        return server.started_after[1], rss, statistics.median(costs[1:])
