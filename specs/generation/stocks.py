"""Parts of made-up bodies that are drawn once and then served again, as the JSON text that they are written as.

What tells one answer from the next stands mostly at its top: ids, names, times. That is drawn for each. Objects and
arrays in the members below come from a stock: `VARIANTS` of each member, drawn as any value is. A variant follows from
its place and its number alone, so it is the same whoever asks for it first, in every process, and may be forgotten.
"""

from __future__ import annotations

from typing import Final, final

import orjson

from understudy.specs.documents.document import Json
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.drawing import PLENTY, Drawable, Drawing
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["Piece", "Stock", "Stocks"]

VARIANTS: Final = 128
"""Of one member."""
SHARE: Final = 50
"""Members and items after which a variant's optional ones are left out: a body has several."""
MAX_OCTETS: Final = 1024 * 1024
"""Of all variants that are kept for one schema; further ones are drawn anew each time."""


@final
class Stocks:
    """All stocks of one schema: how many octets they hold."""

    def __init__(self) -> None:
        self.octets = 0


@final
class Piece:
    """What stands in a member.

    Attributes:
        size: Members and items.
        is_proven: Whether it stood in a whole that was found valid. Where what is above it is valid by construction, a
            whole of proven parts needs no look.
    """

    __slots__ = ("is_proven", "size", "text")

    def __init__(self, text: bytes, size: int) -> None:
        self.text = orjson.Fragment(text)
        self.size = size
        self.is_proven = False


@final
class Stock:
    """The variants of one member of the outermost objects.

    Args:
        kind: Of the objects that it is a member of, see `ObjectShape.kind`.
        name: Of the member.
    """

    def __init__(self, member: Drawable, kind: str, name: str) -> None:
        self._member = member
        self._kind = kind
        self._name = name
        self._kept: dict[int, Piece] = {}

    @property
    def rests_on(self) -> tuple[Drawable, ...]:
        """The member."""
        return (self._member,)

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """A variant where the drawing takes any, else a value of its own; raises as `Drawable.draw` does."""
        if drawing.stocks is None:
            return self._member.swift(drawing, depth)
        number = int(drawing.random.random() * VARIANTS)
        piece = self._kept.get(number) or self._make(number, drawing.stocks)
        if not piece.is_proven:
            drawing.unproven.append(piece)
        drawing.grow(piece.size)
        return piece.text

    def _make(self, number: int, stocks: Stocks) -> Piece:
        drawing = Drawing(Chance(f"{number}/{self._kind}/{self._name}"), minimal=False, careful=False)
        drawing.size = PLENTY - SHARE
        drawing.enter(self._kind)
        text = dump_json(self._member.swift(drawing, 1))
        piece = Piece(text, drawing.size - (PLENTY - SHARE))
        if stocks.octets + len(text) <= MAX_OCTETS:
            stocks.octets += len(text)
            self._kept[number] = piece
        return piece
