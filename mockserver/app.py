"""The ASGI application: middleware in its order, and the mock below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from understudy.mockserver.answers.answers import Answer
from understudy.mockserver.control.endpoint import ControlEndpoint
from understudy.mockserver.cors import ReflectCors
from understudy.mockserver.mock import Mock, Mounted
from understudy.mockserver.requests.incoming import Incoming, received
from understudy.mockserver.serving.served import Observer
from understudy.mockserver.settings import Cors, Settings
from understudy.specs.model import Api

__all__ = ["as_application", "create_app"]


def create_app(
    apis: Sequence[Api | Mounted],
    settings: Settings | None = None,
    *,
    observer: Observer | None = None,
    draw: str = "",
    workers: int = 1,
) -> Starlette:
    """The mock of one or more documents as an ASGI application.

    Args:
        settings: None takes the defaults.
        observer: Called after each request; it must be quick.
        draw: What records are made from where the seed is random: the same for all workers. Empty draws it here.
        workers: How many processes serve as this one does; of several none loads the records of a scenario.

    Raises:
        UsageError: Operations of two documents claim one method and path; or one claims a path of the control API.
        DocumentError: The file of scenarios can't be read, or doesn't fit the documents.
    """
    return as_application(Mock(apis, settings or Settings(), observer, draw, workers))


def as_application(mock: Mock) -> Starlette:
    """A mock with what stands in front of it, outermost first; control has no CORS."""
    settings = mock.settings
    middleware = [Middleware(ReflectCors)] if settings.cors is Cors.REFLECT else []
    if settings.control is not None:
        control = Middleware(ControlEndpoint, mock.controls, settings.control, settings.limits.body_bytes)
        middleware.insert(0, control)
    return _Application(mock, middleware)


@final
class _Application(Starlette):
    """Starlette for whoever adds middleware or routes, and for lifespans; what is HTTP goes straight to the mock
    as long as nobody has added anything: passing through Starlette costs more than most answers."""

    def __init__(self, mock: Mock, middleware: Sequence[Middleware]) -> None:
        super().__init__(routes=[_Everything(mock)], middleware=middleware, lifespan=lambda _: mock.open())
        self.state.mock = mock
        self._mock = mock
        self._outermost: ASGIApp = mock
        for each in reversed(middleware):
            self._outermost = each.cls(self._outermost, *each.args, **each.kwargs)
        self._own = self._parts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._own == self._parts():
            await self._outermost(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def promptly(
        self, method: str, target: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes
    ) -> Answer | None:
        """See `Mock.promptly`; None also where middleware was added. Not for a request with `Origin`: CORS is its own
        middleware's.

        Args:
            target: Path and query as they were sent.
            headers: As `Incoming` has them.
            body: All of it.
        """
        if self._own != self._parts():
            return None
        path, _, query = target.partition(b"?")
        return self._mock.promptly(Incoming(method, path, query, headers, received(body), is_announced=True))

    def _parts(self) -> tuple[int, int, int]:
        return len(self.user_middleware), len(self.router.routes), len(self.exception_handlers)


@final
class _Everything(BaseRoute):
    """Mounts the mock at the root. Starlette's `Mount` lets paths with a line feed in them fall through."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._mock(scope, receive, send)
