"""The mock of the pets on a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.apps.pets import PETS
from understudy.mockserver.mock import Mounted
from understudy.mockserver.serving.running import RunningMock, running
from understudy.mockserver.settings import Settings
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.model import Api

Serve = Callable[..., RunningMock]


def pets(name: str = "pets", text: str = PETS) -> Api:
    return build_api(parse_document(text.encode(), f"/{name}.yaml"), name=name)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """The mock of documents, the pets where none is given; keyword arguments are settings."""
    with ExitStack() as stack:

        def start(*apis: Api | Mounted, **settings: object) -> RunningMock:
            made = Settings(**{"pace": 0.0, **settings})  # type: ignore[arg-type]  # by name
            return stack.enter_context(running(*(apis or (pets(),)), settings=made))

        yield start


@pytest.fixture
def control(serve: Serve) -> Iterator[httpx.Client]:
    """A client of the control API of the pets."""
    with httpx.Client(base_url=f"{serve().url}/__understudy") as client:
        yield client
