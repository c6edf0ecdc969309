"""Make values that a schema allows: realistic, the same for the same key, and always checked.

    Generator({"type": "object", "properties": {"email": {"type": "string", "format": "email"}}}).generate("seed/1")

The schema is read lazily (`nodes`, `variants`), values are drawn in one walk (`drawing`), and the whole is checked by
the validator that everything else uses, unless plain keywords alone led to it. A value that isn't allowed is drawn
again, each time with more care; what was drawn before has no influence, so a key always gives the same value.

Modules, from the walk down to the letters: `nodes`, `variants` (places and the choices in them), `conjunctions` and
`demands` (what holds together), `shaping`, `container_shaping`, `scalar_shaping` (what that allows), `object_shapes`,
`free_members`, `array_shapes`, `string_shapes`, `number_shapes`, `content_shapes` (drawing it), `canonical_nodes`,
`canonical_objects` (the same from the canonical form), `samples`, `realism`, `quantities` (what it is about),
`formats`, `patterns` (strings).

Known limits: where keywords about items or free members must fail (under `not`, or in a branch of `oneOf`) and the
canonical form doesn't model them, no value may be found; there `contentSchema` is lost too. A `pattern` may be what
`specs.regex.parser` reads. Values are at most `MAX_DEPTH` levels deep; content encodings are those of RFC 4648.
"""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from hashlib import blake2b
from random import Random
from typing import Final, final

import jsonschema_rs
from jsonschema_rs import canonical

from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.generation.canonical_nodes import CanonicalNode
from understudy.specs.generation.demands import WHOLE, Demand, DemandKind
from understudy.specs.generation.drawing import Accepts, Drawable, Drawing, Exhausted, Unsatisfied
from understudy.specs.generation.nodes import Node
from understudy.specs.pointers import from_fragment, to_fragment
from understudy.specs.schemas.content_schemas import KEYWORDS, ContentKeyword
from understudy.specs.schemas.parts import Parts
from understudy.specs.schemas.subschemas import Subschemas, UnresolvedSubschema
from understudy.specs.schemas.validation import Validator, weigh

__all__ = ["Generator"]

MAX_NODES: Final = 50_000
MAX_VARIANTS: Final = 20_000
"""Places, and variants of them, that are kept in memory for one schema; further ones are made anew each time."""
MAX_PROVEN: Final = 500
"""Places of a schema that is looked at for whether its values need no check."""
MAX_CANONICAL: Final = 1_000
"""`$defs` of a schema whose canonical form is asked for: the library recurses, and overflows its stack at 3,000."""
_OCTETS_PER_PLACE: Final = 3000  # or variant of one; measured with documents of many kinds
_INVALID: Final = "no value was found that meets all keywords together"
_ROOT: Final = "urn:understudy:schema"


class Care(Enum):
    """How a value is drawn: each attempt with at least as much care as the one before."""

    SWIFT = "swift"
    CAREFUL = "careful"
    CANONICAL = "canonical"
    OTHERWISE = "otherwise"
    """Carefully, and minimal if it wasn't to be, or else not minimal: some value is better than none."""


_ATTEMPTS: Final = (
    *(Care.SWIFT, Care.SWIFT, Care.CAREFUL, Care.CAREFUL, Care.CAREFUL, Care.CAREFUL),
    *(Care.CANONICAL, Care.CANONICAL, Care.CANONICAL, Care.OTHERWISE, Care.OTHERWISE, Care.OTHERWISE),
)


