"""Nested values in names with brackets: style `deepObject`, and what is commonly done beyond it.

    {"R": 100}                 color[R]=100
    {"a": {"b": 1}}            color[a][b]=1
    {"tags": ["x", "y"]}       color[tags]=x&color[tags]=y        read too: color[tags][]=x, color[tags][0]=x
    {"a": [{"b": 1}]}          color[a][0][b]=1

OpenAPI defines objects of scalars alone (3.2, Style Values). Here members may be objects and arrays, as far as the
schema says so: where it says nothing, names in brackets make an object, even if they are all numbers. Arrays of
scalars repeat the name; arrays of anything else count. Indexes put items in order, gaps between them close.
Brackets in a member's name, an empty name, empty arrays and empty objects cannot be said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from understudy.specs.schemas.allowed_types import AllowedTypes, write_scalar
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue
from understudy.specs.wire.style_texts import read_repeated

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["MAX_BRACKETS", "read_deep", "write_deep"]

MAX_BRACKETS: Final = 32
"""Brackets after one name; more is malformed, and cannot be written."""

_PATH: Final = re.compile(r"(?:\[[^\[\]]*\])+")
_INDEX: Final = re.compile(r"[0-9]{1,9}")


@dataclass(slots=True)
class _Node:
    texts: list[str] = field(default_factory=list)
    members: dict[str, _Node] = field(default_factory=dict)


def read_deep(types: AllowedTypes, pairs: Iterable[tuple[str, str]]) -> Json:
    """The value of the texts under one name.

    Args:
        types: Those of the whole value.
        pairs: What follows the name (``[a][b]``, or nothing) and the decoded text, at least one pair.

    Raises:
        MalformedContent: Brackets that do not pair; more than `MAX_BRACKETS`; a name with both a text and members;
            ``[]`` anywhere but at the end.
    """
    root = _Node()
    for path, text in pairs:
        if path and _PATH.fullmatch(path) is None:
            raise MalformedContent(f"the brackets in {path[:60]!r} do not pair")
        keys = path[1:-1].split("][") if path else []
        if len(keys) > MAX_BRACKETS:
            raise MalformedContent(f"more than {MAX_BRACKETS} brackets after one name")
        if keys and keys[-1] == "":
            keys.pop()
        if "" in keys:
            raise MalformedContent(f"'[]' may only stand at the end of {path[:60]!r}; give each item its index")
        node = root
        for key in keys:
            node = node.members.setdefault(key, _Node())
        node.texts.append(text)
    return _build(types, root, "")


def _build(types: AllowedTypes, node: _Node, path: str) -> Json:
    if node.texts and node.members:
        raise MalformedContent(f"{path or 'the name itself'} has both a value and members")
    if node.texts:
        return read_repeated(types, node.texts)
    if types.has_array and all(map(_INDEX.fullmatch, node.members)):
        ordered = sorted(node.members.items(), key=lambda member: int(member[0]))
        return [_build(types.items, item, f"{path}[{key}]") for key, item in ordered]
    return {key: _build(types.member(key), member, f"{path}[{key}]") for key, member in node.members.items()}


def write_deep(name: str, value: Json, depth: int = 0) -> list[tuple[str, str]]:
    """Each name with its brackets, and its text; nothing is encoded.

    Raises:
        UncarriableValue: What the module's text says cannot be said.
    """
    if depth > MAX_BRACKETS:
        raise UncarriableValue(f"more than {MAX_BRACKETS} brackets after one name")
    if isinstance(value, dict | list) and not value:
        raise UncarriableValue("no style can say an empty array or object")
    if isinstance(value, dict):
        for key in value:
            if not key or "[" in key or "]" in key:
                raise UncarriableValue(f"the member name {key!r} cannot stand in brackets")
        return [pair for key, member in value.items() for pair in write_deep(f"{name}[{key}]", member, depth + 1)]
    if isinstance(value, list):
        if not any(isinstance(item, dict | list) for item in value):
            return [(name, write_scalar(item)) for item in value]
        return [pair for i, item in enumerate(value) for pair in write_deep(f"{name}[{i}]", item, depth + 1)]
    return [(name, write_scalar(value))]
