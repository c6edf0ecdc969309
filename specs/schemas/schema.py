"""Schema Objects at their places, and the self-contained JSON Schema that each stands for.

A self-contained schema only gathers what `translation.py` made of the Schema Objects that can be reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, final

from jsonschema_rs import ValidationError

from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.documents.references import Resources
from understudy.specs.model import Direction, Origin
from understudy.specs.pointers import child, tokens
from understudy.specs.schemas.dialects import Dialect
from understudy.specs.schemas.kept import GENERATOR_WEIGHT, VALIDATOR_WEIGHT, Kept
from understudy.specs.schemas.parts import Parts
from understudy.specs.schemas.schema_keys import SchemaKeys, ScopeKey, scope_key
from understudy.specs.schemas.translation import (
    MAX_ALIASES,
    NO_SCOPE,
    Purpose,
    Scope,
    Translated,
    Translator,
    enter,
)
from understudy.specs.schemas.validation import Validator

if TYPE_CHECKING:
    from understudy.specs.generation.advised import AdvisedGenerator
    from understudy.specs.generation.generator import Generator

__all__ = ["Schema", "SchemaSpace"]


class SchemaSpace:
    """All schemas of one document and those it refers to, translated on demand.

    Attributes:
        faults: Where what has been translated so far has an ill-formed keyword, and how it was read.
        advising: The schemas that were made stricter for values that are made up than the document is.
    """

    def __init__(self, resources: Resources, dialect: Dialect) -> None:
        self.resources = resources
        self.dialect = dialect
        self.keys = SchemaKeys(resources)
        self._translators = {
            (direction, purpose): Translator(resources, dialect, self.keys.scoped_key, direction, purpose)
            for direction in Direction
            for purpose in Purpose
        }
        self._translated: dict[tuple[Origin, Direction, Purpose, ScopeKey], Translated] = {}
        self._shared: dict[tuple[Direction, Purpose, frozenset[str]], dict[str, Json]] = {}
        self.parts = {(direction, purpose): Parts() for direction in Direction for purpose in Purpose}
        self.faults: dict[Origin, str] = {}
        self.advising: set[tuple[Origin, Direction]] = set()
        self.validators: Kept[tuple[Origin, Direction], Validator] = Kept(VALIDATOR_WEIGHT)
        self.generators: Kept[tuple[Origin, Direction], Generator | AdvisedGenerator] = Kept(GENERATOR_WEIGHT)

    def schema(self, node: Node) -> Schema:
        """The Schema at a place."""
        return Schema(self, node)

    def at(self, reference: str, source: Node) -> Schema:
        """The Schema that a URI reference names.

        Raises:
            UnresolvableReference: It leads nowhere, or back to itself.
        """
        target = self.resources.target(reference, source)
        self.resources.follow([target])
        return Schema(self, target)

    def standalone(self, node: Node, direction: Direction, purpose: Purpose) -> Json:
        """A self-contained schema: the node's own keywords, and `$defs` with everything they reach."""
        root = self._translate(node, direction, purpose, enter(self.resources, NO_SCOPE, node.base))
        advises = root.advises
        defs: dict[str, Json] = {}
        waiting = dict(root.references)
        while waiting:
            key, (target, scope) = waiting.popitem()
            found = self._translate(target, direction, purpose, scope)
            advises |= found.advises
            defs[key] = found.schema
            waiting.update((name, item) for name, item in found.references.items() if name not in defs)
        if advises:
            self.advising.add((node.origin, direction))
        if not isinstance(root.schema, dict) or not defs:
            return root.schema
        # Schemas that reach each other reach the same: they share what they reach.
        shared = self._shared.setdefault((direction, purpose, frozenset(defs)), defs)
        if shared is defs:
            ordered = sorted(defs.items())
            defs.clear()
            defs.update(ordered)
        return {**root.schema, "$defs": shared}

    def compile(self, node: Node, direction: Direction) -> Validator:
        """The validator of a schema.

        Raises:
            DocumentError: It is no valid JSON Schema, or what it refers to isn't.
        """
        schema = self.standalone(node, direction, Purpose.VALIDATION)
        try:
            return Validator(schema, self.parts[direction, Purpose.VALIDATION])
        except ValidationError as error:
            place, path = node.origin, list(error.instance_path)
            if path[:1] == ["$defs"] and len(path) > 1:
                place, path = self.keys.origins[str(path[1])], path[2:]
            at = Node(None, Origin(place.uri, child(place.pointer, *path)), node.base)
            raise self.resources.error(at, f"not a valid schema: {error.message}") from error

    def _translate(self, node: Node, direction: Direction, purpose: Purpose, scope: Scope) -> Translated:
        place = (node.origin, direction, purpose, scope_key(scope))
        known = self._translated.get(place)
        if known is None:
            known = self._translators[direction, purpose].translate(node, scope)
            self._translated[place] = known
            self.faults.update(known.faults)
        return known


