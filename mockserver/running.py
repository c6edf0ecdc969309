"""Serve an application on a socket, from a thread: for tests and for programs that want a mock beside them."""

from __future__ import annotations

import gc
import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, final

import uvicorn
from starlette.types import ASGIApp

from understudy.mockserver.app import Mounted, Observer, create_app
from understudy.mockserver.settings import Settings
from understudy.specs.errors import UsageError
from understudy.specs.model import Api

__all__ = ["GRACE_SECONDS", "Running", "bind", "running", "serving", "settle_memory", "uvicorn_config"]

GRACE_SECONDS: Final = 2
"""How long open streams may go on after the server was told to stop."""

_LOG: Final = logging.getLogger("understudy.mockserver")
_FAST_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY", "SEARCH", "COPY", "MOVE", "LOCK"}
)
"""What llhttp, which uvicorn prefers, lets through, as far as documents are likely to have it."""


@final
@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers.

    Attributes:
        url: Without a final slash: ``http://127.0.0.1:40123``.
    """

    url: str
    host: str
    port: int


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
    return uvicorn.Config(
        app,
        http="h11" if general else "auto",
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


@contextmanager
def serving(app: ASGIApp, host: str = "127.0.0.1", port: int = 0, methods: Sequence[str] = ()) -> Iterator[Running]:
    """Serve any ASGI application until the block is left.

    Raises:
        UsageError: The port can't be had.
        RuntimeError: The application failed to start.
    """
    sock = bind(host, port)
    server = uvicorn.Server(uvicorn_config(app, methods))
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
) -> Iterator[Running]:
    """Serve the mock of one or more documents until the block is left.

    ``with running(load_api("petstore.yaml")) as mock: httpx.get(mock.url + "/pets")``

    Raises:
        UsageError: The port can't be had, or two documents claim one route.
    """
    methods = [operation.method for each in apis for operation in _api(each).operations]
    with serving(create_app(apis, settings, observer=observer), host, port, methods) as server:
        yield server


def _api(each: Api | Mounted) -> Api:
    return each.api if isinstance(each, Mounted) else each
