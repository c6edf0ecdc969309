"""Objects of the canonical form."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final, TypeAlias, final

import jsonschema_rs
from jsonschema_rs import CanonicalSchema
from jsonschema_rs import canonical as views

from understudy.specs.documents.document import Json
from understudy.specs.generation import words
from understudy.specs.generation.drawing import Draw, Drawable, Drawing, Unsatisfied
from understudy.specs.generation.free_members import FreeMembers
from understudy.specs.generation.object_shapes import ObjectShape
from understudy.specs.generation.patterns import RegexUnsupported, matches, strings_matching

__all__ = ["ANYTHING", "CanonicalObjectShape", "combined"]

MAX_TRIES: Final = 40

_Place: TypeAlias = Callable[[CanonicalSchema, str], Drawable]
_Violation: TypeAlias = views.NameFailsView | views.UndeclaredValueFailsView | views.PatternValueFailsView
ANYTHING: Final = jsonschema_rs.canonicalize(True, validate_formats=True, offline=True)
"""The schema true, which can be combined with others that assert formats."""
_TEXT: Final = jsonschema_rs.canonicalize({"type": "string"}, validate_formats=True, offline=True)


def combined(
    combine: Callable[[CanonicalSchema], CanonicalSchema], other: CanonicalSchema, default: CanonicalSchema
) -> CanonicalSchema:
    """What two schemas make; the default where the canonical form can't say it, so that a check must tell."""
    try:
        return combine(other)
    except views.CanonicalizationError:
        return default


@final
class CanonicalObjectShape:
    """The objects of a view.

    Args:
        place: What to draw from for a schema, in a member of a name.
    """

    def __init__(self, view: views.ObjectView, place: _Place) -> None:
        self._view = view
        self._place = place
        self._names = None if view.property_names is None else place(view.property_names, "")
        self._unnamed: dict[tuple[str, ...], Drawable] = {}
        named = dict.fromkeys((*view.properties, *view.required))
        listed = self._names.finite() if self._names is not None else None
        named.update(dict.fromkeys(name for name in listed or () if isinstance(name, str)))
        members = {name: member for name in named if (member := self._member(name)) is not None}
        additional = view.additional_properties
        free = FreeMembers(
            self._member,
            self._names,
            tuple(view.pattern_properties),
            is_open=additional is None or not isinstance(additional.view(), views.FalseView),
        )
        required = frozenset(view.required)
        self._shape = ObjectShape(members, required, free, view.min_properties or 0, view.max_properties)

    def is_dead(self, levels: int) -> bool:
        """As `ObjectShape.is_dead`."""
        return self._shape.is_dead(levels)

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """An object, with a member for everything that some member has to violate."""
        if self.is_dead(0):
            raise Unsatisfied("required members exclude each other")
        drawn = self._shape.draw(drawing, depth)
        for violate in self._violations:
            name, member = violate(drawing)
            drawn[name] = member.draw(drawing, depth + 1)
        return drawn

    @property
    def swift(self) -> Draw:
        """The same."""
        return self.draw

    @property
    def rests_on(self) -> None:
        """Nothing is known."""

    def height(self, limit: int) -> int | None:
        """See `ObjectShape.height`."""
        return None if self.is_dead(0) else self._shape.height(limit)

    def finite(self) -> tuple[Json, ...] | None:
        """Not known."""
        return None

    def _member(self, name: str) -> Drawable | None:
        """What a member has to be; None when objects may not have it."""
        if self._names is not None and not self._names.accepts(name):
            return None
        patterns = self._patterns_of(name)
        if name in self._view.properties:
            member = self._place(self._schema(name, patterns), name)
        else:
            if patterns not in self._unnamed:
                self._unnamed[patterns] = self._place(self._schema(name, patterns), "")
            member = self._unnamed[patterns]
        return None if member.is_dead(0) else member

    def _patterns_of(self, name: str) -> tuple[str, ...]:
        return tuple(pattern for pattern in self._view.pattern_properties if matches(pattern, name))

    def _schema(self, name: str, patterns: tuple[str, ...]) -> CanonicalSchema:
        """The schema of a member that matches some of the patterns."""
        if name in self._view.properties:
            return self._view.properties[name]
        schema = ANYTHING if patterns else self._view.additional_properties or ANYTHING
        for pattern in patterns:
            schema = combined(schema.intersect, self._view.pattern_properties[pattern], schema)
        return schema

    @cached_property
    def _violations(self) -> tuple[Callable[[Drawing], tuple[str, Drawable]], ...]:
        """For each violation that there must be, how to find a name and what to draw under it."""
        return tuple(self._violator(violation) for violation in self._view.violations)

    def _violator(self, violation: _Violation) -> Callable[[Drawing], tuple[str, Drawable]]:
        match violation:
            case views.NameFailsView(schema):
                names = self._view.property_names or _TEXT
                failing = self._place(combined(names.subtract, schema, names), "")
                return lambda drawing: self._find(drawing, lambda: failing.draw(drawing, 0), None)
            case views.PatternValueFailsView(pattern, schema):
                return lambda drawing: self._find(drawing, lambda: _matching(pattern, drawing), schema)
            case views.UndeclaredValueFailsView(declared, patterns, additional):

                def undeclared(drawing: Drawing) -> Json:
                    name = words.slug(drawing.random)
                    return None if name in declared or any(matches(pattern, name) for pattern in patterns) else name

                return lambda drawing: self._find(drawing, lambda: undeclared(drawing), additional)

    def _find(
        self, drawing: Drawing, propose: Callable[[], Json], failing: CanonicalSchema | None
    ) -> tuple[str, Drawable]:
        """A name that is allowed, and what to draw there so that ``failing``, if given, fails."""
        for _ in range(MAX_TRIES):
            name = propose()
            member = self._member(name) if isinstance(name, str) else None
            if member is None:
                continue
            if failing is None:
                return name, member
            schema = self._schema(name, self._patterns_of(name))
            return name, self._place(combined(schema.subtract, failing, schema), name)
        raise Unsatisfied("no member was found that fails as it must")


def _matching(pattern: str, drawing: Drawing) -> str:
    try:
        return strings_matching((pattern,)).draw(drawing.random)
    except RegexUnsupported as error:
        raise Unsatisfied(str(error)) from error
