"""A small API that keeps its notes, as an ASGI application: healthy, or forgetful in one way."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from tests.apps.small_api import api_of
from understudy.specs.model import Api

_TEXT = {"type": "string", "minLength": 1, "maxLength": 80}
_BODY = {"application/json": {"schema": {"type": "object", "required": ["text"], "properties": {"text": _TEXT}}}}
_NOTE = {"type": "object", "required": ["id", "text"], "properties": {"id": {"type": "string"}, "text": _TEXT}}
_SHOWN = {"description": "", "content": {"application/json": {"schema": _NOTE}}}
_ERROR = {"description": ""}
_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "pattern": "^[a-z0-9]+$"},
}
_BY_ID = {"parameters": {"id": "$response.body#/id"}}


def notes_api() -> Api:
    """Notes are made, read and deleted; links join these."""
    links = {name: {"operationId": name, **_BY_ID} for name in ("readNote", "deleteNote")}
    return api_of(
        {
            "/notes": {
                "post": {
                    "operationId": "makeNote",
                    "requestBody": {"required": True, "content": _BODY},
                    "responses": {"201": {**_SHOWN, "links": links}, "4XX": _ERROR},
                }
            },
            "/notes/{id}": {
                "parameters": [_ID],
                "get": {"operationId": "readNote", "responses": {"200": _SHOWN, "4XX": _ERROR}},
                "delete": {"operationId": "deleteNote", "responses": {"204": {"description": ""}, "4XX": _ERROR}},
            },
        }
    )


@dataclass
class Notes:
    """The application.

    Attributes:
        keeps_deleted: A deletion is confirmed, and nothing is deleted.
        forgets_new: A creation is confirmed, and nothing is kept.
    """

    keeps_deleted: bool = False
    forgets_new: bool = False
    kept: dict[str, str] = field(default_factory=dict)
    made: int = 0

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, value, allow = self.answer(scope["method"], scope["path"], dict(scope["headers"]), body)
        headers = [(b"allow", allow.encode())] if allow else []
        data = b"" if status == 204 else json.dumps(value).encode()
        headers += [] if status == 204 else [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    def answer(self, method: str, path: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Any, str]:
        """Status, value and allowed methods."""
        segments = path.strip("/").split("/")
        if segments == ["notes"]:
            if method != "POST":
                return 405, None, "POST"
            return (*self.make(headers, body), "")
        if len(segments) != 2 or segments[0] != "notes":
            return 404, None, ""
        key = segments[1]
        if method not in {"GET", "DELETE"}:
            return 405, None, "DELETE, GET"
        if key not in self.kept:
            return 404, None, ""
        if method == "GET":
            return 200, {"id": key, "text": self.kept[key]}, ""
        if not self.keeps_deleted:
            del self.kept[key]
        return 204, None, ""

    def make(self, headers: dict[bytes, bytes], body: bytes) -> tuple[int, Any]:
        """Keep a note, unless it isn't one."""
        if headers.get(b"content-type", b"").partition(b";")[0] != b"application/json":
            return 415, None
        try:
            text = json.loads(body)["text"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return 400, None
        if not isinstance(text, str) or not 1 <= len(text) <= 80:
            return 400, None
        self.made += 1
        key = f"note{self.made}"
        if not self.forgets_new:
            self.kept[key] = text
        return 201, {"id": key, "text": text}
