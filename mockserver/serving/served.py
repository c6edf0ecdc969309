"""One request that was answered, as whoever keeps a log is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, final

if TYPE_CHECKING:
    from understudy.mockserver.pipeline import Trace
    from understudy.mockserver.requests.incoming import Incoming

__all__ = ["Observer", "Served", "served_as"]


@final
@dataclass(frozen=True, slots=True)
class Served:
    """One request that was answered, for whoever keeps a log.

    Attributes:
        path: As it was sent, without query.
        status: 499 when the client left before its request was whole.
        duration_ms: From the request's header to the answer's last octet.
        operation: `operationId` or label; empty when no operation owns the route.
        problem: Kind of the problem; empty when there was none.
        detail: One sentence about the problem.
    """

    method: str
    path: str
    status: int
    duration_ms: float
    operation: str
    problem: str
    detail: str


Observer: TypeAlias = Callable[[Served], None]


def served_as(request: Incoming, status: int, trace: Trace, seconds: float) -> Served:
    """What there is to tell of a request when its answer has been sent."""
    operation, problem = trace.operation, trace.problem
    return Served(
        method=request.method,
        path=request.path.decode("latin-1"),
        status=status,
        duration_ms=seconds * 1000,
        operation=operation.operation.name if operation else "",
        problem=problem.kind.value if problem else "",
        detail=problem.text if problem else "",
    )
