"""What the operations on one record do, as far as methods, bodies and answers make it certain."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.behaviour.inferred_facts import Evidence, Fact, Inferred, Uncertain
from understudy.specs.behaviour.item_schemas import Item, called
from understudy.specs.behaviour.message_views import Brought, of_members, read_answers, read_body
from understudy.specs.behaviour.path_shapes import Collection
from understudy.specs.behaviour.values import compile_value
from understudy.specs.member_names import is_identity, words_of
from understudy.specs.model import Location, Operation
from understudy.specs.pointers import child
from understudy.specs.schemas.object_schemas import is_write_only
from understudy.specs.schemas.relations import is_same, types_of
from understudy.specs.schemas.schema import Schema

__all__ = ["infer_delete", "infer_patch", "infer_put", "infer_put_on_all", "infer_read", "makes_by_put"]

_LINGERING: Final = frozenset({"deleted", "archived", "trashed"})
"""Members that tell of a deletion which leaves the record there."""
_LESS_THAN_DELETED: Final = frozenset(
    form for verb in ("archive", "cancel", "deactivate", "disable", "revoke", "suspend") for form in (verb, f"{verb}s")
)


def infer_read(operation: Operation, collection: Collection, item: Item, resource: Resource) -> Inferred:
    """What `GET` or `HEAD` on an item does."""
    action = _action(Verb.READ, operation, collection, item, resource)
    return action, (Evidence(operation.label, Fact.READ, f"reads the {resource.name} that the path names"),)


def infer_delete(operation: Operation, collection: Collection, item: Item, resource: Resource) -> Inferred:
    """What `DELETE` on an item does.

    Raises:
        Uncertain: The document's words let the item linger.
    """
    lingering = [name for name in item.members if _LINGERING & set(words_of(name))]
    if lingering:
        raise Uncertain(f"{called(item.schema)} has `{lingering[0]}`: after {operation.label} it may still be there")
    said = {*words_of(operation.id), *words_of(operation.summary)} & _LESS_THAN_DELETED
    if said:
        raise Uncertain(f"{operation.label} says `{min(said)}`: what it is about may still be there")
    action = _action(Verb.DELETE, operation, collection, item, resource)
    return action, (Evidence(operation.label, Fact.DELETE, f"deletes the {resource.name} that the path names"),)


def makes_by_put(collection: Collection) -> bool:
    """Whether `PUT` on an item makes it where it isn't there: 201 is documented (RFC 9110, section 9.3.4)."""
    put = collection.of_one.get("PUT")
    return put is not None and any(response.status == "201" for response in put.responses)


def infer_put(operation: Operation, collection: Collection, item: Item, resource: Resource) -> Inferred:
    """What `PUT` on an item does: makes or replaces it; with a schema of its own in which all is optional, updates it.

    Raises:
        Uncertain: It takes something else than the record's members.
    """
    brought = read_body(operation, item, with_key=False, checked=False)
    if makes_by_put(collection):
        _check_typed_key(operation, collection, item)
        verb, fact, text = Verb.UPSERT, Fact.UPSERT, "makes or replaces the {}, for it documents 201"
    elif _is_whole(collection, item, brought):
        verb, fact, text = Verb.REPLACE, Fact.REPLACE, "replaces the {} that the path names"
    else:
        verb, fact, text = Verb.UPDATE, Fact.UPDATE, "updates the {}: nothing is required, so what isn't sent stays"
    if verb is not Verb.UPSERT:
        _check_keeps_key(operation, collection, item, brought)
    if brought.schema is not None or verb is not Verb.UPSERT:
        _check_said(operation, item, brought)
    action = _action(verb, operation, collection, item, resource, brought)
    return action, (Evidence(operation.label, fact, text.format(resource.name)), *of_members(operation, brought))


