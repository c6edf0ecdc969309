"""What every store makes of a dump, its own or another's, or one that is none."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.apps.stores import (
    HERE,
    HOUSE,
    KINDS,
    MODEL,
    PROFILE,
    Backing,
    build_house,
    clear,
    get,
    keys,
    listed,
    put,
)
from understudy.mockserver.stores import Limits, MalformedDump, Store, StoreFull
from understudy.specs.documents.document import Json

pytest_plugins = ("tests.apps.store_fixtures",)
pytestmark = pytest.mark.anyio


async def test_a_snapshot_is_json_and_brings_everything_back(backing: Backing, store: Store) -> None:
    await build_house(store)
    await store.commit([put(MODEL, (), "own", name="own", data={"ü": [10**30, 0.5]})])
    await store.next_ordinal("house", HERE)
    await store.set_offset(90.5)
    dump = await store.snapshot()
    again = json.loads(json.dumps(dump))
    assert again == dump
    assert list(dump["partitions"]) == sorted(dump["partitions"], key=lambda each: (each["resource"], each["scope"]))
    before = await store.partitions()
    await store.reset()
    assert await store.partitions() == ()
    assert await store.get_offset() == 0
    await store.commit([put(HOUSE, HERE, "later", id=1)])
    await store.restore(again)
    assert await store.snapshot() == dump
    assert await store.partitions() == before
    assert await store.get_offset() == 90.5
    assert await keys(store, MODEL) == ["small", "large", "own"]
    assert await store.next_ordinal("house", HERE) == 2
    await store.commit([put(MODEL, (), "next", name="next")])
    assert [record.ordinal for record in await listed(store, MODEL)] == [1, 2, 3, 4]
    version = (await get(store, HOUSE, HERE, "h")).version
    assert await store.commit([clear(HOUSE, HERE, {"h": version})])
    assert [size.resource for size in await store.partitions() if size.records] == ["model"]


async def test_a_snapshot_stands_still(store: Store) -> None:
    await store.commit([put(HOUSE, HERE, "h", tags=["a"])])
    dump = await store.snapshot()
    dump["partitions"][0]["records"][0]["members"]["tags"].append("b")
    assert (await get(store, HOUSE, HERE, "h")).members == {"tags": ["a"]}


async def test_every_store_reads_the_dumps_of_the_others(make_backing: Callable[[str], Backing]) -> None:
    stores = [make_backing(kind).open() for kind in KINDS]
    await build_house(stores[0])
    await stores[0].commit([put(MODEL, (), "ü\0", name="ü\0", big=10**30)])
    dump = await stores[0].snapshot()
    for store in stores[1:]:
        await store.restore(dump)
        assert await store.snapshot() == dump
    for store in stores:
        await store.close()


async def test_a_dump_by_hand_needs_only_resources_and_members(store: Store) -> None:
    await store.set_offset(5)
    await store.commit([put(HOUSE, HERE, "before", id=1)])
    records = [{"members": {"name": "b"}}, {"members": {"name": "a"}}]
    await store.restore(
        {
            "partitions": [
                {"resource": "model", "records": records},
                {"resource": "profile", "scope": ["acme"], "records": [{"members": {"name": "A"}}]},
            ]
        }
    )
    assert await keys(store, MODEL) == ["b", "a"]
    assert await keys(store, PROFILE, HERE) == ["*"]
    assert await keys(store, HOUSE, HERE) == []
    assert await store.next_ordinal("model", ()) == 3
    assert await store.get_offset() == 5
    await store.restore({"partitions": [], "offset": 0})
    assert await keys(store, MODEL) == ["small", "large"]
    assert await store.get_offset() == 0


def _partition(**members: Json) -> Json:
    return {"partitions": [{"resource": "house", "scope": ["acme"], "records": [{"members": {"id": "h"}}], **members}]}


@pytest.mark.parametrize(
    ("dump", "message"),
    [
        (None, "at #: a dump is an object"),
        ({}, "at #/partitions: an array"),
        ({"partitions": [], "extra": 1}, "has no member 'extra'; it has: format, offset, partitions"),
        ({"partitions": [], "format": 2}, "at #/format: format 2; this version reads 1"),
        ({"partitions": [], "offset": "soon"}, "at #/offset: offset: got 'soon'"),
        ({"partitions": [], "offset": 1e300}, "at #/offset"),
        ({"partitions": {}}, "at #/partitions: an array"),
        ({"partitions": [1]}, "at #/partitions/0: a partition is an object"),
        (_partition(resource="hose"), "no resource 'hose' is declared; there: house"),
        (_partition(resource=["house"]), "no resource"),
        (_partition(scope=[]), "at #/partitions/0/scope: 0 values; the scope of 'house' has 1"),
        (_partition(scope=[1]), "at #/partitions/0/scope: a string"),
        (_partition(scope="acme"), "at #/partitions/0/scope: an array"),
        (_partition(scope=["\ud83d"]), "half of a surrogate pair"),
        (_partition(made=0), "at #/partitions/0/made: an integer of at least 1"),
        (_partition(made=True), "at #/partitions/0/made"),
        (_partition(made=2**60), "at #/partitions/0/made"),
        (_partition(given=-1), "at #/partitions/0/given: an integer of at least 0"),
        (_partition(records={}), "at #/partitions/0/records: an array"),
        (_partition(records=[1]), "at #/partitions/0/records/0: a record is an object"),
        (_partition(records=[{}]), "at #/partitions/0/records/0/members: an object"),
        (_partition(records=[{"members": {}}]), "at #/partitions/0/records/0: neither a key nor a member 'id'"),
        (_partition(records=[{"key": 1, "members": {}}]), "at #/partitions/0/records/0/key: a string"),
        (_partition(records=[{"key": "\ud83d", "members": {}}]), "half of a surrogate pair"),
        (_partition(records=[{"key": "a", "members": {"x": "\ud83d"}}]), "at #/partitions/0/records/0/members"),
        (_partition(records=[{"key": "a", "members": {}}] * 2), "at #/partitions/0/records/1: a second record"),
        (
            _partition(records=[{"key": "a", "ordinal": 2, "members": {}}, {"key": "b", "ordinal": 2, "members": {}}]),
            "at #/partitions/0/records/1/ordinal: an integer of at least 3",
        ),
        ({"partitions": [*_partition()["partitions"], *_partition()["partitions"]]}, "same resource and scope again"),
    ],
)
async def test_a_malformed_dump_is_refused_and_changes_nothing(store: Store, dump: Json, message: str) -> None:
    await store.commit([put(HOUSE, HERE, "h", id="h")])
    with pytest.raises(MalformedDump) as caught:
        await store.restore(dump)
    assert message in str(caught.value)
    assert await keys(store, HOUSE, HERE) == ["h"]


async def test_a_dump_that_is_too_large_is_refused_and_changes_nothing(backing: Backing) -> None:
    store = backing.open(limits=Limits(records=2, octets=1000))
    await store.commit([put(HOUSE, HERE, "h", id="h")])
    with pytest.raises(StoreFull, match="2 records"):
        await store.restore(_partition(records=[{"key": key, "members": {}} for key in "abc"]))
    with pytest.raises(StoreFull, match="1000 octets"):
        await store.restore(_partition(records=[{"key": "a", "members": {"text": "x" * 1000}}]))
    assert await keys(store, HOUSE, HERE) == ["h"]
    await store.close()
