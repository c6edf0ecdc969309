"""What is said of an object beside its members' own schemas: which go together, and which way they travel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Missing
from understudy.specs.schemas.schema import Schema

__all__ = ["alternatives", "branches", "find_default", "has_alternatives", "is_read_only", "is_write_only", "parts"]

_ALTERNATIVES: Final = ("oneOf", "anyOf", "not", "if", "discriminator", "dependentSchemas", "dependentRequired")


def branches(schema: Schema, keyword: str) -> list[Schema]:
    """The schemas under `allOf`, `anyOf` or `oneOf`; empty where there are none."""
    return [schema.space.schema(node) for node in schema.node.items(keyword)]


def parts(schema: Schema) -> Iterator[Schema]:
    """The object behind a schema's references, and those of its `allOf` parts; only what is an object."""
    waiting, seen = [schema.target], {schema.target.origin}
    while waiting:
        part = waiting.pop()
        if not isinstance(part.node.value, dict):
            continue
        yield part
        for each in branches(part, "allOf"):
            if each.target.origin not in seen:
                seen.add(each.target.origin)
                waiting.append(each.target)


def has_alternatives(schema: Schema) -> bool:
    """Whether an object's members depend on each other: `oneOf` and the like in the schema or its `allOf` parts."""
    return any(keyword in part.node.value for part in parts(schema) for keyword in _ALTERNATIVES)


def alternatives(schema: Schema) -> tuple[Mapping[str, Schema], ...]:
    """The members of an object, by name, for each branch of its `oneOf` or `anyOf`; once where it has none.

    Branches are looked for in the schema and its `allOf` parts, not in other branches.
    """
    own = dict(schema.members())
    ways = [branch for part in parts(schema) for key in ("oneOf", "anyOf") for branch in branches(part, key)]
    return tuple({**own, **dict(branch.members())} for branch in ways) or (own,)


def find_default(schema: Schema) -> Json | Missing:
    """The `default` of a schema, else that of what it refers to; MISSING where neither gives one."""
    for each in (schema, schema.target):
        if isinstance(each.node.value, dict) and "default" in each.node.value:
            default: Json = each.node.get("default")
            return default
    return MISSING


def is_read_only(schema: Schema) -> bool:
    """Whether `readOnly` stands on the schema or on what it refers to."""
    return _is_marked(schema, "readOnly")


def is_write_only(schema: Schema) -> bool:
    """Whether `writeOnly` stands on the schema or on what it refers to."""
    return _is_marked(schema, "writeOnly")


def _is_marked(schema: Schema, keyword: str) -> bool:
    return schema.node.get(keyword) is True or any(part.node.get(keyword) is True for part in parts(schema))
