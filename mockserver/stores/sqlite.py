"""Records in a file that survives a restart and the death of any process that uses it; several may at once.

What was committed is in the file even if the process is killed in the next moment; only a power cut may take the
last commits, never halves of them. The event loop never waits for the file: one thread does.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar, final

from understudy.mockserver.stores.changes import change_of
from understudy.mockserver.stores.committing import commit_change, take_ordinal
from understudy.mockserver.stores.dumps import read_dump, write_dump
from understudy.mockserver.stores.limits import Limits, Room
from understudy.mockserver.stores.lineage import Lineage
from understudy.mockserver.stores.sqlite_file import open_file
from understudy.mockserver.stores.sqlite_tables import SqliteTables
from understudy.mockserver.stores.store import PartitionSize, StoreFull, StoreUnavailable, checked_offset
from understudy.mockserver.stores.tallies import Counted, count_call
from understudy.mockserver.stores.texts import check_text
from understudy.specs.behaviour import Query, Snapshot
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.limits import Bucket
from understudy.specs.behaviour.state import Effect, Scope
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError
from understudy.specs.wire.json_bodies import MalformedJson

__all__ = ["WAIT_SECONDS", "SqliteStore"]

WAIT_SECONDS: Final = 5.0
"""How long a request waits for its turn and for other processes that hold the file."""

_PRIMARY: Final = 0xFF
"""SQLite's extended result codes have the primary one in their low octet."""

T = TypeVar("T")


@final
class SqliteStore:
    """A `Store` in a SQLite file.

    Args:
        resources: The declared ones: for their seed records and for what belongs to what.
        document: Whose records these are: documents that share a file see nothing of each other.

    Raises:
        UsageError: The file can't be used; says why.
    """

    def __init__(
        self,
        path: Path,
        resources: Iterable[Resource],
        *,
        document: str,
        limits: Limits | None = None,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        # Absolute, so that nothing changes when the process changes its directory.
        self._path = path.absolute()
        self._document = document
        self._lineage = Lineage(resources)
        self._limits = limits or Limits()
        self._wait_seconds = wait_seconds
        # The connection used later is opened by the thread: a process that forks before its first request is safe.
        open_file(self._path, wait_seconds).close()
        self._thread = ThreadPoolExecutor(1, "understudy-sqlite")
        self._opened: tuple[sqlite3.Connection, SqliteTables, tuple[int, int]] | None = None
        self._closed = False

    def at_hand(self) -> Snapshot | None:
        """See `Store.at_hand`: it isn't."""
        return None

    async def read(self, queries: Sequence[Query]) -> Snapshot:
        """See `Store.read`."""
        return await self._ask(lambda tables: Snapshot({query: tables.records(query) for query in queries}), "BEGIN")

    async def commit(self, effects: Sequence[Effect]) -> bool:
        """See `Store.commit`."""
        change = change_of(effects, self._lineage)
        return await self._ask(lambda tables: commit_change(change, tables, self._lineage, self._limits))

    async def next_ordinal(self, resource: str, scope: Scope) -> int:
        """See `Store.next_ordinal`."""
        check_text(*scope)
        return await self._ask(lambda tables: take_ordinal((resource, scope), tables, self._lineage, self._limits))

    async def count(self, buckets: Sequence[Bucket], now: float, *, enforce: bool) -> Counted:
        """See `Store.count`."""
        return await self._ask(lambda tables: count_call(buckets, now, tables, enforce=enforce))

    async def partitions(self) -> tuple[PartitionSize, ...]:
        """See `Store.partitions`."""
        return await self._ask(SqliteTables.partitions, "BEGIN")

    async def snapshot(self) -> Json:
        """See `Store.snapshot`."""
        return await self._ask(lambda tables: write_dump(tables.offset, tables.dumped(), tables.tallies()), "BEGIN")

    async def restore(self, dump: Json) -> None:
        """See `Store.restore`."""

        def restore(tables: SqliteTables) -> None:
            read = read_dump(dump, self._lineage)
            self._limits.check(Room(0, 0, 0), read.room())
            tables.load(read)
            if read.offset is not None:
                tables.offset = read.offset

        await self._ask(restore)

    async def reset(self) -> None:
        """See `Store.reset`."""

        def reset(tables: SqliteTables) -> None:
            tables.clear()
            tables.offset = 0.0

        await self._ask(reset)

    async def get_offset(self) -> float:
        """See `Store.get_offset`."""
        return await self._ask(lambda tables: tables.offset, "BEGIN")

    async def set_offset(self, seconds: float) -> None:
        """See `Store.set_offset`."""
        checked = checked_offset(seconds)

        def set_offset(tables: SqliteTables) -> None:
            tables.offset = checked

        await self._ask(set_offset)

    async def close(self) -> None:
        """See `Store.close`."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
            self._thread.shutdown(wait=False)

    async def _ask(self, job: Callable[[SqliteTables], T], begin: str = "BEGIN IMMEDIATE") -> T:
        """Do a job in a transaction, in the thread; a caller that goes away before its turn leaves nothing behind."""
        if self._closed:
            raise StoreUnavailable(f"{self._path} is closed: the server is stopping")
        deadline = time.monotonic() + self._wait_seconds
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._work, job, begin, deadline)
        except UsageError as error:
            raise StoreUnavailable(str(error)) from error
        except (sqlite3.Error, MalformedJson) as error:
            raise self._refusal(error) from error

    def _work(self, job: Callable[[SqliteTables], T], begin: str, deadline: float) -> T:
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise self._busy()
        connection, tables = self._connect(seconds)
        connection.execute(f"PRAGMA busy_timeout = {max(int(seconds * 1000), 1)}")
        connection.execute(begin)
        try:
            result = job(tables)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return result

    def _connect(self, seconds: float) -> tuple[sqlite3.Connection, SqliteTables]:
        if self._opened is None:
            connection = open_file(self._path, seconds)
            try:
                tables = SqliteTables(connection, self._document, self._lineage)
                self._opened = (connection, tables, self._identity())
            except BaseException:
                connection.close()
                raise
        connection, tables, identity = self._opened
        # SQLite would go on writing into a file that nobody can find any more.
        if self._identity() != identity:
            raise StoreUnavailable(f"{self._path} was removed or replaced while in use: put it back, or start again")
        return connection, tables

    def _identity(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0)
        return (found.st_dev, found.st_ino)

    def _let_go(self) -> None:
        if self._opened is not None:
            self._opened[0].close()
            self._opened = None

    def _busy(self) -> StoreUnavailable:
        return StoreUnavailable(f"{self._path} was busy for {self._wait_seconds:g} seconds: try again")

    def _refusal(self, error: sqlite3.Error | MalformedJson) -> StoreUnavailable | StoreFull:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & _PRIMARY
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return self._busy()
        if code == sqlite3.SQLITE_FULL:
            return StoreFull(f"the disk of {self._path} is full: make room on it, or reset the store")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return StoreUnavailable(f"{self._path} is damaged ({error}): move it away and start again")
        return StoreUnavailable(f"{self._path} can't be used: {error}")
