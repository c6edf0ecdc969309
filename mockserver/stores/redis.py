"""Records in a Redis server that any number of workers and hosts share, as if they were one.

Every change is one script, so nobody sees half of it. Redis must not evict keys (`maxmemory-policy noeviction`,
its default); how long records outlive Redis itself is a matter of its own persistence.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from hashlib import sha1
from typing import Final, TypeVar, final
from urllib.parse import quote

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError, OutOfMemoryError, RedisError

from understudy.mockserver.stores import redis_scripts, redis_texts
from understudy.mockserver.stores.changes import Change, Write, change_of
from understudy.mockserver.stores.dumps import read_dump, write_dump
from understudy.mockserver.stores.limits import Limits, Room
from understudy.mockserver.stores.lineage import Lineage
from understudy.mockserver.stores.redis_url import RedisAddress
from understudy.mockserver.stores.store import PartitionSize, StoreFull, StoreUnavailable, checked_offset
from understudy.mockserver.stores.tallies import MAX_TALLIES, Counted
from understudy.mockserver.stores.texts import check_text, is_text, partition_of, partition_text
from understudy.specs.behaviour import Query, Record, Snapshot
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.limits import Bucket
from understudy.specs.behaviour.state import Effect, Scope
from understudy.specs.documents.document import Json
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["LAYOUT", "PATIENCE_SECONDS", "RedisStore"]

LAYOUT: Final = 1
"""Of the keys: workers that lay records out otherwise don't see them."""

PATIENCE_SECONDS: Final = 5.0
WHOLE_PATIENCE_SECONDS: Final = 60.0
"""For what moves all records: a snapshot, a restore, a reset."""

MAX_CONNECTIONS: Final = 32
_FIRST_TEXT: Final = 3
"""Index of the first argument after the base of the keys and the plan, as Lua counts."""

T = TypeVar("T")


