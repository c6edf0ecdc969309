"""Ways in which an answer goes wrong on its way: what networks, proxies and broken servers do to clients.

Dropping needs a connection to drop. Uvicorn, which `understudy mock` and `running` use, gives it; under another server
an answer is begun and not ended, which makes every server close the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from asyncio import Transport
from collections.abc import AsyncIterator
from enum import Enum
from typing import TYPE_CHECKING, Final

from understudy.mockserver.answers.answers import Answer, AnyAnswer

if TYPE_CHECKING:
    from starlette.types import Receive, Send

__all__ = ["Fault", "break_json", "part_of", "send_faulty"]

STALL_SECONDS: Final = 600.0
"""How long a stalled answer keeps its connection, unless the client leaves before."""


class Fault(Enum):
    """What goes wrong; the values are what scenarios and overrides say."""

    DROP = "drop"
    """The connection is closed without an answer."""
    RESET = "reset"
    """The connection is reset (TCP RST) without an answer."""
    TRUNCATE = "truncate"
    """Half of the body, though `Content-Length` announces all of it; of a stream, half of an item."""
    MALFORMED = "malformed"
    """The body comes whole, but isn't JSON; of a stream, one item isn't."""
    CUT = "cut"
    """A stream ends in its middle, between two items; a body is never begun."""
    STALL = "stall"
    """A stream says nothing more in its middle; a body never comes. The connection stays open."""


async def send_faulty(
    fault: Fault,
    status: int,
    headers: list[tuple[bytes, bytes]],
    pieces: AsyncIterator[bytes],
    receive: Receive,
    send: Send,
    *,
    has_body: bool,
) -> None:
    """Send as much of an answer as a fault lets through; `MALFORMED` lets everything.

    Args:
        has_body: Where there is none, to truncate or to cut is to drop.
        headers: Complete, `content-length` included where the answer isn't streamed.
        pieces: What `part_of` leaves of the body, at the answer's own pace.
    """
    if fault in (Fault.DROP, Fault.RESET) or (not has_body and fault in (Fault.TRUNCATE, Fault.CUT)):
        await _close(receive, send, abruptly=fault is Fault.RESET, is_started=False)
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if fault is Fault.MALFORMED:
        await send({"type": "http.response.body", "body": b""})
        return
    if fault is Fault.STALL:
        # A server that stops cancels what still goes on; then the connection is closed at once.
        with contextlib.suppress(asyncio.CancelledError):
            await _wait_for_leave(receive, STALL_SECONDS)
    await _close(receive, send, abruptly=False, is_started=True)


def part_of(fault: Fault, answer: AnyAnswer, after: int | None) -> tuple[bytes, ...]:
    """What is sent of a body.

    Args:
        after: Items of a stream before the fault; None is half of them.
    """
    if isinstance(answer, Answer):
        if fault is Fault.MALFORMED:
            return (break_json(answer.body),)
        return (answer.body[: len(answer.body) // 2],) if fault is Fault.TRUNCATE else ()
    items = answer.items
    place = min(len(items) // 2 if after is None else after, max(len(items) - 1, 0))
    hit = items[place : place + 1]
    if fault is Fault.MALFORMED:
        return (*items[:place], *map(break_json, hit), *items[place + 1 :])
    return (*items[:place], *(each[: len(each) // 2] for each in hit if fault is Fault.TRUNCATE))


def break_json(body: bytes) -> bytes:
    """A body that is no JSON any more, of whatever length; it ends as the body did, so that streams stay framed."""
    place = max(body.rfind(sign) for sign in (b"}", b"]", b'"'))
    if place < 0:
        content = body.rstrip()
        return content + b"{" + body[len(content) :]
    return body[:place] + body[place + 1 :]


async def _close(receive: Receive, send: Send, *, abruptly: bool, is_started: bool) -> None:
    """Close the client's connection, and wait until it is closed: who returns before is answered with 500."""
    transport: Transport | None = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        if not is_started:
            headers = [(b"content-length", b"1")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        return
    if abruptly:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            # To linger for no time at all: the kernel sends RST.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    await _wait_for_leave(receive, STALL_SECONDS)


async def _wait_for_leave(receive: Receive, seconds: float) -> None:
    """Until the client is gone, or the time is up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
