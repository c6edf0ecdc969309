"""Records in this process's memory: the default. Nothing is awaited within a method, so each is atomic on its loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import final

from understudy.mockserver.stores.changes import Write, change_of
from understudy.mockserver.stores.committing import Entry, commit_change, take_ordinal
from understudy.mockserver.stores.dumps import read_dump, write_dump
from understudy.mockserver.stores.limits import Limits, Room
from understudy.mockserver.stores.lineage import Lineage, Partition, Seed
from understudy.mockserver.stores.store import PartitionSize, checked_offset
from understudy.mockserver.stores.tallies import Counted, count_call
from understudy.mockserver.stores.texts import check_text
from understudy.specs.behaviour import Query, Record, Snapshot
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.limits import Bucket, Tally
from understudy.specs.behaviour.state import SEED_VERSION, Effect, Scope
from understudy.specs.documents.document import Json
from understudy.specs.wire.json_bodies import dump_json, load_json

__all__ = ["MemoryStore"]


@final
class MemoryStore:
    """A `Store` for one process.

    Args:
        resources: The declared ones: for their seed records and for what belongs to what.
    """

    def __init__(self, resources: Iterable[Resource], limits: Limits | None = None) -> None:
        self._lineage = Lineage(resources)
        self._limits = limits or Limits()
        self._tables = _MemoryTables(self._lineage, SEED_VERSION)
        self._offset = 0.0

    def at_hand(self) -> Snapshot | None:
        """See `Store.at_hand`."""
        return Snapshot({}, look=self._tables.records)

    async def read(self, queries: Sequence[Query]) -> Snapshot:
        """See `Store.read`."""
        return Snapshot({query: self._tables.records(query) for query in queries})

    async def commit(self, effects: Sequence[Effect]) -> bool:
        """See `Store.commit`."""
        return commit_change(change_of(effects, self._lineage), self._tables, self._lineage, self._limits)

    async def next_ordinal(self, resource: str, scope: Scope) -> int:
        """See `Store.next_ordinal`."""
        check_text(*scope)
        return take_ordinal((resource, scope), self._tables, self._lineage, self._limits)

    async def count(self, buckets: Sequence[Bucket], now: float, *, enforce: bool) -> Counted:
        """See `Store.count`."""
        return count_call(buckets, now, self._tables, enforce=enforce)

    async def partitions(self) -> tuple[PartitionSize, ...]:
        """See `Store.partitions`."""
        held = self._tables.partitions
        return tuple(PartitionSize(*partition, len(held[partition].records)) for partition in sorted(held))

    async def snapshot(self) -> Json:
        """See `Store.snapshot`."""
        return write_dump(
            self._offset,
            (
                (partition, held.made, held.given, [_copied(record) for record in held.records.values()])
                for partition, held in self._tables.partitions.items()
            ),
            self._tables.tallies.items(),
        )

    async def restore(self, dump: Json) -> None:
        """See `Store.restore`."""
        read = read_dump(dump, self._lineage)
        self._limits.check(Room(0, 0, 0), read.room())
        tables = _MemoryTables(self._lineage, self._tables.version)
        for each in read.partitions:
            tables.add(each.partition, ())
            held = tables.partitions[each.partition]
            for record in each.records:
                held.made = record.ordinal - 1
                tables.put(Write(each.partition, record.key, record.text, load_json(record.text)), None)
            held.made, held.given = each.made, each.given
        tables.tallies = dict(read.tallies)
        self._tables = tables
        if read.offset is not None:
            self._offset = read.offset

    async def reset(self) -> None:
        """See `Store.reset`."""
        # A version never comes twice, or a request that began before the reset could write what it saw there.
        self._tables = _MemoryTables(self._lineage, self._tables.version)
        self._offset = 0.0

    async def get_offset(self) -> float:
        """See `Store.get_offset`."""
        return self._offset

    async def set_offset(self, seconds: float) -> None:
        """See `Store.set_offset`."""
        self._offset = checked_offset(seconds)

    async def close(self) -> None:
        """See `Store.close`."""


@dataclass(slots=True)
class _Records:
    """A partition. ``octets`` has each record's size as JSON text."""

    records: dict[str, Record] = field(default_factory=dict)
    octets: dict[str, int] = field(default_factory=dict)
    made: int = 0
    given: int = 0


