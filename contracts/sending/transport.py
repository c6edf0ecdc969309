"""Send a case, and read what comes back with the time each piece arrived: the only sender there is.

Nothing that a target does makes `Transport.send` raise, hang or grow: what goes wrong becomes `Exchange.error`, time
and octets have limits. Redirects are answers and not followed.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, final
from urllib.parse import urlsplit

import httpcore

from understudy.contracts.case import Answer, Case, Chunk, Exchange
from understudy.contracts.sending.connections import Cancelled, Deadlines, open_pool
from understudy.contracts.sending.content_codings import ACCEPTED, BrokenCoding, find_decoder
from understudy.contracts.sending.missing_answers import plain, why_missing
from understudy.specs.errors import UsageError
from understudy.specs.wire.media_types import kind

__all__ = ["SYSTEM_CLOCK", "Clock", "Pace", "Patience", "Transport", "Unsendable"]

MAX_CHUNKS: Final = 10_000
"""More pieces of a body than this are joined to the last one."""

SAME_MOMENT_MS: Final = 0.2
"""Pieces that arrive within this time of each other are one."""

_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


@final
@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from: seconds that only grow, and a wait for so many of them."""

    now: Callable[[], float]
    sleep: Callable[[float], None]


SYSTEM_CLOCK: Final = Clock(time.perf_counter, time.sleep)


