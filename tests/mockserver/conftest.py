"""Small documents built in place, and the mock of them, in this process or on a loopback socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from starlette.testclient import TestClient

from understudy.mockserver.app import Observer, create_app
from understudy.mockserver.running import Running, running
from understudy.mockserver.settings import Settings
from understudy.specs.build import build_api
from understudy.specs.document import parse_document
from understudy.specs.model import Api

HEAD = """
openapi: 3.2.0
info: {title: Small, version: '1'}
"""

MakeApi = Callable[..., Api]
MakeClient = Callable[..., httpx.Client]
Serve = Callable[..., Running]


def build(text: str, name: str = "small") -> Api:
    """The model of a document; what begins without ``openapi`` gets a header."""
    full = text if text.lstrip().startswith(("openapi", "swagger")) else HEAD + text
    return build_api(parse_document(full.encode(), f"/{name}.yaml"), name=name)


@pytest.fixture
def make_api() -> MakeApi:
    return build


@pytest.fixture
def mock() -> MakeClient:
    """A client of the mock of a document, in this process; keyword arguments are settings."""

    def make(text: str | Api, *, observer: Observer | None = None, **settings: object) -> TestClient:
        api = build(text) if isinstance(text, str) else text
        app = create_app([api], Settings(**settings), observer=observer)  # type: ignore[arg-type]  # settings by name
        return TestClient(app, raise_server_exceptions=True)

    return make


@pytest.fixture
def serve() -> Iterator[Serve]:
    """The mock of a document on a socket; streams arrive as they are sent."""
    with ExitStack() as stack:

        def start(text: str | Api, **settings: object) -> Running:
            api = build(text) if isinstance(text, str) else text
            return stack.enter_context(
                running(api, settings=Settings(**settings))  # type: ignore[arg-type]  # settings by name
            )

        yield start
