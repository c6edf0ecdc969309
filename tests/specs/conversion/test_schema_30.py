from __future__ import annotations

import pytest

from understudy.specs.conversion.losses import Losses
from understudy.specs.conversion.schema_30 import SchemaDown, find_loosened
from understudy.specs.documents.document import Json

NULL = {"type": "string", "nullable": True, "enum": [None]}


def down(schema: Json, loosened: frozenset[str] = frozenset()) -> tuple[Json, list[str]]:
    losses = Losses()
    written = SchemaDown(losses, loosened).write(schema, "")
    return written, [loss.pointer for loss in losses.found]


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        (True, {}),
        (False, {"not": {}}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": "null"}, NULL),
        ({"type": ["null"]}, NULL),
        (
            {"type": ["array", "integer", "null"], "minimum": 1},
            {
                "minimum": 1,
                "allOf": [
                    {"anyOf": [{"type": "array", "nullable": True, "items": {}}, {"type": "integer", "nullable": True}]}
                ],
            },
        ),
        ({"type": "array"}, {"type": "array", "items": {}}),
        (
            {"anyOf": [{"$ref": "#/components/schemas/X"}, {"type": "null"}]},
            {"anyOf": [{"$ref": "#/components/schemas/X"}, NULL]},
        ),
        ({"const": 1}, {"enum": [1]}),
        ({"const": None}, NULL),
        ({"enum": [1, None]}, {"anyOf": [{"enum": [1]}, NULL]}),
        ({"type": ["integer", "null"], "enum": [1, None]}, {"type": "integer", "nullable": True, "enum": [1, None]}),
        ({"enum": []}, {"not": {}}),
        ({"const": 1, "enum": [1, 2]}, {"enum": [1], "allOf": [{"enum": [1, 2]}]}),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
        ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"exclusiveMinimum": 3, "minimum": 5}, {"minimum": 5}),
        ({"exclusiveMinimum": 5, "minimum": 3}, {"minimum": 5, "exclusiveMinimum": True}),
        ({"exclusiveMaximum": 3, "maximum": 5}, {"maximum": 3, "exclusiveMaximum": True}),
        ({"exclusiveMaximum": 5, "maximum": 3}, {"maximum": 3}),
        ({"$ref": "#/components/schemas/X"}, {"$ref": "#/components/schemas/X"}),
        (
            {"$ref": "#/components/schemas/X", "description": "d", "allOf": [{"type": "object"}]},
            {"description": "d", "allOf": [{"$ref": "#/components/schemas/X"}, {"type": "object"}]},
        ),
        ({"type": "string", "contentEncoding": "base64"}, {"type": "string", "format": "byte"}),
        ({"contentMediaType": "application/octet-stream"}, {"type": "string", "format": "binary"}),
        ({"type": "string", "contentMediaType": "text/html"}, {"type": "string"}),
        ({"type": "object", "required": []}, {"type": "object"}),
        (
            {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": False},
            {
                "allOf": [
                    {"anyOf": [{"not": {"required": ["a"]}}, {"required": ["b"]}]},
                    {"anyOf": [{"required": ["a"]}, {"not": {}}]},
                ]
            },
        ),
        (
            {"dependentRequired": {"a": ["b"], "c": []}},
            {"anyOf": [{"not": {"type": "object", "required": ["a"]}}, {"required": ["b"]}]},
        ),
        ({"contains": {"const": 1}}, {"not": {"type": "array", "items": {"not": {"enum": [1]}}}}),
        ({"contains": {"const": 1}, "minContains": 0}, {}),
        (
            {"properties": {"a": True}, "additionalProperties": False},
            {"properties": {"a": {}}, "additionalProperties": False},
        ),
    ],
)
def test_what_30_can_say_is_said(schema: Json, written: Json) -> None:
    assert down(schema)[0] == written


@pytest.mark.parametrize(
    ("schema", "written", "lost"),
    [
        (
            {"type": "array", "prefixItems": [{"type": "string"}, True], "items": False},
            {"type": "array", "maxItems": 2, "items": {"anyOf": [{"type": "string"}, {}]}},
            ["/prefixItems"],
        ),
        ({"prefixItems": [{"type": "string"}]}, {"items": {}}, ["/prefixItems"]),
        (
            {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
            {"items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            ["/prefixItems"],
        ),
        (
            {"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False},
            {"additionalProperties": {"anyOf": [{"type": "string"}]}},
            ["/patternProperties"],
        ),
        ({"patternProperties": {"^x-": {"type": "string"}}}, {}, ["/patternProperties"]),
        ({"propertyNames": {"pattern": "^a"}}, {}, ["/propertyNames"]),
        ({"unevaluatedProperties": False}, {}, ["/unevaluatedProperties"]),
        (
            {"contains": {"type": "string"}, "maxContains": 2},
            {"not": {"type": "array", "items": {"not": {"type": "string"}}}},
            ["/maxContains"],
        ),
        ({"not": {"propertyNames": {"const": "a"}}}, {}, ["/not"]),
        (
            {"oneOf": [{"propertyNames": False}, {"type": "string"}]},
            {"anyOf": [{}, {"type": "string"}]},
            ["/oneOf/0/propertyNames", "/oneOf"],
        ),
        ({"if": {"propertyNames": False}, "then": {"type": "object"}}, {}, ["/if"]),
        (
            {"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "object"}},
            {"type": "string"},
            ["/contentSchema"],
        ),
        ({"type": "string", "contentEncoding": "base32"}, {"type": "string"}, ["/contentEncoding"]),
    ],
)
def test_what_it_cannot_say_is_loosened_and_named(schema: Json, written: Json, lost: list[str]) -> None:
    assert down(schema) == (written, lost)


def test_loosening_is_inherited_by_what_refers_to_it() -> None:
    schemas = {
        "Names": {"propertyNames": {"const": "a"}},
        "User": {"properties": {"x": {"$ref": "#/components/schemas/Names"}}},
        "Other": {"allOf": [{"$ref": "#/components/schemas/User"}, {"$ref": "#/components/schemas/Other"}]},
        "Free": {"type": "string"},
    }
    loosened = find_loosened(schemas)
    assert loosened == {"Names", "User", "Other"}
    reference = {"$ref": "#/components/schemas/Other"}
    assert down({"not": reference}, loosened) == ({}, ["/not"])
    assert down({"oneOf": [reference]}, loosened) == ({"anyOf": [reference]}, ["/oneOf"])
    assert down({"not": {"$ref": "#/components/schemas/Free"}}, loosened)[1] == []
