"""Records that nobody made but that are there all the same, until they are deleted.

Where behaviour is only inferred nobody can say what an API holds: a mock assumes that whatever is asked for is there.
It says so by giving a step the function that makes such records up; without it there is what was made, and no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from understudy.specs.behaviour.declarations import Action, Resource
from understudy.specs.behaviour.state import DELETED, SEED_VERSION, Clear, Effect, Put, Query, Record, Scope, Snapshot
from understudy.specs.behaviour.values import Scene
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING

__all__ = ["Assume", "assumed_record", "gives_way", "is_assumed", "without_trace"]

Assume: TypeAlias = Callable[[Resource, Scope, Json], dict[str, Json]]
"""The members of a record that nobody made, by its key."""


def assumed_record(action: Action, scope: Scope, key: str, scene: Scene, snapshot: Snapshot) -> Record | None:
    """The record that is assumed to be there; None where nothing is, or where it was deleted."""
    if not is_assumed(action.resource, scope, key, scene, snapshot):
        return None
    assume: Assume = scene.names["assume"]
    value = action.key.evaluate(scene) if action.key is not None else MISSING
    return Record(key, assume(action.resource, scope, value), 0, 0)


def is_assumed(resource: Resource, scope: Scope, key: str, scene: Scene, snapshot: Snapshot) -> bool:
    """Whether a record is assumed: nobody has made or deleted it."""
    return scene.names.get("assume") is not None and snapshot.find(Query(resource.name, scope, key)) is None


def gives_way(action: Action, record: Record, scene: Scene) -> bool:
    """Whether one that is made may take the place of a record: of one that was there from the start; of any where the
    operation documents no conflict."""
    return scene.names.get("assume") is not None and (action.makes_anew or record.version == SEED_VERSION)


def without_trace(
    resource: Resource, scope: Scope, clear: Clear, key: str, needs: tuple[tuple[Query, int], ...], scene: Scene
) -> tuple[Effect, ...]:
    """What deletes a record: for good, or so that it isn't assumed again."""
    if scene.names.get("assume") is None:
        return (clear,)
    return (clear, Put(resource, scope, key, {DELETED: True}, 0, needs))
