"""A request as it came over HTTP, frozen; nothing past this module sees ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import final
from urllib.parse import quote

from starlette.types import Receive, Scope

from understudy.specs.wire.malformed import ContentTooLarge

__all__ = ["BodyReader", "ClientLeft", "Incoming"]


class ClientLeft(Exception):
    """The client closed the connection before its request was whole; there is nobody to answer."""


@final
class BodyReader:
    """The body of one request, which can be read once.

    Args:
        headers: The request's.
        is_announced: Whether a header must announce a body, as in HTTP/1.

    Attributes:
        is_expected: Whether there is a body to read, as far as the header tells. Where there is none nothing is read.
        declared: `Content-Length` in octets; None when it isn't sent or is no number.
    """

    def __init__(self, receive: Receive, headers: Sequence[tuple[bytes, bytes]], *, is_announced: bool) -> None:
        self._receive = receive
        self.declared: int | None = None
        self.is_expected = not is_announced
        for name, value in headers:
            if name == b"content-length":
                # More than nineteen digits is a lie or a mistake; as no number it is read up to the limit.
                self.declared = int(value) if value.isdigit() and len(value) < 20 else None
                self.is_expected = self.is_expected or self.declared != 0
            elif name == b"transfer-encoding":
                self.is_expected = True

    async def chunks(self, limit: int) -> AsyncIterator[bytes]:
        """The body in the pieces in which it arrives; no more than `limit` octets are ever taken.

        Raises:
            ContentTooLarge: It is longer; told from `Content-Length` before anything is read.
            ClientLeft: The connection was closed before the end.
        """
        if not self.is_expected:
            return
        if self.declared is not None and self.declared > limit:
            raise ContentTooLarge(limit, self.declared)
        received = 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise ClientLeft
            chunk: bytes = message.get("body", b"")
            received += len(chunk)
            if received > limit:
                raise ContentTooLarge(limit, received)
            if chunk:
                yield chunk
            if not message.get("more_body", False):
                return

    async def read(self, limit: int) -> bytes:
        """The whole body; raises as `chunks` does."""
        pieces = [chunk async for chunk in self.chunks(limit)]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


@final
@dataclass(frozen=True, slots=True)
class Incoming:
    """One request.

    Attributes:
        method: As it was sent.
        path: As it was sent, percent-encoded, without the query and without the path the mock is mounted under.
        query: As it was sent, without the ``?``.
        headers: In the order sent, names in lower case.
        address: Where it came from; empty where that isn't known.
    """

    method: str
    path: bytes
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    _receive: Receive
    _is_announced: bool
    address: str = ""

    @classmethod
    def from_asgi(cls, scope: Scope, receive: Receive) -> Incoming:
        """The request of an ASGI HTTP scope."""
        # HTTP/2 and 3 need no header to announce a body.
        announced = scope.get("http_version", "1.1")[:1] == "1"
        client = scope.get("client")
        return cls(
            scope["method"],
            _path(scope),
            scope.get("query_string", b""),
            scope["headers"],
            receive,
            announced,
            client[0] if client else "",
        )

    def body(self) -> BodyReader:
        """The body, to be read once; call it once."""
        return BodyReader(self._receive, self.headers, is_announced=self._is_announced)

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, several of one name joined with commas; None when it isn't sent."""
        found: bytes | None = None
        for key, value in self.headers:
            if key == name:
                found = value if found is None else found + b", " + value
        return found


def _path(scope: Scope) -> bytes:
    raw = scope.get("raw_path")
    path: bytes = raw if isinstance(raw, bytes) else quote(scope["path"]).encode("ascii")
    root = scope.get("root_path", "")
    if root:
        prefix = quote(root).encode("ascii")
        path = path.removeprefix(prefix) if path.startswith(prefix + b"/") or path == prefix else path
    return path
