"""Apply an Overlay: a description with its actions done, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias, final

from jsonpath import JSONPath
from jsonpath.exceptions import JSONPathError

from understudy.specs.content import Origin
from understudy.specs.documents.document import Document, Json
from understudy.specs.documents.overlay import Overlay, OverlayAction, refusal
from understudy.specs.documents.places import MAX_DEPTH
from understudy.specs.model import MISSING, Quirk
from understudy.specs.pointers import JsonPointer, child, from_tokens

__all__ = ["apply_overlay"]

Parts: TypeAlias = tuple[str | int, ...]

MAX_MERGED: Final = 1_000_000
"""Members and items that one overlay may merge in: `copy` can double what is there again and again."""


def apply_overlay(document: Document, overlay: Overlay) -> tuple[Document, tuple[Quirk, ...]]:
    """The description after all actions, and a note for each whose target matches nothing.

    Args:
        document: The entry document; what it refers to in other files isn't changed.

    Raises:
        OverlayRefused: An action can't be done; says which, and why.
    """
    work = _Overlaying(document, overlay)
    for action in overlay.actions:
        work.do(action)
    overlaid = [each for each in document.overlays if each.uri != overlay.document.uri]
    changed = replace(
        document, tree=work.tree, overlays=(*overlaid, overlay.document), merged={**document.merged, **work.merged}
    )
    return changed, tuple(work.quirks)


@final
class _Overlaying:
    """The tree under work. What is in the original tree, or in the overlay's, is never changed: containers on the way
    to a change are copied, each once."""

    def __init__(self, document: Document, overlay: Overlay) -> None:
        self.tree = document.tree
        self.overlay = overlay
        self.quirks: list[Quirk] = []
        self.merged: dict[str, tuple[str, str]] = dict(document.merged)
        self._own: dict[int, Json] = {}
        self._room = MAX_MERGED

    def do(self, action: OverlayAction) -> None:
        targets = self._find(action, action.target)
        if not targets:
            origin = Origin(self.overlay.document.uri, child(action.pointer, "target"))
            self.quirks.append(Quirk(origin, f"the overlay's target {action.text} matches nothing"))
        elif action.remove:
            self._remove(action, list(targets))
        else:
            value, source = self._value(action)
            kinds = {_kind(self._at(parts)) for parts in targets}
            if len(kinds) > 1:
                raise self._refused(action, f"{action.text} matches {' and '.join(sorted(kinds))}: one kind is needed")
            for parts in targets:
                self._put(parts, self._merge(action, self._at(parts), value, parts, source))

    def _value(self, action: OverlayAction) -> tuple[Json, str | None]:
        """What is merged, and where it stands in the overlay; None where it stands in the description."""
        if action.copy is None:
            assert action.update is not MISSING, "what neither copies nor removes updates"
            return action.update, child(action.pointer, "update")
        found = list(self._find(action, action.copy))
        if len(found) != 1:
            raise self._refused(action, f"`copy` needs a JSONPath of one place; {action.copy} matches {len(found)}")
        return self._at(found[0]), None

    def _find(self, action: OverlayAction, path: JSONPath) -> dict[Parts, None]:
        try:
            return {tuple(match.parts): None for match in path.finditer(self.tree)}
        except (JSONPathError, RecursionError) as error:
            raise self._refused(action, f"{path} can't be evaluated: {error}") from error

    def _remove(self, action: OverlayAction, targets: list[Parts]) -> None:
        if () in targets:
            raise self._refused(action, "the whole description can't be removed")
        # What lies deeper goes first, and of an array what comes last: the other places stay what they are.
        for parts in sorted(targets, key=lambda each: (-len(each), -each[-1] if isinstance(each[-1], int) else 0)):
            holder, last = self._owned(parts[:-1]), parts[-1]
            del holder[last]
            self._forget(parts, shifts=isinstance(holder, list))

    def _forget(self, parts: Parts, *, shifts: bool) -> None:
        """Where merged places lie after one is gone: those below it nowhere, later items of its array one before."""
        if not self.merged:
            return
        gone, above = _pointer(parts), _pointer(parts[:-1])
        kept: dict[str, tuple[str, str]] = {}
        for pointer, source in self.merged.items():
            if pointer == gone or pointer.startswith(f"{gone}/"):
                continue
            first, _, rest = pointer.removeprefix(f"{above}/").partition("/")
            if shifts and pointer.startswith(f"{above}/") and int(first) > int(parts[-1]):
                pointer = "/".join(filter(None, (f"{above}/{int(first) - 1}", rest)))
            kept[pointer] = source
        self.merged = kept

    def _merge(self, action: OverlayAction, old: Json, new: Json, parts: Parts, source: str | None) -> Json:
        """The old value with the new one in it, as the specification's Action Object says."""
        if isinstance(old, list):
            items = new if isinstance(new, list) else [new]
            self._take(action, len(items))
            for index in range(len(items)):
                from_ = child(JsonPointer(source), index) if isinstance(new, list) and source is not None else source
                self._note((*parts, len(old) + index), from_)
            return self._keep([*old, *items])
        if isinstance(old, dict) and isinstance(new, dict):
            if len(parts) > MAX_DEPTH:
                raise self._refused(action, f"what is merged nests deeper than {MAX_DEPTH}")
            out = dict(old)
            self._take(action, len(new))
            for name, value in new.items():
                below = None if source is None else child(JsonPointer(source), name)
                if name in out and isinstance(out[name], list | dict):
                    out[name] = self._inner(action, out[name], value, (*parts, name), below)
                else:
                    if name in out and isinstance(value, list | dict):
                        raise self._clash(action, out[name], value, (*parts, name))
                    out[name] = value
                    self._note((*parts, name), below)
            return self._keep(out)
        if isinstance(old, dict) or isinstance(new, list | dict):
            raise self._clash(action, old, new, parts)
        self._note(parts, source)
        return new

    def _inner(self, action: OverlayAction, old: Json, new: Json, parts: Parts, source: str | None) -> Json:
        """Members are merged with their like alone: only a target that is an array takes a single item."""
        if type(old) is not type(new):
            raise self._clash(action, old, new, parts)
        return self._merge(action, old, new, parts, source)

    def _note(self, parts: Parts, source: str | None) -> None:
        pointer = _pointer(parts)
        below = f"{pointer}/"
        if any(each == pointer or each.startswith(below) for each in self.merged):
            self.merged = {at: said for at, said in self.merged.items() if at != pointer and not at.startswith(below)}
        if source is not None:
            self.merged[pointer] = (self.overlay.document.uri, source)

    def _take(self, action: OverlayAction, count: int) -> None:
        self._room -= count
        if self._room < 0:
            raise self._refused(action, f"more than {MAX_MERGED} members and items are merged in")

    def _at(self, parts: Parts) -> Json:
        value = self.tree
        for part in parts:
            value = value[part]
        return value

    def _put(self, parts: Parts, value: Json) -> None:
        if parts:
            self._owned(parts[:-1])[parts[-1]] = value
        else:
            self.tree = value

    def _owned(self, parts: Parts) -> Json:
        """The container at a place, as a copy that may be changed."""
        self.tree = holder = self._copied(self.tree)
        for part in parts:
            holder[part] = self._copied(holder[part])
            holder = holder[part]
        return holder

    def _copied(self, value: Json) -> Json:
        return value if id(value) in self._own else self._keep(value.copy())

    def _keep(self, value: Json) -> Json:
        # Kept alive, so that no other object gets its id.
        self._own[id(value)] = value
        return value

    def _clash(self, action: OverlayAction, old: Json, new: Json, parts: Parts) -> Exception:
        place = _pointer(parts) or "the root"
        reason = (
            f"at {place} there is {_kind(old)}, which can't be merged with {_kind(new)}: remove it first, then update"
        )
        return self._refused(action, reason)

    def _refused(self, action: OverlayAction, reason: str) -> Exception:
        return refusal(self.overlay.document, action.pointer, reason)


def _pointer(parts: Parts) -> JsonPointer:
    return from_tokens(tuple(str(part) for part in parts))


def _kind(value: Json) -> str:
    return _KINDS.get(type(value), "a primitive value")


_KINDS: Final[Mapping[type, str]] = {dict: "an object", list: "an array"}
