"""The last requests that were answered, for who looks on. Writing an entry is cheap; it is put into words when read."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias, final
from urllib.parse import unquote_plus

from understudy.mockserver.settings import Clock
from understudy.specs.documents.document import Json

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.mockserver.forcing.overrides import Override
    from understudy.mockserver.pipeline import Trace
    from understudy.mockserver.requests.incoming import Incoming

__all__ = ["MAX_FOLLOWERS", "Journal", "Logged"]

MAX_ENTRIES: Final = 1000
MAX_TEXT: Final = 1000
"""Octets of a path or a query that are kept."""
MAX_FOLLOWERS: Final = 16
MAX_WAITING: Final = 1000
"""Entries that wait for one follower; one that is slower misses the oldest."""
MAX_HEADERS: Final = 256
"""Names of headers that are told apart once."""
HIDDEN: Final = "***"
_SECRET_NAME: Final = re.compile(
    r"token|secret|passw|api[-_]?key|auth|credential|signature|^(cookie|key|sig|jwt|code)$", re.I
)


@final
@dataclass(frozen=True, slots=True)
class Logged:
    """One request that was answered.

    Attributes:
        number: Of all requests since the mock began, from 1.
        time: When it began, counted from the mock's own clock at its start, without what that was moved by.
        path: As it was sent.
        query: As it was sent, the values of credentials hidden.
        operation: `operationId` or label; empty when no operation owns the route.
        status: 499 when the client left before its request was whole.
        problem: Kind of the problem; empty when there was none.
        detail: One sentence about the problem, credentials hidden.
        override: Key of the override that was forced on it; empty for none.
    """

    number: int
    time: datetime
    method: str
    path: str
    query: str
    operation: str
    status: int
    problem: str
    detail: str
    override: str
    duration_ms: float

    def as_json(self) -> Json:
        """As the control API shows it."""
        members = asdict(self)
        members["time"] = self.time.isoformat(timespec="milliseconds")
        members["durationMs"] = round(members.pop("duration_ms"), 3)
        return members


_Entry: TypeAlias = tuple[
    int, float, float, str, bytes, bytes, "CompiledOperation | None", int, str, str, "Override | None"
]
"""Number, when it began and ended, method, path, query, operation, status, the problem's kind and detail, override."""


@final
class Journal:
    """A bounded log; the oldest entry goes first.

    Args:
        credentials: Names of parameters and headers that hold credentials, beside those whose names tell.
    """

    def __init__(self, clock: Clock, credentials: Iterable[str] = (), max_entries: int = MAX_ENTRIES) -> None:
        self._start = clock.now(), time.perf_counter()
        self._credentials = frozenset(name.lower() for name in credentials)
        self._entries: deque[_Entry] = deque(maxlen=max_entries)
        self._append = self._entries.append
        self._followers: list[asyncio.Queue[_Entry | None]] = []
        self._is_closed = False
        self._number = 0
        self._headers: dict[bytes, bool] = {}

    def add(self, request: Incoming, status: int, trace: Trace, began: float, ended: float) -> None:
        """Log a request.

        Args:
            began: When, by `time.perf_counter`; as the end.
        """
        self._number = number = self._number + 1
        path, query = request.path, request.query
        if len(path) > MAX_TEXT or len(query) > MAX_TEXT:
            path, query = path[:MAX_TEXT], query[:MAX_TEXT]
        # Every request pays for this line, so it is a plain tuple that is put into words by whoever reads it.
        kind = detail = ""
        if trace.problem is not None:
            kind, detail = trace.problem.kind.value, _without(trace.problem.text, self._secrets(request))
        method, operation, override = request.method, trace.operation, trace.override
        entry = (number, began, ended, method, path, query, operation, status, kind, detail, override)
        self._append(entry)
        for queue in self._followers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(entry)

    def hide_what(self, other: Journal) -> None:
        """Hide also the credentials that another log hides."""
        self._credentials |= other._credentials

    def close(self) -> None:
        """End what follows it; the server stops."""
        self._is_closed = True
        for queue in self._followers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    def clear(self) -> None:
        """Forget all entries; the numbers go on."""
        self._entries.clear()

    def entries(self) -> tuple[Logged, ...]:
        """All that are kept, the oldest first."""
        return tuple(self._logged(each) for each in self._entries)

    @property
    def is_crowded(self) -> bool:
        """Whether nobody else may follow."""
        return len(self._followers) >= MAX_FOLLOWERS

    async def follow(self, every_seconds: float) -> AsyncIterator[Logged | None]:
        """Entries as they come, until the iterator is closed; None at once, and when none came for so long.

        From the first None on nothing is missed.
        """
        queue: asyncio.Queue[_Entry | None] = asyncio.Queue(MAX_WAITING)
        self._followers.append(queue)
        try:
            yield None
            while not self._is_closed:
                try:
                    async with asyncio.timeout(every_seconds):
                        entry = await queue.get()
                except TimeoutError:
                    yield None
                else:
                    if entry is not None:
                        yield self._logged(entry)
        finally:
            self._followers.remove(queue)

    def _logged(self, entry: _Entry) -> Logged:
        number, began, ended, method, path, query, operation, status, kind, detail, override = entry
        start, started = self._start
        return Logged(
            number,
            start + timedelta(seconds=began - started),
            method,
            path.decode("utf-8", "replace"),
            "&".join(self._redacted(pair) for pair in query.decode("latin-1").split("&")),
            operation.operation.name if operation is not None else "",
            status,
            kind,
            detail,
            override.key if override is not None else "",
            (ended - began) * 1000,
        )

    def _redacted(self, pair: str) -> str:
        name, sign, _ = pair.partition("=")
        return f"{name}={HIDDEN}" if sign and self._is_secret(unquote_plus(name)) else pair

    def _secrets(self, request: Incoming) -> list[str]:
        """Credentials that a request shows, each with its parts, the longest first; a problem may quote them."""
        known, is_secret = self._headers, self._is_secret_header
        shown = [value for name, value in request.headers if known.get(name) is not False and is_secret(name)]
        if not shown and not request.query:
            return []
        found = [value.decode("latin-1") for value in shown]
        for pair in request.query.decode("latin-1").split("&") if request.query else ():
            name, _, value = pair.partition("=")
            if self._is_secret(unquote_plus(name)):
                found += [value, unquote_plus(value)]
        parts = {part for each in found for part in (each, *re.split(r"[\s;,=]+", each))}
        return sorted((part for part in parts if len(part) > 3), key=len, reverse=True)

    def _is_secret_header(self, name: bytes) -> bool:
        known = self._headers.get(name)
        if known is None:
            known = self._is_secret(name.decode("latin-1"))
            if len(self._headers) < MAX_HEADERS:
                self._headers[name] = known
        return known

    def _is_secret(self, name: str) -> bool:
        return name.lower() in self._credentials or _SECRET_NAME.search(name) is not None


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if secret.lower() not in ("bearer", "basic"):
            text = text.replace(secret, HIDDEN)
    return text
