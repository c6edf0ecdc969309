"""A request as it came over HTTP, frozen; nothing past this module sees ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import final
from urllib.parse import quote

from starlette.types import Message, Receive, Scope

from understudy.specs.wire.malformed import ContentTooLarge

__all__ = ["BodyReader", "ClientLeft", "Incoming", "received"]


class ClientLeft(Exception):
    """The client closed the connection before its request was whole; there is nobody to answer."""


@final
class BodyReader:
    """The body of one request, which can be read once.

    Args:
        length: `Content-Length`; None when it isn't sent.
        is_chunked: Whether `Transfer-Encoding` is sent.
        is_announced: Whether a header must announce a body, as in HTTP/1.

    Attributes:
        is_expected: Whether there is a body to read, as far as the header tells. Where there is none nothing is read.
        declared: `Content-Length` in octets; None when it isn't sent or is no number.
    """

    def __init__(self, receive: Receive, length: bytes | None, *, is_chunked: bool, is_announced: bool) -> None:
        self._receive = receive
        # More than nineteen digits is a lie or a mistake; as no number it is read up to the limit.
        self.declared = int(length) if length is not None and length.isdigit() and len(length) < 20 else None
        self.is_expected = is_chunked or not is_announced or (length is not None and self.declared != 0)

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
        async for chunk in self._chunks(limit, await self._receive()):
            yield chunk

    async def _chunks(self, limit: int, message: Message) -> AsyncIterator[bytes]:
        """From the first message on."""
        received = 0
        while True:
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
            message = await self._receive()

    async def read(self, limit: int) -> bytes:
        """The whole body; raises as `chunks` does."""
        if not self.is_expected:
            return b""
        if self.declared is not None and self.declared <= limit:
            # Most bodies come in one piece; those need no iterator.
            message = await self._receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                whole: bytes = message.get("body", b"")
                if len(whole) <= limit:
                    return whole
            return b"".join([chunk async for chunk in self._chunks(limit, message)])
        return b"".join([chunk async for chunk in self.chunks(limit)])


@final
class Incoming:
    """One request; nobody changes it. (One is made for each request, so it is no frozen dataclass: that costs more.)

    Attributes:
        method: As it was sent.
        path: As it was sent, percent-encoded, without the query and without the path the mock is mounted under.
        query: As it was sent, without the ``?``.
        headers: In the order sent, names in lower case.
        address: Where it came from; empty where that isn't known.
    """

    __slots__ = ("_by_name", "_is_announced", "_receive", "address", "headers", "method", "path", "query")

    def __init__(
        self,
        method: str,
        path: bytes,
        query: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        receive: Receive,
        is_announced: bool,
        address: str = "",
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self._receive = receive
        self._is_announced = is_announced
        self.address = address
        self._by_name: dict[bytes, bytes] | None = None

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
        is_chunked = self.header(b"transfer-encoding") is not None
        length = self.header(b"content-length")
        return BodyReader(self._receive, length, is_chunked=is_chunked, is_announced=self._is_announced)

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, several of one name joined with commas; None when it isn't sent."""
        found = self._by_name
        if found is None:
            found = self._by_name = {}
            for key, value in self.headers:
                found[key] = found[key] + b", " + value if key in found else value
        return found.get(name)


def received(body: bytes) -> Receive:
    """What gives a body that is already there."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _path(scope: Scope) -> bytes:
    raw = scope.get("raw_path")
    path: bytes = raw if isinstance(raw, bytes) else quote(scope["path"]).encode("ascii")
    root = scope.get("root_path", "")
    if root:
        prefix = quote(root).encode("ascii")
        path = path.removeprefix(prefix) if path.startswith(prefix + b"/") or path == prefix else path
    return path
