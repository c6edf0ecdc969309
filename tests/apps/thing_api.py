"""A document with one operation, an application that does what it says, and runs against it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from tests.apps.small_api import api_of
from understudy.contracts.events import Event
from understudy.contracts.running.folding import fold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run
from understudy.specs.model import Api

THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
CONTENT = {"application/json": {"schema": THING}}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}
RESPONSES = {"200": {"description": "", "content": CONTENT}, "400": {"description": ""}, "405": {"description": ""}}
API: Api = api_of({"/thing": {"get": {"operationId": "getThing", "parameters": [LIMIT], "responses": RESPONSES}}})
QUICK = Settings(profile=Profile.QUICK, max_seconds=60, request_seconds=0.4, stream_seconds=0.4)


def app(reply: Callable[[Scope], tuple[int, bytes]]) -> ASGIApp:
    """An application whose answers are JSON."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        status, body = reply(scope)
        headers = [(b"content-type", b"application/json")] if body or status == 200 else []
        headers.append((b"allow", b"GET"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def whole(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        await answer(scope, receive, send)

    return whole


def healthy(scope: Scope) -> tuple[int, bytes]:
    """Does what the document says."""
    if scope["method"] not in ("GET", "HEAD"):
        return 405, b""
    for pair in scope["query_string"].decode().split("&"):
        name, _, value = pair.partition("=")
        if name == "limit" and not (value.isdigit() and 1 <= int(value) <= 100):
            return 400, b""
    return 200, b"" if scope["method"] == "HEAD" else b'{"id": 7}'


def run(url: str, settings: Settings = QUICK, api: Api = API) -> tuple[Run, list[Event]]:
    """What a run comes to, and what it told."""
    events = list(run_checks(api, url, settings))
    return fold(events), events
