from __future__ import annotations

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.schemas.any_text import takes_any_text
from understudy.specs.schemas.validation import Validator

TEXT = {"type": "string", "description": "why"}


def inside(schema: Json) -> Json:
    return {"type": "object", "required": ["error"], "properties": {"error": schema, "code": {"const": 7}}}


FREE = [
    (inside(TEXT), ["error"]),
    (inside({}), ["error"]),
    (inside(True), ["error"]),
    (inside({"type": ["string", "null"]}), ["error"]),
    (inside(inside(TEXT)), ["error", "error"]),
    ({**inside({"$ref": "#/$defs/Why"}), "$defs": {"Why": TEXT}}, ["error"]),
    ({"$ref": "#/$defs/Error", "$defs": {"Error": inside({"$ref": "#/$defs/Why"}), "Why": TEXT}}, ["error"]),
    ({**inside(TEXT), "additionalProperties": False}, ["error"]),
]

BOUND = [
    (inside({"type": "string", "maxLength": 3}), ["error"]),
    (inside({"type": "string", "format": "email"}), ["error"]),
    (inside({"type": "string", "pattern": "a"}), ["error"]),
    (inside({"enum": ["a"]}), ["error"]),
    (inside({"type": "integer"}), ["error"]),
    (inside(False), ["error"]),
    ({**inside(TEXT), "patternProperties": {"^e": {"maxLength": 3}}}, ["error"]),
    ({**inside(TEXT), "allOf": [inside({"maxLength": 3})]}, ["error"]),
    ({**inside(TEXT), "if": inside({"const": "a"}), "then": False}, ["error"]),
    ({**inside({"$ref": "#/$defs/Why", "maxLength": 3}), "$defs": {"Why": TEXT}}, ["error"]),
    ({**inside({"$ref": "#/$defs/Why"}), "$defs": {"Why": {"$ref": "#/$defs/Why"}}}, ["error"]),
    ({**inside({"$ref": "#/$defs/Gone"}), "$defs": {}}, ["error"]),
    (inside(TEXT), ["other"]),
    (inside(TEXT), ["error", "error"]),
    (True, ["error"]),
]


@pytest.mark.parametrize(("schema", "keys"), FREE)
def test_a_place_that_takes_any_text_does(schema: Json, keys: list[str]) -> None:
    assert takes_any_text(schema, keys)
    for text in ("", "a", "x" * 999, "\n☃", "2026-01-01"):
        value: Json = text
        for key in reversed(keys):
            value = {key: value, "code": 7}
        assert Validator(schema).is_valid(value), value


@pytest.mark.parametrize(("schema", "keys"), BOUND)
def test_nothing_is_taken_for_free_that_has_conditions(schema: Json, keys: list[str]) -> None:
    assert not takes_any_text(schema, keys)
