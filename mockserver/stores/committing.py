"""How a change is made where records lie in tables that this process may read and write one by one."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from understudy.mockserver.stores.changes import Change, Erase, Write
from understudy.mockserver.stores.limits import Limits, Room
from understudy.mockserver.stores.lineage import Lineage, Partition, Seed
from understudy.specs.behaviour.state import SEED_VERSION, Scope

__all__ = ["Entry", "Tables", "commit_change", "take_ordinal"]


class Entry(NamedTuple):
    """A record without its members; their size in octets as JSON text."""

    version: int
    ordinal: int
    octets: int


class Tables(Protocol):
    """Where records lie. A partition is in them once something has been written to it, seed records then included.

    Nobody else changes them while a change is being made.
    """

    def room(self) -> Room:
        """How much is held."""

    def has(self, partition: Partition) -> bool:
        """Whether the partition is in the tables."""

    def find(self, partition: Partition, key: str) -> Entry | None:
        """A record; None when it isn't there."""

    def add(self, partition: Partition, seeds: tuple[Seed, ...]) -> None:
        """Begin a partition with its seed records."""

    def put(self, write: Write, old: Entry | None) -> None:
        """Write a record with the next version; a new one is the next one made in its partition."""

    def remove(self, partition: Partition, key: str, old: Entry) -> None:
        """Delete a record that is there."""

    def drop_owned(self, resource: str, scope: Scope, key: str) -> None:
        """Delete every partition that belongs to a record."""

    def take_ordinal(self, partition: Partition) -> int:
        """The next ordinal of a partition that is in the tables."""


def commit_change(change: Change, tables: Tables, lineage: Lineage, limits: Limits) -> bool:
    """Make a change, or give False when something isn't as it must be.

    Raises:
        StoreFull: A limit would be passed; nothing has been written.
    """
    for check in change.checks:
        found = _find(check.partition, check.key, tables, lineage)
        if (found.version if found is not None else 0) != check.version:
            return False
    limits.check(tables.room(), _growth(change, tables, lineage))
    for step in change.steps:
        if not tables.has(step.partition):
            tables.add(step.partition, lineage.seeds(step.partition))
        if isinstance(step, Write):
            tables.put(step, tables.find(step.partition, step.key))
        else:
            _erase(step, tables)
    return True


def take_ordinal(partition: Partition, tables: Tables, lineage: Lineage, limits: Limits) -> int:
    """See `Store.next_ordinal`."""
    if not tables.has(partition):
        seeds = lineage.seeds(partition)
        limits.check(tables.room(), Room(1, len(seeds), sum(len(seed.text) for seed in seeds)))
        tables.add(partition, seeds)
    return tables.take_ordinal(partition)


def _erase(step: Erase, tables: Tables) -> None:
    resource, scope = step.partition
    for key in step.keys:
        old = tables.find(step.partition, key)
        if old is not None:
            tables.remove(step.partition, key, old)
        tables.drop_owned(resource, scope, key)


def _find(partition: Partition, key: str, tables: Tables, lineage: Lineage) -> Entry | None:
    seeds = lineage.seeds(partition)
    if not seeds or tables.has(partition):
        return tables.find(partition, key)
    for seed in seeds:
        if seed.record.key == key:
            return Entry(SEED_VERSION, seed.record.ordinal, len(seed.text))
    return None


def _growth(change: Change, tables: Tables, lineage: Lineage) -> Room:
    new = [partition for partition in change.partitions() if not tables.has(partition)]
    seeds = [seed for partition in new for seed in lineage.seeds(partition)]
    records, octets = len(seeds), sum(len(seed.text) for seed in seeds)
    for (partition, key), write in change.last_writes().items():
        old = _find(partition, key, tables, lineage)
        records += old is None
        octets += len(write.text) - (old.octets if old is not None else 0)
    return Room(len(new), records, octets)
