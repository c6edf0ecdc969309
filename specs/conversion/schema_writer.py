"""Write Schema Objects of any version as OpenAPI 3.2 has them: JSON Schema 2020-12, references into components."""

from __future__ import annotations

from typing import Final, final
from urllib.parse import urljoin

from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.errors import UnresolvableReference
from understudy.specs.model import Origin
from understudy.specs.pointers import child
from understudy.specs.schemas.dialects import Dialect, allow_null, translate
from understudy.specs.schemas.schema import Schema, SchemaSpace
from understudy.specs.schemas.translation import subschemas

__all__ = ["COMPONENTS", "SchemaWriter"]

COMPONENTS: Final = "#/components/schemas/"

# What says nothing about a value, and which type it has to have.
_ANNOTATIONS: Final[dict[str, type]] = {
    "title": str,
    "description": str,
    "readOnly": bool,
    "writeOnly": bool,
    "deprecated": bool,
    "externalDocs": dict,
    "xml": dict,
}


@final
class SchemaWriter:
    """Writes schemas and gathers those they refer to."""

    def __init__(self) -> None:
        self.components: dict[str, Json] = {}
        """By component name, in the order they were first referred to."""

    def write(self, schema: Schema) -> Json:
        """The Schema Object, with everything it refers to among the components."""
        found: list[Node] = []
        written = _write(schema.node, schema.space, found)
        while found:
            target = found.pop()
            key = schema.space.keys.key(target.origin)
            if key not in self.components:
                self.components[key] = None  # keeps the place while what it refers to is written
                self.components[key] = _write(target, schema.space, found)
        return written


def _write(node: Node, space: SchemaSpace, found: list[Node]) -> Json:
    raw = node.value
    if not isinstance(raw, dict):
        return raw if isinstance(raw, bool) else True
    reference = raw.get("$ref", raw.get("$dynamicRef"))
    if isinstance(reference, str) and space.dialect is Dialect.DRAFT_4:
        return {"$ref": _refer(reference, node, space, found)}
    out = translate(raw)
    _keep_bounds(raw, out)
    if isinstance(reference, str):
        out["$ref"] = _refer(reference, node, space, found)
    for path, value in list(subschemas(out)):
        named = value.get("$id") if isinstance(value, dict) else None
        base = urljoin(node.base, named) if isinstance(named, str) else node.base
        below = Node(value, Origin(node.origin.uri, child(node.origin.pointer, *path)), base)
        _put(out, path, _write(below, space, found))
    discriminator = _discriminator(node, space, found)
    if discriminator:
        out["discriminator"] = discriminator
    if raw.get("nullable", raw.get("x-nullable")) is True:
        out = allow_null(out)
    return {**{key: raw[key] for key, kind in _ANNOTATIONS.items() if isinstance(raw.get(key), kind)}, **out}


def _refer(reference: str, node: Node, space: SchemaSpace, found: list[Node]) -> str:
    target = space.resources.target(reference, node)
    found.append(target)
    return COMPONENTS + space.keys.key(target.origin)


def _put(out: dict[str, Json], path: tuple[str | int, ...], written: Json) -> None:
    keyword = str(path[0])
    if len(path) == 1:
        out[keyword] = written
    else:
        out[keyword] = out[keyword].copy()  # it may be the document's own
        out[keyword][path[1]] = written


def _keep_bounds(raw: dict[str, Json], out: dict[str, Json]) -> None:
    """Integer formats stay formats: a reader knows them, and their bounds are no floats."""
    for bound in ("minimum", "maximum"):
        if bound in out:
            if bound in raw:
                out[bound] = raw[bound]
            else:
                del out[bound]


def _discriminator(node: Node, space: SchemaSpace, found: list[Node]) -> Json:
    """The Discriminator Object with its references led to components; in 2.0 it is a member's name."""
    raw = node.value.get("discriminator")
    if isinstance(raw, str):
        return {"propertyName": raw}
    if not isinstance(raw, dict) or not isinstance(raw.get("propertyName"), str):
        return None
    kept = {key: value for key, value in raw.items() if not key.startswith("x-")}
    if isinstance(raw.get("mapping"), dict):
        kept["mapping"] = {name: _lead(value, node, space, found) for name, value in raw["mapping"].items()}
    if isinstance(raw.get("defaultMapping"), str):
        kept["defaultMapping"] = _lead(raw["defaultMapping"], node, space, found)
    return kept


def _lead(value: Json, node: Node, space: SchemaSpace, found: list[Node]) -> Json:
    """A mapping's value names a component, or is a URI reference; one that leads nowhere stays as it is."""
    if not isinstance(value, str):
        return value
    resources = space.resources
    named = [(f"#/{place}/{value}", resources.root) for place in ("components/schemas", "definitions")]
    for reference, source in [(value, node)] if set(value) & set("/#.") else named:
        try:
            target = resources.target(reference, source)
        except UnresolvableReference:
            continue
        found.append(target)
        return COMPONENTS + space.keys.key(target.origin)
    return value
