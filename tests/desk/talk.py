"""Talking to a desk in-process, with its clock in hand; everything that was said is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.types import ASGIApp, Message

from tests.apps.desk.settings import MAIN_KEY

PATIENCE = 0.15
"""Seconds after which an answer, or the end of a stream, isn't waited for any longer."""


class Hands:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass(slots=True)
class Answer:
    """Status 0: none came. `chunks` are the pieces of the body as they were sent."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    ended: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def value(self) -> Any:
        return json.loads(self.body)


class Talk:
    """One conversation with one desk."""

    def __init__(self, app: ASGIApp, clock: Hands) -> None:
        self.app = app
        self.clock = clock
        self.said: list[tuple[object, ...]] = []

    def send(
        self,
        method: str,
        path: str,
        value: Any = None,
        *,
        content: bytes | None = None,
        media_type: str = "application/json",
        workspace: str | None = "north",
        key: str | None = "Bearer " + MAIN_KEY,
        headers: Mapping[str, str] | None = None,
        leave_after: int | None = None,
    ) -> Answer:
        """A request and its answer; after so many pieces the client leaves."""
        body = content if content is not None else b"" if value is None else json.dumps(value).encode()
        sent = {"x-workspace": workspace, "authorization": key, **(headers or {})}
        if body or content is not None:
            sent["content-type"] = media_type
        answer = asyncio.run(self._exchange(method, path, body, sent, leave_after))
        kept = sorted((name, text) for name, text in answer.headers.items() if name != "date")
        self.said.append((method, path, answer.status, tuple(kept), tuple(answer.chunks), answer.ended))
        return answer

    async def _exchange(
        self, method: str, target: str, body: bytes, sent: Mapping[str, str | None], leave_after: int | None
    ) -> Answer:
        answer, left = Answer(), asyncio.Event()
        path, _, query = target.partition("?")
        given = [(name.lower().encode(), text.encode("latin-1")) for name, text in sent.items() if text is not None]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"desk"), *given],
            "server": ("desk", 80),
            "client": ("127.0.0.1", 1),
        }
        requests: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if requests:
                return requests.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode(): text.decode() for name, text in message["headers"]}
                return
            if message.get("body"):
                answer.chunks.append(message["body"])
            answer.ended = not message.get("more_body", False)
            if leave_after is not None and len(answer.chunks) >= leave_after:
                left.set()
                await asyncio.sleep(0)

        try:
            await asyncio.wait_for(self.app(scope, receive, send), PATIENCE)
        except (TimeoutError, ConnectionResetError, BaseExceptionGroup):
            answer.ended = False
        await asyncio.sleep(0)
        return answer

    def form(self, content: bytes, media_type: str, note: str | None = None, name: str = "a.bin") -> Answer:
        """Upload a file."""
        parts = [
            b'--line\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\nContent-Type: %b\r\n\r\n'
            % (name.encode(), media_type.encode())
            + content
        ]
        if note is not None:
            parts.append(b'--line\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + note.encode())
        body = b"\r\n".join(parts) + b"\r\n--line--\r\n"
        return self.send("POST", "/files", content=body, media_type="multipart/form-data; boundary=line")

    def ticket(self, subject: str = "Noise", **more: Any) -> str:
        """Open a ticket; gives its path."""
        value = {"subject": subject, "requester": "ada@example.org", **more}
        return self.path("/tickets", self.send("POST", "/tickets", value))

    def path(self, collection: str, answer: Answer) -> str:
        return f"{collection}/{answer.value['id']}"

    def patch(self, path: str, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send("PATCH", path, value, media_type="application/merge-patch+json", headers=headers)

    def patches(self, path: str, *values: Any) -> list[Answer]:
        """Patches that are sent at the same time."""
        media_type = "application/merge-patch+json"
        sent = {"x-workspace": "north", "authorization": "Bearer " + MAIN_KEY, "content-type": media_type}

        async def together() -> list[Answer]:
            contents = [json.dumps(value).encode() for value in values]
            return await asyncio.gather(*(self._exchange("PATCH", path, content, sent, None) for content in contents))

        return asyncio.run(together())

    def session(self, **value: Any) -> str:
        return self.path("/sessions", self.send("POST", "/sessions", value))
