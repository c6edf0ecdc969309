"""One run on several processors: each worker process tests a share of the operations, their events come out as one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Final, final

from understudy.contracts.case import Phase
from understudy.contracts.events import ErrorRaised, Event, PhaseFinished, PhaseStarted, RunFinished, RunStarted
from understudy.contracts.running.plan import make_plan
from understudy.contracts.running.starting import run_started
from understudy.contracts.settings import Settings
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.specs.model import Api

__all__ = ["run_checks_in_parallel"]

GRACE_SECONDS: Final = 20.0
"""How long workers may take to end after an interrupt."""


@final
@dataclass(frozen=True, slots=True)
class _Member:
    """A worker process. It tells through a pipe of its own: one that is killed can't hold up the others."""

    index: int
    process: SpawnProcess


def run_checks_in_parallel(
    api: Api,
    url: str,
    settings: Settings,
    workers: int,
    *,
    document: str,
    overlays: Sequence[str] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Event]:
    """Test a live API as `runner.run_checks` does, by several processes at once.

    The same cases are sent: what a case is depends on the seed, its operation and its phase. Operations that are about
    one resource stay with one worker. The rate is shared among the workers.

    Args:
        document: What the workers load again: a shipped name, a path or a URL.
        overlays: As they were merged into the Api.

    Yields:
        `RunStarted` first, `RunFinished` last, as one run would.

    Raises:
        UsageError: The URL or a setting is wrong; or there is a limit of calls or a shard, which workers can't share.
    """
    if settings.max_calls or settings.shard:
        name = "--max-calls" if settings.max_calls else "--shard"
        raise UsageError("--workers", workers, f"1 together with {name}")
    plan = make_plan(api, settings, url)
    crew = _Crew(document, tuple(overlays), url, settings, workers)
    began = time.perf_counter()
    told = {**settings.describe(), "workers": str(workers)}
    yield run_started(api, plan, document=document, target=url, at=now(), settings=told, seed=settings.seed)
    try:
        yield from crew.events()
    finally:
        crew.end()
    yield RunFinished((time.perf_counter() - began) * 1000, crew.is_interrupted, crew.is_unreachable)


@final
class _Crew:
    """The worker processes of one run."""

    def __init__(self, document: str, overlays: tuple[str, ...], url: str, settings: Settings, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._members: dict[Connection, _Member] = {}
        self._phases: dict[Phase, list[float]] = {}
        self._begun: set[Phase] = set()
        self._count = workers
        self._unreached = 0
        self.is_interrupted = False
        for index in range(1, workers + 1):
            rate = settings.rate / workers if settings.rate else None
            own = replace(settings, shard=(index, workers), rate=rate)
            heard, told = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(told, document, overlays, url, own), daemon=True)
            process.start()
            # Only the worker holds the other end now, so that its end is the end of what there is to hear.
            told.close()
            self._members[heard] = _Member(index, process)

    @property
    def is_unreachable(self) -> bool:
        """Whether no worker reached the target."""
        return self._unreached == self._count

    def events(self) -> Iterator[Event]:
        """What the workers tell, until the last has ended; an interrupt lets them end what they are doing."""
        until: float | None = None
        while self._members and (until is None or time.monotonic() < until):
            try:
                ready = wait(list(self._members), None if until is None else until - time.monotonic())
                told = [(pipe, _hear(pipe)) for pipe in ready if isinstance(pipe, Connection)]
            except KeyboardInterrupt:
                if self.is_interrupted:
                    return
                self.is_interrupted = True
                until = time.monotonic() + GRACE_SECONDS
                self._interrupt()
                continue
            for pipe, event in told:
                yield from self._ended(pipe) if event is None else self._told(event)

    def end(self) -> None:
        """Let nobody go on."""
        for pipe, member in self._members.items():
            member.process.terminate()
            member.process.join()
            pipe.close()

    def _told(self, event: Event) -> Iterator[Event]:
        match event:
            case PhaseStarted(phase) if phase not in self._begun:
                self._begun.add(phase)
                yield event
            case PhaseFinished(phase, elapsed_ms):
                self._phases.setdefault(phase, []).append(elapsed_ms)
                yield from self._finished_phases()
            case RunFinished(_, interrupted, unreachable):
                self.is_interrupted = self.is_interrupted or interrupted
                self._unreached += unreachable
            case RunStarted() | PhaseStarted():
                pass
            case _:
                yield event

    def _ended(self, pipe: Connection) -> Iterator[Event]:
        member = self._members.pop(pipe)
        pipe.close()
        member.process.join()
        if member.process.exitcode:
            yield ErrorRaised("", None, f"worker {member.index} died with exit code {member.process.exitcode}")
        yield from self._finished_phases()

    def _interrupt(self) -> None:
        """Ctrl-C reached them already, a signal to us alone did not; a second one does them no harm."""
        for member in self._members.values():
            if member.process.pid is not None and member.process.is_alive():
                os.kill(member.process.pid, signal.SIGINT)

    def _finished_phases(self) -> Iterator[Event]:
        """Phases that all workers have finished that still work or did; a phase lasts as long as with the slowest."""
        for phase, times in list(self._phases.items()):
            if len(times) >= self._count or not self._members:
                yield PhaseFinished(phase, max(times))
                del self._phases[phase]


def _hear(pipe: Connection) -> Event | None:
    """What a worker tells next; None when it has ended, or was killed in the middle of a word."""
    try:
        event: Event = pipe.recv()
    except (EOFError, OSError):
        return None
    return event


def _work(told: Connection, document: str, overlays: tuple[str, ...], url: str, settings: Settings) -> None:
    """What a worker process does."""
    from understudy.contracts.running.runner import run_checks
    from understudy.specs.catalog import load_api

    try:
        api = load_api(document, overlays=overlays)
        for event in run_checks(api, url, settings, document=document):
            told.send(event)
    except KeyboardInterrupt:
        pass
