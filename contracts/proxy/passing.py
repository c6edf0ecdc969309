"""A witness between a client and a live API: passes all on, and says where the two depart from the document.

Answers are held back until they are judged, so that a header can say what is wrong. Streams, and what is longer than
`MAX_HELD`, pass through piece by piece and are judged when they have ended.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, final
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as Endpoint

from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.proxy.overhearing import Hearing, Overheard, Witness
from understudy.specs.errors import UsageError
from understudy.specs.paths import Match, Route, Router
from understudy.specs.servers import base_paths
from understudy.specs.wire.media_types import kind

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from understudy.specs.model import Api, Operation

__all__ = ["create_proxy"]

MAX_HELD: Final = 16 * 1024 * 1024
MAX_REQUEST: Final = 100 * 1024 * 1024
MAX_SAID: Final = 4_000
"""Octets of the header that says what is wrong; servers and clients refuse longer ones."""

_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "host", "content-length", "expect"}
)
"""What concerns one connection only (RFC 9110, section 7.6.1), and what is made anew."""


def create_proxy(
    api: Api,
    upstream: str,
    witness: Witness,
    *,
    tell: Callable[[Overheard], None],
    refuses: bool = False,
    seconds: float = 30.0,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The proxy as an ASGI application.

    Args:
        upstream: Base URL of the live API; it replaces the document's servers.
        tell: Called after each exchange; it must be quick.
        refuses: Whether invalid requests are answered 422 instead of being passed on, and invalid answers are replaced
            by 500, both as `application/problem+json`.
        seconds: How long the live API may be silent.
        transport: How it is reached; None opens connections.

    Raises:
        UsageError: The base URL isn't one.
    """
    proxy = _Proxy(api, upstream, witness, tell, refuses)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        timeout = httpx.Timeout(seconds, connect=min(seconds, 10.0))
        async with httpx.AsyncClient(timeout=timeout, transport=transport, follow_redirects=False) as proxy.client:
            yield

    return Starlette(routes=[Endpoint("/{path:path}", proxy)], lifespan=lifespan)


