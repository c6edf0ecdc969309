"""Where a request's records lie, and what expressions see of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from understudy.specs.behaviour.declarations import Action, Reading, Resource, Verb
from understudy.specs.behaviour.jobs import advanced
from understudy.specs.behaviour.state import DELETED, Query, Record, Request, Scope, Snapshot
from understudy.specs.behaviour.values import UNKNOWN, Scene, Value
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING

__all__ = [
    "SINGLETON",
    "find_key",
    "find_scope",
    "is_alive",
    "key_text",
    "queries",
    "scene_of",
    "shown",
    "with_defaults",
    "with_readings",
]

SINGLETON = "*"
"""The key of the one record of a singleton."""


def scene_of(request: Request, now: datetime) -> Scene:
    """What every expression of a request sees."""
    parts = {"path": request.path, "query": request.query, "header": request.header, "cookie": request.cookie}
    body = {} if request.body is MISSING else {"body": request.body}
    return Scene({**parts, **body}, {"now": now, "credential": request.credential})


def find_scope(resource: Resource, scene: Scene) -> Scope | None:
    """The partition that a request is about; None when a value of it isn't sent."""
    values = [value.evaluate(scene) for value in resource.scope]
    if resource.parent is not None:
        above = find_scope(resource.parent.resource, scene)
        if above is None:
            return None
        values = [*above, resource.parent.key.evaluate(scene), *values]
    if any(value is MISSING or value is UNKNOWN or value is None for value in values):
        return None
    return tuple(key_text(value) for value in values)


def find_key(resource: Resource, key: Value | None, scene: Scene) -> str | None:
    """The key that a request names; None when it names none."""
    if resource.singleton:
        return SINGLETON
    value = key.evaluate(scene) if key is not None else None
    return None if value is None or value is MISSING or value is UNKNOWN else key_text(value)


def queries(action: Action, scene: Scene) -> Iterator[Query]:
    """What an action needs to know, what it also does included."""
    yield from _parent_queries(action.resource, scene)
    for reading in action.reading.values():
        query = _reading_query(reading, scene)
        if query is not None:
            yield query
    scope = find_scope(action.resource, scene)
    if scope is not None:
        key = find_key(action.resource, action.key, scene)
        if action.verb in (Verb.LIST, Verb.CLEAR):
            yield Query(action.resource.name, scope, None)
        elif key is not None:
            yield Query(action.resource.name, scope, key)
    for other in action.also:
        yield from queries(other, scene)


def with_readings(action: Action, scene: Scene, snapshot: Snapshot) -> Scene:
    """The scene with what the action reads besides its own resource: a record, or a list of records."""
    names: dict[str, Json] = {}
    for name, reading in action.reading.items():
        query = _reading_query(reading, scene)
        if query is None:
            continue
        resource = reading.resource
        alive = [r.members for r in snapshot.found.get(query, ()) if is_alive(resource, r, scene)]
        if resource.singleton and not alive:
            alive = [with_defaults(resource, {}, (), scene)]
        seen = [shown(resource, members, scene) for members in alive]
        names[name] = seen if query.key is None else seen[0] if seen else MISSING
    return scene.saying(**names)


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


def shown(resource: Resource, members: Mapping[str, Json], scene: Scene) -> dict[str, Json]:
    """A record as it is shown: its members, as far as a job has come, and those derived from them."""
    out = dict(members) if resource.job is None else advanced(resource.job, members, scene)
    for name, value in resource.derived.items():
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
    now: datetime = scene.names["now"]
    return datetime.fromisoformat(end.replace("Z", "+00:00")) > now


def _parent_queries(resource: Resource, scene: Scene) -> Iterator[Query]:
    parent = resource.parent
    if parent is None:
        return
    yield from _parent_queries(parent.resource, scene)
    scope, key = find_scope(parent.resource, scene), find_key(parent.resource, parent.key, scene)
    if scope is not None and key is not None:
        yield Query(parent.resource.name, scope, key)


def _reading_query(reading: Reading, scene: Scene) -> Query | None:
    scope = find_scope(reading.resource, scene)
    if scope is None:
        return None
    if reading.key is None and not reading.resource.singleton:
        return Query(reading.resource.name, scope, None)
    key = find_key(reading.resource, reading.key, scene)
    return Query(reading.resource.name, scope, key) if key is not None else None


def key_text(value: Json) -> str:
    """A key or a part of a scope as requests name it: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else json.dumps(value, sort_keys=True, default=str)
