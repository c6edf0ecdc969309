from __future__ import annotations

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator

from understudy.specs.conversion.losses import Losses
from understudy.specs.conversion.schema_30 import SchemaDown, find_loosened
from understudy.specs.documents.document import Json

NAMES = st.sampled_from(["a", "b", "c"])
TYPES = st.sampled_from(["null", "boolean", "integer", "string", "array", "object"])
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["", "a", "b", "ccc"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3),
    max_leaves=6,
)
SMALL = st.integers(0, 2)


def keywords(below: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    some = st.lists(below, min_size=1, max_size=2)
    members = st.dictionaries(NAMES, below, min_size=1, max_size=2)
    each: list[tuple[str, st.SearchStrategy[Json]]] = [
        ("type", TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True)),
        ("enum", st.lists(VALUES, min_size=1, max_size=3)),
        ("const", VALUES),
        ("minimum", SMALL),
        ("exclusiveMinimum", SMALL),
        ("maximum", SMALL),
        ("exclusiveMaximum", SMALL),
        ("minLength", SMALL),
        ("minItems", SMALL),
        ("required", st.lists(NAMES, max_size=2, unique=True)),
        ("properties", members),
        ("patternProperties", st.dictionaries(st.sampled_from(["^a", "b$"]), below, min_size=1, max_size=2)),
        ("additionalProperties", below),
        ("propertyNames", below),
        ("unevaluatedProperties", st.just(False)),
        ("items", below),
        ("prefixItems", some),
        ("contains", below),
        ("minContains", SMALL),
        ("allOf", some),
        ("anyOf", some),
        ("oneOf", some),
        ("not", below),
        ("if", below),
        ("then", below),
        ("else", below),
        ("dependentRequired", st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2)),
        ("dependentSchemas", members),
        ("$ref", st.just("#/components/schemas/Named")),
    ]
    return st.lists(st.sampled_from(each), min_size=1, max_size=3, unique_by=lambda entry: entry[0]).flatmap(
        lambda chosen: st.fixed_dictionaries(dict(chosen))
    )


SCHEMAS: st.SearchStrategy[Json] = st.recursive(
    st.booleans() | st.builds(lambda name: {"type": name}, TYPES), keywords, max_leaves=8
)
NAMED: st.SearchStrategy[Json] = st.sampled_from(
    [{"type": "string"}, {"const": None}, {"type": ["integer", "null"]}, {"propertyNames": {"const": "a"}}, False]
)


@given(SCHEMAS, NAMED, st.lists(VALUES, min_size=1, max_size=5))
def test_30_accepts_what_31_accepts_and_only_that_where_nothing_is_lost(
    schema: Json, named: Json, values: list[Json]
) -> None:
    """Judged by two validators that aren't ours: jsonschema-rs before, openapi-schema-validator after."""
    components = {"Named": named, "Root": schema}
    before = jsonschema_rs.Draft202012Validator(
        {"$ref": "#/components/schemas/Root", "components": {"schemas": components}}
    )
    losses = Losses()
    down = SchemaDown(losses, find_loosened(components))
    written = {name: down.write(each, f"/components/schemas/{name}") for name, each in components.items()}
    after = OAS30Validator({"$ref": "#/components/schemas/Root", "components": {"schemas": written}})
    for value in values:
        if before.is_valid(value):
            assert after.is_valid(value)
        elif not losses.found:
            assert not after.is_valid(value)
