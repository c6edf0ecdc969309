from __future__ import annotations

import pytest

from understudy.specs.build import build_api
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.schemas.object_schemas import alternatives, has_alternatives, is_read_only
from understudy.specs.schemas.relations import is_same, is_within, types_of
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.json_bodies import dump_json

COMPONENTS = """
    Name: {type: string, minLength: 1}
    Alias: {$ref: '#/components/schemas/Name', description: The same}
    Narrower: {$ref: '#/components/schemas/Name', maxLength: 5}
    Tree:
      type: object
      properties: {children: {type: array, items: {$ref: '#/components/schemas/Tree'}}}
    Bush:
      type: object
      properties: {children: {type: array, items: {$ref: '#/components/schemas/Bush'}}}
    Choice: {oneOf: [{$ref: '#/components/schemas/Name'}, {type: 'null'}]}
    Pet:
      type: object
      required: [id]
      properties: {id: {type: integer, readOnly: true}, name: {$ref: '#/components/schemas/Name'}}
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {properties: {lives: {type: integer}}}]}
    Either:
      type: object
      properties: {id: {type: integer}}
      anyOf: [{properties: {a: {}}, required: [a]}, {properties: {b: {}}, required: [b]}]
"""


def schemas(*raw: Json) -> list[Schema]:
    """The schemas of one document, beside `COMPONENTS`."""
    content = {str(number): {"schema": schema} for number, schema in enumerate(raw)}
    text = (
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\ncomponents:\n  schemas:\n"
        + COMPONENTS
        + "paths: {/: {get: {responses: {'200': {description: D, content: "
        + dump_json({f"application/{key}": value for key, value in content.items()}).decode()
        + "}}}}}\n"
    )
    api = build_api(parse_document(text.encode(), "/relations.yaml"))
    found = [media_type.schema for media_type in api.operations[0].responses[0].content]
    return [schema for schema in found if schema is not None]


def named(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ({"type": "string"}, {}),
        ({"type": "string"}, True),
        (False, {"type": "string"}),
        ({"type": "integer"}, {"type": "number"}),
        ({"type": "string"}, {"type": ["string", "null"]}),
        (named("Name"), named("Alias")),
        (named("Narrower"), named("Name")),
        ({"type": "string", "minLength": 3, "title": "x"}, {"type": "string", "minLength": 2, "description": "y"}),
        ({"type": "integer", "minimum": 1, "maximum": 5}, {"type": "integer", "minimum": 0, "maximum": 5}),
        ({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}),
        ({"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}),
        ({"enum": ["a", "b"]}, {"type": "string", "maxLength": 1}),
        ({"const": 3}, {"type": "integer"}),
        (named("Name"), named("Choice")),
        (named("Choice"), {"type": ["string", "null"], "minLength": 1}),
        (
            {"type": ["string", "null"], "minLength": 1},
            {"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]},
        ),
        ({"type": "array", "items": named("Narrower")}, {"type": "array", "items": named("Name")}),
        (named("Cat"), named("Pet")),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
            {"type": "object", "properties": {"a": {"type": "number"}}},
        ),
        (
            {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
            {"type": "object", "properties": {"a": {}, "b": {"type": "string"}}, "additionalProperties": False},
        ),
        ({"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^a"}),
    ],
)
def test_what_is_within(inner: Json, outer: Json) -> None:
    assert is_within(*schemas(inner, outer))


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ({}, {"type": "string"}),
        ({"type": "number"}, {"type": "integer"}),
        ({"type": ["string", "null"]}, {"type": "string"}),
        ({"type": "string"}, {"enum": ["a"]}),
        ({"enum": ["a", None]}, {"type": "string"}),
        ({"enum": ["a", "bb"]}, {"type": "string", "maxLength": 1}),
        (named("Name"), named("Narrower")),
        ({"type": "string"}, {"type": "string", "format": "date"}),
        ({"type": "integer", "format": "int64"}, {"type": "integer", "format": "int32"}),
        ({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}),
        ({"type": "integer"}, {"type": "integer", "minimum": 1}),
        ({"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}),
        ({"type": "string"}, {"type": "string", "not": {"const": "a"}}),
        ({"type": "array", "items": named("Name")}, {"type": "array", "items": named("Narrower")}),
        ({"type": "array"}, {"type": "array", "items": False}),
        ({"type": "array", "prefixItems": [{}], "items": named("Name")}, {"type": "array", "items": named("Name")}),
        ({"type": "array"}, {"type": "array", "uniqueItems": True}),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "object", "required": ["a"]}),
        ({"type": "object"}, {"type": "object", "properties": {"a": {"type": "string"}}}),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}),
        (
            {"type": "object", "patternProperties": {"^x": {}}, "additionalProperties": False},
            {"type": "object", "properties": {"xy": {"type": "string"}}, "additionalProperties": False},
        ),
        ({"type": "string"}, {"type": "string", "unheardOf": 1}),
        (named("Pet"), named("Either")),
    ],
)
def test_what_is_not_certainly_within(inner: Json, outer: Json) -> None:
    assert not is_within(*schemas(inner, outer))


