"""Times that agree with each other without being compared.

What is created lies in an earlier month than what is started, completed, updated, and than what expires. The months
are fixed, so that a value never depends on the day on which it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from understudy.specs.generation.chance import Chance
from understudy.specs.member_names import words_of

__all__ = ["days_for", "find_month", "is_time", "moments_for"]

_WORDS: Final = {
    (2026, 1): ("added", "born", "create", "created", "issued", "joined", "queued", "registered", "uploaded"),
    (2026, 2): ("began", "begin", "begins", "from", "opened", "processed", "published", "since", "start", "started"),
    (2026, 3): ("cancelled", "closed", "completed", "end", "ended", "ends", "failed", "finished", "stopped", "to"),
    (2026, 4): ("accessed", "changed", "edited", "last", "login", "modified", "refreshed", "seen", "updated", "used"),
    (2027, 1): ("deadline", "due", "expiration", "expire", "expires", "expiry", "next", "renews", "until"),
}
_MONTHS: Final = {word: month for month, words in _WORDS.items() for word in words}
_ANY_MONTH: Final = (2026, 3)
_TIMES: Final = frozenset(
    {"completed", "created", "ended", "expires", "expiry", "finished", "modified", "published", "started", "updated"}
)


def is_time(name: str) -> bool:
    """Whether a text in a member with this name is a time though its schema doesn't say so: ``createdAt``."""
    parts = words_of(name)
    return parts[-1:] != () and (parts[-1] in _TIMES or (len(parts) > 1 and parts[-1] in ("at", "on")))


def find_month(name: str) -> tuple[int, int]:
    """Year and month in which a time with this name lies."""
    return next((_MONTHS[word] for word in words_of(name) if word in _MONTHS), _ANY_MONTH)


def moments_for(name: str) -> Callable[[Chance], str]:
    """Draws a date and time (RFC 3339, UTC) for a member: ``2026-01-24T03:13:29Z``."""
    year, month = find_month(name)
    prefix = f"{year}-{month:02d}-"

    def draw(random: Chance) -> str:
        seconds = int(random.random() * 86_400)
        day = 1 + int(random.random() * 28)
        return f"{prefix}{day:02d}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"

    return draw


def days_for(name: str) -> Callable[[Chance], str]:
    """Draws a date for a member: ``2026-01-24``."""
    year, month = find_month(name)
    return lambda random: f"{year}-{month:02d}-{1 + int(random.random() * 28):02d}"
