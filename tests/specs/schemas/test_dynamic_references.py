"""`$dynamicRef` leads where the outermost schema on the way says, in validation and in generation."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

from understudy.specs.catalog import load_api
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction
from understudy.specs.schemas.schema import Schema

DOCUMENT = Path(__file__).parents[2] / "documents" / "openapi31-dynamic.yaml"


def schema_of(path: str) -> Schema:
    operation = load_api(str(DOCUMENT)).operations_by_name[f"GET {path}"]
    schema = operation.responses[0].content[0].schema
    assert schema is not None
    return schema


def page(*items: Json) -> Json:
    return {"items": list(items), "next": None}


@pytest.mark.parametrize(
    ("path", "valid", "invalid"),
    [
        ("/ships", [page({"sails": 3})], [page({"sails": 0}), page("word"), page({}), page()]),
        ("/words", [page("word", "ship")], [page({"sails": 3}), page("w"), {"items": ["word"]}]),
        ("/pages", [page("w"), page({"sails": 0}), page(None)], [page()]),
        (
            "/trees",
            [{"data": 1, "more": 2, "children": [{"data": 3, "more": 4, "children": []}]}],
            [{"data": 1, "children": [{"data": "three"}]}],
        ),
        (
            "/strict-trees",
            [{"data": 1, "children": [{"data": 3, "children": [{"data": 4}]}]}],
            [{"data": 1, "more": 2}, {"data": 1, "children": [{"data": 3, "children": [{"data": 4, "more": 5}]}]}],
        ),
    ],
)
def test_the_scope_decides(path: str, valid: list[Json], invalid: list[Json]) -> None:
    schema = schema_of(path)
    validator = schema.validator(Direction.RESPONSE)
    assert [value for value in valid if not validator.is_valid(value)] == []
    assert [value for value in invalid if validator.is_valid(value)] == []
    made_up = [schema.generator(Direction.RESPONSE).generate(str(key)) for key in range(20)]
    assert [value for value in made_up if not validator.is_valid(value)] == []


def test_another_implementation_agrees() -> None:
    """The same schemas with their `$id`s, given to a validator that follows `$dynamicRef` itself."""
    components = load_api(str(DOCUMENT)).operations[0].responses[0].content[0].schema
    assert components is not None
    root = components.space.resources.root.value["components"]["schemas"]
    for path, name in (("/ships", "ShipPage"), ("/words", "WordPage"), ("/strict-trees", "StrictTree")):
        whole = {"$ref": f"#/$defs/{name}", "$defs": root}
        theirs = jsonschema_rs.Draft202012Validator(whole)
        ours = schema_of(path).validator(Direction.RESPONSE)
        values: list[Json] = [page({"sails": 3}), page("word"), page("w"), page({"sails": 0}), page(), {"data": 1}]
        values += [{"data": 1, "more": 2}, {"data": 1, "children": [{"data": 3, "more": 5}]}]
        assert [ours.is_valid(value) for value in values] == [theirs.is_valid(value) for value in values]


def test_a_schema_is_told_apart_by_its_scope_and_only_where_it_matters() -> None:
    ships, words = (schema_of(path).standalone(Direction.RESPONSE) for path in ("/ships", "/words"))
    assert [name for name in ships["$defs"] if name.startswith("page")] == []
    assert len([name for name in ships["$defs"] if name.startswith("Page")]) == 1
    assert ships != words
