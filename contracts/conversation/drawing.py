"""Draw the next move of a conversation: seeded, so that the same answers lead to the same conversation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from random import Random
from typing import Final, final

from understudy.contracts.conversation.aiming import Aimer
from understudy.contracts.conversation.filling import Filler, typed
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.moves import Move, Slot, put_at, slot_of, without_at
from understudy.contracts.conversation.querying import Places, Questions
from understudy.contracts.conversation.trust import Trust
from understudy.contracts.requests.composer import Composer, Uncomposable
from understudy.specs.behaviour.declarations import Action, Verb
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Location, Missing, Operation

__all__ = ["THEMES", "Drawer", "is_wider"]

MAX_ALIVE: Final = 6
"""Records of a resource in a conversation; more make it long without making it richer."""
MAX_TRIES: Final = 12
STALE: Final = 0.15
"""How often a change asks for another state of the record, where that is documented to be refused."""

_WEIGHTS: Final[Mapping[Verb, float]] = {
    Verb.CREATE: 3.0,
    Verb.READ: 2.0,
    Verb.LIST: 2.5,
    Verb.UPDATE: 2.0,
    Verb.MERGE: 2.0,
    Verb.REPLACE: 2.0,
    Verb.UPSERT: 1.5,
    Verb.DELETE: 1.2,
    Verb.CLEAR: 0.3,
}
_THEMES: Final[tuple[Mapping[Verb, float], ...]] = (
    {},
    {Verb.LIST: 4.0, Verb.CREATE: 1.5, Verb.DELETE: 0.3},
    {Verb.DELETE: 4.0, Verb.CREATE: 1.5, Verb.LIST: 0.5},
    {Verb.UPDATE: 3.0, Verb.MERGE: 3.0, Verb.REPLACE: 3.0, Verb.UPSERT: 3.0, Verb.DELETE: 0.3},
)
NO_STATE: Final = '"0-understudy"'
"""An entity tag that no record has."""
THEMES: Final = len(_THEMES)
"""What conversations are about, in turn: one that does everything evenly comes to nothing rare."""


def is_wider(action: Action) -> bool:
    """Whether an action writes to what may be somebody else's: not to a record that we made."""
    if action.verb is Verb.CLEAR:
        return True
    is_write = action.verb not in (Verb.READ, Verb.LIST, Verb.CREATE)
    return is_write and (action.resource.singleton or slot_of(action.key) is None)


