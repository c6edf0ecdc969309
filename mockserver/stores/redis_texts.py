"""Records, partitions and tallies as Redis holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from understudy.mockserver.stores.dumps import DumpedPartition
from understudy.mockserver.stores.texts import partition_text
from understudy.specs.behaviour import Record
from understudy.specs.behaviour.limits import Tally
from understudy.specs.documents.document import Json
from understudy.specs.wire.json_bodies import dump_json, load_json

__all__ = ["dumped_record", "read_record", "read_records", "read_tally", "restored_partition", "tally_text"]


def read_record(key: str, stored: bytes) -> Record:
    """A record; raises `ValueError` for what isn't one."""
    version, ordinal, text = stored.split(b" ", 2)
    return Record(key, load_json(text), int(version), int(ordinal))


def read_records(pairs: Sequence[bytes]) -> list[Record]:
    """The records of keys and values in turn, in the order they were made."""
    records = [read_record(key.decode(), stored) for key, stored in zip(pairs[::2], pairs[1::2], strict=True)]
    return sorted(records, key=lambda record: record.ordinal)


def dumped_record(record: Record) -> tuple[str, int, Mapping[str, Json]]:
    """A record as `write_dump` takes it."""
    return record.key, record.ordinal, record.members


def restored_partition(dumped: DumpedPartition) -> bytes:
    """A partition as the script that restores takes it."""
    records = [[record.key, record.ordinal, record.text.decode()] for record in dumped.records]
    return dump_json([partition_text(dumped.partition), dumped.made, dumped.given, records])


def read_tally(text: bytes) -> Tally:
    """``b"3 1767225600"``; raises `ValueError` for what isn't one."""
    used, ends = text.split()
    return Tally(int(used), float(ends))


def tally_text(tally: Tally) -> str:
    """What `read_tally` reads."""
    return f"{tally.used} {tally.ends!r}"
