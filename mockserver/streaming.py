"""Send a stream piece by piece, at its pace, with signs of life; nothing is held back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import final

from understudy.mockserver.settings import Clock

__all__ = ["Heartbeat", "paced"]


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


async def _wait(seconds: float, clock: Clock, heartbeat: Heartbeat | None) -> AsyncIterator[bytes]:
    while heartbeat is not None and seconds > heartbeat.every_seconds:
        await clock.sleep(heartbeat.every_seconds)
        seconds -= heartbeat.every_seconds
        yield heartbeat.piece
    await clock.sleep(seconds)
