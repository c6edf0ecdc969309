"""The subschemas of one self-contained schema, by JSON Pointer, and where their references lead.

Only what is asked for is looked at: a schema with hundreds of unused `$defs` costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final, final
from urllib.parse import urldefrag, urljoin

from understudy.specs.documents.document import Json
from understudy.specs.pointers import JsonPointer, child, from_fragment, tokens

__all__ = ["Subschemas", "UnresolvedSubschema"]

# Stands in for the URI of a root that has none; `urljoin` joins nothing to schemes that it doesn't know.
_BASE: Final = "http://schema.invalid/"
# Keywords whose values are data, whatever they look like.
_DATA: Final = frozenset({"const", "default", "enum", "example", "examples"})


class UnresolvedSubschema(ValueError):
    """A reference that leads nowhere in the schema."""


@final
class Subschemas:
    """All subschemas of ``root``.

    A `$dynamicRef` is followed to the root's own `$dynamicAnchor` of that name, else to the place that its static
    reading names: exact unless three or more embedded resources extend each other.
    """

    def __init__(self, root: Json) -> None:
        self.root = root
        self._known: dict[str, Json] = {"": root}
        self._targets: dict[tuple[str, str, bool], JsonPointer] = {}

    def at(self, pointer: str) -> Json:
        """The value at a pointer; UnresolvedSubschema when there is none."""
        if pointer not in self._known:
            value = self.root
            for token in tokens(pointer):
                try:
                    value = value[int(token)] if isinstance(value, list) else value[token]
                except (KeyError, IndexError, ValueError, TypeError):
                    raise UnresolvedSubschema(f"nothing stands at {pointer}") from None
            self._known[pointer] = value
        return self._known[pointer]

    def target(self, reference: str, pointer: str, *, dynamic: bool = False) -> JsonPointer:
        """Where a reference in the schema at ``pointer`` leads; UnresolvedSubschema when nowhere."""
        key = (reference, pointer, dynamic)
        found = self._targets.get(key)
        if found is None:
            found = self._targets[key] = self._find_target(reference, pointer, dynamic=dynamic)
            self.at(found)
        return found

    def _find_target(self, reference: str, pointer: str, *, dynamic: bool) -> JsonPointer:
        if (reference == "#" or reference.startswith("#/")) and not self._is_embedded(pointer):
            return from_fragment(reference[1:])
        uri, fragment = urldefrag(urljoin(self._resources[self._resource(pointer)], reference))
        resource = next((place for place, own in self._resources.items() if own == uri), None)
        if resource is None:
            raise UnresolvedSubschema(f"{reference} leads out of the schema")
        if not fragment or fragment.startswith("/"):
            return JsonPointer(resource + from_fragment(fragment))
        root_anchor = self._anchors.get(("", fragment, True))
        if dynamic and root_anchor is not None:
            return root_anchor
        found = self._anchors.get((resource, fragment, False), self._anchors.get((resource, fragment, True)))
        if found is None:
            raise UnresolvedSubschema(f"{reference} leads nowhere")
        return found

    def _is_embedded(self, pointer: str) -> bool:
        """Whether a place lies in a schema with an `$id` of its own below the root: pointers count from there."""
        value = self.root
        for token in tokens(pointer):
            value = value[int(token)] if isinstance(value, list) else value[token]
            if isinstance(value, dict) and isinstance(value.get("$id"), str):
                return True
        return False

    def _resource(self, pointer: str) -> str:
        """The innermost schema resource around a place."""
        return max((r for r in self._resources if pointer == r or pointer.startswith(r + "/")), key=len)

    @cached_property
    def _resources(self) -> dict[str, str]:
        """Pointer of each schema resource → its URI."""
        found = {"": _BASE}
        for pointer, schema in self._walk():
            if isinstance(schema.get("$id"), str):
                outer = max((r for r in found if pointer == r or pointer.startswith(r + "/")), key=len)
                found[pointer] = urldefrag(urljoin(found[outer], schema["$id"])).url
        return found

    @cached_property
    def _anchors(self) -> dict[tuple[str, str, bool], JsonPointer]:
        """Resource, name and whether it is dynamic → the place that has the anchor."""
        found: dict[tuple[str, str, bool], JsonPointer] = {}
        for pointer, schema in self._walk():
            for keyword, is_dynamic in (("$anchor", False), ("$dynamicAnchor", True)):
                if isinstance(schema.get(keyword), str):
                    found.setdefault((self._resource(pointer), schema[keyword], is_dynamic), pointer)
        return found

    def _walk(self) -> Iterator[tuple[JsonPointer, dict[str, Json]]]:
        """Every object that may be a schema, outer ones before those inside them."""
        waiting: list[tuple[JsonPointer, Json]] = [(JsonPointer(""), self.root)]
        for pointer, value in waiting:
            if isinstance(value, dict):
                yield pointer, value
                waiting.extend((child(pointer, key), item) for key, item in value.items() if key not in _DATA)
            elif isinstance(value, list):
                waiting.extend((child(pointer, at), item) for at, item in enumerate(value))
