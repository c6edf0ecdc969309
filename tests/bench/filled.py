"""Our mock with records in its memory already: BENCH_RECORDS pets.

uvicorn tests.bench.filled:app
"""

from __future__ import annotations

import os
from typing import Final

from starlette.types import Receive, Scope, Send

from tests.bench.documents import small_document
from understudy.mockserver.app import create_app
from understudy.mockserver.running import settle_memory
from understudy.mockserver.settings import Settings
from understudy.specs.behaviour.inference import with_inferred
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["app"]

RECORDS: Final = int(os.environ.get("BENCH_RECORDS", "100"))
_api: Final = with_inferred(build_api(parse_document(dump_json(small_document()), "file:///bench.json")))
_mock: Final = create_app([_api], Settings(pace=0))
_body: Final = dump_json({"name": "Silver Harbour", "kind": "cat"})
_headers: Final = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_body))]
_is_filled: list[bool] = []


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The mock, filled by its own requests before its first answer."""
    if scope["type"] == "http" and not _is_filled:
        _is_filled.append(True)
        await _fill()
    await _mock(scope, receive, send)


async def _fill() -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": _body, "more_body": False}

    async def send(message: object) -> None:
        assert not isinstance(message, dict) or message.get("status", 201) == 201, message

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/pets",
        "raw_path": b"/pets",
        "query_string": b"",
        "headers": _headers,
    }
    # As `understudy mock` does before it serves.
    settle_memory()
    for _ in range(RECORDS):
        await _mock(dict(scope), receive, send)
