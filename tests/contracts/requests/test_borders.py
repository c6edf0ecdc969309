"""Values on both sides of what a schema allows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.small_api import api_of
from understudy.contracts.requests.borders import allowed, forbidden, has_words
from understudy.specs.model import Direction
from understudy.specs.schemas.schema import Schema

ORDER = {
    "type": "object",
    "required": ["count"],
    "additionalProperties": False,
    "properties": {"count": {"type": "integer"}, "note": {"type": "string"}},
}


def schema_of(raw: dict[str, Any]) -> Schema:
    body = {"content": {"application/json": {"schema": raw}}}
    api = api_of({"/a": {"post": {"requestBody": body, "responses": {"200": {"description": ""}}}}})
    described = api.operations[0].request_body
    assert described is not None
    schema = described.content[0].schema
    assert schema is not None
    return schema


@pytest.mark.parametrize(
    ("raw", "value", "inside", "outside"),
    [
        ({"type": "integer", "minimum": 2, "maximum": 9}, 5, [2, 9], [1, 10, "5", None, 5.5]),
        ({"type": "integer", "exclusiveMinimum": 2, "exclusiveMaximum": 9}, 5, [], [2, 9]),
        ({"type": "string", "minLength": 2, "maxLength": 4}, "abc", ["ab", "abca"], ["a", "abcab", 7]),
        ({"type": "string", "pattern": "^[a-z]+$"}, "abc", [], ["", "Ä", 7]),
        ({"type": "string", "format": "date-time"}, "2026-01-01T00:00:00Z", [], ["understudy", "2024-13-45"]),
        ({"enum": ["a", "b"]}, "a", ["b"], ["", "understudy", None]),
        ({"type": ["string", "null"]}, "a", [None], [7]),
        ({"allOf": [{"type": "integer"}, {"maximum": 9}]}, 5, [9], [10]),
        ({"anyOf": [{"type": "integer", "maximum": 9}, {"type": "null"}]}, 5, [9, None], [10]),
        ({"type": "array", "maxItems": 2, "items": {"enum": [1, 2, 3]}}, [1], [[]], [None, {"0": [1]}]),
        ({"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "integer"}}, [1], [], [[], [1, 1]]),
        ({"type": "boolean"}, True, [False], ["true", None]),
        (ORDER, {"count": 1, "note": "a"}, [{"count": 1}], [{"note": "a"}, [], None]),
    ],
)
def test_both_sides(raw: dict[str, Any], value: Any, inside: list[Any], outside: list[Any]) -> None:
    schema = schema_of(raw)
    is_valid = schema.validator(Direction.REQUEST).is_valid
    within, beyond = [each for each, _ in allowed(schema, value)], [each for each, _ in forbidden(schema, value)]
    for each in inside:
        assert each in within
        assert is_valid(each)
    for each in outside:
        assert each in beyond
        assert not is_valid(each)


def test_an_array_is_filled_with_items_that_differ() -> None:
    schema = schema_of({"type": "array", "maxItems": 3, "uniqueItems": True, "items": {"type": "integer"}})
    full = next(each for each, note in allowed(schema, [1]) if note == "as many items as allowed")
    assert isinstance(full, list)
    assert len(full) == 3
    assert schema.validator(Direction.REQUEST).is_valid(full)
    assert any(isinstance(each, list) and len(each) == 4 for each, _ in forbidden(schema, [1]))


def test_what_is_too_large_to_send_is_left_out() -> None:
    schema = schema_of({"type": "string", "maxLength": 10**9})
    assert max(len(each) for each, _ in forbidden(schema, "a") if isinstance(each, str)) <= 20_000


def test_a_place_without_a_schema_is_gone_around_by_its_value_alone() -> None:
    assert [each for each, _ in allowed(None, True)] == [None, False]
    assert "true" in [each for each, _ in forbidden(None, True)]


def test_words() -> None:
    assert has_words(schema_of({"enum": ["a"]}))
    assert not has_words(schema_of({"type": "string"}))
    assert not has_words(None)
