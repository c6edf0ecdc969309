"""What every store can do, and the two ways in which it can't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol, final

from understudy.mockserver.stores.tallies import Counted
from understudy.specs.behaviour import Query, Snapshot
from understudy.specs.behaviour.limits import Bucket
from understudy.specs.behaviour.state import Effect, Scope
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError

__all__ = ["MAX_OFFSET", "PartitionSize", "Store", "StoreFull", "StoreUnavailable", "checked_offset"]

MAX_OFFSET: Final = timedelta(days=36_525).total_seconds()
"""How far the clock may be moved, in seconds: a hundred years, so that no time leaves what a date can say."""


class StoreFull(Exception):
    """A change would pass a limit; says which one, and how to make room."""


class StoreUnavailable(Exception):
    """The store can't be asked now; says where it is and what is wrong. A change may or may not have been made."""


@final
@dataclass(frozen=True, slots=True)
class PartitionSize:
    """A partition and how many records it holds; one whose only records are untouched seed records isn't listed."""

    resource: str
    scope: Scope
    records: int


class Store(Protocol):
    """Records by resource, scope and key.

    Several workers may use one store. What is read must not be changed in place. Members come back as JSON
    carries them. Every method raises `StoreUnavailable` when the store doesn't answer within its patience.
    """

    def at_hand(self) -> Snapshot | None:
        """What is held now, looked up as it is asked for; None where the store has to be waited for.

        It may be asked for anything until the next `await`: then somebody else may change what it finds.
        """

    async def read(self, queries: Sequence[Query]) -> Snapshot:
        """What the queries find, all at one moment; records in the order they were made.

        Seed records are found in every scope without a write: reading costs no room.
        """

    async def commit(self, effects: Sequence[Effect]) -> bool:
        """Make all changes in their order, or none and give False when a record isn't as the effects saw it.

        Every version is compared with the state before the commit; a `Put` of a new record also holds where
        an earlier effect of the same commit clears the old one. Clearing a record drops, in the same moment,
        what belongs to it: the records of every resource below whose scope begins with its scope and key.

        Raises:
            StoreFull: A limit would be passed; nothing is changed. What a commit clears makes room only for
                the next; a commit that adds nothing is never refused.
            UncarriableValue: A record that JSON can't carry, or a member or key that is still UNKNOWN.
        """

    async def next_ordinal(self, resource: str, scope: Scope) -> int:
        """A number that no other record of the resource and scope gets, from 1; seed records count.

        Raises:
            StoreFull: The scope is new, and there are as many as the store may know.
        """

    async def count(self, buckets: Sequence[Bucket], now: float, *, enforce: bool) -> Counted:
        """Count a call in every bucket, or in none where one that is enforced is used up.

        Tallies outlive neither `reset` nor, at the latest, 100,000 callers: then those of past windows are forgotten,
        and where that isn't enough, all.

        Args:
            now: In seconds since 1970, the offset included.
            enforce: Whether a call that passes a limit is refused; otherwise every call counts.
        """

    async def partitions(self) -> tuple[PartitionSize, ...]:
        """What is held where, ordered by resource and scope."""

    async def snapshot(self) -> Json:
        """All records and the clock's offset at one moment, as JSON: the dump that `restore` takes (`dumps.py`)."""

    async def restore(self, dump: Json) -> None:
        """Replace everything by what a dump says, at once; scopes it doesn't name hold their seed records.

        Raises:
            MalformedDump: It isn't a dump, or names what isn't declared; nothing is changed.
            StoreFull: It holds more than the store may; nothing is changed.
        """

    async def reset(self) -> None:
        """Forget everything but the seed records, at once; the clock's offset is 0 again."""

    async def get_offset(self) -> float:
        """Seconds that all workers add to their clock; 0 until it is set."""

    async def set_offset(self, seconds: float) -> None:
        """Move the clock of all workers; the next request of each sees it.

        Raises:
            UsageError: Not a number, or beyond `MAX_OFFSET`.
        """

    async def close(self) -> None:
        """Let go of files and connections; a second time does nothing."""


def checked_offset(seconds: Json) -> float:
    """The offset, if the clock may be moved so far; raises `UsageError` otherwise."""
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and abs(seconds) <= MAX_OFFSET:
        return float(seconds)
    raise UsageError("offset", seconds, f"seconds from {-MAX_OFFSET:.0f} to {MAX_OFFSET:.0f}")
