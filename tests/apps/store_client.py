"""A process of its own that uses a store, for tests of several and for tests that kill it.

python -m tests.apps.store_client append STATE NAME     appends pairs of records until it is killed
python -m tests.apps.store_client mix STATE NAME CLIENTS OPERATIONS
                                                        creates, reads, deletes; says what must be there
"""

from __future__ import annotations

import asyncio
import json
import random
import sys

from tests.apps.stores import HOUSE, RESOURCES, ROOM, clear, find, get, one, put
from understudy.mockserver.stores import Store, open_store
from understudy.specs.behaviour.state import Put

SHARED = ("shared",)
"""The scope in which all clients make records."""
PARENTS = tuple(f"parent-{number}" for number in range(4))


async def append(store: Store, name: str) -> None:
    """A house, its room and the count of both in one commit, again and again; each is told once it is acknowledged."""
    await store.commit([put(HOUSE, ("count",), name, n=0)])
    while True:
        record = await get(store, HOUSE, ("count",), name)
        number = record.members["n"] + 1
        effects = [
            put(HOUSE, (name,), str(number), n=number, text="x" * (number * 97 % 5000)),
            put(ROOM, (name, str(number)), "r", n=number),
            put(HOUSE, ("count",), name, record.version, n=number),
        ]
        assert await store.commit(effects)
        say(str(number))


class Client:
    """One client; it remembers what it made, and what was acknowledged."""

    def __init__(self, store: Store, name: str) -> None:
        self.store = store
        self.name = name
        self.random = random.Random(name)
        self.alive: dict[str, int] = {}
        self.dead: list[str] = []
        self.counted = 0
        self.faults: list[str] = []

    async def act(self, number: int) -> None:
        """One operation: creates, reads, deletes and what clients do against each other."""
        choice = self.random.random()
        if choice < 0.35 or not self.alive:
            await self.create(number)
        elif choice < 0.60:
            await self.read()
        elif choice < 0.80:
            await self.delete()
        elif choice < 0.90:
            await self.count()
        elif choice < 0.96:
            await self.furnish(number)
        else:
            await self.rebuild()

    async def create(self, number: int) -> None:
        key = f"house-{await self.store.next_ordinal('house', SHARED)}"
        if await self.store.commit([put(HOUSE, SHARED, key, by=self.name, n=number)]):
            self.alive[key] = number
        else:
            self.faults.append(f"{key} was there before it was made")

    async def read(self) -> None:
        key = self.random.choice(list(self.alive))
        record = await find(self.store, HOUSE, SHARED, key)
        if record is None or record.members != {"by": self.name, "n": self.alive[key]}:
            self.faults.append(f"{key} reads as {record}")
        if self.dead:
            gone = self.random.choice(self.dead)
            if await find(self.store, HOUSE, SHARED, gone) is not None:
                self.faults.append(f"{gone} came back")

    async def delete(self) -> None:
        key = self.random.choice(list(self.alive))
        version = (await get(self.store, HOUSE, SHARED, key)).version
        if await self.store.commit([clear(HOUSE, SHARED, {key: version})]):
            del self.alive[key]
            self.dead.append(key)
        else:
            self.faults.append(f"{key} couldn't be deleted")

    async def count(self) -> None:
        """Add one to a record that all clients change."""
        while True:
            record = await find(self.store, HOUSE, ("count",), "n")
            seen, n = (record.version, record.members["n"]) if record is not None else (0, 0)
            if await self.store.commit([put(HOUSE, ("count",), "n", seen, n=n + 1)]):
                self.counted += 1
                return

    async def furnish(self, number: int) -> None:
        """Make a child of a parent that others may be deleting."""
        parent = self.random.choice(PARENTS)
        record = await find(self.store, HOUSE, ("parents",), parent)
        if record is not None:
            need = (one(HOUSE, ("parents",), parent), record.version)
            key = f"{self.name}-{number}"
            await self.store.commit([Put(ROOM, ("parents", parent), key, {"of": record.version}, 0, (need,))])

    async def rebuild(self) -> None:
        """Delete a parent, or make it anew."""
        parent = self.random.choice(PARENTS)
        record = await find(self.store, HOUSE, ("parents",), parent)
        if record is None:
            await self.store.commit([put(HOUSE, ("parents",), parent, id=parent)])
        else:
            await self.store.commit([clear(HOUSE, ("parents",), {parent: record.version})])


async def mix(state: str, name: str, count: int, operations: int) -> None:
    """Let clients act together, each through a store of its own; print what they remember."""
    clients = [Client(open_state(state), f"{name}-{number}") for number in range(count)]

    async def run(client: Client) -> None:
        for number in range(operations):
            await client.act(number)

    say("ready")
    sys.stdin.readline()
    await asyncio.gather(*(run(client) for client in clients))
    told = {
        "alive": {key: {"by": client.name, "n": n} for client in clients for key, n in client.alive.items()},
        "dead": [key for client in clients for key in client.dead],
        "counted": sum(client.counted for client in clients),
        "faults": [fault for client in clients for fault in client.faults],
    }
    say(json.dumps(told))
    for client in clients:
        await client.store.close()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def open_state(state: str) -> Store:
    return open_store(state, RESOURCES, document="houses")


if __name__ == "__main__":
    if sys.argv[1] == "append":
        asyncio.run(append(open_state(sys.argv[2]), sys.argv[3]))
    else:
        asyncio.run(mix(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