@final
class Schema:
    """A Schema Object at its place. Compared by place: two Schemas of one place are equal."""

    def __init__(self, space: SchemaSpace, node: Node) -> None:
        self._space = space
        self._node = node
        self._standalone: dict[tuple[Direction, Purpose], Json] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and other.origin == self.origin

    def __hash__(self) -> int:
        return hash(self.origin)

    def __repr__(self) -> str:
        return f"Schema({self.origin})"

    @property
    def raw(self) -> Json:
        """The Schema Object as it was written: an object or a Boolean."""
        return self._node.value

    @property
    def origin(self) -> Origin:
        """Where it stands."""
        return self._node.origin

    @property
    def node(self) -> Node:
        """The place itself, for those who walk Schema Objects as they are written (`subschemas`)."""
        return self._node

    @property
    def space(self) -> SchemaSpace:
        """All schemas of the document it belongs to."""
        return self._space

    @cached_property
    def target(self) -> Schema:
        """The schema behind a plain `$ref`, and behind that one's; itself when it is none."""
        node = self._node
        for _ in range(MAX_ALIASES):
            if not isinstance(node.value, dict) or not isinstance(node.value.get("$ref"), str):
                break
            node = self._space.resources.target(node.value["$ref"], node)
        return self if node is self._node else Schema(self._space, node)

    @property
    def name(self) -> str:
        """The component's name, or the last token of the pointer."""
        return (tokens(self.target.origin.pointer) or ("",))[-1]

    def standalone(self, direction: Direction) -> Json:
        """A self-contained JSON Schema 2020-12 to validate against: `$ref` only into its own `$defs`.

        For requests `readOnly` members are not required; for responses `writeOnly` members may not be there.
        The value is shared: don't change it.
        """
        return self._get(direction, Purpose.VALIDATION)

    def generative(self, direction: Direction) -> Json:
        """As `standalone`, but stricter where a made-up value should keep what the document only advises:
        no `readOnly` member in a request, and the discriminator names the branch."""
        return self._get(direction, Purpose.GENERATION)

    def _get(self, direction: Direction, purpose: Purpose) -> Json:
        key = (direction, purpose)
        if key not in self._standalone:
            self._standalone[key] = self._space.standalone(self._node, direction, purpose)
        return self._standalone[key]

    def validator(self, direction: Direction) -> Validator:
        """The compiled `standalone` schema; compiled once for each place.

        Raises:
            DocumentError: The schema, or one it refers to, is no valid JSON Schema.
        """
        key = (self.origin, direction)
        return self._space.validators.get(key, lambda: self._space.compile(self._node, direction))

    def generator(self, direction: Direction) -> Generator | AdvisedGenerator:
        """The generator of the `generative` schema, as far as `standalone` allows what it makes; made once for each
        place."""
        return self._space.generators.get((self.origin, direction), lambda: self._make_generator(direction))

    def _make_generator(self, direction: Direction) -> Generator | AdvisedGenerator:
        from understudy.specs.generation.advised import AdvisedGenerator  # those who only validate don't load it
        from understudy.specs.generation.generator import Generator

        def make(schema: Json, purpose: Purpose) -> Generator:
            parts = self._space.parts[direction, purpose]
            return Generator(schema, place=str(self.origin), name=self.name, parts=parts)

        advised = make(self.generative(direction), Purpose.GENERATION)
        if (self.origin, direction) not in self._space.advising:
            return advised
        allowed = make(self.standalone(direction), Purpose.VALIDATION)
        return AdvisedGenerator(advised, allowed, lambda value: self.validator(direction).is_valid(value))

    def members(self) -> Iterator[tuple[str, Schema]]:
        """The schemas of `properties`, `allOf` parts included, references followed; the first of a name wins."""
        yield from self._members

    def member_names(self) -> tuple[str, ...]:
        """The members that the schema names, in document order: in `properties`, or in a part of `allOf`, `oneOf` or
        `anyOf`, references followed."""
        return self._member_names

    def required(self) -> frozenset[str]:
        """The members that `required` names, in the schema and its `allOf` parts, references followed."""
        return self._required

    def find_items(self) -> Schema | None:
        """The schema of an array's items, references followed; None when there is none."""
        node = self._space.resources.resolve(self._node)
        has = isinstance(node.value, dict) and isinstance(node.value.get("items"), dict)
        return Schema(self._space, node.member("items")) if has else None

    @cached_property
    def _members(self) -> tuple[tuple[str, Schema], ...]:
        found: dict[str, Schema] = {}
        for part in self._parts("allOf"):
            for name, member in part.members("properties"):
                found.setdefault(name, Schema(self._space, member))
        return tuple(found.items())

    @cached_property
    def _member_names(self) -> tuple[str, ...]:
        parts = self._parts("allOf", "oneOf", "anyOf")
        return tuple(dict.fromkeys(name for part in parts for name, _ in part.members("properties")))

    @cached_property
    def _required(self) -> frozenset[str]:
        listed = (part.value.get("required") for part in self._parts("allOf") if isinstance(part.value, dict))
        return frozenset(str(name) for names in listed if isinstance(names, list) for name in names)

    def _parts(self, *keywords: str) -> Iterator[Node]:
        """The Schema Object itself, and those that it lists under some keywords, each once, references followed."""
        waiting, visited = [self._space.resources.resolve(self._node)], {self.origin}
        while waiting:
            node = waiting.pop(0)
            yield node
            for keyword in keywords:
                for part in node.items(keyword):
                    resolved = self._space.resources.resolve(part)
                    if resolved.origin not in visited:
                        visited.add(resolved.origin)
                        waiting.append(resolved)
