"""How loading and answering grow with the number of operations, and what the cache of parsed documents saves."""

from __future__ import annotations

import contextlib
import itertools
import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from tests.bench.client import connections, drive, request
from tests.bench.documents import small_document, synthetic_document, write_document
from tests.bench.processes import Server, free_port, start, understudy

__all__ = ["SIZES", "Growth", "measure_growth"]

SIZES: Final = (10, 100, 600, 3000)
IN_YAML: Final = (600,)
"""Sizes that are also measured as YAML: what differs is only how long the text takes to parse."""
_TARGET: Final = "/area3/resource3/{}"
_NUMBERS: Final = itertools.count()


@final
@dataclass(frozen=True)
class Growth:
    """One document.

    Attributes:
        cold: CPU seconds from the start of the process to its first 200, with nothing cached; `cached` the second time.
        rss: MiB after that.
        request: CPU microseconds of a GET with a generated body, another path each time.
        times: That, divided by what it takes at the same time with the smallest document of the kind; 0 for that one.
        body: Octets of that body: what is larger costs more however many operations there are.
    """

    name: str
    operations: int
    megabytes: float
    cold: float
    cached: float
    rss: float
    request: float
    times: float
    body: float


def measure_growth(folder: Path, sizes: Sequence[int] = SIZES, *, requests: int = 800) -> Iterator[Growth]:
    """The small document, and synthetic ones: flat and dense, JSON and YAML."""
    small = write_document(small_document(), folder / "small.json")
    yield _measure("small, JSON", 6, small, "/orders/{}", requests)
    for is_dense in (False, True):
        with contextlib.ExitStack() as stack:
            smallest: Server | None = None
            for size in sizes:
                document = synthetic_document(size, dense=is_dense)
                for suffix in ("json", "yaml") if size in IN_YAML else ("json",):
                    name = f"{'dense' if is_dense else 'flat'}, {suffix.upper()}"
                    path = write_document(document, folder / f"{is_dense}-{size}.{suffix}")
                    yield _measure(name, size, path, _TARGET, requests, smallest)
                    if smallest is None:
                        smallest = stack.enter_context(_serve(path, _TARGET))
                    path.unlink()


def _measure(
    name: str, operations: int, path: Path, target: str, requests: int, smallest: Server | None = None
) -> Growth:
    megabytes = path.stat().st_size / 1e6
    with _serve(path, target) as server:
        cold = server.started_after[1]
    with _serve(path, target) as server:
        cached, rss = server.started_after[1], server.rss_mib()
        beside = [server] if smallest is None else [server, smallest]
        for each in beside:
            # What a schema's first requests have to make ready belongs to the start.
            _cost(each, target, 2 * requests)
        costs = [[_cost(each, target, requests // 5) for each in beside] for _ in range(7)]
        own = statistics.median(each[0] for each in costs)
        times = statistics.median(each[0] / each[-1] for each in costs) if smallest is not None else 0.0
        return Growth(name, operations, megabytes, cold, cached, rss, own, times, _mean_size(server, target))


def _serve(path: Path, target: str) -> contextlib.AbstractContextManager[Server]:
    port = free_port()
    command = understudy("mock", str(path), "-p", str(port), "--log-level", "error", "--stateless")
    # `click.get_app_dir`, where the cache is, follows this variable.
    env = {"XDG_CONFIG_HOME": str(path.parent / f"cache-{path.name}"), "HOME": os.environ["HOME"]}
    return start(path.name, command, port, request("GET", target.format("first")), env)


def _cost(server: Server, target: str, requests: int) -> float:
    """CPU microseconds of one request, another path each time."""
    made = [request("GET", target.format(f"x{next(_NUMBERS)}")) for _ in range(requests)]
    with connections(server.port, 4) as opened:
        cpu = server.cpu_seconds()
        drive(opened, made, 200)
        return (server.cpu_seconds() - cpu) / requests * 1e6


def _mean_size(server: Server, target: str) -> float:
    sizes = []
    with connections(server.port, 1) as (connection,):
        for number in range(20):
            connection.send(request("GET", target.format(f"y{number}")))
            sizes.append(len(connection.receive()[1]))
    return statistics.mean(sizes)