def infer_put_on_all(operation: Operation, collection: Collection, item: Item, resource: Resource) -> Inferred:
    """What `PUT` on the collection does when it takes a whole record: replaces the one that the body names.

    Raises:
        Uncertain: It may do something else.
    """
    brought = read_body(operation, item, with_key=True, checked=False)
    is_whole = brought.schema is not None and is_same(brought.schema, item.schema) and item.key in brought.takes
    if not is_whole or brought.pointer is None or all(response.status != "404" for response in operation.responses):
        raise Uncertain(f"{operation.label} isn't certainly about one {called(item.schema)} that is there already")
    key = child(brought.pointer, item.key)
    takes = {name: taken for name, taken in brought.takes.items() if name != item.key}
    brought = replace(brought, takes=takes)
    action = _action(Verb.REPLACE, operation, collection, item, resource, brought, f"$request.body#{key}")
    action = replace(action, optional=item.key not in brought.required)
    text = f"replaces the {resource.name} that the body names: it takes {called(item.schema)} and documents 404"
    return action, (Evidence(operation.label, Fact.REPLACE, text), *of_members(operation, brought))


def infer_patch(operation: Operation, collection: Collection, item: Item, resource: Resource) -> Inferred:
    """What `PATCH` on an item does: merges what is sent into it (RFC 7396).

    Raises:
        Uncertain: It takes something else than the record's members.
    """
    content = operation.request_body.content if operation.request_body is not None else ()
    if any(media_type.name.startswith("application/json-patch") for media_type in content):
        raise Uncertain(f"{operation.label} takes JSON Patch (RFC 6902), which isn't merged")
    brought = read_body(operation, item, with_key=False, checked=True)
    _check_keeps_key(operation, collection, item, brought)
    _check_said(operation, item, brought)
    action = _action(Verb.MERGE, operation, collection, item, resource, brought)
    text = f"merges what is sent into the {resource.name} that the path names"
    return action, (Evidence(operation.label, Fact.MERGE, text), *of_members(operation, brought))


def _action(
    verb: Verb,
    operation: Operation,
    collection: Collection,
    item: Item,
    resource: Resource,
    brought: Brought | None = None,
    key: str = "",
) -> Action:
    if not any(response.is_success for response in operation.responses):
        raise Uncertain(f"{operation.label} documents no success")
    answers = read_answers(operation, item)
    return Action(
        verb=verb,
        resource=resource,
        key=compile_value(key or f"$request.path.{collection.key}"),
        body=brought.pointer if brought is not None else None,
        items=answers.pointer or None,
        shows=answers.shows,
        takes=brought.takes if brought is not None else None,
    )


def _check_said(operation: Operation, item: Item, brought: Brought) -> None:
    """Refuse a body that is about something else than the record's members."""
    seen = {name for way in brought.ways for name, schema in way.items() if not is_write_only(schema)} - {item.key}
    if not brought.takes or not brought.is_about(item) or not brought.required & seen <= item.members.keys():
        raise Uncertain(f"{operation.label} takes something else than members of {called(item.schema)}")


def _check_keeps_key(operation: Operation, collection: Collection, item: Item, brought: Brought) -> None:
    """Refuse what may give the record another name: a name that can be sent, or that follows what is sent."""
    if is_identity(item.key):
        return
    if any(item.key in way for way in brought.ways):
        raise Uncertain(f"{operation.label} can be told another `{item.key}`: it may rename")
    post = collection.of_all.get("POST")
    if post is not None and item.key not in read_body(post, item, with_key=True, checked=False).takes:
        raise Uncertain(f"`{item.key}` is the server's, and may follow what {operation.label} is told")


def _check_typed_key(operation: Operation, collection: Collection, item: Item) -> None:
    """Refuse a path parameter that is text where the record's key is a number."""
    types = types_of(item.members[item.key])
    for each in operation.parameters:
        is_key = (each.location, each.name) == (Location.PATH, collection.key)
        if is_key and each.schema is not None and not types_of(each.schema) <= types:
            raise Uncertain(f"{{{collection.key}}} of {operation.label} isn't what `{item.key}` is")


def _is_whole(collection: Collection, item: Item, brought: Brought) -> bool:
    """Whether a body brings all that clients write: it has to, or has the schema of the record or of its making."""
    if brought.schema is None or brought.required - {item.key} or is_same(brought.schema, item.schema):
        return True
    return any(is_same(schema, brought.schema) for schema in _made_from(collection))


def _made_from(collection: Collection) -> list[Schema]:
    post = collection.of_all.get("POST")
    content = post.request_body.content if post is not None and post.request_body is not None else ()
    return [media_type.schema for media_type in content if media_type.schema is not None]
