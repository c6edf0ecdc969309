"""Does a stream come while it is made, or all at once when it is done?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import NotJudged, check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation, may_stream
from understudy.specs.wire.media_types import Kind

STREAM_INCREMENTAL: Final = Claim(
    id="stream-incremental",
    title="Events are sent when they happen, not all at the end",
    severity=Severity.HIGH,
    clause="https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro",
    documentation=(
        "The events of a stream arrive one after the other. A stream with `Content-Length`, or one of which every "
        "event arrives in the same moment after a wait, was put together first and sent at once: a proxy or a "
        "framework buffers it. A server that answers too fast to tell is not judged. A suspicion counts when it "
        "repeats."
    ),
    owner="checks.timing",
)

MIN_ITEMS: Final = 3
"""With fewer events there is nothing to see."""

ONE_MOMENT_MS: Final = 2.0
"""Events that arrive within this time of each other arrive together."""

MIN_WAIT_MS: Final = 40.0
"""A wait for the first event that is shorter may be all the work there was."""


@check(
    STREAM_INCREMENTAL,
    applies_to=lambda seen: seen.kind is Kind.SSE and seen.stream is not None and bool(seen.answer.chunks),
    concerns=may_stream,
)
def stream_incremental(seen: Observation) -> Iterator[Failure]:
    """``all 12 events came at once, 241 ms after the request``."""
    assert seen.stream is not None
    items = seen.stream.items
    if len(items) < MIN_ITEMS:
        raise NotJudged(f"fewer than {MIN_ITEMS} events")
    if not seen.stream.is_whole:
        raise NotJudged("we stopped reading before the stream ended")
    length = seen.answer.header("content-length")
    if length is not None:
        message = (
            f"the stream has Content-Length: {length}, so all {len(items)} events were there before the first was sent"
        )
        yield seen.failure(STREAM_INCREMENTAL, f"{seen.place} content-length", message)
        return
    if items[-1].at_ms - items[0].at_ms > ONE_MOMENT_MS:
        return
    if items[0].at_ms < MIN_WAIT_MS:
        raise NotJudged("answered too fast to tell")
    message = f"all {len(items)} events came at once, {items[0].at_ms:.0f} ms after the request"
    yield seen.failure(STREAM_INCREMENTAL, f"{seen.place} buffered", message)
