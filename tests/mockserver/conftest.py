"""Small documents built in place, and the mock of them, in this process or on a loopback socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from textwrap import dedent

import httpx
import pytest
from starlette.applications import Starlette

from understudy.mockserver.app import create_app
from understudy.mockserver.mock import Mounted
from understudy.mockserver.serving.running import Running, running
from understudy.mockserver.serving.served import Observer
from understudy.mockserver.settings import Settings
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.model import Api

HEAD = """
openapi: 3.2.0
info: {title: Small, version: '1'}
"""

Document = str | Api | Mounted


class InProcess(httpx.BaseTransport):
    """Sends requests to an ASGI application in this process; streams are collected, paths sent as they are written."""

    def __init__(self, app: Starlette) -> None:
        self._asgi = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def send() -> httpx.Response:
            answer = await self._asgi.handle_async_request(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        request.read()
        return asyncio.run(send())


def client(*documents: Document, observer: Observer | None = None, **settings: object) -> httpx.Client:
    apis = [build(each) if isinstance(each, str) else each for each in documents]
    app = create_app(apis, Settings(**settings), observer=observer)  # type: ignore[arg-type]  # settings by name
    return httpx.Client(transport=InProcess(app), base_url="http://mock.test")


def build(text: str, name: str = "small") -> Api:
    """The model of a document; what begins without ``openapi`` gets a header."""
    text = dedent(text)
    full = text if text.lstrip().startswith(("openapi", "swagger", "#")) else HEAD + text
    return build_api(parse_document(full.encode(), f"/{name}.yaml"), name=name)


@pytest.fixture
def make_api() -> Callable[..., Api]:
    return build


@pytest.fixture
def mock() -> Callable[..., httpx.Client]:
    """A client of the mock of documents, in this process; keyword arguments are settings."""
    return client


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    """The mock of a document on a socket; streams arrive as they are sent."""
    with ExitStack() as stack:

        def start(document: str | Api, observer: Observer | None = None, **settings: object) -> Running:
            api = build(document) if isinstance(document, str) else document
            made = Settings(**settings)  # type: ignore[arg-type]  # by name
            return stack.enter_context(running(api, settings=made, observer=observer))

        yield start
