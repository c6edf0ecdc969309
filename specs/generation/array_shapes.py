"""Draw arrays: items by position, `contains` with its counts, `uniqueItems`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.drawing import MAX_DEPTH, MAX_SIZE, Draw, Drawable, Drawing, Unsatisfied
from understudy.specs.schemas.json_values import identity_of

__all__ = ["ArrayShape", "Containment", "Repetition"]

MAX_TRIES: Final = 60


class Repetition(Enum):
    """What is said of equal items."""

    FREE = "free"
    NEVER = "never"
    SOME = "some"


@final
@dataclass(frozen=True, slots=True)
class Containment:
    """`contains`: how many items match; ``high`` None is without bound."""

    low: int
    high: int | None


@final
@dataclass(frozen=True)
class ArrayShape:
    """Arrays.

    Attributes:
        low: Number of items; so ``high``, where None is without bound.
        item: What stands at a position, given the indexes of the containments that it is to match, and of those
            that it may not match.
        prefix: How many positions differ from all later ones.
    """

    low: int
    high: int | None
    repetition: Repetition
    item: Callable[[int, tuple[int, ...], tuple[int, ...]], Drawable]
    prefix: int = 0
    containments: tuple[Containment, ...] = ()

    def is_dead(self, levels: int) -> bool:
        """Whether the bounds exclude each other, or an item that there must be has no value."""
        if self.high is not None and any(low > self.high for low in (self.low, *(c.low for c in self.containments))):
            return True
        places = self._places
        if levels < 1 or isinstance(places, str):
            return isinstance(places, str)
        return any(self._item_at(at, places).is_dead(levels - 1) for at in range(min(self.needed, self.prefix + 1)))

    @cached_property
    def needed(self) -> int:
        """The least number of items, with those that `contains` needs."""
        places = self._places
        last = max(places, default=-1) if isinstance(places, dict) else -1
        return max(self.low, 2 if self.repetition is Repetition.SOME else 0, last + 1)

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """An array; items of `uniqueItems` differ as JSON values do (1 equals 1.0)."""
        places = self._places
        if isinstance(places, str):
            raise Unsatisfied(places)
        if depth >= MAX_DEPTH:
            raise Unsatisfied(f"required items are nested more than {MAX_DEPTH} deep")
        needed = self.needed
        if needed > MAX_SIZE:
            raise Unsatisfied(f"{needed:,} items are more than the {MAX_SIZE:,} that are drawn")
        wanted = needed if drawing.hastens(depth) else max(needed, self.prefix)
        count = drawing.choose_count(wanted if self.high is None else min(wanted, self.high), self.high, depth)
        drawing.grow(count)
        drawn: list[Json] = []
        taken: set[str] | None = set() if self.repetition is Repetition.NEVER else None
        for at in range(count):
            try:
                drawn.append(self._draw_item(self._item_at(at, places), drawing, depth, taken))
            except Unsatisfied as error:
                if at >= needed:
                    break
                error.trail.append(f"item {at}")
                raise
        if self.repetition is Repetition.SOME:
            drawn[-1] = drawn[-2]
        return drawn

    @cached_property
    def swift(self) -> Draw:
        """Items that are all alike, as far as nothing is said of their order and of equal ones."""
        needed, high = self.needed, self.high
        if not self._is_bare:
            return self.draw
        item, low = self._item_at(0, {}), needed if high is None else min(needed, high)

        def draw(drawing: Drawing, depth: int) -> Json:
            if depth >= MAX_DEPTH:
                raise Unsatisfied(f"required items are nested more than {MAX_DEPTH} deep")
            count = drawing.choose_count(low, high, depth)
            drawing.grow(count)
            drawn: list[Json] = []
            try:
                draw_item = item.swift
                for _ in range(count):
                    drawn.append(draw_item(drawing, depth + 1))  # noqa: PERF401 - what was drawn is kept
            except Unsatisfied as error:
                if len(drawn) < needed:
                    error.trail.append(f"item {len(drawn)}")
                    raise
            return drawn

        return draw

    @cached_property
    def rests_on(self) -> tuple[Drawable, ...] | None:
        """Its items, where they are all alike."""
        return (self._item_at(0, {}),) if self._is_bare and not self.is_dead(0) else None

    @property
    def _is_bare(self) -> bool:
        is_free = self.repetition is Repetition.FREE and self.needed <= MAX_SIZE
        return is_free and not self._places and not self.prefix

    def height(self, limit: int) -> int | None:
        """1 above the highest item that there must be."""
        places = self._places
        if limit < 1 or self.is_dead(0) or isinstance(places, str):
            return None
        highest = 0
        for at in {*range(min(self.needed, self.prefix + 1)), *places}:
            height = self._item_at(at, places).height(limit - 1)
            if height is None:
                return None
            highest = max(highest, height)
        return highest + 1

    def finite(self) -> tuple[Json, ...] | None:
        """Not known, but for the empty array."""
        return ([],) if self.high == 0 else None

    def _item_at(self, at: int, places: dict[int, tuple[int, ...]]) -> Drawable:
        key = min(at, self.prefix), places.get(at, ())
        found = self._known.get(key)
        if found is None:
            limited = (index for index, containment in enumerate(self.containments) if containment.high is not None)
            found = self.item(key[0], key[1], tuple(index for index in limited if index not in key[1]))
            self._known[key] = found
        return found

    @cached_property
    def _known(self) -> dict[tuple[int, tuple[int, ...]], Drawable]:
        """Items by position, those after the prefix being one, and by the containments that they match."""
        return {}

    @cached_property
    def _places(self) -> dict[int, tuple[int, ...]] | str:
        """Which positions match which containments, one each where there is room; or why that can't be."""
        placed: dict[int, tuple[int, ...]] = {}
        for index, containment in enumerate(self.containments):
            left = containment.low
            if left > MAX_SIZE:
                return f"minContains {left:,} is more than the {MAX_SIZE:,} items that are drawn"
            for at, shared in ((at, shared) for shared in (False, True) for at in self._positions(containment.low)):
                others = placed.get(at, ())
                if not left:
                    break
                if index in others or bool(others) is not shared:
                    continue
                if self.item(at, (*others, index), ()).height(MAX_DEPTH) is not None:
                    placed[at] = (*others, index)
                    left -= 1
            if left:
                return f"contains needs {containment.low} items that match, and {left} find no place"
        for at in range(min(self.low, MAX_SIZE) if any(found.high is not None for found in self.containments) else 0):
            self._settle(at, placed)
        return placed

    def _settle(self, at: int, placed: dict[int, tuple[int, ...]]) -> None:
        """Let an item match what it can't help matching, as long as `maxContains` allows."""
        if self._item_at(at, placed).height(MAX_DEPTH) is not None:
            return
        for index, containment in enumerate(self.containments):
            matching = placed.get(at, ())
            count = sum(index in found for found in placed.values())
            if index not in matching and containment.high is not None and count < containment.high:
                placed[at] = (*matching, index)

    def _positions(self, needed: int) -> list[int]:
        """Those after the prefix first."""
        end = self.prefix + min(needed, MAX_SIZE) * len(self.containments)
        if self.high is not None:
            end = min(end, self.high)
        return [*range(self.prefix, end), *range(min(self.prefix, end))]

    def _draw_item(self, place: Drawable, drawing: Drawing, depth: int, taken: set[str] | None) -> Json:
        if taken is None:
            return place.draw(drawing, depth + 1)
        was_varied = drawing.varied
        for attempt in range(MAX_TRIES):
            drawing.varied = was_varied or attempt >= MAX_TRIES // 4
            try:
                value = place.draw(drawing, depth + 1)
            finally:
                drawing.varied = was_varied
            identity = identity_of(value)
            if identity not in taken:
                taken.add(identity)
                return value
        for value in place.finite() or ():
            identity = identity_of(value)
            if identity not in taken:
                taken.add(identity)
                return value
        raise Unsatisfied("uniqueItems needs more different items than were found")
