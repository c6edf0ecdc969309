"""What the items of an event stream are, however a document puts it.

An item of `text/event-stream` is an event whose `data` is text; what JSON lies in it is said by `contentSchema` (3.2,
Media Type Object, Sequential Media Types). Many documents describe `data` as an object, or give the schema of what lies
in it as that of the item. Both mean the same, and are read as if they had said so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.documents.references import Resources
from understudy.specs.model import Quirk
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["read_events"]

_FIELDS: Final = frozenset({"id", "event", "data", "retry"})
_CHOICES: Final = ("oneOf", "anyOf", "allOf")
_SAYS_NOTHING: Final = frozenset({"title", "description", "example", "examples", "deprecated", "externalDocs"})
MAX_DEPTH: Final = 8


def read_events(node: Node, name: str, resources: Resources, quirks: list[Quirk]) -> Node:
    """A Media Type Object in the shape of 3.2, its items read as events where it is an event stream.

    Args:
        name: The media type.
        quirks: Takes up what isn't read as it was written.

    Raises:
        UnresolvableReference: A reference on the way leads nowhere.
    """
    key = next((key for key in ("itemSchema", "schema") if node.find(key) is not None), "")
    if not key or kind(name) is not Kind.SSE:
        return node
    whole = node.member(key)
    item = whole if key == "itemSchema" else whole.find("items")
    if item is None:
        return node
    read, message = _read_item(item, resources)
    if not message:
        return node
    quirks.append(Quirk(item.origin, message))
    found = read if item is whole else Node({**whole.value, "items": read.value}, whole.origin, whole.base)
    return Node({**node.value, key: found}, node.origin, node.base)


def _read_item(node: Node, resources: Resources) -> tuple[Node, str]:
    """The schema of an item as one of an event, and how it was read where that isn't as it was written, else empty."""
    if not isinstance(node.value, dict) or not set(node.value) - _SAYS_NOTHING:
        return node, ""
    names = set(_member_names(node, resources, 0))
    if names & {"data", "event"} and (names <= _FIELDS or "data" in names):
        rewritten = _with_text_data(node, resources, 0)
        if rewritten is None:
            return node, ""
        return rewritten, "`data` of an event is text; what is said of it is read as said of the JSON in it"
    raw = resources.resolve(node).value
    types = raw.get("type", "object") if isinstance(raw, dict) else "object"
    if not names and "object" in types:
        return node, ""  # it may well be an event
    data = node.value if not names and _is_text(raw) else _json_text(node.value)
    value = {"type": "object", "required": ["data"], "properties": {"data": data}}
    return Node(value, node.origin, node.base), "this is no event; it is read as the JSON in the `data` of each event"


def _member_names(node: Node, resources: Resources, depth: int) -> Iterator[str]:
    target = resources.resolve(node)
    if depth > MAX_DEPTH or not isinstance(target.value, dict):
        return
    for name, _ in target.members("properties"):
        yield name
    for keyword in _CHOICES:
        for part in target.items(keyword):
            yield from _member_names(part, resources, depth + 1)


def _with_text_data(node: Node, resources: Resources, depth: int) -> Node | None:
    """The schema of an event whose `data` is text; None where it is so already.

    What is referred to is copied, since elsewhere it may mean what it says.
    """
    target = resources.resolve(node)
    if depth > MAX_DEPTH or not isinstance(target.value, dict) or (depth and target.base != node.base):
        return None
    raw: dict[str, Json] = dict(target.value)
    changed = False
    data = target.find("properties") and target.member("properties").find("data")
    if data is not None:
        text = _as_text(data, resources, 0)
        if text is not None:
            raw["properties"] = {**raw["properties"], "data": text}
            changed = True
    for keyword in _CHOICES:
        for index, part in enumerate(target.items(keyword)):
            rewritten = _with_text_data(part, resources, depth + 1)
            if rewritten is not None:
                raw[keyword] = [*raw[keyword][:index], rewritten.value, *raw[keyword][index + 1 :]]
                changed = True
    return Node(raw, node.origin, target.base) if changed else None


def _as_text(node: Node, resources: Resources, depth: int) -> Json | None:
    """The schema of text that holds what a schema says; None where it speaks of text itself, or of nothing."""
    raw = resources.resolve(node).value
    if not isinstance(raw, dict) or _is_text(raw) or depth > MAX_DEPTH:
        return None
    for keyword in ("oneOf", "anyOf"):
        target = resources.resolve(node)
        parts = list(target.items(keyword))
        texts = [_as_text(part, resources, depth + 1) for part in parts]
        if None in texts and any(text is not None for text in texts):
            mixed = [part.value if text is None else text for part, text in zip(parts, texts, strict=True)]
            return {**raw, keyword: mixed} if target.base == node.base else _json_text(node.value)
        if texts and all(text is None for text in texts):
            return None
    return _json_text(node.value)


def _json_text(value: Json) -> Json:
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": value}


def _is_text(raw: Json) -> bool:
    """Whether a schema speaks of strings, or of nothing at all."""
    if not isinstance(raw, dict):
        return True
    types = raw.get("type")
    if types is not None:
        return types == "string" or (isinstance(types, list) and "string" in types)
    values = [raw["const"]] if "const" in raw else raw.get("enum")
    if isinstance(values, list) and values:
        return all(isinstance(value, str) for value in values)
    return not set(raw) - _SAYS_NOTHING - {"format", "pattern", "minLength", "maxLength", "default"} or bool(
        {"contentSchema", "contentMediaType", "pattern", "minLength", "maxLength"} & set(raw)
    )
