"""Processes that use one store at the same time, and what must hold of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.apps.stores import HOUSE, RESOURCES, ROOM, get, listed
from understudy.mockserver.stores import open_store

ROOT = Path(__file__).parents[2]


@contextmanager
def client(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of `store_client`; it is gone at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.apps.store_client", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the client ended before its time"
    return line


async def check_two_processes(state: str, operations: int) -> None:
    """Four clients in each of two processes act on the same records; what they remember is what is there."""
    with ExitStack() as stack:
        processes = [stack.enter_context(client("mix", state, name, "4", str(operations))) for name in ("one", "two")]
        for process in processes:
            assert read_line(process) == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [json.loads(read_line(process)) for process in processes]
    assert [each["faults"] for each in told] == [[], []]
    alive = told[0]["alive"] | told[1]["alive"]
    dead = [*told[0]["dead"], *told[1]["dead"]]
    assert len(alive) == len(told[0]["alive"]) + len(told[1]["alive"])
    assert len({*alive, *dead}) == len(alive) + len(dead)
    assert dead
    store = open_store(state, RESOURCES, document="houses")
    there = {record.key: record.members for record in await listed(store, HOUSE, ("shared",))}
    assert there == alive
    assert (await get(store, HOUSE, ("count",), "n")).members == {"n": told[0]["counted"] + told[1]["counted"]}
    parents = {record.key: record.version for record in await listed(store, HOUSE, ("parents",))}
    for size in await store.partitions():
        if size.resource == "room":
            children = await listed(store, ROOM, size.scope)
            assert {record.members["of"] for record in children} <= {parents.get(size.scope[1])}
    await store.close()
