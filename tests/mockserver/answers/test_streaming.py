"""Streams over a real socket: each item is sent when its time has come, and a stream ends when its client leaves."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from understudy.mockserver.answers.streaming import Heartbeat, paced
from understudy.mockserver.serving.running import Running
from understudy.mockserver.settings import Clock

Serve = Callable[..., Running]

STREAM = """
paths:
  /words:
    get:
      responses:
        '200':
          description: ''
          content:
            text/event-stream:
              itemSchema: {type: object, required: [data], properties: {data: {type: string}}}
              x-understudy: {stream: {sentinel: '[DONE]'}}
              example: [{data: one}, {data: two}, {data: three}]
  /lines:
    get:
      responses:
        '200':
          description: ''
          content: {application/jsonl: {itemSchema: {type: integer}, example: [1, 2, 3]}}
"""
NOW = datetime(2024, 1, 1, tzinfo=UTC)


class Gate:
    """A clock whose waits end one by one, when the test lets them."""

    def __init__(self) -> None:
        self.passes = threading.Semaphore(0)
        self.cancelled = threading.Event()
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        try:
            while not self.passes.acquire(blocking=False):
                await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    @property
    def clock(self) -> Clock:
        return Clock(lambda: NOW, self.sleep)


@pytest.mark.parametrize(
    ("path", "pieces"),
    [
        ("/words", [b"data: one\n\n", b"data: two\n\n", b"data: three\n\n", b"data: [DONE]\n\n"]),
        ("/lines", [b"1\n", b"2\n", b"3\n"]),
    ],
)
def test_nothing_is_sent_before_its_time_and_nothing_is_held_back(serve: Serve, path: str, pieces: list[bytes]) -> None:
    gate = Gate()
    server = serve(STREAM, clock=gate.clock, pace=0.5)
    with httpx.stream("GET", server.url + path) as answer:
        assert "content-length" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        received = answer.iter_raw()
        for piece in pieces:
            # The next piece can't be among these octets: its wait hasn't been let through yet.
            assert next(received) == piece
            gate.passes.release()
        assert list(received) == []
    assert gate.waited == [0.5] * (len(pieces) - 1)


def test_a_client_that_leaves_ends_its_stream(serve: Serve) -> None:
    gate = Gate()
    server = serve(STREAM, clock=gate.clock, pace=0.5)
    with socket.create_connection((server.host, server.port)) as connection:
        connection.sendall(b"GET /words HTTP/1.1\r\nHost: a\r\n\r\n")
        received = b""
        while b"data: one\n\n" not in received:
            received += connection.recv(4096)
    assert gate.cancelled.wait(5), "the stream went on without its client"
    assert gate.waited == [0.5]
    assert httpx.head(server.url + "/words").status_code == 200


def test_without_pace_nothing_waits(serve: Serve) -> None:
    gate = Gate()
    server = serve(STREAM, clock=gate.clock, pace=0)
    assert httpx.get(server.url + "/lines").text == "1\n2\n3\n"
    assert gate.waited == []


def test_head_starts_no_stream(serve: Serve) -> None:
    gate = Gate()
    server = serve(STREAM, clock=gate.clock, pace=0.5)
    answer = httpx.head(server.url + "/words")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert gate.waited == []


async def collect(pieces: list[bytes], pace: float, heartbeat: Heartbeat | None) -> list[bytes | float]:
    seen: list[bytes | float] = []

    async def sleep(seconds: float) -> None:
        seen.append(seconds)

    async for piece in paced(pieces, pace, Clock(lambda: NOW, sleep), heartbeat):
        seen.append(piece)  # noqa: PERF401 - what `sleep` adds has to come in between
    return seen


@pytest.mark.parametrize(
    ("pace", "every", "seen"),
    [
        (0.0, 1.0, [b"a", b"b"]),
        (0.5, 1.0, [b"a", 0.5, b"b"]),
        (1.0, 1.0, [b"a", 1.0, b"b"]),
        (2.5, 1.0, [b"a", 1.0, b"ping", 1.0, b"ping", 0.5, b"b"]),
    ],
)
def test_signs_of_life_come_when_nothing_else_does(pace: float, every: float, seen: list[bytes | float]) -> None:
    assert asyncio.run(collect([b"a", b"b"], pace, Heartbeat(b"ping", every))) == seen


def test_without_heartbeat_a_long_wait_is_silent() -> None:
    assert asyncio.run(collect([b"a", b"b"], 60.0, None)) == [b"a", 60.0, b"b"]


PINGS = """
paths:
  /a:
    get:
      parameters: [{name: X-Quiet, in: header, schema: {type: boolean}}]
      responses:
        '200':
          description: ''
          content:
            text/event-stream:
              itemSchema: {type: object, properties: {data: {type: string}}}
              x-understudy:
                stream:
                  ping: {item: {event: ping, data: '%'}, everySeconds: 1, unless: {$request.header.X-Quiet: true}}
              example: [{data: a}, {data: b}]
"""


def test_pings_can_be_declined(serve: Serve) -> None:
    gate = Gate()
    for _ in range(20):
        gate.passes.release()
    server = serve(PINGS, clock=gate.clock, pace=1.5)
    assert httpx.get(server.url + "/a").text == "data: a\n\nevent: ping\ndata: %\n\ndata: b\n\n"
    assert httpx.get(server.url + "/a", headers={"x-quiet": "true"}).text == "data: a\n\ndata: b\n\n"
