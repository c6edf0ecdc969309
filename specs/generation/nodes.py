"""Places in a schema and the ways in which each can be satisfied.

A `Node` is a place: the demands that hold of one value together. Its open choices form a tree of variants; a leaf of
it, where every choice is made, has a shape to draw from. Trees grow as they are drawn from, so a large schema costs
what is used of it.

The walk reads the schema as it was written, with its examples and its order. Where that leads nowhere, the same place
is read in its canonical form (`canonical_nodes`), which is exact where the walk can only try.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final, Protocol, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.conjunctions import Conjunction
from understudy.specs.generation.demands import Demand
from understudy.specs.generation.drawing import MAX_DEPTH, Accepts, Draw, Drawable, Drawing, Resting, Unsatisfied
from understudy.specs.generation.variants import Variant
from understudy.specs.member_names import owner_of
from understudy.specs.schemas.json_values import identity_of
from understudy.specs.schemas.subschemas import Subschemas

__all__ = ["Node", "NodeSpace"]

MAX_TRIES: Final = 5
MAX_TRIED_VARIANTS: Final = 128
"""Variants of one node that are looked at before it counts as unsatisfied."""


class NodeSpace(Protocol):
    """All places of one schema."""

    schemas: Subschemas
    name: str

    def node(self, demands: tuple[Demand, ...], name: str) -> Node:
        """The place where these demands hold together, in a member of this name."""

    def check(self, demands: tuple[Demand, ...]) -> Accepts:
        """A check for values of such a place."""

    def canonical(self, demands: tuple[Demand, ...], name: str) -> Drawable | None:
        """The canonical form of such a place; None when it has none."""

    def keeps_variant(self) -> bool:
        """Whether one more variant may be kept in memory."""


@final
class Node:
    """A place in a schema. Implements `Drawable`."""

    def __init__(self, space: NodeSpace, demands: tuple[Demand, ...], name: str) -> None:
        self.space = space
        self.demands = demands
        self.name = name
        self.owner = owner_of(demands[0].pointer, space.name) if demands else ""
        self._height: int | None = None
        self._too_high = -1
        self._dead: dict[int, bool] = {}

    @cached_property
    def accepts(self) -> Accepts:
        """Whether a value is allowed here."""
        return self.space.check(self.demands)

    def is_dead(self, levels: int) -> bool:
        """See `Drawable.is_dead`. What it says never depends on what was asked before."""
        if levels not in self._dead:
            alive = (leaf for leaf in self._root.leaves(MAX_TRIED_VARIANTS) if not leaf.shape.is_dead(levels))
            self._dead[levels] = next(alive, None) is None
        return self._dead[levels]

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """A value for this place; see `Drawable.draw`."""
        leaf = self._only or self._settle(drawing, depth)
        if not drawing.careful and not leaf.is_uncertain:
            return leaf.draw(drawing, depth)
        return self._draw_checked(leaf, drawing, depth)

    @cached_property
    def swift(self) -> Draw:
        """See `Drawable.swift`."""
        leaf = self._only
        return self.draw if leaf is None or leaf.is_uncertain else leaf.swift

    @cached_property
    def rests_on(self) -> Sequence[Resting] | None:
        """See `Drawable.rests_on`."""
        leaf = self._only
        return leaf.rests_on if leaf is not None else None

    def height(self, limit: int) -> int | None:
        """See `Drawable.height`."""
        if self._height is not None:
            return self._height if self._height <= limit else None
        if limit <= self._too_high:
            return None
        heights = (leaf.shape.height(limit) for leaf in self._root.leaves(MAX_TRIED_VARIANTS))
        self._height = min((height for height in heights if height is not None), default=None)
        if self._height is None:
            self._too_high = limit
        return self._height

    def finite(self) -> tuple[Json, ...] | None:
        """See `Drawable.finite`."""
        found: dict[str, Json] = {}
        for leaf in self._root.leaves(MAX_TRIED_VARIANTS):
            values = leaf.shape.finite()
            if values is None:
                return None
            found.update((identity_of(value), value) for value in values)
        return tuple(value for value in found.values() if self._only is not None or self.accepts(value))

    @cached_property
    def _root(self) -> Variant:
        return self._begin(strict=False)

    @cached_property
    def _strict_root(self) -> Variant:
        """The same place with less left to luck."""
        return self._begin(strict=True)

    def _begin(self, *, strict: bool) -> Variant:
        conjunction = Conjunction(self.space.schemas, strict=strict)
        for demand in self.demands:
            conjunction.add(demand)
        return Variant(self, conjunction)

    @cached_property
    def _only(self) -> Variant | None:
        """The leaf, when there is nothing to choose."""
        return self._root if self._root.is_leaf else None

    def _settle(self, drawing: Drawing, depth: int) -> Variant:
        """A leaf: by chance, or the lowest one where the value must come to an end; a dead one if there is no other."""
        if drawing.hastens(depth):
            return self._lowest
        variant = self._root
        while not variant.is_leaf:
            variant = variant.pick(drawing)
        return variant if variant.is_alive else self._shuffle(self._root, drawing)

    def _shuffle(self, root: Variant, drawing: Drawing) -> Variant:
        leaves = root.leaves(MAX_TRIED_VARIANTS, drawing)
        return next((leaf for leaf in leaves if leaf.is_alive), root.first_leaf)

    @cached_property
    def _lowest(self) -> Variant:
        lowest: tuple[int, Variant] | None = None
        for leaf in self._root.leaves(MAX_TRIED_VARIANTS):
            height = leaf.shape.height(MAX_DEPTH) if leaf.is_alive else None
            if height is not None and (lowest is None or height < lowest[0]):
                lowest = height, leaf
        return self._root.first_leaf if lowest is None else lowest[1]

    @cached_property
    def _canonical(self) -> Drawable | None:
        return self.space.canonical(self.demands, self.name)

    def _draw_checked(self, leaf: Variant, drawing: Drawing, depth: int) -> Json:
        """Draw, check, and draw again; in the end from the canonical form."""
        failure = Unsatisfied("no value was found that meets all keywords together")
        for _ in range(MAX_TRIES):
            try:
                value = leaf.draw(drawing, depth)
            except Unsatisfied as error:
                failure = error
            else:
                if not (leaf.is_uncertain or leaf.is_risky) or self.accepts(value):
                    return value
            drawing.retry()
            leaf = self._shuffle(self._strict_root, drawing)
        if self._canonical is not None:
            for _ in range(MAX_TRIES):
                try:
                    value = self._canonical.draw(drawing, depth)
                except Unsatisfied:
                    break
                if self.accepts(value):
                    return value
                drawing.retry()
        raise failure
