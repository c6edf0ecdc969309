"""Schema Objects, and the self-contained JSON Schema that each stands for.

One recursive walk, `_Translator`, turns Schema Objects of any version into JSON Schema 2020-12 in which every `$ref`
points into the schema's own `$defs`. Each Schema Object is translated once; a self-contained schema only gathers
what is reachable, so dense graphs cost no copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, final
from urllib.parse import urljoin

from understudy.specs.dialects import Dialect, translate
from understudy.specs.document import Json
from understudy.specs.model import Direction, Origin
from understudy.specs.pointers import tokens
from understudy.specs.references import Node, Resources
from understudy.specs.validation import Validator

if TYPE_CHECKING:
    from understudy.specs.generation import Generator

__all__ = ["Schema", "SchemaSpace", "subschemas"]

# Where subschemas stand (JSON Schema Core, sections 10 and 11; Validation, section 8.5).
_SINGLE: Final = (
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS: Final = ("dependentSchemas", "patternProperties", "properties")
MAX_ALIASES: Final = 50


def subschemas(schema: Json) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Each direct subschema with its path: ``(("properties", "id"), {...})``."""
    if not isinstance(schema, dict):
        return
    for key in _SINGLE:
        if isinstance(schema.get(key), (dict, bool)):
            yield (key,), schema[key]
    for key in _LISTS:
        if isinstance(schema.get(key), list):
            for index, item in enumerate(schema[key]):
                yield (key, index), item
    for key in _MAPS:
        if isinstance(schema.get(key), dict):
            for name, item in schema[key].items():
                yield (key, name), item


@final
@dataclass(frozen=True, slots=True)
class _Translated:
    """A Schema Object in 2020-12 and the nodes that its references name, by key in `$defs`."""

    schema: Json
    references: dict[str, Node]


class SchemaSpace:
    """All schemas of one document and those it refers to, translated on demand."""

    def __init__(self, resources: Resources, dialect: Dialect) -> None:
        self.resources = resources
        self.dialect = dialect
        self._keys: dict[Origin, str] = {}
        self._taken: set[str] = set()
        self._translated: dict[tuple[Origin, Direction, bool], _Translated] = {}
        self.validators: dict[tuple[Origin, Direction], Validator] = {}
        self.generators: dict[tuple[Origin, Direction], Generator] = {}

    def schema(self, node: Node) -> Schema:
        """The Schema at a place."""
        return Schema(self, node)

    def at(self, reference: str, source: Node) -> Schema:
        """The Schema that a URI reference names.

        Raises:
            UnresolvableReference: It leads nowhere.
        """
        return Schema(self, self.resources.target(reference, source))

    def standalone(self, node: Node, direction: Direction, *, generative: bool) -> Json:
        """A self-contained schema: the node's own keywords, and `$defs` with everything they reach."""
        root = self._translate(node, direction, generative=generative)
        if not isinstance(root.schema, dict) or not root.references:
            return root.schema
        defs: dict[str, Json] = {}
        waiting = dict(root.references)
        while waiting:
            key, target = waiting.popitem()
            if key in defs:
                continue
            found = self._translate(target, direction, generative=generative)
            defs[key] = found.schema
            waiting.update((name, item) for name, item in found.references.items() if name not in defs)
        return {**root.schema, "$defs": dict(sorted(defs.items()))}

    def key(self, origin: Origin) -> str:
        """The key of a schema in every `$defs`: its component name, made unique."""
        key = self._keys.get(origin)
        if key is None:
            last = (tokens(origin.pointer) or (origin.uri.rsplit("/", 1)[-1].split(".")[0],))[-1]
            stem = re.sub(r"[^A-Za-z0-9_.-]", "_", last) or "schema"
            key, number = stem, 1
            while key in self._taken:
                number += 1
                key = f"{stem}-{number}"
            self._taken.add(key)
            self._keys[origin] = key
        return key

    def _translate(self, node: Node, direction: Direction, *, generative: bool) -> _Translated:
        known = self._translated.get((node.origin, direction, generative))
        if known is None:
            translator = _Translator(self, direction, generative)
            schema = translator.translate(node, frozenset())
            known = _Translated(schema, translator.references)
            self._translated[(node.origin, direction, generative)] = known
        return known


