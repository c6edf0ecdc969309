"""Whatever is committed in whatever order, each store holds what a dictionary would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.apps.stores import HOUSE, LAMP, MODEL, RESOURCES, ROOM, TAG, Backing
from understudy.mockserver.stores import Store
from understudy.specs.behaviour import Query
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.state import Clear, Effect, Put, Scope
from understudy.specs.documents.document import Json

pytest_plugins = ("tests.apps.store_fixtures",)

Place: TypeAlias = tuple[str, Scope]
Versions: TypeAlias = dict[Place, dict[str, int]]

NEVER = 10**12

KEYS = {
    HOUSE.name: ("h", "i"),
    ROOM.name: ("r", "h"),
    LAMP.name: ("l",),
    MODEL.name: ("small", "large", "own"),
    TAG.name: ("7", "t"),
}
PLACES: tuple[tuple[Resource, Scope], ...] = (
    *((HOUSE, (tenant,)) for tenant in ("a", "b")),
    *((ROOM, (tenant, house)) for tenant in ("a", "b") for house in KEYS["house"]),
    *((LAMP, ("a", house, room)) for house in KEYS["house"] for room in KEYS["room"]),
    (MODEL, ()),
    *((TAG, (model,)) for model in KEYS["model"]),
)
EVERYTHING = [Query(resource.name, scope, None) for resource, scope in PLACES]
BELOW = {"house": {"room", "lamp"}, "room": {"lamp"}, "model": {"tag"}}


@dataclass
class Shelf:
    """A partition of the reference: key → members and ordinal, in the order of making."""

    records: dict[str, tuple[Json, int]] = field(default_factory=dict)
    made: int = 0
    given: int = 0


@dataclass
class Reference:
    """What a store is, in a dictionary."""

    shelves: dict[Place, Shelf] = field(default_factory=dict)

    def look(self, place: Place) -> Shelf:
        if place in self.shelves:
            return self.shelves[place]
        seeds: dict[str, dict[str, Json]] = {
            "model": {"small": {"name": "small", "size": 1}, "large": {"name": "large", "size": 9}},
            "tag": {"7": {"id": 7, "text": "new"}},
        }
        records = {key: (members, n) for n, (key, members) in enumerate(seeds.get(place[0], {}).items(), start=1)}
        return Shelf(dict(records), len(records), len(records))

    def change(self, place: Place) -> Shelf:
        return self.shelves.setdefault(place, self.look(place))

    def holds(self, effects: Sequence[Effect], versions: Versions) -> bool:
        """Whether a commit may be made, the versions being those before it."""
        cleared: list[tuple[Place, str]] = []
        for effect in effects:
            place = (effect.resource.name, effect.scope)
            if isinstance(effect, Clear):
                if any(versions[place].get(key, 0) != seen for key, seen in effect.seen.items()):
                    return False
                cleared += ((place, key) for key in effect.seen)
                continue
            assert isinstance(effect.key, str)
            for query, version in effect.needs:
                if versions[query.resource, query.scope].get(query.key or "", 0) != version:
                    return False
            makes_way = effect.seen == 0 and any(
                (at, key) == (place, effect.key) or owns(at, key, place) for at, key in cleared
            )
            if not makes_way and versions[place].get(effect.key, 0) != effect.seen:
                return False
        return True

    def apply(self, effect: Effect) -> None:
        place = (effect.resource.name, effect.scope)
        shelf = self.change(place)
        if isinstance(effect, Put):
            assert isinstance(effect.key, str)
            if effect.key not in shelf.records:
                shelf.made += 1
            _, ordinal = shelf.records.get(effect.key, (None, shelf.made))
            shelf.records[effect.key] = (dict(effect.members), ordinal)
            return
        for key in effect.seen:
            shelf.records.pop(key, None)
            for other in [other for other in self.shelves if owns(place, key, other)]:
                del self.shelves[other]


def owns(place: Place, key: str, other: Place) -> bool:
    """Whether all of a partition belongs to a record."""
    start = (*place[1], key)
    return other[0] in BELOW.get(place[0], ()) and other[1][: len(start)] == start


class Version(Enum):
    """Which version an effect depends on."""

    NOW = "the one that is there, or none"
    ABSENT = "none, whatever is there"
    STALE = "an earlier one, or one that never was"


@dataclass(frozen=True)
class Draft:
    """An effect whose versions are chosen when the state is known."""

    place: int
    keys: tuple[str, ...]
    clears: bool
    version: Version
    parent: Version | None


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    place = draw(st.integers(0, len(PLACES) - 1))
    keys = st.lists(st.sampled_from(KEYS[PLACES[place][0].name]), min_size=1, max_size=2, unique=True)
    # Most commits should hold, or nothing would ever be stored.
    version = st.sampled_from([*[Version.NOW] * 8, Version.ABSENT, Version.STALE])
    return Draft(place, tuple(draw(keys)), draw(st.integers(0, 3)) == 0, draw(version), draw(st.none() | version))


STEPS = st.lists(st.integers(0, len(PLACES) - 1) | st.lists(drafts(), min_size=1, max_size=4), max_size=12)
"""Each step takes an ordinal somewhere, or commits."""


@dataclass
class Player:
    """Does the same to a store and to the reference."""

    store: Store
    reference: Reference = field(default_factory=Reference)
    earlier: dict[tuple[Place, str], int] = field(default_factory=dict)
    written: int = 0

    async def play(self, steps: Sequence[int | list[Draft]]) -> None:
        for step in steps:
            if isinstance(step, int):
                resource, scope = PLACES[step]
                shelf = self.reference.change((resource.name, scope))
                shelf.given += 1
                assert await self.store.next_ordinal(resource.name, scope) == shelf.given
                continue
            versions = await compare(self.store, self.reference)
            effects = [self.effect(draft, versions) for draft in step]
            holds = self.reference.holds(effects, versions)
            assert await self.store.commit(effects) is holds
            for effect in effects if holds else ():
                if isinstance(effect, Put) or effect.seen:
                    self.reference.apply(effect)
            for place, found in versions.items():
                self.earlier |= {(place, key): version for key, version in found.items()}

    def effect(self, draft: Draft, versions: Versions) -> Effect:
        resource, scope = PLACES[draft.place]
        place = (resource.name, scope)
        if draft.clears:
            there = {key: self.version(draft.version, place, key, versions) for key in draft.keys}
            return Clear(resource, scope, {key: version for key, version in there.items() if version})
        self.written += 1
        key = draft.keys[0]
        needs: tuple[tuple[Query, int], ...] = ()
        if draft.parent is not None and resource.parent is not None:
            above = (resource.parent.resource.name, scope[:-1])
            need = self.version(draft.parent, above, scope[-1], versions)
            needs = ((Query(*above, scope[-1]), need),)
        return Put(resource, scope, key, {"n": self.written}, self.version(draft.version, place, key, versions), needs)

    def version(self, choice: Version, place: Place, key: str, versions: Versions) -> int:
        if choice is Version.ABSENT:
            return 0
        now = versions[place].get(key, 0)
        return now if choice is Version.NOW else self.earlier.get((place, key), NEVER)


async def compare(store: Store, reference: Reference) -> Versions:
    """Everything is as the reference has it; the versions that there are."""
    found = (await store.read(EVERYTHING)).found
    versions: Versions = {}
    for query, records in found.items():
        place = (query.resource, query.scope)
        expected = [(key, members, ordinal) for key, (members, ordinal) in reference.look(place).records.items()]
        assert [(record.key, record.members, record.ordinal) for record in records] == expected
        versions[place] = {record.key: record.version for record in records}
    sizes = {(size.resource, size.scope): size.records for size in await store.partitions()}
    assert sizes == {place: len(shelf.records) for place, shelf in reference.shelves.items()}
    return versions


SMALL = PLACES.index((MODEL, ()))
TAGS = PLACES.index((TAG, ("small",)))


def writing(place: int, key: str) -> Draft:
    return Draft(place, (key,), False, Version.NOW, None)


def clearing(place: int, key: str) -> Draft:
    return Draft(place, (key,), True, Version.NOW, None)


# A scope with seed records goes with its parent, and is begun anew in the same commit.
BEGUN_ANEW: list[int | list[Draft]] = [
    [writing(TAGS, "t")],
    [clearing(SMALL, "small"), clearing(TAGS, "7")],
    TAGS,
    [writing(SMALL, "small"), writing(TAGS, "7")],
    [clearing(SMALL, "small"), writing(TAGS, "t")],
]


def check(backing: Backing, steps: Sequence[int | list[Draft]]) -> None:
    async def run() -> None:
        store = backing.open(RESOURCES)
        player = Player(store)
        try:
            await player.play(steps)
            await compare(store, player.reference)
            dump = await store.snapshot()
            await store.reset()
            await compare(store, Reference())
            await store.restore(dump)
            await compare(store, player.reference)
            for place, shelf in player.reference.shelves.items():
                assert await store.next_ordinal(*place) == shelf.given + 1
        finally:
            await store.close()

    asyncio.run(run())


# The fixture makes a new place for each example.
SAME_FIXTURE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=150, suppress_health_check=SAME_FIXTURE)
@given(steps=STEPS)
@example(steps=BEGUN_ANEW)
def test_memory_is_a_dictionary(make_backing: Callable[[str], Backing], steps: list[int | list[Draft]]) -> None:
    check(make_backing("memory"), steps)


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
@settings(max_examples=40, suppress_health_check=SAME_FIXTURE)
@given(steps=STEPS)
@example(steps=BEGUN_ANEW)
def test_what_is_shared_is_a_dictionary_too(
    make_backing: Callable[[str], Backing], kind: str, steps: list[int | list[Draft]]
) -> None:
    check(make_backing(kind), steps)
