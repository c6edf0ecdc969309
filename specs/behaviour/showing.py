"""What an answer shows of the records: from a result to a pattern of the body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from understudy.specs.behaviour.actions import Result
from understudy.specs.behaviour.declarations import Action
from understudy.specs.behaviour.expectation import (
    Expectation,
    Free,
    Items,
    Joined,
    Known,
    Members,
    ResponsePattern,
    Shown,
)
from understudy.specs.behaviour.scenes import SINGLETON, find_scope, key_text
from understudy.specs.behaviour.state import Put
from understudy.specs.behaviour.values import UNKNOWN
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, MediaType, Response
from understudy.specs.pointers import JsonPointer, child, from_tokens, tokens
from understudy.specs.schemas.schema import Schema

__all__ = ["show", "show_headers"]

ROOT: Final = JsonPointer("")


def show(action: Action, result: Result, response: Response, statuses: range) -> ResponsePattern:
    """The pattern of one described success."""
    bodies = tuple((media_type, _body(action, result, media_type)) for media_type in response.content)
    return ResponsePattern(response, statuses, bodies, show_headers(action, result, response))


def show_headers(action: Action, result: Result, response: Response) -> dict[str, Expectation]:
    """The declared headers that the response documents, and the tag of what it shows."""
    if not action.headers and result.tag is None:
        return {}
    declared: dict[str, Json] = {"etag": result.tag if result.tag is not None else MISSING}
    declared |= {name.lower(): value.evaluate(result.scene) for name, value in action.headers.items()}
    found = {header.name: declared.get(header.name.lower(), MISSING) for header in response.headers}
    return {name: Known(value) for name, value in found.items() if value is not MISSING and value is not UNKNOWN}


def _body(action: Action, result: Result, media_type: MediaType) -> Expectation:
    schema = media_type.item_schema or media_type.schema
    if schema is None:
        return Free(None)
    if media_type.stream is not None and media_type.stream.text is not None:
        text = result.scene.names.get("text", UNKNOWN)
        return Joined(Known(text) if isinstance(text, str) else Free(None), _answer(action, result))
    answer = _answer(action, result)
    if result.records is not None:
        return _list(action, result, media_type, schema, answer)
    if result.record is None:
        return _object({}, answer) if answer else Free(schema)
    where = action.items if action.items is not None else ROOT
    inner = _at(schema, where)
    members = _members(action, result.record, inner, _written(result)) if inner is not None else {}
    if where == ROOT:  # what `answer` says lies in the member's place, and isn't the record's
        members = {name: each for name, each in members.items() if child("", name) not in answer}
    if inner is None or (action.shows is not None and not members and not answer):
        return Free(schema)
    if where == ROOT:
        # A body that shows nothing of the record isn't about it: what is free in it is the document's to say.
        return _object(members, answer, _about(action, result, result.record) if members else (), schema)
    return _object({}, {**answer, where: Members(members, _about(action, result, result.record), inner)}, (), schema)


def _list(
    action: Action, result: Result, media_type: MediaType, schema: Schema, answer: Mapping[str, Expectation]
) -> Expectation:
    assert result.records is not None
    where = action.items if action.items is not None else ROOT
    item = schema if media_type.item_schema is not None else _item_schema(schema, where)
    shown = tuple(
        Members(_members(action, record, item, None), _about(action, result, record), item)
        if item is not None
        else Known(record)
        for record in result.records
    )
    if item is None and answer and media_type.item_schema is None:
        return _object({}, answer, (), schema)
    items = Items(shown)
    if media_type.item_schema is not None or where == ROOT:
        return items
    return _object({}, {**answer, where: items}, (), schema)


def _members(action: Action, record: Mapping[str, Json], schema: Schema, written: int | None) -> dict[str, Expectation]:
    """The members of a message that a record speaks for: those of the schema that the record has."""
    out: dict[str, Expectation] = {}
    rename, shows = action.rename, action.shows
    for name in schema.member_names():
        member = rename.get(name, name)
        value = record.get(member, MISSING)
        if value is MISSING or (shows is not None and member not in shows):
            continue
        if value is not UNKNOWN:
            out[name] = Known(value)
        elif written is not None:
            out[name] = Shown(written, member)
    return out


def _answer(action: Action, result: Result) -> dict[str, Expectation]:
    """The declared parts of the body, by pointer."""
    out: dict[str, Expectation] = {}
    for name, value in action.answer.items():
        found = value.evaluate(result.scene)
        if found is not MISSING and found is not UNKNOWN:
            out[name if name.startswith("/") or not name else child("", name)] = Known(found)
    return out


def _object(
    members: Mapping[str, Expectation],
    answer: Mapping[str, Expectation],
    about: tuple[str, ...] = (),
    schema: Schema | None = None,
) -> Expectation:
    """An object with members, and with what lies at pointers below it."""
    tree: dict[str, Expectation] = dict(members)
    for pointer, expectation in answer.items():
        keys = tokens(pointer)
        if not keys:
            return expectation
        inner = _at(schema, from_tokens(keys[:1])) if schema is not None else None
        tree[keys[0]] = _inside(tree.get(keys[0]), keys[1:], expectation, inner)
    return Members(tree, about, schema)


def _inside(around: Expectation | None, keys: Sequence[str], value: Expectation, schema: Schema | None) -> Expectation:
    """What is expected of a part, with a value at a place in it: in an object's member, or an array's item."""
    if not keys:
        return value
    items = schema.find_items() if schema is not None else None
    if items is None or not keys[0].isdigit():
        return _object(around.members if isinstance(around, Members) else {}, {from_tokens(keys): value}, (), schema)
    index = int(keys[0])
    known: list[Expectation] = list(around.items) if isinstance(around, Items) else []
    known += [Free(items)] * (index + 1 - len(known))
    known[index] = _inside(known[index], keys[1:], value, items)
    return Items(tuple(known))


def _at(schema: Schema, where: JsonPointer) -> Schema | None:
    """The schema of what lies at a pointer, members only."""
    for token in tokens(where) if where != ROOT else ():
        found = dict(schema.members()).get(token)
        if found is None:
            return None
        schema = found
    return schema


def _item_schema(schema: Schema, where: JsonPointer) -> Schema | None:
    holder = _at(schema, where)
    return holder.find_items() if holder is not None else None


def _written(result: Result) -> int | None:
    """The index of the effect that writes the record shown."""
    return next((index for index, effect in enumerate(result.effects) if isinstance(effect, Put)), None)


def _about(action: Action, result: Result, record: Mapping[str, Json]) -> tuple[str, ...]:
    resource = action.resource
    key = SINGLETON if resource.singleton else record.get(resource.key)
    known = () if key is None or key is UNKNOWN else (key_text(key),)
    return (resource.name, *(find_scope(resource, result.scene) or ()), *known)