@final
class _Proxy:
    """An endpoint for everything: a class, so that Starlette limits no methods."""

    client: httpx.AsyncClient

    def __init__(
        self, api: Api, upstream: str, witness: Witness, tell: Callable[[Overheard], None], refuses: bool
    ) -> None:
        parts = urlsplit(upstream)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise UsageError("--upstream", upstream, "a base URL such as https://api.example.com/v1")
        self._upstream = upstream.rstrip("/")
        self._witness = witness
        self._tell = tell
        self._refuses = refuses
        bases = {base for each in api.operations for server in each.servers for base in base_paths(server) if base}
        self._bases = sorted(bases | ({parts.path.rstrip("/")} - {""}), key=len, reverse=True)
        self._router = Router([Route(each.method, each.path, each) for each in api.operations])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnect):
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        target = self._below_base(request.scope["raw_path"].decode("latin-1"))
        operation = self._find(request.method, target)
        body = await _read(request)
        if body is None:
            return _problem(413, f"the request has more than {MAX_REQUEST:,} octets", ())
        query = request.scope["query_string"].decode("latin-1")
        case = Case(
            operation.label if operation else f"{request.method} {target}",
            request.method,
            f"{target}?{query}" if query else target,
            tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw),
            body or None,
            Mode.POSITIVE,
            Phase.TRAFFIC,
        )
        hearing = Hearing(self._witness, case, operation)
        if self._refuses and hearing.faults:
            heard = self._told(hearing.refused())
            return _problem(422 if operation else 404, "the request breaks the document", heard.violations)
        try:
            answer = await self._send(case)
        except httpx.HTTPError as error:
            heard = self._told(hearing.unanswered(f"{type(error).__name__}: {error}".rstrip(": ")))
            status = 504 if isinstance(error, httpx.TimeoutException) else 502
            return _problem(status, f"the API gave no answer: {heard.exchange.error}", heard.violations)
        hearing.began(answer.status_code, answer.reason_phrase, answer.headers.multi_items())
        if kind(answer.headers.get("content-type", "")).is_sequential:
            return _passed_on(answer, self._overhear(hearing, answer))
        return await self._hold(hearing, answer)

    async def _send(self, case: Case) -> httpx.Response:
        headers = [(name, value) for name, value in case.headers if name.lower() not in _HOP_BY_HOP]
        outgoing = self.client.build_request(case.method, self._upstream + case.target, content=case.body)
        # The client adds what it likes to be asked with; only what was asked for is passed on.
        made = [(name, outgoing.headers[name]) for name in ("host", "content-length") if name in outgoing.headers]
        outgoing.headers = httpx.Headers([*made, *headers])
        return await self.client.send(outgoing, stream=True)

    async def _hold(self, hearing: Hearing, answer: httpx.Response) -> Response:
        """The whole answer, with what is wrong in a header; what is too long goes on as it comes."""
        pieces = self._overhear(hearing, answer)
        held: list[bytes] = []
        size = 0
        async for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size > MAX_HELD:
                return _passed_on(answer, _joined(held, pieces))
        heard = hearing.heard
        assert heard is not None
        if self._refuses and heard.exchange.answer is None:
            return _problem(502, f"the API gave no answer: {heard.exchange.error}", heard.violations)
        if self._refuses and heard.failures:
            return _problem(500, "the answer breaks the document", heard.violations)
        response = _passed_on(answer, _joined(held, None))
        if answer.status_code not in (204, 304):
            length = answer.headers.get("content-length") if hearing.case.method == "HEAD" else size
            if length is not None:
                response.raw_headers.append((b"content-length", str(length).encode()))
        if heard.violations:
            response.raw_headers.append((b"sl-violations", _said(heard.violations)))
        return response

    async def _overhear(self, hearing: Hearing, answer: httpx.Response) -> AsyncIterator[bytes]:
        """The body piece by piece as it comes; judged when it has ended, or when nobody listens any more."""
        error = "the client left"
        try:
            async for piece in answer.aiter_raw():
                hearing.take(piece)
                yield piece
            error = ""
        except httpx.HTTPError as broken:
            error = f"the connection broke in the body: {broken or type(broken).__name__}"
            raise
        finally:
            await answer.aclose()
            self._told(hearing.ended(error))

    def _told(self, heard: Overheard) -> Overheard:
        self._tell(heard)
        return heard

    def _find(self, method: str, path: str) -> Operation | None:
        found = self._router.find(method, path)
        if not isinstance(found, Match) and method == "HEAD":
            found = self._router.find("GET", path)
        return found.value if isinstance(found, Match) else None

    def _below_base(self, path: str) -> str:
        """The path below the base URL: clients may repeat a base path of the document, or that of the live API."""
        if isinstance(self._router.find("GET", path), Match):
            return path
        for base in self._bases:
            if f"{path}/".startswith(f"{base}/"):
                return path[len(base) :] or "/"
        return path


async def _read(request: Request) -> bytes | None:
    """The request's body; None where it is too large."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_REQUEST:
            return None
    return bytes(body)


async def _joined(held: list[bytes], rest: AsyncIterator[bytes] | None) -> AsyncIterator[bytes]:
    for piece in held:
        yield piece
    if rest is not None:
        async for piece in rest:
            yield piece


def _passed_on(answer: httpx.Response, pieces: AsyncIterator[bytes]) -> StreamingResponse:
    response = StreamingResponse(pieces, answer.status_code)
    pairs = [(name.lower(), value) for name, value in answer.headers.raw]
    response.raw_headers = [pair for pair in pairs if pair[0].decode("latin-1") not in _HOP_BY_HOP]
    return response


def _problem(status: int, title: str, violations: Sequence[Mapping[str, str]]) -> Response:
    body = {"title": title, "status": status, "violations": list(violations)}
    return Response(json.dumps(body), status, media_type="application/problem+json")


def _said(violations: Sequence[Mapping[str, str]]) -> bytes:
    """As many violations as fit into a header, as a JSON array; the last one says how many don't."""
    shown = list(violations)
    while len(text := json.dumps(shown)) > MAX_SAID and len(shown) > 1:
        left = len(violations) - len(shown) + 1
        shown = [*shown[:-2], {"where": "", "code": "more", "message": f"{left + 1} more"}]
    return text[:MAX_SAID].encode("ascii")
