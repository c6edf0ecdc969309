"""What the parts of a conjunction say together of objects and of arrays: which schemas each member and item has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from understudy.specs.documents.document import Json
from understudy.specs.generation.array_shapes import ArrayShape, Containment, Repetition
from understudy.specs.generation.conjunctions import Conjunction, Part
from understudy.specs.generation.demands import Demand, DemandKind, fails
from understudy.specs.generation.drawing import Drawable
from understudy.specs.generation.free_members import FreeMembers
from understudy.specs.generation.object_shapes import ObjectShape
from understudy.specs.generation.patterns import matches
from understudy.specs.generation.shapes import DeadShape, Shape
from understudy.specs.member_names import singular
from understudy.specs.pointers import JsonPointer, child

__all__ = ["Place", "array_shape", "object_shape"]

Place: TypeAlias = Callable[[tuple[Demand, ...], str], Drawable]
"""What to draw where these demands hold together, in a member of this name."""


def object_shape(conjunction: Conjunction, place: Place) -> Shape:
    """The objects that all parts allow."""
    parts = conjunction.parts
    required = dict.fromkeys([name for part in parts for name in part.schema.get("required", ())])
    required.update(conjunction.must_have)
    named = dict.fromkeys(name for part in parts for name in part.schema.get("properties", ()))
    names_demands = tuple(_applies(part, "propertyNames") for part in parts if "propertyNames" in part.schema)
    names = place(names_demands, "") if names_demands else None
    patterns = dict.fromkeys(pattern for part in parts for pattern in part.schema.get("patternProperties", ()))
    members: dict[str, Drawable] = {}
    for name in {**named, **required}:
        demands = _member_demands(conjunction, name) if names is None or names.accepts(name) else None
        if demands is not None:
            members[name] = place(demands, name)
        elif name in required:
            return DeadShape(f"{name!r} is required and not allowed")

    def free_member(name: str) -> Drawable | None:
        demands = _member_demands(conjunction, name)
        return None if demands is None else place(demands, "")

    return ObjectShape(
        members,
        frozenset(required),
        FreeMembers(
            free_member,
            names,
            tuple(patterns),
            is_open=all(part.schema.get(keyword) is not False for part in parts for keyword in _CLOSING),
            is_invited=bool(patterns) or any(isinstance(part.schema.get(_CLOSING[0]), dict) for part in parts),
        ),
        low=max(_bounds(conjunction, "minProperties", "maxProperties", 1), default=0),
        high=min(_bounds(conjunction, "maxProperties", "minProperties", -1), default=None),
        needs=_needs(parts),
        kind=" ".join(part.pointer for part in parts),
    )


def array_shape(conjunction: Conjunction, name: str, place: Place) -> ArrayShape:
    """The arrays that all parts allow."""
    parts = conjunction.parts
    containing = [part for part in parts if "contains" in part.schema]
    item_name = singular(name)

    def demands_at(at: int, matching: tuple[int, ...], avoiding: tuple[int, ...]) -> tuple[Demand, ...]:
        demands = [*_item_demands(parts, at, {containing[index].pointer for index in matching})]
        demands += [_applies(containing[index], "contains") for index in matching]
        demands += [fails(containing[index].pointer, "contains") for index in avoiding]
        return tuple(dict.fromkeys(demands))

    return ArrayShape(
        low=max(_bounds(conjunction, "minItems", "maxItems", 1), default=0),
        high=min(_bounds(conjunction, "maxItems", "minItems", -1), default=None),
        repetition=Repetition.NEVER if any(part.schema.get("uniqueItems") for part in parts) else Repetition.FREE,
        item=lambda at, matching, avoiding: place(demands_at(at, matching, avoiding), item_name),
        prefix=max((len(part.schema.get("prefixItems", ())) for part in parts), default=0),
        containments=tuple(
            Containment(part.schema.get("minContains", 1), part.schema.get("maxContains")) for part in containing
        ),
    )


_CLOSING: Final = ("additionalProperties", "unevaluatedProperties")


def _applies(part: Part, *keys: str | int) -> Demand:
    return Demand(DemandKind.APPLIES, child(part.pointer, *keys))


def _bounds(conjunction: Conjunction, keyword: str, opposite: str, shift: int) -> Iterator[int]:
    """The bounds that a keyword sets, and those that the failing of its opposite sets: not ``maxItems: 2`` is 3."""
    for part in conjunction.parts:
        if keyword in part.schema:
            yield int(part.schema[keyword])
    for excluded, value in conjunction.excluded:
        if excluded == opposite:
            yield int(value) + shift


def _needs(parts: list[Part]) -> dict[str, tuple[str, ...]]:
    needs: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for name, needed in part.schema.get("dependentRequired", {}).items():
            needs[name] = (*needs.get(name, ()), *needed)
    return needs


def _member_demands(conjunction: Conjunction, name: str) -> tuple[Demand, ...] | None:
    """What a member has to meet; None when an object may not have it."""
    if name in conjunction.must_lack:
        return None
    found: list[tuple[Demand, Json]] = []
    for part in conjunction.parts:
        evaluated = _evaluations(part, name)
        found.extend(evaluated)
        if not evaluated and "additionalProperties" in part.schema:
            found.append((_applies(part, "additionalProperties"), part.schema["additionalProperties"]))
    for part in conjunction.parts:
        inner = (other for other in conjunction.parts if part.pointer in other.scopes)
        if "unevaluatedProperties" in part.schema and not any(_evaluates(other, name, part) for other in inner):
            found.append((_applies(part, "unevaluatedProperties"), part.schema["unevaluatedProperties"]))
    if any(schema is False for _, schema in found):
        return None
    demands = [demand for demand, schema in found if schema is not True]
    demands += [Demand(DemandKind.FAILS, at) for failing, at in conjunction.failing_members if failing == name]
    return tuple(dict.fromkeys(demands))


def _evaluations(part: Part, name: str) -> list[tuple[Demand, Json]]:
    """What `properties` and `patternProperties` of one schema say of a member."""
    found: list[tuple[Demand, Json]] = []
    properties = part.schema.get("properties", {})
    if name in properties:
        found.append((_applies(part, "properties", name), properties[name]))
    for pattern, schema in part.schema.get("patternProperties", {}).items():
        if matches(pattern, name):
            found.append((_applies(part, "patternProperties", pattern), schema))
    return found


def _evaluates(part: Part, name: str, scope: Part) -> bool:
    """Whether a schema evaluates a member, as `unevaluatedProperties` of the schema around it sees that."""
    if "additionalProperties" in part.schema or _evaluations(part, name):
        return True
    return part is not scope and "unevaluatedProperties" in part.schema


def _item_demands(parts: list[Part], at: int, matched: set[JsonPointer]) -> Iterator[Demand]:
    for part in parts:
        if at < len(part.schema.get("prefixItems", ())):
            yield _applies(part, "prefixItems", at)
        elif "items" in part.schema:
            yield _applies(part, "items")
    for part in parts:
        if "unevaluatedItems" in part.schema:
            inner = (other for other in parts if part.pointer in other.scopes)
            if not any(_evaluates_item(other, at, matched, part) for other in inner):
                yield _applies(part, "unevaluatedItems")


def _evaluates_item(part: Part, at: int, matched: set[JsonPointer], scope: Part) -> bool:
    if at < len(part.schema.get("prefixItems", ())) or "items" in part.schema or part.pointer in matched:
        return True
    return part is not scope and "unevaluatedItems" in part.schema
