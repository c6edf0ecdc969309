"""A shipped document's mock in this process, and a client of it: fresh records, and a clock that moves when told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import httpx

from tests.apps.in_process import OneLoop
from understudy.mockserver.app import create_app
from understudy.mockserver.settings import Clock, Settings
from understudy.specs.catalog import load_api
from understudy.specs.documents.document import Json
from understudy.specs.wire.sse import Parser
from understudy.specs.wire.sse_events import Event

__all__ = ["START", "MockedApi", "lines_of"]

START: Final = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

api = cache(load_api)


class MockedApi:
    """A fresh mock of a document, and a client that shows a bearer token.

    Args:
        token: The client's; None shows none.
        pace: Seconds between two pieces of a stream, which pass in no time.
        state: Where records are kept.
    """

    def __init__(
        self, name: str, token: str | None = "token-of-a-test", *, pace: float = 0, state: str = "memory"
    ) -> None:
        self.now = START
        self.token = token
        settings = Settings(pace=pace, state=state, clock=Clock(lambda: self.now, _pass))
        app = create_app([api(name)], settings)
        self._client = httpx.Client(transport=OneLoop(app), base_url="http://mock.test")

    def __enter__(self) -> MockedApi:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def wait(self, **passed: float) -> None:
        self.now += timedelta(**passed)

    def send(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request, whatever becomes of it. A body is sent as JSON."""
        shown = {"authorization": f"Bearer {self.token}"} if self.token is not None else {}
        return self._client.request(
            method, path, json=body, files=files, content=content, headers={**shown, **(headers or {})}
        )

    def ask(self, method: str, path: str, body: Json = None) -> Json:
        """What a request that succeeds is answered with."""
        answer = self.send(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str) -> Json:
        return self.ask("GET", path)

    def import_lines(self, path: str, part: str, lines: Sequence[Json] | bytes) -> Json:
        """What the import of a file with these lines, in a form's part, is answered with."""
        content = lines if isinstance(lines, bytes) else b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        answer = self.send("POST", path, files={part: (f"{part}.jsonl", content, "application/jsonl")})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def export(self, path: str) -> bytes:
        answer = self.send("GET", path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jsonl")
        return answer.content

    def events(self, path: str, body: Json, headers: Mapping[str, str] | None = None) -> tuple[bytes, list[Event]]:
        """The octets and the events of a stream."""
        answer = self.send("POST", path, body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/event-stream")
        return answer.content, Parser().feed(answer.content)


async def _pass(_: float) -> None:
    """Time that nobody waits for."""


def lines_of(content: bytes) -> list[Json]:
    """The values of JSON Lines."""
    return [json.loads(line) for line in content.splitlines()]