def test_schemas_that_contain_themselves_come_to_an_end() -> None:
    tree, bush = schemas(named("Tree"), named("Bush"))
    assert is_within(tree, tree)
    assert not is_within(tree, bush), "it can't be told without going round in a circle"


def test_wide_and_deep_schemas_cost_little() -> None:
    """Each pair is compared once, and no more than so many."""
    layer: Json = {"type": "string"}
    for _ in range(60):
        layer = {"type": "object", "properties": dict.fromkeys("ab", layer)}
    few = {"type": "object", "properties": {"a": {"type": "object", "properties": {"a": {"type": "string"}}}}}
    deep: Json = few
    for _ in range(60):
        deep = {"type": "object", "properties": {"a": deep}}
    inner, outer = schemas(deep, deep)
    assert not is_within(inner, outer), "deeper than is looked"
    assert types_of(inner) == {"object"}


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({}, {"null", "boolean", "integer", "number", "string", "array", "object"}),
        (False, set()),
        ({"type": "number"}, {"number", "integer"}),
        ({"enum": [1, "a", None]}, {"integer", "string", "null"}),
        ({"properties": {}}, {"object"}),
        ({"items": {}}, {"array"}),
        (named("Narrower"), {"string"}),
        (named("Choice"), {"string", "null"}),
        (named("Cat"), {"object"}),
        ({"allOf": [{"type": ["string", "integer"]}, {"type": ["string", "null"]}]}, {"string"}),
    ],
)
def test_types_are_read_through_references_and_combinations(schema: Json, types: set[str]) -> None:
    (found,) = schemas(schema)
    assert types_of(found) == types


def test_same_is_one_place() -> None:
    name, alias, narrower, copy = schemas(
        named("Name"), named("Alias"), named("Narrower"), {"type": "string", "minLength": 1}
    )
    assert is_same(name, alias)
    assert not is_same(name, narrower)
    assert not is_same(name, copy)


def test_alternatives_are_the_ways_to_write_an_object() -> None:
    either, cat = schemas(named("Either"), named("Cat"))
    assert [list(way) for way in alternatives(either)] == [["id", "a"], ["id", "b"]]
    assert [sorted(way) for way in alternatives(cat)] == [["id", "lives", "name"]]
    assert (has_alternatives(either), has_alternatives(cat)) == (True, False)


def test_read_only_is_seen_beside_and_behind_a_reference() -> None:
    marked, plain = schemas({**named("Name"), "readOnly": True}, named("Name"))
    assert (is_read_only(marked), is_read_only(plain)) == (True, False)
    (pet,) = schemas(named("Pet"))
    assert is_read_only(dict(pet.members())["id"])
