"""What a desk is told when it opens: its keys, its limits, how fast its time goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the time, in UTC."""

MAIN_KEY = "desk-main-4f2a"
"""Opens every workspace."""


def wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All numbers of openapi.yaml that a test may want otherwise; durations are in seconds.

    Attributes:
        keys: Key → the one workspace it opens; None opens all.
        limit: Requests that a key may send in a window.
        piece: Between two pieces of a streamed answer.
        seed: Of the ids that are given.
    """

    keys: Mapping[str, str | None] = field(
        default_factory=lambda: {MAIN_KEY: None, "desk-north-81c3": "north", "desk-south-d27e": "south"}
    )
    limit: int = 100_000
    window: float = 60.0
    queued: float = 0.2
    running: float = 0.6
    piece: float = 0.015
    seed: int = 0


def stamp(time: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: ``2026-11-20T21:43:10.123Z``."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
