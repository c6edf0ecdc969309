"""The file of the SQLite store: opened, recognised, and laid out when it is new."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Final

from understudy.specs.errors import UsageError

__all__ = ["ALLOWED", "open_file"]

ALLOWED: Final = "a file of Understudy's own, or a new one, in a directory that can be written to"
APPLICATION: Final = 0x556E6479
"""Says whose file it is (`PRAGMA application_id`)."""
VERSION: Final = 2
"""Of the tables (`PRAGMA user_version`)."""

_PAUSE_SECONDS: Final = 0.01

_TABLES: Final = """
CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    partitions INTEGER NOT NULL DEFAULT 0,
    records INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0,
    clock_offset REAL NOT NULL DEFAULT 0
);
CREATE TABLE partition (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES document,
    place TEXT NOT NULL,
    made INTEGER NOT NULL,
    given INTEGER NOT NULL,
    UNIQUE (document, place)
);
CREATE TABLE record (
    partition INTEGER NOT NULL REFERENCES partition,
    key TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    version INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    members BLOB NOT NULL,
    UNIQUE (partition, key),
    UNIQUE (partition, ordinal)
);
CREATE TABLE tally (
    document INTEGER NOT NULL REFERENCES document,
    bucket TEXT NOT NULL,
    used INTEGER NOT NULL,
    ends REAL NOT NULL,
    PRIMARY KEY (document, bucket)
);
"""


def open_file(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """A connection in autocommit mode, the tables being there.

    Args:
        wait_seconds: How long to wait for another process that holds the file.

    Raises:
        UsageError: The file can't be opened or made, is another program's, is damaged, or has a newer layout.
    """
    if path.name == ":memory:" or path.is_dir():
        raise UsageError("state", str(path), ALLOWED)
    try:
        # Opened by one thread and then used by another, never by two at a time.
        connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None, check_same_thread=False)
        try:
            _recognise(connection, path)
            _write_ahead(connection, time.monotonic() + wait_seconds)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise UsageError("state", str(path), f"{ALLOWED}; SQLite says: {error}") from error
    return connection


def _write_ahead(connection: sqlite3.Connection, deadline: float) -> None:
    """The mode in which a commit survives the death of the process, and readers don't wait for a writer."""
    connection.execute("PRAGMA synchronous = NORMAL")
    while True:
        try:
            # A file system that can't do it keeps its mode: slower, and as safe.
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            # SQLite doesn't wait here for another process that is just opening the file.
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def _recognise(connection: sqlite3.Connection, path: Path) -> None:
    """Lay out a new file; refuse one that isn't ours."""
    # Two processes may find the same file new: the second waits here, and finds the tables.
    connection.execute("BEGIN IMMEDIATE")
    try:
        application, version, tables = (
            connection.execute(statement).fetchone()[0]
            for statement in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
        )
        if application == 0 and tables == 0:
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        elif application != APPLICATION:
            raise UsageError("state", str(path), f"{ALLOWED}; this one is another program's database")
        elif version != VERSION:
            raise UsageError(
                "state", str(path), f"{ALLOWED}; this one has the layout {version}, this version knows {VERSION}"
            )
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