@final
class RedisStore:
    """A `Store` in Redis. It connects when it is first asked, and anew when the connection was lost.

    Args:
        resources: The declared ones: for their seed records and for what belongs to what.
        document: Whose records these are: documents that share a server see nothing of each other.
        patience_seconds: How long a request waits for an answer.
    """

    def __init__(
        self,
        address: RedisAddress,
        resources: Iterable[Resource],
        *,
        document: str,
        limits: Limits | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._address = address
        self._lineage = Lineage(resources)
        self._limits = limits or Limits()
        self._patience_seconds = patience_seconds
        self._base = f"understudy:{LAYOUT}:{{{quote(address.prefix, safe='')}/{quote(document, safe='')}}}:"
        self._meta, self._places = f"{self._base}meta", f"{self._base}places"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connected: Redis | None = None

    def at_hand(self) -> Snapshot | None:
        """See `Store.at_hand`: it isn't."""
        return None

    async def read(self, queries: Sequence[Query]) -> Snapshot:
        """See `Store.read`."""
        asked = [(query, self._commands(query)) for query in queries if query.key is None or is_text(query.key)]
        commands = [command for _, some in asked for command in some]
        replies: Iterator[Json] = iter(await self._together(commands) if commands else ())
        found: dict[Query, tuple[Record, ...]] = dict.fromkeys(queries, ())
        for query, some in asked:
            is_known = len(some) == 1 or next(replies) is not None
            reply = next(replies)
            found[query] = self._records(query, reply) if is_known else self._seeds(query)
        return Snapshot(found)

    async def commit(self, effects: Sequence[Effect]) -> bool:
        """See `Store.commit`."""
        change = change_of(effects, self._lineage)
        plan, texts = self._plan(change)
        reply = await self._carry_out(redis_scripts.COMMIT, plan, texts)
        return bool(reply == b"done")

    async def next_ordinal(self, resource: str, scope: Scope) -> int:
        """See `Store.next_ordinal`."""
        check_text(*scope)
        place = partition_text((resource, scope))
        plan = {"seeded": [place] if self._lineage.seeds((resource, scope)) else [], "written": [place]}
        return int(await self._carry_out(redis_scripts.ORDINAL, plan, []))

    async def count(self, buckets: Sequence[Bucket], now: float, *, enforce: bool) -> Counted:
        """See `Store.count`."""
        asked = [{"key": each.key, "calls": each.limit.calls, "seconds": each.limit.seconds} for each in buckets]
        plan = {"now": now, "enforce": enforce, "most": MAX_TALLIES, "buckets": asked}
        is_admitted, *found = await self._evaluate(redis_scripts.COUNT, dump_json(plan))
        return Counted(tuple(redis_texts.read_tally(text) for text in found), is_admitted == 1)

    async def partitions(self) -> tuple[PartitionSize, ...]:
        """See `Store.partitions`."""
        found = await self._evaluate(redis_scripts.PARTITIONS, patience_seconds=WHOLE_PATIENCE_SECONDS)
        sizes = sorted((partition_of(place.decode()), records) for place, records in found)
        return tuple(PartitionSize(*partition, records) for partition, records in sizes)

    async def snapshot(self) -> Json:
        """See `Store.snapshot`."""
        offset, found, counts = await self._evaluate(redis_scripts.DUMP, patience_seconds=WHOLE_PATIENCE_SECONDS)
        try:
            dumped = [
                (
                    partition_of(place.decode()),
                    int(made),
                    int(given),
                    [redis_texts.dumped_record(record) for record in redis_texts.read_records(held)],
                )
                for place, made, given, held in found
            ]
            pairs = zip(counts[::2], counts[1::2], strict=True)
            tallies = [(key.decode(), redis_texts.read_tally(text)) for key, text in pairs]
        except ValueError as error:
            raise self._refusal(error) from error
        return write_dump(float(offset), dumped, tallies)

    async def restore(self, dump: Json) -> None:
        """See `Store.restore`."""
        read = read_dump(dump, self._lineage)
        self._limits.check(Room(0, 0, 0), read.room())
        counts = dump_json([[key, redis_texts.tally_text(tally)] for key, tally in read.tallies])
        offset = b"" if read.offset is None else repr(read.offset).encode()
        arguments = [offset, counts, *map(redis_texts.restored_partition, read.partitions)]
        await self._evaluate(redis_scripts.RESTORE, *arguments, patience_seconds=WHOLE_PATIENCE_SECONDS)

    async def reset(self) -> None:
        """See `Store.reset`."""
        await self._evaluate(redis_scripts.RESET, patience_seconds=WHOLE_PATIENCE_SECONDS)

    async def get_offset(self) -> float:
        """See `Store.get_offset`."""
        (offset,) = await self._together([("HGET", self._meta, "offset")])
        return float(offset or 0)

    async def set_offset(self, seconds: float) -> None:
        """See `Store.set_offset`."""
        await self._together([("HSET", self._meta, "offset", repr(checked_offset(seconds)))])

    async def close(self) -> None:
        """See `Store.close`."""
        client, self._connected = self._connected, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    def _commands(self, query: Query) -> list[tuple[str, ...]]:
        """What to ask: for seed records also whether the partition has been written to."""
        place = partition_text((query.resource, query.scope))
        at = f"{self._base}at:{place}"
        ask = ("HGETALL", at) if query.key is None else ("HGET", at, query.key)
        return [("ZSCORE", self._places, place), ask] if self._lineage.seeds((query.resource, query.scope)) else [ask]

    def _records(self, query: Query, reply: Json) -> tuple[Record, ...]:
        try:
            if query.key is None:
                return tuple(redis_texts.read_records([each for pair in reply.items() for each in pair]))
            return () if reply is None else (redis_texts.read_record(query.key, reply),)
        except ValueError as error:
            raise self._refusal(error) from error

    def _seeds(self, query: Query) -> tuple[Record, ...]:
        seeds = self._lineage.seeds((query.resource, query.scope))
        return tuple(seed.record for seed in seeds if query.key is None or seed.record.key == query.key)

    def _plan(self, change: Change) -> tuple[dict[str, Json], list[bytes]]:
        """What the script has to do, and the texts that it mentions by index."""
        texts: list[bytes] = []
        last: dict[tuple[str, str], int] = {}
        steps: list[Json] = []
        for step in change.steps:
            place = partition_text(step.partition)
            if isinstance(step, Write):
                index = last[place, step.key] = len(texts) + _FIRST_TEXT
                texts.append(step.text)
                steps.append([place, step.key, index])
            else:
                starts = [start for key in step.keys for start in self._lineage.owned_texts(*step.partition, key)]
                steps.append([place, "", step.keys, starts])
        asked = {*change.partitions(), *(check.partition for check in change.checks)}
        plan = {
            "seeded": [partition_text(each) for each in asked if self._lineage.seeds(each)],
            "checks": [[partition_text(check.partition), check.key, check.version] for check in change.checks],
            "written": [partition_text(partition) for partition in change.partitions()],
            "last": [[place, key, index] for (place, key), index in last.items()],
            "steps": steps,
        }
        return plan, texts

    async def _carry_out(self, script: str, plan: dict[str, Json], texts: list[bytes]) -> Json:
        """Run a script with its plan; seed records are sent only when it asks for them."""
        plan = {**plan, "limits": self._limits.named()}
        reply = await self._evaluate(script, dump_json(plan), *texts)
        if reply == b"seeds":
            texts = list(texts)
            seeds: dict[str, dict[str, list[int]]] = {}
            for place in plan["seeded"]:
                seeds[place] = {}
                for seed in self._lineage.seeds(partition_of(place)):
                    seeds[place][seed.record.key] = [seed.record.ordinal, len(texts) + _FIRST_TEXT]
                    texts.append(seed.text)
            reply = await self._evaluate(script, dump_json({**plan, "seeds": seeds}), *texts)
        if isinstance(reply, bytes) and reply.decode() in self._limits.named():
            raise self._limits.full(reply.decode())
        return reply

    async def _together(self, commands: Sequence[tuple[str, ...]]) -> list[Json]:
        """The replies to commands, all at one moment; they may be sent twice."""

        async def send(client: Redis) -> list[Json]:
            if len(commands) == 1:
                return [await client.execute_command(*commands[0])]  # type: ignore[no-untyped-call]  # so in redis-py
            async with client.pipeline(transaction=True) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return list(await pipeline.execute())

        return await self._ask(send, attempts=2)

    async def _evaluate(self, script: str, *arguments: bytes, patience_seconds: float | None = None) -> Json:
        keys = (self._meta, self._places, self._base)

        async def evaluate(client: Redis) -> Json:
            try:
                return await client.evalsha(sha1(script.encode()).hexdigest(), 2, *keys, *arguments)
            except NoScriptError:
                # Redis was started anew, or has never seen it: it hasn't run.
                return await client.eval(script, 2, *keys, *arguments)

        return await self._ask(evaluate, patience_seconds=patience_seconds)

    async def _ask(
        self, call: Callable[[Redis], Awaitable[T]], *, patience_seconds: float | None = None, attempts: int = 1
    ) -> T:
        """Ask within the time given.

        Args:
            attempts: More than one only for what may be asked twice; whether a lost answer stood for a change can't
                be known.
        """
        try:
            async with asyncio.timeout(patience_seconds or self._patience_seconds):
                for _ in range(attempts - 1):
                    # The connection may be one to a server that is no more; another one is made.
                    with contextlib.suppress(ConnectionLost):
                        return await call(self._client())
                return await call(self._client())
        except (RedisError, OSError) as error:
            raise self._refusal(error) from error

    def _client(self) -> Redis:
        """Connections belong to the event loop they were made on."""
        loop = asyncio.get_running_loop()
        if self._connected is None or self._loop is not loop:
            pool = BlockingConnectionPool(
                max_connections=MAX_CONNECTIONS,
                timeout=self._patience_seconds,
                socket_connect_timeout=self._patience_seconds,
                socket_timeout=WHOLE_PATIENCE_SECONDS,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                **self._address.options,
            )
            self._loop, self._connected = loop, Redis.from_pool(pool)
        return self._connected

    def _refusal(self, error: Exception) -> StoreUnavailable | StoreFull:
        # Redis before 7 tells it of a script as another error.
        if isinstance(error, OutOfMemoryError) or "OOM command" in str(error):
            return StoreFull(f"{self._address} has no memory left: give it more, or reset the store")
        if isinstance(error, TimeoutError) and not str(error):
            return StoreUnavailable(f"{self._address} didn't answer in time: try again")
        if isinstance(error, ValueError):
            return StoreUnavailable(f"{self._address} holds what isn't ours: {error}; reset the store")
        return StoreUnavailable(f"{self._address} can't be used: {error}")