@final
@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how much is read of one answer.

    Attributes:
        seconds: The whole answer, where it isn't a stream.
        stream_seconds: A stream; what comes later isn't waited for.
        max_bytes: A body, after its content coding is undone.
    """

    seconds: float = 10.0
    stream_seconds: float = 30.0
    max_bytes: int = 16 * 1024 * 1024


@final
class Pace:
    """Keeps requests apart, those of several transports too.

    Args:
        rate: Requests a second at most; None has no limit.
    """

    def __init__(self, rate: float | None = None, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._interval = 1 / rate if rate else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def rest(self, seconds: float) -> None:
        """Send nothing for so long."""
        with self._lock:
            self._next = max(self._next, self._clock.now() + seconds)

    def wait(self) -> None:
        """Come back when the next request may be sent."""
        with self._lock:
            now = self._clock.now()
            seconds = self._next - now
            self._next = max(now, self._next) + self._interval
        if seconds > 0:
            self._clock.sleep(seconds)


class Unsendable(ValueError):
    """A case that HTTP/1.1 has no way to write: a line break in a header, a space in the target."""


@final
@dataclass(slots=True)
class _Body:
    """What has arrived of a body; chunks are kept for streams only."""

    keeps_chunks: bool
    chunks: list[tuple[float, bytearray]] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    complete: bool = False
    error: str = ""

    def add(self, at_ms: float, data: bytes) -> None:
        self.data += data
        if not self.keeps_chunks or not data:
            return
        last = self.chunks[-1] if self.chunks else None
        if last is not None and (at_ms - last[0] < SAME_MOMENT_MS or len(self.chunks) >= MAX_CHUNKS):
            last[1].extend(data)
        else:
            self.chunks.append((at_ms, bytearray(data)))


@final
class Transport:
    """Sends cases to one base URL; may be used by several threads.

    Args:
        base_url: What every case's target is below; ``http`` or ``https``.
        proxy: URL of the proxy; None connects directly.
        tls: How certificates are checked; None checks them against the system's.
        pace: Keeps requests apart; None sends them as fast as answers come.

    Raises:
        UsageError: The base URL isn't one.
    """

    def __init__(
        self,
        base_url: str,
        *,
        patience: Patience = Patience(),
        proxy: str | None = None,
        tls: ssl.SSLContext | None = None,
        pace: Pace | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience = patience
        self._scheme, self._host, self._port, self._path = _origin(self.base_url)
        self._clock = clock
        self._deadlines = Deadlines(clock.now)
        self._pool = open_pool(self._deadlines, proxy, tls)
        self._pace = pace or Pace()

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def stop(self) -> None:
        """End what is under way, in every thread, and send nothing more."""
        self._deadlines.stop()

    def close(self) -> None:
        """Stop, and close every connection."""
        self.stop()
        self._pool.close()

    def send(self, case: Case, patience: Patience | None = None) -> Exchange:
        """Send a case once; a request that an idle connection lost is sent again on a new one, as browsers do.

        Raises:
            Unsendable: The case can't be written in HTTP/1.1; nothing was sent.
        """
        self._pace.wait()
        patience = patience or self.patience
        request = self._request(case)
        exchange, was_idle = self._attempt(case, request, patience)
        return self._attempt(case, request, patience)[0] if was_idle else exchange

    def _attempt(self, case: Case, request: httpcore.Request, patience: Patience) -> tuple[Exchange, bool]:
        """The exchange, and whether it failed only because the connection had been idle for too long."""
        self._deadlines.start(patience.seconds)
        started = self._clock.now()
        try:
            response = self._pool.handle_request(request)
        except httpcore.LocalProtocolError as error:
            raise Unsendable(str(error)) from error
        except Exception as error:
            # httpcore wraps what sockets raise, but not all: a malformed certificate is an ssl.SSLError.
            lost = isinstance(error, (httpcore.RemoteProtocolError, httpcore.NetworkError)) and not isinstance(
                error, (Cancelled, httpcore.ConnectError)
            )
            was_idle = lost and self._deadlines.connects == 0 and self._deadlines.received == 0
            return Exchange(case, None, why_missing(error, patience.seconds, self._deadlines.received)), was_idle
        try:
            return self._read(case, response, started, patience), False
        finally:
            response.close()

    def _read(self, case: Case, response: httpcore.Response, started: float, patience: Patience) -> Exchange:
        first_byte_ms = (self._clock.now() - started) * 1000
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
        fields = {name.lower(): value for name, value in headers}
        body = _Body(keeps_chunks=kind(fields.get("content-type", "")).is_sequential)
        if body.keeps_chunks:
            self._deadlines.extend(patience.stream_seconds)
        self._receive(body, response, fields.get("content-encoding"), started, patience)
        reason = response.extensions.get("reason_phrase", b"")
        answer = Answer(
            status=response.status,
            reason=reason.decode("latin-1"),
            headers=headers,
            body=bytes(body.data),
            elapsed_ms=(self._clock.now() - started) * 1000,
            first_byte_ms=first_byte_ms,
            chunks=tuple(Chunk(at_ms, bytes(data)) for at_ms, data in body.chunks),
            complete=body.complete,
        )
        return Exchange(case, answer, body.error)

    def _receive(
        self, body: _Body, response: httpcore.Response, coding: str | None, started: float, patience: Patience
    ) -> None:
        decoder = find_decoder(coding)
        try:
            for raw in response.iter_stream():
                room = patience.max_bytes - len(body.data)
                data = decoder.feed(raw, room + 1) if decoder else raw
                body.add((self._clock.now() - started) * 1000, data[:room])
                if len(data) > room:
                    return
            body.complete = True
        except httpcore.ReadTimeout:
            # A stream that goes on is none of its faults; any other body has to end.
            body.error = "" if body.keeps_chunks else f"the body had not ended after {patience.seconds:g} s"
        except BrokenCoding as error:
            body.error = str(error)
        except Exception as error:
            body.error = f"the connection broke in the body: {plain(error)}"
        if body.complete and decoder and not decoder.is_finished:
            body.complete = False
            body.error = f"the body ends in the middle of its {coding} coding"

    def _request(self, case: Case) -> httpcore.Request:
        names = {name.lower() for name, _ in case.headers}
        default = _default_port(self._scheme)
        host = self._host if self._port == default else f"{self._host}:{self._port}"
        automatic = {"host": host, "accept": "*/*", "accept-encoding": ACCEPTED, "user-agent": "understudy"}
        if case.body is not None or case.method in _WITH_BODY:
            automatic["content-length"] = str(len(case.body or b""))
        try:
            headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in case.headers]
            headers = [(n.encode(), v.encode("latin-1")) for n, v in automatic.items() if n not in names] + headers
            target = (self._path + case.target).encode("ascii")
            method = case.method.encode("ascii")
        except UnicodeEncodeError as error:
            raise Unsendable(str(error)) from error
        url = httpcore.URL(scheme=self._scheme.encode(), host=self._host.encode(), port=self._port, target=target)
        return httpcore.Request(method, url, headers=headers, content=case.body)


def _origin(base_url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(base_url)
        port = parts.port or _default_port(parts.scheme)
    except ValueError as error:
        raise UsageError("base URL", base_url, f"http://host:port/path ({error})") from error
    if parts.username or parts.password:
        raise UsageError(
            "base URL", f"{parts.scheme}://…@{parts.hostname}", "a URL without credentials; they go into headers"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError("base URL", base_url, "http:// or https://, a host and perhaps a path")
    host = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
    return parts.scheme, f"[{host}]" if ":" in host else host, port, parts.path.rstrip("/")


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
