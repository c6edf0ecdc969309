"""What generated values look like: complete, realistic, and true to what the schema says besides its bounds."""

from __future__ import annotations

import json
from pathlib import Path

from understudy.specs.documents.document import Json
from understudy.specs.generation.generator import Generator

HARD: dict[str, Json] = json.loads((Path(__file__).parents[2] / "documents" / "hard-schemas.json").read_text())


def test_minimal_has_required_members_and_shortest_collections() -> None:
    schema = {
        "type": "object",
        "required": ["name", "tags", "parts"],
        "properties": {
            "name": {"type": "string"},
            "note": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "parts": {"type": "array", "minItems": 2, "items": {"type": "object", "properties": {"x": {}}}},
            "parent": {"$ref": "#"},
        },
        "additionalProperties": {"type": "integer"},
    }
    generator = Generator(schema)
    for key in range(20):
        value = generator.generate(str(key), minimal=True)
        assert value.keys() == {"name", "tags", "parts"}
        assert value["tags"] == []
        assert value["parts"] == [{}, {}]


def test_optional_members_are_mostly_there() -> None:
    names = "abcdefghij"
    generator = Generator({"type": "object", "properties": {name: {"type": "integer"} for name in names}})
    values = [generator.generate(str(key)) for key in range(100)]
    assert sum(map(len, values)) > 800
    assert len({tuple(value) for value in values}) > 1, "now and then one is left out"
    assert all(list(value) == sorted(value) for value in values), "in the order of the schema"


def test_arrays_have_one_to_three_items_unless_bounds_say_otherwise() -> None:
    def lengths(**bounds: int) -> set[int]:
        generator = Generator({"type": "array", "items": {"type": "integer"}, **bounds})
        return {len(generator.generate(str(key))) for key in range(60)}

    assert lengths() == {1, 2, 3}
    assert lengths(minItems=5) == {5}
    assert lengths(maxItems=2) == {1, 2}
    assert lengths(maxItems=0) == {0}


def test_examples_are_preferred_where_they_are_valid() -> None:
    schema = {
        "type": "object",
        "required": ["good", "bad", "old"],
        "properties": {
            "good": {"type": "string", "examples": ["Lisbon", "Porto"]},
            "bad": {"type": "integer", "examples": ["no number", 7]},
            "old": {"type": "string", "example": "once upon a time"},
        },
    }
    generator = Generator(schema)
    values = [generator.generate(str(key)) for key in range(100)]
    assert sum(value["good"] in ("Lisbon", "Porto") for value in values) > 70
    assert sum(value["bad"] == 7 for value in values) > 70
    assert sum(value["old"] == "once upon a time" for value in values) > 70
    assert {value["good"] for value in values} >= {"Lisbon", "Porto"}


def test_examples_behind_references_and_allof_are_found() -> None:
    schema = {
        "allOf": [{"$ref": "#/$defs/City"}, {"minLength": 2}],
        "$defs": {"City": {"type": "string", "examples": ["Lisbon"]}},
    }
    generator = Generator(schema)
    assert sum(generator.generate(str(key)) == "Lisbon" for key in range(100)) > 70


def test_an_example_of_an_identity_is_a_model_for_others() -> None:
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "pattern": "^pet_[a-z0-9]{8}$", "examples": ["pet_a1b2c3d4"]}},
    }
    generator = Generator(schema)
    ids = {generator.generate(str(key))["id"] for key in range(50)}
    assert len(ids) > 40


def test_secrets_are_plainly_none() -> None:
    schema = {
        "type": "object",
        "properties": {
            "token": {"type": "string"},
            "apiKey": {"type": "string"},
            "login": {"type": "string", "format": "password"},
        },
        "required": ["token", "apiKey", "login"],
    }
    for key in range(20):
        value = Generator(schema).generate(str(key))
        assert all(text.startswith("example-") for text in value.values())


def test_times_come_in_their_order() -> None:
    names = ["createdAt", "started_at", "completed-at", "updatedAt", "expiresAt"]
    times = {name: {"type": "string", "format": "date-time"} for name in names}
    generator = Generator({"type": "object", "required": names, "properties": times})
    for key in range(50):
        drawn = [generator.generate(str(key))[name] for name in names]
        assert drawn == sorted(drawn)
        assert all(text.endswith("Z") for text in drawn)


def test_totals_add_up() -> None:
    names = ["promptTokens", "completionTokens", "totalTokens"]
    count = {"type": "integer", "minimum": 0}
    generator = Generator({"type": "object", "required": names, "properties": dict.fromkeys(names, count)})
    for key in range(30):
        usage = generator.generate(str(key))
        assert usage["totalTokens"] == usage["promptTokens"] + usage["completionTokens"]


def test_content_is_valid_json_of_its_schema() -> None:
    schema = HARD["content in a choice"]
    seen = set()
    for key in range(60):
        value = Generator(schema).generate(str(key))
        content = json.loads(value["data"])
        seen.add(value["event"])
        assert isinstance(content["x"], int) if value["event"] == "a" else isinstance(content[0], str)
    assert seen == {"a", "b"}


def test_discriminators_keep_their_word() -> None:
    generator = Generator(HARD["discriminated by constant"])
    pets = [pet for key in range(60) for pet in generator.generate(str(key))["pets"]]
    assert {pet["type"] for pet in pets} == {"cat", "dog"}
    assert all("lives" in pet for pet in pets if pet["type"] == "cat")


def test_formats_of_openapi_hold_for_examples_too() -> None:
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {
            "a": {"type": "integer", "format": "int32", "examples": [3_000_000_000]},
            "b": {"type": "string", "format": "byte", "examples": ["not base64!"]},
        },
    }
    for key in range(20):
        value = Generator(schema).generate(str(key))
        assert abs(value["a"]) < 2**31
        assert value["b"] != "not base64!"
