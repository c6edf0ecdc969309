"""Measure everything in one run and write `bench/`.

python -m tests.bench [--quick] [--only requests|records|streams|growth] [--out bench]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.bench.cases import CASES, Case
from tests.bench.client import request
from tests.bench.documents import small_document, write_document
from tests.bench.growth import SIZES, measure_growth
from tests.bench.processes import Server, find_prism, free_port, start, understudy
from tests.bench.streams import Streams, measure_streams
from tests.bench.tables import Results, write_page, write_plot
from tests.bench.throughput import Measured, measure

__all__ = ["main"]

PARTS: Final = ("requests", "records", "streams", "growth")
_STATIC: Final = request("GET", "/static")
_PET: Final = json.dumps({"name": "Silver Harbour", "kind": "cat"}).encode()
_STATEFUL: Final = (
    Case("GET a record", lambda number: request("GET", f"/pets/{number % 100 + 1}"), 200, 200, 0.35),
    Case("POST a record", lambda number: request("POST", "/pets", _PET), 201, 201, 0.35),
)


def main(arguments: list[str]) -> None:
    """Run the benchmark and write its page and its plot."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="a few seconds: fewer rounds and smaller loads")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be given again")
    parser.add_argument("--out", type=Path, default=Path("bench"), help="where the page and the plot go")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        results = run(Path(folder), options.only or PARTS, quick=options.quick)
    options.out.mkdir(parents=True, exist_ok=True)
    page = write_page(results, time.perf_counter() - began)
    (options.out / "README.md").write_text(page, encoding="utf-8")
    if results.measured:
        (options.out / "ratios.svg").write_text(write_plot(results), encoding="utf-8")
    sys.stdout.write(page)


def run(folder: Path, parts: list[str] | tuple[str, ...], *, quick: bool) -> Results:
    """Measure some parts.

    Args:
        folder: For documents and caches.
    """
    results = Results(cases=CASES, stateful_cases=_STATEFUL)
    rounds, requests = (2, 80) if quick else (7, 640)
    if "requests" in parts:
        with contextlib.ExitStack() as stack:
            servers = _servers(stack, folder, pace="0")
            results.servers = [(server, server.rss_mib()) for server in servers]
            results.measured = measure(servers, CASES, rounds=rounds, requests=requests)
    if "records" in parts:
        results.stateful = _measure_records(rounds, requests, many=1_000 if quick else 100_000)
    if "streams" in parts:
        results.streams = _measure_streams(folder, quick=quick)
    if "growth" in parts:
        results.growth = list(measure_growth(folder, (10,) if quick else SIZES, requests=100 if quick else 800))
    return results


def _measure_records(rounds: int, requests: int, *, many: int) -> dict[tuple[str, str], Measured]:
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(_filled(name, count)) for name, count in (("few", 100), ("many", many))]
        servers.append(stack.enter_context(_uvicorn("bare", "bare", {}, _STATIC)))
        return measure(servers, _STATEFUL, rounds=rounds, requests=requests)


def _measure_streams(folder: Path, *, quick: bool) -> dict[str, list[list[Streams]]]:
    found: dict[str, list[list[Streams]]] = {}
    with contextlib.ExitStack() as stack:
        # Prism buffers the whole stream, so there is nothing to compare.
        servers = [server for server in _servers(stack, folder, pace="0") if server.name != "prism"]
        for count, rounds in ((1, 10), (20 if quick else 200, 2 if quick else 5)):
            title = f"{count} at once, without pace"
            found[title] = [[measure_streams(server, count) for server in servers] for _ in range(rounds + 1)][1:]
    with contextlib.ExitStack() as stack:
        servers = [server for server in _servers(stack, folder, pace="100ms") if server.name != "prism"]
        count = 50 if quick else 2_000
        found[f"{count:,} at once, 100 ms between events (4.9 s at best)"] = [
            [measure_streams(server, count) for server in servers]
        ]
    return found


def _servers(stack: contextlib.ExitStack, folder: Path, *, pace: str) -> list[Server]:
    document = write_document(small_document(), folder / "bench.json")
    port = free_port()
    command = understudy(
        *("mock", str(document), "-p", str(port), "--log-level", "error", "--pace", pace, "--stateless")
    )
    servers = [stack.enter_context(start("ours", command, port, _STATIC, {}))]
    env = {"BENCH_PACE": str(int(pace.removesuffix("ms")) / 1000)}
    servers.append(stack.enter_context(_uvicorn("bare", "bare", env, _STATIC)))
    prism = find_prism()
    if prism is not None:
        port = free_port()
        command = [prism, "mock", str(document), "-p", str(port), "-h", "127.0.0.1", "--verboseLevel", "silent"]
        servers.append(stack.enter_context(start("prism", command, port, _STATIC, {})))
    return servers


def _filled(name: str, records: int) -> contextlib.AbstractContextManager[Server]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.filled", str(port), str(records)]
    return start(name, command, port, request("GET", "/pets/1"), {})


def _uvicorn(name: str, module: str, env: dict[str, str], probe: bytes) -> contextlib.AbstractContextManager[Server]:
    """The settings are those of `understudy mock`: no access log, no web sockets."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", f"tests.bench.{module}:app", "--port", str(port), "--no-access-log"),
        *("--log-level", "error", "--ws", "none"),
    ]
    return start(name, command, port, probe, env)


if __name__ == "__main__":
    main(sys.argv[1:])
