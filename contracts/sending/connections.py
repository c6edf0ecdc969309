"""Connections that nothing can hold open for longer than we wait.

A time limit for each read is not enough: a server that sends one octet a second would keep us for ever. So every wait
on a socket ends at the deadline of the request under way, or when the run is stopped.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Final, final

import httpcore

__all__ = ["Cancelled", "Deadlines", "open_pool"]

SLICE_SECONDS: Final = 0.25
"""A wait is cut into pieces of this length, so that stopping the run takes effect at once."""


class Cancelled(httpcore.ReadError):
    """The run was stopped while a request was under way."""


@final
class Deadlines:
    """By when the request that a thread is sending must be over.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._local = threading.local()
        self._stopped = threading.Event()

    @property
    def connects(self) -> int:
        """How many connections this thread's request has opened."""
        return getattr(self._local, "connects", 0)

    @property
    def received(self) -> int:
        """How many octets have come back to this thread's request."""
        return getattr(self._local, "received", 0)

    def start(self, seconds: float) -> None:
        """The request that this thread now begins may take so long."""
        self._local.until = self._clock() + seconds
        self._local.connects = 0
        self._local.received = 0

    def extend(self, seconds: float) -> None:
        """The request that this thread is sending may take so much longer from now on."""
        self._local.until = self._clock() + seconds

    def stop(self) -> None:
        """End every wait, now and from now on."""
        self._stopped.set()

    def connected(self) -> None:
        """Count a connection."""
        self._local.connects = self.connects + 1

    def wait(self, attempt: Callable[[float], bytes]) -> bytes:
        """Repeat an attempt, each with so many seconds, until it gives something or the time is over.

        Raises:
            Cancelled: The run was stopped.
            ReadTimeout: The deadline passed.
        """
        while True:
            slice_seconds = min(SLICE_SECONDS, self.remaining())
            try:
                data = attempt(slice_seconds)
            except httpcore.ReadTimeout:
                if slice_seconds < SLICE_SECONDS:
                    raise
            else:
                self._local.received = self.received + len(data)
                return data

    def remaining(self) -> float:
        """Seconds until the deadline, more than 0; raises as `wait` does."""
        if self._stopped.is_set():
            raise Cancelled("the run was stopped")
        left = float(self._local.until) - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is over")
        return left


@final
class _Stream(httpcore.NetworkStream):
    """A connection whose waits end at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadlines: Deadlines) -> None:
        self._stream = stream
        self._deadlines = deadlines

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._deadlines.wait(lambda seconds: self._stream.read(max_bytes, seconds))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadlines.remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        name = _bare(server_hostname) if server_hostname else None
        secured = self._stream.start_tls(ssl_context, name, self._deadlines.remaining())
        return _Stream(secured, self._deadlines)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@final
class _Backend(httpcore.NetworkBackend):
    """Opens connections whose waits end at the deadline."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._backend = httpcore.SyncBackend()
        self._deadlines = deadlines

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        seconds = self._deadlines.remaining()
        stream = self._backend.connect_tcp(_bare(host), port, seconds, local_address, socket_options)
        self._deadlines.connected()
        return _Stream(stream, self._deadlines)


def _bare(host: str) -> str:
    """A host without the brackets in which URLs write IPv6 addresses (RFC 3986, section 3.2.2)."""
    return host.strip("[]")


def open_pool(deadlines: Deadlines, proxy: str | None, tls: ssl.SSLContext | None) -> httpcore.ConnectionPool:
    """A pool of HTTP/1.1 connections.

    Args:
        proxy: URL of the proxy, ``http://user:password@host:3128``; None connects directly.
        tls: How certificates are checked; None checks them against the system's.
    """
    backend = _Backend(deadlines)
    if proxy is not None:
        return httpcore.ConnectionPool(ssl_context=tls, network_backend=backend, proxy=httpcore.Proxy(proxy))
    return httpcore.ConnectionPool(ssl_context=tls, network_backend=backend)
