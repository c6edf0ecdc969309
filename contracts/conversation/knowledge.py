"""What a conversation has taught about the server's records: what is there, what isn't, and what can't be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from understudy.contracts.conversation.trust import Trust
from understudy.contracts.conversation.values import moment_of
from understudy.specs.behaviour import Query, Record
from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.behaviour.memory import Memory, Name, ancestors
from understudy.specs.behaviour.scenes import SINGLETON
from understudy.specs.behaviour.state import Scope
from understudy.specs.behaviour.values import UNKNOWN
from understudy.specs.documents.document import Json
from understudy.specs.model import MediaType, Operation

__all__ = ["Knowledge", "Made", "Writer", "actions_of"]

_MEMBER: Final = re.compile(r"\.(\w+)")
SURE_LENGTH: Final = 8
"""A shorter key, or a number, may be the same in two places by chance."""


@final
@dataclass(frozen=True, slots=True)
class Made:
    """A record that we made.

    Attributes:
        value: Its key as JSON has it.
        is_unique: No other record has that key, wherever it is: the server gave it, or it was drawn at random.
    """

    name: Name
    value: Json
    is_unique: bool = True


@final
@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a member last.

    Attributes:
        is_prose: The value came from the text of an answer.
    """

    label: str
    verb: Verb
    is_prose: bool = False


