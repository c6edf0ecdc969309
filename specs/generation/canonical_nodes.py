"""Places read from the canonical form of a schema (`jsonschema_rs.canonicalize`).

The canonical form has negations, conditions and unevaluated members worked into plain bounds, so that hardly anything
drawn from it has to be drawn again. It has no annotations; what it refers to is drawn from the schema as written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final, Protocol, final
from urllib.parse import unquote

from jsonschema_rs import CanonicalSchema
from jsonschema_rs import canonical as views

from understudy.specs.documents.document import Json
from understudy.specs.generation.array_shapes import ArrayShape, Containment, Repetition
from understudy.specs.generation.canonical_objects import ANYTHING, CanonicalObjectShape, combined
from understudy.specs.generation.canonical_scalars import number_shape, string_shape
from understudy.specs.generation.drawing import GLANCE, MAX_DEPTH, Accepts, Draw, Drawable, Drawing, Unsatisfied
from understudy.specs.generation.shapes import BooleanShape, DeadShape, NullShape, Shape, UnionShape, ValuesShape
from understudy.specs.generation.string_shapes import StringShape
from understudy.specs.member_names import singular
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["CanonicalNode", "Written"]

MAX_TRIES: Final = 20
MAX_ALIASES: Final = 50
_PREFIX: Final = "urn:jsonschema:canonical:"


MAX_TOLD_APART: Final = 50_000
"""Characters of a branch of `oneOf` up to which others are taken from it: it may grow with each of them."""


class Written(Protocol):
    """A schema as it was written.

    Attributes:
        places: What was made of canonical schemas in it, by schema, member and owner.
    """

    places: dict[tuple[CanonicalSchema, str, str], CanonicalNode]

    def find_place(self, uri: str) -> Drawable | None:
        """What to draw from for a subschema, by its URI; None when the schema has none of that URI."""

    def compile(self, schema: Json) -> Accepts:
        """A check for a schema that may refer to the written one."""


@final
class CanonicalNode:
    """A place in canonical form. Implements `Drawable`.

    Args:
        schema: The canonical schema of this place.
        name: Of the member; empty when there is none.
        written: The schema as it was written, which the canonical one may refer to.
    """

    def __init__(self, schema: CanonicalSchema, name: str, owner: str, written: Written) -> None:
        self._schema = schema
        self._name = name
        self._owner = owner
        self._written = written
        self._height: int | None = None
        self._too_high = -1

    @classmethod
    def unfolded(cls, schema: CanonicalSchema, name: str, owner: str, written: Written) -> CanonicalNode:
        """The node behind a mere reference, which would lead back to where the canonical form was asked for."""
        for _ in range(MAX_ALIASES):
            view = schema.view()
            target = schema.definition(view.uri) if isinstance(view, views.ReferenceView) else None
            if target is None:
                break
            schema = target
        return cls(schema, name, owner, written)

    def is_dead(self, levels: int) -> bool:
        """Whether it is proven to have no value."""
        return self._schema.satisfiability() is views.Satisfiability.NO

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """See `Drawable.draw`."""
        return self._shape.draw(drawing, depth)

    @property
    def swift(self) -> Draw:
        """The same."""
        return self.draw

    @property
    def rests_on(self) -> None:
        """Nothing is known."""

    def height(self, limit: int) -> int | None:
        """See `Drawable.height`."""
        if self._height is not None:
            return self._height if self._height <= limit else None
        if limit <= self._too_high:
            return None
        self._height = self._shape.height(limit)
        if self._height is None:
            self._too_high = limit
        return self._height

    def finite(self) -> tuple[Json, ...] | None:
        """See `Drawable.finite`."""
        return self._shape.finite()

    @cached_property
    def accepts(self) -> Accepts:
        """See `Drawable.accepts`."""
        return self._written.compile(self._schema.to_json_schema())

    def _is_allowed(self, value: Json) -> bool:
        """Compiled when the first value comes: most places are only looked at."""
        return self.accepts(value)

    def _place(self, schema: CanonicalSchema, name: str = "") -> CanonicalNode:
        """The same place for the same schema, so that one that recurses is unfolded no further than need be."""
        places = self._written.places
        key = (schema, name, self._owner)
        if key not in places:
            places[key] = CanonicalNode(schema, name, self._owner, self._written)
        return places[key]

    @cached_property
    def _shape(self) -> Shape:
        view = self._schema.view()
        match view:
            case views.FalseView():
                return DeadShape("its schemas exclude each other")
            case views.TrueView():
                return StringShape(name=self._name, owner=self._owner)
            case views.ConstView(value):
                return ValuesShape((value,))
            case views.EnumView(values):
                return ValuesShape(tuple(values))
            case views.MultiTypeView(types):
                return UnionShape({name: self._shape_of_type(name) for name in _ranked(types)})
            case views.TypedGroupView(_, body):
                return self._place(body, self._name)._shape
            case views.StringView():
                return string_shape(view, self._name, self._owner)
            case views.IntegerView() | views.NumberView():
                return number_shape(view, self._name)
            case views.ArrayView():
                return self._array(view)
            case views.ObjectView():
                return CanonicalObjectShape(view, self._place)
            case views.ReferenceView(uri):
                return self._referred(uri)
            case views.AnyOfView(branches):
                return _Trial(tuple(self._place(branch, self._name) for branch in branches), self._is_allowed)
            case views.OneOfView(branches):
                told = _exclusive(branches)
                return _Trial(tuple(self._place(branch, self._name) for branch in told), self._is_allowed)
            case views.AllOfView(branches):
                return _Trial(tuple(self._place(branch, self._name) for branch in branches), self._is_allowed)
            case _:
                # A negation, or what the canonical form doesn't model: a bit of everything.
                return _Trial((*(self._shape_of_type(name) for name in _RANKS), _ASSORTED), self._is_allowed)

    def _shape_of_type(self, name: str) -> Shape:
        match name:
            case "string":
                return StringShape(name=self._name, owner=self._owner)
            case "boolean":
                return BooleanShape(self._name)
            case "null":
                return NullShape()
            case "array" | "object":
                return ValuesShape(([] if name == "array" else {},))
            case _:
                return number_shape(None, self._name, whole=name == "integer")

    def _referred(self, uri: str) -> Drawable:
        if uri.startswith(_PREFIX):
            written = self._written.find_place(unquote(uri.removeprefix(_PREFIX)))
            if written is not None:
                return written
        target = self._schema.definition(uri)
        return self._place(target if target is not None else ANYTHING, self._name)

    def _array(self, view: views.ArrayView) -> ArrayShape:
        item_name = singular(self._name)
        known: dict[tuple[int, tuple[int, ...], tuple[int, ...]], CanonicalNode] = {}
        prefix, contains = view.prefix_items, view.contains

        def item(at: int, matching: tuple[int, ...], avoiding: tuple[int, ...]) -> Drawable:
            key = (min(at, len(prefix)), matching, avoiding)
            if key not in known:
                schema = prefix[at] if at < len(prefix) else view.items
                schema = ANYTHING if schema is None else schema
                for index in matching:
                    schema = combined(schema.intersect, contains[index].schema, schema)
                for index in avoiding:
                    schema = combined(schema.subtract, contains[index].schema, schema)
                known[key] = self._place(schema, item_name)
            return known[key]

        repetition = {
            views.Distinctness.ALL_DISTINCT.value: Repetition.NEVER,
            views.Distinctness.SOME_REPEATED.value: Repetition.SOME,
        }.get(view.distinctness.value, Repetition.FREE)
        counts = [Containment(1 if c.min_contains is None else c.min_contains, c.max_contains) for c in contains]
        return ArrayShape(view.min_items or 0, view.max_items, repetition, item, len(prefix), tuple(counts))


def _exclusive(branches: list[CanonicalSchema]) -> list[CanonicalSchema]:
    """Each branch without what the others take, as far as the canonical form can say that."""
    found = []
    for at, branch in enumerate(branches):
        for other in (*branches[:at], *branches[at + 1 :]):
            if len(dump_json(branch.to_json_schema())) > MAX_TOLD_APART:
                return branches
            branch = combined(branch.subtract, other, branch)
        found.append(branch)
    return found


@final
class _Trial:
    """Draws from several options by chance until a value is accepted."""

    def __init__(self, options: tuple[Shape, ...], accepts: Callable[[Json], bool]) -> None:
        self._options = options
        self._accepts = accepts

    @cached_property
    def _alive(self) -> tuple[Shape, ...]:
        return tuple(option for option in self._options if not option.is_dead(GLANCE))

    def is_dead(self, levels: int) -> bool:
        """Whether no option has a value."""
        return not self._alive

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """A value that is accepted, from the lowest options where the value must come to an end."""
        options = self._alive
        if drawing.hastens(depth):
            heights = {option: height for option in options if (height := option.height(MAX_DEPTH)) is not None}
            options = tuple(option for option in heights if heights[option] == min(heights.values()))
        failure = Unsatisfied("no value was found that meets all keywords together")
        for _ in range(MAX_TRIES if options else 0):
            try:
                value = options[int(drawing.random.random() * len(options))].draw(drawing, depth)
            except Unsatisfied as error:
                failure = error
            else:
                if self._accepts(value):
                    return value
            drawing.retry()
        raise failure

    @property
    def swift(self) -> Draw:
        """The same."""
        return self.draw

    @property
    def rests_on(self) -> None:
        """Nothing is known."""

    def height(self, limit: int) -> int | None:
        """Of the lowest option."""
        heights = (option.height(limit) for option in self._alive)
        return min((height for height in heights if height is not None), default=None)

    def finite(self) -> tuple[Json, ...] | None:
        """What is accepted of all options' values."""
        found: list[Json] = []
        for option in self._alive:
            values = option.finite()
            if values is None:
                return None
            found.extend(value for value in values if self._accepts(value))
        return tuple(found)


_RANKS: Final = ("string", "integer", "number", "boolean", "object", "array", "null")


_ASSORTED: Final = ValuesShape(
    (
        *(["text"], [1], [True], [None], [[]], [{}], [1, 1], ["text", 1], ["text", "text"], [1, 2, 3], [{"a": 1}]),
        *({"a": 1}, {"a": "text"}, {"a": True}, {"a": None}, {"a": []}, {"a": {}}, {"a": 1, "b": 2}, {"b": "text"}),
        *("", "a", "0", 0, -1, 0.5, 10**6),
    )
)
"""Values of all kinds, tried where nothing better is known."""


def _ranked(types: list[str]) -> list[str]:
    return [name for name in _RANKS if name in types]
