"""Our mock with records in its memory already, served as `understudy mock` serves it.

python -m tests.bench.filled PORT RECORDS
"""

from __future__ import annotations

import asyncio
import sys

import uvicorn
from starlette.types import ASGIApp

from tests.bench.documents import small_document
from understudy.mockserver.app import create_app
from understudy.mockserver.serving.running import bind, settle_memory, uvicorn_config
from understudy.mockserver.settings import Settings
from understudy.specs.behaviour.inference import with_inferred
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["main"]


def main(port: int, records: int) -> None:
    """Serve the small document with so many pets until the process is ended."""
    api = with_inferred(build_api(parse_document(dump_json(small_document()), "file:///bench.json")))
    app = create_app([api], Settings(pace=0))
    asyncio.run(_fill(app, records))
    settle_memory()
    uvicorn.Server(uvicorn_config(app)).run(sockets=[bind("127.0.0.1", port)])


async def _fill(app: ASGIApp, records: int) -> None:
    body = dump_json({"name": "Silver Harbour", "kind": "cat"})

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: object) -> None:
        assert not isinstance(message, dict) or message.get("status", 201) == 201, message

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/pets",
        "raw_path": b"/pets",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))],
    }
    for _ in range(records):
        await app(dict(scope), receive, send)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
