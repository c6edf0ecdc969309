"""What records a mock holds, over all its documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from understudy.mockserver.stores.lineage import scope_length
from understudy.specs.behaviour import Query
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledApi
    from understudy.specs.documents.document import Json

__all__ = ["list_holdings", "list_records"]


async def list_holdings(apis: Sequence[CompiledApi]) -> list[Json]:
    """Every partition with its document, resource, scope and count of records, expired ones included.

    A resource without a partition is listed with its seed records, or with none; where its scopes aren't known, its
    scope is null.
    """
    listed: list[Json] = []
    for api in apis:
        held = await api.store.partitions()
        listed += [_line(api, each.resource, list(each.scope), each.records) for each in held]
        known = {(each.resource, each.scope) for each in held}
        for name, resource in api.resources.items():
            scope = resource.seed_scope if resource.seed_scope is not None else ()
            if scope_length(resource) == len(scope):
                if (name, scope) not in known:
                    listed.append(_line(api, name, list(scope), len(resource.seed)))
            elif not any(each.resource == name for each in held):
                listed.append(_line(api, name, None, len(resource.seed)))
    return listed


async def list_records(
    apis: Sequence[CompiledApi], resource: str, scope: Sequence[str], *, document: str = ""
) -> list[Json]:
    """The records of a partition in the order they were made: key, ordinal, members.

    Args:
        document: Needed where two documents declare a resource of that name; empty otherwise.

    Raises:
        UsageError: No such resource, or several; or a scope of another length.
    """
    found = [api for api in apis if resource in api.resources and document in ("", api.api.name)]
    if len(found) != 1:
        known = ", ".join(f"{api.api.name}/{name}" for api in apis for name in api.resources) or "none"
        raise UsageError("resource", resource[:100], f"{known}; `?document=` tells two of one name apart")
    wanted = scope_length(found[0].resources[resource])
    if len(scope) != wanted:
        raise UsageError("scope", list(scope), f"{wanted} values, each as `?scope=VALUE`")
    query = Query(resource, tuple(scope), None)
    records = (await found[0].store.read([query])).found[query]
    return [{"key": each.key, "ordinal": each.ordinal, "members": each.members} for each in records]


def _line(api: CompiledApi, resource: str, scope: list[str] | None, count: int) -> Json:
    return {"document": api.api.name, "resource": resource, "scope": scope, "count": count}
