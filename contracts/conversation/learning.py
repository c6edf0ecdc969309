"""What an answer teaches: effects are made in our own memory, with what came back in the place of what was open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, final
from urllib.parse import unquote, urlsplit

from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.answers import Seen
from understudy.contracts.conversation.knowledge import Knowledge, Made, Writer
from understudy.contracts.conversation.listing import key_text, members_of
from understudy.contracts.conversation.values import bind, is_known, opened, same
from understudy.contracts.conversation.worlds import Alternative
from understudy.specs.behaviour import Query
from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.behaviour.memory import Name, ancestors
from understudy.specs.behaviour.scenes import find_key, find_scope
from understudy.specs.behaviour.state import Clear, Put
from understudy.specs.behaviour.values import UNKNOWN, Scene
from understudy.specs.documents.document import Json
from understudy.specs.model import Operation

__all__ = ["Named", "learn_from", "names_of", "take_in"]

_WRITES: Final = frozenset({Verb.UPDATE, Verb.MERGE, Verb.REPLACE, Verb.UPSERT})


@final
@dataclass(frozen=True, slots=True)
class Named:
    """The records that a request names.

    Attributes:
        owners: What they belong to, and what must be there besides.
        own: What the operation is about; None where it names none.
    """

    owners: tuple[Name, ...]
    own: Name | None

    @property
    def all(self) -> tuple[Name, ...]:
        """The owners first."""
        return self.owners if self.own is None else (*self.owners, self.own)


def names_of(action: Action, scene: Scene, queries: Sequence[Query]) -> Named:
    """The records that a request names and that have to be there; what it only looks up isn't among them."""
    scope, key = find_scope(action.resource, scene), find_key(action.resource, action.key, scene)
    own = (action.resource.name, scope, key) if scope is not None and key is not None else None
    needed = {each.name for each in ancestors(action.resource) if not each.singleton}
    needed |= {other.resource.name for other in action.also}
    found = [(each.resource, each.scope, each.key) for each in queries if each.key is not None]
    owners = tuple(each for each in found if each[0] in needed and each != own)
    return Named(owners, own)


def learn_from(
    number: int, operation: Operation, named: Named, chosen: Alternative, seen: Seen, known: Knowledge
) -> frozenset[str]:
    """Make the effects of an accepted request known, and bind what the answer shows.

    Returns:
        Ids of the claims that the answer was a test of.
    """
    action = seen.action
    shown = _of_record(action, seen.record) if seen.record is not None else {}
    claims = {claimed.ANSWER_DECLARED.id} if action.answer or action.headers else set()
    if chosen.effects:
        known.positions.clear()
    is_first = True
    for effect in chosen.effects:
        if isinstance(effect, Clear):
            known.memory.apply([effect])
            if not effect.seen or action.verb is Verb.CLEAR:
                known.whole.discard((effect.resource.name, effect.scope))
            continue
        # Only what the operation is about is shown by its answer.
        is_own = is_first and effect.resource.name == action.resource.name
        _put(number, operation, effect, shown if is_own else {}, seen, known, is_own=is_own)
        is_first = False
    if action.verb is Verb.CREATE:
        claims.add(claimed.CREATE_ANSWER.id)
    elif action.verb in _WRITES:
        claims.add(claimed.UPDATE_ANSWER.id)
    elif action.verb is Verb.READ and named.own is not None:
        claims.update(_of_read(named.own, known))
        _bind(named.own, action.resource, shown, known)
    return frozenset(claims)


def take_in(name: Name, action: Action, shown: Mapping[str, Json], known: Knowledge) -> None:
    """After a failure: what the server shows is how it is from now on."""
    record = known.memory.find(name)
    if record is not None:
        told = _of_record(action, shown)
        known.memory.set_members(name, {member: told.get(member, UNKNOWN) for member in record.members})
        known.left.pop(name, None)
        known.tried.pop(name, None)


def _of_record(action: Action, shown: Mapping[str, Json]) -> dict[str, Json]:
    """What an answer shows of the record: what `answer` declares is none of it, whatever its name."""
    declared = {name.lstrip("/").partition("/")[0] for name in action.answer} if not action.items else set()
    return {
        name: value
        for name, value in members_of(action, shown).items()
        if name not in declared and (action.shows is None or name in action.shows or name == action.resource.key)
    }


