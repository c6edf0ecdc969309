"""What values see when they are evaluated, what they may cost, and how they fail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Final, NamedTuple, final

from understudy.specs.documents.document import Json

__all__ = ["UNKNOWN", "Scene", "TooMuchToSee", "Unknown", "ValueFailed", "Work", "rfc3339"]

MAX_WORK: Final = 10_000_000
"""Values that all expressions of one request see together: a few for each record of a list of a hundred thousand."""


@final
class Unknown(Enum):
    """The value that nobody has seen yet."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


class ValueFailed(Exception):
    """An expression could not be evaluated: says which, and why."""


@final
class TooMuchToSee(ValueFailed):
    """There are more records than expressions can look at for one request."""


@final
class Work:
    """What the expressions of one request have seen so far."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen = 0

    def add(self, values: int) -> None:
        """Count values that are looked at; raises `TooMuchToSee` beyond `MAX_WORK`."""
        self._seen += values
        if self._seen > MAX_WORK:
            raise TooMuchToSee(f"more than {MAX_WORK:,} values are to be looked at for one request")


class Scene(NamedTuple):
    """What expressions see.

    Attributes:
        request: Decoded: ``path``, ``query``, ``header``, ``cookie``, ``body`` (absent when not sent).
        names: Everything else by name: ``record``, ``records``, ``parent``, ``now``, ``credential``, ``text``, ….
        work: What has been seen for the request; None counts nothing.
    """

    request: Mapping[str, Json]
    names: Mapping[str, Json]
    work: Work | None = None

    def saying(self, **names: Json) -> Scene:
        """The same scene with more names."""
        return Scene(self.request, {**self.names, **names}, self.work)


def rfc3339(moment: datetime) -> str:
    """UTC with ``Z``; milliseconds only when there are any."""
    moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond >= 1000 else "seconds").replace("+00:00", "Z")
