"""What must hold of one value together: the schemas that apply, flattened through `$ref`, `allOf` and `not`.

A `Demand` is one thing asked of a value. A `Conjunction` takes demands apart until only plain keywords (`Part`s) and
open choices (`Choice`s, from `oneOf`, `anyOf`, `if`, `dependentSchemas` and negations) are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias, assert_never, final

from understudy.specs.document import Json
from understudy.specs.pointers import JsonPointer, child
from understudy.specs.subschemas import Subschemas

__all__ = ["Choice", "Conjunction", "Demand", "DemandKind", "Part"]


ROOT: Final = JsonPointer("")


class DemandKind(Enum):
    """What is asked of a value, by the schema at a place, or of an object's member."""

    APPLIES = "applies"
    FAILS = "fails"
    KEYWORD_FAILS = "keyword fails"
    IS_OBJECT = "is an object"
    HAS = "has the member"
    LACKS = "lacks the member"
    MEMBER_FAILS = "has the member, which fails"


@final
@dataclass(frozen=True, slots=True)
class Demand:
    """One thing asked of a value.

    Attributes:
        pointer: Of the schema; empty for what is said of members alone.
        name: The keyword, or the member; empty when neither is meant.
    """

    kind: DemandKind
    pointer: JsonPointer = ROOT
    name: str = ""


@final
@dataclass(frozen=True, slots=True)
class Part:
    """Keywords of one schema object that apply.

    Attributes:
        scopes: Places of the schemas around it whose `unevaluated…` keywords see what it evaluates, itself included.
    """

    pointer: JsonPointer
    schema: dict[str, Json]
    scopes: tuple[JsonPointer, ...]


Alternative: TypeAlias = tuple[Demand, ...]


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """Several ways to satisfy one keyword; at least one must be taken."""

    alternatives: tuple[Alternative, ...]
    scopes: tuple[JsonPointer, ...]


