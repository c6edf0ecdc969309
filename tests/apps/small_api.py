"""Documents written in a test, as Apis."""

from __future__ import annotations

import json
from typing import Any

from understudy.contracts.case import Answer, Case, Chunk, Exchange, Mode, Phase
from understudy.contracts.observation import Observation
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.model import Api, Operation


def api_of(paths: dict[str, Any], **others: Any) -> Api:
    """The Api of an OpenAPI 3.2 document with these paths."""
    tree = {"openapi": "3.2.0", "info": {"title": "Small", "version": "1"}, "paths": paths, **others}
    return build_api(parse_document(json.dumps(tree).encode(), "file:///small.json"))


def operation_of(response: dict[str, Any], status: str = "200", **others: Any) -> Operation:
    """``GET /things`` with one response."""
    described = {"description": "", **response}
    return api_of({"/things": {"get": {"responses": {status: described}, **others}}}).operations[0]


def case_of(operation: Operation, **others: Any) -> Case:
    """A positive case of an operation without parameters."""
    values: dict[str, Any] = {
        "operation": operation.label,
        "method": operation.method,
        "target": operation.path,
        "headers": (),
        "body": None,
        "mode": Mode.POSITIVE,
        "phase": Phase.PROBES,
    }
    return Case(**{**values, **others})


def answer_of(
    body: bytes = b"",
    content_type: str | None = "application/json",
    *,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    chunks: tuple[tuple[float, bytes], ...] = (),
    complete: bool = True,
) -> Answer:
    """An answer; chunks, where there are some, make the body."""
    pieces = tuple(Chunk(at_ms, data) for at_ms, data in chunks)
    typed = (("Content-Type", content_type),) if content_type else ()
    whole = b"".join(piece.data for piece in pieces) if pieces else body
    return Answer(status, "", (*typed, *headers), whole, 5.0, 1.0, pieces, complete)


def seen(operation: Operation, answer: Answer, error: str = "", **case: Any) -> Observation:
    """The observation of one exchange."""
    return Observation(Exchange(case_of(operation, **case), answer, error), operation, answer)
