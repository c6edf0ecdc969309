"""YAML to a tree under the core rules of YAML 1.2, as the OpenAPI Specification asks.

PyYAML's own loaders follow YAML 1.1 (`on` is true, `1:30` is 90, `2024-01-01` is a date) and are slow. The tree is
made of the parser's events instead: libyaml's where it is there, else PyYAML's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from understudy.specs.documents import yaml_scalars
from understudy.specs.documents.places import MAX_DEPTH, excerpt
from understudy.specs.errors import DocumentUnreadable
from understudy.specs.pointers import from_tokens

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["parse_events", "parse_yaml"]

MAX_EXPANDED: Final = 64 * 1024 * 1024
"""How long the tree may be with each alias written out, in characters."""

MAX_MERGED: Final = 1_000_000
"""How many members all the merge keys of a document may bring in."""

_NOT_PRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_MERGE: Final = object()
"""Stands for the key `<<`, as apart from a quoted one."""


def parse_yaml(source: bytes, name: str, *, libyaml: bool = yaml.__with_libyaml__) -> Json:
    """The tree of a YAML text in UTF-8.

    Keys are their source text (`200:` is ``"200"``). Merge keys are tolerated. Aliased parts are one object.

    Args:
        source: One YAML document.
        name: What errors call it.
        libyaml: Whether libyaml parses, which is some ten times faster; else PyYAML.

    Raises:
        DocumentUnreadable: A syntax error, with line and column; a key twice in one mapping; a key that is no
            scalar; an unknown tag or alias; an alias inside its own anchor, or aliases that amount to more than
            `MAX_EXPANDED`; NaN, infinity or a number out of range; nested more than `MAX_DEPTH` deep; more than
            one document.
    """
    try:
        return _Builder(name).build(parse_events(source, libyaml))
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, source, name) from error
    except ReaderError as error:
        raise _character_error(error, source, name) from error


def parse_events(source: bytes, libyaml: bool = yaml.__with_libyaml__) -> Iterator[Event]:
    """The parser's events; see `parse_yaml` for ``libyaml``."""
    if libyaml:
        return yaml.parse(source, Loader=yaml.CSafeLoader)
    return yaml.parse(source, Loader=yaml.SafeLoader)


