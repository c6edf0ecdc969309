"""What each verb does: from a scene and a snapshot to effects, and what is shown of the records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

from understudy.specs.behaviour.assuming import assumed_record, gives_way, is_assumed, without_trace
from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.behaviour.expectation import Refusal
from understudy.specs.behaviour.listing import in_order, page_of
from understudy.specs.behaviour.scenes import (
    find_key,
    find_scope,
    is_alive,
    key_text,
    shown,
    with_defaults,
    with_readings,
)
from understudy.specs.behaviour.state import Clear, Effect, Put, Query, Record, Scope, Snapshot
from understudy.specs.behaviour.values import UNKNOWN, Scene
from understudy.specs.behaviour.writing import brought, merged, not_brought, replaced
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING
from understudy.specs.problems import ProblemKind

__all__ = ["Result", "perform"]


@final
@dataclass(frozen=True, slots=True)
class Result:
    """What an action came to.

    Attributes:
        record: The record shown; None for lists and where nothing was addressed.
        records: The records of a list, after filter, order and page; None for the rest.
        scene: What the answer's expressions see.
    """

    effects: tuple[Effect, ...]
    record: Mapping[str, Json] | None
    records: tuple[Mapping[str, Json], ...] | None
    scene: Scene


def perform(action: Action, scene: Scene, snapshot: Snapshot, given: Mapping[str, Json]) -> Result | Refusal:
    """Do an action and what it also does.

    Args:
        given: Members of a new record that the server chooses: known to a mock, seen by a tester.
    """
    scene = with_readings(action, scene, snapshot)
    for name, value in action.let.items():
        scene = scene.saying(**{name: value.evaluate(scene)})
    if action.text is not None:
        scene = scene.saying(text=action.text.evaluate(scene))
    scope = find_scope(action.resource, scene)
    missing = _missing_parent(action.resource, scene, snapshot)
    if missing is not None:
        return missing
    if scope is None:
        result: Result | Refusal = _nothing(action, scene)
    else:
        result = _VERBS[action.verb](action, scope, scene, snapshot, given)
    for other in action.also:
        if isinstance(result, Refusal):
            return result
        more = perform(other, result.scene, snapshot, given={})
        if isinstance(more, Refusal):
            return more
        result = Result((*result.effects, *more.effects), result.record, result.records, result.scene)
    return result


def _create(
    action: Action, scope: Scope, scene: Scene, snapshot: Snapshot, given: Mapping[str, Json]
) -> Result | Refusal:
    resource = action.resource
    key = find_key(resource, action.key, scene)
    record = _found(resource, scope, key, scene, snapshot) if key is not None else None
    if record is not None and not gives_way(action, record, scene):
        return Refusal(ProblemKind.CONFLICT, f"there is a {resource.name} {key!r} already")
    refused = _refused(action, scene)
    if refused is not None:
        return refused
    members = _new(action, scene, given)
    if action.key is not None and key is not None:
        members[resource.key] = action.key.evaluate(scene)
    own = members.get(resource.key, UNKNOWN)
    written = key if key is not None else own if own is UNKNOWN else key_text(own)
    put = Put(resource, scope, written, members, 0, _needs(resource, scene, snapshot))
    expired = snapshot.find(Query(resource.name, scope, key)) if key is not None else None
    gone = (Clear(resource, scope, {expired.key: expired.version}),) if expired is not None else ()
    return _one(resource, (*gone, put), members, scene)


def _read(
    action: Action, scope: Scope, scene: Scene, snapshot: Snapshot, given: Mapping[str, Json]
) -> Result | Refusal:
    record = _addressed(action, scope, scene, snapshot)
    if not isinstance(record, Record):
        return record
    refused = _refused(action, scene.saying(record=shown(action.resource, record.members, scene)))
    return refused or _one(action.resource, (), record.members, scene)


def _write(
    action: Action, scope: Scope, scene: Scene, snapshot: Snapshot, given: Mapping[str, Json]
) -> Result | Refusal:
    record = _addressed(action, scope, scene, snapshot)
    if not isinstance(record, Record):
        key = find_key(action.resource, action.key, scene)
        if action.verb is Verb.UPSERT and isinstance(record, Refusal) and key is not None:
            return _create(action, scope, scene, snapshot, given)
        return record
    resource = action.resource
    before = scene.saying(record=shown(resource, record.members, scene))
    refused = _refused(action, before)
    if refused is not None:
        return refused
    if action.verb is Verb.MERGE:
        members = merged(action, record.members, scene)
    elif action.verb is Verb.REPLACE or (action.verb is Verb.UPSERT and action.takes is not None):
        members = replaced(action, resource, record.members, scene)
    else:
        members = {**record.members, **brought(action, scene)}
    _change(action, members, before)
    put = Put(resource, scope, record.key, members, record.version, _needs(resource, scene, snapshot))
    return _one(resource, (put,), members, scene)


def _delete(
    action: Action, scope: Scope, scene: Scene, snapshot: Snapshot, given: Mapping[str, Json]
) -> Result | Refusal:
    record = _addressed(action, scope, scene, snapshot)
    if not isinstance(record, Record):
        return record
    refused = _refused(action, scene.saying(record=shown(action.resource, record.members, scene)))
    if refused is not None:
        return refused
    clear = Clear(action.resource, scope, {record.key: record.version})
    needs = _needs(action.resource, scene, snapshot)
    effects = without_trace(action.resource, scope, clear, record.key, needs, scene)
    return _one(action.resource, effects, record.members, scene)


def _list(
    action: Action, scope: Scope, scene: Scene, snapshot: Snapshot, given: Mapping[str, Json]
) -> Result | Refusal:
    refused = _refused(action, scene)
    if refused is not None:
        return refused
    found = [(record, seen) for record, seen in _all(action, scope, scene, snapshot)]
    if action.verb is Verb.CLEAR:
        clear = Clear(action.resource, scope, {record.key: record.version for record, _ in found})
        scene = scene.saying(records=[seen for _, seen in found], total=len(found))
        return Result((clear,) if found else (), None, None, scene)
    records = in_order([seen for _, seen in found], action.order or action.resource.order)
    page = page_of(action.page, records, scene)
    return Result((), None, tuple(page), scene.saying(records=page, total=len(records)))


_VERBS: Final[Mapping[Verb, Callable[[Action, Scope, Scene, Snapshot, Mapping[str, Json]], Result | Refusal]]] = {
    Verb.CREATE: _create,
    Verb.READ: _read,
    Verb.LIST: _list,
    Verb.UPDATE: _write,
    Verb.MERGE: _write,
    Verb.REPLACE: _write,
    Verb.UPSERT: _write,
    Verb.DELETE: _delete,
    Verb.CLEAR: _list,
}


def _nothing(action: Action, scene: Scene) -> Result | Refusal:
    if action.optional:
        return Result((), None, None, scene)
    return Refusal(ProblemKind.RESOURCE_NOT_FOUND, f"the request names no {action.resource.name}")


def _one(resource: Resource, effects: tuple[Effect, ...], members: Mapping[str, Json], scene: Scene) -> Result:
    seen = shown(resource, members, scene)
    return Result(effects, seen, None, scene.saying(record=seen))


def _addressed(action: Action, scope: Scope, scene: Scene, snapshot: Snapshot) -> Record | Result | Refusal:
    """The record that a request names; the empty result where naming none is fine."""
    key = find_key(action.resource, action.key, scene)
    if key is None:
        return _nothing(action, scene)
    record = _found(action.resource, scope, key, scene, snapshot)
    if record is not None:
        return record
    if action.resource.singleton:
        return Record(key, _new(action, scene, {}, sent=False), 0, 1)
    if action.verb is not Verb.UPSERT:
        assumed = assumed_record(action, scope, key, scene, snapshot)
        if assumed is not None:
            return assumed
    return Refusal(ProblemKind.RESOURCE_NOT_FOUND, f"there is no {action.resource.name} {key!r}")


def _found(resource: Resource, scope: Scope, key: str, scene: Scene, snapshot: Snapshot) -> Record | None:
    record = snapshot.find(Query(resource.name, scope, key))
    return record if record is not None and is_alive(resource, record, scene) else None


def _all(action: Action, scope: Scope, scene: Scene, snapshot: Snapshot) -> list[tuple[Record, dict[str, Json]]]:
    resource = action.resource
    out = []
    for record in snapshot.found.get(Query(resource.name, scope, None), ()):
        if not is_alive(resource, record, scene):
            continue
        seen = shown(resource, record.members, scene)
        # What can't be told of a record doesn't leave it out.
        if action.where is None or action.where.evaluate(scene.saying(record=seen)) in (True, UNKNOWN):
            out.append((record, seen))
    return out


def _missing_parent(resource: Resource, scene: Scene, snapshot: Snapshot) -> Refusal | None:
    parent = resource.parent
    if parent is None:
        return None
    above = _missing_parent(parent.resource, scene, snapshot)
    scope, key = find_scope(parent.resource, scene), find_key(parent.resource, parent.key, scene)
    if above is not None or scope is None or key is None:
        return above
    if parent.resource.singleton or _found(parent.resource, scope, key, scene, snapshot) is not None:
        return None
    if is_assumed(parent.resource, scope, key, scene, snapshot):
        return None
    return Refusal(ProblemKind.RESOURCE_NOT_FOUND, f"there is no {parent.resource.name} {key!r}")


def _needs(resource: Resource, scene: Scene, snapshot: Snapshot) -> tuple[tuple[Query, int], ...]:
    """The parents that must still be there when a record is written."""
    parent = resource.parent
    if parent is None or parent.resource.singleton:
        return ()
    scope, key = find_scope(parent.resource, scene), find_key(parent.resource, parent.key, scene)
    if scope is None or key is None:
        return ()
    query = Query(parent.resource.name, scope, key)
    record = snapshot.find(query)
    return ((query, record.version if record else 0), *_needs(parent.resource, scene, snapshot))


def _refused(action: Action, scene: Scene) -> Refusal | None:
    for requirement in action.require:
        if requirement.rule.evaluate(scene) not in (True, UNKNOWN):
            return Refusal(requirement.problem, requirement.detail)
    return None


def _new(action: Action, scene: Scene, given: Mapping[str, Json], *, sent: bool = True) -> dict[str, Json]:
    resource = action.resource
    new = brought(action, scene) if sent else {}
    members: dict[str, Json] = {} if resource.singleton else {resource.key: UNKNOWN}
    members.update(given)
    members.update(not_brought(action, new))
    members.update(new)
    members = {name: value for name, value in members.items() if value is not MISSING}
    members = with_defaults(resource, members, new, scene)
    if sent:
        _change(action, members, scene.saying(record=members))
    return members


def _change(action: Action, members: dict[str, Json], scene: Scene) -> None:
    """Apply `set`, `append` and `add`; each sees the record as it was before."""
    changes: dict[str, Json] = {}
    for name, value in action.set.items():
        changes[name] = value.evaluate(scene)
    for name, value in action.append.items():
        more, old = value.evaluate(scene), members.get(name, [])
        if more is not MISSING:
            changes[name] = UNKNOWN if more is UNKNOWN or old is UNKNOWN else [*(old or ()), *_list_of(more)]
    for name, value in action.add.items():
        more, old = value.evaluate(scene), members.get(name, 0)
        if more is not MISSING:
            changes[name] = UNKNOWN if more is UNKNOWN or old is UNKNOWN else (old or 0) + more
    members.update((name, value) for name, value in changes.items() if value is not MISSING)


def _list_of(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
