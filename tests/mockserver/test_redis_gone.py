"""A Redis that goes away under a running mock: clear answers meanwhile, and all is well when it is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.apps.redis_server import RedisServer
from understudy.mockserver import running
from understudy.mockserver.settings import Settings
from understudy.specs.catalog import load_api


@pytest.fixture
def lasting_server(find_tool: Callable[[str], str]) -> Iterator[RedisServer]:
    """A Redis that keeps what it holds when it is killed."""
    with RedisServer(find_tool("redis-server"), "--appendonly", "yes", "--appendfsync", "always") as server:
        yield server


def test_a_redis_that_is_gone_for_a_while(lasting_server: RedisServer) -> None:
    with (
        running(load_api("quantum-nexus"), settings=Settings(state=lasting_server.url)) as mock,
        httpx.Client(base_url=f"{mock.url}/api", timeout=5) as client,
    ):
        made = client.post("/sessions").json()["session_id"]
        left = int(client.get("/sessions").headers["x-ratelimit-remaining"])
        lasting_server.stop()
        for method, path in [("GET", "/sessions"), ("POST", "/sessions"), ("GET", f"/sessions/{made}/messages")] * 3:
            began = time.monotonic()
            refused = client.request(method, path)
            assert time.monotonic() - began < 3, "nobody waits for what isn't there"
            assert refused.status_code == 503
            body = refused.json()
            assert (body["success"], body["error_code"]) == (False, "SERVICE_UNAVAILABLE")
            assert f"Redis at 127.0.0.1:{lasting_server.port}/0 can't be used" in body["error"]
        lasting_server.start()
        again = client.get("/sessions")
        assert again.status_code == 200, "the first request after it is back"
        assert made in {each["id"] for each in again.json()["sessions"]}
        assert int(again.headers["x-ratelimit-remaining"]) == left - 1, "a call that couldn't be counted wasn't"


def test_clients_that_go_on_meanwhile_lose_nothing_that_was_acknowledged(lasting_server: RedisServer) -> None:
    made: list[list[str]] = [[] for _ in range(4)]
    statuses: set[int] = set()
    stop, out = threading.Event(), threading.Event()

    def work(number: int) -> None:
        with httpx.Client(base_url=f"{mock.url}/api", timeout=10) as client:
            while not stop.is_set():
                answer = client.post("/sessions")
                statuses.add(answer.status_code)
                if answer.status_code == 200:
                    made[number].append(answer.json()["session_id"])
                else:
                    out.set()

    def wait_for_more() -> None:
        before = [len(each) for each in made]
        ends = time.monotonic() + 20
        with httpx.Client(base_url=f"{mock.url}/api", timeout=10) as client:
            while any(len(each) < seen + 2 for each, seen in zip(made, before, strict=True)):
                assert time.monotonic() < ends, "it doesn't recover"
                client.get("/sessions")

    with running(load_api("quantum-nexus"), settings=Settings(state=lasting_server.url)) as mock:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(len(made))]
        for thread in threads:
            thread.start()
        try:
            wait_for_more()
            lasting_server.stop()
            assert out.wait(20)
            lasting_server.start()
            wait_for_more()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        listed = {each["id"] for each in httpx.get(f"{mock.url}/api/sessions", timeout=10).json()["sessions"]}
    acknowledged = [each for some in made for each in some]
    assert len(set(acknowledged)) == len(acknowledged)
    assert set(acknowledged) <= listed
    assert statuses <= {200, 503}