@final
class _MemoryTables:
    """`Tables` in dictionaries; a dictionary keeps records in the order they were made."""

    def __init__(self, lineage: Lineage, version: int) -> None:
        self._lineage = lineage
        self.version = version
        self.partitions: dict[Partition, _Records] = {}
        # By the record that owns them, so that a delete looks at nothing else.
        self._owned: dict[Partition, dict[Partition, None]] = {}
        self._records = 0
        self._octets = 0
        self.tallies: dict[str, Tally] = {}

    def records(self, query: Query) -> tuple[Record, ...]:
        """What a query finds."""
        held = self.partitions.get((query.resource, query.scope))
        if held is None:
            seeds = self._lineage.seeds((query.resource, query.scope))
            return tuple(seed.record for seed in seeds if query.key is None or seed.record.key == query.key)
        if query.key is None:
            return tuple(held.records.values())
        record = held.records.get(query.key)
        return () if record is None else (record,)

    def room(self) -> Room:
        return Room(len(self.partitions), self._records, self._octets)

    def has(self, partition: Partition) -> bool:
        return partition in self.partitions

    def find(self, partition: Partition, key: str) -> Entry | None:
        held = self.partitions.get(partition)
        record = held.records.get(key) if held is not None else None
        if held is None or record is None:
            return None
        return Entry(record.version, record.ordinal, held.octets[key])

    def add(self, partition: Partition, seeds: tuple[Seed, ...]) -> None:
        self.partitions[partition] = _Records(
            {seed.record.key: seed.record for seed in seeds},
            {seed.record.key: len(seed.text) for seed in seeds},
            len(seeds),
            len(seeds),
        )
        self._records += len(seeds)
        self._octets += sum(len(seed.text) for seed in seeds)
        for owner in self._lineage.owners(partition):
            self._owned.setdefault(owner, {})[partition] = None

    def put(self, write: Write, old: Entry | None) -> None:
        held = self.partitions[write.partition]
        self.version += 1
        if old is None:
            held.made += 1
            self._records += 1
        ordinal = held.made if old is None else old.ordinal
        held.records[write.key] = Record(write.key, write.members, self.version, ordinal)
        held.octets[write.key] = len(write.text)
        self._octets += len(write.text) - (0 if old is None else old.octets)

    def remove(self, partition: Partition, key: str, old: Entry) -> None:
        held = self.partitions[partition]
        del held.records[key], held.octets[key]
        self._records -= 1
        self._octets -= old.octets

    def drop_owned(self, resource: str, scope: Scope, key: str) -> None:
        if not self._lineage.below(resource):
            return
        for partition in self._owned.pop((resource, self._lineage.owned(resource, scope, key)), ()):
            held = self.partitions.pop(partition)
            self._records -= len(held.records)
            self._octets -= sum(held.octets.values())
            for owner in self._lineage.owners(partition):
                owned = self._owned.get(owner)
                if owned is not None:
                    del owned[partition]
                    if not owned:
                        del self._owned[owner]

    def take_ordinal(self, partition: Partition) -> int:
        held = self.partitions[partition]
        held.given += 1
        return held.given

    def find_tally(self, key: str) -> Tally | None:
        return self.tallies.get(key)

    def put_tally(self, key: str, tally: Tally) -> None:
        self.tallies[key] = tally

    def tally_room(self) -> int:
        return len(self.tallies)

    def drop_tallies(self, before: float | None) -> None:
        kept = {} if before is None else {key: tally for key, tally in self.tallies.items() if tally.ends > before}
        self.tallies = kept


def _copied(record: Record) -> tuple[str, int, Json]:
    return record.key, record.ordinal, load_json(dump_json(record.members))
