"""What a request body makes of a record's members."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.specs.behaviour.declarations import Action, Resource, Taken
from understudy.specs.behaviour.scenes import OPERATION
from understudy.specs.behaviour.values import UNKNOWN, Scene, ValueFailed
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, Missing
from understudy.specs.pointers import JsonPointer, tokens
from understudy.specs.schemas.object_schemas import find_default

__all__ = ["brought", "changed", "is_as_before", "merged", "not_brought", "replaced"]


def brought(action: Action, scene: Scene) -> dict[str, Json]:
    """The record's members that the request body brings, without those that aren't the client's to write."""
    members = _sent(action, scene)
    if action.takes is None:
        return members
    return {name: item for name, item in members.items() if _fits(action.takes.get(name), item)}


def not_brought(action: Action, members: Mapping[str, Json]) -> dict[str, Json | None]:
    """What clients may write and this one didn't: member → its default, MISSING where the record is without it.

    No record is without its key: the server gives one.
    """
    takes = (action.takes or {}).items()
    absent = {name: each for name, each in takes if name not in members and name != action.resource.key}
    return {name: each.default for name, each in absent.items() if each.optional or each.default is not MISSING}


def replaced(action: Action, resource: Resource, old: Mapping[str, Json], scene: Scene) -> dict[str, Json]:
    """The members after the body took their place. What clients don't write stays; what they may write and didn't
    has its default, that of the request's schema before that of the resource, or is gone."""
    if action.takes is None:
        written = _writable(action, scene)
        kept = {name: value for name, value in old.items() if name in {resource.key, *resource.defaults} - {*written}}
        members = {**kept, **brought(action, scene)}
        for name, default in written.items():
            if name not in members and name != resource.key:
                declared = resource.defaults.get(name)
                value = default if default is not MISSING or declared is None else declared.evaluate(scene)
                if value is not MISSING:
                    members[name] = value
        return members
    new = brought(action, scene)
    members = {**old, **not_brought(action, new), **new}
    return {name: value for name, value in members.items() if value is not MISSING}


def merged(action: Action, old: Mapping[str, Json], scene: Scene) -> dict[str, Json]:
    """The members after the body was merged into them (RFC 7396): objects member by member, `null` removes.

    Where the action says what it takes, a `null` that the record may hold is kept: removing the member would say less.
    """
    members = dict(old)
    for name, item in _sent(action, scene).items():
        taken = action.takes.get(name) if action.takes is not None else Taken(optional=True)
        value = _merge(members.get(name, MISSING), item)
        if item is None and taken is not None and taken.optional and (taken.schema is None or not _fits(taken, None)):
            members.pop(name, None)
        elif value is UNKNOWN or _fits(taken, value):
            members[name] = value
        elif _fits(taken, item):
            members[name] = item
    return members


def changed(action: Action, members: dict[str, Json], scene: Scene) -> None:
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


def _writable(action: Action, scene: Scene) -> dict[str, Json | Missing]:
    """The record's members that the request's schema has: each one's default there, MISSING where it gives none."""
    operation = scene.names.get(OPERATION)
    body = operation.request_body if operation is not None else None
    schema = next((each.schema for each in body.content if each.schema is not None), None) if body else None
    for token in tokens(action.body or JsonPointer("")):
        schema = dict(schema.members()).get(token) if schema is not None else None
    return {
        action.rename.get(name, name): find_default(member)
        for name, member in (schema.members() if schema is not None else ())
    }


def _sent(action: Action, scene: Scene) -> dict[str, Json]:
    if action.body is None:
        return {}
    value = scene.request.get("body", MISSING) if action.each is None else scene.names.get("item", MISSING)
    for token in tokens(action.body):
        value = value.get(token, MISSING) if isinstance(value, Mapping) else MISSING
    if not isinstance(value, Mapping):
        return {}
    return {action.rename.get(name, name): item for name, item in value.items()}


def _fits(taken: Taken | None, value: Json) -> bool:
    if taken is None:
        return False
    return taken.schema is None or taken.schema.validator(Direction.RESPONSE).is_valid(value)


def _merge(old: Json, patch: Json) -> Json:
    if not isinstance(patch, Mapping):
        return patch
    if old is UNKNOWN:
        return UNKNOWN
    out = dict(old) if isinstance(old, Mapping) else {}
    for name, item in patch.items():
        if item is None:
            out.pop(name, None)
        else:
            out[name] = _merge(out.get(name, MISSING), item)
    return out


def _list_of(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def is_as_before(resource: Resource, old: Mapping[str, Json], new: Mapping[str, Json]) -> bool:
    """Whether nothing new was brought. Raises `ValueFailed` where that depends on what isn't known of the record."""
    if old.keys() != new.keys():
        return False
    other = [name for name in old if old[name] != new[name]]
    if any(_is_certain(old[name]) for name in other):
        return False
    if other:
        raise ValueFailed(f"it isn't known whether the {resource.name} had another {other[0]!r} before")
    return True


def _is_certain(value: Json) -> bool:
    """Whether nothing in a value is UNKNOWN."""
    if isinstance(value, Mapping):
        return all(map(_is_certain, value.values()))
    return all(map(_is_certain, value)) if isinstance(value, (list, tuple)) else value is not UNKNOWN