@final
class Generator:
    """Values of one schema; compiled when first used, cheap to call from then on.

    Args:
        schema: A self-contained JSON Schema 2020-12: an object or a Boolean whose references lead into itself.
        place: Where the schema stands, as ``document#/pointer``, for errors.
        name: What the value is called: a parameter's name, a schema's; a hint for realistic values.
        parts: See `Validator`.
    """

    def __init__(self, schema: Json, *, place: str = "", name: str = "", parts: Parts | None = None) -> None:
        self._schema = schema
        self._parts = parts
        self._place = place or "schema"
        self._name = name

    @property
    def weight(self) -> int:
        """About how many octets of memory it takes, which grow with the places that were drawn from."""
        return self._space.weight if "_space" in self.__dict__ else 0

    def generate(self, key: str, *, minimal: bool = False) -> Json:
        """The value for a key: the same for the same schema and key, in every process.

        Args:
            key: Any text; another key gives another value, where the schema has more than one.
            minimal: Required members only and the shortest collections, wherever such a value is found.

        Returns:
            A value that shares nothing with the schema, valid with formats and content keywords asserted.

        Raises:
            GenerationError: The schema isn't valid, allows nothing, or no value was found; the trail leads to the
                place that failed.
        """
        failures: list[Unsatisfied | Exhausted] = []
        is_too_large = False
        for number, care in enumerate(_ATTEMPTS):
            is_minimal = minimal is not (care is Care.OTHERWISE)
            if is_too_large and not is_minimal:
                continue
            try:
                return self._attempt(f"{number}/{key}", care, is_minimal=is_minimal)
            except Unsatisfied as error:
                failures.append(error)
            except Exhausted as error:
                failures.append(error)
                is_too_large |= error.is_too_large
                if error.is_too_large and is_minimal:
                    break
        raise self._explain(failures)

    def _attempt(self, key: str, care: Care, *, is_minimal: bool) -> Json:
        space = self._space
        seed = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        drawing = Drawing(Random(int.from_bytes(seed)), minimal=is_minimal, careful=care is not Care.SWIFT)
        place = space.canonical(WHOLE, self._name) if care is Care.CANONICAL else space.root
        if place is None:
            raise Unsatisfied(_INVALID)
        try:
            value = place.swift(drawing, 0) if care is Care.SWIFT else place.draw(drawing, 0)
        except UnresolvedSubschema as error:
            raise Unsatisfied(str(error)) from error
        except RecursionError as error:
            raise Unsatisfied("its references are nested too deeply") from error
        if (care is not Care.SWIFT or not space.is_sure) and not space.is_valid(value):
            raise Unsatisfied(_INVALID)
        return value

    def _explain(self, failures: list[Unsatisfied | Exhausted]) -> GenerationError:
        """The most telling failure: a value that grows too large, else the first reason that names keywords."""

        def rank(failure: Unsatisfied | Exhausted) -> int:
            if isinstance(failure, Exhausted):
                return 0 if failure.is_too_large else 2
            return 3 if failure.reason == _INVALID else 1

        told = min(failures, key=rank)
        trail = tuple(reversed(told.trail)) if isinstance(told, Unsatisfied) else ()
        return GenerationError(self._place, f"no value was made: {told.reason}", trail)

    @property
    def is_sure(self) -> bool:
        """Whether what is made is valid by construction, and so not checked when nothing went wrong on the way.

        Raises:
            GenerationError: The schema isn't valid.
        """
        return self._space.is_sure

    def is_satisfiable(self) -> bool:
        """Whether some value may exist: False only where it is proven that none does.

        Raises:
            GenerationError: The schema isn't valid.
        """
        form = self._space.canonical_form(WHOLE)
        return form is None or form.satisfiability() is not canonical.Satisfiability.NO

    @cached_property
    def _space(self) -> _Space:
        try:
            return _Space(self._schema, self._name, self._parts)
        except (ValueError, RecursionError) as error:
            reason = next(iter(str(error).splitlines()), "nested too deeply")
            raise GenerationError(self._place, f"is not a schema that can be used: {reason}") from error


