"""How much a store holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, final

from understudy.mockserver.stores.store import StoreFull

__all__ = ["MAX_BYTES", "MAX_RECORDS", "Limits", "Room"]

MAX_RECORDS: Final = 1_000_000
MAX_BYTES: Final = 512 * 1024 * 1024


class Room(NamedTuple):
    """What is held, or what a change adds to it: partitions, records, and octets of their members as JSON."""

    partitions: int
    records: int
    octets: int


@final
@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a store of one document holds.

    Attributes:
        records: Of all resources and scopes together; as many scopes are known.
        octets: Of all records' members as JSON text.
    """

    records: int = MAX_RECORDS
    octets: int = MAX_BYTES

    def check(self, held: Room, more: Room) -> None:
        """Raise `StoreFull` when a change passes a limit; what adds nothing never does."""
        for (name, limit), before, added in zip(self.named().items(), held, more, strict=True):
            if added > 0 and before + added > limit:
                raise self.full(name)

    def named(self) -> dict[str, int]:
        """The limits by the name of what they count, in the order of `Room`."""
        return {"scopes": self.records, "records": self.records, "octets": self.octets}

    def full(self, name: str) -> StoreFull:
        """The error for the limit of that name."""
        return StoreFull(f"the store may hold {self.named()[name]} {name} at most: delete some, or reset it")
