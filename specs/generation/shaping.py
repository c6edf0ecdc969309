"""Give a conjunction, all its choices made, the shape that its values have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.generation.conjunctions import Conjunction
from understudy.specs.generation.container_shaping import Place, array_shape, object_shape
from understudy.specs.generation.formats import fits
from understudy.specs.generation.samples import Samples
from understudy.specs.generation.scalar_shaping import number_shape, string_shape
from understudy.specs.generation.shapes import BooleanShape, DeadShape, NullShape, Shape, UnionShape, ValuesShape
from understudy.specs.schemas.json_values import identity_of, type_of
from understudy.specs.schemas.type_sets import FRACTION, INTEGER, find_kinds

__all__ = ["samples_of", "says_little", "shape_of"]

_ANNOTATIONS: Final = frozenset(
    (
        *("$anchor", "$comment", "$defs", "$dynamicAnchor", "$id", "$schema", "contentEncoding", "contentMediaType"),
        *("contentSchema", "default", "deprecated", "description", "example", "examples", "externalDocs", "readOnly"),
        *("title", "writeOnly", "xml"),
    )
)
_SIMPLE: Final = _ANNOTATIONS | {"const", "enum", "type"}


def shape_of(conjunction: Conjunction, name: str, owner: str, place: Place, accepts: Callable[[Json], bool]) -> Shape:
    """The shape of values that meet all parts.

    Args:
        name: Of the member; empty when there is none.
        owner: What it is a member of.
        place: Gives what members and items are drawn from.
        accepts: Whether a value is allowed here; asked for values that the schema lists.
    """
    if conjunction.conflict:
        return DeadShape(conjunction.conflict)
    kinds = find_kinds(conjunction)
    values = _listed_values(conjunction)
    if values is not None:
        return ValuesShape(tuple(value for value in values if _is_allowed(value, conjunction, kinds, accepts)))
    if not kinds:
        return DeadShape("the types exclude each other")
    shapes: dict[str, Shape] = {}
    for kind in kinds:
        shape = _shape_of_kind(kind, kinds, conjunction, name, owner, place)
        if not shape.is_dead(0):
            shapes["number" if kind in (INTEGER, FRACTION) else kind] = shape
        elif len(kinds) == 1:
            return shape if isinstance(shape, DeadShape) else DeadShape(f"the bounds of the {kind} exclude each other")
    excluded = _excluded_values(conjunction)
    if len(shapes) == 1 and not excluded:
        return next(iter(shapes.values()))
    return UnionShape(shapes, excluded) if shapes else DeadShape("no type has any value left")


def samples_of(conjunction: Conjunction, accepts: Callable[[Json], bool], name: str) -> Samples:
    """What the parts offer as examples and defaults."""
    examples: list[Json] = []
    defaults: list[Json] = []
    formats: list[str] = []
    for part in conjunction.parts:
        listed = part.schema.get("examples")
        examples.extend(listed if isinstance(listed, list) else ())
        examples.extend([part.schema["example"]] if "example" in part.schema else ())
        defaults.extend([part.schema["default"]] if "default" in part.schema else ())
        formats.extend([part.schema["format"]] if "format" in part.schema else ())
    return Samples(
        examples, defaults, lambda value: accepts(value) and all(fits(named, value) for named in formats), name
    )


def says_little(schema: Json) -> bool:
    """Whether a schema allows only null, or anything at all: the least telling of several alternatives."""
    return schema == {"type": "null"} or schema is True or (isinstance(schema, dict) and schema.keys() <= _ANNOTATIONS)


def _shape_of_kind(
    kind: str, kinds: tuple[str, ...], conjunction: Conjunction, name: str, owner: str, place: Place
) -> Shape:
    match kind:
        case "object":
            return object_shape(conjunction, place)
        case "array":
            return array_shape(conjunction, name, place)
        case "string":
            return string_shape(conjunction, name, owner, place)
        case "boolean":
            return BooleanShape(name)
        case "null":
            return NullShape()
        case _:
            return number_shape(conjunction, name, has_integers=INTEGER in kinds, has_fractions=FRACTION in kinds)


def _listed_values(conjunction: Conjunction) -> list[Json] | None:
    """What every `enum` and `const` lists; None when there is none of them."""
    found: list[Json] | None = None
    for part in conjunction.parts:
        for listed in ([part.schema["const"]] if "const" in part.schema else None, part.schema.get("enum")):
            if listed is None:
                continue
            if found is None:
                found = list(listed)
            else:
                allowed = {identity_of(value) for value in listed}
                found = [value for value in found if identity_of(value) in allowed]
    return found


def _is_allowed(value: Json, conjunction: Conjunction, kinds: tuple[str, ...], accepts: Callable[[Json], bool]) -> bool:
    if len(conjunction.parts) == 1 and conjunction.parts[0].schema.keys() <= _SIMPLE and not conjunction.excluded:
        of_type = type_of(value)
        return "type" not in conjunction.parts[0].schema or (FRACTION if of_type == "number" else of_type) in kinds
    formats = (part.schema["format"] for part in conjunction.parts if "format" in part.schema)
    return accepts(value) and all(fits(named, value) for named in formats)


def _excluded_values(conjunction: Conjunction) -> tuple[Json, ...]:
    found: list[Json] = []
    for keyword, value in conjunction.excluded:
        if keyword in ("const", "enum"):
            found.extend([value] if keyword == "const" else value)
    return tuple(found)
