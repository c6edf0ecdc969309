"""Fixtures that open stores of each kind; a test module names this one in its `pytest_plugins`."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.apps.redis_server import RedisServer
from tests.apps.stores import KINDS, Backing
from understudy.mockserver.stores import Store

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def redis_server(find_tool: Callable[[str], str]) -> Iterator[RedisServer]:
    with RedisServer(find_tool("redis-server")) as server:
        yield server


@pytest.fixture
def make_backing(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Backing]:
    """An empty place for records of a kind."""

    def make(kind: str) -> Backing:
        number = next(_NUMBERS)
        if kind == "memory":
            return Backing(kind, "memory")
        if kind == "sqlite":
            return Backing(kind, f"sqlite:///{tmp_path / f'state-{number}.db'}")
        server: RedisServer = request.getfixturevalue("redis_server")
        return Backing(kind, f"{server.url}/0?prefix=test-{os.getpid()}-{number}")

    return make


@pytest.fixture(params=KINDS)
def backing(request: pytest.FixtureRequest, make_backing: Callable[[str], Backing]) -> Backing:
    return make_backing(request.param)


@pytest.fixture(params=KINDS)
def each_state(request: pytest.FixtureRequest, make_backing: Callable[[str], Backing]) -> str:
    """Where records are kept: the value of `--state`, one for each kind of store."""
    return make_backing(request.param).state


@pytest.fixture(params=[kind for kind in KINDS if kind != "memory"])
def shared_backing(request: pytest.FixtureRequest, make_backing: Callable[[str], Backing]) -> Backing:
    """A place that several workers use."""
    return make_backing(request.param)


@pytest.fixture
async def workers(backing: Backing) -> AsyncIterator[list[Store]]:
    """What four workers open; in memory there is one that all are."""
    opened = [backing.open() for _ in range(4)] if backing.is_shared else [backing.open()] * 4
    yield opened
    for store in opened:
        await store.close()


@pytest.fixture
async def store(backing: Backing) -> AsyncIterator[Store]:
    opened = backing.open()
    yield opened
    await opened.close()
