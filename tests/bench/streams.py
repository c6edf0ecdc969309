"""Many streams at once: without pace, how many events go through; with pace, whether each comes at its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from tests.bench.cases import STREAM_REQUEST
from tests.bench.client import run_streams
from tests.bench.documents import EVENTS, STREAM
from tests.bench.processes import Server

__all__ = ["Streams", "measure_streams"]


@final
@dataclass(frozen=True)
class Streams:
    """So many streams at once on one server.

    Attributes:
        events: In a second.
        cpu: CPU microseconds of the server for one event.
        first_p99: Milliseconds from a stream's request to its first event, 99 of 100 are quicker.
        wrong: Streams that broke off, or whose events weren't those expected, in their order.
    """

    server: str
    count: int
    seconds: float
    events: float
    cpu: float
    first_p99: float
    wrong: int


def measure_streams(server: Server, count: int) -> Streams:
    """Open so many streams at once and read each to its end."""
    cpu = server.cpu_seconds()
    result = run_streams(server.port, STREAM_REQUEST, count, STREAM.encode())
    cpu = server.cpu_seconds() - cpu
    events = count * EVENTS
    first = sorted(result.first_event) or [0.0]
    p99 = first[min(len(first) - 1, int(len(first) * 0.99))] * 1000
    return Streams(server.name, count, result.seconds, events / result.seconds, cpu / events * 1e6, p99, result.wrong)
