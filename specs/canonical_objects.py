"""Objects of the canonical form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, final

import jsonschema_rs
from jsonschema_rs import CanonicalSchema
from jsonschema_rs import canonical as views

from understudy.specs import words
from understudy.specs.document import Json
from understudy.specs.drawing import Drawable, Drawing, Unsatisfied
from understudy.specs.object_shapes import FreeMembers, ObjectShape
from understudy.specs.patterns import RegexUnsupported, matches, strings_matching

__all__ = ["ANYTHING", "CanonicalObjectShape"]

MAX_TRIES: Final = 40

_Place: TypeAlias = Callable[[CanonicalSchema, str], Drawable]
ANYTHING: Final = jsonschema_rs.canonicalize(True, validate_formats=True, offline=True)
"""The schema true, which can be combined with others that assert formats."""


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
        self._by_patterns: dict[tuple[str, ...], Drawable] = {}
        named = dict.fromkeys((*view.properties, *view.required))
        listed = self._names.finite() if self._names is not None else None
        named.update(dict.fromkeys(name for name in listed or () if isinstance(name, str)))
        members = {name: member for name in named if (member := self._member(name)) is not None}
        self._free = FreeMembers(
            self._member,
            self._names,
            tuple(view.pattern_properties),
            is_open=view.additional_properties is None
            or not isinstance(view.additional_properties.view(), views.FalseView),
        )
        required = frozenset(view.required)
        self._shape = ObjectShape(members, required, self._free, view.min_properties or 0, view.max_properties)

    @property
    def is_dead(self) -> bool:
        """Whether a required member has no value, or the bounds exclude each other."""
        return self._shape.is_dead or not self._shape.required <= self._shape.members.keys()

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """An object, with a member for everything that some member has to violate."""
        if self.is_dead:
            raise Unsatisfied("required members exclude each other")
        drawn = self._shape.draw(drawing, depth)
        for violation in self._view.violations:
            name, member = self._violate(violation, drawing)
            drawn[name] = member.draw(drawing, depth + 1)
        return drawn

    def height(self, limit: int) -> int | None:
        """See `ObjectShape.height`."""
        return None if self.is_dead else self._shape.height(limit)

    def finite(self) -> tuple[Json, ...] | None:
        """Not known."""
        return None

    def _member(self, name: str) -> Drawable | None:
        """What a member has to be; None when objects may not have it."""
        if self._names is not None and not self._names.accepts(name):
            return None
        if name in self._view.properties:
            member = self._place(self._view.properties[name], name)
        else:
            member = self._unnamed(tuple(p for p in self._view.pattern_properties if matches(p, name)))
        return None if member.is_dead else member

    def _unnamed(self, patterns: tuple[str, ...]) -> Drawable:
        if patterns not in self._by_patterns:
            schema = self._view.additional_properties if not patterns else self._view.pattern_properties[patterns[0]]
            schema = ANYTHING if schema is None else schema
            for pattern in patterns[1:]:
                schema = schema.intersect(self._view.pattern_properties[pattern])
            self._by_patterns[patterns] = self._place(schema, "")
        return self._by_patterns[patterns]

    def _violate(
        self,
        violation: views.NameFailsView | views.UndeclaredValueFailsView | views.PatternValueFailsView,
        drawing: Drawing,
    ) -> tuple[str, Drawable]:
        """A name, and what to draw under it, so that the violation is there."""
        for _ in range(MAX_TRIES):
            match violation:
                case views.NameFailsView(schema):
                    name = self._place(schema.negate(), "").draw(drawing, 0)
                    member = self._member(name) if isinstance(name, str) else None
                case views.PatternValueFailsView(pattern, schema):
                    name = _matching(pattern, drawing)
                    member = self._place(schema.negate(), name)
                case views.UndeclaredValueFailsView(names, patterns, additional):
                    name = words.slug(drawing.random)
                    is_declared = name in names or any(matches(pattern, name) for pattern in patterns)
                    member = None if is_declared else self._place(additional.negate(), "")
            if member is not None and self._member(name) is not None:
                return name, member
        raise Unsatisfied("no member was found that fails as it must")


def _matching(pattern: str, drawing: Drawing) -> str:
    try:
        return strings_matching((pattern,)).draw(drawing.random)
    except RegexUnsupported as error:
        raise Unsatisfied(str(error)) from error
