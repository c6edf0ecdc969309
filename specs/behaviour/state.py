"""What a step reads and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, final

from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.expectation import Refusal, ResponsePattern
from understudy.specs.behaviour.values import Unknown
from understudy.specs.documents.document import Json
from understudy.specs.model import Missing, Operation

__all__ = [
    "DELETED",
    "NOTHING",
    "SEED_VERSION",
    "Clear",
    "Effect",
    "Outcome",
    "Put",
    "Query",
    "Record",
    "Request",
    "Scope",
    "Snapshot",
]

SEED_VERSION: Final = 1
"""Of a record that is there from the start, until it is changed; written records have higher ones."""

DELETED: Final = "(deleted)"
"""The only member of what is left in the store of a deleted record where others are assumed to be there."""

Scope = tuple[str, ...]
"""Values that partition a resource's records; the parents' keys are the last ones."""


@final
class Request(NamedTuple):
    """A request as the document reads it: every part decoded.

    Attributes:
        path: Path parameters by name; likewise ``query``, ``header`` (names lower case) and ``cookie``.
        body: MISSING when none was sent.
        media_type: The body's, without parameters; empty when there is no body.
        credential: What the caller authenticated with; empty when nothing.
    """

    operation: Operation
    path: Mapping[str, Json]
    query: Mapping[str, Json]
    header: Mapping[str, Json]
    cookie: Mapping[str, Json]
    body: Json | Missing
    media_type: str
    credential: str = ""


@final
class Query(NamedTuple):
    """What must be known: a record by its key, or all records of a resource in a scope when the key is None."""

    resource: str
    scope: Scope
    key: str | None


@final
class Record(NamedTuple):
    """A stored resource.

    Attributes:
        members: By name; UNKNOWN where the value hasn't been seen.
        version: Rises with each change; an effect names the one it depends on.
        ordinal: Which record of its resource and scope it was to be made, from 1.
    """

    key: str
    members: Mapping[str, Json]
    version: int
    ordinal: int


@final
@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the queries found: by query, records in the order they were made.

    Attributes:
        missed: Queries that were asked of it without being among them. Whoever steps and finds some here reads these
            as well and steps again: what is read may name what else is to be read.
        unsure: Queries of which it isn't known that they found all there is, or what there is: whoever watches a
            server doesn't know all its records. What is read by them is UNKNOWN.
        look: Finds what isn't among `found`, at the same moment; None where the store has to be asked for it.
    """

    found: Mapping[Query, tuple[Record, ...]]
    missed: set[Query] = field(default_factory=set, compare=False)
    unsure: Collection[Query] = ()
    look: Callable[[Query], tuple[Record, ...]] | None = None

    def records(self, query: Query) -> tuple[Record, ...]:
        """What a query found."""
        if self.look is not None:
            return self.look(query)
        found = self.found.get(query)
        if found is None:
            self.missed.add(query)
        return found or ()

    def find(self, query: Query) -> Record | None:
        """The one record of a query by key; None when it isn't there."""
        records = self.records(query)
        return records[0] if records else None


NOTHING: Final = Snapshot(MappingProxyType({}))
"""The snapshot of no queries."""


@final
@dataclass(frozen=True, slots=True)
class Put:
    """Write a record.

    Attributes:
        key: UNKNOWN when the server gives it.
        members: The whole record; UNKNOWN members are bound by the answer.
        seen: The version it must still have; 0 when it must not be there.
        needs: Records that must still be there with these versions: parents, for one.
    """

    resource: Resource
    scope: Scope
    key: str | Unknown
    members: Mapping[str, Json]
    seen: int
    needs: tuple[tuple[Query, int], ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Clear:
    """Delete records, with all that belongs to them.

    Attributes:
        seen: Key → the version it must still have.
    """

    resource: Resource
    scope: Scope
    seen: Mapping[str, int]


Effect = Put | Clear


@final
class Outcome(NamedTuple):
    """One legal way to answer: what changes, all or nothing, and what the answer looks like."""

    effects: tuple[Effect, ...]
    pattern: ResponsePattern | Refusal
