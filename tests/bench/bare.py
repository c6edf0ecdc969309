"""Bare Starlette: the same answers, serialised beforehand; nothing is read, checked or chosen. The yardstick.

uvicorn tests.bench.bare:app
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.bench.documents import ORDER, STATIC, STREAM

__all__ = ["app"]

PACE: Final = float(os.environ.get("BENCH_PACE", "0"))
_STATIC: Final = json.dumps(STATIC).encode()
_ORDER: Final = json.dumps({"id": "d6b7a0e2-5f62-4b1c-9e53-0f2f6b0a7c11", "status": "new", **ORDER}).encode()
_CREATED: Final = json.dumps({"id": "ord-1", "status": "new"}).encode()
_PET: Final = json.dumps({"id": 7, "name": "Silver Harbour", "kind": "cat"}).encode()
_PIECES: Final = [f"{event}\n\n".encode() for event in STREAM.split("\n\n")[:-1]]


async def static(request: Request) -> Response:
    """A constant."""
    return Response(_STATIC, media_type="application/json")


async def order(request: Request) -> Response:
    """The same order for each path."""
    return Response(_ORDER, media_type="application/json")


async def make_order(request: Request) -> Response:
    """Reads the body and does nothing with it."""
    await request.body()
    return Response(_CREATED, status_code=201, media_type="application/json")


async def pet(request: Request) -> Response:
    """The same pet for each path."""
    return Response(_PET, media_type="application/json")


async def make_pet(request: Request) -> Response:
    """Reads the body and does nothing with it."""
    await request.body()
    return Response(_PET, status_code=201, media_type="application/json")


async def events(request: Request) -> Response:
    """Event by event, as a program would write it."""

    async def pieces() -> AsyncIterator[bytes]:
        for index, piece in enumerate(_PIECES):
            if index and PACE:
                await asyncio.sleep(PACE)
            yield piece

    return StreamingResponse(pieces(), media_type="text/event-stream")


app: Final = Starlette(
    routes=[
        Route("/static", static),
        Route("/orders/{orderId}", order),
        Route("/orders", make_order, methods=["POST"]),
        Route("/pets/{petId}", pet),
        Route("/pets", make_pet, methods=["POST"]),
        Route("/events", events),
    ]
)
