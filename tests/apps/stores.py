"""Resources for tests of stores, and short ways to ask a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from understudy.mockserver.stores import Limits, Store, open_store
from understudy.specs.behaviour import Query, Record
from understudy.specs.behaviour.declarations import Parent, Resource
from understudy.specs.behaviour.state import Clear, Put, Scope
from understudy.specs.behaviour.values import compile_value
from understudy.specs.documents.document import Json

KINDS = ("memory", "sqlite", "redis")

HERE: Scope = ("acme",)
"""The scope that most tests use."""


def below(resource: Resource) -> Parent:
    return Parent(resource, compile_value("$request.path.id"))


TENANT = (compile_value("$request.path.tenant"),)
HOUSE = Resource("house", "id", scope=TENANT)
ROOM = Resource("room", "id", parent=below(HOUSE))
LAMP = Resource("lamp", "id", parent=below(ROOM))
SWITCH = Resource("switch", "id", scope=TENANT, parent=below(LAMP))
"""Four levels; the last has a scope of its own besides what it belongs to."""
PROFILE = Resource("profile", "", scope=TENANT, singleton=True)
NOTE = Resource("note", "id", parent=below(PROFILE))
TRIP = Resource("trip", "id", scope=TENANT, expires="until")
BAG = Resource("bag", "id", parent=below(TRIP))
MODEL = Resource("model", "name", seed=({"name": "small", "size": 1}, {"name": "large", "size": 9}))
TAG = Resource("tag", "id", parent=below(MODEL), seed=({"id": 7, "text": "new"},))
RESOURCES = (HOUSE, ROOM, LAMP, SWITCH, PROFILE, NOTE, TRIP, BAG, MODEL, TAG)


def put(resource: Resource, scope: Scope, key: str, seen: int = 0, /, **members: Json) -> Put:
    """Write a record; nothing else must hold."""
    return Put(resource, scope, key, members, seen)


def put_below(resource: Resource, scope: Scope, key: str, *needs: tuple[Query, int]) -> Put:
    return Put(resource, scope, key, {"id": key}, 0, needs)


def clear(resource: Resource, scope: Scope, seen: Mapping[str, int]) -> Clear:
    return Clear(resource, scope, seen)


def one(resource: Resource, scope: Scope, key: str) -> Query:
    return Query(resource.name, scope, key)


def every(resource: Resource, scope: Scope = ()) -> Query:
    return Query(resource.name, scope, None)


async def find(store: Store, resource: Resource, scope: Scope, key: str) -> Record | None:
    query = one(resource, scope, key)
    return (await store.read([query])).find(query)


async def get(store: Store, resource: Resource, scope: Scope, key: str) -> Record:
    record = await find(store, resource, scope, key)
    assert record is not None
    return record


async def listed(store: Store, resource: Resource, scope: Scope = ()) -> tuple[Record, ...]:
    query = every(resource, scope)
    return (await store.read([query])).found[query]


async def keys(store: Store, resource: Resource, scope: Scope = ()) -> list[str]:
    return [record.key for record in await listed(store, resource, scope)]


async def build_house(store: Store, scope: Scope = HERE, key: str = "h") -> None:
    """A house with two rooms, each with a lamp, the first with a switch."""
    rooms, lamps = (*scope, key), (*scope, key, "r1")
    effects = [
        put(HOUSE, scope, key, id=key),
        put(ROOM, rooms, "r1", id="r1"),
        put(ROOM, rooms, "r2", id="r2"),
        put(LAMP, lamps, "l1", id="l1"),
        put(LAMP, (*rooms, "r2"), "l2", id="l2"),
        put(SWITCH, (*lamps, "l1", "left"), "s1", id="s1"),
    ]
    assert await store.commit(effects)


@dataclass(frozen=True)
class Backing:
    """Where the records of one test lie. Stores opened on it share them, but for those in memory."""

    kind: str
    state: str

    @property
    def is_shared(self) -> bool:
        return self.kind != "memory"

    def open(
        self, resources: Iterable[Resource] = RESOURCES, *, document: str = "houses", limits: Limits | None = None
    ) -> Store:
        return open_store(self.state, resources, document=document, limits=limits)
