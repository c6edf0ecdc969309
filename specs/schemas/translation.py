"""Schema Objects of any version as JSON Schema 2020-12: the one recursive walk over a Schema.

Each Schema Object is translated once for each direction; references are collected, not followed, so dense graphs cost
no copies. A `$dynamicRef` becomes a reference to the anchor that its dynamic scope has (JSON Schema Core, section
8.2.3.2): what can be reached by several scopes, and leads to such a reference, is translated for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias, final
from urllib.parse import urljoin

from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.documents.references import Resources
from understudy.specs.model import Direction, Origin
from understudy.specs.pointers import child, tokens
from understudy.specs.regex.dialect import read_pattern
from understudy.specs.schemas.dialects import Dialect, allow_null, translate
from understudy.specs.schemas.repair import repair

__all__ = ["NO_SCOPE", "Purpose", "Scope", "Translated", "Translator", "enter", "subschemas"]

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

Scope: TypeAlias = tuple[tuple[str, Node], ...]
"""The dynamic anchors that count, by name: of each the outermost that was passed on the way here."""
NO_SCOPE: Final[Scope] = ()


class Purpose(Enum):
    """What a translated schema is for: to judge values, or to make them up, which takes advice for law."""

    VALIDATION = "validation"
    GENERATION = "generation"


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
class Translated:
    """A Schema Object in 2020-12, the nodes that its references name, by key in `$defs`, how its ill-formed keywords
    were read, and whether it is stricter than the document, as values that are made up should be."""

    schema: Json
    references: dict[str, tuple[Node, Scope]]
    faults: dict[Origin, str]
    advises: bool


@final
class Translator:
    """Translates Schema Objects for one direction and purpose.

    Args:
        key: A referenced schema and its scope → its key in every `$defs`.
    """

    def __init__(
        self,
        resources: Resources,
        dialect: Dialect,
        key: Callable[[Node, Scope], str],
        direction: Direction,
        purpose: Purpose,
    ) -> None:
        self._resources = resources
        self._dialect = dialect
        self._key = key
        self._direction = direction
        self._purpose = purpose
        self._references: dict[str, tuple[Node, Scope]] = {}
        self._scope = NO_SCOPE
        self._faults: dict[Origin, str] = {}
        self._advises = False
        self._marks: dict[Origin, tuple[frozenset[str], tuple[Node, ...]]] = {}

    def translate(self, node: Node, scope: Scope) -> Translated:
        """A Schema Object with its inline subschemas.

        Args:
            scope: That of the node's own resource included.

        Raises:
            UnresolvableReference: A reference leads nowhere.
        """
        self._references, self._faults, self._scope, self._advises = {}, {}, scope, False
        return Translated(self._translate(node, frozenset()), self._references, self._faults, self._advises)

    def _translate(self, node: Node, hidden: frozenset[str]) -> Json:
        """Args: hidden: members that an enclosing `allOf` found not to travel in this direction."""
        raw = node.value
        if not isinstance(raw, dict):
            return raw if isinstance(raw, bool) else True
        if isinstance(raw.get("$ref"), str) and self._dialect is Dialect.DRAFT_4:
            return {"$ref": self._refer(raw["$ref"], node)}
        hidden |= self._hidden(node)
        out = translate(raw)
        for keyword, reading in repair(out):
            self._faults[Origin(node.origin.uri, child(node.origin.pointer, keyword))] = reading
        if isinstance(raw.get("$ref"), str):
            out["$ref"] = self._refer(raw["$ref"], node)
        self._subschemas(node, out, hidden)
        dynamic = raw.get("$dynamicRef")
        if isinstance(dynamic, str):
            also = {"$ref": self._refer(dynamic, node, is_dynamic=True)}
            out = {**out, **also} if "$ref" not in out else {**out, "allOf": [*out.get("allOf", []), also]}
        self._hide(out, hidden)
        if self._purpose is Purpose.GENERATION:
            out.pop("xml", None)  # how a value is written is no reason to make up another one
            self._discriminate(node, out)
        return allow_null(out) if raw.get("nullable", raw.get("x-nullable")) is True else out

    def _refer(self, reference: str, node: Node, *, is_dynamic: bool = False) -> str:
        target = self._resources.target(reference, node)
        if is_dynamic and target.get("$dynamicAnchor") == reference.partition("#")[2]:
            target = dict(self._scope).get(reference.partition("#")[2], target)
        scope = enter(self._resources, self._scope, target.base)
        key = self._key(target, scope)
        self._references[key] = (target, scope)
        return f"#/$defs/{key}"

    def _subschemas(self, node: Node, out: dict[str, Json], hidden: frozenset[str]) -> None:
        for path, value in list(subschemas(out)):
            source = _source(path, node.value)
            named = value.get("$id") if isinstance(value, dict) else None
            base = urljoin(node.base, named) if isinstance(named, str) else node.base
            inner = Node(value, node.member(*source).origin, base)
            outer, self._scope = self._scope, enter(self._resources, self._scope, base)
            translated = self._translate(inner, hidden if path[0] == "allOf" else frozenset())
            self._scope = outer
            keyword = str(path[0])
            if len(path) == 1:
                out[keyword] = translated
                continue
            if out[keyword] is node.value.get(source[0]):
                out[keyword] = out[keyword].copy()  # the document's own container
            out[keyword][path[1]] = translated

    def _hidden(self, node: Node) -> frozenset[str]:
        """Members that the schema, with what its `allOf` and `$ref` say, marks as not travelling in this direction."""
        names, seen, waiting = frozenset[str](), set[Origin](), [node]
        while waiting:
            part = waiting.pop()
            if part.origin not in seen:
                seen.add(part.origin)
                marked, parts = self._marks.get(part.origin) or self._read_marks(part)
                names |= marked
                waiting += parts
        return names

    def _read_marks(self, node: Node) -> tuple[frozenset[str], tuple[Node, ...]]:
        """The members that a schema marks itself, and the schemas whose marks are its own as well."""
        flag = "readOnly" if self._direction is Direction.REQUEST else "writeOnly"
        reference = node.get("$ref")
        names, parts = frozenset[str](), []
        if isinstance(reference, str):
            parts.append(self._resources.target(reference, node))
        if not parts or self._dialect is Dialect.DRAFT_2020_12:
            names = frozenset(name for name, member in node.members("properties") if self._flagged(member, flag))
            parts += node.items("allOf")
        self._marks[node.origin] = names, tuple(parts)
        return self._marks[node.origin]

    def _flagged(self, node: Node, flag: str) -> bool:
        for _ in range(MAX_ALIASES):
            if not isinstance(node.value, dict):
                return False
            if node.value.get(flag) is True:
                return True
            reference = node.value.get("$ref")
            if not isinstance(reference, str):
                return False
            node = self._resources.target(reference, node)
        return False

    def _hide(self, out: dict[str, Json], hidden: frozenset[str]) -> None:
        if not hidden:
            return
        if isinstance(out.get("required"), list):
            out["required"] = [name for name in out["required"] if name not in hidden]
        # A client may send a `readOnly` member back as it got it (3.2, Schema Object); it is only never made up.
        forbidden = self._purpose is Purpose.GENERATION or self._direction is Direction.RESPONSE
        if forbidden and isinstance(out.get("properties"), dict):
            out["properties"] = {k: False if k in hidden else v for k, v in out["properties"].items()}

    def _discriminate(self, node: Node, out: dict[str, Json]) -> None:
        """Say with JSON Schema which schema a discriminator's value names (3.2, Discriminator Object).

        The hint may not change the outcome of validation, so it is only said to the generator.
        """
        for part in node.items("allOf"):
            reference = part.get("$ref")
            if isinstance(reference, str):
                name, mapping = _discriminator(self._resources.target(reference, part))
                if name:
                    own = _component(node.origin)
                    values = [key for key, value in mapping.items() if _named(value) == own] or [own]
                    out["allOf"] = [*out["allOf"], {"properties": {name: {"enum": values}}}]
                    self._advises = True
        name, mapping = _discriminator(node)
        keyword = next((key for key in ("oneOf", "anyOf") if isinstance(out.get(key), list)), None)
        if not name or keyword is None:
            return
        self._advises = True
        out[keyword] = [
            {"allOf": [branch], "properties": {name: {"enum": values}}, "required": [name]}
            if (values := self._discriminator_values(source, mapping, name))
            else branch
            for branch, source in zip(out[keyword], node.items(keyword), strict=True)
        ]

    def _discriminator_values(self, branch: Node, mapping: dict[str, str], name: str) -> list[str]:
        """Values that name a branch: its keys in `mapping`, else its component name, unless it speaks for itself."""
        reference = branch.get("$ref")
        if not isinstance(reference, str):
            return []
        target = self._resources.target(reference, branch)
        member = self._resources.resolve(target).get("properties")
        own = member.get(name) if isinstance(member, dict) else None
        if isinstance(own, dict) and ("const" in own or "enum" in own):
            return []
        component = _component(target.origin)
        return [key for key, value in mapping.items() if _named(value) == component] or [component]


def enter(resources: Resources, scope: Scope, base: str) -> Scope:
    """The scope within a schema resource: what is outside of it goes before."""
    anchors = resources.dynamic_anchors(base)
    if not anchors:
        return scope
    return tuple(sorted({**anchors, **dict(scope)}.items(), key=lambda each: each[0]))


def _source(path: tuple[str | int, ...], schema: Json) -> tuple[str | int, ...]:
    """Where a subschema stood before it was translated."""
    keyword, rest = path[0], path[1:]
    if keyword in _LISTS and isinstance(schema.get(keyword), dict):
        return (keyword,)
    if keyword == "patternProperties" and rest[0] not in schema[keyword]:
        return (keyword, next(name for name in schema[keyword] if read_pattern(name)[0] == rest[0]))
    if isinstance(schema.get("items"), list) and keyword in ("prefixItems", "items"):
        return ("items", *rest) if keyword == "prefixItems" else ("additionalItems",)
    if keyword == "dependentSchemas" and rest[0] not in (schema.get(keyword) or {}):
        return ("dependencies", *rest)
    return path


def _discriminator(node: Node) -> tuple[str, dict[str, str]]:
    """The member's name and the mapping; an empty name where there is none. 2.0 writes the name alone."""
    raw = node.get("discriminator")
    if not isinstance(raw, dict):
        return (raw if isinstance(raw, str) else ""), {}
    name, mapping = raw.get("propertyName"), raw.get("mapping")
    named = mapping.items() if isinstance(mapping, dict) else ()
    return (name if isinstance(name, str) else ""), {str(k): v for k, v in named if isinstance(v, str)}


def _component(origin: Origin) -> str:
    return (tokens(origin.pointer) or ("",))[-1]


def _named(reference: str) -> str:
    """The component that a value of `mapping` names: by name, by reference, or by file."""
    return reference.rsplit("/", 1)[-1].split(".")[0]
