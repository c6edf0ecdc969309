"""Where in a YAML text each place of its tree stands: read only when somebody asks for a line."""

from __future__ import annotations

from dataclasses import dataclass

import yaml
from yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

from understudy.specs.documents.places import Place
from understudy.specs.documents.yaml12 import parse_events
from understudy.specs.documents.yaml_scalars import is_merge

__all__ = ["find_places"]


@dataclass(slots=True)
class _Container:
    """A mapping or sequence that is being read.

    Attributes:
        key: Place of the key that waits for its value; None when none does.
        merged: What stands under `<<`; a list of mappings when ``merges_list``.
    """

    place: Place
    is_mapping: bool
    key: Place | None = None
    merged: Place | None = None
    merges_list: bool = False

    def end(self) -> None:
        """Add the members that the merge key brings in, at the lines where they are written."""
        if self.merged is not None:
            for part in self.merged.below.values() if self.merges_list else (self.merged,):
                for key, member in part.below.items():
                    self.place.below.setdefault(key, member)


def find_places(source: bytes) -> Place:
    """Where each place of a YAML text stands; the text has been parsed before, without error."""
    root = Place(1)
    anchors: dict[str | None, Place] = {}
    stack = [_Container(Place(1), is_mapping=True, key=root)]
    for event in parse_events(source):
        top = stack[-1]
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop().end()
        elif isinstance(event, yaml.NodeEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, ScalarEvent) and top.is_mapping and top.key is None:
                top.key = Place(line)
                if is_merge(event):
                    top.merged = top.key
                else:
                    top.place.below[event.value] = top.key
                continue
            if top.key is not None and top.key is top.merged:
                top.merges_list = isinstance(event, SequenceStartEvent)
            place = top.key or top.place.below.setdefault(str(len(top.place.below)), Place(line))
            top.key = None
            if place is root:
                root.line = line
            if isinstance(event, AliasEvent):
                place.below = anchors[event.anchor].below
            elif event.anchor is not None:
                anchors[event.anchor] = place
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                stack.append(_Container(place, is_mapping=isinstance(event, MappingStartEvent)))
    return root
