"""Records in this process's memory: the default. Nothing is awaited between a read and its commit's check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, final

from understudy.mockserver.stores.store import StoreFull
from understudy.specs.behaviour import Query, Record, Snapshot
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.state import Clear, Effect, Put, Scope
from understudy.specs.document import Json
from understudy.specs.json_bodies import dump_json

__all__ = ["MemoryStore"]

MAX_RECORDS: Final = 1_000_000
MAX_BYTES: Final = 512 * 1024 * 1024

_Partition = tuple[str, Scope]


@final
class MemoryStore:
    """A store for one process.

    Args:
        resources: The declared ones, by name: for their seed records and for what belongs to what.
        max_bytes: Of all records' members as JSON text.
    """

    def __init__(
        self, resources: Iterable[Resource], *, max_records: int = MAX_RECORDS, max_bytes: int = MAX_BYTES
    ) -> None:
        self._resources = {resource.name: resource for resource in resources}
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._clear()

    async def read(self, queries: Sequence[Query]) -> Snapshot:
        """See `Store.read`."""
        return Snapshot({query: tuple(self._find(query)) for query in queries})

    async def commit(self, effects: Sequence[Effect]) -> bool:
        """See `Store.commit`."""
        if not all(self._holds(effect) for effect in effects):
            return False
        added = [(effect, dump_json(dict(effect.members))) for effect in effects if isinstance(effect, Put)]
        self._check_room(added)
        for effect in effects:
            if isinstance(effect, Clear):
                for key in effect.seen:
                    self._delete(effect.resource, effect.scope, key)
        for put, text in added:
            self._write(put, len(text))
        return True

    async def next_ordinal(self, resource: str, scope: Scope) -> int:
        """See `Store.next_ordinal`."""
        self._partition(resource, scope)
        self._ordinals[(resource, scope)] += 1
        return self._ordinals[(resource, scope)]

    async def reset(self) -> None:
        """See `Store.reset`."""
        self._clear()

    def _clear(self) -> None:
        self._records: dict[_Partition, dict[str, Record]] = {}
        self._ordinals: dict[_Partition, int] = {}
        self._sizes: dict[tuple[_Partition, str], int] = {}
        self._below: dict[Scope, set[_Partition]] = {}
        self._count = 0
        self._bytes = 0
        self._version = 0

    def _partition(self, resource: str, scope: Scope) -> dict[str, Record]:
        """The records of a partition, with the seed records when it is first touched."""
        known = self._records.get((resource, scope))
        if known is not None:
            return known
        records = self._records[(resource, scope)] = {}
        self._ordinals[(resource, scope)] = 0
        for length in range(1, len(scope) + 1):
            self._below.setdefault(scope[:length], set()).add((resource, scope))
        declared = self._resources.get(resource)
        for members in declared.seed if declared is not None else ():
            self._ordinals[(resource, scope)] += 1
            assert declared is not None
            self._write(Put(declared, scope, str(members.get(declared.key, "")), members, 0), len(dump_json(dict(members))))
        return records

    def _find(self, query: Query) -> Iterator[Record]:
        records = self._partition(query.resource, query.scope)
        if query.key is None:
            yield from records.values()
        elif query.key in records:
            yield records[query.key]

    def _holds(self, effect: Effect) -> bool:
        records = self._partition(effect.resource.name, effect.scope)
        if isinstance(effect, Clear):
            return all(key in records and records[key].version == version for key, version in effect.seen.items())
        for query, version in effect.needs:
            needed = self._records.get((query.resource, query.scope), {}).get(query.key or "")
            if needed is None or needed.version != version:
                return False
        record = records.get(effect.key) if isinstance(effect.key, str) else None
        return (record.version if record is not None else 0) == effect.seen

    def _check_room(self, added: Sequence[tuple[Put, bytes]]) -> None:
        if self._count + sum(put.seen == 0 for put, _ in added) > self._max_records:
            raise StoreFull(f"the store holds {self._max_records} records, its limit; reset it, or delete some")
        if self._bytes + sum(len(text) for _, text in added) > self._max_bytes:
            raise StoreFull(f"the store holds {self._max_bytes} octets, its limit; reset it, or delete some")

    def _write(self, put: Put, size: int) -> None:
        assert isinstance(put.key, str), "a record is written when its key is known"
        place = (put.resource.name, put.scope)
        records = self._records[place]
        old = records.get(put.key)
        self._version += 1
        ordinal = old.ordinal if old is not None else self._ordinals[place]
        records[put.key] = Record(put.key, _frozen(put.members), self._version, ordinal)
        self._bytes += size - self._sizes.get((place, put.key), 0)
        self._sizes[(place, put.key)] = size
        self._count += old is None

    def _delete(self, resource: Resource, scope: Scope, key: str) -> None:
        """A record and, in every partition below it, all that belongs to it."""
        place = (resource.name, scope)
        if self._records[place].pop(key, None) is not None:
            self._bytes -= self._sizes.pop((place, key), 0)
            self._count -= 1
        for below in sorted(self._below.get((*scope, key), ())):
            if below != place and self._descends(below[0], resource.name):
                for gone in list(self._records[below]):
                    self._bytes -= self._sizes.pop((below, gone), 0)
                    self._count -= 1
                self._records[below].clear()

    def _descends(self, name: str, ancestor: str) -> bool:
        resource = self._resources.get(name)
        while resource is not None and resource.parent is not None:
            resource = resource.parent.resource
            if resource.name == ancestor:
                return True
        return False


def _frozen(members: Mapping[str, Json]) -> Mapping[str, Json]:
    return dict(members)
