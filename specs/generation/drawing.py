"""One value being drawn: its random numbers, how far it has grown, and what may still be tried.

Everything that can be drawn is a `Drawable`. What the bounds here say holds for any schema: no value is nested deeper
than `MAX_DEPTH`, none has more than `MAX_SIZE` members and items, and no more than `MAX_RETRIES` parts are drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.chance import Chance

if TYPE_CHECKING:
    from understudy.specs.generation.stocks import Piece, Stocks

__all__ = [
    *(
        "DEEP",
        "GLANCE",
        "MAX_DEPTH",
        "MAX_SIZE",
        "PLENTY",
        "Accepts",
        "Draw",
        "Drawable",
        "Drawing",
        "Exhausted",
        "Resting",
        "Unsatisfied",
    ),
]

MAX_DEPTH: Final = 48
MAX_SIZE: Final = 20_000
MAX_RETRIES: Final = 400
DEEP: Final = 6
"""From this depth on only what ends soonest is drawn."""
GLANCE: Final = 3
"""How many levels down an alternative is looked at before it is taken."""
PLENTY: Final = 400
"""Members and items after which optional ones are left out."""

# How likely an optional member is there, by depth.
_CHANCES: Final = (0.95, 0.95, 0.9, 0.85, 0.6, 0.3)
# What that is multiplied with in an object inside one of its own kind.
_AGAIN: Final = (1.0, 0.3, 0.1, 0.0)


class Unsatisfied(Exception):
    """No value could be drawn here; the place above may do without.

    Attributes:
        reason: Which keywords could not be met together.
        trail: Steps to the place, innermost first; each level adds its own.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.trail: list[str] = []


class Exhausted(Exception):
    """The whole value has to be given up: it has grown too large, or too much was tried.

    Attributes:
        is_too_large: Whether another try would only be as large again.
    """

    def __init__(self, reason: str, *, is_too_large: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_too_large = is_too_large


@final
class Drawing:
    """The state of drawing one value.

    Attributes:
        random: Only `random()` and `getrandbits()` of it are used: their values are the same in every Python version.
        minimal: Required members only, the shortest collections.
        careful: Parts that could be wrong are checked where they stand, and drawn again.
        size: Members and items so far.
        stocks: Where members of the outermost objects are taken from; None where the value is its own in all its parts.
        unproven: Those of them that were never in a whole that was found valid.
        varied: For the time being, what ends soonest isn't preferred: it is always the same.
    """

    __slots__ = ("_open", "_retries", "careful", "minimal", "random", "size", "stocks", "unproven", "varied")

    def __init__(self, random: Chance, *, minimal: bool, careful: bool, stocks: Stocks | None = None) -> None:
        self.random = random
        self.minimal = minimal
        self.careful = careful
        self.stocks = stocks
        self.unproven: list[Piece] = []
        self.varied = False
        self.size = 0
        self._retries = 0
        self._open: dict[str, int] = {}

    def grow(self, members: int) -> None:
        """Count members or items; Exhausted when the value has too many."""
        self.size += members
        if self.size > MAX_SIZE:
            raise Exhausted(f"the value would have more than {MAX_SIZE:,} members and items", is_too_large=True)

    def retry(self) -> None:
        """Count a part that is drawn again; Exhausted when there were too many."""
        self._retries += 1
        if self._retries > MAX_RETRIES:
            raise Exhausted(f"more than {MAX_RETRIES} parts had to be drawn again")

    def wants_optional(self, depth: int, again: int = 0) -> bool:
        """Whether to draw an optional member of an object at this depth.

        Args:
            again: How often the object lies inside one of its own kind, for a member that may hold another.
        """
        if self.minimal or depth >= DEEP or self.size > PLENTY:
            return False
        return self.random.random() < _CHANCES[depth] * _AGAIN[min(again, len(_AGAIN) - 1)]

    def open_object(self, depth: int, members: int) -> float:
        """Count an object with so many members; how likely optional ones are drawn in it, see `wants_optional`."""
        self.size = size = self.size + members
        if size > PLENTY:
            self.grow(0)
            return 0.0
        return 0.0 if self.minimal or depth >= DEEP else _CHANCES[depth]

    def chance_of_again(self, again: int) -> float:
        """What that is multiplied with for a member that may hold an object of the same kind."""
        return _AGAIN[min(again, len(_AGAIN) - 1)]

    def enter(self, kind: str) -> int:
        """Begin an object of a kind; how many of that kind it lies in. Ended by `leave`."""
        count = self._open.get(kind, 0)
        self._open[kind] = count + 1
        return count

    def leave(self, kind: str) -> None:
        """End an object that was begun by `enter`."""
        self._open[kind] -= 1

    def hastens(self, depth: int) -> bool:
        """Whether to choose what ends soonest."""
        if self.varied:
            return False
        return self.minimal or depth >= DEEP or self.size > PLENTY

    def choose_count(self, low: int, high: int | None, depth: int) -> int:
        """How many items or free members: one to three where the bounds allow, fewer where the value is deep."""
        usual = 0 if self.hastens(depth) else 1 + int(self.random.random() * (3 if depth < 3 else 1))
        return max(low, usual if high is None else min(usual, high))


Draw: TypeAlias = Callable[[Drawing, int], Json]
"""Draws a value at a depth, as `Drawable.draw` does."""


class Accepts(Protocol):
    """Whether a value is allowed."""

    def __call__(self, value: Json, /) -> bool: ...


class Resting(Protocol):
    """What may be valid by construction."""

    @property
    def rests_on(self) -> Sequence[Resting] | None:
        """What `swift` draws from, where that makes a valid value of valid parts; None where only a check tells."""


class Drawable(Resting, Protocol):
    """A place in a schema that values can be drawn for."""

    def is_dead(self, levels: int) -> bool:
        """Whether it is plain, looking so many levels down, that there is no value."""

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """A fresh value for this place, ``depth`` levels below the whole.

        Raises:
            Unsatisfied: This place has no value, or none was found.
            Exhausted: The whole value has to be given up.
        """

    def height(self, limit: int) -> int | None:
        """Levels of the lowest value: 0 for a scalar; None when there is none, or it has more than ``limit``."""

    @property
    def accepts(self) -> Accepts:
        """Whether a value is allowed here."""

    def finite(self) -> tuple[Json, ...] | None:
        """All values, when they are few and known; None otherwise."""

    @property
    def swift(self) -> Draw:
        """As `draw`, without looking at `Drawing.careful` and `Drawing.varied`, and with less checked on the way: for
        a whole that is checked in the end. What can be known beforehand was found out when this was made."""
