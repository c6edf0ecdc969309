"""What can be done to a running mock: the one place where its clock, records, overrides and scenario are changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.control.operation_names import get_operations
from understudy.mockserver.control.scenario_records import make_dumps
from understudy.mockserver.control.scenarios import Scenario, Scenarios
from understudy.mockserver.forcing import Forcing
from understudy.mockserver.overrides import Override
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledApi, CompiledOperation
    from understudy.mockserver.control.journal import Journal, Logged
    from understudy.mockserver.settings import Clock
    from understudy.mockserver.stores import Store
    from understudy.specs.documents.document import Json

__all__ = ["ClockReading", "Controls"]

MAX_OVERRIDES: Final = 1000
SNAPSHOT_FORMAT: Final = 1


@final
@dataclass(frozen=True, slots=True)
class ClockReading:
    """What time it is for the mock, and by how many seconds its clock was moved."""

    now: datetime
    offset_seconds: float


@final
class Controls:
    """Everything here runs on the event loop that serves the mock.

    Clock and records are those of all workers that share a store; overrides, scenario and log are this process's.

    Args:
        seed: Decides which requests an override with a `rate` hits.
        journal: None keeps no log.
        scenarios: None for none; the one to start with is loaded by `start`.

    Raises:
        DocumentError: A scenario doesn't fit the documents: names place and line in its file.
    """

    def __init__(
        self,
        apis: Sequence[CompiledApi],
        operations: Sequence[CompiledOperation],
        clock: Clock,
        seed: str,
        journal: Journal | None,
        scenarios: Scenarios | None,
    ) -> None:
        self.apis = tuple(apis)
        self.operations = tuple(operations)
        self.journal = journal
        self.scenarios = scenarios
        self.scenario: str | None = None
        self._clock = clock
        self._seed = seed
        self._overrides: list[Override] = []
        self._made = 0
        self._changing = asyncio.Lock()
        self._dumps: dict[str, list[Json] | None] = {}
        for scenario in scenarios.by_name.values() if scenarios is not None else ():
            self._check(scenario)

    async def start(self) -> None:
        """Load the scenario to start with, if there is one."""
        if self.scenarios is not None:
            await self.activate(self.scenarios.start)

    # The clock

    async def clock(self) -> ClockReading:
        """What time it is."""
        offset = await self._stores[0].get_offset()
        return ClockReading(self._clock.now() + timedelta(seconds=offset), offset)

    async def set_clock(self, time: datetime) -> ClockReading:
        """Set the clock to a time, from which it goes on (or stands still, where it is fixed).

        Raises:
            UsageError: Too far away from the mock's own clock.
        """
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        async with self._changing:
            await self._set_offset((time - self._clock.now()).total_seconds())
        return await self.clock()

    async def advance(self, seconds: float) -> ClockReading:
        """Move the clock forward, or back by a negative number; raises as `set_clock` does."""
        async with self._changing:
            await self._set_offset(await self._stores[0].get_offset() + seconds)
        return await self.clock()

    # The records

    async def reset(self) -> None:
        """Bring the mock back to how it was started: seed records or the scenario it started with, the clock not
        moved, no overrides, an empty log."""
        async with self._changing:
            for store in self._stores:
                await store.reset()
            self.scenario = None
            self._set_overrides([])
            # The same draws after every reset.
            self._made = 0
            if self.journal is not None:
                self.journal.clear()
        await self.start()

    async def snapshot(self) -> Json:
        """All records and the clock, as JSON that `restore` takes."""
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
        dumps = self._read_snapshot(snapshot)
        async with self._changing:
            await self._restore([dumps[name] for name in self._names])

    # Overrides

    def override(self, forcing: Forcing) -> Override:
        """Force something on answers; of several overrides of an operation the newest that hits has effect.

        Raises:
            UsageError: It names no operation, or forces what the document can't answer; or there are too many.
        """
        get_operations(forcing, self.operations)
        if len(self._overrides) >= MAX_OVERRIDES:
            self._set_overrides([each for each in self._overrides if not each.is_over])
        if len(self._overrides) >= MAX_OVERRIDES:
            raise UsageError("overrides", MAX_OVERRIDES + 1, f"at most {MAX_OVERRIDES}; delete some, or reset")
        override = self._made_of(forcing)
        self._set_overrides([override, *self._overrides])
        return override

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The newest first, those that are over included."""
        return tuple(self._overrides)

    def drop_override(self, key: str) -> bool:
        """End an override; False when there is none of that key."""
        left = [each for each in self._overrides if each.key != key]
        found = len(left) < len(self._overrides)
        self._set_overrides(left)
        return found

    def drop_overrides(self) -> None:
        """End all overrides."""
        self._set_overrides([])

    # Scenarios and the log

    async def activate(self, name: str) -> None:
        """Put the mock into a scenario: its records, its time and its overrides, instead of what there was.

        Raises:
            UsageError: There is no scenario of that name, or none at all.
            StoreFull: It holds more records than a store may; nothing is changed.
        """
        if self.scenarios is None:
            raise UsageError("scenario", name, "none: the mock was started without `--scenario`")
        scenario = self.scenarios.get(name)
        dumps = self._dumps[name]
        async with self._changing:
            offset = self._offset_of(scenario)
            if dumps is not None:
                await self._restore([{**dump, "offset": offset} for dump in dumps])
            else:
                await self._set_offset(offset)
            # Of several for one operation the first in the file that hits has effect.
            self._made = 0
            self._set_overrides([self._made_of(each) for each in scenario.overrides])
            self.scenario = name

    @property
    def requests(self) -> tuple[Logged, ...]:
        """The last requests that were answered, the oldest first; raises `UsageError` where no log is kept."""
        if self.journal is None:
            raise UsageError("control", None, "Settings(control=ControlAccess()): without control no log is kept")
        return self.journal.entries()

    @property
    def _stores(self) -> list[Store]:
        return [api.store for api in self.apis]

    @property
    def _names(self) -> list[str]:
        return [api.api.name + api.prefix for api in self.apis]

    def _made_of(self, forcing: Forcing) -> Override:
        self._made += 1
        return Override(f"o{self._made}", forcing, f"{self._seed}/{self._made}")

    def _set_overrides(self, overrides: list[Override]) -> None:
        self._overrides = overrides
        by_operation: dict[CompiledOperation, list[Override]] = {}
        for override in overrides:
            for operation in get_operations(override.forcing, self.operations):
                by_operation.setdefault(operation, []).append(override)
        for operation in self.operations:
            operation.overrides = tuple(by_operation.get(operation, ()))

    async def _set_offset(self, seconds: float) -> None:
        for store in self._stores:
            await store.set_offset(seconds)

    def _offset_of(self, scenario: Scenario) -> float:
        if isinstance(scenario.clock, datetime):
            return (scenario.clock - self._clock.now()).total_seconds()
        return scenario.clock.total_seconds() if scenario.clock is not None else 0.0

    async def _restore(self, dumps: Sequence[Json]) -> None:
        """Restore all stores; where one refuses, those before it get back what they had."""
        before: list[Json] = []
        try:
            for store, dump in zip(self._stores, dumps, strict=True):
                had = await store.snapshot() if len(dumps) > 1 else None
                await store.restore(dump)
                before.append(had)
        except Exception:
            for store, had in zip(self._stores, before, strict=False):
                await store.restore(had)
            raise

    def _read_snapshot(self, snapshot: Json) -> dict[str, Json]:
        allowed = "what GET snapshot gave: an object with `format` and `documents`"
        if not isinstance(snapshot, dict) or not isinstance(snapshot.get("documents"), dict):
            raise UsageError("snapshot", type(snapshot).__name__, allowed)
        if snapshot.get("format") != SNAPSHOT_FORMAT:
            raise UsageError("format", snapshot.get("format"), str(SNAPSHOT_FORMAT))
        documents: dict[str, Json] = snapshot["documents"]
        if documents.keys() != set(self._names):
            wanted = f"a snapshot of {', '.join(self._names)}, which this mock serves"
            raise UsageError("snapshot", f"one of {', '.join(map(str, documents)) or 'nothing'}", wanted)
        return documents

    def _check(self, scenario: Scenario) -> None:
        scenarios = self.scenarios
        assert scenarios is not None
        for number, forcing in enumerate(scenario.overrides):
            try:
                get_operations(forcing, self.operations)
            except UsageError as error:
                raise scenarios.error(str(error), f"{scenario.place}/overrides/{number}") from error
        self._dumps[scenario.name] = make_dumps(scenario, scenarios, self.apis)
