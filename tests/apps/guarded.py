"""An API that lets in who has logged in: a document, and an ASGI application that does what it says."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.types import Receive, Scope, Send

PASSWORD: Final = "correct horse"
TOKEN: Final = "token-of-a-session-7d1f"
_DONE: Final = {"description": ""}
_LOGIN: Final = {
    "type": "object",
    "required": ["name", "password"],
    "properties": {"name": {"type": "string"}, "password": {"type": "string"}},
}
_TOKEN: Final = {"type": "object", "properties": {"session": {"type": "object"}}}
DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.2.0",
    "info": {"title": "Guarded", "version": "1"},
    "components": {"securitySchemes": {"session": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/login": {
            "post": {
                "operationId": "logIn",
                "requestBody": {"required": True, "content": {"application/json": {"schema": _LOGIN}}},
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": _TOKEN}}},
                    "400": _DONE,
                    "401": _DONE,
                    "415": _DONE,
                },
            }
        },
        "/shops/{shop}/me": {
            "parameters": [{"name": "shop", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "whoAmI",
                "security": [{"session": []}],
                "responses": {"200": _DONE, "401": _DONE, "404": _DONE},
            },
        },
    },
}


@dataclass
class Guarded:
    """The application; counts what it was asked and how it answered."""

    seen: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    signatures: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        status, answer = self._answer(scope["method"], scope["path"], headers, body)
        self.seen[scope["method"], scope["path"], status] += 1
        self.signatures[headers.get("x-signature", "")] += 1
        content = [(b"content-type", b"application/json")] if answer else []
        await send({"type": "http.response.start", "status": status, "headers": [*content, (b"allow", b"GET, POST")]})
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if path == "/login":
            if method != "POST":
                return 405, b""
            try:
                given = json.loads(body)
            except ValueError:
                return 400, b""
            if not isinstance(given, dict) or given.get("password") != PASSWORD:
                return 401, b""
            return 200, json.dumps({"session": {"token": TOKEN}}).encode()
        if method != "GET":
            return 405, b""
        if headers.get("authorization", "") != f"Bearer {TOKEN}":
            return 401, b""
        return (200, b"") if path == "/shops/north/me" else (404, b"")


def write_document(folder: Path) -> str:
    """The document as a file; gives its path."""
    path = folder / "guarded.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return str(path)
