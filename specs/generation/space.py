"""All places of one schema, and what is known of them: made when they are first drawn from, kept up to a number."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final, final

import jsonschema_rs

from understudy.specs.documents.document import Json
from understudy.specs.generation.canonical_nodes import CanonicalNode
from understudy.specs.generation.demands import WHOLE, Demand, DemandKind
from understudy.specs.generation.drawing import Accepts, Drawable, Resting
from understudy.specs.generation.nodes import Node
from understudy.specs.generation.stocks import Stock, Stocks
from understudy.specs.pointers import from_fragment, to_fragment
from understudy.specs.schemas.content_schemas import KEYWORDS, ContentKeyword
from understudy.specs.schemas.parts import Parts
from understudy.specs.schemas.subschemas import Subschemas, UnresolvedSubschema
from understudy.specs.schemas.validation import Validator, weigh

__all__ = ["Space"]

MAX_NODES: Final = 50_000
MAX_VARIANTS: Final = 20_000
"""Places, and variants of them, that are kept in memory for one schema; further ones are made anew each time."""
MAX_PROVEN: Final = 500
"""Places of a schema that is looked at for whether its values need no check."""
MAX_CANONICAL: Final = 1_000
"""`$defs` of a schema whose canonical form is asked for: the library recurses, and overflows its stack at 3,000."""
_OCTETS_PER_PLACE: Final = 3000
"""What a place takes, or a variant of one; measured with documents of many kinds."""
_ROOT: Final = "urn:understudy:schema"


@final
class Space:
    """All places of one schema. Implements `NodeSpace` and `Written`."""

    def __init__(self, schema: Json, name: str, parts: Parts | None) -> None:
        self.stocks = Stocks()
        self._validator = Validator(schema, parts)
        self.is_valid: Callable[[Json], bool] = self._validator.is_valid
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
        return self._validator.weight + self._checks + _OCTETS_PER_PLACE * places + self.stocks.octets

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
        return self._is_proven(past_stocks=True)

    @cached_property
    def is_sure_of_pieces(self) -> bool:
        """The same of what is drawn with `stocks`, as long as each of the pieces is valid in its place."""
        return self._is_proven(past_stocks=False)

    def _is_proven(self, *, past_stocks: bool) -> bool:
        waiting: list[Resting] = [self.root]
        known: dict[int, Resting] = {}
        while waiting:
            found = waiting.pop().rests_on
            if found is None or len(known) > MAX_PROVEN:
                return False
            new = {id(each): each for each in found if id(each) not in known}
            known |= new
            waiting += [each for each in new.values() if past_stocks or not isinstance(each, Stock)]
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
    references: list[Json] = []
    for demand in demands:
        reference = {"$ref": _ROOT + to_fragment(demand.pointer)}
        references.append({"not": reference} if demand.kind is DemandKind.FAILS else reference)
    return references[0] if len(references) == 1 else {"allOf": references}
