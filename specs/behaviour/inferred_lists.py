"""What `GET` on a collection lists: where the items lie, which it shows, and what is said about them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.behaviour.inferred_facts import Evidence, Fact, Inferred, Uncertain
from understudy.specs.behaviour.inferred_pages import Paging, count_members, find_paging
from understudy.specs.behaviour.item_schemas import Item, array_members, called
from understudy.specs.behaviour.message_views import hidden_members, is_item_like
from understudy.specs.behaviour.path_shapes import Collection
from understudy.specs.behaviour.values import UNKNOWN, Scene, Unknown, Value
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Location, Operation, Parameter
from understudy.specs.pointers import JsonPointer, tokens
from understudy.specs.schemas.json_values import is_equal
from understudy.specs.schemas.object_schemas import find_default, is_write_only
from understudy.specs.schemas.relations import is_within, types_of
from understudy.specs.schemas.schema import Schema

__all__ = ["infer_list"]

_SCALARS: Final = ({"boolean"}, {"integer"}, {"number", "integer"}, {"string"})
_NOT_FILTERS: Final = frozenset(
    {"sort", "sort_by", "sortBy", "order", "order_by", "orderBy", "fields", "include", "expand", "q", "query", "search"}
)


def infer_list(operation: Operation, collection: Collection, item: Item, resource: Resource) -> Inferred:
    """What `GET` on the collection does.

    Raises:
        Uncertain: What it answers isn't certainly a list of the records, or depends on more than is known.
    """
    pointer, arrays, bodies = _find_arrays(operation, item)
    shown = [items for array in arrays if (items := array.find_items()) is not None]
    hidden = frozenset(name for schema in shown for name in hidden_members(schema, item))
    shows = frozenset(name for name, member in item.members.items() if not is_write_only(member)) - hidden
    if item.key not in shows:
        raise Uncertain(f"{operation.label} doesn't show the `{item.key}` as the {called(item.schema)} has it")
    paging, filters, unread = _read_parameters(operation, item, _most(arrays))
    counted, about = count_members(bodies, pointer, paging)
    place = f"`{tokens(pointer)[-1]}` of its answer" if pointer else "its answer"
    text = f"lists every {resource.name}: {place} is an array of {called(shown[0])}"
    facts = [Evidence(operation.label, Fact.LIST, text)]
    for name in filters:
        text = f"`{name}` leaves out each {resource.name} with another `{name}`"
        facts.append(Evidence(operation.label, Fact.FILTER, text, (name,)))
    facts += [Evidence(operation.label, Fact.PAGE, text, (name,)) for name, text in paging.reasons]
    facts += [Evidence(operation.label, Fact.COUNT, text, (name,)) for name, text in about]
    if unread:
        names = ", ".join(f"`{name}`" for name in unread)
        facts.append(Evidence(operation.label, None, f"not understood, and so of no effect: {names}", unread))
    action = Action(
        verb=Verb.LIST,
        resource=resource,
        where=_where(filters) if filters else None,
        page=paging.page,
        items=pointer,
        answer=counted,
        shows=shows,
    )
    return action, tuple(facts)


def _find_arrays(operation: Operation, item: Item) -> tuple[JsonPointer, list[Schema], list[Schema]]:
    """Where every success has its array of records, the arrays' schemas, and those of the bodies."""
    found: list[tuple[JsonPointer, Schema]] = []
    bodies = []
    for media_type in (each for response in operation.responses if response.is_success for each in response.content):
        if media_type.schema is None or media_type.item_schema is not None:
            raise Uncertain(f"{operation.label} answers {media_type.name} as well, whose items aren't known")
        lists = [(pointer, array) for pointer, array in array_members(media_type.schema) if _lists(array, item)]
        if len(lists) != 1:
            raise Uncertain(f"{operation.label} doesn't answer with just one array of {called(item.schema)}")
        found += lists
        bodies.append(media_type.schema)
    if not found:
        raise Uncertain(f"{operation.label} documents no list")
    if any(pointer != found[0][0] for pointer, _ in found):
        raise Uncertain(f"{operation.label} has its list in different places")
    return found[0][0], [array for _, array in found], bodies


def _read_parameters(
    operation: Operation, item: Item, most: int | None
) -> tuple[Paging, dict[str, Json], tuple[str, ...]]:
    """How the query cuts the list; the filters, each with its default; and what isn't understood."""
    query = [each for each in operation.parameters if each.location in (Location.QUERY, Location.QUERYSTRING)]
    paging = find_paging(query, most)
    others = [each for each in query if each.name not in paging.parameters]
    filters = {each.name: _default_of(each) for each in others if _is_filter(each, item)}
    unread = [each for each in others if each.name not in filters]
    needed = next((each.name for each in unread if each.required), None)
    if needed is not None:
        raise Uncertain(f"what {operation.label} lists depends on `{needed}`, whose meaning isn't known")
    return paging, filters, tuple(each.name for each in unread)


def _lists(array: Schema, item: Item) -> bool:
    items = array.find_items()
    return items is not None and is_item_like(items, item)


def _most(arrays: Iterable[Schema]) -> int | None:
    """How many items the answers may have; None when any number."""
    limits = [array.target.node.get("maxItems") for array in arrays]
    return min((limit for limit in limits if isinstance(limit, int)), default=None)


def _is_filter(parameter: Parameter, item: Item) -> bool:
    """Whether a query parameter certainly asks for records with one value of the member of its name."""
    member = item.members.get(parameter.name) if parameter.location is Location.QUERY else None
    if member is None or parameter.schema is None or parameter.name in _NOT_FILTERS or is_write_only(member):
        return False
    asked, types = types_of(parameter.schema) - {"null"}, types_of(member) - {"null"}
    if asked not in _SCALARS or not asked <= types or types not in _SCALARS:
        return False
    return "enum" not in parameter.schema.target.node.value or is_within(parameter.schema, member)


def _default_of(parameter: Parameter) -> Json:
    """The value that counts where none is sent; MISSING where the document gives none."""
    return find_default(parameter.schema) if parameter.schema is not None else MISSING


def _where(filters: dict[str, Json]) -> Value:
    """Which records the query leaves in."""

    def evaluate(scene: Scene) -> bool | Unknown:
        query, record = scene.request["query"], scene.names["record"]
        is_known = True
        for name, default in filters.items():
            wanted, value = query.get(name, default), record.get(name, MISSING)
            if value is UNKNOWN:
                is_known = is_known and wanted is MISSING
            elif wanted is not MISSING and (value is MISSING or not is_equal(wanted, value)):
                return False
        return True if is_known else UNKNOWN

    conditions = (
        f"get(request.query, '{name}', get(record, '{name}', null)) == get(record, '{name}', null)"
        if default is MISSING
        else f"get(request.query, '{name}', {json.dumps(default)}) == get(record, '{name}', null)"
        for name, default in filters.items()
    )
    return Value("= " + " && ".join(conditions), evaluate)
