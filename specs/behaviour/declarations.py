"""What a document declares of behaviour, as VOCABULARY.md describes it: resources and actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import final

from understudy.specs.behaviour.jobs import Job
from understudy.specs.behaviour.values import Value
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Missing
from understudy.specs.pointers import JsonPointer
from understudy.specs.problems import ProblemKind
from understudy.specs.schemas.schema import Schema

__all__ = [
    "Action",
    "Credential",
    "Needs",
    "Order",
    "Page",
    "Parent",
    "Reading",
    "Requirement",
    "Resource",
    "Taken",
    "Verb",
]

Order = tuple[tuple[str, bool], ...]
"""Members to order by, each with whether it falls; empty is the order of creation."""


class Verb(Enum):
    """What an action does with its resource."""

    CREATE = "create"
    READ = "read"
    LIST = "list"
    UPDATE = "update"
    MERGE = "merge"
    REPLACE = "replace"
    UPSERT = "upsert"
    DELETE = "delete"
    CLEAR = "clear"


@final
@dataclass(frozen=True, slots=True)
class Parent:
    """The resource whose records this one's records belong to; they are gone when it is."""

    resource: Resource
    key: Value


@final
@dataclass(frozen=True, slots=True)
class Credential:
    """Which credentials a resource's records are.

    Attributes:
        member: The member that is one.
        prefix: What they begin with: a credential that does and is no record's isn't good. Empty is any.
    """

    member: str
    prefix: str = ""


@final
@dataclass(frozen=True, slots=True)
class Resource:
    """A type of records.

    Attributes:
        key: The member that identifies a record in its scope.
        schema: What a whole record looks like; None when only messages say.
        key_schema: What a key that the server gives must be besides; None when the member's schema is enough.
        scope: Values that partition the records: equal values, same partition.
        singleton: There is exactly one record in each scope; it needs no key and no create.
        expires: The member that holds the time at which a record is gone; None when none expires.
        defaults: Member → value of a new record, evaluated when it is made, in this order.
        job: How its records move by themselves; None when they stay as they are written.
        derived: Member → value computed from the record whenever it is shown.
        credential: Which credentials the records are; None when they are none.
        seed: Records that are there from the start.
        seed_scope: The one scope that they are in; None is every scope.
    """

    name: str
    key: str
    schema: Schema | None = None
    key_schema: Schema | None = None
    scope: tuple[Value, ...] = ()
    parent: Parent | None = None
    singleton: bool = False
    expires: str | None = None
    order: Order = ()
    defaults: Mapping[str, Value] = field(default_factory=dict)
    job: Job | None = None
    derived: Mapping[str, Value] = field(default_factory=dict)
    credential: Credential | None = None
    seed: Sequence[Mapping[str, Json]] = ()
    seed_scope: tuple[str, ...] | None = None


class Needs(Enum):
    """What has to be known to tell whether a requirement holds."""

    REQUEST = "request"
    """Nothing but the request: by the document's letter it is part of what a valid one is."""
    RECORDS = "records"
    """What the action reads besides."""
    RECORD = "record"
    """The record, or the item, at hand."""


@final
@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition on the record and the request; the problem that is raised when it doesn't hold.

    Attributes:
        needs: What it is told by. What needs no record at hand comes before all else.
    """

    rule: Value
    problem: ProblemKind
    detail: str
    needs: Needs


@final
@dataclass(frozen=True, slots=True)
class Page:
    """How a list is cut. A value that isn't sent is absent: then ``default_limit``, or all."""

    limit: Value | None
    offset: Value | None
    default_limit: int | None


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """Something else that an action's expressions see under a name: one record by key, or all of a resource.

    Attributes:
        of: Keys of the parents whose records these are; None is the one that the request names.
        members: What is seen of each record; None is all.
        is_of_record: Whether the record at hand tells the key, itself or by what is read before: then it is read
            for each record anew.
    """

    resource: Resource
    key: Value | None
    of: Value | None = None
    members: tuple[str, ...] | None = None
    is_of_record: bool = False


@final
@dataclass(frozen=True, slots=True)
class Taken:
    """A member of the record that clients write.

    Attributes:
        schema: What it may be: another value isn't taken; None takes any.
        optional: A record may be without it, and is when it is made or replaced without it.
        default: What it then is instead; MISSING gives none.
    """

    schema: Schema | None = None
    optional: bool = False
    default: Json | Missing = MISSING


@final
@dataclass(frozen=True, slots=True)
class Action:
    """What an operation does.

    Attributes:
        key: Which record; None for lists, singletons and keys that the server gives.
        find: Member → value, instead of a key: the record of which all are true. Empty where it isn't found so.
        each: A list: the action is done once for every item of it, which expressions see. None is once.
        of: Of a list, the keys of the parents whose records it is about; None is the one that the request names.
        schema: What a whole record that it makes looks like; None leaves it to the resource.
        optional: Without a key nothing is read or changed, and that is fine.
        body: Where in the request body the record's members lie; None when it has none.
        rename: Member of a message → member of the record, both ways.
        set: Member → its new value. ``append``: member → items to put at its end. ``add``: member → number.
        derived: Member → value that every record has in this action, besides those of its resource.
        where: Which records a list or a clear is about; ``record`` is each in turn. None is all.
        items: Where in the response body a list's items, or the record's members, lie; None is the root.
        answer: Member of the response body → value, besides the members of equal name.
        headers: Response header as documented → value; left out where the response documents no such header.
        takes: The record's members that clients write; None is whatever they send.
        shows: The record's members that answers show; None is all that the response's schema has.
        reading: Name → what else expressions see.
        let: Name → value that the expressions after it see, evaluated in this order.
        text: The prose of the answer; None leaves it to the server.
        also: Further actions, done together with this one.
        makes_anew: Of a create: no conflict is documented with a record that is there.
    """

    verb: Verb
    resource: Resource
    key: Value | None = None
    find: Mapping[str, Value] = field(default_factory=dict)
    each: Value | None = None
    of: Value | None = None
    schema: Schema | None = None
    optional: bool = False
    body: JsonPointer | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    set: Mapping[str, Value] = field(default_factory=dict)
    append: Mapping[str, Value] = field(default_factory=dict)
    add: Mapping[str, Value] = field(default_factory=dict)
    require: tuple[Requirement, ...] = ()
    derived: Mapping[str, Value] = field(default_factory=dict)
    where: Value | None = None
    order: Order = ()
    page: Page | None = None
    items: JsonPointer | None = None
    answer: Mapping[str, Value] = field(default_factory=dict)
    headers: Mapping[str, Value] = field(default_factory=dict)
    takes: Mapping[str, Taken] | None = None
    shows: frozenset[str] | None = None
    reading: Mapping[str, Reading] = field(default_factory=dict)
    let: Mapping[str, Value] = field(default_factory=dict)
    text: Value | None = None
    also: tuple[Action, ...] = ()
    makes_anew: bool = False
