"""Where a request's records lie, and what expressions see of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from understudy.specs.behaviour.cel_values import Rows
from understudy.specs.behaviour.declarations import Action, Reading, Resource, Verb
from understudy.specs.behaviour.evaluation import Work
from understudy.specs.behaviour.jobs import advanced
from understudy.specs.behaviour.state import DELETED, Query, Record, Request, Scope, Snapshot
from understudy.specs.behaviour.values import UNKNOWN, Scene, Value
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Missing

__all__ = [
    "ENDING",
    "OPERATION",
    "SINGLETON",
    "find_key",
    "find_scope",
    "is_alive",
    "is_there",
    "key_text",
    "list_scopes",
    "queries",
    "scene_of",
    "shown",
    "with_defaults",
    "with_readings",
    "with_record",
]

SINGLETON = "*"
"""The key of the one record of a singleton."""

OPERATION: Final = "(operation)"
"""Whose request it is, among a scene's names; no expression can name it."""

ENDING: Final = "(ending)"
"""The time by which records have ended, where that isn't the one that expressions see as ``now``."""


def scene_of(request: Request, now: datetime, **names: Json) -> Scene:
    """What every expression of a request sees; and, where they are told, further names."""
    parts = {"path": request.path, "query": request.query, "header": request.header, "cookie": request.cookie}
    if request.body is not MISSING:
        parts["body"] = request.body
    return Scene(parts, {"now": now, "credential": request.credential, OPERATION: request.operation, **names}, Work())


def find_scope(resource: Resource, scene: Scene, owner: Json = MISSING) -> Scope | None:
    """The partition that a request is about; None when a value of it isn't sent.

    Args:
        owner: The key of the parent, where it isn't the one that the request names.
    """
    if resource.parent is None and not resource.scope:
        return ()
    values = [value.evaluate(scene) for value in resource.scope]
    if resource.parent is not None:
        above = find_scope(resource.parent.resource, scene)
        if above is None:
            return None
        values = [*above, resource.parent.key.evaluate(scene) if owner is MISSING else owner, *values]
    if any(value is MISSING or value is UNKNOWN or value is None for value in values):
        return None
    return tuple(key_text(value) for value in values)


def list_scopes(resource: Resource, of: Value | None, scene: Scene) -> Iterator[tuple[Scope, Query | None]]:
    """The partitions that a list is about, each with the parent that must be there; None where that is seen to."""
    if of is None:
        scope = find_scope(resource, scene)
        if scope is not None:
            yield scope, None
        return
    keys = of.evaluate(scene)
    above = find_scope(resource.parent.resource, scene) if resource.parent is not None else None
    if resource.parent is None or above is None:
        return
    told = [key_text(key) for key in (keys if isinstance(keys, list) else [keys]) if key is not MISSING]
    for key in dict.fromkeys(told):
        scope = find_scope(resource, scene, key)
        if scope is not None:
            yield scope, Query(resource.parent.resource.name, above, key)


def find_key(resource: Resource, key: Value | None, scene: Scene) -> str | None:
    """The key that a request names; None when it names none."""
    if resource.singleton:
        return SINGLETON
    value = key.evaluate(scene) if key is not None else None
    return None if value is None or value is MISSING or value is UNKNOWN else key_text(value)


def queries(action: Action, scene: Scene) -> Iterator[Query]:
    """What an action needs to know, what it also does included; without what only the records tell."""
    yield from _parent_queries(action.resource, scene)
    for reading in action.reading.values():
        for query, owner in _reading_queries(reading, scene):
            yield query
            if owner is not None:
                yield owner
    is_many = action.verb in (Verb.LIST, Verb.CLEAR) or action.each is not None or bool(action.find)
    for scope, owner in list_scopes(action.resource, action.of, scene):
        key = find_key(action.resource, action.key, scene) if not is_many else None
        if owner is not None:
            yield owner
        if is_many or key is not None:
            yield Query(action.resource.name, scope, key)
    for other in action.also:
        yield from queries(other, scene)


def with_readings(action: Action, scene: Scene, snapshot: Snapshot) -> Scene:
    """The scene with what the action reads besides its own resource: a record, or a list of records."""
    for name, reading in action.reading.items():
        scene = scene.saying(**{name: _read(reading, scene, snapshot)})
    return scene


def with_record(action: Action, record: Mapping[str, Json], scene: Scene, snapshot: Snapshot) -> Scene:
    """The scene with a record at hand, and with what the action reads by a key that the record tells."""
    scene = scene.saying(record=record)
    for name, reading in action.reading.items():
        if reading.is_of_record:
            scene = scene.saying(**{name: _read(reading, scene, snapshot)})
    return scene


