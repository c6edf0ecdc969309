"""A place in a document: the value, where it stands, and what references in it are resolved against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from understudy.specs.content import Origin
from understudy.specs.documents.document import Json
from understudy.specs.pointers import child

__all__ = ["Node"]


@final
@dataclass(frozen=True, slots=True)
class Node:
    """A place in a document: its value, its origin, and the base URI of references in it.

    In a value that was put together of several places (`versions.py` does so) a member may be a Node itself, which
    then keeps its own origin.
    """

    value: Json
    origin: Origin
    base: str

    def member(self, *keys: str | int) -> Node:
        """The node of a member or item. The base stays: only schemas change it, and they are resolved by pointer."""
        node = self
        for key in keys:
            value = node.value[key]
            pointer = child(node.origin.pointer, key)
            node = value if isinstance(value, Node) else Node(value, Origin(node.origin.uri, pointer), node.base)
        return node

    def find(self, key: str) -> Node | None:
        """The node of a member; None where it is absent, or this is no object."""
        return self.member(key) if isinstance(self.value, dict) and key in self.value else None

    def get(self, key: str) -> Json:
        """The value of a member; None where it is absent, or this is no object."""
        node = self.find(key)
        return node.value if node is not None else None

    def members(self, key: str) -> Iterator[tuple[str, Node]]:
        """Each member of the object under ``key``, in document order; nothing where it is absent or no object."""
        holder = self.find(key)
        if holder is not None and isinstance(holder.value, dict):
            for name in holder.value:
                yield name, holder.member(name)

    def items(self, key: str) -> Iterator[Node]:
        """Each item of the array under ``key``; nothing where it is absent or no array."""
        holder = self.find(key)
        if holder is not None and isinstance(holder.value, list):
            for index in range(len(holder.value)):
                yield holder.member(index)
