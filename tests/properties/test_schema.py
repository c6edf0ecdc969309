"""A translated schema means what it meant: judged by jsonschema, which reads the components as they are written."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from understudy.specs.build import build_api
from understudy.specs.content import Direction
from understudy.specs.documents.document import Json, parse_document

NAMES = ["A", "B", "C", "D"]
MEMBERS = ["a", "b", "default", "properties"]
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "xyz"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), below, max_size=3),
    max_leaves=8,
)


def schemas() -> st.SearchStrategy[Json]:
    """Schemas of a few keywords, with references to the components under any of them."""
    leaves = st.booleans() | st.sampled_from(NAMES).map(lambda name: {"$ref": f"#/components/schemas/{name}"})
    return st.recursive(leaves, objects, max_leaves=6)


def objects(below: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    lists = st.lists(below, min_size=1, max_size=2)
    maps = st.dictionaries(st.sampled_from(MEMBERS), below, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "integer", "string", ["string", "null"], ["array", "object"]]),
            "properties": maps,
            "required": st.lists(st.sampled_from(MEMBERS), max_size=2, unique=True),
            "additionalProperties": below,
            "dependentSchemas": maps,
            "prefixItems": lists,
            "items": below,
            "contains": below,
            "allOf": lists,
            "anyOf": lists,
            "oneOf": lists,
            "if": below,
            "then": below,
            "else": below,
            "unevaluatedProperties": st.booleans(),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "minimum": st.integers(-2, 2),
            "maxLength": st.integers(0, 2),
            "uniqueItems": st.booleans(),
            "default": VALUES,
            "title": st.just("T"),
        },
    )


def refers_only_to_itself(components: Json) -> bool:
    """jsonschema has no end where a schema asks itself about the same value; documents mean nothing by it."""
    in_place = ("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")

    def asked(schema: Json) -> set[str]:
        found: set[str] = set()
        stack = [schema]
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                if "$ref" in value:
                    found.add(value["$ref"].rsplit("/", 1)[1])
                for key in in_place:
                    member = value.get(key)
                    stack += (
                        member
                        if isinstance(member, list)
                        else [*member.values()]
                        if key == "dependentSchemas" and member
                        else [member]
                    )
        return found

    reached = {name: asked(schema) for name, schema in components.items()}
    for _ in components:
        reached = {name: names.union(*(reached[other] for other in names)) for name, names in reached.items()}
    return any(name in names for name, names in reached.items())


@given(
    st.fixed_dictionaries({name: schemas() for name in NAMES}).filter(lambda found: not refers_only_to_itself(found)),
    st.lists(VALUES, min_size=1, max_size=5),
)
def test_a_translated_schema_means_what_it_meant(components: Json, values: list[Json]) -> None:
    tree = {
        "openapi": "3.2.0",
        "paths": {
            "/x": {
                "get": {
                    "responses": {
                        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
                    }
                }
            }
        },
        "components": {"schemas": components},
    }
    api = build_api(parse_document(json.dumps(tree).encode(), "/api.json"))
    (media_type,) = api.operations[0].responses[0].content
    assert media_type.schema is not None
    registry: Registry[Json] = Registry().with_resource("urn:api", DRAFT202012.create_resource(tree))
    witness = Draft202012Validator({"$ref": "urn:api#/components/schemas/A"}, registry=registry)
    for direction in Direction:
        validator = media_type.schema.validator(direction)
        for value in values:
            assert validator.is_valid(value) is witness.is_valid(value), value
            assert bool(validator.violations(value)) is not witness.is_valid(value)
