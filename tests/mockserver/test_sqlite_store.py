"""What holds of the SQLite store alone: its file, several processes, and processes that are killed."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.apps.store_processes import check_two_processes, client, read_line
from tests.apps.stores import HOUSE, RESOURCES, ROOM, get, keys, listed, put
from understudy.mockserver.stores import Store, StoreFull, StoreUnavailable, open_store
from understudy.mockserver.stores.sqlite import SqliteStore
from understudy.specs.errors import UsageError

pytest_plugins = ("tests.apps.store_fixtures",)
pytestmark = pytest.mark.anyio

KILLS = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def open_at(path: Path, wait_seconds: float = 5.0) -> SqliteStore:
    return SqliteStore(path, RESOURCES, document="houses", wait_seconds=wait_seconds)


@pytest.mark.parametrize("name", ["state.db", "with space?and#%41.db", "ü.db"])
async def test_a_file_is_made_where_the_url_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store(f"sqlite:///{name}", RESOURCES, document="houses")
    monkeypatch.chdir("/")
    await store.commit([put(HOUSE, ("a",), "h", id="h")])
    await store.close()
    assert [each.name for each in tmp_path.iterdir()] == [name]
    store = open_store(f"sqlite:///{tmp_path / name}", RESOURCES, document="houses")
    assert await keys(store, HOUSE, ("a",)) == ["h"]
    await store.close()


def test_a_file_that_is_not_ours_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE mine (id INTEGER)")
    foreign.close()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="another program's database"):
        open_at(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be looked at" * 40, b"SQLite format 3\0" * 90]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError, match="a file of Understudy's own"):
        open_at(path)
    assert path.read_bytes() == content


async def test_a_cut_file_is_refused_or_unavailable_never_wrong(path: Path) -> None:
    store = open_at(path)
    for number in range(50):
        await store.commit([put(HOUSE, ("a",), str(number), text="x" * 3000)])
    await store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises((UsageError, StoreUnavailable), match=r"damaged|malformed"):
        await read_all(path)


async def read_all(path: Path) -> None:
    store = open_at(path)
    try:
        await listed(store, HOUSE, ("a",))
    finally:
        await store.close()


def test_a_file_of_another_layout_is_refused(path: Path) -> None:
    open_at(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    with pytest.raises(UsageError, match="has the layout 3, this version knows 2"):
        open_at(path)


@pytest.mark.parametrize("place", ["missing/state.db", ".", ":memory:"])
def test_a_place_that_takes_no_file_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError, match="in a directory that can be written to"):
        open_at(tmp_path / place)


async def test_an_empty_file_is_a_new_one(path: Path) -> None:
    path.touch()
    store = open_at(path)
    assert await store.commit([put(HOUSE, ("a",), "h", id="h")])
    await store.close()


async def test_another_process_that_holds_the_file_makes_it_unavailable_for_a_while(path: Path) -> None:
    store = open_at(path, wait_seconds=0.05)
    await store.commit([put(HOUSE, ("a",), "h", id="h")])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writes = [store.commit([put(HOUSE, ("a",), str(number), id=number)]) for number in range(4)]
    refused = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(each) for each in refused] == [StoreUnavailable] * 4
    assert "was busy for 0.05 seconds" in str(refused[0])
    assert await keys(store, HOUSE, ("a",)) == ["h"]
    other.execute("ROLLBACK")
    other.close()
    assert await store.commit([put(HOUSE, ("a",), "after", id=1)])
    assert await keys(store, HOUSE, ("a",)) == ["h", "after"]
    await store.close()


async def test_those_who_wait_for_their_turn_wait_together(path: Path) -> None:
    store = open_at(path, wait_seconds=0.2)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begin = time.monotonic()
    writes = [store.commit([put(HOUSE, ("a",), str(number), id=number)]) for number in range(50)]
    refused = await asyncio.gather(*writes, return_exceptions=True)
    assert {type(each) for each in refused} == {StoreUnavailable}
    assert time.monotonic() - begin < 5
    other.close()
    await store.close()


async def test_the_event_loop_goes_on_while_the_file_is_held(path: Path) -> None:
    store = open_at(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    write = asyncio.ensure_future(store.commit([put(HOUSE, ("a",), "h", id="h")]))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not write.done()
    other.execute("COMMIT")
    other.close()
    assert await write
    await store.close()


async def test_a_request_that_goes_away_before_its_turn_changes_nothing(path: Path) -> None:
    store = open_at(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    first = asyncio.ensure_future(store.commit([put(HOUSE, ("a",), "first", id=1)]))
    second = asyncio.ensure_future(store.commit([put(HOUSE, ("a",), "second", id=1)]))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    other.execute("COMMIT")
    other.close()
    assert await first
    assert await keys(store, HOUSE, ("a",)) == ["first"]
    await store.close()


async def test_a_file_that_is_taken_away_is_missed(path: Path) -> None:
    store = open_at(path)
    await store.commit([put(HOUSE, ("a",), "h", id="h")])
    aside = path.rename(path.with_suffix(".aside"))
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="was removed or replaced while in use"):
            await store.commit([put(HOUSE, ("a",), "lost", id=1)])
    aside.rename(path)
    assert await keys(store, HOUSE, ("a",)) == ["h"]
    await store.close()


async def test_a_record_damaged_by_hand_is_told(path: Path) -> None:
    store = open_at(path)
    await store.commit([put(HOUSE, ("a",), "h", id="h")])
    other = sqlite3.connect(path)
    other.execute("UPDATE record SET members = CAST('{' AS BLOB)")
    other.commit()
    other.close()
    with pytest.raises(StoreUnavailable, match="is damaged"):
        await listed(store, HOUSE, ("a",))
    await store.close()


async def test_a_full_disk_is_told(path: Path) -> None:
    store = open_at(path)
    await store.commit([put(HOUSE, ("a",), "h", id="h")])
    assert store._opened is not None
    connection = store._opened[0]
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFull, match=r"the disk of .* is full"):
        await store.commit([put(HOUSE, ("a",), "new", text="x" * 100_000)])
    assert await keys(store, HOUSE, ("a",)) == ["h"]
    await store.close()


async def test_a_closed_store_is_unavailable(path: Path) -> None:
    store = open_at(path)
    await store.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        await keys(store, HOUSE, ("a",))


def test_a_store_is_used_from_one_event_loop_after_another(path: Path) -> None:
    store = open_at(path)
    for number in range(3):
        assert asyncio.run(store.commit([put(HOUSE, ("a",), str(number), id=number)]))
    assert asyncio.run(keys(store, HOUSE, ("a",))) == ["0", "1", "2"]
    asyncio.run(store.close())


async def test_many_open_a_new_file_at_once(path: Path) -> None:
    stores = await asyncio.gather(*(asyncio.to_thread(open_at, path) for _ in range(8)))
    results = await asyncio.gather(
        *(store.commit([put(HOUSE, ("a",), str(number), id=number)]) for number, store in enumerate(stores))
    )
    assert results == [True] * 8
    assert len(await keys(stores[0], HOUSE, ("a",))) == 8
    for store in stores:
        await store.close()


async def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    await check_kills(path, KILLS)


async def check_kills(path: Path, count: int) -> tuple[int, int]:
    """Kill one of two writing processes, again and again; give how many records were acknowledged and found."""
    choose = random.Random(4)
    acknowledged = found = 0
    with ExitStack() as stack:
        survivor = stack.enter_context(client("append", f"sqlite:///{path}", "survivor"))
        read_line(survivor)
        for number in range(count):
            name = f"victim {number}"
            with client("append", f"sqlite:///{path}", name) as victim:
                last = 0
                for _ in range(choose.randint(1, 60)):
                    last = int(read_line(victim))
                victim.kill()
                assert victim.stdout is not None
                # What it had said by then counts as well.
                last = max(
                    [last, *(int(line) for line in victim.stdout.read().splitlines(keepends=True) if "\n" in line)]
                )
            acknowledged += last
            found += await count_whole(path, name, last)
        survivor.kill()
        assert survivor.stdout is not None
        last = int(survivor.stdout.read().splitlines()[-2])
        found += await count_whole(path, "survivor", last)
        acknowledged += last
    return acknowledged, found


async def count_whole(path: Path, name: str, last: int) -> int:
    """Everything acknowledged is there, and what is there is whole; how many there are."""
    store: Store = open_at(path)
    n = (await get(store, HOUSE, ("count",), name)).members["n"]
    assert last <= n <= last + 1 or name == "survivor"
    assert await keys(store, HOUSE, (name,)) == [str(number) for number in range(1, n + 1)]
    for number in range(1, n + 1):
        assert (await get(store, ROOM, (name, str(number)), "r")).members == {"n": number}
    assert await keys(store, ROOM, (name, str(n + 1))) == []
    await store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return int(n)


async def test_two_processes_share_one_file(path: Path) -> None:
    await check_two_processes(f"sqlite:///{path}", operations=60)
