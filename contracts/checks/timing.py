"""Does a stream come while it is made, with signs of life, and end when it is over?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Final

from understudy.contracts.checking import NotJudged, check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation, may_stream
from understudy.contracts.stream_items import Role
from understudy.specs.model import Direction
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


STREAM_PINGS: Final = Claim(
    id="stream-pings-in-time",
    title="A stream that promises signs of life gives them",
    severity=Severity.MEDIUM,
    clause="https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes",
    documentation=(
        "Where the document says how often a ping comes, a stream is never silent for three times as long and a second "
        "more: proxies close connections that are. Without a declared pace no silence is wrong. A suspicion counts "
        "when it repeats."
    ),
    owner="checks.timing",
)

STREAM_CLOSED: Final = Claim(
    id="stream-closed-after-its-end",
    title="A stream that has said its last is closed",
    severity=Severity.MEDIUM,
    clause="https://spec.openapis.org/oas/v3.2.0.html#sequential-media-types",
    documentation=(
        "After the terminal item or the sentinel that the document names, the answer ends within two seconds. A server "
        "that leaves it open keeps a connection for each client that waits for the end. Counts when it repeats."
    ),
    owner="checks.timing",
)

PATIENCE_FACTOR: Final = 3.0
PATIENCE_MS: Final = 1000.0
CLOSED_WITHIN_MS: Final = 2000.0


def _ping_seconds(seen: Observation) -> float | None:
    """The declared pace, where the request doesn't ask for silence."""
    description = seen.media_type.stream if seen.media_type else None
    if description is None or description.ping is None:
        return None
    return None if description.ping.unless else description.ping.every_seconds


@check(
    STREAM_PINGS,
    applies_to=lambda seen: seen.stream is not None and bool(seen.answer.chunks) and _ping_seconds(seen) is not None,
    concerns=may_stream,
)
def stream_pings(seen: Observation) -> Iterator[Failure]:
    """``nothing came for 4.2 s; a ping is promised every 1 s``."""
    every = _ping_seconds(seen)
    assert every is not None
    times = [seen.answer.first_byte_ms, *(chunk.at_ms for chunk in seen.answer.chunks)]
    # What we didn't wait for, or what came after the last piece, is silence too.
    times.append(seen.answer.elapsed_ms)
    longest = max(after - before for before, after in pairwise(times))
    if times[-1] - times[0] <= every * 1000:
        raise NotJudged("the stream was over before a ping was due")
    if longest > PATIENCE_FACTOR * every * 1000 + PATIENCE_MS:
        message = f"nothing came for {longest / 1000:.1f} s; a ping is promised every {every:g} s"
        yield seen.failure(STREAM_PINGS, f"{seen.place} ping", message)


def _end_of(seen: Observation) -> float | None:
    """When the item came that the document names as the last, milliseconds after the request; None before it has."""
    description = seen.media_type.stream if seen.media_type else None
    if seen.stream is None or description is None or not seen.stream.entries:
        return None
    if description.sentinel is not None:
        found = [entry.at_ms for entry in seen.stream.entries if entry.role is Role.SENTINEL]
    elif description.last is not None:
        validator = description.last.validator(Direction.RESPONSE)
        found = [entry.at_ms for entry in seen.stream.items[-1:] if validator.is_valid(entry.value)]
    else:
        found = []
    return found[-1] if found else None


@check(STREAM_CLOSED, applies_to=lambda seen: _end_of(seen) is not None, concerns=may_stream)
def stream_closed(seen: Observation) -> Iterator[Failure]:
    """``open for 29.1 s after its last item``."""
    ended = _end_of(seen)
    assert ended is not None
    open_ms = seen.answer.elapsed_ms - ended
    if open_ms > CLOSED_WITHIN_MS:
        state = "ended" if seen.answer.complete else "was still open"
        message = f"the stream {state} {open_ms / 1000:.1f} s after its last item"
        yield seen.failure(STREAM_CLOSED, f"{seen.place} end", message)
    elif not seen.answer.complete:
        raise NotJudged("we stopped reading")


STREAM_GOES_ON: Final = Claim(
    id="stream-goes-on",
    title="A stream that has begun doesn't fall silent",
    severity=Severity.HIGH,
    clause="https://spec.openapis.org/oas/v3.2.0.html#sequential-media-types",
    documentation=(
        "Where the document names a stream's last item or a sentinel, a stream that hasn't come to it isn't silent for "
        "five seconds and fifty times as long as it was between two pieces before, until we stopped reading. Counts "
        "when it repeats."
    ),
    owner="checks.timing",
)

SILENT_MS: Final = 5_000.0
SILENT_FACTOR: Final = 50.0


def _has_end(seen: Observation) -> bool:
    description = seen.media_type.stream if seen.media_type and seen.stream else None
    return description is not None and (description.sentinel is not None or description.last is not None)


@check(STREAM_GOES_ON, applies_to=lambda seen: _has_end(seen) and len(seen.answer.chunks) > 1, concerns=may_stream)
def stream_goes_on(seen: Observation) -> Iterator[Failure]:
    """``nothing came for 9.9 s after 2 items``."""
    if seen.answer.complete or seen.is_broken or _end_of(seen) is not None:
        return
    times = [chunk.at_ms for chunk in seen.answer.chunks]
    silent = seen.answer.elapsed_ms - times[-1]
    if silent < max(SILENT_MS, SILENT_FACTOR * median(after - before for before, after in pairwise(times))):
        raise NotJudged("we stopped reading before the stream ended")
    items = len(seen.stream.items) if seen.stream else 0
    message = f"nothing came for {silent / 1000:.1f} s after {items} items, and the stream didn't end"
    yield seen.failure(STREAM_GOES_ON, f"{seen.place} silent", message)
