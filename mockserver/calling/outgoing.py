"""Requests that the mock sends itself: where they may go, and within which limits."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

__all__ = ["Callbacks", "Outgoing", "Refused", "Sender", "Sent"]

MAX_WAITING: Final = 64
"""Requests that are under way or wait for their turn; what comes on top isn't sent."""
MAX_AT_ONCE: Final = 8
MAX_BODY: Final = 1024 * 1024
"""Octets of a body; a longer one isn't sent."""
TIMEOUT_SECONDS: Final = 5.0
"""For all of one request: finding the address, connecting, sending, the answer's header."""
_LOG: Final = logging.getLogger("understudy.mockserver")


class Callbacks(Enum):
    """Where requests of the mock's own may go."""

    OFF = "off"
    """Nowhere: none is sent."""
    LOOPBACK = "loopback"
    """To this machine, by an address that is a loopback address."""
    ANY = "any"
    """Wherever the URL says."""


class Refused(ValueError):
    """A request isn't sent; the sentence says why."""


@final
@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to be sent.

    Attributes:
        name: Of the callback or webhook.
        url: Whole.
        headers: Without `Host` and `Content-Length`.
    """

    name: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@final
@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request.

    Attributes:
        status: Of the answer; None where none came.
        reason: Why none came; empty when one did.
    """

    outgoing: Outgoing
    status: int | None
    reason: str = ""


Resolve = Callable[[str, int], Awaitable[list[str]]]


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@final
class Sender:
    """Sends requests in the background; belongs to one event loop. Redirects aren't followed, proxies aren't used.

    Args:
        report: Is told of each request what became of it.
    """

    def __init__(
        self, allowed: Callbacks, report: Callable[[Sent], None] | None = None, resolve: Resolve = _resolve
    ) -> None:
        self._allowed = allowed
        self._report = report or _log
        self._resolve = resolve
        self._tasks: set[asyncio.Task[Sent]] = set()
        self._turns = asyncio.Semaphore(MAX_AT_ONCE)
        self._client: httpx.AsyncClient | None = None

    def send_later(self, outgoing: Outgoing) -> None:
        """Send a request when there is room for it, and say what became of it."""
        if len(self._tasks) >= MAX_WAITING:
            self._report(Sent(outgoing, None, f"{MAX_WAITING} others are waiting already"))
            return
        task = asyncio.ensure_future(self.send(outgoing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send a request and wait for the header of its answer."""
        async with self._turns:
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    sent = Sent(outgoing, await self._send(outgoing))
            except Refused as error:
                sent = Sent(outgoing, None, str(error))
            except TimeoutError:
                sent = Sent(outgoing, None, f"no answer in {TIMEOUT_SECONDS:g} seconds")
            except Exception as error:  # whatever the network does is no fault of the mock
                sent = Sent(outgoing, None, f"{type(error).__name__}: {error}"[:300])
        self._report(sent)
        return sent

    async def wait(self) -> None:
        """Until nothing is under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Break off what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _send(self, outgoing: Outgoing) -> int:
        import httpx

        if self._allowed is Callbacks.OFF:
            raise Refused("none is sent (--callbacks off)")
        if len(outgoing.body) > MAX_BODY:
            raise Refused(f"its body has more than {MAX_BODY} octets")
        parts = urlsplit(outgoing.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("it has no http or https URL")
        if self._client is None:
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIMEOUT_SECONDS)
        url = httpx.URL(outgoing.url)
        headers = [("Host", url.netloc.decode("ascii")), *outgoing.headers]
        extensions: dict[str, str] = {}
        if self._allowed is Callbacks.LOOPBACK:
            # The address that was looked at is the one that is connected to.
            address = await self._loopback_address(parts.hostname, parts.port or (443 if url.scheme == "https" else 80))
            extensions = {"sni_hostname": parts.hostname}
            url = url.copy_with(host=address)
        request = self._client.build_request(
            outgoing.method, url, headers=headers, content=outgoing.body, extensions=extensions
        )
        response = await self._client.send(request, stream=True)
        await response.aclose()
        return response.status_code

    async def _loopback_address(self, host: str, port: int) -> str:
        addresses = await self._resolve(host, port)
        if not addresses or not all(ipaddress.ip_address(each.partition("%")[0]).is_loopback for each in addresses):
            raise Refused(f"{host} is not this machine; --callbacks any sends there")
        return addresses[0]


def _log(sent: Sent) -> None:
    outgoing = sent.outgoing
    outcome = str(sent.status) if sent.status is not None else f"not sent: {sent.reason}"
    level = logging.INFO if sent.status is not None else logging.WARNING
    _LOG.log(level, "%s: %s %s: %s", outgoing.name, outgoing.method, outgoing.url[:500], outcome)