def _put(
    number: int,
    operation: Operation,
    put: Put,
    shown: Mapping[str, Json],
    seen: Seen,
    known: Knowledge,
    *,
    is_own: bool,
) -> None:
    resource = put.resource
    members = {name: bind(value, shown[name]) if name in shown else value for name, value in put.members.items()}
    members = {name: opened(value) for name, value in members.items()}
    if not known.trust.is_declared:
        certain = known.trust.reads_back.get(operation.label, frozenset())
        members = {name: value if name in certain else UNKNOWN for name, value in members.items()}
    value: Json = put.key
    if value is UNKNOWN and is_own:
        value = shown.get(resource.key, UNKNOWN)
        value = _key_in(seen.location) if value is UNKNOWN else value
    key = key_text(value) if value is not UNKNOWN else None
    if key is None:
        known.cloud(resource.name, put.scope)
        if is_own and seen.action.verb in (Verb.CREATE, Verb.UPSERT):
            known.unbound[number] = (resource.name, put.scope, members)
        return
    name = (resource.name, put.scope, key)
    old = known.memory.find(name)
    if not resource.singleton:
        told = put.members.get(resource.key, UNKNOWN)
        members[resource.key] = shown.get(resource.key, value) if told is UNKNOWN else told
    if is_own:
        told_here = known.told_members(resource) - members.keys()
        members |= {each: shown[each] for each in sorted(told_here & shown.keys())}
    is_new = old is None and put.seen == 0 and _is_made(name, seen, known)
    known.left[name] = _left(old.members if old is not None else {}, members)
    known.doubted.discard(name)
    known.tried.pop(name, None)
    known.memory.apply([replace(put, key=key, members=members)])
    if is_new and is_own:
        known.foreign.discard(name)
        is_unique = put.key is UNKNOWN or key in known.drawn
        known.made[number] = Made(name, members.get(resource.key, value), is_unique)
    writer = Writer(operation.label, seen.action.verb)
    prose = _prose(seen)
    writers = known.writers.setdefault(name, {})
    for member, item in members.items():
        if old is None or not same(old.members.get(member, UNKNOWN), item):
            writers[member] = replace(writer, is_prose=prose is not None and _holds(item, prose))
    writers[""] = writer


def _is_made(name: Name, seen: Seen, known: Knowledge) -> bool:
    """Whether a record is certainly new, and not somebody else's that was there before."""
    if seen.action.verb is not Verb.UPSERT or seen.status == 201:
        return True
    return known.is_absent(name) or name[2] in known.drawn


def _bind(name: Name, resource: Resource, shown: Mapping[str, Json], known: Knowledge) -> None:
    """What was read is known from now on: of what was open."""
    record = known.memory.find(name)
    if record is None:
        if name not in known.doubted and not resource.singleton:
            return
        members: Mapping[str, Json] = known.hazy(resource, name[2]).members
    else:
        members = record.members
    jobs = resource.job
    told = {jobs.status, jobs.progress, jobs.until, *jobs.hidden} if jobs is not None else set()
    fresh = {
        each: bind(value, shown[each])
        for each, value in members.items()
        if each in shown and each not in told and each not in resource.derived and not is_known(value)
    }
    if record is None or fresh:
        known.doubted.discard(name)
        known.memory.set_members(name, {**members, **fresh})


def _of_read(name: Name, known: Knowledge) -> Iterator[str]:
    """The claims that reading a record is a test of."""
    writers = known.writers.get(name, {})
    if name in known.tried:
        yield claimed.REFUSED_UNCHANGED.id
    for writer in set(writers.values()):
        if writer.is_prose:
            yield claimed.STREAM_TEXT_STORED.id
        yield (claimed.READ_AFTER_WRITE if writer.verb is Verb.CREATE else claimed.UPDATE_PERSISTED).id
    if writers:
        yield claimed.MADE_IS_FOUND.id


def _left(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, Json]:
    """What a change took away, as it was."""
    left: dict[str, Json] = {}
    for name, value in old.items():
        if name not in new:
            left[name] = value
        elif isinstance(value, Mapping) and isinstance(new[name], Mapping):
            inside = _left(value, new[name])
            if inside:
                left[name] = inside
    return left


def _prose(seen: Seen) -> str | None:
    return seen.joined


def _holds(value: Json, text: str) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(item, text) for item in value.values())
    if isinstance(value, list):
        return any(_holds(item, text) for item in value)
    return bool(text) and value == text


def _key_in(location: str | None) -> Json:
    """The key that a `Location` ends with; UNKNOWN without one."""
    last = urlsplit(location).path.rstrip("/").rpartition("/")[2] if location else ""
    return unquote(last) if last else UNKNOWN
