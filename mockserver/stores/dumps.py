"""A store's content as JSON, for `snapshot` and `restore`.

    {"format": 1,
     "offset": 0.0,
     "partitions": [{"resource": "message", "scope": ["acme", "s-1"], "made": 2, "given": 2,
                     "records": [{"key": "m-1", "ordinal": 1, "members": {"id": "m-1", "text": "Hello"}}]}],
     "counts": [{"limit": "hourly", "caller": ["127.0.0.1"], "used": 100, "ends": 1767225600.0}]}

`made` counts the records that were ever made in the partition, `given` the ordinals that were given out. What is
written by hand needs `resource` and `records` with `members`; the rest follows: an empty scope, the key among the
members, ordinals in order. `counts` are the calls that rate limits count, `ends` the end of
the window in seconds since 1970. Versions aren't kept: every restored record gets a new one, so that a request that
began before is stepped again.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from understudy.mockserver.stores.limits import Room
from understudy.mockserver.stores.lineage import Lineage, Partition, key_of, scope_length
from understudy.mockserver.stores.store import checked_offset
from understudy.mockserver.stores.texts import check_text, written_members
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.limits import Tally, bucket_key
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError
from understudy.specs.pointers import JsonPointer, child
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue

__all__ = ["Dump", "DumpedPartition", "DumpedRecord", "MalformedDump", "read_dump", "write_dump"]

FORMAT: Final = 1
MAX_COUNT: Final = 2**53 - 1
_MEMBERS: Final = {
    "dump": ("format", "offset", "partitions", "counts"),
    "partition": ("resource", "scope", "made", "given", "records"),
    "record": ("key", "ordinal", "members"),
    "count": ("limit", "caller", "used", "ends"),
}


class MalformedDump(MalformedContent):
    """A dump can't be restored.

    Args:
        reason: One sentence without the place.
        pointer: Where in the dump.
    """

    def __init__(self, reason: str, pointer: JsonPointer) -> None:
        super().__init__(reason)
        self.pointer = pointer

    def __str__(self) -> str:
        return f"at #{self.pointer}: {self.reason}"


@final
@dataclass(frozen=True, slots=True)
class DumpedRecord:
    """A record: its members are JSON text."""

    key: str
    ordinal: int
    text: bytes


@final
@dataclass(frozen=True, slots=True)
class DumpedPartition:
    """A partition; its records have rising ordinals."""

    partition: Partition
    made: int
    given: int
    records: tuple[DumpedRecord, ...]


@final
@dataclass(frozen=True, slots=True)
class Dump:
    """A dump that was read. An ``offset`` of None leaves the clock as it is; tallies are by the key of their bucket."""

    offset: float | None
    partitions: tuple[DumpedPartition, ...]
    tallies: tuple[tuple[str, Tally], ...] = ()

    def room(self) -> Room:
        """How much it holds."""
        records = [record for partition in self.partitions for record in partition.records]
        return Room(len(self.partitions), len(records), sum(len(record.text) for record in records))


def write_dump(
    offset: float,
    partitions: Iterable[tuple[Partition, int, int, Iterable[tuple[str, int, Mapping[str, Json]]]]],
    tallies: Iterable[tuple[str, Tally]] = (),
) -> Json:
    """The dump of partitions: each with `made`, `given` and its records' keys, ordinals and members, in order.

    Args:
        tallies: By the key of their bucket.
    """
    counts = [
        {"limit": name, "caller": caller, "used": tally.used, "ends": tally.ends}
        for key, tally in sorted(tallies)
        for name, *caller in [json.loads(key)]
    ]
    return {
        "format": FORMAT,
        "offset": offset,
        "partitions": [
            {
                "resource": resource,
                "scope": list(scope),
                "made": made,
                "given": given,
                "records": [{"key": key, "ordinal": number, "members": members} for key, number, members in records],
            }
            for (resource, scope), made, given, records in sorted(partitions, key=lambda each: each[0])
        ],
        **({"counts": counts} if counts else {}),
    }


def read_dump(dump: Json, lineage: Lineage) -> Dump:
    """Read a dump.

    Raises:
        MalformedDump: It breaks the form above, names a resource that isn't declared, or holds two records of one key.
    """
    root = JsonPointer("")
    members = _object(dump, "dump", root)
    if members.get("format", FORMAT) != FORMAT:
        raise MalformedDump(f"format {members['format']!r}; this version reads {FORMAT}", child(root, "format"))
    try:
        offset = checked_offset(members["offset"]) if "offset" in members else None
    except UsageError as error:
        raise MalformedDump(str(error), child(root, "offset")) from error
    place = child(root, "partitions")
    found: dict[Partition, DumpedPartition] = {}
    for index, each in enumerate(_array(members.get("partitions"), place)):
        read = _read_partition(each, lineage, child(place, index))
        if read.partition in found:
            raise MalformedDump("the same resource and scope again", child(place, index))
        found[read.partition] = read
    within = child(root, "counts")
    counts = [_read_count(each, child(within, n)) for n, each in enumerate(_array(members.get("counts", []), within))]
    return Dump(offset, tuple(found.values()), tuple(dict(counts).items()))


def _read_partition(value: Json, lineage: Lineage, place: JsonPointer) -> DumpedPartition:
    members = _object(value, "partition", place)
    resource = _resource(members.get("resource"), lineage, child(place, "resource"))
    scope = tuple(
        _text(each, child(place, "scope")) for each in _array(members.get("scope", []), child(place, "scope"))
    )
    length = scope_length(resource)
    if len(scope) != length:
        reason = f"{len(scope)} values; the scope of {resource.name!r} has {length}"
        raise MalformedDump(reason, child(place, "scope"))
    records: dict[str, DumpedRecord] = {}
    last = 0
    within = child(place, "records")
    for index, each in enumerate(_array(members.get("records"), within)):
        record = _read_record(each, resource, last, child(within, index))
        if record.key in records:
            raise MalformedDump(f"a second record with the key {record.key!r}", child(within, index))
        records[record.key] = record
        last = record.ordinal
    made = _count(members.get("made", last), last, child(place, "made"))
    given = _count(members.get("given", made), 0, child(place, "given"))
    return DumpedPartition((resource.name, scope), made, given, tuple(records.values()))


def _read_record(value: Json, resource: Resource, last: int, place: JsonPointer) -> DumpedRecord:
    record = _object(value, "record", place)
    members = record.get("members")
    if not isinstance(members, dict):
        raise MalformedDump("an object is needed", child(place, "members"))
    key = record.get("key", key_of(resource, members))
    if key is None:
        raise MalformedDump(f"neither a key nor a member {resource.key!r}", place)
    try:
        text, _ = written_members(members)
    except UncarriableValue as error:
        raise MalformedDump(str(error), child(place, "members")) from error
    ordinal = _count(record.get("ordinal", last + 1), last + 1, child(place, "ordinal"))
    return DumpedRecord(_text(key, child(place, "key")), ordinal, text)


def _read_count(value: Json, place: JsonPointer) -> tuple[str, Tally]:
    members = _object(value, "count", place)
    name = _text(members.get("limit"), child(place, "limit"))
    at = child(place, "caller")
    caller = [_text(each, at) for each in _array(members.get("caller", []), at)]
    ends = members.get("ends")
    if isinstance(ends, bool) or not isinstance(ends, (int, float)) or not abs(ends) <= MAX_COUNT:
        raise MalformedDump("seconds since 1970 are needed", child(place, "ends"))
    return bucket_key(name, caller), Tally(_count(members.get("used"), 0, child(place, "used")), float(ends))


def _resource(value: Json, lineage: Lineage, place: JsonPointer) -> Resource:
    resource = lineage.resources.get(value) if isinstance(value, str) else None
    if resource is None:
        near = difflib.get_close_matches(str(value), lineage.resources, 1) or sorted(lineage.resources)[:8] or ["none"]
        raise MalformedDump(f"no resource {value!r} is declared; there: {', '.join(near)}", place)
    return resource


def _object(value: Json, name: str, place: JsonPointer) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise MalformedDump(f"a {name} is an object", place)
    unknown = [member for member in value if member not in _MEMBERS[name]]
    if unknown:
        raise MalformedDump(f"a {name} has no member {unknown[0]!r}; it has: {', '.join(_MEMBERS[name])}", place)
    return value


def _array(value: Json, place: JsonPointer) -> list[Json]:
    if not isinstance(value, list):
        raise MalformedDump("an array is needed", place)
    return value


def _text(value: Json, place: JsonPointer) -> str:
    if not isinstance(value, str):
        raise MalformedDump("a string is needed", place)
    try:
        check_text(value)
    except UncarriableValue as error:
        raise MalformedDump(str(error), place) from error
    return value


def _count(value: Json, least: int, place: JsonPointer) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_COUNT:
        raise MalformedDump(f"an integer of at least {least} is needed", place)
    return value
