"""What no value can be made for: the reason, the place, and the end in time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.generation.generator import Generator

HARD: dict[str, Json] = json.loads((Path(__file__).parents[2] / "documents" / "hard-schemas.json").read_text())


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (False, "the schema false"),
        ({"type": "string", "enum": [1]}, "no value of enum"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "bounds"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "types exclude each other"),
        ({"type": "string", "pattern": "^a$", "minLength": 2}, r"'\^a\$'"),
        ({"type": "object", "required": ["a"], "properties": {"a": False}}, "'a' is required and not allowed"),
        ({"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 3}, "uniqueItems"),
        ({"type": "array", "minItems": 10**9}, "1,000,000,000 items"),
        ({"type": "string", "minLength": 10**9}, "minLength 1000000000"),
        ({"type": "object", "minProperties": 10**9}, "1,000,000,000 members"),
        ({"not": {}}, "not apply|exclude"),
    ],
)
def test_what_cannot_be_made_says_why(schema: Json, reason: str) -> None:
    with pytest.raises(GenerationError, match=reason) as caught:
        Generator(schema, place="api.yaml#/x").generate("key")
    assert str(caught.value).startswith("api.yaml#/x: no value was made: ")


def test_the_trail_leads_to_the_place_that_failed() -> None:
    schema = {
        "type": "object",
        "required": ["outer"],
        "properties": {
            "outer": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["inner"],
                    "properties": {"inner": {"type": "string", "pattern": "^[ab]$", "minLength": 4}},
                },
            }
        },
    }
    with pytest.raises(GenerationError) as caught:
        Generator(schema).generate("key")
    assert caught.value.trail == ("outer", "item 0", "inner")
    assert "'^[ab]$'" in caught.value.reason


def test_endless_schemas_are_refused_in_time() -> None:
    schema = {
        "$ref": "#/$defs/T",
        "$defs": {
            "T": {
                "type": "object",
                "required": ["left", "right"],
                "properties": {"left": {"$ref": "#/$defs/T"}, "right": {"$ref": "#/$defs/T"}},
            }
        },
    }
    with pytest.raises(GenerationError):
        Generator(schema).generate("key")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strin"},
        {"pattern": "("},
        {"exclusiveMinimum": True},
        {"$ref": "#/$defs/nowhere"},
        {"$ref": "https://example.com/elsewhere.json"},
        [1],
        None,
    ],
)
def test_what_is_no_schema_is_refused(schema: Json) -> None:
    with pytest.raises(GenerationError, match="is not a schema that can be used"):
        Generator(schema, place="here").generate("key")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, True),
        (False, False),
        ({"type": "string", "enum": [1]}, False),
        ({"allOf": [{"minimum": 3, "type": "number"}, {"maximum": 2}]}, False),
        (HARD["nested mixture"], True),
    ],
)
def test_satisfiability_is_only_denied_when_proven(schema: Json, expected: bool) -> None:
    assert Generator(schema).is_satisfiable() is expected


@pytest.mark.parametrize(
    "item",
    [
        {"type": "string", "minLength": 500_000},
        {"type": "array", "minItems": 5_000},
        {"type": "string", "pattern": "^.{2000}$"},
    ],
)
def test_many_large_items_are_refused_before_they_fill_the_memory(item: Json) -> None:
    with pytest.raises(GenerationError, match="more than"):
        Generator({"type": "array", "items": item, "minItems": 2_000}).generate("key")