def with_defaults(
    resource: Resource, members: Mapping[str, Json], sent: Collection[str], scene: Scene
) -> dict[str, Json]:
    """The members of a new record, with what the resource declares for those that weren't sent."""
    out = dict(members)
    for name, value in resource.defaults.items():
        if name not in sent:
            default = value.evaluate(scene.saying(record=out))
            if default is not MISSING:
                out[name] = default
    return out


def shown(
    resource: Resource, members: Mapping[str, Json], scene: Scene, names: Collection[str] | None = None
) -> dict[str, Json]:
    """A record as it is shown: its members, as far as a job has come, and those derived from them.

    Args:
        names: The members that are asked for, so that no others need to be derived; None is all.
    """
    out = dict(members) if resource.job is None else advanced(resource.job, members, scene)
    for name, value in resource.derived.items():
        if names is not None and name not in names and not _is_mentioned(resource, name):
            continue
        derived = value.evaluate(scene.saying(record=out))
        if derived is not MISSING:
            out[name] = derived
    return out


def is_alive(resource: Resource, record: Record, scene: Scene) -> bool:
    """Whether a record is neither expired nor what is left of a deleted one."""
    if DELETED in record.members:
        return False
    if resource.expires is None:
        return True
    end = record.members.get(resource.expires)
    if not isinstance(end, str):
        return True
    now: datetime = scene.names.get(ENDING) or scene.names["now"]
    return datetime.fromisoformat(end.replace("Z", "+00:00")) > now


def is_there(resource: Resource, owner: Record | None, scene: Scene) -> bool:
    """Whether the parent of some of a resource's records is there."""
    return owner is not None and resource.parent is not None and is_alive(resource.parent.resource, owner, scene)


def _parent_queries(resource: Resource, scene: Scene) -> Iterator[Query]:
    parent = resource.parent
    if parent is None:
        return
    yield from _parent_queries(parent.resource, scene)
    scope, key = find_scope(parent.resource, scene), find_key(parent.resource, parent.key, scene)
    if scope is not None and key is not None:
        yield Query(parent.resource.name, scope, key)


def _reading_queries(reading: Reading, scene: Scene) -> Iterator[tuple[Query, Query | None]]:
    """What a reading needs to know, each with the parent that must be there; None where that is seen to."""
    is_list = reading.key is None and not reading.resource.singleton
    key = find_key(reading.resource, reading.key, scene) if not is_list else None
    for scope, owner in list_scopes(reading.resource, reading.of, scene):
        if is_list or key is not None:
            yield Query(reading.resource.name, scope, key), owner


def _read(reading: Reading, scene: Scene, snapshot: Snapshot) -> Json | Missing:
    """A record, or a list of records; MISSING where there is none, or the request doesn't tell which; UNKNOWN where
    the snapshot isn't sure of it."""
    resource = reading.resource
    if any(value is not None and value.evaluate(scene) is UNKNOWN for value in (reading.key, reading.of)):
        return UNKNOWN
    found = list(_reading_queries(reading, scene))
    if not found:
        # Of no parents there are no records; without a scope nothing is told.
        return MISSING if reading.of is None or reading.key is not None else Rows([])
    if snapshot.unsure and any(query in snapshot.unsure for each in found for query in each):
        return UNKNOWN
    there = [query for query, owner in found if owner is None or is_there(resource, snapshot.find(owner), scene)]
    records = [record for query in there for record in snapshot.records(query)]
    alive = [record.members for record in records if is_alive(resource, record, scene)]
    if resource.singleton and not alive:
        alive = [with_defaults(resource, {}, (), scene)]
    seen = [_part(shown(resource, members, scene, reading.members), reading.members) for members in alive]
    is_one = reading.key is not None or resource.singleton
    return (seen[0] if seen else MISSING) if is_one else Rows(seen)


def _is_mentioned(resource: Resource, name: str) -> bool:
    """Whether another derived member may depend on one."""
    return any(name in str(value.source) for other, value in resource.derived.items() if other != name)


def _part(members: dict[str, Json], names: tuple[str, ...] | None) -> dict[str, Json]:
    return members if names is None else {name: members[name] for name in names if name in members}


def key_text(value: Json) -> str:
    """A key or a part of a scope as requests name it: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else json.dumps(value, sort_keys=True, default=str)
