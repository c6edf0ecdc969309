"""A schema that is too large to be compiled as a whole says the same in parts."""

from __future__ import annotations

import pytest

from tests.corpus.synthetic import make_document
from understudy.specs.build import build_api
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.model import Direction
from understudy.specs.schemas import parts as parts_module
from understudy.specs.schemas.kept import Kept
from understudy.specs.schemas.parts import Parts, can_be_split
from understudy.specs.schemas.validation import Validator
from understudy.specs.wire.json_bodies import dump_json

SCHEMA: Json = {
    "$ref": "#/$defs/Pet~1s",
    "$defs": {
        "Pet/s": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "friend": {"$ref": "#/$defs/Pet~1s"},
                "tags": {"type": "array", "items": {"oneOf": [{"$ref": "#/$defs/Tag"}, {"type": "null"}]}},
                "text": {"contentMediaType": "application/json", "contentSchema": {"$ref": "#/$defs/Tag"}},
                "no": {"not": {"$ref": "#/$defs/Tag"}},
                "never": {"$ref": "#/$defs/Never"},
            },
            "examples": [{"$ref": "#/$defs/Nowhere"}],
        },
        "Tag": {"type": "integer", "maximum": 3},
        "Never": False,
    },
}
VALUES: list[Json] = [
    {"name": "rex"},
    {"name": "rex", "friend": {"name": "tom", "friend": {"name": "x"}}, "tags": [1, None], "text": "2", "no": 5},
    {"name": "rex", "friend": {"name": "tom", "friend": {"name": 5}}},
    {"name": "rex", "friend": {}},
    {"name": "rex", "tags": [1, 4, "x"]},
    {"name": "rex", "text": "7"},
    {"name": "rex", "text": "{"},
    {"name": "rex", "no": 1},
    {"name": "rex", "never": 1},
    "rex",
]


@pytest.fixture
def _all_are_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "MIN_DEFINITIONS", 1)


@pytest.mark.usefixtures("_all_are_split")
@pytest.mark.parametrize("value", VALUES, ids=str)
def test_the_verdict_is_that_of_the_whole(value: Json) -> None:
    shared = Parts()
    whole, split = Validator(SCHEMA), Validator(SCHEMA, shared)
    assert split.is_valid(value) == whole.is_valid(value)
    expected = [(each.pointer, each.keyword, each.actual) for each in whole.violations(value)]
    found = [(each.pointer, each.keyword, each.actual) for each in split.violations(value)]
    if not any(isinstance(value, dict) and name in value for name in ("tags", "never")):
        assert found == expected
    assert [pointer for pointer, _, _ in found] == [pointer for pointer, _, _ in expected]


@pytest.mark.usefixtures("_all_are_split")
def test_what_is_referred_to_is_compiled_once() -> None:
    shared = Parts()
    for _ in range(2):
        assert Validator(SCHEMA, shared).is_valid(VALUES[1])
    assert sorted(shared.validators) == ["Pet/s", "Tag"]
    first = shared.validators["Tag"]
    assert Validator({"items": {"$ref": "#/$defs/Tag"}, "$defs": SCHEMA["$defs"]}, shared).is_valid([1])
    assert shared.validators["Tag"] is first


@pytest.mark.usefixtures("_all_are_split")
@pytest.mark.parametrize("keyword", ["unevaluatedProperties", "unevaluatedItems"])
def test_what_looks_through_references_is_left_whole(keyword: str) -> None:
    definitions = {"A": {"properties": {"a": {keyword: False}}}}
    assert not can_be_split({"$ref": "#/$defs/A", "$defs": definitions}, Parts())
    assert not can_be_split({"$ref": "#/$defs/A", keyword: False, "$defs": {"A": {}}}, Parts())
    assert can_be_split({"$ref": "#/$defs/A", "const": {keyword: False}, "$defs": {"A": {}}}, Parts())


def test_a_small_schema_is_left_whole() -> None:
    assert not can_be_split(SCHEMA, Parts())


@pytest.mark.parametrize("operations", [100, 600])
def test_a_dense_document_is_served_from_its_parts(operations: int) -> None:
    text = dump_json(make_document(operations))
    api = build_api(parse_document(text, "/dense.json"))
    assert len(api.operations) == operations
    for number in (0, operations // 2, operations - 1):
        schema = api.operations[number].responses[0].content[0].schema
        assert schema is not None
        value = schema.generator(Direction.RESPONSE).generate("0")
        assert Validator(schema.standalone(Direction.RESPONSE)).is_valid(value)  # as a whole
        assert not schema.validator(Direction.RESPONSE).is_valid({**value, "name": ""})


class Heavy:
    def __init__(self, weight: int) -> None:
        self.weight = weight


def test_what_was_not_used_for_longest_is_let_go() -> None:
    kept: Kept[str, Heavy] = Kept(10)
    made = {name: kept.get(name, lambda: Heavy(4)) for name in "ab"}
    assert kept.get("a", lambda: Heavy(0)) is made["a"]
    kept.get("c", lambda: Heavy(4))
    assert len(kept) == 2
    assert kept.get("a", lambda: Heavy(0)) is made["a"]
    assert kept.get("b", lambda: Heavy(4)) is not made["b"]
    assert len(kept) == 2


def test_one_that_is_too_heavy_is_kept_alone_and_what_grows_counts() -> None:
    kept: Kept[str, Heavy] = Kept(10)
    kept.get("a", lambda: Heavy(1))
    kept.get("huge", lambda: Heavy(99))
    assert len(kept) == 1
    growing = kept.get("b", lambda: Heavy(1))
    growing.weight = 20
    kept.get("c", lambda: Heavy(1))
    assert len(kept) == 1


def test_the_weight_is_that_of_the_text_whatever_it_is_divided_into() -> None:
    members = {f"m{number}": {"type": "string", "maxLength": number} for number in range(1000)}
    nested = Validator({"type": "object", "properties": members})
    assert nested.weight > 200_000
    assert Validator({"type": "object"}).weight < 1000


def test_what_a_pattern_repeats_weighs() -> None:
    plain = Validator({"type": "string", "pattern": "^a{1,9}$"})
    assert Validator({"type": "string", "pattern": r"^\S{1,2000}$"}).weight > 1_000_000 > plain.weight
    assert Validator({"description": "{1,2000}"}).weight < 10_000
