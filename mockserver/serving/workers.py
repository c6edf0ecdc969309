"""Several processes that serve as one: they share one listening socket, and what one would answer all do.

The documents are read once and the workers forked from there, so that they share the memory of what was read. A worker
that ends is replaced; when new ones keep ending at once, everything does.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, final

import uvicorn
from starlette.applications import Starlette

from understudy.mockserver.app import create_app
from understudy.mockserver.mock import Mounted
from understudy.mockserver.serving.running import uvicorn_config
from understudy.mockserver.serving.served import Observer
from understudy.mockserver.settings import Settings
from understudy.specs.errors import TargetError, UsageError

__all__ = ["Work", "check_workers", "count_workers", "run_workers", "serve_by_workers"]

MAX_WORKERS: Final = 64
STOP_SECONDS: Final = 5.0
"""How long workers may take to end before they are killed: longer than open streams may go on."""
SHORT_SECONDS: Final = 2.0
"""A worker that lives no longer than this has failed to start."""
MAX_FAILURES: Final = 3
"""So many failures in a row, for each worker, end everything."""

Work = Callable[[Callable[[Callable[[], None]], None]], None]
"""Serves until told to stop: it is given a function that takes what stops it, and calls that in another thread."""


def check_workers(count: int, keeping: Sequence[str], settings: Settings) -> None:
    """Refuse workers that couldn't behave as one.

    Args:
        keeping: The documents that keep or count something, as `Mock.keeping` has them.

    Raises:
        UsageError: More than one, and they would each keep or count their own; or not on this system.
    """
    if count == 1:
        return
    if not hasattr(os, "fork"):
        raise UsageError("--workers", count, "1 on this system, which can't fork processes")
    if settings.state == "memory" and keeping:
        remedy = "share what is kept with --state sqlite:///FILE or redis://HOST, or keep nothing with --stateless"
        raise UsageError("--workers", count, f"1 while each worker has the records of {keeping[0]} to itself; {remedy}")


def count_workers(keeping: Sequence[str], settings: Settings) -> int:
    """How many workers are of use: one for each processor, or one alone where they would have to share memory."""
    is_alone = not hasattr(os, "fork") or (settings.state == "memory" and len(keeping) > 0)
    return 1 if is_alone else min(os.cpu_count() or 1, MAX_WORKERS)


def serve_by_workers(
    count: int,
    app: Starlette,
    mounted: Sequence[Mounted],
    settings: Settings,
    observer: Observer | None,
    sock: socket.socket,
    methods: Sequence[str],
    report: Callable[[str], None],
) -> None:
    """Serve documents by so many workers on one listening socket.

    Args:
        app: The mock of these documents, made so that whatever is wrong is told once and now; nobody is served by it.
        methods: See `uvicorn_config`.
        report: See `run_workers`.

    Raises:
        TargetError: As `run_workers` does.
    """
    draw = secrets.token_hex(8)
    asyncio.run(_close(app))

    def work(when_orphaned: Callable[[Callable[[], None]], None]) -> None:
        # Files and connections of a store are not to be shared by processes: each worker opens its own.
        own = create_app(mounted, settings, observer=observer, draw=draw, workers=count)
        server = uvicorn.Server(uvicorn_config(own, methods))

        def stop() -> None:
            server.should_exit = True

        when_orphaned(stop)
        server.run(sockets=[sock])

    run_workers(count, work, report)


async def _close(app: Starlette) -> None:
    async with app.router.lifespan_context(app):
        pass


def run_workers(count: int, work: Work, report: Callable[[str], None]) -> None:
    """Run so many workers until this process is told to end (SIGTERM or SIGINT), then end them.

    Args:
        work: What each does. It is called in the new process; what it shares must be there before.
        report: Is told in one line that a worker ended and is replaced.

    Raises:
        TargetError: Workers end as soon as they are started.
    """
    _Supervisor(count, work, report).run()


@final
class _Supervisor:
    """Wakes when a signal comes or a worker ends, and does nothing in between."""

    def __init__(self, count: int, work: Work, report: Callable[[str], None]) -> None:
        self._count = count
        self._work = work
        self._report = report
        self._started: dict[int, float] = {}
        self._failures = 0
        self._is_stopping = False
        # Closed, however this process ends: the workers read its end and follow.
        self._alive, self._held = os.pipe()

    def run(self) -> None:
        signals, woken = os.pipe()
        os.set_blocking(woken, False)
        before = {each: signal.signal(each, self._stop) for each in (signal.SIGTERM, signal.SIGINT)}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        previous = signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        try:
            for _ in range(self._count):
                self._start()
            while self._started and not self._is_stopping:
                select.select([signals], [], [])
                os.read(signals, 512)
                self._replace_ended()
        finally:
            self._end_all()
            signal.set_wakeup_fd(previous)
            for number, handler in before.items():
                signal.signal(number, handler)
            for descriptor in (signals, woken, self._held, self._alive):
                os.close(descriptor)

    def _stop(self, *_: object) -> None:
        self._is_stopping = True

    def _start(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._serve()
        self._started[pid] = time.monotonic()

    def _serve(self) -> None:
        """In the new process, which never comes back from here."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._held)
            self._work(self._when_orphaned)
            status = 0
        except KeyboardInterrupt:
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _when_orphaned(self, stop: Callable[[], None]) -> None:
        def wait() -> None:
            os.read(self._alive, 1)
            stop()

        threading.Thread(target=wait, name="understudy-orphaned", daemon=True).start()

    def _replace_ended(self) -> None:
        for pid, status, lived in self._reap():
            if self._is_stopping:
                continue
            self._failures = self._failures + 1 if lived < SHORT_SECONDS else 0
            if self._failures >= MAX_FAILURES * self._count:
                reason = f"they ended {self._failures} times in a row within {SHORT_SECONDS:g} s of their start"
                raise TargetError("the workers", f"{reason}; what is printed above says why")
            self._report(f"worker {pid} ended ({_describe(status)}) and is replaced")
            self._start()

    def _reap(self) -> list[tuple[int, int, float]]:
        """Forget the workers that have ended: each one's id, status, and for how many seconds it lived."""
        ended = []
        for pid in tuple(self._started):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                ended.append((pid, status, time.monotonic() - self._started.pop(pid)))
        return ended

    def _end_all(self) -> None:
        self._is_stopping = True
        self._signal_all(signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while self._started:
            self._reap()
            if time.monotonic() > end:
                self._signal_all(signal.SIGKILL)
            time.sleep(0.01)

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self._started:
            os.kill(pid, number)


def _describe(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit status {code}" if code >= 0 else f"by signal {signal.Signals(-code).name}"
