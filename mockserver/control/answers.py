"""How the control API answers: JSON, its own problems, and headers that keep other sites away."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, final

from starlette.responses import Response

from understudy.specs.wire.json_bodies import dump_json

if TYPE_CHECKING:
    from starlette.types import Message, Send

    from understudy.specs.documents.document import Json

__all__ = ["CommonHeaders", "answer_json", "problem"]

_COMMON: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
)


def answer_json(value: Json, status: int = 200) -> Response:
    """A value."""
    return Response(dump_json(value), status, media_type="application/json")


def problem(status: int, detail: str, **members: Json) -> Response:
    """A problem (RFC 9457); `detail` says what to do."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, **members}
    return Response(dump_json(body), status, media_type="application/problem+json")


@final
class CommonHeaders:
    """Sends on, with the headers that every answer of the control API has."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_COMMON]}
        await self._send(message)
