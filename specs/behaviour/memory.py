"""Records in memory, as effects leave them: what somebody knows who only watches.

It knows no limits and no seeds, and it remembers what is gone and why. The stores of a server have versions to guard
against each other; whoever watches one conversation needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias, final

from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.state import Clear, Effect, Put, Record, Scope

__all__ = ["End", "Memory", "Name", "ancestors"]

Name: TypeAlias = tuple[str, Scope, str]
"""A record by its resource, its scope and its key."""


class End(Enum):
    """Why a record is gone."""

    DELETED = "deleted"
    CASCADE = "what it belonged to was deleted"


@final
@dataclass
class Memory:
    """Records by resource and scope, in the order in which they were made.

    Args:
        resources: By name; their parents say what goes with what.
    """

    resources: Mapping[str, Resource]
    _records: dict[tuple[str, Scope], dict[str, Record]] = field(default_factory=dict)
    _gone: dict[Name, End] = field(default_factory=dict)
    _made: int = 0

    def find(self, name: Name) -> Record | None:
        """A record that is known to be there."""
        resource, scope, key = name
        return self._records.get((resource, scope), {}).get(key)

    def find_end(self, name: Name) -> End | None:
        """Why a record is known not to be there any more; None where that isn't known."""
        return self._gone.get(name)

    def records(self, resource: str, scope: Scope) -> tuple[Record, ...]:
        """Every record known in a scope."""
        return tuple(self._records.get((resource, scope), {}).values())

    def names(self) -> Iterator[Name]:
        """Every record known, in no order that matters."""
        for (resource, scope), records in self._records.items():
            for key in records:
                yield resource, scope, key

    def apply(self, effects: Sequence[Effect]) -> None:
        """Make the changes. A `Put` without a known key is nobody's, and left out."""
        for effect in effects:
            if isinstance(effect, Clear):
                for key in effect.seen:
                    self.drop((effect.resource.name, effect.scope, key), End.DELETED)
            else:
                self._put(effect)

    def drop(self, name: Name, end: End | None) -> None:
        """Forget a record and what belongs to it.

        Args:
            end: Why it is gone; None where it is only unknown whether it is there.
        """
        for each in (name, *self.below(name)):
            resource, scope, key = each
            self._records.get((resource, scope), {}).pop(key, None)
            if end is None:
                self._gone.pop(each, None)
            else:
                self._gone[each] = end if each == name else End.CASCADE

    def below(self, name: Name) -> tuple[Name, ...]:
        """The records that belong to a record, directly or not."""
        resource, scope, key = name
        owner = self.resources.get(resource)
        start = scope if owner is not None and owner.singleton else (*scope, key)
        found = []
        for below, inner in list(self._records):
            declared = self.resources.get(below)
            is_below = declared is not None and any(each.name == resource for each in ancestors(declared))
            if is_below and inner[: len(start)] == start:
                found += [(below, inner, each) for each in self._records[below, inner]]
        return tuple(found)

    def set_members(self, name: Name, members: Mapping[str, object]) -> None:
        """Say what a record is known to have; one that wasn't known is there from now on."""
        resource, scope, key = name
        held = self._records.setdefault((resource, scope), {})
        old = held.get(key)
        self._gone.pop(name, None)
        if old is None:
            self._made += 1
        held[key] = Record(key, members, old.version + 1 if old else 1, old.ordinal if old else self._made)

    def _put(self, put: Put) -> None:
        if isinstance(put.key, str):
            self.set_members((put.resource.name, put.scope, put.key), put.members)


def ancestors(resource: Resource) -> Iterable[Resource]:
    """What a resource's records belong to, the nearest first."""
    while resource.parent is not None:
        resource = resource.parent.resource
        yield resource
