"""Cross-origin requests (Fetch, section 3.3): browsers of any origin may use the mock.

What is asked for is allowed: a mock has nothing to protect, and a page with credentials needs its own origin named.
"""

from __future__ import annotations

from typing import Final, final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ReflectCors"]

_SAFE: Final = frozenset(
    {b"cache-control", b"content-language", b"content-length", b"content-type", b"expires", b"last-modified", b"pragma"}
)
"""Response headers that scripts may read without being told (Fetch, CORS-safelisted response-header names)."""


@final
class ReflectCors:
    """ASGI middleware: answers preflights, and names origin and readable headers on every other answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = _find(scope, b"origin") if scope["type"] == "http" else None
        if origin is None:
            await self._app(scope, receive, send)
            return
        method = _find(scope, b"access-control-request-method")
        if scope["method"] == "OPTIONS" and method is not None:
            await _answer_preflight(scope, origin, method, send)
            return

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                # What the document says of other origins is about the real API's pages.
                own = [each for each in message["headers"] if not each[0].startswith(b"access-control-")]
                message = {**message, "headers": [*own, *_headers(origin, own)]}
            await send(message)

        await self._app(scope, receive, send_with_origin)


async def _answer_preflight(scope: Scope, origin: bytes, method: bytes, send: Send) -> None:
    headers = [
        *_common(origin),
        (b"access-control-allow-methods", method),
        (b"access-control-max-age", b"600"),
        (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    wanted = _find(scope, b"access-control-request-headers")
    if wanted is not None:
        headers.append((b"access-control-allow-headers", wanted))
    if _find(scope, b"access-control-request-private-network") == b"true":
        headers.append((b"access-control-allow-private-network", b"true"))
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _headers(origin: bytes, sent: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = dict.fromkeys(name.lower() for name, _ in sent)
    readable = [name for name in names if name not in _SAFE and name != b"set-cookie"]
    headers = [*_common(origin), (b"vary", b"Origin")]
    if readable:
        headers.append((b"access-control-expose-headers", b", ".join(readable)))
    return headers


def _common(origin: bytes) -> list[tuple[bytes, bytes]]:
    headers = [(b"access-control-allow-origin", origin)]
    if origin != b"null":
        headers.append((b"access-control-allow-credentials", b"true"))
    return headers


def _find(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None
