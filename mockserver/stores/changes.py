"""Effects as a store applies them: what must hold first, and then the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from understudy.mockserver.stores.lineage import Lineage, Partition
from understudy.mockserver.stores.texts import check_text, written_members
from understudy.specs.behaviour.state import Clear, Effect, Put
from understudy.specs.documents.document import Json
from understudy.specs.wire.malformed import UncarriableValue

__all__ = ["Change", "Check", "Erase", "Write", "change_of"]


@final
@dataclass(frozen=True, slots=True)
class Check:
    """A record's version must be this one; 0: it must not be there."""

    partition: Partition
    key: str
    version: int


@final
@dataclass(frozen=True, slots=True)
class Write:
    """A record's members, as JSON text and as they are read from it."""

    partition: Partition
    key: str
    text: bytes
    members: Mapping[str, Json]


@final
@dataclass(frozen=True, slots=True)
class Erase:
    """Records go, with what belongs to them."""

    partition: Partition
    keys: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Change:
    """One commit.

    Attributes:
        checks: All about the state before the first step.
    """

    checks: tuple[Check, ...]
    steps: tuple[Write | Erase, ...]

    def last_writes(self) -> Mapping[tuple[Partition, str], Write]:
        """What is written to each record in the end."""
        return {(step.partition, step.key): step for step in self.steps if isinstance(step, Write)}

    def partitions(self) -> tuple[Partition, ...]:
        """Where something is written or erased, each once."""
        return tuple(dict.fromkeys(step.partition for step in self.steps))


def change_of(effects: Sequence[Effect], lineage: Lineage) -> Change:
    """What effects come to.

    Raises:
        UncarriableValue: A record that can't be kept, or a key that isn't known.
    """
    checks: list[Check] = []
    steps: list[Write | Erase] = []
    erased: list[Erase] = []
    for effect in effects:
        partition = (effect.resource.name, effect.scope)
        if isinstance(effect, Clear):
            check_text(*effect.scope, *effect.seen)
            checks += (Check(partition, key, version) for key, version in effect.seen.items())
            if effect.seen:
                erased.append(Erase(partition, tuple(effect.seen)))
                steps.append(erased[-1])
        else:
            write = _write(effect, partition)
            if effect.seen != 0 or not any(_erases(erase, write, lineage) for erase in erased):
                checks.append(Check(partition, write.key, effect.seen))
            for query, version in effect.needs:
                checks.append(Check((query.resource, query.scope), _known(query.key), version))
            steps.append(write)
    return Change(tuple(checks), tuple(steps))


def _write(put: Put, partition: Partition) -> Write:
    key = _known(put.key)
    check_text(*put.scope, key)
    return Write(partition, key, *written_members(put.members))


def _known(key: object) -> str:
    if not isinstance(key, str):
        raise UncarriableValue(f"the key of a record is {key!r}: a store needs to know it")
    return key


def _erases(erase: Erase, write: Write, lineage: Lineage) -> bool:
    """Whether the record that is written is deleted before, itself or with what it belongs to."""
    if erase.partition == write.partition:
        return write.key in erase.keys
    resource, scope = erase.partition
    owners = {owner for name, owner in lineage.owners(write.partition) if name == resource}
    return any(lineage.owned(resource, scope, key) in owners for key in erase.keys)
