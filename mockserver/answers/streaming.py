"""Send a stream piece by piece, at its pace, with signs of life; nothing is held back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import final

from understudy.mockserver.settings import Clock

__all__ = ["Heartbeat", "items_after", "paced"]


@final
@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life: these octets whenever nothing was sent for so many seconds."""

    piece: bytes
    every_seconds: float


async def paced(
    pieces: Sequence[bytes], pace: float, clock: Clock, heartbeat: Heartbeat | None = None
) -> AsyncGenerator[bytes]:
    """The pieces, the first at once, each of the others after a wait.

    Args:
        pace: Seconds between two pieces; 0 never waits.
        heartbeat: Sent during waits that are longer than its interval; None sends nothing.
    """
    for index, piece in enumerate(pieces):
        if index and pace:
            async for sign in _wait(pace, clock, heartbeat):
                yield sign
        yield piece


def items_after(items: Sequence[bytes], event_id: bytes | None) -> Sequence[bytes]:
    """The events after the one with an id, each written out; all where none has it, or no id was sent.

    What follows from HTML, section 9.2: a client that lost its connection says the last id that it has seen.
    """
    if event_id is None:
        return items
    for index, item in enumerate(items):
        if any(line in (b"id: " + event_id, b"id:" + event_id) for line in item.splitlines()):
            return items[index + 1 :]
    return items


async def _wait(seconds: float, clock: Clock, heartbeat: Heartbeat | None) -> AsyncIterator[bytes]:
    while heartbeat is not None and seconds > heartbeat.every_seconds:
        await clock.sleep(heartbeat.every_seconds)
        seconds -= heartbeat.every_seconds
        yield heartbeat.piece
    await clock.sleep(seconds)
