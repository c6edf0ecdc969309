"""Where the calls that count towards rate limits are tallied, for stores whose tables this process may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from understudy.specs.behaviour.limits import Bucket, Tally, counted

__all__ = ["MAX_TALLIES", "Counted", "TallyTable", "count_call"]

MAX_TALLIES: Final = 100_000
"""Of one document: clients choose what tells them apart, so there may be any number of them."""


class Counted(NamedTuple):
    """A tally for each bucket after a call, and whether the call may be answered."""

    tallies: tuple[Tally, ...]
    is_admitted: bool


class TallyTable(Protocol):
    """Tallies by the key of their bucket. Nobody else changes them while a call is being counted."""

    def find_tally(self, key: str) -> Tally | None:
        """A tally; None when nothing has been counted."""

    def put_tally(self, key: str, tally: Tally) -> None:
        """Write a tally."""

    def tally_room(self) -> int:
        """How many there are."""

    def drop_tallies(self, before: float | None) -> None:
        """Forget those whose window has ended before a time; None forgets all."""


def count_call(
    buckets: Sequence[Bucket], now: float, table: TallyTable, *, enforce: bool, most: int = MAX_TALLIES
) -> Counted:
    """See `Store.count`."""
    keys = [bucket.key for bucket in buckets]
    before = [table.find_tally(key) for key in keys]
    after, is_admitted = counted(buckets, before, now, enforce=enforce)
    if any(tally is None for tally in before) and table.tally_room() >= most:
        table.drop_tallies(now)
        if table.tally_room() >= most:
            table.drop_tallies(None)
    for key, tally in zip(keys, after, strict=True):
        table.put_tally(key, tally)
    return Counted(after, is_admitted)
