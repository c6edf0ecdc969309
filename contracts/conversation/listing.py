"""A list as it was answered, beside what is known of the records that may be in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from understudy.contracts.claims import Claim, Failure
from understudy.contracts.conversation.knowledge import Knowledge, Made
from understudy.contracts.conversation.values import bind, differences
from understudy.specs.behaviour import Record, Request, Snapshot
from understudy.specs.behaviour.addressing import Finder
from understudy.specs.behaviour.declarations import Action
from understudy.specs.behaviour.listing import chosen_by, with_derived
from understudy.specs.behaviour.memory import Name
from understudy.specs.behaviour.scenes import is_alive, shown
from understudy.specs.behaviour.state import Scope
from understudy.specs.behaviour.values import UNKNOWN, Scene
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Operation
from understudy.specs.pointers import tokens

__all__ = ["Listing", "belongs", "enriched", "key_text", "learn", "list_items", "members_of", "places", "read_listing"]


@final
@dataclass(frozen=True, slots=True)
class Listing:
    """A list as it was answered.

    Attributes:
        shown: Key → members as the record calls them, in the order of the answer.
        items: Key → the item as it was answered.
        window: Offset and limit; None where the list isn't cut.
        is_plain: Nothing but the page was asked for.
    """

    operation: Operation
    action: Action
    scope: Scope
    status: int
    keys: tuple[str, ...] = ()
    shown: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    items: Mapping[str, Json] = field(default_factory=dict)
    window: tuple[int, int] | None = None
    is_plain: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every record of the list was shown."""
        return self.window is None or (self.window[0] == 0 and len(self.keys) < self.window[1])

    def failure(self, claim: Claim, place: str, message: str) -> Failure:
        """A failure of the list."""
        return Failure(claim, self.operation.label, f"{self.status} {place}", message)

    def told(self, key: str) -> str:
        """A record in words."""
        return f"the {self.action.resource.name} {key}"

    def name(self, key: str) -> Name:
        """The name of a record in it."""
        return self.action.resource.name, self.scope, key


def list_items(action: Action, body: Json) -> list[Json] | None:
    """What a body lists; None where it isn't there."""
    for token in tokens(action.items or ""):
        body = body.get(token) if isinstance(body, Mapping) else None
    return body if isinstance(body, list) else None


def members_of(action: Action, item: Mapping[str, Json]) -> dict[str, Json]:
    """A record's members, as the record calls them."""
    return {action.rename.get(name, name): value for name, value in item.items()}


def key_text(value: Json) -> str | None:
    """A key as names have it; None for what is no key."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return value if isinstance(value, str) else str(value)


def read_listing(
    operation: Operation,
    action: Action,
    scope: Scope,
    items: Sequence[Json],
    status: int,
    request: Request,
    scene: Scene,
) -> Listing | None:
    shown_members: dict[str, Mapping[str, Json]] = {}
    found: dict[str, Json] = {}
    keys = []
    for item in items:
        members = members_of(action, item) if isinstance(item, Mapping) else {}
        key = key_text(members.get(action.resource.key))
        if key is None:
            return None
        keys.append(key)
        shown_members[key], found[key] = members, item
    page = action.page
    window = None
    if page is not None:
        offset = page.offset.evaluate(scene) if page.offset is not None else MISSING
        limit = page.limit.evaluate(scene) if page.limit is not None else MISSING
        limit = page.default_limit if limit is MISSING else limit
        first = offset if isinstance(offset, int) else 0
        window = (first, limit) if isinstance(limit, int) else None if first == 0 else (first, len(keys) + 1)
    return Listing(
        operation, action, scope, status, tuple(keys), shown_members, found, window, _is_plain(action, request)
    )


def _is_plain(action: Action, request: Request) -> bool:
    """Whether a request asks for nothing but a part of the list: no filter, no search, no order of its own."""
    cut = [each.source for each in (action.page.limit, action.page.offset) if each is not None] if action.page else []
    return all(any(str(source).find(f"query.{name}") >= 0 for source in cut) for name in request.query)


def belongs(listing: Listing, record: Record, scenes: Sequence[Scene], snapshot: Snapshot) -> bool | None:
    """Whether a record belongs into the list; None where that can't be told."""
    action = listing.action
    resource, where = action.resource, action.where
    names = chosen_by(action, ()) & action.derived.keys()
    answers: list[Json] = []
    for scene in scenes:
        if not is_alive(resource, record, scene):
            answers.append(False)
        elif where is None:
            answers.append(True)
        else:
            seen = with_derived(action, shown(resource, record.members, scene), scene, Finder(snapshot), names)
            answers.append(where.evaluate(scene.saying(record=seen)))
    if all(each is True for each in answers):
        return True
    return False if all(each is False for each in answers) else None


def places(listing: Listing, known: Knowledge, scenes: Sequence[Scene], snapshot: Snapshot) -> dict[str, bool | None]:
    """Key → whether the record belongs into the list, of every record known."""
    records = known.memory.records(listing.action.resource.name, listing.scope)
    return {record.key: belongs(listing, record, scenes, snapshot) for record in records}


def enriched(record: Record, members: Mapping[str, Json]) -> dict[str, Json]:
    """What is known of a record, and what is shown of the rest."""
    known = {name: value for name, value in record.members.items() if value is not UNKNOWN}
    return {**record.members, **members, **known}


def learn(listing: Listing, known: Knowledge, name: Name, members: Mapping[str, Json]) -> Record:
    """A record that is there; ours, if it was made without a word about its key, and only one
    of the whole list fits."""
    hazy = known.hazy(listing.action.resource, name[2])
    fitting = [
        number
        for number, (resource, scope, made) in known.unbound.items()
        if (resource, scope) == name[:2] and not list(differences(made, {**made, **members}))
    ]
    rivals = [
        key
        for key, other in listing.shown.items()
        if fitting
        and not list(differences(known.unbound[fitting[0]][2], {**known.unbound[fitting[0]][2], **other}))
        and (known.memory.find(listing.name(key)) is None or listing.name(key) in known.foreign)
    ]
    known.doubted.discard(name)
    if len(fitting) == 1 and len(rivals) == 1 and listing.is_whole:
        made = known.unbound.pop(fitting[0])[2]
        known.made[fitting[0]] = Made(name, members[listing.action.resource.key])
        known.memory.set_members(name, {**bind(made, {**made, **members}), listing.action.resource.key: name[2]})
    else:
        known.foreign.add(name)
        known.memory.set_members(name, {**hazy.members, **members})
    record = known.memory.find(name)
    assert record is not None
    return record
