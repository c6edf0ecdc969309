from __future__ import annotations

import json
import subprocess
import sys

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.generation import stocks
from understudy.specs.generation.generator import Generator
from understudy.specs.schemas.validation import Validator

PERSON: Json = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}},
}
ORDER: Json = {
    "type": "object",
    "required": ["id", "customer", "lines"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "customer": PERSON,
        "lines": {"type": "array", "minItems": 1, "items": PERSON},
    },
}
KEYS = [str(key) for key in range(600)]


def written(schema: Json, keys: list[str]) -> list[Json]:
    generator = Generator(schema)
    return [json.loads(generator.write(key)) for key in keys]


def test_members_of_the_outermost_object_come_from_a_stock_and_the_rest_is_its_own() -> None:
    orders = written(ORDER, KEYS)
    assert len({order["id"] for order in orders}) == len(KEYS)
    customers = {json.dumps(order["customer"]) for order in orders}
    assert len(KEYS) // 8 < len(customers) <= stocks.VARIANTS
    assert len({(json.dumps(order["customer"]), json.dumps(order["lines"])) for order in orders}) > len(KEYS) * 0.9


def test_what_is_written_does_not_depend_on_what_was_written_before() -> None:
    assert written(ORDER, KEYS[::-1]) == written(ORDER, KEYS)[::-1]


def test_what_is_written_is_the_same_in_another_process() -> None:
    program = (
        "import json, sys; from understudy.specs.generation.generator import Generator; "
        "print(Generator(json.loads(sys.argv[1])).write('k').decode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(ORDER)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == Generator(ORDER).write("k").decode()


def test_items_of_an_outermost_array_are_each_their_own() -> None:
    people = [person for found in written({"type": "array", "items": ORDER}, KEYS[:200]) for person in found]
    assert len({person["id"] for person in people}) == len(people)


def test_a_stock_that_is_full_only_costs_time(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Generator(ORDER)
    expected = [usual.write(key) for key in KEYS[:50]]
    monkeypatch.setattr(stocks, "MAX_OCTETS", 200)
    bounded = Generator(ORDER)
    assert [bounded.write(key) for key in KEYS[:50]] == expected
    assert bounded.weight < usual.weight


DEEP: Json = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "next": {"$ref": "#/$defs/Node"},
                "more": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            },
        }
    },
}


def test_a_whole_of_pieces_that_were_proven_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # A pattern that isn't plain: what holds it is only known to be valid when it was looked at.
    piece: Json = {"type": "object", "required": ["n"], "properties": {"n": {"type": "string", "pattern": r"^\d+$"}}}
    generator = Generator({"type": "object", "required": ["a"], "properties": {"a": piece}})
    looked_at: list[Json] = []
    is_valid = generator._space.is_valid

    def look(value: Json) -> bool:
        looked_at.append(value["a"]["n"])
        return is_valid(value)

    monkeypatch.setattr(generator._space, "is_valid", look)
    for key in KEYS:
        generator.write(key)
    assert stocks.VARIANTS // 2 < len(looked_at) <= stocks.VARIANTS
    refused = Generator({"type": "object", "required": ["a"], "properties": {"a": piece}})
    monkeypatch.setattr(refused._space, "is_valid", lambda value: False)
    with pytest.raises(GenerationError):
        refused.write("0")


@pytest.mark.parametrize(
    "schema",
    [
        DEEP,
        # What the fast writer can't write stands at the top, below, or makes the whole uncertain.
        {"required": ["a"], "properties": {"a": {"const": 2**70}, "b": PERSON}, "type": "object"},
        {"required": ["a"], "properties": {"a": {"properties": {"b": {"const": 2**70}}}}, "type": "object"},
        {"required": ["a"], "properties": {"a": PERSON, "c": PERSON}, "not": {"required": ["c"]}, "type": "object"},
        {"allOf": [ORDER, {"required": ["note"], "properties": {"note": {"pattern": "^(?=a)[ab]+$"}}}]},
        {
            "properties": {"a": {"type": "integer", "examples": ["x", 3], "default": None}, "b": PERSON},
            "type": "object",
        },
        {"oneOf": [ORDER, {"type": "array", "minItems": 1, "items": {"type": "integer"}}]},
        {"type": ["object", "null"], "required": ["x"], "properties": {"x": {"anyOf": [PERSON, {"type": "null"}]}}},
    ],
)
def test_whatever_is_written_is_valid(schema: Json) -> None:
    validator = Validator(schema)
    values = written(schema, KEYS[:200])
    assert [violation for value in values for violation in validator.violations(value)] == []
