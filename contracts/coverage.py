"""What of an operation is reached: parameters and bodies in each form, statuses, media types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias, final

from understudy.contracts.case import Answer
from understudy.specs.wire.media_types import find_media_type

__all__ = ["BODY", "Form", "Forms", "Goals", "Input", "InputKey", "Reached", "ReachedTally", "merge_reached"]

BODY: Final = "body"
"""Where a body stands; parameters have the name of their `in`."""

MAX_MEDIA_TYPES: Final = 50
"""Pairs of status and media type that are told apart; a server may invent as many as it likes."""

TURNED_AWAY: Final = frozenset({401, 429})
"""Who is answered so hasn't come as far as the parameters."""

InputKey: TypeAlias = tuple[str, str]
"""Where an input stands and its name: ``("query", "limit")``, ``("body", "application/json")``."""


class Form(Enum):
    """How an input was sent."""

    VALID = "valid"
    INVALID = "invalid"
    LEFT_OUT = "leftOut"

    @property
    def word(self) -> str:
        """``valid``, ``invalid``, ``left out``."""
        return "left out" if self is Form.LEFT_OUT else self.value


Forms: TypeAlias = tuple[tuple[InputKey, Form], ...]
"""How the inputs of one request were sent, as far as that can be told."""


@final
@dataclass(frozen=True, slots=True)
class Input:
    """A parameter, or a body in one of its media types.

    Attributes:
        forms: Those in which it can be sent at all: no path goes without its parameters, some take any value.
    """

    key: InputKey
    required: bool
    forms: tuple[Form, ...]


@final
@dataclass(frozen=True, slots=True)
class Goals:
    """What there is to reach of an operation, beside its statuses.

    Attributes:
        media_types: Status as documented → the media types that it may have.
        beyond: Status as documented → why nothing that is sent can bring it about; the others can be.
    """

    inputs: tuple[Input, ...] = ()
    media_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beyond: Mapping[str, str] = field(default_factory=dict)


@final
@dataclass(frozen=True, slots=True)
class Reached:
    """What was reached.

    Attributes:
        inputs: Input and form → status → how many requests were answered so.
        media_types: Status and media type → number of answers.
    """

    inputs: Mapping[tuple[InputKey, Form], Mapping[int, int]] = field(default_factory=dict)
    media_types: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def has(self, key: InputKey, form: Form) -> bool:
        """Whether a request with this form of the input came further than the door."""
        return not TURNED_AWAY.issuperset(self.inputs.get((key, form), ()))


@final
class ReachedTally:
    """Counts what is reached; as large as the document's operation is, and no larger."""

    def __init__(self) -> None:
        self._inputs: dict[tuple[InputKey, Form], Counter[int]] = {}
        self._media_types: Counter[tuple[int, str]] = Counter()

    def add(self, forms: Forms, answer: Answer) -> None:
        """Count one exchange."""
        for each in forms:
            self._inputs.setdefault(each, Counter())[answer.status] += 1
        media_type = find_media_type(answer.header("content-type") or "")
        place = (answer.status, media_type.essence if media_type else "")
        if place[1] and (place in self._media_types or len(self._media_types) < MAX_MEDIA_TYPES):
            self._media_types[place] += 1

    def reached(self) -> Reached:
        """What was counted so far."""
        return Reached({place: dict(sorted(times.items())) for place, times in self._inputs.items()}, self._media_types)


def merge_reached(parts: Iterable[Reached]) -> Reached:
    """What several runs reached together."""
    inputs: dict[tuple[InputKey, Form], Counter[int]] = {}
    media_types: Counter[tuple[int, str]] = Counter()
    for part in parts:
        media_types.update(part.media_types)
        for place, times in part.inputs.items():
            inputs.setdefault(place, Counter()).update(times)
    return Reached({place: dict(sorted(times.items())) for place, times in inputs.items()}, media_types)
