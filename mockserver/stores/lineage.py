"""What belongs to what, and what is there from the start: the declared resources as a store needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, final

from understudy.mockserver.stores.texts import partition_text, written_members
from understudy.specs.behaviour import Record
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.scenes import SINGLETON, key_text
from understudy.specs.behaviour.state import SEED_VERSION, Scope
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError

__all__ = ["Lineage", "Partition", "Seed"]

Partition: TypeAlias = tuple[str, Scope]
"""A resource and a scope: records of equal partitions are listed together."""


@final
@dataclass(frozen=True, slots=True)
class Seed:
    """A record that is there from the start, and its members as JSON text."""

    record: Record
    text: bytes


@final
class Lineage:
    """The resources of a store.

    Args:
        resources: The declared ones; their parents count without being listed.

    Raises:
        UsageError: A seed record has no key, or the key of another one.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: dict[str, Resource] = {}
        for resource in resources:
            self.resources[resource.name] = resource
            for ancestor in _ancestors(resource):
                self.resources.setdefault(ancestor.name, ancestor)
        self._above: dict[str, tuple[tuple[str, int], ...]] = {}
        self._below: dict[str, tuple[str, ...]] = {}
        for name, resource in self.resources.items():
            self._above[name] = tuple((above.name, _reach(above)) for above in _ancestors(resource))
            for above in _ancestors(resource):
                self._below[above.name] = (*self._below.get(above.name, ()), name)
        self._seeds = {
            name: _seeds(resource) for name, resource in self.resources.items() if isinstance(resource.seed, tuple)
        }

    def seeds(self, partition: Partition) -> tuple[Seed, ...]:
        """The records that are there from the start in a partition, in order."""
        resource, scope = partition
        seeds = self._seeds.get(resource)
        if seeds is None:
            # What isn't declared is made when somebody looks at it.
            declared = self.resources.get(resource)
            seeds = self._seeds[resource] = _seeds(declared) if declared is not None else ()
        if not seeds:
            return seeds
        only = self.resources[resource].seed_scope
        return seeds if only is None or only == scope else ()

    def below(self, resource: str) -> tuple[str, ...]:
        """The resources whose records belong to this one's, directly or not."""
        return self._below.get(resource, ())

    def owners(self, partition: Partition) -> Iterator[Partition]:
        """For each resource above: its name, and the start of the scope that says which record owns the partition."""
        resource, scope = partition
        for above, reach in self._above.get(resource, ()):
            yield above, scope[:reach]

    def owned(self, resource: str, scope: Scope, key: str) -> Scope:
        """What the scope of all that belongs to a record begins with."""
        declared = self.resources.get(resource)
        # The one record of a singleton owns its whole scope, whatever its children call it.
        return scope if declared is not None and declared.singleton else (*scope, key)

    def owned_texts(self, resource: str, scope: Scope, key: str) -> Iterator[str]:
        """For each resource below: the partition text, without its end, of what belongs to a record."""
        start = self.owned(resource, scope, key)
        for below in self.below(resource):
            yield partition_text((below, start))[:-1]


def scope_length(resource: Resource) -> int:
    """How many values the scope of a resource's records has."""
    above = 0 if resource.parent is None else scope_length(resource.parent.resource) + 1
    return above + len(resource.scope)


def key_of(resource: Resource, members: Mapping[str, Json]) -> str | None:
    """The key that a record's members say; None when they don't."""
    if resource.singleton:
        return SINGLETON
    value = members.get(resource.key)
    return None if value is None else key_text(value)


def _ancestors(resource: Resource) -> Iterator[Resource]:
    while resource.parent is not None:
        resource = resource.parent.resource
        yield resource


def _reach(resource: Resource) -> int:
    return scope_length(resource) + (0 if resource.singleton else 1)


def _seeds(resource: Resource) -> tuple[Seed, ...]:
    seeds: dict[str, Seed] = {}
    for number, members in enumerate(resource.seed, start=1):
        key = key_of(resource, members)
        if key is None or key in seeds:
            allowed = "one record" if resource.singleton else f"records that each have a {resource.key!r} of their own"
            raise UsageError(f"seed of the resource {resource.name!r}", dict(members), allowed)
        text, kept = written_members(members)
        seeds[key] = Seed(Record(key, kept, SEED_VERSION, number), text)
    return tuple(seeds.values())