@final
class Knowledge:
    """What is known; nothing is known at the start.

    Attributes:
        made: What we made, by the number of the request that made it.
        doubted: Records of which it isn't known whether they are there.
        foreign: Records that others made, or that were there before us.
        whole: Scopes of which every record is known.
        clouded: Scopes in which there may be records that nobody told us of, though no one else has anything there.
        writers: Record → member → who wrote it.
        tried: Record → who tried in vain to change it, since it was written.
        left: Record → members that are gone since the last change, as they were.
        nobodys: Keys that we made up, and that no record has.
        drawn: Keys that we made up for records of ours.
        unbound: Records that were made without a word about their key, by the request's number.
        positions: List, scope and filter → key → at which place it was seen since the last change.
        told: List's label → what its last answer said besides its records: members with a text or a number.
        moves: Jobs as they were last seen, for `conversation.jobs`.
    """

    def __init__(self, trust: Trust) -> None:
        self.trust = trust
        self.memory = Memory(trust.resources)
        self.made: dict[int, Made] = {}
        self.doubted: set[Name] = set()
        self.foreign: set[Name] = set()
        self.whole: set[tuple[str, Scope]] = set()
        self.clouded: set[tuple[str, Scope]] = set()
        self.writers: dict[Name, dict[str, Writer]] = {}
        self.tried: dict[Name, str] = {}
        self.left: dict[Name, Mapping[str, Json]] = {}
        self.nobodys: set[str] = set()
        self.drawn: set[str] = set()
        self.unbound: dict[int, tuple[str, Scope, Mapping[str, Json]]] = {}
        self.positions: dict[tuple[str, Scope, tuple[tuple[str, str], ...]], dict[str, int]] = {}
        self.told: dict[str, Mapping[str, str | int]] = {}
        self.moves: dict[Name, tuple[str, float | None, Json]] = {}
        self._actions = [(label, each) for label, action in trust.actions.items() for each in actions_of(action)]
        self._written = {each.resource.name for _, each in self._actions if each.verb not in (Verb.READ, Verb.LIST)}
        self._names: dict[str, frozenset[str]] = {}
        self._told: dict[str, frozenset[str]] = {}

    def worlds(self, query: Query) -> tuple[Sequence[tuple[Record, ...]], bool]:
        """What a query may find, and whether it certainly finds nothing else."""
        return self.find(query), not self.is_open(query)

    def find(self, query: Query) -> Sequence[tuple[Record, ...]]:
        """What a query may find: the worlds that fit, the one that says least first."""
        resource = self.trust.resources[query.resource]
        if query.key is None:
            if query.resource not in self._written:
                return [self._seeds(resource, query.scope)]
            return [self.memory.records(query.resource, query.scope)]
        name = (query.resource, query.scope, query.key)
        record = self.memory.find(name)
        if record is not None and name not in self.doubted:
            return [(record,)]
        if record is None and self.is_absent(name):
            return [()]
        if resource.singleton:
            return [(self.hazy(resource, query.key),)]
        seeds = self._seeds(resource, query.scope) if query.resource not in self._written else ()
        seed = next((each for each in seeds if each.key == query.key), None)
        return [(seed,)] if seed is not None else [(self.hazy(resource, query.key),), ()]

    def ends(self, query: Query) -> Iterator[datetime]:
        """When what a query finds ends, as far as it does and as it is known."""
        member = self.trust.resources[query.resource].expires
        if member is not None:
            for record in (record for records in self.find(query) for record in records):
                end = moment_of(record.members.get(member))
                if end is not None:
                    yield end

    def is_open(self, query: Query) -> bool:
        """Whether there may be records that a query for all of them finds, and that we don't know."""
        is_all = query.key is None and query.resource in self._written
        is_whole = (query.resource, query.scope) in self.whole or self.is_ours_alone(query.resource, query.scope)
        return is_all and not is_whole

    def is_absent(self, name: Name) -> bool:
        """Whether a record is certainly not there."""
        resource, scope, key = name
        if name in self.doubted or self.trust.resources[resource].singleton:
            return False
        if self.memory.find_end(name) is not None or key in self.nobodys:
            return True
        return self.is_ours_alone(resource, scope) or self.find_elsewhere(name) is not None

    def is_ours_alone(self, resource: str, scope: Scope) -> bool:
        """Whether a scope lies in a record that we made, so that all that is there is ours and known."""
        above = ancestors(self.trust.resources[resource])
        is_ours = any(self._owner(each, scope) is not None for each in above)
        return is_ours and (resource, scope) not in self.clouded

    def find_elsewhere(self, name: Name) -> Name | None:
        """A record of ours with the same resource and key in another scope, where that is no chance."""
        resource, scope, key = name
        for each in self.made.values():
            is_same = (each.name[0], each.name[2]) == (resource, key) and each.name[1] != scope
            if is_same and each.is_unique and is_sure(key):
                return each.name
        return None

    def hazy(self, resource: Resource, key: str) -> Record:
        """A record of which nothing is known but that it is there."""
        return Record(key, dict.fromkeys(self.member_names(resource), UNKNOWN), 1, 1)

    def member_names(self, resource: Resource) -> frozenset[str]:
        """Every member that a record may have, as far as the document names any."""
        if resource.name not in self._names:
            self._names[resource.name] = frozenset(self._find_names(resource))
        return self._names[resource.name]

    def told_members(self, resource: Resource) -> frozenset[str]:
        """The members of a record that lists are ordered, chosen or cut by: also those that the server gives count."""
        if resource.name not in self._told:
            found = {name for name, _ in resource.order}
            for _, action in self._actions:
                if action.resource.name == resource.name and action.verb is Verb.LIST:
                    found.update(name for name, _ in action.order)
                    sources = [action.where, *action.answer.values()]
                    found.update(*(_MEMBER.findall(str(each.source)) for each in sources if each is not None))
            moved = resource.job.moved if resource.job is not None else frozenset[str]()
            self._told[resource.name] = self.member_names(resource) & found - resource.derived.keys() - moved
        return self._told[resource.name]

    def certain_members(self, resource: Resource) -> frozenset[str]:
        """The members that every record has which is made by the operations of the document."""
        found: list[frozenset[str]] = []
        for _, action in self._actions:
            if action.resource.name == resource.name and action.verb in (Verb.CREATE, Verb.UPSERT):
                schema = action.schema or resource.schema
                required = schema.required() if schema is not None else frozenset[str]()
                found.append(required | frozenset(action.set))
        return frozenset.intersection(*found) if found else frozenset()

    def doubt(self, name: Name) -> None:
        """Whether a record is there, and what it has, isn't known any more."""
        resource, scope, _ = name
        for each in (name, *self.memory.below(name)):
            self.doubted.add(each)
            self.writers.pop(each, None)
            self.left.pop(each, None)
            self.moves.pop(each, None)
        self.memory.drop(name, None)
        self.cloud(resource, scope)

    def cloud(self, resource: str, scope: Scope) -> None:
        """There may be records in a scope of which nothing is known."""
        self.whole.discard((resource, scope))
        self.clouded.add((resource, scope))

    def clear_up(self, resource: str, scope: Scope) -> None:
        """Every record of a scope is known."""
        self.whole.add((resource, scope))
        self.clouded.discard((resource, scope))

    def alive(self, resource: str) -> Iterator[tuple[int, Made]]:
        """What we made and is certainly there, by the number of the request that made it."""
        for number, made in self.made.items():
            if made.name[0] == resource and self.memory.find(made.name) is not None:
                yield number, made

    def _owner(self, above: Resource, scope: Scope) -> Name | None:
        for made in self.made.values():
            resource, outer, key = made.name
            if resource == above.name and scope[: len(outer) + 1] == (*outer, key):
                return made.name
        return None

    def _seeds(self, resource: Resource, scope: Scope) -> tuple[Record, ...]:
        if resource.seed_scope is not None and resource.seed_scope != scope:
            return ()
        keys = [SINGLETON if resource.singleton else str(each.get(resource.key)) for each in resource.seed]
        return tuple(Record(key, each, 1, n) for n, (key, each) in enumerate(zip(keys, resource.seed, strict=True), 1))

    def _find_names(self, resource: Resource) -> Iterator[str]:
        yield from (resource.key, *resource.defaults, *resource.derived, *(name for name, _ in resource.order))
        if resource.schema is not None:
            yield from resource.schema.member_names()
        if resource.expires is not None:
            yield resource.expires
        for label, action in self._actions:
            if action.resource.name == resource.name:
                yield from (*action.set, *action.append, *action.add, *(action.takes or ()))
                answers = {name.lstrip("/") for name in action.answer}
                for name in _message_names(self.trust.api.operations_by_name[label], action):
                    if name not in answers:
                        yield name


def is_sure(key: str) -> bool:
    """Whether two records have the same key only if they are the same."""
    return len(key) >= SURE_LENGTH and not key.isdigit()


def actions_of(action: Action) -> Iterator[Action]:
    """An action and all that it also does."""
    yield action
    for other in action.also:
        yield from actions_of(other)


def _message_names(operation: Operation, action: Action) -> Iterator[str]:
    """The record's members that messages have: requests that bring them, and what reading it answers."""
    content: list[MediaType] = []
    if operation.request_body is not None and action.body == "":
        content += operation.request_body.content
    if action.verb is Verb.READ and not action.items:
        content += [each for response in operation.responses if response.is_success for each in response.content]
    for media_type in content:
        if media_type.schema is not None:
            for name in media_type.schema.member_names():
                yield action.rename.get(name, name)
