"""Whether a credential that has the right form is somebody's, where the document says which records are credentials."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from understudy.mockserver.problems import Problem, ProblemRaised
from understudy.mockserver.requests.security import list_shown, not_known
from understudy.mockserver.stores import StoreUnavailable
from understudy.specs.behaviour import Query
from understudy.specs.behaviour.scenes import is_alive
from understudy.specs.behaviour.values import Scene
from understudy.specs.problems import ProblemKind

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledApi
    from understudy.mockserver.requests.incoming import Incoming
    from understudy.mockserver.settings import Clock
    from understudy.specs.behaviour.declarations import Resource
    from understudy.specs.model import SecurityRequirement

__all__ = ["find_unknown"]


async def find_unknown(
    api: CompiledApi, requirements: tuple[SecurityRequirement, ...], request: Incoming, clock: Clock
) -> Problem | None:
    """The problem of a credential that should be a record's and is none; None where one requirement is met for good.

    The store is asked only when a credential looks like those that records are.

    Raises:
        ProblemRaised: The store can't be asked.
    """
    if not api.credentials:
        return None
    shown = list_shown(requirements, request)
    for credentials in shown:
        parts = [part for _, each in credentials for part in each]
        if not parts or not await _is_unknown(api, parts, clock):
            return None
    schemes = {scheme.name: scheme for credentials in shown for scheme, _ in credentials}
    return not_known(tuple(schemes.values()), api.api.title) if shown else None


async def _is_unknown(api: CompiledApi, parts: list[str], clock: Clock) -> bool:
    for resource in api.credentials:
        assert resource.credential is not None
        claims = [part for part in parts if part.startswith(resource.credential.prefix)]
        if not claims:
            continue
        known = await _known(api, resource, clock)
        # Of user and password either may be the key; what looks like one by its prefix must be one.
        good = all(part in known for part in claims) if resource.credential.prefix else any(p in known for p in claims)
        if not good:
            return True
    return False


async def _known(api: CompiledApi, resource: Resource, clock: Clock) -> set[str]:
    assert resource.credential is not None
    query = Query(resource.name, (), None)
    try:
        now = clock.now() + timedelta(seconds=await api.store.get_offset())
        found = (await api.store.read([query])).found[query]
    except StoreUnavailable as error:
        raise ProblemRaised(Problem(ProblemKind.UNAVAILABLE, str(error))) from error
    scene = Scene({}, {"now": now})
    alive = [record.members for record in found if is_alive(resource, record, scene)]
    return {str(members[resource.credential.member]) for members in alive if resource.credential.member in members}
