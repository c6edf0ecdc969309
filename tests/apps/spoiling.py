"""An application that passes everything through to another, changed in one place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from understudy.mockserver.settings import Settings

Headers = list[tuple[bytes, bytes]]

QUICK_PACE = 0.002
"""Seconds between two items of a stream, where the time isn't what is spoiled."""


@dataclass
class Answer:
    """A whole answer, as it can be spoiled."""

    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def set_json(self, value: Any) -> None:
        self.body = json.dumps(value).encode()

    def header(self, name: bytes) -> bytes:
        return next((value for key, value in self.headers if key == name), b"")

    def set_header(self, name: bytes, value: bytes | None) -> None:
        self.headers = [pair for pair in self.headers if pair[0] != name]
        if value is not None:
            self.headers.append((name, value))


@dataclass
class Request:
    """What of a request a spoiler may look at, or change before the mock sees it."""

    scope: Scope
    body: bytes

    def header(self, name: bytes) -> bytes:
        return next((value for key, value in self.scope["headers"] if key == name), b"")

    def set_header(self, name: bytes, value: bytes) -> None:
        self.scope["headers"] = [*(pair for pair in self.scope["headers"] if pair[0] != name), (name, value)]


@dataclass(frozen=True)
class Spoiler:
    """One way to be wrong.

    Attributes:
        claim: Id of the claim that must be broken.
        include: Operations that it concerns, as `Settings.include` takes them.
        request: Changes what the mock sees.
        answer: Changes a whole answer, which is collected for it.
        events: Changes the octets of an answer piece by piece, as they come; None stands for the end.
        settings: Of the mock.
        credentials: What the tester is given.
    """

    name: str
    document: str
    claim: str
    include: tuple[str, ...]
    request: Callable[[Request], None] | None = None
    answer: Callable[[Request, Answer], None] | None = None
    events: Callable[[bytes | None, list[bytes]], list[bytes]] | None = None
    settings: Settings = field(default_factory=lambda: Settings(pace=QUICK_PACE))
    credentials: Mapping[str, str] = field(default_factory=dict)


class Dropped(Exception):
    """The connection is cut in the middle of an answer."""


class Spoiled:
    """An ASGI application that passes everything through, but for one thing."""

    def __init__(self, app: ASGIApp, spoiler: Spoiler) -> None:
        self.app = app
        self.spoiler = spoiler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(dict(scope), await _read(receive))
        if self.spoiler.request is not None:
            self.spoiler.request(request)
        request.set_header(b"content-length", str(len(request.body)).encode())
        replayed = _replay(request.body, receive)
        if self.spoiler.events is not None:
            await self.app(request.scope, replayed, _Pieces(send, self.spoiler.events))
        elif self.spoiler.answer is not None:
            collected = _Collected()
            await self.app(request.scope, replayed, collected)
            await self._answer(request, collected.answer, send)
        else:
            await self.app(request.scope, replayed, send)

    async def _answer(self, request: Request, answer: Answer, send: Send) -> None:
        assert self.spoiler.answer is not None
        before = answer.body
        self.spoiler.answer(request, answer)
        if answer.body != before and answer.header(b"content-length"):
            answer.set_header(b"content-length", str(len(answer.body)).encode())
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})


class _Collected:
    def __init__(self) -> None:
        self.answer = Answer(500, [], b"")

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answer.status = message["status"]
            self.answer.headers = [(name.lower(), value) for name, value in message["headers"]]
        else:
            self.answer.body += message.get("body", b"")


class _Pieces:
    """Passes a stream on, changed; any other answer as it is."""

    def __init__(self, send: Send, change: Callable[[bytes | None, list[bytes]], list[bytes]]) -> None:
        self.send = send
        self.change = change
        self.seen: list[bytes] = []
        self.is_stream = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            types = [value for name, value in message["headers"] if name.lower() == b"content-type"]
            self.is_stream = types[:1] != [] and (b"event-stream" in types[0] or b"jsonl" in types[0])
            await self.send(message)
            return
        if not self.is_stream:
            await self.send(message)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if body:
            for piece in self.change(body, self.seen):
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
            self.seen.append(body)
        if not more:
            for piece in self.change(None, self.seen):
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
