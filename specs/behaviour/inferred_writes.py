"""What the operations on one record do, as far as methods, bodies and answers make it certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.behaviour.inferred_facts import Evidence, Fact, Uncertain
from understudy.specs.behaviour.item_schemas import Item, called, object_members
from understudy.specs.behaviour.message_views import Answers, Brought, read_answers, read_body
from understudy.specs.behaviour.path_shapes import Collection
from understudy.specs.behaviour.values import UNKNOWN, Scene, Value, compile_value
from understudy.specs.document import Json
from understudy.specs.media_types import Kind, kind
from understudy.specs.member_names import is_identity, words_of
from understudy.specs.model import MISSING, Missing, Operation, Response
from understudy.specs.pointers import child
from understudy.specs.schema_relations import is_same, types_of

__all__ = ["Inferred", "infer_create", "infer_delete", "infer_patch", "infer_put", "infer_read", "makes_by_put"]

Inferred = tuple[Action, tuple[Evidence, ...]]
"""An action, and what it was inferred from."""

_LINGERING: Final = frozenset({"deleted", "archived", "trashed"})
"""Members that tell of a deletion that leaves the record there."""
_LESS_THAN_DELETED: Final = frozenset(
    {"cancel", "cancels", "archive", "archives", "deactivate", "deactivates", "disable", "disables", "suspend", "suspends"}
)


def infer_create(collection: Collection, item: Item, resource: Resource) -> Inferred:
    """`POST` on the collection makes a record."""
    operation = collection.of_all["POST"]
    successes = _successes(operation)
    if any(types_of(schema) == {"array"} for schema in _bodies(operation)):
        raise Uncertain(f"{operation.label} takes many at once")
    brought = read_body(operation, item, with_key=True, checked=False)
    answers = read_answers(operation, item)
    located = next((response for response in successes if _location(response) is not None), None)
    only_accepted = all(response.status == "202" for response in successes)
    names_key = item.key in brought.takes and brought.schema is not None and item.key in brought.schema.required()
    is_made = any(response.status == "201" for response in successes)
    if names_key and is_identity(item.key) and not is_made:
        raise Uncertain(f"{operation.label} is told the `{item.key}`, and doesn't answer 201: it may only attach what is there")
    if names_key and brought.takes.keys() == {item.key}:
        raise Uncertain(f"{operation.label} is told nothing but the `{item.key}`: it may only attach what is there")
    if item.key in answers.shows and (answers.is_whole or not only_accepted):
        how = f"its success shows {called(item.schema) if answers.is_whole else f'the `{item.key}`'}"
    elif located is not None and collection.of_one.get("GET") is not None:
        how = f"{located.status} tells its `Location`"
    elif names_key and is_made:
        how = f"201, and the request names it by `{item.key}`"
    else:
        raise Uncertain(f"{operation.label} shows neither what was made, nor its `{item.key}`, nor its `Location`")
    facts = [Evidence(operation.label, Fact.CREATE, f"makes a {resource.name}: {how}")]
    key = None
    if item.key in brought.takes and brought.pointer is not None:
        key = compile_value(f"$request.body#{child(brought.pointer, item.key)}")
        text = f"names the {resource.name} by `{item.key}` if it likes; one that is there already is a conflict"
        facts.append(Evidence(operation.label, Fact.CLIENT_KEY, text))
    headers = {}
    if located is not None:
        headers = {"Location": _location_of(collection, item)}
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
        headers=headers,
    )
    return action, (*facts, *_of_members(operation, brought))


def infer_read(collection: Collection, item: Item, resource: Resource, method: str = "GET") -> Inferred:
    """`GET`, or `HEAD`, on an item reads it."""
    operation = collection.of_one[method]
    _successes(operation)
    answers = read_answers(operation, item)
    action = _action(Verb.READ, collection, resource, answers)
    return action, (Evidence(operation.label, Fact.READ, f"reads the {resource.name} that the path names"),)


def makes_by_put(collection: Collection) -> bool:
    """Whether `PUT` on an item makes it where it isn't there (RFC 9110, section 9.3.4): 201 is documented."""
    put = collection.of_one.get("PUT")
    return put is not None and any(response.status == "201" for response in put.responses)