@final
@dataclass
class Drawer:
    """Draws moves.

    Args:
        operations: Those that may be used; they have actions.
        key: Decides made-up values.
        callers: How many credentials there are.
        may_widen: Whether what isn't ours may be written to.
        theme: Of `_THEMES`, counted round.
        focus: The resource that it is mostly about; empty for all.
    """

    trust: Trust
    operations: Sequence[Operation]
    random: Random
    key: str
    callers: int
    may_widen: bool
    theme: int = 0
    focus: str = ""
    _next: list[tuple[str, int, Verb]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    @cached_property
    def _filler(self) -> Filler:
        return Filler(self.trust.api, self.random, self.key)

    @cached_property
    def _aimer(self) -> Aimer:
        return Aimer(self.random, self._filler, self.callers)

    @cached_property
    def questions(self) -> Questions:
        """What lists are asked for."""
        return Questions(self.random, self._filler.value)

    def draw(self, known: Knowledge) -> Move | None:
        """The next move; None where nothing can be done."""
        while self._next:
            resource, about, verb = self._next.pop(0)
            for operation in self.matching(resource, (verb,)):
                move = self.build(operation, known, about)
                if move is not None:
                    return move
        for _ in range(MAX_TRIES):
            weights = [self._weight(operation, known) for operation in self.operations]
            if not any(weights):
                return None
            operation = self.random.choices(self.operations, weights)[0]
            move = self.build(operation, known)
            if move is not None:
                self._follow(move, known)
                return move
        return None

    def finish(self, known: Knowledge) -> None:
        """Let a record be deleted next, and looked at before and after it: one to which others belong, if there is."""
        alive = [number for number, made in known.made.items() if known.memory.find(made.name) is not None]
        self.random.shuffle(alive)
        alive.sort(key=lambda number: not known.memory.below(known.made[number].name))
        for number in alive[:1]:
            name = known.made[number].name
            inside = known.memory.below(name)
            looked = [each for each, made in known.made.items() if made.name in inside][:1] or [number]
            looks = [(known.made[each].name[0], each, Verb.READ) for each in looked]
            self._next = [*looks, (name[0], number, Verb.DELETE), *looks, (name[0], number, Verb.LIST)]
            self._next.append((name[0], number, Verb.DELETE))

    def matching(self, resource: str, verbs: Collection[Verb]) -> list[Operation]:
        """The operations that do one of these with a resource, in any order."""
        actions = [(each, _action(each)) for each in self.operations]
        found = [
            each
            for each, action in actions
            if action.resource.name == resource and action.verb in verbs and (self.may_widen or not is_wider(action))
        ]
        return self.random.sample(found, len(found))

    def _weight(self, operation: Operation, known: Knowledge) -> float:
        action = _action(operation)
        weight = _WEIGHTS[action.verb] * _THEMES[self.theme % len(_THEMES)].get(action.verb, 1.0)
        if self.focus and action.resource.name != self.focus:
            weight *= 0.15
        if is_wider(action) and not self.may_widen:
            return 0.0
        if action.verb is Verb.CREATE:
            alive = sum(1 for _ in known.alive(action.resource.name))
            weight *= 2.0 if alive == 0 else 1.0 if alive < MAX_ALIVE else 0.0
        if any(media_type.stream is not None for each in operation.responses for media_type in each.content):
            weight *= 0.5
        return weight

    def _follow(self, move: Move, known: Knowledge) -> None:
        """What is written is looked at soon, more often than not."""
        action = _action(move.operation)
        if action.verb in (Verb.READ, Verb.LIST) or self.random.random() < 0.3:
            return
        about = next((number for slot, number in move.refs if slot == slot_of(action.key)), move.number)
        looks = (Verb.READ, Verb.READ, Verb.LIST)
        self._next.append((action.resource.name, about, self.random.choice(looks)))
        for other in action.also:
            numbers = [number for slot, number in move.refs if slot == slot_of(other.key)]
            self._next += [(other.resource.name, number, self.random.choice(looks)) for number in numbers]
        if action.verb is Verb.DELETE and about in known.made:
            orphans = known.memory.below(known.made[about].name)
            numbers = [number for number, made in known.made.items() if made.name in orphans]
            self._next += [(known.made[number].name[0], number, Verb.READ) for number in numbers[:2]]
            if self.random.random() < 0.4:
                self._next.append((action.resource.name, about, Verb.DELETE))

    def build(
        self,
        operation: Operation,
        known: Knowledge,
        about: int | None = None,
        *,
        plain: bool = False,
        astray: bool | None = None,
        nobodys: bool = False,
        queries: Places | None = None,
    ) -> Move | None:
        """A move with an operation; None where there is nothing that it could be done with.

        Args:
            about: The move that made the record it is about, or a record to which that belongs; None takes any.
            plain: Without filters and pages.
            astray: Whether the record is sought where it isn't; None leaves it to chance.
            nobodys: Whether it is named by a key that no record has.
            queries: Filters and pages; None leaves them to chance.
        """
        number, action = next(self._numbers), _action(operation)
        composer = Composer(operation, f"{self.key}/{number}")
        try:
            draft = composer.draft()
        except Uncomposable:
            return None
        values = dict(draft.values)
        media_type, body = self._filler.body(operation, number)
        aim = self._aimer.aim(action, known, about, astray)
        if aim is None:
            return None
        constants, refs, caller = aim
        made_up: list[str] = []
        drawn: list[str] = []
        if not self._aimer.name_record(
            operation, action, known, about, constants, refs, made_up, drawn, nobodys=nobodys
        ):
            return None
        for other in action.also:
            slot = slot_of(other.key)
            if slot is None:
                continue
            alive = [each for each, _ in known.alive(other.resource.name)]
            if other.optional and (not alive or self.random.random() < 0.4):
                values, body = _without(values, body, slot)
            elif alive:
                refs[slot] = self.random.choice(alive)
            else:
                return None
        if queries is not None:
            values |= queries
        elif not plain and (about is None or action.verb is Verb.LIST):
            values |= self.questions.some(operation, action, known)
        if about is not None and self.random.random() < STALE:
            values |= _stale(operation)
        for slot, value in constants.items():
            if slot.location is None:
                body = put_at(body, slot.name, value)
            else:
                values[slot.location, slot.name] = typed(operation, slot, value)
        if action.optional and slot_of(action.key) is not None and slot_of(action.key) not in refs:
            slot = slot_of(action.key)
            assert slot is not None
            values, body = _without(values, body, slot)
        known_body = body if media_type is not None else MISSING
        move = Move(
            number,
            operation,
            caller,
            values,
            media_type,
            known_body,
            tuple(refs.items()),
            tuple(made_up),
            drawn=tuple(drawn),
        )
        self._aimer.callers_of[number] = caller
        return move


def _action(operation: Operation) -> Action:
    assert operation.action is not None
    return operation.action


def _stale(operation: Operation) -> dict[tuple[Location, str], Json]:
    """What asks for a state that no record has had; nothing where no refusal of it is documented."""
    is_refused = any(response.status == "412" for response in operation.responses)
    names = [each for each in operation.parameters if each.name.lower() == "if-match" and is_refused]
    return {(each.location, each.name): NO_STATE for each in names}


def _without(
    values: dict[tuple[Location, str], Json], body: Json | Missing, slot: Slot
) -> tuple[dict[tuple[Location, str], Json], Json | Missing]:
    if slot.location is None:
        return values, without_at(body, slot.name)
    return {place: each for place, each in values.items() if place != (slot.location, slot.name)}, body