class _Translator:
    """Translates one Schema Object with its inline subschemas; references are collected, not followed."""

    def __init__(self, space: SchemaSpace, direction: Direction, generative: bool) -> None:
        self._space = space
        self._direction = direction
        self._generative = generative
        self.references: dict[str, Node] = {}

    def translate(self, node: Node, hidden: frozenset[str]) -> Json:
        """Args: hidden: members that an enclosing `allOf` found not to travel in this direction."""
        raw = node.value
        if not isinstance(raw, dict):
            return raw if isinstance(raw, bool) else True
        reference = raw.get("$ref", raw.get("$dynamicRef"))
        if isinstance(reference, str) and self._space.dialect is Dialect.DRAFT_4:
            return {"$ref": self._refer(reference, node)}
        hidden |= self._hidden(node, set())
        out = translate(raw, self._space.dialect)
        out.pop("$dynamicRef", None)
        holder = out["anyOf"][0] if raw.get("nullable") is True and "anyOf" in out and "type" not in out else out
        if isinstance(reference, str):
            holder["$ref"] = self._refer(reference, node)
        self._subschemas(node, holder, hidden)
        self._hide(holder, hidden)
        self._discriminate(node, holder)
        return out

    def _refer(self, reference: str, node: Node) -> str:
        target = self._space.resources.target(reference, node)
        key = self._space.key(target.origin)
        self.references[key] = target
        return f"#/$defs/{key}"

    def _subschemas(self, node: Node, out: dict[str, Json], hidden: frozenset[str]) -> None:
        listed = isinstance(node.value.get("items"), list)
        for path, value in subschemas(out):
            source = path
            if listed and path[0] == "prefixItems":
                source = ("items", *path[1:])
            elif listed and path[0] == "items":
                source = ("additionalItems",)
            named = value.get("$id") if isinstance(value, dict) else None
            base = urljoin(node.base, named) if isinstance(named, str) else node.base
            inner = Node(value, node.member(*source).origin, base)
            translated = self.translate(inner, hidden if path[0] == "allOf" else frozenset())
            if len(path) == 1:
                out[path[0]] = translated
            else:
                if out[path[0]] is node.value.get(source[0]):
                    out[path[0]] = dict(out[path[0]]) if isinstance(out[path[0]], dict) else list(out[path[0]])
                out[path[0]][path[1]] = translated

    def _hidden(self, node: Node, seen: set[Origin]) -> frozenset[str]:
        """Members that the schema, with what its `allOf` says, marks as not travelling in this direction."""
        if node.origin in seen or not isinstance(node.value, dict):
            return frozenset()
        seen.add(node.origin)
        flag = "readOnly" if self._direction is Direction.REQUEST else "writeOnly"
        names = {name for name, member in node.members("properties") if self._flagged(member, flag)}
        for part in node.items("allOf"):
            if isinstance(part.value, dict):
                names |= self._hidden(self._space.resources.resolve(part), seen)
        return frozenset(names)

    def _flagged(self, node: Node, flag: str) -> bool:
        for _ in range(MAX_ALIASES):
            if not isinstance(node.value, dict):
                return False
            if node.value.get(flag) is True:
                return True
            reference = node.value.get("$ref")
            if not isinstance(reference, str):
                return False
            node = self._space.resources.target(reference, node)
        return False

    def _hide(self, out: dict[str, Json], hidden: frozenset[str]) -> None:
        if not hidden:
            return
        if isinstance(out.get("required"), list):
            out["required"] = [name for name in out["required"] if name not in hidden]
        # A client may send a `readOnly` member back as it got it (3.2, Schema Object); it is only never made up.
        forbidden = self._generative or self._direction is Direction.RESPONSE
        if forbidden and isinstance(out.get("properties"), dict):
            out["properties"] = {k: False if k in hidden else v for k, v in out["properties"].items()}

    def _discriminate(self, node: Node, out: dict[str, Json]) -> None:
        """Say with JSON Schema which branch a discriminator's value names (3.2, Discriminator Object).

        The hint may not change the outcome of validation, so it is only said to the generator.
        """
        discriminator = node.value.get("discriminator")
        name = discriminator if isinstance(discriminator, str) else None
        mapping: Json = {}
        if isinstance(discriminator, dict):
            name, mapping = discriminator.get("propertyName"), discriminator.get("mapping") or {}
        if not self._generative or not isinstance(name, str) or not isinstance(mapping, dict):
            return
        keyword = next((key for key in ("oneOf", "anyOf") if isinstance(out.get(key), list)), None)
        if keyword is None:
            if mapping:
                out["allOf"] = [*out.get("allOf", []), {"properties": {name: {"enum": sorted(mapping)}}}]
            return
        branches = []
        for branch, source in zip(out[keyword], node.items(keyword), strict=False):
            values = self._discriminator_values(source, mapping, name)
            branches.append({"allOf": [branch], "properties": {name: {"enum": values}}, "required": [name]} if values else branch)
        out[keyword] = branches

    def _discriminator_values(self, branch: Node, mapping: dict[str, Json], name: str) -> list[str]:
        """Values that name a branch: its keys in `mapping`, else its component name, unless it speaks for itself."""
        reference = branch.value.get("$ref") if isinstance(branch.value, dict) else None
        if not isinstance(reference, str):
            return []
        target = self._space.resources.target(reference, branch)
        own = self._space.resources.resolve(target).value
        member = own.get("properties", {}).get(name) if isinstance(own, dict) else None
        if isinstance(member, dict) and ("const" in member or "enum" in member):
            return []
        component = (tokens(target.origin.pointer) or ("",))[-1]
        named = [
            key
            for key, value in mapping.items()
            if isinstance(value, str) and value.rsplit("/", 1)[-1].split(".")[0] == component
        ]
        return named or [component]


