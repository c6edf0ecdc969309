"""Which operations a name stands for, and whether what is forced on them can be."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from understudy.mockserver.forcing.forcing import EVERY, Forcing
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation

__all__ = ["get_operations"]


def get_operations(forcing: Forcing, operations: Sequence[CompiledOperation]) -> list[CompiledOperation]:
    """The operations that a forcing is about.

    Raises:
        UsageError: No operation has that name (the nearest ones are named); a success is forced that the document
            doesn't describe, or an example that it hasn't.
    """
    if forcing.operation == EVERY:
        if forcing.example is not None:
            raise UsageError("operation", EVERY, "one operation, where an example is forced")
        if forcing.status is not None and forcing.status < 400:
            raise UsageError("status", forcing.status, "for all operations, an error from 400 to 599")
        return list(operations)
    found = [each for each in operations if forcing.operation in (each.operation.id, each.operation.label)]
    if not found:
        raise UsageError("operation", forcing.operation, _allowed(forcing.operation, operations))
    for each in found:
        _check(forcing, each)
    return found


def _allowed(name: str, operations: Sequence[CompiledOperation]) -> str:
    known = [text for each in operations for text in (each.operation.id, each.operation.label) if text]
    near = difflib.get_close_matches(name, known, 3, 0.5)
    return " or ".join(near) if near else f"an operationId or a label, such as {', '.join(known[:4])}; or * for all"


def _check(forcing: Forcing, compiled: CompiledOperation) -> None:
    operation, status = compiled.operation, forcing.status
    documented = ", ".join(each.status for each in operation.responses) or "none"
    described = None if status is None else operation.find_response(status)
    if status is not None and status < 400 and described is None:
        raise UsageError("status", status, f"an error, or what {operation.label} documents: {documented}")
    if forcing.example is not None:
        responses = operation.responses if described is None else [described]
        names = [each.name for response in responses for media in response.content for each in media.examples]
        if forcing.example not in names:
            shown = ", ".join(name for name in dict.fromkeys(names) if name) or "none"
            raise UsageError("example", forcing.example, f"the examples of {operation.label}: {shown}")
