"""From the option `--state` to a store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from understudy.mockserver.stores.limits import Limits
from understudy.mockserver.stores.memory import MemoryStore
from understudy.mockserver.stores.store import Store
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.errors import UsageError

__all__ = ["ALLOWED", "open_store"]

ALLOWED: Final = "memory, sqlite:///FILE, redis://HOST[:PORT][/DATABASE][?prefix=NAME]"
_SQLITE: Final = "sqlite:///"


def open_store(state: str, resources: Iterable[Resource], *, document: str, limits: Limits | None = None) -> Store:
    """The store that a user asked for.

    Args:
        state: ``memory``; ``sqlite:///FILE``, the file as the system names it, so that an absolute one has four
            slashes; or the URL of a Redis, with ``rediss`` for TLS and ``prefix`` to keep users of one Redis apart.
        resources: The document's.
        document: A name that all workers of the mock give it; documents that share a file or a Redis see nothing of
            each other.

    Raises:
        UsageError: Nothing that is known, or a file that can't be used. A Redis that isn't there is no error yet:
            it may come.
    """
    if state == "memory":
        return MemoryStore(resources, limits)
    # A mock that keeps its records in memory doesn't pay for the libraries of the others.
    if state.startswith(_SQLITE) and len(state) > len(_SQLITE):
        from understudy.mockserver.stores.sqlite import SqliteStore

        return SqliteStore(Path(state.removeprefix(_SQLITE)), resources, document=document, limits=limits)
    if state.startswith(("redis://", "rediss://")):
        from understudy.mockserver.stores.redis import RedisStore
        from understudy.mockserver.stores.redis_url import RedisAddress

        return RedisStore(RedisAddress.from_url(state), resources, document=document, limits=limits)
    # What stands before an @ may be a password.
    raise UsageError("state", state if "@" not in state else f"{state.partition(':')[0]}:…", ALLOWED)
