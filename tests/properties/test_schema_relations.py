"""What is said to be within is within: judged by the validator, on values that the comparison knows nothing of."""

from __future__ import annotations

import json

from hypothesis import assume, event, given
from hypothesis import strategies as st

from understudy.specs.build import build_api
from understudy.specs.content import Direction
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.schemas.json_values import type_of
from understudy.specs.schemas.relations import is_within, types_of
from understudy.specs.schemas.schema import Schema

MEMBERS = ["a", "b"]
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, "", "x", "xyz"]),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(MEMBERS), below, max_size=2),
    max_leaves=5,
)


def keywords(below: st.SearchStrategy[Json]) -> dict[str, st.SearchStrategy[Json]]:
    lists = st.lists(below, min_size=1, max_size=2)
    maps = st.dictionaries(st.sampled_from(MEMBERS), below, max_size=2)
    return {
        "type": st.sampled_from(["object", "array", "integer", "number", "string", ["string", "null"]]),
        "properties": maps,
        "patternProperties": st.dictionaries(st.just("^a"), below, max_size=1),
        "required": st.lists(st.sampled_from(MEMBERS), max_size=2, unique=True),
        "additionalProperties": st.booleans(),
        "unevaluatedProperties": st.booleans(),
        "items": below,
        "prefixItems": lists,
        "contains": below,
        "minContains": st.integers(0, 1),
        "uniqueItems": st.booleans(),
        "minItems": st.integers(0, 2),
        "allOf": lists,
        "anyOf": lists,
        "oneOf": lists,
        "not": below,
        "if": below,
        "then": below,
        "enum": st.lists(VALUES, min_size=1, max_size=2),
        "const": VALUES,
        "minimum": st.integers(-2, 2),
        "exclusiveMinimum": st.integers(-2, 2),
        "maximum": st.integers(-2, 2),
        "multipleOf": st.integers(1, 2),
        "maxLength": st.integers(0, 2),
        "pattern": st.sampled_from(["^x", "z$"]),
        "title": st.just("T"),
        "$ref": st.sampled_from(["#/components/schemas/Inner", "#/components/schemas/Other"]),
    }


def objects(below: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """A few keywords at a time, so that they are often enough the same in two schemas."""
    every = keywords(below)
    few = st.lists(st.sampled_from(sorted(every)), max_size=3, unique=True)
    return few.flatmap(lambda names: st.fixed_dictionaries({name: every[name] for name in names}))


SCHEMAS = st.recursive(st.booleans(), objects, max_leaves=5)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Json, Json]:
    """Two schemas; mostly the one has some keywords of the other, and some of its own."""
    inner = draw(SCHEMAS)
    if not isinstance(inner, dict) or draw(st.integers(0, 3)) == 0:
        return inner, draw(SCHEMAS)
    kept = {key: value for key, value in inner.items() if draw(st.booleans())}
    more = draw(objects(st.booleans())) if draw(st.integers(0, 2)) == 0 else {}
    return inner, {**kept, **more}


def read(inner: Json, outer: Json, other: Json) -> tuple[Schema, Schema]:
    contents = {f"application/{name}": {"schema": schema} for name, schema in (("inner", inner), ("outer", outer))}
    tree = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/": {"get": {"responses": {"200": {"description": "D", "content": contents}}}}},
        "components": {"schemas": {"Inner": {"type": "object", "properties": {"a": other}}, "Other": other}},
    }
    api = build_api(parse_document(json.dumps(tree).encode(), "/relations.json"))
    left, right = (media_type.schema for media_type in api.operations[0].responses[0].content)
    assert left is not None
    assert right is not None
    return left, right


OTHERS = st.sampled_from([{"type": "string"}, {"enum": [1, "x"]}, True, {"type": ["integer", "null"], "minimum": 0}])


@given(pairs(), OTHERS, st.lists(VALUES, min_size=4, max_size=12))
def test_values_of_what_is_within_are_values_of_both(pair: tuple[Json, Json], other: Json, values: list[Json]) -> None:
    inner, outer = read(*pair, other)
    if not is_within(inner, outer):
        return
    left, right = inner.validator(Direction.RESPONSE), outer.validator(Direction.RESPONSE)
    valid = [value for value in values if left.is_valid(value)]
    event(f"within, {'with' if valid else 'without'} a value")
    assert [value for value in valid if not right.is_valid(value)] == []


@given(SCHEMAS, OTHERS, st.lists(VALUES, min_size=1, max_size=12))
def test_no_value_has_a_type_that_is_not_allowed(schema: Json, other: Json, values: list[Json]) -> None:
    text = json.dumps(schema)
    assume('"properties"' not in text and '"items"' not in text)  # without a type these are read as more than they say
    _, read_schema = read(True, schema, other)
    types, validator = types_of(read_schema), read_schema.validator(Direction.RESPONSE)
    assert [value for value in values if validator.is_valid(value) and type_of(value) not in types] == []
