"""Making room: records whose time is over are dropped. Until then they are only invisible."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from understudy.mockserver.stores.store import Store
from understudy.specs.behaviour import Query
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.scenes import is_alive
from understudy.specs.behaviour.state import Clear
from understudy.specs.behaviour.values import Scene

__all__ = ["drop_expired"]


async def drop_expired(store: Store, resources: Iterable[Resource], now: datetime) -> int:
    """Delete the records that are expired, with what belongs to them; gives their number.

    Meant for a store that is full: what is dropped doesn't come back when the clock is set back. A record that is
    extended meanwhile stays.
    """
    scene = Scene({}, {"now": now})
    expiring = {resource.name: resource for resource in resources if resource.expires is not None}
    dropped = 0
    for held in await store.partitions():
        resource = expiring.get(held.resource)
        if resource is None:
            continue
        query = Query(held.resource, held.scope, None)
        records = (await store.read([query])).found[query]
        dead = {record.key: record.version for record in records if not is_alive(resource, record, scene)}
        if dead and await store.commit([Clear(resource, held.scope, dead)]):
            dropped += len(dead)
    return dropped