class _Builder:
    """Makes the tree of the events of one document."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stack: list[tuple[Json, Json]] = []
        """The containers around the current one, outermost first, each with the key that leads on."""
        self.anchors: dict[str, Json] = {}
        self.merges: dict[int, Json] = {}
        """What stands under `<<`, by the identity of the mapping around it."""
        self.merged = 0
        self.aliased = False
        self.documents = 0

    def build(self, events: Iterable[Event]) -> Json:
        """The tree. One loop without calls for the common events; the rare ones go to methods."""
        stack, anchors = self.stack, self.anchors
        root: Json = None
        current: Json = None
        key: Json = None
        for event in events:
            if isinstance(event, ScalarEvent):
                if key is None and type(current) is dict:
                    key = self.key(event, current)
                    continue
                value: Json = event.value
                if event.tag is not None or (event.implicit[0] and (not value or value[0] in yaml_scalars.TYPED)):
                    value = self.scalar(event, current, key)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                value = {} if isinstance(event, MappingStartEvent) else []
                if event.tag is not None or len(stack) >= MAX_DEPTH or (key is None and type(current) is dict):
                    self.check_container(event, current, key)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                if id(current) in self.merges:
                    self.merge(event, current)
                current, key = stack.pop()[0], None
                continue
            elif isinstance(event, AliasEvent):
                value = self.alias(event, current, key)
            else:
                self.check_document(event)
                continue
            if event.anchor is not None and not isinstance(event, AliasEvent):
                anchors[event.anchor] = value
            if type(current) is dict:
                if key is _MERGE:
                    self.merges[id(current)] = value
                else:
                    current[key] = value
            elif current is None:
                root = value
            else:
                current.append(value)
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                stack.append((current, key))
                current = value
            key = None
        if self.aliased:
            self.check_expanded(root)
        return root

    def key(self, event: ScalarEvent, current: dict[str, Json]) -> object:
        """The key in its source text, or `_MERGE`."""
        text = event.value
        if event.anchor is not None:
            self.anchors[event.anchor] = text
        if yaml_scalars.is_merge(event):
            if id(current) in self.merges:
                self.refuse(event, "the merge key << comes twice; give it a list", current, text)
            return _MERGE
        if text in current:
            self.refuse(event, f"the key {text!r} comes twice", current, text)
        return text

    def scalar(self, event: ScalarEvent, current: Json, key: Json) -> Json:
        """The value of a scalar that is tagged or may be other than a string."""
        try:
            return yaml_scalars.resolve(event.value, event.tag)
        except ValueError as error:
            self.refuse(event, str(error), current, key)

    def alias(self, event: AliasEvent, current: Json, key: Json) -> Json:
        """What the alias stands for: complete, and known."""
        if event.anchor not in self.anchors:
            self.refuse(event, f"*{event.anchor} has no anchor &{event.anchor} before it", current, key)
        value = self.anchors[event.anchor]
        if key is None and type(current) is dict:
            self.refuse(event, "an alias may not be a key", current, key)
        if isinstance(value, dict | list) and any(value is above for above in (current, *(s[0] for s in self.stack))):
            self.refuse(event, f"*{event.anchor} stands inside what it stands for", current, key)
        self.aliased = True
        return value

    def merge(self, event: Event, current: dict[str, Json]) -> None:
        """Bring in what `<<` names: what the mapping says itself wins, then the first of a list."""
        value = self.merges.pop(id(current))
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, dict):
                self.refuse(event, "the merge key << takes a mapping, or a list of mappings", current, None)
            self.merged += len(part)
            if self.merged > MAX_MERGED:
                self.refuse(event, f"merge keys bring in more than {MAX_MERGED:,} members", current, None)
            for key, member in part.items():
                current.setdefault(key, member)

    def check_container(self, event: MappingStartEvent | SequenceStartEvent, current: Json, key: Json) -> None:
        """Refuse a container that cannot stand here."""
        if len(self.stack) >= MAX_DEPTH:
            self.refuse(event, f"is nested more than {MAX_DEPTH} deep", None, None)
        if key is None and type(current) is dict:
            self.refuse(event, "a mapping or sequence may not be a key", current, key)
        if event.tag not in (
            None,
            "!",
            f"{yaml_scalars.TAG}{'map' if isinstance(event, MappingStartEvent) else 'seq'}",
        ):
            self.refuse(event, yaml_scalars.unknown_tag(event.tag or ""), current, key)

    def check_document(self, event: Event) -> None:
        """Refuse a second document in the stream."""
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.refuse(event, "a second YAML document begins here; a file may hold one", None, None)

    def check_expanded(self, root: Json) -> None:
        """Refuse aliases that amount to a tree too large or too deep to be walked."""
        measured: dict[int, tuple[int, int]] = {}
        stack = [root] if isinstance(root, dict | list) else []
        while stack:
            node = stack[-1]
            values = node.values() if isinstance(node, dict) else node
            below = [value for value in values if isinstance(value, dict | list)]
            waiting = [value for value in below if id(value) not in measured]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            sizes = [measured[id(value)] for value in below]
            length = sum(size for size, _ in sizes) + sum(len(value) for value in values if isinstance(value, str))
            length += sum(map(len, node)) if isinstance(node, dict) else 0
            depth = 1 + max((depth for _, depth in sizes), default=0)
            if length + 2 * len(node) > MAX_EXPANDED or depth > MAX_DEPTH:
                limit = f"{MAX_EXPANDED:,} characters" if depth <= MAX_DEPTH else f"{MAX_DEPTH} levels"
                raise DocumentUnreadable(self.name, f"its aliases amount to more than {limit}")
            measured[id(node)] = (length + 2 * len(node), depth)

    def refuse(self, event: Event, reason: str, current: Json, key: Json) -> NoReturn:
        """Raise for the place that the event is at."""
        around = [(container, held) for container, held in self.stack if container is not None]
        path = [held if isinstance(container, dict) else len(container) - 1 for container, held in around]
        if isinstance(current, list):
            path.append(len(current))
        elif key is not None:
            path.append(key)
        pointer = from_tokens("<<" if step is _MERGE else step for step in path)
        line = event.start_mark.line + 1 if event.start_mark else None
        raise DocumentUnreadable(self.name, reason, pointer=pointer, line=line)


def _syntax_error(error: yaml.MarkedYAMLError, source: bytes, name: str) -> DocumentUnreadable:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return DocumentUnreadable(name, f"is not YAML: {error}")
    text = source.splitlines()[mark.line : mark.line + 1]
    is_tab = bool(text) and text[0].decode(errors="replace")[mark.column : mark.column + 1] == "\t"
    problem = "a tab may not indent; use spaces" if is_tab else ", ".join(filter(None, (error.context, error.problem)))
    reason = f"is not YAML: column {mark.column + 1}: {problem}{excerpt(source, mark.line + 1)}"
    return DocumentUnreadable(name, reason, line=mark.line + 1)


def _character_error(error: ReaderError, source: bytes, name: str) -> DocumentUnreadable:
    found = _NOT_PRINTABLE.search(source.decode())
    if found is None:
        return DocumentUnreadable(name, f"is not text: {error.reason}")
    line = source.decode().count("\n", 0, found.start()) + 1
    return DocumentUnreadable(name, f"is not text: the character U+{ord(found.group()):04X} may not occur", line=line)
