"""The records of a scenario as the dumps that the stores of the documents take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from understudy.mockserver.control.scenarios import Scenario, ScenarioError, Scenarios, StandardRecords
from understudy.mockserver.stores.dumps import MalformedDump, read_dump
from understudy.mockserver.stores.lineage import Lineage, scope_length
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError
from understudy.specs.pointers import JsonPointer, child, tokens

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledApi

__all__ = ["make_dumps"]


def make_dumps(scenario: Scenario, scenarios: Scenarios, apis: Sequence[CompiledApi]) -> list[Json] | None:
    """For each document the dump that holds a scenario's records, without offset; None where records are kept.

    Raises:
        ScenarioError: A resource that no document declares, or that two do; records that can't be kept; `empty` for
            a resource whose seed records are in scopes that nobody has named.
    """
    if scenario.records is StandardRecords.KEEP:
        return None
    places = child(scenario.place, "records")
    partitions: list[list[tuple[Json, JsonPointer]]] = [[] for _ in apis]
    if scenario.records is StandardRecords.EMPTY:
        for index, api in enumerate(apis):
            for resource in api.resources.values():
                # Seed records below a record that isn't there are out of reach.
                if resource.seed and (resource.parent is None or resource.seed_scope is not None):
                    partitions[index].append((_empty(resource, scenarios, places), places))
    elif not isinstance(scenario.records, StandardRecords):
        for name, said in scenario.records.items():
            place = child(places, name)
            index, resource = _find(name, apis, scenarios, place)
            if said == StandardRecords.EMPTY.value:
                partitions[index].append((_empty(resource, scenarios, place), place))
            else:
                partitions[index] += _partitions(resource, said, place)
    return [_checked(api, parts, scenarios) for api, parts in zip(apis, partitions, strict=True)]


def _partitions(resource: Resource, said: list[Json], place: JsonPointer) -> Iterator[tuple[Json, JsonPointer]]:
    """Items with `scope` and `records` are partitions, the others records of the one scope there is; with where the
    records of each stand."""
    plain: list[Json] = []
    for number, item in enumerate(said):
        if item.keys() == {"scope", "records"}:
            held = item["records"]
            records = [{"members": members} for members in held] if isinstance(held, list) else held
            yield (
                {"resource": resource.name, "scope": item["scope"], "records": records},
                child(place, number, "records"),
            )
        else:
            plain.append(item)
    if plain or not said:
        scope = list(resource.seed_scope or ())
        records = [{"members": members} for members in plain]
        yield {"resource": resource.name, "scope": scope, "records": records}, place


def _empty(resource: Resource, scenarios: Scenarios, place: JsonPointer) -> Json:
    if resource.seed and resource.seed_scope is None and scope_length(resource) > 0:
        remedy = f"name one: {resource.name}: [{{scope: […], records: []}}]"
        reason = f"{resource.name!r} has seed records in every scope; {remedy}"
        raise scenarios.error(reason, place)
    return {"resource": resource.name, "scope": list(resource.seed_scope or ()), "records": []}


def _find(name: str, apis: Sequence[CompiledApi], scenarios: Scenarios, place: JsonPointer) -> tuple[int, Resource]:
    """``resource``, or ``document/resource`` where two documents declare one of that name."""
    found = [
        (index, resource)
        for index, api in enumerate(apis)
        for key, resource in api.resources.items()
        if name in (key, f"{api.api.name}/{key}")
    ]
    if len(found) == 1:
        return found[0]
    if found:
        choices = " or ".join(f"{apis[index].api.name}/{name}" for index, _ in found)
        raise scenarios.error(f"several documents declare {name!r}; say {choices}", place)
    known = ", ".join(key for api in apis for key in api.resources) or "none"
    raise scenarios.error(str(UsageError("resource", name, known)), place)


def _checked(api: CompiledApi, parts: list[tuple[Json, JsonPointer]], scenarios: Scenarios) -> Json:
    dump = {"partitions": [members for members, _ in parts]}
    if not parts:
        return dump
    try:
        read_dump(dump, Lineage(api.resources.values()))
    except MalformedDump as error:
        raise _placed(error, parts, scenarios) from error
    return dump


def _placed(error: MalformedDump, parts: list[tuple[Json, JsonPointer]], scenarios: Scenarios) -> ScenarioError:
    path = tokens(error.pointer)
    place = parts[int(path[1])][1] if len(path) > 1 else JsonPointer("")
    number = [path[3]] if len(path) > 3 and path[2] == "records" else []
    return scenarios.error(error.reason, child(place, *number))
