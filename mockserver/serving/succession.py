"""A mock that takes the place of another: what of it goes on, and what begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.model import Direction

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledApi
    from understudy.mockserver.mock import Mock
    from understudy.specs.behaviour.declarations import Resource
    from understudy.specs.documents.document import Json
    from understudy.specs.schemas.schema import Schema

__all__ = ["succeed"]


async def succeed(new: Mock, old: Mock) -> list[str]:
    """Give a mock of the same documents, read anew, the log, clock, overrides and records of the one before.

    Where all resources of a document are what they were, both have one store from here on, so that nothing is lost that
    a request still under way writes. Else the records of those that are, and whose parents are, are copied.

    Returns:
        A sentence for each thing that isn't as it was.

    Raises:
        StoreFull, StoreUnavailable, MalformedDump: The records can't be copied.
    """
    said = []
    for mine, theirs in zip(new.controls.apis, old.controls.apis, strict=True):
        changed = [name for name in theirs.resources if not _is_same(theirs.resources[name], mine.resources.get(name))]
        if not changed and mine.resources.keys() == theirs.resources.keys():
            own, mine.store = mine.store, theirs.store
            await own.close()
            continue
        await mine.store.restore(_kept(await theirs.store.snapshot(), mine, theirs, changed))
        if changed:
            said.append(f"records of {', '.join(changed)} begin anew, since what the document says of them was changed")
    if new.journal is not None and old.journal is not None:
        old.journal.hide_what(new.journal)
        new.journal = new.controls.journal = old.journal
    new.loop = old.loop
    return said + await new.controls.take_over(old.controls)


def _kept(dump: Json, mine: CompiledApi, theirs: CompiledApi, changed: list[str]) -> Json:
    limits = {name for name, limit in theirs.api.limits.items() if mine.api.limits.get(name) == limit}
    partitions = [each for each in dump.get("partitions", ()) if each["resource"] not in changed]
    counts = [each for each in dump.get("counts", ()) if each["limit"] in limits]
    return {**dump, "partitions": partitions, "counts": counts}


def _is_same(one: Resource, other: Resource | None) -> bool:
    """Schemas are compared by what they say: their places may be the same and their text another."""
    if other is None or one != other:
        return False
    if not (_says_same(one.schema, other.schema) and _says_same(one.key_schema, other.key_schema)):
        return False
    parents = one.parent, other.parent
    return parents[0] is None or parents[1] is None or _is_same(parents[0].resource, parents[1].resource)


def _says_same(one: Schema | None, other: Schema | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(one.standalone(Direction.RESPONSE) == other.standalone(Direction.RESPONSE))
