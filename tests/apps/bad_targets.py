"""Targets that misbehave: each lets its clients down in one way that real networks and real servers know.

Anything but ``/thing`` they answer as they should, unless their fault is that they can't.
"""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.apps import raw_server
from tests.apps.certificates import certificate, over_tls
from tests.apps.raw_server import Script, answer, json_answer, read_request, serving

__all__ = ["SECRET", "TARGETS", "THING", "Place"]

SECRET: Final = "s3cret-of-the-user"

_ID: Final = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
_OTHERS: Final = {"405": {"description": "another method"}}
_THING: Final = {"description": "a thing", "content": {"application/json": {"schema": _ID}}}
_TICKS: Final = {"description": "things, as they come", "content": {"text/event-stream": {"itemSchema": {}}}}
THING: Final = {
    "openapi": "3.2.0",
    "info": {"title": "Thing", "version": "1"},
    "paths": {
        "/thing": {"get": {"operationId": "getThing", "responses": {"200": _THING, **_OTHERS}}},
        "/ticks": {"get": {"operationId": "getTicks", "responses": {"200": _TICKS, **_OTHERS}}},
    },
}
"""The document: what is tested is the way, not the content."""

Place = Callable[[Path], AbstractContextManager[tuple[str, ...]]]
"""Gives the options of `understudy test` for a target while it is there; files that it needs go into the folder."""

_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_BODY: Final = b'{"id": 7}'
_STREAM: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_TICK: Final = b'data: {"id": 7}\n\n'
_GIGABYTE: Final = 1024**3
_FOREVER: Final = threading.Event()
"""Never set: who waits for it is let go when the process ends."""


