"""Which records an action is about: by key, by members, of which parents; and what it has changed of them meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, final

from understudy.specs.behaviour.assuming import is_assumed
from understudy.specs.behaviour.declarations import Action, Resource
from understudy.specs.behaviour.expectation import Refusal
from understudy.specs.behaviour.scenes import find_key, find_scope, is_alive, key_text, shown
from understudy.specs.behaviour.state import Clear, Effect, Query, Record, Scope, Snapshot
from understudy.specs.behaviour.values import UNKNOWN, Scene, ValueFailed
from understudy.specs.model import MISSING
from understudy.specs.problems import ProblemKind

__all__ = ["Finder", "find_missing_parent", "find_record", "list_needs"]


_NO_TEXT: Final = "\0"
"""Stands for a member that is null or absent, which no search is for."""


@final
class Finder:
    """The records of a snapshot, with the changes of an action that is done several times."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._partitions: dict[tuple[str, Scope], dict[str, Record]] = {}
        self._indexes: dict[tuple[str, Scope, tuple[str, ...]], dict[tuple[str, ...], str]] = {}

    def find(self, query: Query) -> Record | None:
        """The record of a query by key; None when it isn't there."""
        partition = self._partitions.get((query.resource, query.scope))
        if partition is None or query.key is None:
            return self.snapshot.find(query)
        found = partition.get(query.key)
        unsure = found is None and Query(query.resource, query.scope, None) in self.snapshot.unsure
        return self.snapshot.find(query) if unsure else found

    def list(self, resource: str, scope: Scope) -> Iterable[Record]:
        """All records of a partition that was read, in the order they were made."""
        partition = self._partitions.get((resource, scope))
        return partition.values() if partition is not None else self.snapshot.records(Query(resource, scope, None))

    def find_by(self, resource: Resource, scope: Scope, wanted: Mapping[str, str], scene: Scene) -> Record | None:
        """The first living record whose members, as text, are those wanted. Many searches cost one walk."""
        names = tuple(wanted)
        partition = self._partition(resource.name, scope)
        index = self._indexes.get((resource.name, scope, names))
        if index is None:
            index = self._indexes[resource.name, scope, names] = {}
            for record in partition.values():
                if is_alive(resource, record, scene):
                    index.setdefault(_told(resource, record, names, scene), record.key)
        found = partition.get(index.get(tuple(wanted.values()), ""))
        return found if found is not None and _told(resource, found, names, scene) == tuple(wanted.values()) else None

    def change(self, effects: Iterable[Effect], scene: Scene) -> None:
        """Let later searches see what was done."""
        for effect in effects:
            partition = self._partition(effect.resource.name, effect.scope)
            if isinstance(effect, Clear):
                for key in effect.seen:
                    partition.pop(key, None)
            elif isinstance(effect.key, str):
                record = Record(effect.key, effect.members, effect.seen, 0)
                partition[effect.key] = record
                for (name, scope, names), index in self._indexes.items():
                    if (name, scope) == (effect.resource.name, effect.scope):
                        index[_told(effect.resource, record, names, scene)] = effect.key

    def _partition(self, resource: str, scope: Scope) -> dict[str, Record]:
        known = self._partitions.get((resource, scope))
        if known is None:
            read = self.snapshot.records(Query(resource, scope, None))
            known = self._partitions[resource, scope] = {record.key: record for record in read}
        return known


def find_record(action: Action, scope: Scope, scene: Scene, finder: Finder) -> Record | Refusal | None:
    """The living record that a request names; None where it names none, and a refusal where there is no such one.

    Raises:
        ValueFailed: What tells which one isn't known.
    """
    if action.find:
        return _find_by_members(action, scope, scene, finder)
    resource = action.resource
    key = find_key(resource, action.key, scene)
    if key is None:
        if action.key is not None and action.key.evaluate(scene) is UNKNOWN:
            raise _unknown_which(resource)
        return None
    record = finder.find(Query(resource.name, scope, key))
    if record is not None and is_alive(resource, record, scene):
        return record
    return Refusal(ProblemKind.RESOURCE_NOT_FOUND, f"there is no {resource.name} {key!r}")


def _find_by_members(action: Action, scope: Scope, scene: Scene, finder: Finder) -> Record | Refusal | None:
    resource = action.resource
    values = {name: value.evaluate(scene) for name, value in action.find.items()}
    if UNKNOWN in values.values():
        raise _unknown_which(resource)
    if any(value in (None, MISSING) for value in values.values()):
        return None
    wanted = {name: key_text(value) for name, value in values.items()}
    record = finder.find_by(resource, scope, wanted, scene)
    if record is not None and is_alive(resource, record, scene):
        return record
    said = ", ".join(f"{name} {value!r}" for name, value in wanted.items())
    return Refusal(ProblemKind.RESOURCE_NOT_FOUND, f"there is no {resource.name} with {said}")


def _unknown_which(resource: Resource) -> ValueFailed:
    return ValueFailed(f"it isn't known which {resource.name} is meant")


def find_missing_parent(resource: Resource, scene: Scene, finder: Finder) -> Refusal | None:
    """The refusal where one of the records that a resource's records belong to isn't there."""
    parent = resource.parent
    if parent is None:
        return None
    above = find_missing_parent(parent.resource, scene, finder)
    scope, key = find_scope(parent.resource, scene), find_key(parent.resource, parent.key, scene)
    if above is not None or scope is None or key is None or parent.resource.singleton:
        return above
    record = finder.find(Query(parent.resource.name, scope, key))
    if record is not None and is_alive(parent.resource, record, scene):
        return None
    if is_assumed(parent.resource, scope, key, scene, finder.snapshot):
        return None
    return Refusal(ProblemKind.RESOURCE_NOT_FOUND, f"there is no {parent.resource.name} {key!r}")


def list_needs(resource: Resource, scene: Scene, finder: Finder) -> tuple[tuple[Query, int], ...]:
    """The parents that must still be there when a record is written."""
    parent = resource.parent
    if parent is None or parent.resource.singleton:
        return ()
    scope, key = find_scope(parent.resource, scene), find_key(parent.resource, parent.key, scene)
    if scope is None or key is None:
        return ()
    query = Query(parent.resource.name, scope, key)
    record = finder.find(query)
    return ((query, record.version if record else 0), *list_needs(parent.resource, scene, finder))


def _told(resource: Resource, record: Record, names: tuple[str, ...], scene: Scene) -> tuple[str, ...]:
    moved = resource.job.moved if resource.job is not None else frozenset()
    plain = all(name in record.members and name not in resource.derived and name not in moved for name in names)
    members = record.members if plain else shown(resource, record.members, scene, names)
    return tuple(_NO_TEXT if members.get(name) is None else key_text(members[name]) for name in names)
