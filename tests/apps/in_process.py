"""A client of an ASGI application in this process: all its requests on one event loop, as a server has it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import httpx
from starlette.applications import Starlette

T = TypeVar("T")


class OneLoop(httpx.BaseTransport):
    """Connections that the application makes for one request are there for the next; closed, it lets go of them."""

    def __init__(self, app: Starlette) -> None:
        self._asgi = httpx.ASGITransport(app)
        self._runner = asyncio.Runner()
        self._lifespan = app.router.lifespan_context(app)
        self._runner.run(self._enter())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def send() -> httpx.Response:
            answer = await self._asgi.handle_async_request(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        request.read()
        return self._runner.run(send())

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        """What comes of a coroutine on the same loop."""
        return self._runner.run(coroutine)

    def close(self) -> None:
        self._runner.run(self._leave())
        self._runner.close()

    async def _enter(self) -> None:
        await self._lifespan.__aenter__()

    async def _leave(self) -> None:
        await self._lifespan.__aexit__(None, None, None)
