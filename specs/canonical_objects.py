"""Objects of the canonical form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from jsonschema_rs import CanonicalSchema
from jsonschema_rs import canonical as views

from understudy.specs import words
from understudy.specs.document import Json
from understudy.specs.drawing import Drawable, Drawing, Unsatisfied
from understudy.specs.object_shapes import FreeMembers, ObjectShape
from understudy.specs.patterns import RegexUnsupported, matches, strings_matching

__all__ = ["CanonicalObjectShape", "object_shape"]

MAX_TRIES: Final = 40


def object_shape(view: views.ObjectView, place: Callable[[CanonicalSchema, str], Drawable]) -> ObjectShape:
    """The objects of a view, save its `violations`."""
    properties, patterns, additional = view.properties, view.pattern_properties, view.additional_properties
    names = None if view.property_names is None else place(view.property_names, "")
    known: dict[tuple[str, ...], Drawable | None] = {}

    def member(name: str) -> Drawable | None:
        if names is not None and not names.accepts(name):
            return None
        if name in properties:
            return _alive(place(properties[name], name))
        matching = tuple(pattern for pattern in patterns if matches(pattern, name))
        if matching not in known:
            schema = additional
            for at, pattern in enumerate(matching):
                schema = patterns[pattern] if not at or schema is None else schema.intersect(patterns[pattern])
            known[matching] = _alive(_Anything() if schema is None else place(schema, ""))
        return known[matching]

    members: dict[str, Drawable] = {}
    for name in (*properties, *(name for name in view.required if name not in properties)):
        found = member(name)
        if found is not None:
            members[name] = found
    is_open = additional is None or not isinstance(additional.view(), views.FalseView)
    free = FreeMembers(member, names, tuple(patterns), is_open=is_open, is_invited=False)
    required = frozenset(view.required)
    return ObjectShape(members, required, free, view.min_properties or 0, view.max_properties)
