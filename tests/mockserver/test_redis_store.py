"""What holds of the Redis store alone: a server that goes, hangs, forgets or refuses, and several processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from redis.asyncio import Redis

from tests.apps.redis_server import RedisServer
from tests.apps.store_processes import check_two_processes
from tests.apps.stores import HOUSE, MODEL, RESOURCES, ROOM, clear, get, keys, listed, put
from understudy.mockserver.stores import Store, StoreFull, StoreUnavailable, open_store
from understudy.mockserver.stores.redis import RedisStore
from understudy.mockserver.stores.redis_url import RedisAddress
from understudy.specs.behaviour.state import Effect
from understudy.specs.errors import UsageError

pytest_plugins = ("tests.apps.store_fixtures",)
pytestmark = pytest.mark.anyio


@pytest.fixture
def own_server(find_tool: Callable[[str], str]) -> Iterator[RedisServer]:
    """A server that this test alone uses."""
    with RedisServer(find_tool("redis-server")) as server:
        yield server


@pytest.fixture
async def impatient(own_server: RedisServer) -> AsyncIterator[RedisStore]:
    store = RedisStore(RedisAddress.from_url(own_server.url), RESOURCES, document="houses", patience_seconds=0.2)
    yield store
    await store.close()


async def test_a_server_that_goes_and_comes_back(own_server: RedisServer) -> None:
    store = open_store(own_server.url, RESOURCES, document="houses")
    await asyncio.gather(*(store.commit([put(HOUSE, ("a",), str(number), id=number)]) for number in range(20)))
    own_server.stop()
    for ask in (
        lambda: keys(store, HOUSE, ("a",)),
        lambda: store.commit([put(HOUSE, ("a",), "h", id="h")]),
        lambda: store.next_ordinal("house", ("a",)),
        lambda: store.get_offset(),
        lambda: store.snapshot(),
    ):
        with pytest.raises(StoreUnavailable, match=rf"Redis at 127\.0\.0\.1:{own_server.port}/0 can't be used"):
            await ask()
    own_server.start()
    assert await keys(store, HOUSE, ("a",)) == []
    taken = await asyncio.gather(*(store.next_ordinal("house", ("a",)) for _ in range(20)))
    assert sorted(taken) == list(range(1, 21))
    assert await store.commit([put(HOUSE, ("a",), "h", id="h")])
    await store.close()


async def test_a_server_that_was_replaced_between_two_requests_isnt_noticed(own_server: RedisServer) -> None:
    store = open_store(own_server.url, RESOURCES, document="houses")
    await asyncio.gather(*(store.commit([put(HOUSE, ("a",), str(number), id=number)]) for number in range(20)))
    own_server.stop()
    own_server.start()
    assert await asyncio.gather(*(keys(store, HOUSE, ("a",)) for _ in range(20))) == [[]] * 20
    assert await store.commit([put(HOUSE, ("a",), "h", id="h")])
    assert await keys(store, HOUSE, ("a",)) == ["h"]
    await store.close()


async def test_a_server_that_hangs(own_server: RedisServer, impatient: RedisStore) -> None:
    await impatient.commit([put(HOUSE, ("a",), "h", id="h")])
    own_server.freeze()
    asked = [keys(impatient, HOUSE, ("a",)) for _ in range(50)]
    for refused in await asyncio.gather(*asked, return_exceptions=True):
        assert isinstance(refused, StoreUnavailable)
    with pytest.raises(StoreUnavailable, match="in time"):
        await impatient.next_ordinal("house", ("a",))
    own_server.thaw()
    for _ in range(3):
        assert await keys(impatient, HOUSE, ("a",)) == ["h"]


async def test_a_server_that_was_never_there() -> None:
    store = open_store("redis://127.0.0.1:1/0", RESOURCES, document="houses")
    with pytest.raises(StoreUnavailable, match=r"Redis at 127\.0\.0\.1:1/0"):
        await store.get_offset()
    await store.close()


async def test_a_server_that_forgot_its_scripts(own_server: RedisServer) -> None:
    store = open_store(own_server.url, RESOURCES, document="houses")
    await store.commit([put(HOUSE, ("a",), "h", id="h")])
    client = Redis.from_url(own_server.url)
    await client.script_flush()
    assert await store.commit([put(HOUSE, ("a",), "i", id="i")])
    assert await keys(store, HOUSE, ("a",)) == ["h", "i"]
    await client.aclose()
    await store.close()


async def test_a_server_without_memory(own_server: RedisServer) -> None:
    store = open_store(own_server.url, RESOURCES, document="houses")
    await store.commit([put(HOUSE, ("a",), "h", id="h")])
    version = (await get(store, HOUSE, ("a",), "h")).version
    client = Redis.from_url(own_server.url)
    await client.config_set("maxmemory", "1mb")
    before = await client.hgetall(_meta("houses"))
    effects: list[Effect] = [clear(HOUSE, ("a",), {"h": version}), put(HOUSE, ("a",), "i", text="x")]
    with pytest.raises(StoreFull, match="has no memory left"):
        await store.commit(effects)
    assert await client.hgetall(_meta("houses")) == before
    assert await keys(store, HOUSE, ("a",)) == ["h"]
    await client.config_set("maxmemory", "0")
    assert await store.commit(effects)
    await client.aclose()
    await store.close()


async def test_a_password(find_tool: Callable[[str], str]) -> None:
    with RedisServer(find_tool("redis-server"), "--requirepass", "open:sésame@1") as server:
        place = f"127.0.0.1:{server.port}"
        store = open_store(f"redis://:open%3As%C3%A9same%401@{place}", RESOURCES, document="houses")
        assert await store.commit([put(HOUSE, ("a",), "h", id="h")])
        await store.close()
        for credentials in ("", ":wrong-secret@", "nobody:wrong-secret@"):
            store = open_store(f"redis://{credentials}{place}", RESOURCES, document="houses")
            with pytest.raises(StoreUnavailable) as caught:
                await store.get_offset()
            assert place in str(caught.value)
            assert "secret" not in str(caught.value) + repr(store)
            await store.close()


async def test_keys_of_another_kind_are_told_and_left_alone(redis_server: RedisServer) -> None:
    store = open_store(redis_server.url, RESOURCES, document="foreign")
    client = Redis.from_url(redis_server.url)
    place = _meta("foreign").removesuffix("meta") + 'at:["house","a"]'
    await client.set(place, "mine")
    for ask in (lambda: keys(store, HOUSE, ("a",)), lambda: store.commit([put(HOUSE, ("a",), "h", id="h")])):
        with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
            await ask()
    assert await client.get(place) == b"mine"
    assert await client.exists(_meta("foreign")) == 0
    await client.delete(place)
    await client.hset(place, "h", "no record")
    with pytest.raises(StoreUnavailable, match="holds what isn't ours"):
        await listed(store, HOUSE, ("a",))
    await client.aclose()
    await store.close()


async def test_a_documents_keys_lie_together_and_go_with_a_reset(redis_server: RedisServer) -> None:
    client = Redis.from_url(redis_server.url)
    store = open_store(f"{redis_server.url}?prefix=blu}}e", RESOURCES, document="a/b {c}")
    await store.commit([put(HOUSE, ("a",), "h", id="h"), put(ROOM, ("a", "h"), "r", id="r")])
    await store.next_ordinal("model", ())
    await store.set_offset(3)
    mine = [key async for key in client.scan_iter("*blu*")]
    assert len(mine) == 8
    assert {key[key.index(b"{") : key.index(b"}") + 1] for key in mine} == {b"{blu%7De/a%2Fb%20%7Bc%7D}"}
    await store.reset()
    assert [key async for key in client.scan_iter("*blu*")] == [key for key in mine if key.endswith(b"meta")]
    assert await client.hkeys(_meta("a/b {c}", "blu}e")) == [b"version"]
    await client.aclose()
    await store.close()


async def test_prefixes_and_databases_are_apart(redis_server: RedisServer) -> None:
    urls = [f"{redis_server.url}/{place}" for place in ("1", "1?prefix=a", "1?prefix=b", "2")]
    stores = [open_store(url, RESOURCES, document="houses") for url in urls]
    for number, store in enumerate(stores):
        assert await store.commit([put(MODEL, (), "m", n=number)])
    assert [(await get(store, MODEL, (), "m")).members for store in stores] == [{"n": n} for n in range(4)]
    for store in stores:
        await store.close()


def test_a_store_is_used_from_one_event_loop_after_another(redis_server: RedisServer) -> None:
    store = open_store(f"{redis_server.url}?prefix=loops", RESOURCES, document="houses")

    async def use(number: int) -> list[str]:
        await store.commit([put(HOUSE, ("a",), str(number), id=number)])
        found = await keys(store, HOUSE, ("a",))
        await store.close()
        return found

    assert [asyncio.run(use(number)) for number in range(3)] == [["0"], ["0", "1"], ["0", "1", "2"]]


@pytest.mark.parametrize(
    ("url", "place", "prefix"),
    [
        ("redis://", "Redis at localhost:6379/0", ""),
        ("redis://db", "Redis at db:6379/0", ""),
        ("redis://u:p@db:7000/3?prefix=a%2Fb", "Redis at db:7000/3", "a/b"),
        ("rediss://db/1?ssl_ca_certs=/ca.pem", "Redis at db:6379/1", ""),
        ("redis://[::1]:7000", "Redis at ::1:7000/0", ""),
    ],
)
def test_urls(url: str, place: str, prefix: str) -> None:
    address = RedisAddress.from_url(url)
    assert (str(address), address.prefix) == (place, prefix)
    assert "p@" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "redis://u:secret@db:port",
        "redis://u:secret@db:99999",
        "redis://u:secret@db/blue",
        "redis://u:secret@db/-1",
        "redis://u:secret@db/0?prefx=a",
        "redis://u:secret@db/0?prefix",
        "redis://u:secret@db/0?ssl_ca_certs=/ca.pem",
        "redis://u:secret@[::1",
        "redis://u:se@cret@db/x",
    ],
)
def test_a_url_that_says_something_else_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError, match=r"allowed: redis://\[USER:PASSWORD@\]HOST") as caught:
        open_store(url, RESOURCES, document="houses")
    assert "cret" not in str(caught.value)


async def test_two_processes_share_one_server(redis_server: RedisServer) -> None:
    await check_two_processes(f"{redis_server.url}?prefix=two", operations=150)


def _meta(document: str, prefix: str = "") -> str:
    store = RedisStore(RedisAddress("", 0, 0, prefix, {}), (), document=document)
    return store._meta


def test_a_store_says_where_it_is() -> None:
    store: Store = open_store("redis://:secret@db/2", RESOURCES, document="houses")
    assert "secret" not in repr(store)
