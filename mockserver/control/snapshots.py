"""The records and the clock of all documents in one value, which a client keeps and gives back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.stores import Store
    from understudy.specs.documents.document import Json

__all__ = ["SNAPSHOT_FORMAT", "read_snapshot", "restore_all"]

SNAPSHOT_FORMAT: Final = 1


def read_snapshot(snapshot: Json, names: Sequence[str]) -> list[Json]:
    """What a snapshot has for each document of these names.

    Raises:
        UsageError: It is none, or one of other documents.
    """
    allowed = "what GET snapshot gave: an object with `format` and `documents`"
    if not isinstance(snapshot, dict) or not isinstance(snapshot.get("documents"), dict):
        raise UsageError("snapshot", type(snapshot).__name__, allowed)
    if snapshot.get("format") != SNAPSHOT_FORMAT:
        raise UsageError("format", snapshot.get("format"), str(SNAPSHOT_FORMAT))
    documents: dict[str, Json] = snapshot["documents"]
    if documents.keys() != set(names):
        wanted = f"a snapshot of {', '.join(names)}, which this mock serves"
        raise UsageError("snapshot", f"one of {', '.join(map(str, documents)) or 'nothing'}", wanted)
    return [documents[name] for name in names]


async def restore_all(stores: Sequence[Store], dumps: Sequence[Json]) -> None:
    """Restore all stores; where one refuses, those before it get back what they had."""
    before: list[Json] = []
    try:
        for store, dump in zip(stores, dumps, strict=True):
            had = await store.snapshot() if len(dumps) > 1 else None
            await store.restore(dump)
            before.append(had)
    except Exception:
        for store, had in zip(stores, before, strict=False):
            await store.restore(had)
        raise
