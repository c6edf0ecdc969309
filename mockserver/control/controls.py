"""What can be done to a running mock: the one place where its clock, records, overrides and scenario are changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, final

from understudy.mockserver.control.one_process import OfOneProcess
from understudy.mockserver.control.operation_names import get_operations
from understudy.mockserver.control.overrides import Overrides
from understudy.mockserver.control.scenario_records import make_dumps
from understudy.mockserver.control.scenarios import Scenario, Scenarios
from understudy.mockserver.control.snapshots import SNAPSHOT_FORMAT, read_snapshot, restore_all
from understudy.mockserver.forcing.forcing import Forcing
from understudy.mockserver.forcing.overrides import Override
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.calling.outgoing import Sender
    from understudy.mockserver.compiled import CompiledApi, CompiledOperation
    from understudy.mockserver.control.journal import Journal, Logged
    from understudy.mockserver.settings import Clock, RateLimits
    from understudy.mockserver.stores import Store
    from understudy.specs.documents.document import Json

__all__ = ["ClockReading", "Controls"]


@final
@dataclass(frozen=True, slots=True)
class ClockReading:
    """What time it is for the mock, and by how many seconds its clock was moved."""

    now: datetime
    offset_seconds: float


@final
class Controls:
    """Everything here runs on the event loop that serves the mock.

    Clock and records are those of all workers that share a store; in memory they, and everywhere overrides, scenario
    and log, are this process's, so that they can't be changed where several serve (`OfOneProcess`). The scenario to
    start with is in force in all of them.

    Attributes:
        notice: What who looks on should know of the mock itself, such as a document that can't be used; mostly empty.
        reloads: How often the documents were read again.

    Args:
        seed: Decides which requests an override with a `rate` hits.
        journal: None keeps no log.
        scenarios: None for none; the one to start with is loaded by `start`.
        workers: How many processes serve as this one does.
        sender: Sends callbacks and webhooks.
        shares_records: Whether all of them find the same records and the same clock.

    Raises:
        DocumentError: A scenario doesn't fit the documents: names place and line in its file.
        OfOneProcess: The scenario to start with counts requests, and several processes would each count their own.
    """

    def __init__(
        self,
        apis: Sequence[CompiledApi],
        operations: Sequence[CompiledOperation],
        clock: Clock,
        seed: str,
        journal: Journal | None,
        scenarios: Scenarios | None,
        workers: int = 1,
        *,
        sender: Sender,
        shares_records: bool = True,
    ) -> None:
        self.apis = tuple(apis)
        self.operations = tuple(operations)
        self.journal = journal
        self.scenarios = scenarios
        self.sender = sender
        self.seed = seed
        self.scenario: str | None = None
        self.workers = workers
        self.notice = ""
        self.reloads = 0
        self._shares_records = shares_records
        self._clock = clock
        self._overrides = Overrides(self.operations, seed)
        self._changing = asyncio.Lock()
        self._dumps: dict[str, list[Json] | None] = {}
        for scenario in scenarios.by_name.values() if scenarios is not None else ():
            self._check(scenario)
        start = scenarios.get(scenarios.start) if scenarios is not None else None
        if start is not None and any(each.times is not None for each in start.overrides):
            self._refuse_workers("a scenario whose overrides say `times`")

    async def start(self, *, keep: bool = False) -> None:
        """Load the scenario to start with, if there is one.

        Args:
            keep: Leave records and clock as they are: another process has seen to them, or they are to be kept.
        """
        if self.scenarios is not None:
            await self._enter(self.scenarios.get(self.scenarios.start), keep=keep)

    # The clock

    async def clock(self) -> ClockReading:
        """What time it is."""
        offset = await self._stores[0].get_offset()
        return ClockReading(self._clock.now() + timedelta(seconds=offset), offset)

    async def set_clock(self, time: datetime) -> ClockReading:
        """Set the clock to a time, from which it goes on (or stands still, where it is fixed).

        Raises:
            UsageError: Too far away from the mock's own clock.
            OfOneProcess: Several processes serve, each with its own clock.
        """
        self._refuse_memory("the clock")
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        async with self._changing:
            await self._set_offset((time - self._clock.now()).total_seconds())
        return await self.clock()

    async def advance(self, seconds: float) -> ClockReading:
        """Move the clock forward, or back by a negative number; raises as `set_clock` does."""
        self._refuse_memory("the clock")
        async with self._changing:
            await self._set_offset(await self._stores[0].get_offset() + seconds)
        return await self.clock()

    # The records

    async def reset(self) -> None:
        """Bring the mock back to how it was started: seed records or the scenario it started with, the clock not
        moved, no overrides, an empty log."""
        self._refuse_memory("records and the clock")
        async with self._changing:
            for store in self._stores:
                await store.reset()
            self.scenario = None
            self._overrides.restart([])
            self._set_rate_limits(None)
            if self.journal is not None:
                self.journal.clear()
        await self.start()

    async def snapshot(self) -> Json:
        """All records and the clock, as JSON that `restore` takes."""
        self._refuse_memory("records")
        async with self._changing:
            return {
                "format": SNAPSHOT_FORMAT,
                "documents": {
                    name: await api.store.snapshot() for name, api in zip(self._names, self.apis, strict=True)
                },
            }

    async def restore(self, snapshot: Json) -> None:
        """Replace all records and the clock by what a snapshot says, all or nothing.

        Raises:
            UsageError: It is none, or one of other documents.
            MalformedDump: A part of it isn't as it must be.
            StoreFull: It holds more than a store may.
        """
        self._refuse_memory("records")
        dumps = read_snapshot(snapshot, self._names)
        async with self._changing:
            await restore_all(self._stores, dumps)

    # Overrides

    def override(self, forcing: Forcing) -> Override:
        """Force something on answers; of several overrides of an operation the newest that hits has effect.

        Raises:
            UsageError: It names no operation, or forces what the document can't answer; or there are too many.
            OfOneProcess: Several processes serve.
        """
        self._refuse_workers("overrides")
        return self._overrides.add(forcing)

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The newest first, those that are over included; raises `OfOneProcess` where several serve."""
        self._refuse_workers("overrides")
        return self._overrides.all

    def drop_override(self, key: str) -> bool:
        """End an override; False when there is none of that key. Raises `OfOneProcess` where several serve."""
        self._refuse_workers("overrides")
        return self._overrides.drop(key)

    def drop_overrides(self) -> None:
        """End all overrides; raises `OfOneProcess` where several serve."""
        self._refuse_workers("overrides")
        self._overrides.clear()

    # Scenarios and the log

    async def activate(self, name: str) -> None:
        """Put the mock into a scenario: its records, its time and its overrides, instead of what there was.

        Raises:
            UsageError: There is no scenario of that name, or none at all.
            OfOneProcess: Several processes serve.
            StoreFull: It holds more records than a store may; nothing is changed.
        """
        self._refuse_workers("another scenario")
        if self.scenarios is None:
            raise UsageError("scenario", name, "none: the mock was started without `--scenario`")
        await self._enter(self.scenarios.get(name), keep=False)

    async def take_over(self, other: Controls) -> list[str]:
        """Begin where the controls of another mock end, once the records are there; gives what became otherwise."""
        said = [
            f"override {each.key} is over, since {each.forcing.operation} is gone"
            for each in self._overrides.take_over(other._overrides)
        ]
        self.scenario, name = other.scenario, other.scenario
        if name is None or self.scenarios is None or other.scenarios is None:
            return said
        current = self.scenarios.by_name.get(name)
        if current is None:
            return [*said, f"scenario {name} is no longer in its file, and stays as it was"]
        if current == other.scenarios.by_name[name]:
            self._set_rate_limits(current.limits)
            return said
        await self._enter(current, keep=False)
        return [f"scenario {name} was loaded again, since it was changed"]

    async def _enter(self, scenario: Scenario, *, keep: bool) -> None:
        dumps = self._dumps[scenario.name]
        async with self._changing:
            offset = scenario.offset_from(self._clock.now())
            if dumps is not None and not keep:
                await restore_all(self._stores, [{**dump, "offset": offset} for dump in dumps])
            elif not keep:
                await self._set_offset(offset)
            self._overrides.restart(scenario.overrides)
            self._set_rate_limits(scenario.limits)
            self.scenario = scenario.name

    @property
    def requests(self) -> tuple[Logged, ...]:
        """The last requests that were answered, the oldest first.

        Raises:
            OfOneProcess: Several processes serve.
            UsageError: No log is kept.
        """
        self._refuse_workers("the log of requests")
        if self.journal is None:
            raise UsageError("control", None, "Settings(control=ControlAccess()): without control no log is kept")
        return self.journal.entries()

    def clear_requests(self) -> None:
        """Forget them; raises `OfOneProcess` where several serve."""
        self._refuse_workers("the log of requests")
        if self.journal is not None:
            self.journal.clear()

    @property
    def _stores(self) -> list[Store]:
        return [api.store for api in self.apis]

    @property
    def _names(self) -> list[str]:
        return [api.api.name + api.prefix for api in self.apis]

    def _set_rate_limits(self, said: RateLimits | None) -> None:
        for operation in self.operations:
            operation.rate_limits = said

    def _refuse_workers(self, what: str) -> None:
        if self.workers > 1:
            raise OfOneProcess(what, self.workers)

    def _refuse_memory(self, what: str) -> None:
        if not self._shares_records:
            self._refuse_workers(f"{what} in memory")

    async def _set_offset(self, seconds: float) -> None:
        for store in self._stores:
            await store.set_offset(seconds)

    def _check(self, scenario: Scenario) -> None:
        scenarios = self.scenarios
        assert scenarios is not None
        for number, forcing in enumerate(scenario.overrides):
            try:
                get_operations(forcing, self.operations)
            except UsageError as error:
                raise scenarios.error(str(error), f"{scenario.place}/overrides/{number}") from error
        self._dumps[scenario.name] = make_dumps(scenario, scenarios, self.apis)
