"""Write an answer as ASGI messages: a whole one at once, a stream piece by piece for as long as somebody listens."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Final

from starlette.types import Receive, Send

from understudy.mockserver.answers.answers import Answer, AnyAnswer, StreamedAnswer
from understudy.mockserver.answers.streaming import paced
from understudy.mockserver.settings import Settings

__all__ = ["send_answer"]

AT_ONCE: Final = 64
"""So many pieces of a stream without pace are sent before other requests have their turn."""


async def send_answer(answer: AnyAnswer, method: str, settings: Settings, receive: Receive, send: Send) -> None:
    """Send an answer; to HEAD only its header.

    Args:
        receive: What is left to come from the client: at the end that it has gone.
    """
    if isinstance(answer, Answer):
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.all_headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if method != "HEAD":
        if settings.pace:
            await _send_paced(answer, settings, receive, send)
        else:
            await _send_at_once(answer, send)
    await send({"type": "http.response.body", "body": b""})


async def _send_at_once(answer: StreamedAnswer, send: Send) -> None:
    """Nothing is waited for but the client's reading: the server holds `send` back when too much is unread."""
    for index, piece in enumerate(answer.items, 1):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if index % AT_ONCE == 0:
            await asyncio.sleep(0)


async def _send_paced(answer: StreamedAnswer, settings: Settings, receive: Receive, send: Send) -> None:
    """Until the last piece, or until the client leaves, whatever is being waited for then."""
    sending = asyncio.current_task()
    has_left = False

    async def watch() -> None:
        nonlocal has_left
        while (await receive())["type"] != "http.disconnect":
            pass
        has_left = True
        if sending is not None:
            sending.cancel()

    watching = asyncio.ensure_future(watch())
    try:
        async with aclosing(paced(answer.items, settings.pace, settings.clock, answer.heartbeat)) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except asyncio.CancelledError:
        # A cancellation from outside, as when the server stops, goes on.
        if sending is None or not has_left or sending.uncancel():
            raise
    finally:
        watching.cancel()
