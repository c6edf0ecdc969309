"""A mock that follows its files: a good edit takes its place as a whole, a broken one is told and changes nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from starlette.applications import Starlette

from understudy.mockserver.app import as_application
from understudy.mockserver.serving.succession import succeed
from understudy.mockserver.serving.watching import Changed, Fingerprint, look, wait_for_change
from understudy.mockserver.stores import MalformedDump, StoreFull, StoreUnavailable
from understudy.specs.documents.document import noting_files
from understudy.specs.errors import SuiteError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from understudy.mockserver.mock import Mock
    from understudy.mockserver.stores import Store

__all__ = ["Load", "Reloading"]

Load = Callable[[str], "Mock"]
"""Reads the documents and makes their mock. What it is given is `Mock.draw` of the one before, empty for the first."""

_LOG: Final = logging.getLogger("understudy.mockserver")


@final
@dataclass(slots=True)
class _Served:
    """A mock with what stands in front of it.

    Attributes:
        requests: How many are under way.
        idle: Set once it was replaced and none is.
    """

    mock: Mock
    app: ASGIApp
    requests: int = 0
    idle: asyncio.Event | None = None


@final
class Reloading:
    """An ASGI application: each request is answered by the mock that was current when it came, to its end.

    Args:
        load: Called here for the first, and in another thread for every further one.
        changed: How to wait for a change.

    Attributes:
        seen: The files that were read, or were to be, and how they were then.

    Raises:
        SuiteError: The first can't be made.
    """

    def __init__(self, load: Load, changed: Changed = wait_for_change) -> None:
        self._load = load
        self._changed = changed
        self.seen: Fingerprint = {}
        mock = self._read("")
        assert not isinstance(mock, Exception)
        self._current = _Served(mock, as_application(mock))
        self._lifespan = Starlette(lifespan=lambda _: self._open())
        self._leaving: dict[asyncio.Task[None], tuple[Mock, list[Store]]] = {}

    @property
    def mock(self) -> Mock:
        """The one that answers what comes now."""
        return self._current.mock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        served = self._current
        served.requests += 1
        try:
            await served.app(scope, receive, send)
        finally:
            served.requests -= 1
            if served.idle is not None and not served.requests:
                served.idle.set()

    async def reload(self) -> bool:
        """Read everything again; False where that can't be used, and what was is still served."""
        old = self._current
        new = await asyncio.to_thread(self._try)
        if not isinstance(new, Exception):
            served = _Served(new, as_application(new))
            try:
                said = await succeed(new, old.mock)
            except Exception as error:
                if not isinstance(error, MalformedDump | StoreFull | StoreUnavailable):
                    _LOG.exception("while the mock of what was read took over")
                await _close(new, _stores_beside(new, old.mock))
                new = error
        if isinstance(new, Exception):
            self.mock.controls.notice = f"not reloaded, what was is still served: {_one_line(new)}"
            _LOG.warning("%s", self.mock.controls.notice)
            return False
        new.controls.notice = "; ".join(said)
        new.controls.reloads = old.mock.controls.reloads + 1
        # From here on, in one step: every request is answered by one or by the other.
        self._current = served
        self._let_go(old)
        _LOG.info("%s", "; ".join(["reloaded", *said]))
        known = _quirks(old.mock)
        for quirk in _quirks(new):
            if quirk not in known:
                _LOG.warning("quirk %s", quirk)
        return True

    def stop_following(self) -> None:
        """See `Mock.stop_following`; the log goes from one to the next."""
        self.mock.stop_following()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        async with self.mock.open():
            following = asyncio.create_task(self._follow())
            try:
                yield
            finally:
                leaving = dict(self._leaving)
                for task in (following, *leaving):
                    task.cancel()
                await asyncio.gather(following, *leaving, return_exceptions=True)
                for mock, stores in leaving.values():
                    await _close(mock, stores)
        # `open` has closed the first one, and whatever came after it is closed here.
        await _close(self.mock, [each.store for each in self.mock.controls.apis])

    async def _follow(self) -> None:
        while True:
            await self._changed(self.seen)
            await self.reload()

    def _try(self) -> Mock | Exception:
        try:
            return self._read(self.mock.draw)
        except SuiteError as error:
            return error
        except Exception as error:
            # Whatever a half-saved file does to us, those who are served don't suffer from it.
            _LOG.exception("while reading the documents again")
            return error

    def _read(self, draw: str) -> Mock:
        began = time.time_ns()
        files = set(self.seen)
        with noting_files() as noted:
            try:
                mock = self._load(draw)
                files = set()
                return mock
            finally:
                # Those of the last good one count, too, while the new one can't be used: mending one may mend it.
                self.seen = look(files | noted, began)

    def _let_go(self, old: _Served) -> None:
        """Close what nobody needs any more, once the last request that it answers is at its end."""
        stores = _stores_beside(old.mock, self.mock)
        before = tuple(self._leaving)
        old.idle = asyncio.Event()
        if not old.requests:
            old.idle.set()

        async def leave(idle: asyncio.Event) -> None:
            await asyncio.gather(*before, return_exceptions=True)
            await idle.wait()
            await old.mock.sender.wait()
            await _close(old.mock, stores)

        task = asyncio.create_task(leave(old.idle))
        self._leaving[task] = old.mock, stores
        task.add_done_callback(lambda done: self._leaving.pop(done, None))


async def _close(mock: Mock, stores: list[Store]) -> None:
    await mock.sender.close()
    for store in stores:
        await store.close()


def _stores_beside(mock: Mock, other: Mock) -> list[Store]:
    """The stores of a mock that another one doesn't have, too."""
    shared = {id(each.store) for each in other.controls.apis}
    return [each.store for each in mock.controls.apis if id(each.store) not in shared]


def _quirks(mock: Mock) -> dict[str, None]:
    return {f"{each.origin}: {each.message}": None for api in mock.controls.apis for each in api.api.quirks}


def _one_line(error: Exception) -> str:
    text = str(error) if isinstance(error, SuiteError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())
