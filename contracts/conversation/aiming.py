"""Which records a request is about: in which scope, by which key, and now and then where they aren't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias, final

from understudy.contracts.conversation.filling import Filler
from understudy.contracts.conversation.knowledge import Knowledge, Made
from understudy.contracts.conversation.moves import Slot, scope_slots, slot_of
from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.behaviour.memory import Name
from understudy.specs.documents.document import Json
from understudy.specs.model import Operation

__all__ = ["Aim", "Aimer"]

Aim: TypeAlias = tuple[dict[Slot, Json], dict[Slot, int], int]
"""What goes into which slot, as a value or as the number of the move that made it; and the caller."""


@final
@dataclass
class Aimer:
    """Chooses what a request is about.

    Attributes:
        callers: How many there are.
        callers_of: Who made what, by the number of the move.
    """

    random: Random
    filler: Filler
    callers: int
    callers_of: dict[int, int] = field(default_factory=dict)

    def aim(self, action: Action, known: Knowledge, about: int | None, astray: bool | None = None) -> Aim | None:
        """The scope of a request: a record's, or one in which something is to be made or listed.

        Args:
            about: The move that made the record, or one to which it belongs or is to belong; None chooses.
            astray: Whether it is sought where it isn't; None leaves it to chance, as far as the request names a record.

        Returns:
            None where there is nothing to aim at.
        """
        resource = action.resource
        slots = list(scope_slots(resource))
        made = known.made.get(about) if about is not None else None
        if made is None and slot_of(action.key) is not None and action.verb is not Verb.CREATE:
            numbers = [each for each, found in known.made.items() if found.name[0] == resource.name]
            alive = [each for each, _ in known.alive(resource.name)]
            if action.verb is Verb.DELETE:
                # With what belongs to it there is more to see.
                owners = [each for each in alive if known.memory.below(known.made[each].name)]
                alive = owners if owners and self.random.random() < 0.7 else alive
            pool = alive if alive and self.random.random() < 0.8 else numbers
            about = self.random.choice(pool) if pool else None
            made = known.made.get(about) if about is not None else None
        constants: dict[Slot, Json] = {}
        refs: dict[Slot, int] = {}
        caller = self.callers_of.get(about, 0) if about is not None else self.random.randrange(self.callers)
        if made is not None and made.name[0] == resource.name:
            if about is not None and action.verb not in (Verb.LIST, Verb.CREATE, Verb.CLEAR):
                slot = slot_of(action.key)
                if slot is not None:
                    refs[slot] = about
            scope = made.name[1]
        elif made is not None and resource.parent is not None and made.name[0] == resource.parent.resource.name:
            scope = (*made.name[1], made.name[2], *(self._tenant(slot_of(value)) for value in resource.scope))
        else:
            scopes = [each.name[1] for _, each in known.alive(resource.name)]
            is_known = action.verb is Verb.LIST and scopes and self.random.random() < 0.8
            found = self.random.choice(scopes) if is_known else self._scope(resource, known)
            if found is None:
                return None
            scope = found
        for index, (slot, owner) in enumerate(slots):
            if slot is None or index >= len(scope):
                continue
            if owner is not None:
                holder = _number_of((owner.name, scope[:index], scope[index]), known.made)
                if holder is not None:
                    refs[slot] = holder
                    continue
            constants[slot] = scope[index]
        if astray is None:
            astray = slot_of(action.key) in refs and self.random.random() < 0.12
        if astray:
            caller = self._as_another(slots, constants, refs, known, caller)
        return constants, refs, caller

    def _scope(self, resource: Resource, known: Knowledge) -> tuple[str, ...] | None:
        """A scope to make or list something in; None where what it would belong to isn't there."""
        scope: tuple[str, ...] = ()
        if resource.parent is not None:
            above = resource.parent.resource
            if above.singleton:
                found = self._scope(above, known)
                if found is None:
                    return None
                scope = (*found, self._tenant(slot_of(resource.parent.key)))
            else:
                alive = [made for _, made in known.alive(above.name)]
                if not alive:
                    return None
                chosen = self.random.choice(alive).name
                scope = (*chosen[1], chosen[2])
        return (*scope, *(self._tenant(slot_of(value)) for value in resource.scope))

    def _tenant(self, slot: Slot | None) -> str:
        """The text of a tenant's name: mostly the first."""
        if slot is None or slot.location is None:
            return ""
        return self.filler.tenants(slot)[0 if self.random.random() < 0.75 else -1]

    def _as_another(
        self,
        slots: Sequence[tuple[Slot | None, Resource | None]],
        constants: dict[Slot, Json],
        refs: dict[Slot, int],
        known: Knowledge,
        caller: int,
    ) -> int:
        """Ask for the record where it isn't: for another tenant, below another owner, as another caller."""
        for slot, owner in self.random.sample(slots, len(slots)):
            if slot is None:
                continue
            if owner is None and slot in constants:
                others = (
                    [each for each in self.filler.tenants(slot) if each != constants[slot]] if slot.location else []
                )
                if others:
                    constants[slot] = others[0]
                    return caller
            elif owner is not None and slot in refs:
                place = known.made[refs[slot]].name[1]
                alive = known.alive(owner.name)
                rivals = [number for number, made in alive if number != refs[slot] and made.name[1] == place]
                if rivals:
                    refs[slot] = self.random.choice(rivals)
                    return caller
        return (caller + 1) % self.callers

    def name_record(
        self,
        operation: Operation,
        action: Action,
        known: Knowledge,
        about: int | None,
        constants: dict[Slot, Json],
        refs: dict[Slot, int],
        made_up: list[str],
        drawn: list[str],
        *,
        nobodys: bool = False,
    ) -> bool:
        """Name the record in the request, where it isn't named yet; False where there is none to name.

        Args:
            nobodys: Always by a key that no record has.
        """
        slot = slot_of(action.key)
        if slot is None or slot in refs:
            if slot is not None and (nobodys or (self.random.random() < 0.08 and about is None)):
                key = self.filler.nobodys_key(operation, slot)
                if key is not None:
                    del refs[slot]
                    constants[slot] = key
                    made_up.append(str(key))
            return True
        if action.verb in (Verb.CREATE, Verb.UPSERT):
            key = self.filler.nobodys_key(operation, slot) if action.verb is Verb.CREATE else None
            if key is not None:
                constants[slot] = key
                drawn.append(str(key))
            return True
        if action.optional or (action.verb is Verb.READ and action.resource.seed):
            return action.optional or slot.location is not None
        key = self.filler.nobodys_key(operation, slot) if self.random.random() < 0.1 else None
        if key is None:
            return False
        constants[slot] = key
        made_up.append(str(key))
        return True


def _number_of(name: Name, made: Mapping[int, Made]) -> int | None:
    return next((number for number, each in made.items() if each.name == name), None)
