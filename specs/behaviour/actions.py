"""What each verb does: from a scene and a snapshot to effects, and what is shown of the records."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, final

from understudy.specs.behaviour.addressing import Finder, find_missing_parent, find_record, list_needs
from understudy.specs.behaviour.assuming import assumed_record, gives_way, without_trace
from understudy.specs.behaviour.declarations import Action, Needs, Verb
from understudy.specs.behaviour.expectation import Refusal
from understudy.specs.behaviour.listing import all_seen, seen_page, with_derived
from understudy.specs.behaviour.preconditions import CONDITIONS, entity_tag, find_unmet
from understudy.specs.behaviour.scenes import (
    SINGLETON,
    find_key,
    find_scope,
    key_text,
    shown,
    with_defaults,
    with_readings,
    with_record,
)
from understudy.specs.behaviour.state import Clear, Effect, Put, Query, Record, Scope, Snapshot
from understudy.specs.behaviour.values import UNKNOWN, Scene, Unknown
from understudy.specs.behaviour.writing import brought, changed, is_as_before, merged, not_brought, replaced
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING
from understudy.specs.problems import ProblemKind

__all__ = ["Result", "named_scene", "perform"]

_WITHOUT_RECORD: Final = (Needs.REQUEST, Needs.RECORDS)
_UNCONDITIONAL: Final[Mapping[str, Json]] = MappingProxyType({CONDITIONS: None})
"""Of what a request does besides: its conditions are about the record that it addresses."""
_NOTHING_DONE: Final = MappingProxyType({"created": 0, "changed": 0, "unchanged": 0})


@final
class Result(NamedTuple):
    """What an action came to.

    Attributes:
        record: The record shown; None for lists and where nothing was addressed.
        records: The records of a list, after filter, order and page; None for the rest.
        scene: What the answer's expressions see.
        tag: The entity tag of what is shown; None where nobody asks for one.
    """

    effects: tuple[Effect, ...]
    record: Mapping[str, Json] | None
    records: tuple[Mapping[str, Json], ...] | None
    scene: Scene
    tag: str | None = None


def perform(
    action: Action, scene: Scene, snapshot: Snapshot, given: Mapping[str, Json], many: Sequence[Mapping[str, Json]] = ()
) -> Result | Refusal:
    """Do an action and what it also does.

    Args:
        given: Members of a new record that the server chooses: known to a mock, seen by a tester.
        many: Likewise of the record for each item, where the action is done for many.
    """
    finder = Finder(snapshot)
    scene = named_scene(action, scene, snapshot)
    if action.text is not None:
        scene = scene.saying(text=action.text.evaluate(scene))
    scope = find_scope(action.resource, scene)
    refused = _refused(action, scene, _WITHOUT_RECORD) or find_missing_parent(action.resource, scene, finder)
    if refused is not None:
        return refused
    if action.of is not None:
        result: Result | Refusal = _list(action, scope or (), scene, finder, given)
    elif scope is None:
        result = _nothing(action, scene)
    elif action.each is not None:
        result = _each(action, scope, scene, finder, many)
    else:
        result = _VERBS[action.verb](action, scope, scene, finder, given)
        if action.verb is Verb.UPSERT and isinstance(result, Result):
            counts = {**_NOTHING_DONE, _count(result.effects): 1}
            result = result._replace(scene=result.scene.saying(counts=counts))
    for other in action.also:
        if isinstance(result, Refusal):
            return result
        more = perform(other, result.scene.saying(**_UNCONDITIONAL), snapshot, given={})
        if isinstance(more, Refusal):
            return more
        result = result._replace(effects=(*result.effects, *more.effects))
    return result


def named_scene(action: Action, scene: Scene, snapshot: Snapshot) -> Scene:
    """The scene with what the action reads besides, and with the names that it gives."""
    return _with_names(action, with_readings(action, scene, snapshot))


def _with_names(action: Action, scene: Scene) -> Scene:
    for name, value in action.let.items():
        scene = scene.saying(**{name: value.evaluate(scene)})
    return scene


def _each(
    action: Action, scope: Scope, scene: Scene, finder: Finder, many: Sequence[Mapping[str, Json]]
) -> Result | Refusal:
    """The action once for every item, each seeing what those before it did; the scene then knows the counts."""
    assert action.each is not None
    items = action.each.evaluate(scene)
    if items is UNKNOWN:
        return Result((), None, None, scene.saying(counts=UNKNOWN))
    puts: dict[tuple[str, Scope, str | Unknown], Effect] = {}
    counts = dict(_NOTHING_DONE)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        here = _with_names(action, scene.saying(item=item, **_UNCONDITIONAL))
        result = _VERBS[action.verb](action, scope, here, finder, many[index] if index < len(many) else {})
        if isinstance(result, Refusal):
            return result
        finder.change(result.effects, scene)
        done = _count(result.effects)
        for effect in result.effects:
            key = effect.key if isinstance(effect, Put) else next(iter(effect.seen), "")
            again = (effect.resource.name, effect.scope, key)
            done = "changed" if again in puts else done
            puts[again] = effect
        counts[done] += 1
    return Result(tuple(puts.values()), None, None, scene.saying(counts=counts))


def _count(effects: tuple[Effect, ...]) -> str:
    if not effects:
        return "unchanged"
    return "created" if any(isinstance(effect, Put) and effect.seen == 0 for effect in effects) else "changed"


def _create(action: Action, scope: Scope, scene: Scene, finder: Finder, given: Mapping[str, Json]) -> Result | Refusal:
    resource = action.resource
    key = find_key(resource, action.key, scene)
    record = find_record(action, scope, scene, finder)
    if isinstance(record, Record) and not gives_way(action, record, scene):
        return Refusal(ProblemKind.CONFLICT, f"there is a {resource.name} {record.key!r} already")
    refused = _refused(action, scene) or find_unmet(scene, None)
    if refused is not None:
        return refused
    members = _new(action, scene, given)
    if action.key is not None and key is not None:
        members[resource.key] = action.key.evaluate(scene)
    own = members.get(resource.key, UNKNOWN)
    written = key if key is not None else own if own is UNKNOWN else key_text(own)
    put = Put(resource, scope, written, members, 0, list_needs(resource, scene, finder))
    expired = finder.find(Query(resource.name, scope, key)) if key is not None else None
    gone = (Clear(resource, scope, {expired.key: expired.version}),) if expired is not None else ()
    return _one(action, (*gone, put), _at_hand(action, members, scene, finder), finder)


def _read(action: Action, scope: Scope, scene: Scene, finder: Finder, given: Mapping[str, Json]) -> Result | Refusal:
    record = _addressed(action, scope, scene, finder)
    if not isinstance(record, Record):
        return record
    here = _at_hand(action, record.members, scene, finder)
    return _refused(action, here) or find_unmet(here, here.names["record"]) or _one(action, (), here, finder)


def _write(action: Action, scope: Scope, scene: Scene, finder: Finder, given: Mapping[str, Json]) -> Result | Refusal:
    record = _addressed(action, scope, scene, finder)
    if not isinstance(record, Record):
        if action.verb is Verb.UPSERT and (isinstance(record, Refusal) or action.find):
            return _create(action, scope, scene, finder, given)
        return record
    resource = action.resource
    before = _at_hand(action, record.members, scene, finder)
    refused = _refused(action, before) or find_unmet(before, before.names["record"])
    if refused is not None:
        return refused
    if action.verb is Verb.MERGE:
        members = merged(action, record.members, scene)
    elif action.verb is Verb.REPLACE or (action.verb is Verb.UPSERT and action.takes is not None):
        members = replaced(action, resource, record.members, scene)
    else:
        members = {**record.members, **brought(action, scene)}
    if action.each is not None and action.body is not None and is_as_before(resource, record.members, members):
        return _one(action, (), before, finder)
    changed(action, members, before)
    put = Put(resource, scope, record.key, members, record.version, list_needs(resource, scene, finder))
    return _one(action, (put,), _at_hand(action, members, scene, finder), finder)


def _delete(action: Action, scope: Scope, scene: Scene, finder: Finder, given: Mapping[str, Json]) -> Result | Refusal:
    record = _addressed(action, scope, scene, finder)
    if not isinstance(record, Record):
        return record
    here = _at_hand(action, record.members, scene, finder)
    refused = _refused(action, here) or find_unmet(here, here.names["record"])
    if refused is not None:
        return refused
    clear = Clear(action.resource, scope, {record.key: record.version})
    needs = list_needs(action.resource, scene, finder)
    effects = without_trace(action.resource, scope, clear, record.key, needs, scene)
    return _one(action, effects, here, finder)


def _list(action: Action, scope: Scope, scene: Scene, finder: Finder, given: Mapping[str, Json]) -> Result | Refusal:
    refused = _refused(action, scene)
    if refused is not None:
        return refused
    if action.verb is Verb.CLEAR:
        found = list(all_seen(action, scene, finder, {*action.resource.derived, *action.derived}))
        clear = Clear(action.resource, scope, {record.key: record.version for record, _ in found})
        told = {"records": [seen for _, seen in found], "total": len(found)}
        if Query(action.resource.name, scope, None) in finder.snapshot.unsure:
            told = dict.fromkeys(told, UNKNOWN)
        return Result((clear,) if found else (), None, None, scene.saying(**told))
    page, total = seen_page(action, scene, finder)
    tag = entity_tag([page, total]) if scene.names.get(CONDITIONS) is not None else None
    return Result((), None, tuple(page), scene.saying(records=page, total=total), tag)


_VERBS: Final[Mapping[Verb, Callable[[Action, Scope, Scene, Finder, Mapping[str, Json]], Result | Refusal]]] = {
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


def _one(action: Action, effects: tuple[Effect, ...], here: Scene, finder: Finder) -> Result:
    """What is shown of the record at hand."""
    seen: dict[str, Json] = here.names["record"]
    tag = entity_tag(seen) if here.names.get(CONDITIONS) is not None else None
    if action.derived:
        seen = with_derived(action, dict(seen), here, finder, action.derived.keys())
        here = with_record(action, seen, here, finder.snapshot)
    return Result(effects, seen, None, here, tag)


def _at_hand(action: Action, members: Mapping[str, Json], scene: Scene, finder: Finder) -> Scene:
    """The scene with a record as it is shown."""
    return with_record(action, shown(action.resource, members, scene), scene, finder.snapshot)


def _addressed(action: Action, scope: Scope, scene: Scene, finder: Finder) -> Record | Result | Refusal:
    """The record that a request names; the empty result where naming none is fine."""
    record = find_record(action, scope, scene, finder)
    if record is None:
        return _nothing(action, scene)
    if isinstance(record, Record):
        return record
    if action.resource.singleton:
        return Record(SINGLETON, _new(action, scene, {}, sent=False), 0, 1)
    key = find_key(action.resource, action.key, scene)
    if key is not None and not action.find and action.verb is not Verb.UPSERT:
        assumed = assumed_record(action, scope, key, scene, finder.snapshot)
        if assumed is not None:
            return assumed
    return record


def _refused(action: Action, scene: Scene, needs: Container[Needs] = (Needs.RECORD,)) -> Refusal | None:
    for requirement in action.require:
        if requirement.needs in needs and requirement.rule.evaluate(scene) not in (True, UNKNOWN):
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
        changed(action, members, scene.saying(record=members))
    return members
