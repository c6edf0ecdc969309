"""Serve an application on a socket, from a thread: for tests and for programs that want a mock beside them."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar, final

import uvicorn
from starlette.types import ASGIApp

from understudy.mockserver.app import as_application
from understudy.mockserver.forcing.forcing import read_forcing
from understudy.mockserver.mock import Mock, Mounted
from understudy.mockserver.serving.connections import prompt_connections
from understudy.mockserver.serving.served import Observer
from understudy.mockserver.settings import Settings
from understudy.specs.errors import UsageError
from understudy.specs.model import MISSING, Api

if TYPE_CHECKING:
    from understudy.mockserver.calling.outgoing import Sent
    from understudy.mockserver.control.journal import Logged
    from understudy.specs.documents.document import Json

__all__ = [
    "GRACE_SECONDS",
    "Running",
    "RunningMock",
    "Server",
    "bind",
    "running",
    "serving",
    "settle_memory",
    "uvicorn_config",
]

GRACE_SECONDS: Final = 2
"""How long open streams may go on after the server was told to stop."""

PATIENCE_SECONDS: Final = 60
"""How long a change to a running mock may take."""

T = TypeVar("T")

_LOG: Final = logging.getLogger("understudy.mockserver")
_FAST_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY", "SEARCH", "COPY", "MOVE", "LOCK"}
)
"""What llhttp, which uvicorn prefers, lets through, as far as documents are likely to have it."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers.

    Attributes:
        url: Without a final slash: ``http://127.0.0.1:40123``.
    """

    url: str
    host: str
    port: int


@final
@dataclass(frozen=True, slots=True)
class RunningMock(Running):
    """A mock that answers, and what can be done to it meanwhile; every method may be called from any thread.

    Raises:
        UsageError: What is asked for can't be; the message says what can.
        StoreUnavailable: The records lie elsewhere, and that doesn't answer.
    """

    _mock: Mock = field(repr=False, compare=False)

    def reset(self) -> None:
        """Bring it back to how it was started: seed records or its scenario, no overrides, an empty log."""
        self._do(self._mock.controls.reset())

    @property
    def now(self) -> datetime:
        """What time it is for the mock."""
        return self._do(self._mock.controls.clock()).now

    def set_clock(self, time: datetime) -> None:
        """Set its clock to a time; without zone it is UTC."""
        self._do(self._mock.controls.set_clock(time))

    def advance(self, by: timedelta | float) -> None:
        """Move its clock forward, by a span or by seconds."""
        self._do(self._mock.controls.advance(by.total_seconds() if isinstance(by, timedelta) else by))

    def snapshot(self) -> Json:
        """All records and the clock, as JSON."""
        return self._do(self._mock.controls.snapshot())

    def restore(self, snapshot: Json) -> None:
        """Replace all records and the clock by what a snapshot says.

        Raises:
            UsageError: It is none, or one of other documents.
            MalformedDump: A part of it isn't as it must be.
        """
        self._do(self._mock.controls.restore(snapshot))

    def override(self, operation: str, **forced: Json) -> str:
        """Force something on the answers of an operation; gives the key that `drop_override` takes.

        ``mock.override("getPet", status=503, times=2)``; ``mock.override("*", delay="200ms..2s")``. SCENARIOS.md
        lists the members.
        """
        forcing = read_forcing({"operation": operation, **forced})
        return self._do(self._later(lambda: self._mock.controls.override(forcing).key))

    def drop_override(self, key: str) -> bool:
        """End an override; False when there is none of that key."""
        return self._do(self._later(lambda: self._mock.controls.drop_override(key)))

    def drop_overrides(self) -> None:
        """End all overrides."""
        self._do(self._later(self._mock.controls.drop_overrides))

    def activate(self, scenario: str) -> None:
        """Put it into a scenario of the file that its settings name."""
        self._do(self._mock.controls.activate(scenario))

    def send_callback(self, name: str, url: str, body: Json = MISSING, *, document: str = "") -> tuple[Sent, ...]:
        """Send a callback or webhook now; gives each request with what came back.

        ``mock.send_callback("orderShipped", f"{shop.url}/hooks")``. To this machine only, unless the settings say
        `Callbacks.ANY`.

        Args:
            name: As the document has it; a callback's may be ``subscribe/alert``.
            body: What to send, valid by the document; MISSING takes its first valid example, or makes it up.
            document: Needed where two documents have one of that name.
        """
        from understudy.mockserver.control.sending import send_callback

        return self._do(send_callback(self._mock.controls, name, url, body, document=document))

    @property
    def requests(self) -> tuple[Logged, ...]:
        """The last 1000 requests that were answered, the oldest first."""
        return self._do(self._later(lambda: self._mock.controls.requests))

    def _do(self, work: Coroutine[Json, Json, T]) -> T:
        loop = self._mock.loop
        if loop is None or loop.is_closed():
            work.close()
            raise UsageError("mock", "stopped", "a mock that runs")
        return asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE_SECONDS)

    async def _later(self, call: Callable[[], T]) -> T:
        """What belongs to the loop's thread is done there."""
        return call()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        UsageError: The port is taken, may not be used, or the host isn't one of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError("--host", host, f"an address of this machine ({error.strerror or error})") from error
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
        sock.listen(2048)
    except OSError as error:
        sock.close()
        allowed = f"a free port of {host} ({error.strerror}); 0 takes any"
        raise UsageError("--port", port, allowed) from error
    return sock


