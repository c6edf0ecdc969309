from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.schemas.validation import MAX_VIOLATIONS, Validator

WORDS: Json = {
    "oneOf": [{"$ref": "#/$defs/Word"}, {"$ref": "#/$defs/End"}],
    "$defs": {
        "Word": {
            "type": "object",
            "required": ["event", "data"],
            "properties": {
                "event": {"const": "word"},
                "data": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": {"$ref": "#/$defs/Piece"},
                },
            },
        },
        "End": {"type": "object", "required": ["event"], "properties": {"event": {"const": "end"}}},
        "Piece": {
            "type": "object",
            "required": ["word"],
            "properties": {
                "word": {"type": "string"},
                "inner": {"contentMediaType": "application/json", "contentSchema": {"$ref": "#/$defs/Piece"}},
            },
        },
    },
}


def violations(schema: Json, value: Json) -> list[tuple[str, str, Json]]:
    validator = Validator(schema)
    found = validator.violations(value)
    assert validator.is_valid(value) is (not found)
    return [(violation.pointer, violation.keyword, violation.expected) for violation in found]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string"}, 1, [("", "type", "string")]),
        ({"type": ["string", "null"]}, 1, [("", "type", ["string", "null"])]),
        ({"required": ["a", "b"]}, {}, [("", "required", "a"), ("", "required", "b")]),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, [("", "dependentRequired", "b")]),
        ({"properties": {"a/b": {"minimum": 3}}}, {"a/b": 1}, [("/a~1b", "minimum", 3)]),
        ({"properties": {"required": {"const": 1}}}, {"required": 2}, [("/required", "const", 1)]),
        ({"items": {"enum": [1]}}, [1, 2], [("/1", "enum", [1])]),
        ({"prefixItems": [True, False]}, [1, 2], [("/1", "prefixItems", False)]),
        ({"properties": {"secret": False}}, {"secret": 1}, [("/secret", "properties", False)]),
        ({"properties": {"a": True}, "additionalProperties": False}, {"b": 1}, [("", "additionalProperties", False)]),
        ({"patternProperties": {"^x": {"type": "null"}}}, {"xy": 1}, [("/xy", "type", "null")]),
        ({"propertyNames": {"pattern": "^b"}}, {"a": 1}, [("", "pattern", "^b")]),
        ({"contains": {"const": 1}, "minContains": 2}, [1], [("", "minContains", 2)]),
        ({"unevaluatedProperties": False}, {"a": 1}, [("", "unevaluatedProperties", False)]),
        ({"not": {"type": "string"}}, "a", [("", "not", {"type": "string"})]),
        ({"format": "date-time"}, "yesterday", [("", "format", "date-time")]),
        ({"format": "uuid"}, "x", [("", "format", "uuid")]),
        ({"format": "unheard-of"}, "x", []),
        ({"multipleOf": 0.01}, 19.99, []),
        ({"pattern": "^\\p{Lu}"}, "ä", [("", "pattern", "^\\p{Lu}")]),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, [("", "required", "b")]),
        (False, 1, [("", "falseSchema", False)]),
        (True, 1, []),
    ],
)
def test_violations_have_place_and_keyword(schema: Json, value: Json, expected: list[tuple[str, str, Json]]) -> None:
    assert violations(schema, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"event": "word", "data": '{"word": "a"}'}, []),
        ({"event": "end"}, []),
        ({"event": "word", "data": '{"word": 1}'}, [("/data/word", "type", "string")]),
        ({"event": "word", "data": "{}"}, [("/data", "required", "word")]),
        ({"event": "word", "data": '{"word": "a"'}, [("/data", "contentMediaType", "application/json")]),
        ({"event": "word"}, [("", "required", "data")]),
        (
            {"event": "word", "data": json.dumps({"word": "a", "inner": json.dumps({"word": "b", "inner": "{}"})})},
            [("/data/inner/inner", "required", "word")],
        ),
        ({"event": "word", "data": 1}, [("/data", "type", "string")]),
    ],
)
def test_the_content_of_strings_is_judged(value: Json, expected: list[tuple[str, str, Json]]) -> None:
    assert violations(WORDS, value) == expected


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"contentEncoding": "base64"}, "aGk=", []),
        ({"contentEncoding": "base64"}, "a b", [("", "contentEncoding", "base64")]),
        ({"contentEncoding": "base64"}, "é", [("", "contentEncoding", "base64")]),
        ({"contentEncoding": "base64"}, 1, []),
        ({"contentMediaType": "application/json"}, "[1]", []),
        ({"contentMediaType": "application/json"}, "[1", [("", "contentMediaType", "application/json")]),
        ({"contentMediaType": "a/b+json; x=1"}, "{", [("", "contentMediaType", "a/b+json; x=1")]),
        ({"contentMediaType": "image/png"}, "no picture", []),
        ({"contentSchema": {"type": "object"}}, "1", []),
        (
            {"contentEncoding": "base64", "contentMediaType": "application/json", "contentSchema": {"type": "object"}},
            "MQ==",
            [("", "type", "object")],
        ),
        (
            {"contentMediaType": "application/jsonl", "contentSchema": {"items": {"type": "object"}}},
            '{}\n1\r\n\n{"a": 1}',
            [("/1", "type", "object")],
        ),
        ({"contentMediaType": "application/jsonl"}, "{}\n{", [("", "contentMediaType", "application/jsonl")]),
    ],
)  # fmt: skip
def test_content_keywords_count(schema: Json, value: Json, expected: list[tuple[str, str, Json]]) -> None:
    assert violations(schema, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"kind": "a", "x": "text"}, [("/x", "type", "integer")]),
        ({"kind": "b", "y": 1}, [("/y", "type", "string")]),
        ({"kind": "c"}, [("", "oneOf", ...)]),
        (3, [("", "oneOf", ...)]),
    ],
)
def test_a_failed_choice_is_explained_by_its_nearest_branch(value: Json, expected: list[tuple[str, str, Json]]) -> None:
    branches = [
        {"type": "object", "properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}},
        {"type": "object", "properties": {"kind": {"const": "b"}, "y": {"type": "string"}}},
    ]
    found = violations({"oneOf": branches}, value)
    assert found == [(pointer, keyword, branches if it is ... else it) for pointer, keyword, it in expected]


def test_a_value_that_fits_two_branches_is_told_so() -> None:
    assert violations({"oneOf": [{"type": "integer"}, {"minimum": 1}]}, 2)[0][:2] == ("", "oneOf")


def test_the_list_of_violations_is_bounded() -> None:
    assert len(Validator({"items": {"type": "string"}}).violations(list(range(10_000)))) == MAX_VIOLATIONS


def test_violations_point_into_the_schema_as_it_was_given() -> None:
    (violation,) = Validator(WORDS).violations({"event": "word", "data": "3"})
    assert violation.schema_pointer == "/$defs/Piece/type"
    (violation,) = Validator(WORDS["$defs"]["Word"] | {"$defs": WORDS["$defs"]}).violations({"event": 1, "data": "{"})[
        1:
    ]
    assert violation.schema_pointer == "/properties/data/contentMediaType"


@pytest.mark.parametrize("deepen", [lambda value: [value], lambda value: {"a": value}])
def test_deep_values_and_schemas_are_no_trouble(deepen: Callable[[Json], Json]) -> None:
    value: Json = 1
    for _ in range(250):
        value = deepen(value)
    assert Validator({"items": {"$ref": "#"}, "additionalProperties": {"$ref": "#"}}).violations(value) == ()
    schema: Json = {"type": "string"}
    for _ in range(250):
        schema = {"not": schema}
    assert Validator(schema).violations("text") == ()


def test_a_pattern_that_would_take_for_ever_is_given_up() -> None:
    (violation,) = Validator({"pattern": "^(?=(a+)+$)b"}).violations("a" * 40 + "!")
    assert violation.keyword == "pattern"


@pytest.mark.parametrize(
    "schema",
    [{"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, {"allOf": [{"$ref": "#"}]}, {"not": {"$ref": "#"}}],
)
def test_a_schema_that_only_refers_to_itself_ends(schema: Json) -> None:
    assert isinstance(Validator(schema).is_valid({}), bool)
