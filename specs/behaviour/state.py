"""What a step reads and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from understudy.specs.behaviour.expectation import ResponsePattern
from understudy.specs.document import Json
from understudy.specs.model import Missing, Operation

__all__ = ["NOTHING", "Effect", "Outcome", "Query", "Record", "Request", "Snapshot"]


@final
@dataclass(frozen=True, slots=True)
class Request:
    """A request as the document reads it: every part decoded.

    Attributes:
        path: Path parameters by name; likewise ``query``, ``header`` (names lower case) and ``cookie``.
        body: MISSING when none was sent.
        media_type: The body's, without parameters; empty when there is no body.
    """

    operation: Operation
    path: Mapping[str, Json]
    query: Mapping[str, Json]
    header: Mapping[str, Json]
    cookie: Mapping[str, Json]
    body: Json | Missing
    media_type: str


@final
@dataclass(frozen=True, slots=True)
class Query:
    """What must be known: a record by its key, or all records of a resource in a scope when the key is None."""

    resource: str
    scope: tuple[str, ...]
    key: str | None


@final
@dataclass(frozen=True, slots=True)
class Record:
    """A stored resource: its members, and the version that an effect on it depends on."""

    members: Mapping[str, Json]
    version: int


@final
@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the queries found: by query, records by key."""

    found: Mapping[Query, Mapping[str, Record]]


NOTHING: Final = Snapshot(MappingProxyType({}))
"""The snapshot of no queries."""


@final
@dataclass(frozen=True, slots=True)
class Effect:
    """A change: the record's new members, or None to delete it, if it still has the version seen (0: not there)."""

    query: Query
    members: Mapping[str, Json] | None
    version: int


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """One legal way to answer: what changes, all or nothing, and what the answer looks like."""

    effects: tuple[Effect, ...]
    pattern: ResponsePattern
