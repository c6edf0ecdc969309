"""What the pipeline gives back: a whole answer, or one whose body is still to be streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, final

__all__ = ["NO_BODY_STATUSES", "Answer", "AnyAnswer", "Headers", "StreamedAnswer", "with_headers"]

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

NO_BODY_STATUSES: Final = frozenset({*range(100, 200), 204, 205, 304})
"""Answers that have no content (RFC 9110, sections 6.4.1 and 15.3.6)."""


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. The headers are complete but for `content-length`, which follows from the body."""

    status: int
    headers: Headers
    body: bytes


@final
@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """An answer whose body comes piece by piece.

    Attributes:
        pieces: Makes the body anew; each piece is sent when it comes and never held back.
    """

    status: int
    headers: Headers
    pieces: Callable[[], AsyncIterator[bytes]]


AnyAnswer: TypeAlias = Answer | StreamedAnswer


def with_headers(answer: AnyAnswer, headers: Headers) -> AnyAnswer:
    """The same answer with further headers."""
    return replace(answer, headers=(*answer.headers, *headers))
