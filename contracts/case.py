"""Cases, exchanges and what a live API answered."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum

__all__ = ["Answer", "Case", "Chunk", "Exchange", "Mode", "Phase"]


class Mode(Enum):
    """Whether the document allows the request."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class Phase(Enum):
    """Where cases come from, in the order they are run."""

    EXAMPLES = "examples"
    CONVERSATION = "conversation"
    PROBES = "probes"
    COVERAGE = "coverage"
    FUZZING = "fuzzing"
    LINKS = "links"
    LIMITS = "limits"
    REPLAY = "replay"
    TRAFFIC = "traffic"


@dataclass(frozen=True, slots=True)
class Case:
    """One request to send.

    Attributes:
        operation: Label of the operation meant, ``GET /pets/{petId}``.
        target: Path and query below the base URL, percent-encoded: ``/pets/7?limit=3``.
        headers: In sending order; credentials are in here and must never be shown.
        body: The exact octets; None when there is no body.
        note: What is special about this case, a few words: ``limit below its minimum``; empty when nothing is.
        waits: Whether it is sent again after a 429, when the target says.
        pause: Seconds to let pass before it is sent, where it shows something only then.
    """

    operation: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    mode: Mode
    phase: Phase
    note: str = ""
    waits: bool = True
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a body as it arrived: milliseconds after the request was sent, and its octets."""

    at_ms: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        body: Decoded from any content coding; cut at the transport's limit.
        chunks: The body in pieces with arrival times; empty when it was not read as a stream.
        elapsed_ms: From sending to the last octet.
        first_byte_ms: From sending to the first octet of the body or the end of the headers.
        complete: False when we stopped reading (limit, time) or the connection broke in the body.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed_ms: float
    first_byte_ms: float
    chunks: tuple[Chunk, ...] = ()
    complete: bool = True

    def header(self, name: str) -> str | None:
        """The first value of a header, None when absent. Names are compared without case."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def made_at(self) -> float | None:
        """When it was made by the server's own clock, in whole seconds since 1970; None where `Date` doesn't say."""
        try:
            return parsedate_to_datetime(self.header("date") or "").timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A case and what came back: an answer, or the reason why there is none."""

    case: Case
    answer: Answer | None
    error: str = ""
