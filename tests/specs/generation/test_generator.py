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

from understudy.specs.documents.document import Json
from understudy.specs.generation.generator import Generator
from understudy.specs.schemas.validation import Validator

HARD: dict[str, Json] = json.loads((Path(__file__).parents[2] / "documents" / "hard-schemas.json").read_text())
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
from understudy.specs.generation.generator import Generator
digest = hashlib.sha256()
for name, schema in json.load(open(sys.argv[1])).items():
    generator = Generator(schema)
    for key in range(5):
        digest.update(json.dumps(generator.generate(str(key))).encode())
print(digest.hexdigest())
"""


def test_values_are_the_same_in_every_process() -> None:
    document = str(Path(__file__).parents[2] / "documents" / "hard-schemas.json")
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


def test_whatever_is_not_used_is_not_looked_at() -> None:
    unused = {f"Unused{number}": {"type": "object", "properties": {"x": {"type": "integer"}}} for number in range(300)}
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Used"}}, "$defs": {"Used": {}, **unused}}
    generator = Generator(schema)
    generator.generate("key")
    seen = {demand.pointer for demands, _ in generator._space._nodes for demand in demands}
    assert not any("Unused" in pointer for pointer in seen)
