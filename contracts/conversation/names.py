"""What a request is about, as far as what is known tells: the records that it names, itself or through others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import final

from understudy.contracts.conversation.knowledge import Knowledge, actions_of
from understudy.contracts.conversation.learning import Named, names_of
from understudy.contracts.conversation.worlds import Worlds, all_reads, snapshot_of
from understudy.specs.behaviour import Query, Record, Request, Snapshot, reads
from understudy.specs.behaviour.actions import named_scene
from understudy.specs.behaviour.declarations import Action, Verb
from understudy.specs.behaviour.scenes import scene_of, shown, with_record
from understudy.specs.behaviour.state import NOTHING
from understudy.specs.behaviour.values import Scene
from understudy.specs.model import Operation
from understudy.specs.problems import ProblemKind

__all__ = ["Names", "is_sought", "may_be_missing", "nothing_told", "read_names", "worlds_for"]


@final
@dataclass(frozen=True, slots=True)
class Names:
    """What a request is about.

    Attributes:
        queries: What its answer depends on.
        snapshot: What these find, as far as it is certain.
        scene: With the names that the action gives.
    """

    queries: tuple[Query, ...]
    snapshot: Snapshot
    scene: Scene
    named: Named


def nothing_told(operation: Operation, request: Request, moment: datetime) -> Names:
    """What a request alone tells."""
    return Names(reads(operation, request, moment), NOTHING, scene_of(request, moment), Named((), None))


def read_names(operation: Operation, request: Request, moment: datetime, known: Knowledge) -> Names:
    """What a request is about, by what is known.

    Raises:
        TooMany: Too little is known to tell.
        ValueFailed: An expression doesn't fit what it sees.
    """
    assert operation.action is not None
    queries = all_reads(operation, request, worlds_for(operation, known), moment)
    snapshot = snapshot_of(queries, known.worlds)
    scene = named_scene(operation.action, scene_of(request, moment), snapshot)
    return Names(queries, snapshot, scene, names_of(operation.action, scene, queries))


def may_be_missing(action: Action, names: Names, known: Knowledge) -> bool:
    """Whether a rule that nobody can tell the outcome of may make something as good as missing."""
    record = known.memory.find(names.named.own) if names.named.own is not None else None
    scene = names.scene
    if record is not None:
        seen = shown(action.resource, record.members, scene)
        scene = with_record(action, seen, scene, names.snapshot)
    rules = [
        (one, each.rule)
        for one in actions_of(action)
        for each in one.require
        if each.problem is ProblemKind.RESOURCE_NOT_FOUND
    ]
    return any(one is not action or rule.evaluate(scene) is not True for one, rule in rules)


def worlds_for(operation: Operation, known: Knowledge) -> Worlds:
    """What queries may find; of a list only what says least: its records are judged one by one."""
    assert operation.action is not None
    if operation.action.verb is not Verb.LIST:
        return known.worlds

    def least(query: Query) -> tuple[Sequence[tuple[Record, ...]], bool]:
        fitting, is_sure = known.worlds(query)
        return fitting[:1], is_sure and len(fitting) == 1

    return least


def is_sought(action: Action, query: Query) -> bool:
    """Whether an action looks for a record among all that a query finds."""
    return query.key is None and any(each.find and each.resource.name == query.resource for each in actions_of(action))
