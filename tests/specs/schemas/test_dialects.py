from __future__ import annotations

from decimal import Decimal

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.schemas.dialects import allow_null, translate

INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # Bounds: draft 4 has Booleans, draft 6 and later numbers.
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMinimum": True}, {}),
        ({"exclusiveMinimum": 0, "minimum": -1}, {"exclusiveMinimum": 0, "minimum": -1}),
        ({"exclusiveMaximum": Decimal("0.5")}, {"exclusiveMaximum": Decimal("0.5")}),
        # Formats of integers are bounds.
        ({"type": "integer", "format": "int32"}, {"type": "integer", "format": "int32", **INT32}),
        (
            {"type": "integer", "format": "int32", "minimum": 0},
            {"type": "integer", "format": "int32", **INT32, "minimum": 0},
        ),
        ({"type": "integer", "format": "int32", "minimum": -(2**40)}, {"type": "integer", "format": "int32", **INT32}),
        (
            {"type": ["null", "integer"], "format": "uint8", "exclusiveMaximum": 9},
            {"type": ["null", "integer"], "format": "uint8", "minimum": 0, "exclusiveMaximum": 9},
        ),
        ({"type": "string", "format": "int32"}, {"type": "string", "format": "int32"}),
        ({"type": "integer", "format": ["int32"]}, {"type": "integer", "format": ["int32"]}),
        # Types.
        ({"type": "file"}, {"contentMediaType": "application/octet-stream"}),
        ({"type": "any"}, {}),
        ({"type": []}, {}),
        ({"type": ["string"]}, {"type": "string"}),
        ({"type": ["string", "string", "strin"]}, {"type": "string"}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        # Arrays.
        ({"items": [{"type": "string"}, True]}, {"prefixItems": [{"type": "string"}, True]}),
        ({"items": [True], "additionalItems": False}, {"prefixItems": [True], "items": False}),
        ({"items": []}, {}),
        ({"items": {"type": "string"}, "additionalItems": False}, {"items": {"type": "string"}}),
        # Objects.
        ({"required": True}, {}),
        ({"required": ["a"]}, {"required": ["a"]}),
        (
            {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}},
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
        ),
        (
            {"dependencies": {"a": ["b"]}, "dependentRequired": {"x": ["y"]}},
            {"dependentRequired": {"a": ["b"], "x": ["y"]}},
        ),
        # Strings.
        ({"format": "byte"}, {"format": "byte", "contentEncoding": "base64"}),
        ({"format": "byte", "contentEncoding": "base32"}, {"format": "byte", "contentEncoding": "base32"}),
        # Examples.
        ({"example": 1}, {"examples": [1]}),
        ({"examples": [1], "example": 2}, {"examples": [1, 2]}),
        ({"examples": {"a": 1}}, {"examples": [1]}),
        ({"example": None}, {"examples": [None]}),
        # What says nothing about a value.
        (
            {
                "title": "T",
                "description": "D",
                "deprecated": True,
                "xml": {},
                "readOnly": True,
                "$id": "x",
                "$schema": "y",
            },
            {},
        ),
        ({"x-anything": 1, "unheard": {"$ref": "#/nowhere"}, "discriminator": {"propertyName": "kind"}}, {}),
        # How a value is written in XML is passed on, as far as it is well-formed.
        (
            {"xml": {"name": "a", "wrapped": True}, "type": "array"},
            {"xml": {"name": "a", "wrapped": True}, "type": "array"},
        ),
        ({"xml": {"nodeType": "text", "prefix": "p", "namespace": "urn:a", "attribute": False}},) * 2,
        ({"xml": {"name": 5, "wrapped": "yes", "nodeType": None, "x-more": {"$ref": "#/nowhere"}, "$id": "a"}}, {}),
        ({"xml": "a"}, {}),
        # What is ill-formed stays: `repair` tells.
        ({"minimum": "1", "pattern": "("}, {"minimum": "1", "pattern": "("}),
        (
            {"type": "integer", "format": "int32", "minimum": "1"},
            {"type": "integer", "format": "int32", **INT32, "minimum": "1"},
        ),
    ],
)
def test_keywords_are_said_in_2020_12(written: dict[str, Json], expected: dict[str, Json]) -> None:
    before = repr(written)
    assert translate(written) == expected
    assert repr(written) == before


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": ["string", "integer"]}, {"type": ["string", "integer", "null"]}),
        ({"type": "null"}, {"type": ["null"]}),
        ({"type": "string", "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"enum": ["a", None]}, {"enum": ["a", None]}),
        ({"type": "string", "const": "a"}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"allOf": [{}]}, {"anyOf": [{"allOf": [{}]}, {"type": "null"}]}),
        ({"$ref": "#/$defs/A"}, {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}),
        ({"type": "object", "allOf": [{}]}, {"type": ["object", "null"], "allOf": [{}]}),
        ({"minimum": 3}, {"minimum": 3}),
    ],
)
def test_nullable_adds_null(schema: dict[str, Json], expected: dict[str, Json]) -> None:
    before = repr(schema)
    assert allow_null(schema) == expected
    assert repr(schema) == before
