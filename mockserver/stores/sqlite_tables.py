"""The tables of the SQLite store, for one document: read and written within a transaction that is already open."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from typing import final

from understudy.mockserver.stores.changes import Write
from understudy.mockserver.stores.committing import Entry
from understudy.mockserver.stores.dumps import Dump
from understudy.mockserver.stores.limits import Room
from understudy.mockserver.stores.lineage import Lineage, Partition, Seed
from understudy.mockserver.stores.store import PartitionSize
from understudy.mockserver.stores.texts import is_text, partition_of, partition_text
from understudy.specs.behaviour import Query, Record
from understudy.specs.behaviour.limits import Tally
from understudy.specs.behaviour.state import SEED_VERSION, Scope
from understudy.specs.documents.document import Json
from understudy.specs.wire.json_bodies import load_json

__all__ = ["SqliteTables"]

_RECORDS = """
SELECT record.key, record.members, record.version, record.ordinal
FROM partition LEFT JOIN record ON record.partition = partition.id
WHERE partition.document = ? AND partition.place = ?
"""


@final
class SqliteTables:
    """`Tables` in a file.

    Args:
        document: Its name: documents that share a file see nothing of each other.
    """

    def __init__(self, connection: sqlite3.Connection, document: str, lineage: Lineage) -> None:
        self._lineage = lineage
        self._do = connection.execute
        self._do("INSERT OR IGNORE INTO document (name, version) VALUES (?, ?)", (document, SEED_VERSION))
        (self._document,) = self._do("SELECT id FROM document WHERE name = ?", (document,)).fetchone()

    def records(self, query: Query) -> tuple[Record, ...]:
        """What a query finds."""
        place = partition_text((query.resource, query.scope))
        if query.key is None:
            rows = self._do(f"{_RECORDS} ORDER BY record.ordinal", (self._document, place)).fetchall()
        elif is_text(query.key):
            one = _RECORDS.replace("WHERE", "AND record.key = ? WHERE")
            rows = self._do(one, (query.key, self._document, place)).fetchall()
        else:
            return ()
        if not rows:
            seeds = self._lineage.seeds((query.resource, query.scope))
            return tuple(seed.record for seed in seeds if query.key is None or seed.record.key == query.key)
        return tuple(Record(key, load_json(text), version, ordinal) for key, text, version, ordinal in rows if text)

    def room(self) -> Room:
        statement = "SELECT partitions, records, octets FROM document WHERE id = ?"
        return Room(*self._do(statement, (self._document,)).fetchone())

    def has(self, partition: Partition) -> bool:
        return self._find_id(partition) is not None

    def find(self, partition: Partition, key: str) -> Entry | None:
        row = self._do(
            "SELECT version, ordinal, octets FROM record WHERE partition = ? AND key = ?",
            (self._find_id(partition), key),
        ).fetchone()
        return None if row is None else Entry(*row)

    def add(self, partition: Partition, seeds: tuple[Seed, ...]) -> None:
        place = self._insert(partition, len(seeds), len(seeds))
        for seed in seeds:
            self._insert_record(place, seed.record.key, seed.record.ordinal, SEED_VERSION, seed.text)

    def put(self, write: Write, old: Entry | None) -> None:
        place = self._find_id(write.partition)
        assert place is not None, "a record is written to a partition that is there"
        version = self._next_version()
        if old is None:
            self._do("UPDATE partition SET made = made + 1 WHERE id = ?", (place,))
            (ordinal,) = self._do("SELECT made FROM partition WHERE id = ?", (place,)).fetchone()
            self._insert_record(place, write.key, ordinal, version, write.text)
        else:
            self._do(
                "UPDATE record SET version = ?, octets = ?, members = ? WHERE partition = ? AND key = ?",
                (version, len(write.text), write.text, place, write.key),
            )
            self._count(0, 0, len(write.text) - old.octets)

    def remove(self, partition: Partition, key: str, old: Entry) -> None:
        self._do("DELETE FROM record WHERE partition = ? AND key = ?", (self._find_id(partition), key))
        self._count(0, -1, -old.octets)

    def drop_owned(self, resource: str, scope: Scope, key: str) -> None:
        for start in self._lineage.owned_texts(resource, scope, key):
            # After the start comes "]" or ",": both are before "~".
            rows = self._do(
                "SELECT id FROM partition WHERE document = ? AND place > ? AND place < ?",
                (self._document, start, f"{start}~"),
            ).fetchall()
            for (place,) in rows:
                records, octets = self._do(
                    "SELECT count(*), coalesce(sum(octets), 0) FROM record WHERE partition = ?", (place,)
                ).fetchone()
                self._do("DELETE FROM record WHERE partition = ?", (place,))
                self._do("DELETE FROM partition WHERE id = ?", (place,))
                self._count(-1, -records, -octets)

    def take_ordinal(self, partition: Partition) -> int:
        place = self._find_id(partition)
        self._do("UPDATE partition SET given = given + 1 WHERE id = ?", (place,))
        (ordinal,) = self._do("SELECT given FROM partition WHERE id = ?", (place,)).fetchone()
        return int(ordinal)

    def partitions(self) -> tuple[PartitionSize, ...]:
        """See `Store.partitions`."""
        rows = self._do(
            "SELECT place, (SELECT count(*) FROM record WHERE partition = partition.id)"
            " FROM partition WHERE document = ?",
            (self._document,),
        )
        found = sorted((partition_of(place), records) for place, records in rows)
        return tuple(PartitionSize(*partition, records) for partition, records in found)

    def dumped(self) -> Iterator[tuple[Partition, int, int, list[tuple[str, int, Json]]]]:
        """All partitions, as `write_dump` takes them."""
        for place, text, made, given in self._do(
            "SELECT id, place, made, given FROM partition WHERE document = ?", (self._document,)
        ).fetchall():
            rows = self._do("SELECT key, ordinal, members FROM record WHERE partition = ? ORDER BY ordinal", (place,))
            yield partition_of(text), made, given, [(key, number, load_json(members)) for key, number, members in rows]

    def load(self, dump: Dump) -> None:
        """Replace everything by a dump."""
        self.clear()
        for key, tally in dump.tallies:
            self.put_tally(key, tally)
        for each in dump.partitions:
            place = self._insert(each.partition, each.made, each.given)
            for record in each.records:
                self._insert_record(place, record.key, record.ordinal, self._next_version(), record.text)

    def clear(self) -> None:
        """Delete everything but the version, which never falls, and the clock's offset."""
        mine = "SELECT id FROM partition WHERE document = ?"
        self._do(f"DELETE FROM record WHERE partition IN ({mine})", (self._document,))
        self._do("DELETE FROM partition WHERE document = ?", (self._document,))
        self.drop_tallies(None)
        self._do("UPDATE document SET partitions = 0, records = 0, octets = 0 WHERE id = ?", (self._document,))

    def tallies(self) -> list[tuple[str, Tally]]:
        """All tallies by the key of their bucket."""
        rows = self._do("SELECT bucket, used, ends FROM tally WHERE document = ?", (self._document,))
        return [(key, Tally(used, ends)) for key, used, ends in rows]

    def find_tally(self, key: str) -> Tally | None:
        row = self._do(
            "SELECT used, ends FROM tally WHERE document = ? AND bucket = ?", (self._document, key)
        ).fetchone()
        return None if row is None else Tally(*row)

    def put_tally(self, key: str, tally: Tally) -> None:
        self._do(
            "INSERT OR REPLACE INTO tally (document, bucket, used, ends) VALUES (?, ?, ?, ?)",
            (self._document, key, tally.used, tally.ends),
        )

    def tally_room(self) -> int:
        (room,) = self._do("SELECT count(*) FROM tally WHERE document = ?", (self._document,)).fetchone()
        return int(room)

    def drop_tallies(self, before: float | None) -> None:
        over = math.inf if before is None else before
        self._do("DELETE FROM tally WHERE document = ? AND ends <= ?", (self._document, over))

    @property
    def offset(self) -> float:
        """The clock's, in seconds."""
        (seconds,) = self._do("SELECT clock_offset FROM document WHERE id = ?", (self._document,)).fetchone()
        return float(seconds)

    @offset.setter
    def offset(self, seconds: float) -> None:
        self._do("UPDATE document SET clock_offset = ? WHERE id = ?", (seconds, self._document))

    def _find_id(self, partition: Partition) -> int | None:
        row = self._do(
            "SELECT id FROM partition WHERE document = ? AND place = ?", (self._document, partition_text(partition))
        ).fetchone()
        return None if row is None else int(row[0])

    def _insert(self, partition: Partition, made: int, given: int) -> int:
        place = self._do(
            "INSERT INTO partition (document, place, made, given) VALUES (?, ?, ?, ?)",
            (self._document, partition_text(partition), made, given),
        ).lastrowid
        assert place is not None, "an insert has a row"
        self._count(1, 0, 0)
        return place

    def _insert_record(self, place: int, key: str, ordinal: int, version: int, text: bytes) -> None:
        self._do(
            "INSERT INTO record (partition, key, ordinal, version, octets, members) VALUES (?, ?, ?, ?, ?, ?)",
            (place, key, ordinal, version, len(text), text),
        )
        self._count(0, 1, len(text))

    def _next_version(self) -> int:
        self._do("UPDATE document SET version = version + 1 WHERE id = ?", (self._document,))
        (version,) = self._do("SELECT version FROM document WHERE id = ?", (self._document,)).fetchone()
        return int(version)

    def _count(self, partitions: int, records: int, octets: int) -> None:
        self._do(
            "UPDATE document SET partitions = partitions + ?, records = records + ?, octets = octets + ? WHERE id = ?",
            (partitions, records, octets, self._document),
        )
