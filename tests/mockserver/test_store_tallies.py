"""Every store counts calls as `limits.counted` says, for all workers together."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from tests.apps.stores import Backing
from understudy.mockserver.stores import MalformedDump, MemoryStore, Store, redis, tallies
from understudy.specs.behaviour.limits import Bucket, Limit, Tally, counted

pytest_plugins = ("tests.apps.store_fixtures",)
pytestmark = pytest.mark.anyio

NOW = 1_767_225_600.125


def bucket(name: str, calls: int, seconds: float, *caller: str) -> Bucket:
    return Bucket(Limit(name, calls, seconds, (), False, None), caller)


async def test_calls_are_counted_as_the_model_says(store: Store) -> None:
    draw = random.Random(7)
    buckets = [bucket("few", 2, 3, "a"), bucket("few", 2, 3, 'b "é"'), bucket("more", 5, 60.5), bucket("few", 2, 3)]
    known: dict[str, Tally] = {}
    now = NOW
    for _ in range(120):
        now += draw.choice([0, 0.1, 1, 2.9, 70, -5])
        some = draw.sample(buckets, draw.randint(1, 3))
        enforce = draw.random() < 0.5
        expected, is_admitted = counted(some, [known.get(each.key) for each in some], now, enforce=enforce)
        assert await store.count(some, now, enforce=enforce) == (expected, is_admitted)
        known |= {each.key: tally for each, tally in zip(some, expected, strict=True)}


async def test_workers_count_together(workers: list[Store]) -> None:
    one = [bucket("few", 30, 60, "a")]
    calls = [store.count(one, NOW, enforce=True) for store in workers for _ in range(10)]
    found = await asyncio.gather(*calls)
    assert sorted(each.tallies[0].used for each in found) == [*range(1, 31), *[30] * 10]
    assert [each.is_admitted for each in found].count(True) == 30


async def test_tallies_are_part_of_a_dump_and_a_reset_forgets_them(store: Store) -> None:
    one, other = [bucket("few", 3, 60, "a")], [bucket("few", 3, 60, "b")]
    await store.count(one, NOW, enforce=True)
    dump = await store.snapshot()
    assert dump["counts"] == [{"limit": "few", "caller": ["a"], "used": 1, "ends": NOW + 60}]
    await store.count(one, NOW, enforce=True)
    await store.count(other, NOW, enforce=True)
    await store.restore(dump)
    assert (await store.count(one, NOW, enforce=True)).tallies == (Tally(2, NOW + 60),)
    assert (await store.count(other, NOW, enforce=True)).tallies == (Tally(1, NOW + 60),)
    await store.reset()
    assert "counts" not in await store.snapshot()
    assert (await store.count(one, NOW, enforce=True)).tallies == (Tally(1, NOW + 60),)


@pytest.mark.parametrize(
    ("count", "place"),
    [
        ({"limit": 1, "used": 1, "ends": 1}, "/counts/0/limit"),
        ({"limit": "few", "used": -1, "ends": 1}, "/counts/0/used"),
        ({"limit": "few", "used": 1}, "/counts/0/ends"),
        ({"limit": "few", "used": 1, "ends": True}, "/counts/0/ends"),
        ({"limit": "few", "used": 1, "ends": 1e300}, "/counts/0/ends"),
        ({"limit": "few", "caller": "a", "used": 1, "ends": 1}, "/counts/0/caller"),
        ({"limit": "few", "caller": ["\ud800"], "used": 1, "ends": 1}, "/counts/0/caller"),
    ],
)
async def test_a_malformed_count_is_refused(count: object, place: str) -> None:
    store = MemoryStore(())
    with pytest.raises(MalformedDump, match=place):
        await store.restore({"partitions": [], "counts": [count]})


async def test_any_number_of_callers_takes_a_bounded_room(
    make_backing: Callable[[str], Backing], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(redis, "MAX_TALLIES", 3)
    monkeypatch.setattr(tallies.count_call, "__kwdefaults__", {"most": 3})
    store = make_backing(kind).open(())
    try:
        for number in range(3):
            await store.count([bucket("few", 9, 60 + number, str(number))], NOW, enforce=False)
        await store.count([bucket("few", 9, 60, "0")], NOW, enforce=False)
        assert len((await store.snapshot())["counts"]) == 3, "a caller that is known needs no room"
        await store.count([bucket("few", 9, 60, "new")], NOW + 61, enforce=False)
        found = (await store.snapshot())["counts"]
        assert [each["caller"] for each in found] == [["2"], ["new"]], "past windows are forgotten first"
        for number in range(9):
            await store.count([bucket("few", 9, 60, f"more-{number}")], NOW + 61, enforce=False)
            assert len((await store.snapshot())["counts"]) <= 3
    finally:
        await store.close()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)
