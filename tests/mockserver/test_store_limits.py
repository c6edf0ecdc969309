"""What every store does when it is full, and how room is made."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.apps.stores import (
    BAG,
    HERE,
    HOUSE,
    MODEL,
    RESOURCES,
    TRIP,
    Backing,
    build_house,
    clear,
    get,
    keys,
    listed,
    put,
)
from understudy.mockserver.stores import Limits, Store, StoreFull
from understudy.mockserver.stores.expiry import drop_expired
from understudy.specs.behaviour.state import Effect

pytest_plugins = ("tests.apps.store_fixtures",)
pytestmark = pytest.mark.anyio


async def test_a_full_store_says_so_and_changes_nothing(backing: Backing) -> None:
    store = backing.open(limits=Limits(records=3, octets=100))
    await store.commit([put(HOUSE, HERE, key, n=1) for key in "abc"])
    with pytest.raises(StoreFull, match="at most: delete some, or reset"):
        await store.commit([put(HOUSE, HERE, "d", n=1)])
    first = await get(store, HOUSE, HERE, "a")
    with pytest.raises(StoreFull, match="100 octets"):
        await store.commit([put(HOUSE, HERE, "a", first.version, text="x" * 90)])
    assert [(record.key, record.members) for record in await listed(store, HOUSE, HERE)] == [
        (key, {"n": 1}) for key in "abc"
    ]
    assert await store.commit([put(HOUSE, HERE, "a", first.version, text="x" * 60)])
    first = await get(store, HOUSE, HERE, "a")
    assert await store.commit([put(HOUSE, HERE, "a", first.version, text="y" * 60)])
    first = await get(store, HOUSE, HERE, "a")
    assert await store.commit([clear(HOUSE, HERE, {"a": first.version}), put(HOUSE, HERE, "a", n=2)])
    first = await get(store, HOUSE, HERE, "a")
    assert await store.commit([clear(HOUSE, HERE, {"a": first.version})])
    assert await store.commit([put(HOUSE, HERE, "d", n=1)])
    await store.close()


async def test_room_is_counted_to_the_octet(backing: Backing) -> None:
    store = backing.open(limits=Limits(octets=1000))
    await build_house(store)
    await build_house(store, key="h2")
    await store.next_ordinal("room", ("acme", "h2"))
    for text in ("x" * 50, "x" * 5, "ü" * 7):
        version = (await get(store, HOUSE, HERE, "h")).version
        assert await store.commit([put(HOUSE, HERE, "h", version, text=text)])
    version = (await get(store, MODEL, (), "small")).version
    replace: list[Effect] = [
        clear(MODEL, (), {"small": version}),
        put(MODEL, (), "small", text="x"),
        put(MODEL, (), "b", id="b"),
    ]
    assert await store.commit(replace)
    version = (await get(store, HOUSE, HERE, "h2")).version
    assert await store.next_ordinal("note", ("acme", "h2")) == 1
    assert await store.commit([clear(HOUSE, HERE, {"h2": version})])
    for _ in range(2):
        dump = await store.snapshot()
        held = sum(
            len(json.dumps(record["members"], ensure_ascii=False, separators=(",", ":")).encode())
            for partition in dump["partitions"]
            for record in partition["records"]
        )
        fitting = "x" * (1000 - held - len('{"text":""}'))
        with pytest.raises(StoreFull, match="1000 octets"):
            await store.commit([put(HOUSE, HERE, "last", text=f"{fitting}x")])
        assert await store.commit([put(HOUSE, HERE, "last", text=fitting)])
        assert await store.commit([clear(HOUSE, HERE, {"last": (await get(store, HOUSE, HERE, "last")).version})])
        await store.restore(dump)
    await store.close()


async def test_a_store_that_holds_too_much_can_still_be_emptied(shared_backing: Backing) -> None:
    store = shared_backing.open()
    await store.commit([put(HOUSE, HERE, key, text="x" * 100) for key in "abc"])
    await store.close()
    store = shared_backing.open(limits=Limits(records=1, octets=50))
    with pytest.raises(StoreFull):
        await store.commit([put(HOUSE, HERE, "d", n=1)])
    version = (await get(store, HOUSE, HERE, "a")).version
    assert await store.commit([put(HOUSE, HERE, "a", version, text="x" * 99)])
    for key in "abc":
        assert await store.commit([clear(HOUSE, HERE, {key: (await get(store, HOUSE, HERE, key)).version})])
    assert await store.commit([put(HOUSE, HERE, "d", n=1)])
    await store.close()


async def test_deletes_make_room_on_every_level(backing: Backing) -> None:
    store = backing.open(limits=Limits(records=6))
    for _ in range(3):
        await build_house(store)
        with pytest.raises(StoreFull):
            await store.commit([put(HOUSE, HERE, "more", id=1)])
        version = (await get(store, HOUSE, HERE, "h")).version
        assert await store.commit([clear(HOUSE, HERE, {"h": version})])
    await build_house(store)
    await store.reset()
    await build_house(store)
    await store.restore(await store.snapshot())
    with pytest.raises(StoreFull):
        await store.commit([put(HOUSE, HERE, "more", id=1)])
    await store.close()


async def test_scopes_are_limited_too_and_reading_needs_none(backing: Backing) -> None:
    store = backing.open(limits=Limits(records=3))
    for number in range(10):
        assert await keys(store, HOUSE, (f"scope {number}",)) == []
    for number in range(3):
        assert await store.next_ordinal("house", (f"scope {number}",)) == 1
    with pytest.raises(StoreFull, match="3 scopes"):
        await store.next_ordinal("house", ("scope 3",))
    with pytest.raises(StoreFull, match="3 scopes"):
        await store.commit([put(HOUSE, ("scope 3",), "h", id=1)])
    assert await store.next_ordinal("house", ("scope 0",)) == 2
    await store.close()


async def test_seed_records_count_once_they_are_written(backing: Backing) -> None:
    store = backing.open(limits=Limits(records=2))
    with pytest.raises(StoreFull):
        await store.commit([put(MODEL, (), "own", name="own")])
    assert await keys(store, MODEL) == ["small", "large"]
    version = (await get(store, MODEL, (), "small")).version
    assert await store.commit([clear(MODEL, (), {"small": version})])
    assert await store.commit([put(MODEL, (), "own", name="own")])
    with pytest.raises(StoreFull):
        await store.next_ordinal("tag", ("own",))
    await store.close()


async def test_expired_records_are_dropped_with_what_is_below(store: Store) -> None:
    await store.commit(
        [
            put(TRIP, HERE, "over", until="2029-12-31T23:59:59Z"),
            put(TRIP, HERE, "open", until="2030-01-01T00:00:01Z"),
            put(TRIP, HERE, "endless", name="no end"),
            put(TRIP, ("other",), "over", until="2000-01-01T00:00:00Z"),
            put(BAG, ("acme", "over"), "b", id="b"),
            put(BAG, ("acme", "open"), "b", id="b"),
        ]
    )
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert await drop_expired(store, RESOURCES, now) == 2
    assert await keys(store, TRIP, HERE) == ["open", "endless"]
    assert await keys(store, TRIP, ("other",)) == []
    assert await keys(store, BAG, ("acme", "over")) == []
    assert await keys(store, BAG, ("acme", "open")) == ["b"]
    assert await drop_expired(store, RESOURCES, now) == 0