@final
class _Space:
    """All places of one schema. Implements `NodeSpace` and `Written`."""

    def __init__(self, schema: Json, name: str, parts: Parts | None) -> None:
        self._validator = Validator(schema, parts)
        self.is_valid: Accepts = self._validator.is_valid
        self._checks = 0
        self.places: dict[tuple[jsonschema_rs.CanonicalSchema, str, str], CanonicalNode] = {}
        self.schemas = Subschemas(schema)
        self.name = name
        self._nodes: dict[tuple[tuple[Demand, ...], str], Node] = {}
        self._canonical: dict[tuple[Demand, ...], jsonschema_rs.CanonicalSchema | None] = {}
        self._canonical_nodes: dict[tuple[tuple[Demand, ...], str], CanonicalNode] = {}
        self._variants = 0
        self.root = self.node(WHOLE, name)
        self._defs = defs = schema.get("$defs", {}) if isinstance(schema, dict) else {}

        def compile_content(inner: Json) -> Validator:
            return Validator({**inner, "$defs": defs} if isinstance(inner, dict) and defs else inner, parts)

        keyword = type("ContentKeyword", (ContentKeyword,), {"compile": staticmethod(compile_content)})
        self._keywords = dict.fromkeys(KEYWORDS, keyword)

    @property
    def weight(self) -> int:
        """See `Generator.weight`."""
        places = len(self._nodes) + len(self._canonical_nodes) + len(self.places) + self._variants
        return self._validator.weight + self._checks + _OCTETS_PER_PLACE * places

    def node(self, demands: tuple[Demand, ...], name: str) -> Node:
        """See `NodeSpace.node`."""
        node = self._nodes.get((demands, name))
        if node is None:
            node = Node(self, demands, name)
            if len(self._nodes) < MAX_NODES:
                self._nodes[(demands, name)] = node
        return node

    @cached_property
    def is_sure(self) -> bool:
        """Whether all that `swift` draws is valid by construction; not looked for in large schemas."""
        waiting: list[Drawable] = [self.root]
        known: dict[int, Drawable] = {}
        while waiting:
            found = waiting.pop().rests_on
            if found is None or len(known) > MAX_PROVEN:
                return False
            new = {id(each): each for each in found if id(each) not in known}
            known |= new
            waiting += new.values()
        return True

    def check(self, demands: tuple[Demand, ...]) -> Accepts:
        """See `NodeSpace.check`."""
        if demands == WHOLE:
            return self.is_valid
        self._checks += sum(weigh(self.schemas.at(demand.pointer)) for demand in demands)
        return self.compile(_schema_of(demands))

    def compile(self, schema: Json) -> Accepts:
        """See `Written.compile`."""
        self._checks += weigh(schema)
        return jsonschema_rs.Draft202012Validator(
            schema, validate_formats=True, offline=True, registry=self._registry, keywords=self._keywords
        ).is_valid

    def canonical(self, demands: tuple[Demand, ...], name: str) -> Drawable | None:
        """See `NodeSpace.canonical`."""
        form = self.canonical_form(demands)
        if form is None:
            return None
        node = self._canonical_nodes.get((demands, name))
        if node is None:
            node = self._canonical_nodes[(demands, name)] = CanonicalNode.unfolded(form, name, self.name, self)
        return node

    def canonical_form(self, demands: tuple[Demand, ...]) -> jsonschema_rs.CanonicalSchema | None:
        """The canonical form of what holds where these demands do; None when the library can't make it."""
        if len(self._defs) > MAX_CANONICAL:
            return None
        if demands not in self._canonical:
            try:
                form = jsonschema_rs.canonicalize(
                    _schema_of(demands), validate_formats=True, offline=True, registry=self._registry
                )
            except ValueError:
                form = None
            self._canonical[demands] = form
        return self._canonical[demands]

    def keeps_variant(self) -> bool:
        """See `NodeSpace.keeps_variant`."""
        self._variants += 1
        return self._variants <= MAX_VARIANTS

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(_ROOT, self.schemas.root)])

    def find_place(self, uri: str) -> Drawable | None:
        """See `Written.find_place`."""
        base, _, fragment = uri.partition("#")
        if base != _ROOT:
            return None
        pointer = from_fragment(fragment)
        try:
            self.schemas.at(pointer)
        except UnresolvedSubschema:
            return None
        return self.node((Demand(DemandKind.APPLIES, pointer),), "")


def _schema_of(demands: tuple[Demand, ...]) -> Json:
    """The demands of a place as one schema; a place only has demands that name a schema."""
    references: list[Json] = [{"$ref": _ROOT + to_fragment(demand.pointer)} for demand in demands]
    for at, demand in enumerate(demands):
        references[at] = {"not": references[at]} if demand.kind is DemandKind.FAILS else references[at]
    return references[0] if len(references) == 1 else {"allOf": references}