@final
class Schema:
    """A Schema Object at its place. Compared by place: two Schemas of one place are equal."""

    def __init__(self, space: SchemaSpace, node: Node) -> None:
        self._space = space
        self._node = node
        self._standalone: dict[tuple[Direction, bool], Json] = {}

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
        return self._get(direction, generative=False)

    def generative(self, direction: Direction) -> Json:
        """As `standalone`, but stricter where a made-up value should keep what the document only advises:
        no `readOnly` member in a request, and the discriminator names the branch."""
        return self._get(direction, generative=True)

    def _get(self, direction: Direction, *, generative: bool) -> Json:
        key = (direction, generative)
        if key not in self._standalone:
            self._standalone[key] = self._space.standalone(self._node, direction, generative=generative)
        return self._standalone[key]

    def validator(self, direction: Direction) -> Validator:
        """The compiled `standalone` schema; compiled once for each place."""
        validators, key = self._space.validators, (self.origin, direction)
        if key not in validators:
            validators[key] = Validator(self.standalone(direction))
        return validators[key]

    def generator(self, direction: Direction) -> Generator:
        """The generator of the `generative` schema; made once for each place."""
        from understudy.specs.generation import Generator  # those who only validate don't load it

        generators, key = self._space.generators, (self.origin, direction)
        if key not in generators:
            generators[key] = Generator(self.generative(direction), place=str(self.origin), name=self.name)
        return generators[key]

    def members(self) -> Iterator[tuple[str, Schema]]:
        """The schemas of `properties`, `allOf` parts included, references followed; the first of a name wins."""
        seen: set[str] = set()
        stack, visited = [self._space.resources.resolve(self._node)], {self.origin}
        while stack:
            node = stack.pop(0)
            for name, member in node.members("properties"):
                if name not in seen:
                    seen.add(name)
                    yield name, Schema(self._space, member)
            for part in node.items("allOf"):
                resolved = self._space.resources.resolve(part)
                if resolved.origin not in visited:
                    visited.add(resolved.origin)
                    stack.append(resolved)
