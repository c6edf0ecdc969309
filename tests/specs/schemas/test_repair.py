"""Ill-formed keywords are mended or passed over; what is well-formed stays as it is."""

from __future__ import annotations

import jsonschema_rs
import pytest

from understudy.specs.documents.document import Json
from understudy.specs.schemas.repair import repair


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"minimum": "3"}, {"minimum": 3}),
        ({"maximum": "2.5"}, {"maximum": 2.5}),
        ({"minimum": True}, {}),
        ({"multipleOf": 0}, {}),
        ({"multipleOf": "0.5"}, {"multipleOf": 0.5}),
        ({"minLength": -1, "maxLength": "8"}, {"maxLength": 8}),
        ({"maxItems": 2.5}, {}),
        ({"pattern": r"^[\w-.]+$"}, {"pattern": r"^[\w\-.]+$"}),
        ({"pattern": "("}, {}),
        ({"pattern": 5}, {}),
        ({"patternProperties": {r"[\w-.]": True, "a": {}}}, {"patternProperties": {r"[\w\-.]": True, "a": {}}}),
        ({"patternProperties": {"(": True}}, {}),
        ({"required": ["a", "a", 5]}, {"required": ["a"]}),
        ({"required": "a"}, {}),
        ({"properties": None}, {}),
        ({"properties": {"a": {}, "b": "string"}}, {"properties": {"a": {}}}),
        ({"allOf": []}, {}),
        ({"oneOf": {"type": "string"}}, {"oneOf": [{"type": "string"}]}),
        ({"items": None}, {}),
        ({"additionalProperties": "string"}, {}),
        ({"enum": {}}, {}),
        ({"enum": []}, {}),
        ({"uniqueItems": "true"}, {"uniqueItems": True}),
        ({"uniqueItems": 1}, {}),
        ({"format": 5}, {}),
        ({"dependentRequired": {"a": "b"}}, {}),
        ({"examples": "a"}, {"examples": ["a"]}),
    ],
)  # fmt: skip
def test_what_is_ill_formed_is_mended_or_passed_over(written: dict[str, Json], read: dict[str, Json]) -> None:
    schema = dict(written)
    told = dict(repair(schema))
    assert schema == read
    assert set(told) == {keyword for keyword in written if written[keyword] != read.get(keyword, ...)}
    assert all(f"`{keyword}` is ill-formed" in message for keyword, message in told.items())
    jsonschema_rs.Draft202012Validator(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"minimum": 0, "exclusiveMaximum": 1.5, "multipleOf": 0.1, "maxLength": 3.0, "enum": [None], "required": []},
        {"properties": {"a": True}, "allOf": [{}], "items": False, "pattern": r"^\p{L}+$", "uniqueItems": False},
        {"dependentRequired": {"a": ["b"]}, "patternProperties": {"^a": {}}, "format": "no-such", "examples": []},
    ],
)
def test_what_is_well_formed_stays(schema: dict[str, Json]) -> None:
    before = dict(schema)
    assert list(repair(schema)) == []
    assert schema == before
