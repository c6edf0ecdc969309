"""What an answer may look like: patterns with known and free parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from understudy.specs.document import Json
from understudy.specs.model import MediaType, Response
from understudy.specs.schema import Schema

__all__ = ["Expectation", "Free", "Known", "ResponsePattern"]


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


Expectation: TypeAlias = Known | Free


@final
@dataclass(frozen=True, slots=True)
class ResponsePattern:
    """One legal answer.

    Attributes:
        response: The Response Object that describes it.
        statuses: The statuses it may have: one for an exact key, 200–299 for ``2XX``, any for ``default``.
        bodies: By media type name in document order: what the body is, and for a sequential media type what each
            of its items is. Empty means that there is no body.
    """

    response: Response
    statuses: range
    bodies: tuple[tuple[MediaType, Expectation], ...]

    @property
    def status(self) -> int:
        """The status a server picks when it is free to: the lowest, but 200 for ``default``."""
        return 200 if self.response.status == "default" else self.statuses[0]
