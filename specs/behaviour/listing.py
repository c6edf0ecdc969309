"""The records of a list: which they are, how they are seen, their order and pages."""

from __future__ import annotations

from collections.abc import Iterator, Set

from understudy.specs.behaviour.addressing import Finder
from understudy.specs.behaviour.declarations import Action, Order, Page
from understudy.specs.behaviour.scenes import is_alive, is_there, list_scopes, shown, with_record
from understudy.specs.behaviour.state import Record
from understudy.specs.behaviour.values import UNKNOWN, Scene, Value
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING

__all__ = ["all_seen", "chosen_by", "in_order", "page_of", "with_derived"]


def chosen_by(action: Action, order: Order) -> frozenset[str]:
    """The derived members that choosing and ordering a list's records takes; the others are only for those it shows."""
    sources = [] if action.where is None else [str(action.where.source)]
    names: set[str] = {member for member, _ in order}
    for name in reversed(list(action.derived)):
        if name in names or any(name in source for source in sources):
            names.add(name)
            sources.append(repr(action.derived[name].source))
    return frozenset(names)


def in_order(records: list[dict[str, Json]], order: Order) -> list[dict[str, Json]]:
    """The records ordered by members; those that are equal stay as they were."""
    for member, falls in reversed(order):
        records = sorted(records, key=lambda record: _rank(record.get(member)), reverse=falls)
    return records


def _rank(value: Json) -> tuple[int, Json]:
    if isinstance(value, bool) or value is None or value is UNKNOWN or value is MISSING:
        return (0, bool(value) if isinstance(value, bool) else False)
    return (1, value) if isinstance(value, (int, float)) else (2, str(value))


def page_of(page: Page | None, records: list[dict[str, Json]], scene: Scene) -> list[dict[str, Json]]:
    """The part of a list that a request asks for; all of it where lists aren't cut."""
    if page is None:
        return records
    offset = _number(page.offset, scene, 0)
    limit = _number(page.limit, scene, page.default_limit if page.default_limit is not None else len(records))
    return records[offset : offset + limit]


def _number(value: Value | None, scene: Scene, otherwise: int) -> int:
    number = value.evaluate(scene) if value is not None else MISSING
    return max(number, 0) if isinstance(number, int) else otherwise


def all_seen(action: Action, scene: Scene, finder: Finder, names: Set[str]) -> Iterator[tuple[Record, dict[str, Json]]]:
    """The living records that a list is about, as they are shown."""
    resource = action.resource
    for scope, owner in list_scopes(resource, action.of, scene):
        if owner is not None and not is_there(resource, finder.find(owner), scene):
            continue
        for record in finder.list(resource.name, scope):
            if not is_alive(resource, record, scene):
                continue
            seen = with_derived(action, shown(resource, record.members, scene), scene, finder, names)
            # What can't be told of a record doesn't leave it out.
            if action.where is None or action.where.evaluate(scene.saying(record=seen)) in (True, UNKNOWN):
                yield record, seen


def with_derived(
    action: Action, seen: dict[str, Json], scene: Scene, finder: Finder, names: Set[str]
) -> dict[str, Json]:
    """A record as it is shown, with some of what the action derives of it."""
    here = with_record(action, seen, scene, finder.snapshot) if names else scene
    for name, value in action.derived.items():
        derived = value.evaluate(here.saying(record=seen)) if name in names else MISSING
        if derived is not MISSING:
            seen[name] = derived
    return seen
