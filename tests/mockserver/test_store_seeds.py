"""Records that are there from the start, in every store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.apps.stores import (
    HERE,
    KINDS,
    MODEL,
    TAG,
    Backing,
    clear,
    find,
    get,
    keys,
    listed,
    one,
    put,
    put_below,
)
from understudy.mockserver.stores import MemoryStore, Store
from understudy.specs.behaviour import Query
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.state import Effect
from understudy.specs.errors import UsageError

pytest_plugins = ("tests.apps.store_fixtures",)
pytestmark = pytest.mark.anyio


async def test_seed_records_are_there_from_the_start_in_every_scope(store: Store) -> None:
    assert [(record.key, record.members, record.ordinal) for record in await listed(store, MODEL)] == [
        ("small", {"name": "small", "size": 1}, 1),
        ("large", {"name": "large", "size": 9}, 2),
    ]
    for scope in (("small",), ("large",), ("never heard of",)):
        assert await keys(store, TAG, scope) == ["7"]
        assert (await get(store, TAG, scope, "7")).members == {"id": 7, "text": "new"}
        assert await find(store, TAG, scope, "8") is None
    assert await store.partitions() == ()


async def test_seed_records_are_changed_and_deleted_like_others(store: Store) -> None:
    small = await get(store, MODEL, (), "small")
    assert not await store.commit([put(MODEL, (), "small", 0, n=1)])
    assert await store.commit([put(MODEL, (), "small", small.version, name="small", size=2)])
    assert not await store.commit([put(MODEL, (), "small", small.version, size=3)])
    assert [record.members["size"] for record in await listed(store, MODEL)] == [2, 9]
    large = await get(store, MODEL, (), "large")
    assert await store.commit([clear(MODEL, (), {"large": large.version})])
    assert await store.commit([put(MODEL, (), "own", name="own")])
    assert [(record.key, record.ordinal) for record in await listed(store, MODEL)] == [("small", 1), ("own", 3)]
    await store.reset()
    assert [record.members["size"] for record in await listed(store, MODEL)] == [1, 9]


async def test_the_first_commit_may_replace_a_seed_record(store: Store) -> None:
    replace: list[Effect] = [
        clear(MODEL, (), {"small": 1}),
        put(MODEL, (), "small", n=1),
        put(MODEL, (), "large", 1, n=2),
        put(MODEL, (), "large", 1, n=3),
    ]
    assert await store.commit(replace)
    assert [(record.key, record.members, record.ordinal) for record in await listed(store, MODEL)] == [
        ("large", {"n": 3}, 2),
        ("small", {"n": 1}, 3),
    ]


async def test_deleting_a_parent_brings_back_its_childrens_seed_records(store: Store) -> None:
    version = (await get(store, TAG, ("small",), "7")).version
    assert await store.commit([clear(TAG, ("small",), {"7": version})])
    assert await keys(store, TAG, ("small",)) == []
    small = await get(store, MODEL, (), "small")
    need = (one(MODEL, (), "small"), small.version)
    assert await store.commit([put_below(TAG, ("small",), "mine", need)])
    assert await store.commit([clear(MODEL, (), {"small": small.version})])
    assert await store.commit([put(MODEL, (), "small", name="small")])
    assert await keys(store, TAG, ("small",)) == ["7"]


async def test_seed_records_are_there_once_whoever_writes_first(workers: list[Store]) -> None:
    creates = [worker.commit([put(MODEL, (), f"m{number}", n=number)]) for number, worker in enumerate(workers)]
    ordinals = [worker.next_ordinal("model", ()) for worker in workers]
    changes = [worker.commit([put(TAG, ("small",), "7", 1, n=number)]) for number, worker in enumerate(workers)]
    results = await asyncio.gather(*creates, *ordinals, *changes)
    assert results[:4] == [True] * 4
    assert sorted(results[4:8]) == [3, 4, 5, 6]
    assert results[8:].count(True) == 1
    found = await keys(workers[0], MODEL)
    assert found[:2] == ["small", "large"]
    assert sorted(found[2:]) == ["m0", "m1", "m2", "m3"]
    assert await keys(workers[3], TAG, ("small",)) == ["7"]


@pytest.mark.parametrize(
    "resource",
    [
        Resource("thing", "id", seed=({"id": 1}, {"id": "1"})),
        Resource("thing", "id", seed=({"name": 1},)),
        Resource("thing", "", singleton=True, seed=({"a": 1}, {"a": 2})),
    ],
    ids=["twice", "no key", "two of a singleton"],
)
def test_seed_records_without_a_key_of_their_own_are_refused(resource: Resource) -> None:
    with pytest.raises(UsageError, match="seed of the resource 'thing'"):
        MemoryStore([resource])


async def test_the_seed_record_of_a_singleton_has_its_key(make_backing: Callable[[str], Backing]) -> None:
    for kind in KINDS:
        store = make_backing(kind).open([Resource("settings", "", singleton=True, seed=({"dark": True},))])
        query = Query("settings", (), "*")
        record = (await store.read([query])).find(query)
        assert record is not None
        assert record.members == {"dark": True}
        await store.close()


async def test_ordinals_are_unique_and_follow_the_seed_records(workers: list[Store]) -> None:
    taken = await asyncio.gather(*(worker.next_ordinal("house", HERE) for worker in workers * 10))
    assert sorted(taken) == list(range(1, 41))
    assert await workers[0].next_ordinal("house", ("other",)) == 1
    assert await workers[1].next_ordinal("room", HERE) == 1
    assert [await worker.next_ordinal("model", ()) for worker in workers] == [3, 4, 5, 6]
    await workers[0].reset()
    assert await workers[1].next_ordinal("house", HERE) == 1
