"""What every store does, whatever it keeps its records in."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from tests.apps.stores import (
    HERE,
    HOUSE,
    LAMP,
    NOTE,
    PROFILE,
    RESOURCES,
    ROOM,
    SWITCH,
    Backing,
    build_house,
    clear,
    every,
    find,
    get,
    keys,
    listed,
    one,
    put,
    put_below,
)
from understudy.mockserver.stores import Store, open_store
from understudy.specs.behaviour import Query
from understudy.specs.behaviour.state import Effect, Put
from understudy.specs.behaviour.values import UNKNOWN
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError
from understudy.specs.wire.malformed import UncarriableValue

pytest_plugins = ("tests.apps.store_fixtures",)
pytestmark = pytest.mark.anyio


async def test_a_record_is_made_read_changed_and_deleted(store: Store) -> None:
    assert await find(store, HOUSE, HERE, "h") is None
    assert await store.commit([put(HOUSE, HERE, "h", id="h", colour="red")])
    made = await get(store, HOUSE, HERE, "h")
    assert (made.key, made.members, made.ordinal) == ("h", {"id": "h", "colour": "red"}, 1)
    assert made.version > 0
    assert await store.commit([put(HOUSE, HERE, "h", made.version, id="h")])
    changed = await get(store, HOUSE, HERE, "h")
    assert (changed.members, changed.ordinal) == ({"id": "h"}, 1)
    assert changed.version > made.version
    assert await store.commit([clear(HOUSE, HERE, {"h": changed.version})])
    assert await find(store, HOUSE, HERE, "h") is None
    assert await listed(store, HOUSE, HERE) == ()


async def test_lists_are_in_the_order_of_making(store: Store) -> None:
    for key in ("c", "a", "b"):
        assert await store.commit([put(HOUSE, HERE, key, id=key)])
    middle = await get(store, HOUSE, HERE, "a")
    assert await store.commit([put(HOUSE, HERE, "a", middle.version, id="a", changed=True)])
    assert await keys(store, HOUSE, HERE) == ["c", "a", "b"]
    first = await get(store, HOUSE, HERE, "c")
    assert await store.commit([clear(HOUSE, HERE, {"c": first.version}), put(HOUSE, HERE, "d", id="d")])
    assert await store.commit([put(HOUSE, HERE, "c", id="c")])
    assert [(record.key, record.ordinal) for record in await listed(store, HOUSE, HERE)] == [
        ("a", 2),
        ("b", 3),
        ("d", 4),
        ("c", 5),
    ]


async def test_one_read_answers_all_queries(store: Store) -> None:
    await build_house(store)
    queries = [one(HOUSE, HERE, "h"), every(ROOM, ("acme", "h")), one(HOUSE, HERE, "none"), every(HOUSE, ("other",))]
    snapshot = await store.read(queries)
    assert {query: [record.key for record in found] for query, found in snapshot.found.items()} == dict(
        zip(queries, [["h"], ["r1", "r2"], [], []], strict=True)
    )
    assert (await store.read([])).found == {}


async def test_scopes_are_apart(store: Store) -> None:
    scopes = [
        ("acme",),
        ("acme2",),
        ('a"',),
        ("a,",),
        ("a]",),
        ("ü",),
        ("",),
        ("\0",),
        ("[",),
        ("\\",),
        ("a:b",),
        ("😀",),
    ]
    for number, scope in enumerate(scopes):
        assert await store.commit([put(HOUSE, scope, "same", number=number)])
    for number, scope in enumerate(scopes):
        assert [record.members for record in await listed(store, HOUSE, scope)] == [{"number": number}]
        record = await get(store, HOUSE, scope, "same")
        assert await store.commit([clear(HOUSE, scope, {"same": record.version})])
    assert all([await keys(store, HOUSE, scope) == [] for scope in scopes])


@pytest.mark.parametrize("key", ["", " ", "ü😀", "a\0b", "\n", '"', "{}", "*", "a/b", "%2F", "x" * 5000, "0", "1 2"])
async def test_any_text_is_a_key(store: Store, key: str) -> None:
    assert await store.commit([put(HOUSE, HERE, key, id=key), put(ROOM, (*HERE, key), key, id=key)])
    record = await get(store, HOUSE, HERE, key)
    assert (record.key, record.members) == (key, {"id": key})
    assert await keys(store, HOUSE, HERE) == [key]
    assert await keys(store, ROOM, (*HERE, key)) == [key]
    assert await store.commit([clear(HOUSE, HERE, {key: record.version})])
    assert await keys(store, ROOM, (*HERE, key)) == []


async def test_values_come_back_as_json_carries_them(store: Store) -> None:
    members = {
        "big": 10**40,
        "exact": Decimal("0.1000000000000000000000000001"),
        "float": 1.5e300,
        "text": "ü😀\0\u2028\x7f",
        "octets": bytes(range(256)).decode("latin-1"),
        "nested": {"a": [1, None, True, {"": []}], "": {}},
        "empty": "",
    }
    assert await store.commit([put(HOUSE, HERE, "h", **members)])
    assert (await get(store, HOUSE, HERE, "h")).members == members
    assert list((await get(store, HOUSE, HERE, "h")).members) == list(members)


async def test_a_large_record(store: Store) -> None:
    text = "ü" * 500_000
    assert await store.commit([put(HOUSE, HERE, "h", text=text)])
    assert (await get(store, HOUSE, HERE, "h")).members == {"text": text}
    assert (await listed(store, HOUSE, HERE))[0].members == {"text": text}


async def test_a_record_shares_nothing_with_the_request(store: Store) -> None:
    sent: dict[str, Json] = {"tags": ["a"]}
    assert await store.commit([put(HOUSE, HERE, "h", **sent)])
    sent["tags"].append("b")
    assert (await get(store, HOUSE, HERE, "h")).members == {"tags": ["a"]}


def _deep(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "bad",
    [
        Put(HOUSE, HERE, UNKNOWN, {"id": 1}, 0),
        Put(HOUSE, HERE, "h", {"id": UNKNOWN}, 0),
        Put(HOUSE, HERE, "h", {"data": b"octets"}, 0),
        Put(HOUSE, HERE, "h", {"data": {1: 2}}, 0),
        Put(HOUSE, HERE, "h", {"data": _deep(300)}, 0),
        Put(HOUSE, HERE, "h", {"data": _deep(5000)}, 0),
        Put(HOUSE, HERE, "h", {"data": "half \ud83d of a pair"}, 0),
        Put(HOUSE, HERE, "half \ud83d", {"id": 1}, 0),
        Put(HOUSE, ("half \ud83d",), "h", {"id": 1}, 0),
        Put(HOUSE, HERE, "h", {"id": 1}, 0, ((Query("house", HERE, None), 1),)),
    ],
    ids=[
        "unknown key",
        "unknown member",
        "octets",
        "key of a number",
        "deep",
        "very deep",
        "half",
        "key",
        "scope",
        "need",
    ],
)
async def test_what_cannot_be_kept_is_refused_whole(store: Store, bad: Put) -> None:
    with pytest.raises(UncarriableValue):
        await store.commit([put(HOUSE, HERE, "before", id=1), bad])
    assert await store.partitions() == ()


async def test_asking_for_what_cannot_be_a_key_finds_nothing(store: Store) -> None:
    assert await find(store, HOUSE, HERE, "half \ud83d") is None
    assert await find(store, HOUSE, ("half \ud83d",), "h") is None
    with pytest.raises(UncarriableValue):
        await store.next_ordinal("house", ("half \ud83d",))


async def test_a_stale_version_changes_nothing(store: Store) -> None:
    assert await store.commit([put(HOUSE, HERE, "h", n=1)])
    seen = (await get(store, HOUSE, HERE, "h")).version
    assert await store.commit([put(HOUSE, HERE, "h", seen, n=2)])
    now = await get(store, HOUSE, HERE, "h")
    for stale in (
        put(HOUSE, HERE, "h", seen, n=3),
        put(HOUSE, HERE, "h", 0, n=3),
        put(HOUSE, HERE, "none", 1, n=3),
        clear(HOUSE, HERE, {"h": seen}),
        clear(HOUSE, HERE, {"h": now.version, "none": 1}),
        put_below(ROOM, ("acme", "h"), "r", (one(HOUSE, HERE, "h"), seen)),
        put_below(ROOM, ("acme", "none"), "r", (one(HOUSE, HERE, "none"), 1)),
        put_below(ROOM, ("acme", "h"), "r", (one(HOUSE, HERE, "h"), 0)),
    ):
        assert not await store.commit([put(HOUSE, HERE, "new", n=1), stale, put(HOUSE, HERE, "newer", n=1)])
    assert await listed(store, HOUSE, HERE) == (now,)
    assert await keys(store, ROOM, ("acme", "h")) == []


async def test_a_need_may_be_that_nothing_is_there(store: Store) -> None:
    need = (one(HOUSE, HERE, "other"), 0)
    assert await store.commit([put_below(HOUSE, HERE, "h", need)])
    assert await store.commit([put(HOUSE, HERE, "other", id=1)])
    assert not await store.commit([put_below(HOUSE, HERE, "h2", need)])


async def test_a_version_never_comes_twice(store: Store) -> None:
    await store.commit([put(HOUSE, HERE, "h", n=1)])
    seen = (await get(store, HOUSE, HERE, "h")).version
    await store.commit([clear(HOUSE, HERE, {"h": seen})])
    await store.commit([put(HOUSE, HERE, "h", n=2)])
    assert not await store.commit([put(HOUSE, HERE, "h", seen, n=3)])
    seen = (await get(store, HOUSE, HERE, "h")).version
    dump = await store.snapshot()
    await store.restore(dump)
    assert not await store.commit([put(HOUSE, HERE, "h", seen, n=3)])
    assert (await get(store, HOUSE, HERE, "h")).version > seen
    seen = (await get(store, HOUSE, HERE, "h")).version
    await store.reset()
    await store.commit([put(HOUSE, HERE, "h", n=4)])
    assert not await store.commit([put(HOUSE, HERE, "h", seen, n=3)])
    assert (await get(store, HOUSE, HERE, "h")).version > seen
    assert (await get(store, HOUSE, HERE, "h")).members == {"n": 4}


async def test_of_two_commits_from_one_snapshot_one_wins(workers: list[Store]) -> None:
    await workers[0].commit([put(HOUSE, HERE, "h", n=0)])
    for round_number in range(1, 6):
        seen = (await get(workers[0], HOUSE, HERE, "h")).version
        attempts = [
            worker.commit([put(HOUSE, HERE, "h", seen, n=round_number, by=number)])
            for number, worker in enumerate(workers)
        ]
        results = await asyncio.gather(*attempts)
        assert results.count(True) == 1
        assert (await get(workers[1], HOUSE, HERE, "h")).members == {"n": round_number, "by": results.index(True)}


async def test_counting_together_loses_nothing(workers: list[Store]) -> None:
    await workers[0].commit([put(HOUSE, HERE, "h", n=0)])

    async def count(worker: Store) -> None:
        for _ in range(25):
            while True:
                record = await get(worker, HOUSE, HERE, "h")
                if await worker.commit([put(HOUSE, HERE, "h", record.version, n=record.members["n"] + 1)]):
                    break

    await asyncio.gather(*(count(worker) for worker in workers))
    assert (await get(workers[0], HOUSE, HERE, "h")).members == {"n": 100}


async def test_creating_a_child_conflicts_with_deleting_its_parent(store: Store) -> None:
    await store.commit([put(HOUSE, HERE, "h", id="h")])
    version = (await get(store, HOUSE, HERE, "h")).version
    create = put_below(ROOM, ("acme", "h"), "r", (one(HOUSE, HERE, "h"), version))
    assert await store.commit([clear(HOUSE, HERE, {"h": version})])
    assert not await store.commit([create])
    assert await keys(store, ROOM, ("acme", "h")) == []

    await store.commit([put(HOUSE, HERE, "h", id="h")])
    version = (await get(store, HOUSE, HERE, "h")).version
    assert await store.commit([put_below(ROOM, ("acme", "h"), "r", (one(HOUSE, HERE, "h"), version))])
    assert await store.commit([clear(HOUSE, HERE, {"h": version})])
    assert await keys(store, ROOM, ("acme", "h")) == []


async def test_children_and_their_parents_deletion_at_once(workers: list[Store]) -> None:
    for _ in range(10):
        await workers[0].commit([put(HOUSE, HERE, "h", id="h")])
        version = (await get(workers[0], HOUSE, HERE, "h")).version
        need = (one(HOUSE, HERE, "h"), version)
        results = await asyncio.gather(
            workers[1].commit([put_below(ROOM, ("acme", "h"), "r1", need)]),
            workers[2].commit([clear(HOUSE, HERE, {"h": version})]),
            workers[3].commit([put_below(ROOM, ("acme", "h"), "r2", need)]),
        )
        assert results[1]
        assert await keys(workers[0], HOUSE, HERE) == []
        assert await keys(workers[0], ROOM, ("acme", "h")) == []


async def test_deleting_drops_what_belongs_to_it_on_every_level(store: Store) -> None:
    await build_house(store)
    await build_house(store, key="h2")
    await build_house(store, ("other",))
    before = await store.partitions()
    version = (await get(store, HOUSE, HERE, "h")).version
    assert await store.commit([clear(HOUSE, HERE, {"h": version})])
    for resource, scope in (
        (HOUSE, ("acme", "h")),
        (ROOM, ("acme", "h")),
        (LAMP, ("acme", "h", "r1")),
        (LAMP, ("acme", "h", "r2")),
        (SWITCH, ("acme", "h", "r1", "l1", "left")),
    ):
        assert await keys(store, resource, scope) == []
    gone = [size for size in before if size.scope[:2] == ("acme", "h")]
    assert len(gone) == 4
    assert [size for size in await store.partitions() if (size.resource, size.scope) != ("house", HERE)] == [
        size for size in before if size not in gone and (size.resource, size.scope) != ("house", HERE)
    ]
    assert await keys(store, SWITCH, ("acme", "h2", "r1", "l1", "left")) == ["s1"]
    assert await keys(store, SWITCH, ("other", "h", "r1", "l1", "left")) == ["s1"]


async def test_deleting_in_the_middle_leaves_what_is_above_and_beside(store: Store) -> None:
    await build_house(store)
    version = (await get(store, ROOM, ("acme", "h"), "r1")).version
    assert await store.commit([clear(ROOM, ("acme", "h"), {"r1": version})])
    assert await keys(store, HOUSE, HERE) == ["h"]
    assert await keys(store, ROOM, ("acme", "h")) == ["r2"]
    assert await keys(store, LAMP, ("acme", "h", "r1")) == []
    assert await keys(store, LAMP, ("acme", "h", "r2")) == ["l2"]
    assert await keys(store, SWITCH, ("acme", "h", "r1", "l1", "left")) == []


@pytest.mark.parametrize(
    ("key", "beside"), [("a", "ab"), ("a", 'a"'), ("a", "a,"), ("a", "a]"), ('"', '""'), ("", "x")]
)
async def test_deleting_spares_keys_that_look_alike(store: Store, key: str, beside: str) -> None:
    for each in (key, beside):
        await build_house(store, key=each)
    version = (await get(store, HOUSE, HERE, key)).version
    assert await store.commit([clear(HOUSE, HERE, {key: version})])
    assert await keys(store, ROOM, ("acme", key)) == []
    assert await keys(store, SWITCH, ("acme", beside, "r1", "l1", "left")) == ["s1"]


async def test_a_scope_without_records_goes_with_its_parent_too(store: Store) -> None:
    await store.commit([put(HOUSE, HERE, "h", id="h")])
    assert await store.next_ordinal("room", ("acme", "h")) == 1
    version = (await get(store, HOUSE, HERE, "h")).version
    assert await store.commit([clear(HOUSE, HERE, {"h": version})])
    assert [(size.resource, size.records) for size in await store.partitions()] == [("house", 0)]
    assert await store.next_ordinal("room", ("acme", "h")) == 1


async def test_the_record_of_a_singleton_owns_all_below_it(store: Store) -> None:
    await store.commit([put(PROFILE, HERE, "*", name="A"), put(NOTE, ("acme", "whatever"), "n", id="n")])
    await store.commit([put(PROFILE, ("other",), "*", name="B"), put(NOTE, ("other", "whatever"), "n", id="n")])
    version = (await get(store, PROFILE, HERE, "*")).version
    assert await store.commit([clear(PROFILE, HERE, {"*": version})])
    assert await keys(store, NOTE, ("acme", "whatever")) == []
    assert await keys(store, NOTE, ("other", "whatever")) == ["n"]


async def test_a_parent_made_anew_has_none_of_the_old_children(store: Store) -> None:
    await build_house(store)
    version = (await get(store, HOUSE, HERE, "h")).version
    await store.commit([clear(HOUSE, HERE, {"h": version})])
    await store.commit([put(HOUSE, HERE, "h", id="h")])
    assert await keys(store, ROOM, ("acme", "h")) == []
    await store.commit([put(ROOM, ("acme", "h"), "r1", id="new")])
    assert [record.ordinal for record in await listed(store, ROOM, ("acme", "h"))] == [1]


async def test_effects_of_one_commit_are_applied_in_their_order(store: Store) -> None:
    await build_house(store)
    version = (await get(store, HOUSE, HERE, "h")).version
    replace: list[Effect] = [
        clear(HOUSE, HERE, {"h": version}),
        put(HOUSE, HERE, "h", id="new"),
        put(ROOM, ("acme", "h"), "r1", id="new"),
        put(LAMP, ("acme", "h", "r1"), "l1", id="new"),
    ]
    assert await store.commit(replace)
    assert (await get(store, HOUSE, HERE, "h")).members == {"id": "new"}
    assert [record.members for record in await listed(store, ROOM, ("acme", "h"))] == [{"id": "new"}]
    assert [record.members for record in await listed(store, LAMP, ("acme", "h", "r1"))] == [{"id": "new"}]
    assert await keys(store, LAMP, ("acme", "h", "r2")) == []
    version = (await get(store, HOUSE, HERE, "h")).version
    assert await store.commit([put(ROOM, ("acme", "h"), "late", id=1), clear(HOUSE, HERE, {"h": version})])
    assert await keys(store, ROOM, ("acme", "h")) == []


async def test_a_record_written_twice_in_one_commit_is_what_the_last_says(store: Store) -> None:
    assert await store.commit([put(HOUSE, HERE, "h", n=1), put(HOUSE, HERE, "h", n=2)])
    record = await get(store, HOUSE, HERE, "h")
    assert (record.members, record.ordinal) == ({"n": 2}, 1)
    need = (one(HOUSE, HERE, "h"), record.version)
    both = [put(HOUSE, HERE, "h", record.version, n=3), put_below(ROOM, ("acme", "h"), "r", need)]
    assert await store.commit(both)
    assert (await get(store, HOUSE, HERE, "h")).members == {"n": 3}
    assert [(size.resource, size.records) for size in await store.partitions()] == [("house", 1), ("room", 1)]


async def test_all_workers_share_one_clock(workers: list[Store]) -> None:
    assert [await worker.get_offset() for worker in workers] == [0] * 4
    await workers[0].set_offset(-3600.25)
    assert [await worker.get_offset() for worker in workers] == [-3600.25] * 4
    await workers[1].set_offset(10)
    assert [await worker.get_offset() for worker in workers] == [10] * 4


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1e12, True, "60", None])
async def test_the_clock_moves_only_by_seconds(store: Store, seconds: Json) -> None:
    with pytest.raises(UsageError, match=r"offset: got .* seconds from -3155760000 to 3155760000"):
        await store.set_offset(seconds)
    assert await store.get_offset() == 0


async def test_documents_see_nothing_of_each_other(shared_backing: Backing) -> None:
    one_store, other = shared_backing.open(document="one"), shared_backing.open(document="o}ne/ü")
    await one_store.commit([put(HOUSE, HERE, "h", id="h")])
    await one_store.set_offset(7)
    assert await keys(other, HOUSE, HERE) == []
    assert await other.get_offset() == 0
    await other.commit([put(HOUSE, HERE, "o", id="o")])
    await other.reset()
    assert await keys(one_store, HOUSE, HERE) == ["h"]
    await one_store.close()
    await other.close()


async def test_records_outlive_the_store_that_wrote_them(shared_backing: Backing) -> None:
    store = shared_backing.open()
    await build_house(store)
    seen = (await get(store, HOUSE, HERE, "h")).version
    await store.close()
    store = shared_backing.open()
    assert (await get(store, HOUSE, HERE, "h")).version == seen
    assert await store.next_ordinal("house", HERE) == 1
    assert await store.commit([put(HOUSE, HERE, "h", seen, id="changed")])
    await store.close()


async def test_closing_twice_does_nothing(shared_backing: Backing) -> None:
    store = shared_backing.open()
    await store.commit([put(HOUSE, HERE, "h", id="h")])
    await store.close()
    await store.close()
    store = shared_backing.open()
    assert (await get(store, HOUSE, HERE, "h")).members == {"id": "h"}
    await store.close()


@pytest.mark.parametrize(
    "state",
    ["", "disk", "Memory", "sqlite:", "sqlite://", "sqlite:///", "sqlite://host/file", "mysql://u:secret@h/d", "redis"],
)
def test_an_unknown_state_is_refused_with_what_is_allowed(state: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(state, RESOURCES, document="houses")
    assert "memory, sqlite:///FILE, redis" in str(caught.value)
    assert "secret" not in str(caught.value)
