"""What makes a record: `POST` on its collection, where the answer leaves no doubt."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.behaviour.inferred_facts import Evidence, Fact, Inferred, Uncertain
from understudy.specs.behaviour.item_schemas import Item, called
from understudy.specs.behaviour.message_views import Answers, Brought, of_members, read_answers, read_body
from understudy.specs.behaviour.path_shapes import Collection
from understudy.specs.behaviour.values import UNKNOWN, Scene, Unknown, Value, compile_value
from understudy.specs.documents.document import Json
from understudy.specs.member_names import is_identity, words_of
from understudy.specs.model import MISSING, Missing, Operation, Response
from understudy.specs.pointers import child

__all__ = ["infer_create"]

_OTHER_DEEDS: Final = frozenset({"bulk", "find", "import", "preview", "search", "update", "upsert", "validate"})
"""Words of an operation's name or summary that say it may do something else than make one record."""


def infer_create(collection: Collection, item: Item, resource: Resource) -> Inferred:
    """What `POST` on the collection does.

    Raises:
        Uncertain: It may do something else than make one record.
    """
    operation = collection.of_all["POST"]
    brought = read_body(operation, item, with_key=True, checked=False)
    answers = read_answers(operation, item)
    is_named = item.key in brought.takes and item.key in brought.required
    _check_new(operation, collection, item, brought, is_named=is_named)
    located = next((each for each in operation.responses if each.is_success and _has_location(each)), None)
    reason = _find_reason(operation, item, answers, located if "GET" in collection.of_one else None, is_named=is_named)
    facts = [Evidence(operation.label, Fact.CREATE, f"makes a new {resource.name}: {reason}")]
    key = None
    if item.key in brought.takes and brought.pointer is not None:
        key = compile_value(f"$request.body#{child(brought.pointer, item.key)}")
        text = f"may name the {resource.name} by `{item.key}`; one that is there already is a conflict"
        facts.append(Evidence(operation.label, Fact.CLIENT_KEY, text))
    if located is not None:
        text = f"`Location` of {located.status} is the path of the {resource.name}"
        facts.append(Evidence(operation.label, Fact.LOCATION, text))
    action = Action(
        verb=Verb.CREATE,
        resource=resource,
        key=key,
        body=brought.pointer,
        items=answers.pointer or None,
        shows=answers.shows,
        takes=brought.takes,
        headers={"Location": _location(operation, collection, item)} if located is not None else {},
        makes_anew=all(response.status != "409" for response in operation.responses),
    )
    return action, (*facts, *of_members(operation, brought))


def _check_new(operation: Operation, collection: Collection, item: Item, brought: Brought, *, is_named: bool) -> None:
    """Refuse what may do something else than making a record, or only attach one that is there already."""
    said = {*words_of(operation.id), *words_of(operation.summary)} & _OTHER_DEEDS
    if said:
        raise Uncertain(f"{operation.label} says `{min(said)}`: it may do more than make one")
    if len(brought.ways) > 1 and not brought.is_about(item):
        raise Uncertain(f"{operation.label} does different things with different bodies")
    is_own = "GET" in collection.of_one and not any(step.is_parameter for step in collection.steps)
    if is_named and len(brought.takes) == 1:
        raise Uncertain(f"{operation.label} is told nothing but the `{item.key}`: it may attach what is there")
    if is_named and is_identity(item.key) and "201" not in _successes(operation) and not is_own:
        raise Uncertain(f"{operation.label} is told the `{item.key}`, without a 201: it may attach what is there")


def _find_reason(
    operation: Operation, item: Item, answers: Answers, located: Response | None, *, is_named: bool
) -> str:
    statuses = _successes(operation)
    if not statuses:
        raise Uncertain(f"{operation.label} documents no success")
    if answers.is_whole:
        return f"it answers {called(item.schema)}"
    if item.key in answers.shows and statuses != ["202"]:
        return f"it answers the `{item.key}`"
    if located is not None:
        return f"{located.status} tells its `Location`"
    if is_named and "201" in statuses:
        return f"it answers 201, and is told the `{item.key}`"
    raise Uncertain(f"{operation.label} tells neither {called(item.schema)}, nor its `{item.key}`, nor its `Location`")


def _successes(operation: Operation) -> list[str]:
    return [response.status for response in operation.responses if response.is_success]


def _has_location(response: Response) -> bool:
    return any(header.name.lower() == "location" for header in response.headers)


def _location(operation: Operation, collection: Collection, item: Item) -> Value:
    """The path of a new item, relative to the request's, so that it is right below every base path."""
    before = "" if operation.path.endswith("/") else f"{quote(collection.name, safe='')}/"
    after = collection.item_path.rpartition("}")[2]

    def evaluate(scene: Scene) -> Json | Missing | Unknown:
        key = scene.names.get("record", {}).get(item.key, MISSING)
        return key if key is MISSING or key is UNKNOWN else f"{before}{quote(str(key), safe='')}{after}"

    return Value(f"= '{before}' + string(record.{item.key}) + '{after}'", evaluate)
