"""What every store can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from understudy.specs.behaviour import Query, Snapshot
from understudy.specs.behaviour.state import Effect, Scope

__all__ = ["Store", "StoreFull"]


class StoreFull(Exception):
    """A record would pass the store's limit; says which limit, and how to make room."""


class Store(Protocol):
    """Records by resource, scope and key."""

    async def read(self, queries: Sequence[Query]) -> Snapshot:
        """What the queries find, all at one moment."""

    async def commit(self, effects: Sequence[Effect]) -> bool:
        """Make all changes, or none and give False when a record isn't as the effects saw it.

        Raises:
            StoreFull: A limit would be passed; nothing is changed.
        """

    async def next_ordinal(self, resource: str, scope: Scope) -> int:
        """A number that no other record of the resource and scope gets, from 1; seed records count."""

    async def reset(self) -> None:
        """Forget everything but the seed records."""
