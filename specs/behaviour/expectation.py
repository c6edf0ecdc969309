"""What an answer may look like: a tree of known and free parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, final

from understudy.specs.documents.document import Json
from understudy.specs.model import MediaType, Response
from understudy.specs.problems import ProblemKind
from understudy.specs.schemas.schema import Schema

__all__ = ["Expectation", "Free", "Items", "Joined", "Known", "Members", "Refusal", "ResponsePattern", "Shown"]


@final
@dataclass(frozen=True, slots=True)
class Known:
    """Equal to this value."""

    value: Json


@final
@dataclass(frozen=True, slots=True)
class Free:
    """Any value that the schema allows; None allows any value at all."""

    schema: Schema | None


@final
@dataclass(frozen=True, slots=True)
class Shown:
    """The value of a record's member, which may not be known yet: then what is seen binds it.

    Attributes:
        effect: Index of the effect that writes the record.
    """

    effect: int
    member: str


@final
@dataclass(frozen=True, slots=True)
class Members:
    """An object with at least these members; what else it has is free.

    Attributes:
        about: The record that the object shows: its resource, scope and key. What the record doesn't say of it is
            the same in every answer. Empty when it shows no record.
        schema: Of the object; None when it isn't known.
    """

    members: Mapping[str, Expectation]
    about: tuple[str, ...] = ()
    schema: Schema | None = None


@final
@dataclass(frozen=True, slots=True)
class Items:
    """An array with an item for each of these, in this order when ``ordered``.

    Attributes:
        exact: Nothing else is in it. False where others may own records in the same list.
    """

    items: tuple[Expectation, ...]
    exact: bool = True
    ordered: bool = True


@final
@dataclass(frozen=True, slots=True)
class Joined:
    """A stream whose text parts concatenate to this.

    Attributes:
        members: Pointer → what lies there in every item that has such a member; of an event, in its `data`.
    """

    text: Known | Shown | Free
    members: Mapping[str, Expectation] = field(default_factory=dict)


Expectation: TypeAlias = Known | Free | Shown | Members | Items | Joined


@final
class ResponsePattern(NamedTuple):
    """One legal answer.

    Attributes:
        response: The Response Object that describes it.
        statuses: The statuses it may have: one for an exact key, 200–299 for ``2XX``, any for ``default``.
        bodies: By media type in document order: what the body is, and for a sequential media type what each
            of its items is. Empty means that there is no body.
        headers: Name → value, where it is known.
    """

    response: Response
    statuses: range
    bodies: tuple[tuple[MediaType, Expectation], ...]
    headers: Mapping[str, Expectation] = MappingProxyType({})

    @property
    def status(self) -> int:
        """The status a server picks when it is free to: the lowest, but 200 for ``default``."""
        return 200 if self.response.status == "default" else self.statuses[0]


@final
@dataclass(frozen=True, slots=True)
class Refusal:
    """The legal answer is a problem of this kind."""

    kind: ProblemKind
    detail: str
