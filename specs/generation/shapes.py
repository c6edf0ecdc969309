"""What values of a place look like, once all choices are made: one shape for each type that is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.drawing import Draw, Drawing, Resting, Unsatisfied
from understudy.specs.generation.quantities import chance_of_true
from understudy.specs.schemas.json_values import copy_value, identity_of

__all__ = ["BooleanShape", "DeadShape", "NullShape", "Shape", "UnionShape", "ValuesShape"]

MAX_TRIES: Final = 60
CHANCE_OF_NULL: Final = 0.12
CHANCE_OF_FIRST: Final = 0.6


class Shape(Protocol):
    """Values of one type, or of several."""

    def is_dead(self, levels: int) -> bool:
        """As `Drawable.is_dead`."""

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """A fresh value; raises as `Drawable.draw` does."""

    def height(self, limit: int) -> int | None:
        """As `Drawable.height`."""

    def finite(self) -> tuple[Json, ...] | None:
        """As `Drawable.finite`."""

    @property
    def swift(self) -> Draw:
        """As `Drawable.swift`."""

    @property
    def rests_on(self) -> Sequence[Resting] | None:
        """As `Drawable.rests_on`."""


@final
@dataclass(frozen=True, slots=True)
class DeadShape:
    """No value at all, for a reason."""

    reason: str

    def is_dead(self, levels: int) -> bool:
        """True."""
        return True

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """Raises Unsatisfied."""
        raise Unsatisfied(self.reason)

    @property
    def swift(self) -> Draw:
        """The same."""
        return self.draw

    @property
    def rests_on(self) -> None:
        """Nothing is known."""

    def height(self, limit: int) -> int | None:
        """None."""
        return None

    def finite(self) -> tuple[Json, ...] | None:
        """No values."""
        return ()


@final
@dataclass(frozen=True, slots=True)
class NullShape:
    """Only null."""

    def is_dead(self, levels: int) -> bool:
        """False."""
        return False

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """Null."""
        return None

    @property
    def swift(self) -> Draw:
        """The same."""
        return self.draw

    @property
    def rests_on(self) -> tuple[Resting, ...]:
        """Nothing else."""
        return ()

    def height(self, limit: int) -> int | None:
        """0."""
        return 0

    def finite(self) -> tuple[Json, ...] | None:
        """Null alone."""
        return (None,)


@final
class BooleanShape:
    """Both Booleans, one likelier by the member's name."""

    def __init__(self, name: str) -> None:
        self._chance = chance_of_true(name)

    def is_dead(self, levels: int) -> bool:
        """False."""
        return False

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """True or false."""
        return drawing.random.random() < self._chance

    @property
    def swift(self) -> Draw:
        """The same."""
        return self.draw

    @property
    def rests_on(self) -> tuple[Resting, ...]:
        """Nothing else."""
        return ()

    def height(self, limit: int) -> int | None:
        """0."""
        return 0

    def finite(self) -> tuple[Json, ...] | None:
        """Both."""
        return (True, False)


@final
class ValuesShape:
    """A list of values (`enum`, `const`), of which null is drawn rarely."""

    def __init__(self, values: tuple[Json, ...]) -> None:
        self._values = values
        self._scalars = not any(isinstance(value, dict | list) for value in values)
        self._usual = tuple(value for value in values if value is not None) or values

    def is_dead(self, levels: int) -> bool:
        """Whether the list is empty."""
        return not self._values

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """One of the values, copied."""
        values = self._usual
        if not values:
            raise Unsatisfied("no value of enum or const meets the other keywords")
        if len(values) < len(self._values) and drawing.random.random() < CHANCE_OF_NULL:
            return None
        value = values[int(drawing.random.random() * len(values))] if len(values) > 1 else values[0]
        return value if self._scalars else copy_value(value)

    @cached_property
    def swift(self) -> Draw:
        """One of some scalars without null: the choice alone."""
        values, count = self._usual, len(self._usual)
        if not self._scalars or not values or count < len(self._values):
            return self.draw
        if count == 1:
            return lambda drawing, depth: values[0]
        return lambda drawing, depth: values[int(drawing.random.random() * count)]

    @property
    def rests_on(self) -> tuple[Resting, ...]:
        """Nothing else."""
        return ()

    def height(self, limit: int) -> int | None:
        """0: a given value is no deeper than it is."""
        return 0 if self._values else None

    def finite(self) -> tuple[Json, ...] | None:
        """All of them."""
        return tuple(copy_value(value) for value in self._values)


@final
class UnionShape:
    """Several types: mostly the first one, rarely null.

    Args:
        shapes: By `type`, none of them dead.
        excluded: Values that may not be drawn.
    """

    def __init__(self, shapes: dict[str, Shape], excluded: tuple[Json, ...] = ()) -> None:
        self._shapes = shapes
        self._excluded = frozenset(identity_of(value) for value in excluded)
        self._usual = tuple(shape for name, shape in shapes.items() if name != "null") or tuple(shapes.values())
        self._null = shapes.get("null")

    def is_dead(self, levels: int) -> bool:
        """Whether no type has a value, or every value is excluded."""
        return all(shape.is_dead(levels) for shape in self._shapes.values()) or self.finite() == ()

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """A value that isn't excluded."""
        for _ in range(MAX_TRIES):
            value = self._draw_any(drawing, depth)
            if not self._excluded or identity_of(value) not in self._excluded:
                return value
        left = self.finite()
        if left:
            return left[int(drawing.random.random() * len(left))]
        raise Unsatisfied("every value that was drawn is excluded")

    @cached_property
    def swift(self) -> Draw:
        """One type, or null, with nothing excluded: no choice but that."""
        if self._excluded or len(self._usual) != 1:
            return self.draw
        draw = self._usual[0].swift
        if self._null is None or self._null is self._usual[0]:
            return draw

        def draw_or_null(drawing: Drawing, depth: int) -> Json:
            if drawing.random.random() < CHANCE_OF_NULL:
                return None
            # Null is what ends soonest, so it is what remains where the value must come to an end.
            return None if nests and drawing.hastens(depth) else draw(drawing, depth)

        nests = self._usual[0].height(0) is None
        return draw_or_null

    @property
    def rests_on(self) -> Sequence[Resting] | None:
        """What the one type does that isn't null."""
        return None if self._excluded or len(self._usual) != 1 else self._usual[0].rests_on

    def height(self, limit: int) -> int | None:
        """The least of all types."""
        heights = [height for shape in self._shapes.values() if (height := shape.height(limit)) is not None]
        return min(heights, default=None)

    def finite(self) -> tuple[Json, ...] | None:
        """All values of all types, when each has few."""
        found: list[Json] = []
        for shape in self._shapes.values():
            values = shape.finite()
            if values is None:
                return None
            found.extend(value for value in values if identity_of(value) not in self._excluded)
        return tuple(found)

    def _draw_any(self, drawing: Drawing, depth: int) -> Json:
        shapes = self._usual
        if self._null is not None and len(self._shapes) > 1 and drawing.random.random() < CHANCE_OF_NULL:
            return None
        if drawing.hastens(depth) and self.height(0) == 0:
            shapes = tuple(shape for shape in self._shapes.values() if shape.height(0) == 0)
        at = (
            0
            if len(shapes) == 1 or drawing.random.random() < CHANCE_OF_FIRST
            else int(drawing.random.random() * len(shapes))
        )
        try:
            return shapes[at].draw(drawing, depth)
        except Unsatisfied:
            for shape in self._shapes.values():
                if shape is not shapes[at]:
                    return shape.draw(drawing, depth)
            raise
