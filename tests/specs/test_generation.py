from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from threading import Thread

import jsonschema
import jsonschema_rs
import pytest

from understudy.specs.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.generation import Generator
from understudy.specs.validation import Validator

HARD: dict[str, Json] = json.loads((Path(__file__).parent.parent / "documents" / "hard-schemas.json").read_text())
NOT_PYTHONS = {
    "pattern unicode property": "Python's re has no \\p{…}",
    "pattern unicode script": "Python's re has no \\p{…}",
    "pattern code point escapes": "Python's re has no \\u{…}",
}
"""Hard schemas that the second validator can't read, and why."""
SOME = 50
MANY = 1_000


def text_of(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def assert_valid_elsewhere(schema: Json, values: list[Json]) -> None:
    """What an independent validator says, numbers read exactly."""
    exact = json.loads(json.dumps(schema), parse_float=Decimal)
    validator = jsonschema.Draft202012Validator(exact, format_checker=jsonschema.FormatChecker())
    for value in values:
        validator.validate(json.loads(json.dumps(value), parse_float=Decimal))


def check_hard(name: str, count: int) -> None:
    schema = HARD[name]
    generator = Generator(schema, place=name)
    values = [generator.generate(str(key)) for key in range(count)]
    values += [generator.generate(str(key), minimal=True) for key in range(count // 10)]
    accepts = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True).is_valid
    assert [value for value in values if not accepts(value)] == []
    assert [value for value in values if not Validator(schema).is_valid(value)] == []
    if name not in NOT_PYTHONS:
        assert_valid_elsewhere(schema, values)


@pytest.mark.parametrize("name", HARD)
def test_instances_of_hard_schemas_are_valid(name: str) -> None:
    check_hard(name, SOME)


@pytest.mark.deep
@pytest.mark.parametrize("name", HARD)
def test_many_instances_of_hard_schemas_are_valid(name: str) -> None:
    check_hard(name, MANY)


@pytest.mark.parametrize("name", NOT_PYTHONS)
def test_schemas_that_are_not_pythons_really_are_not(name: str) -> None:
    with pytest.raises(Exception, match="escape"):
        assert_valid_elsewhere(HARD[name], ["x"])


DIGEST = """
import hashlib, json, sys
from understudy.specs.generation import Generator
digest = hashlib.sha256()
for name, schema in json.load(open(sys.argv[1])).items():
    generator = Generator(schema)
    for key in range(5):
        digest.update(json.dumps(generator.generate(str(key))).encode())
print(digest.hexdigest())
"""


def test_values_are_the_same_in_every_process() -> None:
    document = str(Path(__file__).parent.parent / "documents" / "hard-schemas.json")
    here = hashlib.sha256()
    for schema in HARD.values():
        generator = Generator(schema)
        # Keys in another order, and more of them: what was drawn before must not matter.
        drawn = {key: generator.generate(str(key)) for key in reversed(range(7))}
        for key in range(5):
            here.update(json.dumps(drawn[key]).encode())
    for seed in ("1", "77"):
        out = subprocess.run(
            [sys.executable, "-c", DIGEST, document],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert out.stdout.strip() == here.hexdigest()


def test_keys_give_different_values() -> None:
    generator = Generator({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})
    values = {text_of(generator.generate(f"key {number}")) for number in range(200)}
    assert len(values) == 200


def test_any_text_is_a_key() -> None:
    generator = Generator({"type": "integer"})
    assert isinstance(generator.generate(""), int)
    assert isinstance(generator.generate("\ud800 é \0"), int)


def test_threads_get_the_same_values() -> None:
    generator = Generator(HARD["nested mixture"])
    found: dict[int, list[str]] = {}

    def draw(number: int) -> None:
        found[number] = [text_of(generator.generate(str(key))) for key in range(30)]

    threads = [Thread(target=draw, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = [text_of(Generator(HARD["nested mixture"]).generate(str(key))) for key in range(30)]
    assert list(found.values()) == [alone] * 4


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


def test_recursion_ends_and_stays_small() -> None:
    for name in ("recursive tree", "recursive expression", "recursive mutual", "recursive JSON value"):
        generator = Generator(HARD[name])
        sizes = [len(text_of(generator.generate(str(key)))) for key in range(100)]
        assert max(sizes) < 20_000, name


def test_values_share_nothing_with_the_schema() -> None:
    schema = {
        "type": "object",
        "required": ["a", "b", "c"],
        "properties": {
            "a": {"const": {"x": [1]}},
            "b": {"enum": [[1], [2]]},
            "c": {"type": "object", "example": {"deep": {"list": [1]}}},
        },
    }
    before = text_of(schema)
    generator = Generator(schema)
    for key in range(20):
        value = generator.generate(str(key))
        value["a"]["x"].append(2)
        value["b"].append(3)
        value["c"].setdefault("deep", {}).setdefault("list", []).append(4)
    assert text_of(schema) == before
    assert generator.generate("0")["a"] == {"x": [1]}


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


def test_whatever_is_not_used_is_not_looked_at() -> None:
    unused = {f"Unused{number}": {"type": "object", "properties": {"x": {"type": "integer"}}} for number in range(300)}
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Used"}}, "$defs": {"Used": {}, **unused}}
    generator = Generator(schema)
    generator.generate("key")
    seen = {demand.pointer for demands, _ in generator._space._nodes for demand in demands}
    assert not any("Unused" in pointer for pointer in seen)


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
