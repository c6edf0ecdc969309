"""Where in the text each place of a tree stands, for messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from understudy.specs.pointers import tokens

__all__ = ["MAX_DEPTH", "Place", "excerpt"]

MAX_DEPTH: Final = 256
"""How deep the objects and arrays of a document may nest."""


@dataclass(slots=True)
class Place:
    """A place in the text and the places below it.

    Attributes:
        line: 1-based; a member stands where its key stands.
        below: By member name, or by index as text.
    """

    line: int
    below: dict[str, Place] = field(default_factory=dict)

    def find_line(self, pointer: str) -> int:
        """The line of the place, or of the nearest place around it."""
        place = self
        for token in tokens(pointer):
            below = place.below.get(token)
            if below is None:
                break
            place = below
        return place.line


def excerpt(source: bytes, line: int) -> str:
    """``: «the text of a line»``, cut at 80 characters, control characters escaped; empty for an empty line."""
    lines = source.splitlines()
    text = lines[line - 1].decode(errors="replace").strip() if 0 < line <= len(lines) else ""
    shown = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text[:80])
    return f": {shown}{'…' if len(text) > 80 else ''}" if shown else ""