def healthy(connection: socket.socket) -> None:
    """Does what the document says."""
    method, path, _ = read_request(connection).split(b" ", 2)
    if method not in (b"GET", b"HEAD"):
        octets = json_answer(b"", b"Connection: close", b"Allow: GET, HEAD", status=b"405 Not Allowed")
    elif path == b"/ticks":
        octets = _STREAM + _TICK
    else:
        octets = json_answer(_BODY, b"Connection: close")
    connection.sendall(octets if method != b"HEAD" else octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")


def spoilt(broken: Script, methods: tuple[bytes, ...] = (b"GET",)) -> Script:
    """A server that is healthy but for what is asked with these methods; it can always be seen that it is there."""

    def script(connection: socket.socket) -> None:
        method, path, _ = connection.recv(65536, socket.MSG_PEEK).split(b" ", 2)
        (broken if method in methods and path != b"/" else healthy)(connection)

    return script


def sending(parts: Callable[[], Iterable[bytes]], seconds: float = 0.0) -> Script:
    """Reads a request, then sends these parts, as long as somebody reads them."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        for part in parts():
            connection.sendall(part)
            _FOREVER.wait(seconds)

    return script


def once_in(count: int, thing: Script) -> Script:
    """Lets down every so-many-th connection only."""
    numbers = itertools.count(1)
    return lambda connection: (thing if next(numbers) % count == 0 else healthy)(connection)


def dying_after(count: int) -> Script:
    """Closes every connection after so many."""
    numbers = itertools.count(1)
    return lambda connection: healthy(connection) if next(numbers) <= count else None


def hang(connection: socket.socket) -> None:
    """Take the request, and say nothing."""
    _FOREVER.wait()


def _then(first: bytes, *parts: bytes) -> Callable[[], Iterable[bytes]]:
    """A beginning, then the parts for ever."""
    return lambda: itertools.chain([first], itertools.cycle(parts))


def _bomb() -> bytes:
    """A body of half a gigabyte in half a megabyte."""
    body = gzip.compress(bytes(_GIGABYTE // 2))
    return _HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _ten_gigabytes() -> Iterator[bytes]:
    yield _HEAD + b"Content-Length: %d\r\n\r\n" % (10 * _GIGABYTE)
    yield from itertools.repeat(bytes(1024**2), 10 * 1024)


def at(script: Script, host: str = "127.0.0.1", operation: str = "getThing") -> Place:
    """A target that answers with a script."""

    @contextmanager
    def place(folder: Path) -> Iterator[tuple[str, ...]]:
        with serving(script, host) as url:
            yield "--url", url, "--include", operation

    return place


def spoilt_at(octets: bytes) -> Place:
    """A target that answers ``GET`` with these octets and closes."""
    return at(spoilt(answer(octets)))


@contextmanager
def _down(folder: Path) -> Iterator[tuple[str, ...]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield "--url", f"http://127.0.0.1:{port}"


@contextmanager
def _never_accepting(folder: Path) -> Iterator[tuple[str, ...]]:
    """The queue is full, so that connections aren't even begun."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield "--url", f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def _over_tls(folder: Path, *, days: int = 2, is_known: bool = True) -> Iterator[tuple[str, ...]]:
    cert, key = certificate(folder, days=days)
    with serving(over_tls(cert, key)) as url:
        yield "--url", url.replace("http:", "https:"), *(("--ca-bundle", str(cert)) if is_known else ())


@contextmanager
def _redirecting(folder: Path, *, loops: bool = False) -> Iterator[tuple[str, ...]]:
    """To another host, or to itself; the other host fails the test when it is asked anything."""
    asked: list[bytes] = []
    with serving(lambda connection: asked.append(read_request(connection))) as elsewhere:
        there = b"/thing" if loops else elsewhere.encode() + b"/thing"
        moved = answer(json_answer(b"", b"Location: " + there, status=b"302 Found"))
        with at(spoilt(moved, (b"GET", b"HEAD")))(folder) as options:
            yield options
    assert not asked, "a redirect was followed"


TARGETS: Final[Mapping[str, Place]] = MappingProxyType(
    {
        "listens on IPv6": at(healthy, "::1"),
        "is down": _down,
        "accepts nobody": _never_accepting,
        "never answers": at(hang),
        "resets every connection": at(raw_server.reset),
        "speaks something else": at(answer(b"220 mail.example ESMTP\r\n\r\n")),
        "has an expired certificate": partial(_over_tls, days=-1),
        "has an unknown certificate": partial(_over_tls, is_known=False),
        "dies half-way": at(dying_after(4)),
        "hangs in one operation": at(spoilt(hang)),
        "resets reading at random": at(spoilt(once_in(2, raw_server.reset))),
        "resets writing at random": at(spoilt(once_in(2, raw_server.reset), (b"POST", b"PUT", b"PATCH", b"DELETE"))),
        "redirects elsewhere": _redirecting,
        "redirects in a loop": partial(_redirecting, loops=True),
        "answers 429 for ever": spoilt_at(json_answer(b"", b"Retry-After: 60", status=b"429 Too Many Requests")),
        "returns 10 GB": at(spoilt(sending(_ten_gigabytes))),
        "sends without end": at(spoilt(sending(_then(_HEAD + b"\r\n", b" " * 4096)))),
        "sends events without end": at(spoilt(sending(_then(_STREAM, _TICK * 100))), operation="getTicks"),
        "sends one event without end": at(spoilt(sending(_then(_STREAM, b"data: " * 700))), operation="getTicks"),
        "sends an octet a second": at(spoilt(sending(_then(_HEAD + b"\r\n", b" "), 1.0))),
        "sends a gzip bomb": spoilt_at(_bomb()),
        "sends broken gzip": spoilt_at(_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\n" + _BODY),
        "closes in the head": spoilt_at(_HEAD[:20]),
        "closes in the body": spoilt_at(_HEAD + b"Content-Length: 90\r\n\r\n" + _BODY),
        "sends more than it says": spoilt_at(_HEAD + b"Content-Length: 3\r\n\r\n" + _BODY),
        "breaks its chunks": spoilt_at(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n" + _BODY + b"\r\nx\r\n"),
        "sends 100,000 headers": spoilt_at(_HEAD + b"X-Many: 1\r\n" * 100_000 + b"\r\n" + _BODY),
        "sends headers without end": at(spoilt(sending(_then(_HEAD, b"X-Many: 1\r\n")))),
        "says 100 Continue without end": at(spoilt(sending(_then(b"", b"HTTP/1.1 100 Continue\r\n\r\n")))),
        "answers in broken HTTP": spoilt_at(b"HTTP/1.1 OK 200\r\n\r\n" + _BODY),
    }
)
