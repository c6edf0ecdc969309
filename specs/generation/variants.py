"""The ways in which a place can be satisfied, as a tree: each variant has made one more choice than its parent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.conjunctions import Conjunction
from understudy.specs.generation.drawing import GLANCE, Draw, Drawing, Resting
from understudy.specs.generation.samples import Samples
from understudy.specs.generation.shapes import CHANCE_OF_NULL, Shape
from understudy.specs.generation.shaping import samples_of, says_little, shape_of

if TYPE_CHECKING:
    from understudy.specs.generation.nodes import Node

__all__ = ["Variant"]


@final
class Variant:
    """A node with some of its choices made."""

    def __init__(self, node: Node, conjunction: Conjunction) -> None:
        self._node = node
        self._conjunction = conjunction
        self._children: dict[int, Variant] = {}
        self.is_leaf = not conjunction.choices or bool(conjunction.conflict)
        self.is_uncertain = conjunction.is_uncertain
        self.is_risky = conjunction.is_risky or len(conjunction.parts) > 1

    @cached_property
    def shape(self) -> Shape:
        """Of a leaf."""
        node = self._node
        return shape_of(self._conjunction, node.name, node.owner, node.space.node, self._accepts)

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """From a leaf: a sample, or a value that is made up."""
        samples = self._samples
        if samples is not None:
            found = samples.find(drawing)
            if found is not None:
                return found[0]
        return self.shape.draw(drawing, depth)

    @cached_property
    def swift(self) -> Draw:
        """See `Drawable.swift`."""
        shape, samples = self.shape.swift, self._samples
        if samples is None:
            return shape

        def draw(drawing: Drawing, depth: int) -> Json:
            found = samples.find(drawing)
            return shape(drawing, depth) if found is None else found[0]

        return draw

    @property
    def rests_on(self) -> Sequence[Resting] | None:
        """See `Drawable.rests_on`."""
        # Samples are only those that are allowed.
        is_known = self._conjunction.is_plain and self.is_alive
        return self.shape.rests_on if is_known else None

    @cached_property
    def is_alive(self) -> bool:
        """Whether a leaf may have a value, as far as a glance tells."""
        return not self.shape.is_dead(GLANCE)

    @cached_property
    def first_leaf(self) -> Variant:
        """The variant after taking every first alternative."""
        variant = self
        while not variant.is_leaf:
            variant = variant._child(0)
        return variant

    def pick(self, drawing: Drawing) -> Variant:
        """The variant after one more choice, made by chance."""
        return self._child(self._choose(drawing))

    def leaves(self, limit: int, drawing: Drawing | None = None) -> Iterator[Variant]:
        """The leaves below, after looking at no more than ``limit`` variants.

        In the schema's order; with a drawing each choice begins with an alternative taken by chance.
        """
        yield from self._walk([limit], drawing)

    def _walk(self, left: list[int], drawing: Drawing | None) -> Iterator[Variant]:
        left[0] -= 1
        if self.is_leaf:
            yield self
            return
        count = len(self._weights)
        first = 0 if drawing is None else self._choose(drawing)
        for index in range(first, first + count):
            if left[0] < 0:
                return
            yield from self._child(index % count)._walk(left, drawing)

    def _choose(self, drawing: Drawing) -> int:
        """An alternative of the first open choice, by its weight."""
        weights = self._weights
        at = drawing.random.random() * sum(weights)
        for index, weight in enumerate(weights):
            at -= weight
            if at < 0:
                return index
        return len(weights) - 1

    @cached_property
    def _weights(self) -> tuple[float, ...]:
        """How likely each alternative of the first open choice is: mere null and mere anything are rare."""
        schemas = self._node.space.schemas
        return tuple(
            CHANCE_OF_NULL if len(demands) == 1 and says_little(schemas.at(demands[0].pointer)) else 1.0
            for demands in self._conjunction.choices[0].alternatives
        )

    def _child(self, index: int) -> Variant:
        child = self._children.get(index)
        if child is None:
            conjunction = self._conjunction.copy()
            choice = conjunction.choices.pop(0)
            for demand in choice.alternatives[index]:
                conjunction.add(demand, choice.scopes)
            child = Variant(self._node, conjunction)
            if self._node.space.keeps_variant():
                self._children[index] = child
        return child

    @cached_property
    def _samples(self) -> Samples | None:
        return samples_of(self._conjunction, self._accepts, self._node.name) or None

    def _accepts(self, value: Json) -> bool:
        return self._node.accepts(value)
