"""The records of a list: which they are, how they are seen, their order and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from operator import itemgetter
from typing import TypeVar

from understudy.specs.behaviour.addressing import Finder
from understudy.specs.behaviour.declarations import Action, Order, Page
from understudy.specs.behaviour.mentions import mentions_of
from understudy.specs.behaviour.scenes import is_alive, is_there, list_scopes, shown, with_record
from understudy.specs.behaviour.state import Record
from understudy.specs.behaviour.values import UNKNOWN, Scene, Value
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING

__all__ = ["all_seen", "chosen_by", "in_order", "seen_page", "with_derived"]

T = TypeVar("T")


def chosen_by(action: Action, order: Order) -> frozenset[str]:
    """The members that choosing and ordering a list's records takes; what else is derived of them is only for those
    that it shows."""
    derived = {**action.resource.derived, **action.derived}
    sources = [] if action.where is None else [str(action.where.source)]
    sources += [str(each.key.source) for each in action.reading.values() if each.is_of_record and each.key is not None]
    names: set[str] = {member for member, _ in order}
    for name in reversed(list(derived)):
        if name in names or any(name in source or _sees_all(source) for source in sources):
            names.add(name)
            sources.append(repr(derived[name].source))
    return frozenset(names)


def _sees_all(source: str) -> bool:
    """Whether an expression sees a record as a whole."""
    return "record" in source and mentions_of(source, "record") is None


def in_order(rows: list[T], order: Order, members: Callable[[T], Mapping[str, Json]]) -> list[T]:
    """The rows ordered by members; those that are equal stay as they were."""
    for member, falls in reversed(order):
        rows = sorted(rows, key=lambda row: _rank(members(row).get(member)), reverse=falls)
    return rows


def _rank(value: Json) -> tuple[int, Json]:
    if isinstance(value, bool) or value is None or value is UNKNOWN or value is MISSING:
        return (0, bool(value) if isinstance(value, bool) else False)
    return (1, value) if isinstance(value, (int, float)) else (2, str(value))


def _page_of(page: Page | None, rows: list[T], scene: Scene) -> list[T]:
    """The part of a list that a request asks for; all of it where lists aren't cut."""
    if page is None:
        return rows
    offset = _number(page.offset, scene, 0)
    limit = _number(page.limit, scene, page.default_limit if page.default_limit is not None else len(rows))
    return rows[offset : offset + limit]


def _number(value: Value | None, scene: Scene, otherwise: int) -> int:
    number = value.evaluate(scene) if value is not None else MISSING
    return max(number, 0) if isinstance(number, int) else otherwise


def all_seen(action: Action, scene: Scene, finder: Finder, names: Set[str]) -> Iterator[tuple[Record, dict[str, Json]]]:
    """The living records that a list is about, with as much of what is derived of them as is asked for."""
    resource = action.resource
    choosing = chosen_by(action, ()) & action.derived.keys()
    others = (names & action.derived.keys()) - choosing
    for scope, owner in list_scopes(resource, action.of, scene):
        if owner is not None and not is_there(resource, finder.find(owner), scene):
            continue
        for record in finder.list(resource.name, scope):
            if not is_alive(resource, record, scene):
                continue
            seen = with_derived(action, shown(resource, record.members, scene, names), scene, finder, choosing)
            # What can't be told of a record doesn't leave it out.
            if action.where is None or action.where.evaluate(scene.saying(record=seen)) in (True, UNKNOWN):
                yield record, with_derived(action, seen, scene, finder, others)


def seen_page(action: Action, scene: Scene, finder: Finder) -> tuple[list[dict[str, Json]], int]:
    """The records that a list shows, in their order, and how many there are before it is cut."""
    order = action.order or action.resource.order
    early = chosen_by(action, order)
    rows = in_order(list(all_seen(action, scene, finder, early)), order, itemgetter(1))
    return [_whole(action, *row, scene, finder, early) for row in _page_of(action.page, rows, scene)], len(rows)


def _whole(
    action: Action, record: Record, seen: dict[str, Json], scene: Scene, finder: Finder, early: frozenset[str]
) -> dict[str, Json]:
    """All that is shown of a record, of which some was told before."""
    if not action.resource.derived.keys() <= early:
        seen, early = shown(action.resource, record.members, scene), frozenset()
    return with_derived(action, seen, scene, finder, action.derived.keys() - early)


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
