"""Whether files were changed: by looking at them, now and then.

Looking (time of the last change, size and inode) rather than being told by the system: notices of changes don't reach
into containers from the host's folders, nor over network shares, and end with the file when an editor puts another one
in its place. A hundred files cost less than a millisecond a look.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

__all__ = ["Changed", "Fingerprint", "look", "wait_for_change"]

POLL_SECONDS: Final = 0.4
SETTLE_SECONDS: Final = 0.1
"""What is saved comes in several writes: it counts when it has been the same for so long."""
MAX_SETTLING: Final = 50
"""Looks after which even what still changes counts."""

Fingerprint: TypeAlias = Mapping[str, tuple[int, int, int] | None]
"""Of each file when it was changed, its size and inode; None where there is none."""
Changed: TypeAlias = Callable[[Fingerprint], Awaitable[None]]
"""Returns once the files aren't as a fingerprint has them."""

_UNSEEN: Final = (-1, -1, -1)


def look(files: Iterable[str], since: int | None = None) -> Fingerprint:
    """How files are now.

    Args:
        since: When their reading began, in nanoseconds since 1970. What was changed between that and now may have been
            read before, and is never the same as anything. What claims to be from the future isn't suspected.
    """
    now = time.time_ns()
    found: dict[str, tuple[int, int, int] | None] = {}
    for each in files:
        try:
            status = Path(each).stat()
        except (OSError, ValueError):
            found[each] = None
            continue
        is_unsure = since is not None and since <= status.st_mtime_ns <= now
        found[each] = _UNSEEN if is_unsure else (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


async def wait_for_change(seen: Fingerprint, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Return once files aren't as they were seen, and change no more."""
    while True:
        await sleep(POLL_SECONDS)
        now = await asyncio.to_thread(look, seen)
        if now == seen:
            continue
        for _ in range(MAX_SETTLING):
            await sleep(SETTLE_SECONDS)
            before, now = now, await asyncio.to_thread(look, seen)
            if now == before:
                break
        return
