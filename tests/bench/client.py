"""A client that costs little: raw sockets, keep-alive, requests made beforehand, answers only cut apart.

No pipelining: each connection waits for its answer. All connections are written to before the first is read, so the
server always has something to do.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, final

__all__ = ["Connection", "StreamResult", "connections", "drive", "request", "run_streams"]

_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_PATIENCE: Final = 30.0


def request(method: str, target: str, body: bytes | None = None) -> bytes:
    """An HTTP/1.1 request as octets."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Accept: */*"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


@final
class Connection:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def send(self, octets: bytes) -> None:
        """Send a request."""
        self._socket.sendall(octets)

    def receive(self) -> tuple[int, bytes]:
        """Status and body of the answer; the body of a chunked answer is given with its frames."""
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[: end + 4]
        length = _LENGTH.search(head)
        if length is not None:
            size = end + 4 + int(length.group(1))
            while len(data) < size:
                data += self._more()
        elif b"chunked" in head:
            # The last chunk ends what was sent: nothing comes before the next request.
            while not data.endswith(b"0\r\n\r\n"):
                data += self._more()
            size = len(data)
        else:
            size = end + 4
        self._rest = data[size:]
        return int(head[9:12]), data[end + 4 : size]

    def _more(self) -> bytes:
        received = self._socket.recv(262_144)
        if not received:
            raise ConnectionError("the server closed the connection")
        return received

    def close(self) -> None:
        """Close it."""
        self._socket.close()


@contextlib.contextmanager
def connections(port: int, count: int) -> Iterator[list[Connection]]:
    """So many connections."""
    opened = [Connection(port) for _ in range(count)]
    try:
        yield opened
    finally:
        for each in opened:
            each.close()


def drive(opened: Sequence[Connection], requests: Sequence[bytes], status: int) -> list[float]:
    """Send the requests, one on each connection at a time; seconds that each took.

    Raises:
        AssertionError: An answer has another status.
    """
    took: list[float] = []
    step = len(opened)
    for first in range(0, len(requests), step):
        sent: list[tuple[Connection, float]] = []
        for connection, octets in zip(opened, requests[first : first + step], strict=False):
            sent.append((connection, time.perf_counter()))
            connection.send(octets)
        for connection, began in sent:
            got, body = connection.receive()
            took.append(time.perf_counter() - began)
            assert got == status, f"{got} instead of {status}: {body[:200]!r}"
    return took


@final
@dataclass
class StreamResult:
    """What became of many streams at once.

    Attributes:
        first_event: Seconds from its request to its first event, for each stream.
        seconds: From the first request to the end of the last stream.
        wrong: Streams that didn't say exactly what was expected, in its order.
    """

    first_event: list[float] = field(default_factory=list)
    seconds: float = 0.0
    wrong: int = 0


def run_streams(port: int, octets: bytes, count: int, expected: bytes, patience: float = 120.0) -> StreamResult:
    """Open so many streams at once and read them all to their ends."""
    result = StreamResult()
    selector = selectors.DefaultSelector()
    got: dict[socket.socket, list[bytes]] = {}
    began: dict[socket.socket, float] = {}
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ)
        got[sock] = []
    start = time.perf_counter()
    for sock in got:
        began[sock] = time.perf_counter()
        sock.send(octets)
    waiting = set(got)
    while waiting and time.perf_counter() - start < patience:
        for key, _ in selector.select(1.0):
            assert isinstance(key.fileobj, socket.socket)
            sock = key.fileobj
            pieces = got[sock]
            piece = sock.recv(262_144)
            if piece:
                if not any(b"\n\n" in each for each in pieces[:3]) and b"\n\n" in piece:
                    result.first_event.append(time.perf_counter() - began[sock])
                pieces.append(piece)
            if not piece or b"".join(pieces[-5:]).endswith(b"\r\n0\r\n\r\n"):
                selector.unregister(sock)
                waiting.discard(sock)
    result.seconds = time.perf_counter() - start
    for sock, pieces in got.items():
        body = b"".join(pieces).partition(b"\r\n\r\n")[2]
        result.wrong += sock in waiting or _unchunked(body) != expected
        sock.close()
    return result


def _unchunked(body: bytes) -> bytes:
    pieces = []
    at = 0
    while (end := body.find(b"\r\n", at)) > 0:
        size = int(body[at:end], 16)
        pieces.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
    return b"".join(pieces)