def uvicorn_config(app: ASGIApp, methods: Sequence[str] = ()) -> uvicorn.Config:
    """How an application is served here: no access log, streams cut `GRACE_SECONDS` after the signal to stop.

    Args:
        methods: Those of the documents; one that the fast parser doesn't know selects the general one.
    """
    general = any(method not in _FAST_METHODS for method in methods)
    promptly = getattr(app, "promptly", None)
    return uvicorn.Config(
        app,
        http="h11" if general else prompt_connections(promptly) if promptly is not None else "auto",
        ws="none",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def settle_memory() -> None:
    """For a process that does nothing but serve: what documents and libraries have left is never looked at again by the
    garbage collector, and what requests leave behind, hardly ever a cycle, is looked at less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@final
class Server(uvicorn.Server):
    """Uvicorn, but who follows something without end is let go before it waits for what still goes on.

    Args:
        closing: Lets them go.
    """

    def __init__(self, config: uvicorn.Config, closing: Callable[[], None]) -> None:
        super().__init__(config)
        self._closing = closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it."""
        self._closing()
        await super().shutdown(sockets)


@contextmanager
def serving(
    app: ASGIApp,
    host: str = "127.0.0.1",
    port: int = 0,
    methods: Sequence[str] = (),
    closing: Callable[[], None] = lambda: None,
) -> Iterator[Running]:
    """Serve any ASGI application until the block is left.

    Args:
        closing: Called when the server begins to stop.

    Raises:
        UsageError: The port can't be had.
        RuntimeError: The application failed to start.
    """
    sock = bind(host, port)
    server = Server(uvicorn_config(app, methods), closing)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="understudy-mock", daemon=True)
    thread.start()
    try:
        while not server.started:
            thread.join(0.005)
            if not thread.is_alive():
                raise RuntimeError("the server ended before it had started")
        actual = sock.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        yield Running(f"http://{shown}:{actual}", host, actual)
    finally:
        server.should_exit = True
        thread.join(GRACE_SECONDS + 5)
        sock.close()


@contextmanager
def running(
    *apis: Api | Mounted,
    settings: Settings | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    observer: Observer | None = None,
) -> Iterator[RunningMock]:
    """Serve the mock of one or more documents until the block is left.

    ``with running(load_api("petstore.yaml")) as mock: httpx.get(mock.url + "/pets")``

    Raises:
        UsageError: The port can't be had, or two documents claim one route.
    """
    methods = [operation.method for each in apis for operation in _api(each).operations]
    mock = Mock(apis, settings or Settings(), observer)
    with serving(as_application(mock), host, port, methods, mock.stop_following) as server:
        yield RunningMock(server.url, server.host, server.port, mock)


def _api(each: Api | Mounted) -> Api:
    return each.api if isinstance(each, Mounted) else each
