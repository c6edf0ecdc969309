"""What must hold of one value together: the schemas that apply, flattened through `$ref`, `allOf` and `not`.

A `Conjunction` takes demands apart until only plain keywords (`Part`s) and open choices (`Choice`s, from `oneOf`,
`anyOf`, `if`, `dependentSchemas` and negations) are left.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Final, assert_never, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.demands import Alternative, Demand, DemandKind, applies, fails, ways_to_fail
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.subschemas import Subschemas

__all__ = ["Choice", "Conjunction", "Part"]

_SILENT: Final = frozenset(
    (
        *("$comment", "$defs", "$ref", "default", "deprecated", "description", "example", "examples", "externalDocs"),
        *("readOnly", "title", "writeOnly", "xml"),
    )
)
"""Keywords that ask nothing themselves."""
_PLAIN: Final = frozenset(
    (
        *("type", "enum", "const", "format", "minLength", "maxLength", "pattern", "minimum", "maximum", "multipleOf"),
        *("exclusiveMinimum", "exclusiveMaximum", "items", "minItems", "maxItems"),
        *("properties", "required", "additionalProperties"),
    )
)


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


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """Several ways to satisfy one keyword; one must be taken."""

    alternatives: tuple[Alternative, ...]
    scopes: tuple[JsonPointer, ...]


@final
class Conjunction:
    """Demands on one value, taken apart. Grows by `add`; `copy` it before trying an alternative.

    Args:
        strict: Whether an alternative of `oneOf` demands that the others fail; otherwise a check must tell, which is
            cheaper where branches exclude each other anyway.

    Attributes:
        parts: In the order in which they were met.
        choices: Not yet made.
        excluded: Keywords that must fail, with their values.
        conflict: Why no value can satisfy it; empty when nothing is known against it.
        is_uncertain: Whether something must fail that no part says, so that only a check tells.
        is_risky: Whether a value may be wrong though every part was respected.
    """

    def __init__(self, schemas: Subschemas, *, strict: bool) -> None:
        self._schemas = schemas
        self._strict = strict
        self._seen: set[Demand] = set()
        self.parts: list[Part] = []
        self.choices: list[Choice] = []
        self.excluded: list[tuple[str, Json]] = []
        self.must_have: dict[str, None] = {}
        self.must_lack: dict[str, None] = {}
        self.failing_members: list[tuple[str, JsonPointer]] = []
        self.is_object = False
        self.conflict = ""
        self.is_uncertain = False
        self.is_risky = False

    def copy(self) -> Conjunction:
        """A conjunction that can grow on its own."""
        other = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, list | dict | set):
                setattr(other, name, value.copy())
        return other

    def add(self, demand: Demand, scopes: tuple[JsonPointer, ...] = ()) -> None:
        """Ask one more thing."""
        if demand in self._seen:
            return
        self._seen.add(demand)
        match demand.kind:
            case DemandKind.APPLIES:
                self._refuse_both(demand, DemandKind.FAILS)
                self._apply(demand.pointer, scopes)
            case DemandKind.FAILS:
                self._refuse_both(demand, DemandKind.APPLIES)
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

    @property
    def is_plain(self) -> bool:
        """Whether all that is asked stands in one schema, in keywords that shapes meet one by one."""
        telling = [part for part in self.parts if not part.schema.keys() <= _SILENT]
        others = (self.excluded, self.must_have, self.must_lack, self.failing_members, self.choices, self.conflict)
        if self.is_risky or self.is_uncertain or self.is_object or any(others) or len(telling) > 1:
            return False
        return all(part.schema.keys() <= _SILENT | _PLAIN for part in telling)

    def _refuse_both(self, demand: Demand, opposite: DemandKind) -> None:
        if Demand(opposite, demand.pointer) in self._seen:
            self.conflict = f"what stands at {demand.pointer or 'the root'} must apply and must fail"

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
                self.add(applies(self._schemas.target(schema[keyword], pointer, dynamic=keyword != "$ref")), scopes)
        for at in range(len(schema.get("allOf", ()))):
            self.add(applies(pointer, "allOf", at), scopes)
        if "anyOf" in schema:
            self._choose(tuple((applies(pointer, "anyOf", at),) for at in range(len(schema["anyOf"]))), scopes)
        if "oneOf" in schema:
            self._choose_one(pointer, len(schema["oneOf"]), scopes)
        if "not" in schema:
            self.add(fails(pointer, "not"), scopes)
        if "if" in schema and ("then" in schema or "else" in schema):
            self.is_risky = True
            then = (applies(pointer, "then"),) if "then" in schema else ()
            otherwise = (applies(pointer, "else"),) if "else" in schema else ()
            self._choose(((applies(pointer, "if"), *then), (fails(pointer, "if"), *otherwise)), scopes)
        for name in schema.get("dependentSchemas", ()):
            with_member = (Demand(DemandKind.HAS, name=name), applies(pointer, "dependentSchemas", name))
            self._choose((with_member, (Demand(DemandKind.LACKS, name=name),)), scopes)

    def _choose_one(self, pointer: JsonPointer, count: int, scopes: tuple[JsonPointer, ...]) -> None:
        self.is_risky = True
        failing = [fails(pointer, "oneOf", at) for at in range(count)] if self._strict else []
        options = ((applies(pointer, "oneOf", at), *failing[:at], *failing[at + 1 :]) for at in range(count))
        self._choose(tuple(options), scopes)

    def _choose(self, alternatives: tuple[Alternative, ...], scopes: tuple[JsonPointer, ...]) -> None:
        if len(alternatives) == 1:
            for demand in alternatives[0]:
                self.add(demand, scopes)
        else:
            self.choices.append(Choice(alternatives, scopes))

    def _fail(self, pointer: JsonPointer) -> None:
        schema = self._schemas.at(pointer)
        if schema is True:
            self.conflict = f"not true at {pointer}"
        if not isinstance(schema, dict):
            return
        self.is_risky = True
        ways, are_all = ways_to_fail(self._schemas, pointer)
        if ways:
            self._choose(ways, ())
        elif are_all:
            self.conflict = f"every value satisfies what may not apply at {pointer}"
        else:
            self.is_uncertain = True