@final
class Conjunction:
    """Demands on one value, taken apart. Grows by `add`; `copy` before trying an alternative.

    Attributes:
        parts: In the order in which they were met.
        choices: Not yet made.
        failing: Places of schemas that must fail and that nothing above says: only a check tells.
        excluded: Keywords that must fail, with their values.
        conflict: Why no value can satisfy it; empty when nothing is known against it.
        is_risky: Whether a value may be wrong though every part was respected.
    """

    def __init__(self, schemas: Subschemas) -> None:
        self._schemas = schemas
        self._seen: set[Demand] = set()
        self.parts: list[Part] = []
        self.choices: list[Choice] = []
        self.failing: list[JsonPointer] = []
        self.excluded: list[tuple[str, Json]] = []
        self.must_have: dict[str, None] = {}
        self.must_lack: dict[str, None] = {}
        self.failing_members: list[tuple[str, JsonPointer]] = []
        self.is_object = False
        self.conflict = ""
        self.is_risky = False

    def copy(self) -> Conjunction:
        """A conjunction that can grow on its own."""
        other = Conjunction(self._schemas)
        other._seen = set(self._seen)
        other.parts = list(self.parts)
        other.choices = list(self.choices)
        other.failing = list(self.failing)
        other.excluded = list(self.excluded)
        other.must_have = dict(self.must_have)
        other.must_lack = dict(self.must_lack)
        other.failing_members = list(self.failing_members)
        other.is_object = self.is_object
        other.conflict = self.conflict
        other.is_risky = self.is_risky
        return other

    def add(self, demand: Demand, scopes: tuple[JsonPointer, ...] = ()) -> None:
        """Ask one more thing."""
        if demand in self._seen:
            return
        self._seen.add(demand)
        match demand.kind:
            case DemandKind.APPLIES:
                self._apply(demand.pointer, scopes)
            case DemandKind.FAILS:
                self._fail(demand.pointer)
            case DemandKind.KEYWORD_FAILS:
                self.excluded.append((demand.name, self._schemas.at(demand.pointer)[demand.name]))
            case DemandKind.IS_OBJECT:
                self.is_object = True
            case DemandKind.HAS:
                self.must_have[demand.name] = None
            case DemandKind.LACKS:
                self.must_lack[demand.name] = None
            case DemandKind.MEMBER_FAILS:
                self.must_have[demand.name] = None
                self.failing_members.append((demand.name, demand.pointer))
            case _:
                assert_never(demand.kind)
        both = self.must_have.keys() & self.must_lack.keys()
        if both:
            self.conflict = f"{min(both)!r} is required and not allowed"

    def _apply(self, pointer: JsonPointer, scopes: tuple[JsonPointer, ...]) -> None:
        schema = self._schemas.at(pointer)
        if schema is False:
            self.conflict = f"the schema false at {pointer or 'the root'}"
        if not isinstance(schema, dict):
            return
        if "unevaluatedProperties" in schema or "unevaluatedItems" in schema:
            scopes = (*scopes, pointer)
            self.is_risky = True
        self.parts.append(Part(pointer, schema, scopes))
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(schema.get(keyword), str):
                target = self._schemas.target(schema[keyword], pointer, dynamic=keyword == "$dynamicRef")
                self.add(Demand(DemandKind.APPLIES, target), scopes)
        for at in range(len(schema.get("allOf", ()))):
            self.add(_applies(pointer, "allOf", at), scopes)
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                self.is_risky |= keyword == "oneOf"
                options = tuple((_applies(pointer, keyword, at),) for at in range(len(schema[keyword])))
                self._choose(options, scopes)
        if "not" in schema:
            self.add(_fails(pointer, "not"), scopes)
        if "if" in schema and ("then" in schema or "else" in schema):
            self.is_risky = True
            then = (_applies(pointer, "then"),) if "then" in schema else ()
            otherwise = (_applies(pointer, "else"),) if "else" in schema else ()
            self._choose(((_applies(pointer, "if"), *then), (_fails(pointer, "if"), *otherwise)), scopes)
        for name in schema.get("dependentSchemas", ()):
            with_member = (Demand(DemandKind.HAS, name=name), _applies(pointer, "dependentSchemas", name))
            self._choose((with_member, (Demand(DemandKind.LACKS, name=name),)), scopes)

    def _choose(self, alternatives: tuple[Alternative, ...], scopes: tuple[JsonPointer, ...]) -> None:
        if len(alternatives) == 1:
            for demand in alternatives[0]:
                self.add(demand, scopes)
        else:
            self.choices.append(Choice(alternatives, scopes))

    def _fail(self, pointer: JsonPointer) -> None:
        """Turn the failing of a schema into the failing of any one of its keywords."""
        schema = self._schemas.at(pointer)
        if schema is True:
            self.conflict = f"not true at {pointer}"
        if not isinstance(schema, dict):
            return
        self.is_risky = True
        alternatives: list[Alternative] = []
        for keyword in schema:
            found = self._failures(pointer, schema, keyword)
            if found is None:
                self.failing.append(pointer)
                return
            alternatives.extend(found)
        if not alternatives:
            self.conflict = f"every value satisfies what may not apply at {pointer}"
        else:
            self._choose(tuple(alternatives), ())

    def _failures(self, pointer: JsonPointer, schema: dict[str, Json], keyword: str) -> list[Alternative] | None:
        """Each way in which a keyword can fail; None when that can't be said in demands."""
        if keyword in _LEAVES:
            return [(Demand(DemandKind.KEYWORD_FAILS, pointer, keyword),)]
        is_object = Demand(DemandKind.IS_OBJECT)
        match keyword:
            case "$ref" | "$dynamicRef":
                target = self._schemas.target(schema[keyword], pointer, dynamic=keyword == "$dynamicRef")
                return [(Demand(DemandKind.FAILS, target),)]
            case "not":
                return [(_applies(pointer, "not"),)]
            case "allOf":
                return [(_fails(pointer, "allOf", at),) for at in range(len(schema["allOf"]))]
            case "anyOf":
                return [tuple(_fails(pointer, "anyOf", at) for at in range(len(schema["anyOf"])))]
            case "required":
                return [(is_object, Demand(DemandKind.LACKS, name=name)) for name in schema["required"]]
            case "properties":
                return [
                    (is_object, Demand(DemandKind.MEMBER_FAILS, child(pointer, "properties", name), name))
                    for name in schema["properties"]
                ]
            case _:
                return None if keyword in _ASSERTIONS else []


def _applies(pointer: JsonPointer, *keys: str | int) -> Demand:
    return Demand(DemandKind.APPLIES, child(pointer, *keys))


def _fails(pointer: JsonPointer, *keys: str | int) -> Demand:
    return Demand(DemandKind.FAILS, child(pointer, *keys))


# Keywords whose failing a shape can respect.
_LEAVES: Final = frozenset(
    (
        *("const", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength", "maxProperties"),
        *("maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern", "type"),
    )
)
_ASSERTIONS: Final = frozenset(
    (
        *("additionalProperties", "contains", "dependentRequired", "dependentSchemas", "if", "items", "oneOf"),
        *("patternProperties", "prefixItems", "propertyNames", "unevaluatedItems", "unevaluatedProperties"),
        *("uniqueItems",),
    )
)
