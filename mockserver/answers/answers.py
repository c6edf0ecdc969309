"""What the pipeline gives back: a whole answer, or one whose body is still to be streamed."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias, final

from understudy.mockserver.answers.streaming import Heartbeat

__all__ = ["NO_BODY_STATUSES", "Answer", "AnyAnswer", "Headers", "StreamedAnswer"]

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]

NO_BODY_STATUSES: Final = frozenset({*range(100, 200), 204, 205, 304})
"""Answers that have no content (RFC 9110, sections 6.4.1 and 15.3.6)."""


@final
class Answer(NamedTuple):
    """A whole answer. The headers are complete but for `content-length`, which follows from the body."""

    status: int
    headers: Headers
    body: bytes

    @property
    def all_headers(self) -> Headers:
        """The headers with `content-length`, where the status lets the answer have one (RFC 9110, section 8.6)."""
        return (
            self.headers if self.status in (204, 304) else (*self.headers, (b"content-length", b"%d" % len(self.body)))
        )


@final
class StreamedAnswer(NamedTuple):
    """An answer whose body comes piece by piece, at the pace of the settings.

    Attributes:
        items: The pieces, each of which is sent by itself.
        heartbeat: What is sent when nothing else is; None for nothing.
        resumes: Whether a client that sends `Last-Event-ID` gets the events after that one.
    """

    status: int
    headers: Headers
    items: tuple[bytes, ...]
    heartbeat: Heartbeat | None
    resumes: bool = False


AnyAnswer: TypeAlias = Answer | StreamedAnswer