def infer_put(collection: Collection, item: Item, resource: Resource) -> Inferred:
    """`PUT` on an item replaces it, or makes it; with a schema of its own where all is optional, it updates."""
    operation = collection.of_one["PUT"]
    _successes(operation)
    makes = makes_by_put(collection)
    brought = read_body(operation, item, with_key=False, checked=False)
    _check_said(operation, item, brought, may_say_nothing=makes)
    answers = read_answers(operation, item)
    if makes:
        verb, fact, text = Verb.UPSERT, Fact.UPSERT, f"makes or replaces the {resource.name} that the path names: 201"
    elif _is_whole(collection, item, brought):
        verb, fact, text = Verb.REPLACE, Fact.REPLACE, f"replaces the {resource.name} that the path names"
    else:
        verb, fact = Verb.UPDATE, Fact.UPDATE
        text = f"updates the {resource.name} that the path names: nothing is required, so what isn't sent stays"
    action = _action(verb, collection, resource, answers, brought)
    return action, (Evidence(operation.label, fact, text), *_of_members(operation, brought))


def infer_patch(collection: Collection, item: Item, resource: Resource) -> Inferred:
    """`PATCH` on an item merges what is sent into it (RFC 7396)."""
    operation = collection.of_one["PATCH"]
    _successes(operation)
    content = operation.request_body.content if operation.request_body is not None else ()
    if any(media_type.name.startswith("application/json-patch") for media_type in content):
        raise Uncertain(f"{operation.label} takes JSON Patch (RFC 6902), which isn't merged")
    brought = read_body(operation, item, with_key=False, checked=True)
    _check_said(operation, item, brought, may_say_nothing=False)
    action = _action(Verb.MERGE, collection, resource, read_answers(operation, item), brought)
    text = f"merges what is sent into the {resource.name} that the path names"
    return action, (Evidence(operation.label, Fact.MERGE, text), *_of_members(operation, brought))


def infer_delete(collection: Collection, item: Item, resource: Resource) -> Inferred:
    """`DELETE` on an item deletes it, unless the document's words let it linger."""
    operation = collection.of_one["DELETE"]
    _successes(operation)
    lingering = [name for name in item.members if _LINGERING & set(words_of(name))]
    if lingering:
        raise Uncertain(f"{called(item.schema)} has `{lingering[0]}`: what is deleted may still be there")
    said = {*words_of(operation.id), *words_of(operation.summary)} & _LESS_THAN_DELETED
    if said:
        raise Uncertain(f"{operation.label} is said to {min(said)}: what it is about may still be there")
    action = _action(Verb.DELETE, collection, resource, read_answers(operation, item))
    return action, (Evidence(operation.label, Fact.DELETE, f"deletes the {resource.name} that the path names"),)


def _action(
    verb: Verb, collection: Collection, resource: Resource, answers: Answers, brought: Brought | None = None
) -> Action:
    return Action(
        verb=verb,
        resource=resource,
        key=compile_value(f"$request.path.{collection.key}"),
        body=brought.pointer if brought is not None else None,
        items=answers.pointer or None,
        shows=answers.shows,
        takes=brought.takes if brought is not None else {},
    )


def _successes(operation: Operation) -> list[Response]:
    found = [response for response in operation.responses if response.is_success]
    if not found:
        raise Uncertain(f"{operation.label} documents no success")
    return found


def _bodies(operation: Operation) -> Iterator[Schema]:
    for media_type in operation.request_body.content if operation.request_body is not None else ():
        if media_type.schema is not None and kind(media_type.name) is Kind.JSON:
            yield media_type.schema


def _check_said(operation: Operation, item: Item, brought: Brought, *, may_say_nothing: bool) -> None:
    """Refuse a body that is about something else than the record's members."""
    if brought.schema is None and may_say_nothing:
        return
    names = [name for name, _ in brought.schema.members() if name != item.key] if brought.schema is not None else []
    known = [name for name in names if name in item.members]
    required = brought.schema.required() - {item.key} if brought.schema is not None else frozenset()
    if not brought.takes or 2 * len(known) <= len(names) or not required <= {*known, *_unseen(brought)}:
        raise Uncertain(f"{operation.label} takes something else than members of {called(item.schema)}")


def _is_whole(collection: Collection, item: Item, brought: Brought) -> bool:
    """Whether a body brings all that clients write: it has to, or has the schema of the record or of its making."""
    if brought.schema is None or brought.schema.required() - {item.key} or is_same(brought.schema, item.schema):
        return True
    post = collection.of_all.get("POST")
    made = read_body(post, item, with_key=True, checked=False).schema if post is not None else None
    return made is not None and is_same(made, brought.schema)


def _of_members(operation: Operation, brought: Brought) -> Iterator[Evidence]:
    if brought.same:
        text = f"reads back as sent: {_list(brought.same)}, which have the same schema in the request and the record"
        yield Evidence(operation.label, Fact.READ_BACK, text)
    others = [name for name in brought.takes if name not in brought.same]
    if others:
        text = f"becomes the record's where its schema allows the value: {_list(others)}"
        yield Evidence(operation.label, Fact.TAKEN, text)
