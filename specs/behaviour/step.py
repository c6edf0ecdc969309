"""The executable model: what a request reads, and its legal outcomes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from understudy.specs.behaviour.expectation import Free, ResponsePattern
from understudy.specs.behaviour.state import Outcome, Query, Request, Snapshot
from understudy.specs.model import Operation, Response

__all__ = ["reads", "step"]

_ANY_STATUS: Final = range(200, 600)


def reads(operation: Operation, request: Request) -> tuple[Query, ...]:
    """What must be known to answer a valid request. Without declared resources: nothing."""
    return ()


def step(snapshot: Snapshot, operation: Operation, request: Request, now: datetime) -> tuple[Outcome, ...]:
    """The legal outcomes of a valid request, the usual one first.

    Without declared behaviour that is every success the document describes, in document order, each with a free
    body; where it describes none, the redirects, or else ``default``. No outcomes means that the document
    describes only errors.
    """
    described = (
        [response for response in operation.responses if response.is_success]
        or [response for response in operation.responses if response.status.startswith(("1", "3"))]
        or [response for response in operation.responses if response.status == "default"]
    )
    return tuple(Outcome((), _free(response)) for response in described)


def _free(response: Response) -> ResponsePattern:
    bodies = tuple((media_type, Free(media_type.item_schema or media_type.schema)) for media_type in response.content)
    return ResponsePattern(response, _statuses(response.status), bodies)


def _statuses(key: str) -> range:
    if key == "default":
        return _ANY_STATUS
    if key.endswith("XX"):
        return range(int(key[0]) * 100, int(key[0]) * 100 + 100)
    return range(int(key), int(key) + 1) if key.isdigit() else _ANY_STATUS
