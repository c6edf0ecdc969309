"""A discriminator is kept by what is made up, unless no value that keeps it is allowed."""

from __future__ import annotations

import pytest

from understudy.specs.build import build_api
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.model import Direction
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.json_bodies import dump_json


def schema(branches: dict[str, Json], keyword: str = "oneOf") -> Schema:
    references = [{"$ref": f"#/components/schemas/{name}"} for name in branches]
    payment = {keyword: references, "discriminator": {"propertyName": "means"}}
    content = {"application/json": {"schema": {"type": "array", "minItems": 3, "items": payment}}}
    document: Json = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "d", "content": content}}}}},
        "components": {"schemas": branches},
    }
    found = build_api(parse_document(dump_json(document), "/a.json")).operations[0].responses[0].content[0].schema
    assert found is not None
    return found


def one(**members: Json) -> Json:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in members.items()}}


def test_branches_that_can_be_told_apart_are_named() -> None:
    told = schema({"Card": {**one(number="string"), "required": ["number"]}, "Cash": {**one(), "maxProperties": 1}})
    for key in "abcdef":
        for payment in told.generator(Direction.RESPONSE).generate(key):
            assert payment["means"] == ("Card" if "number" in payment else "Cash")


@pytest.mark.parametrize("key", list("abcdef"))
def test_what_fits_several_branches_because_of_its_name_is_not_made(key: str) -> None:
    untold = schema({"Card": one(number="string"), "Transfer": one(number="integer", origin="string")})
    made = untold.generator(Direction.RESPONSE).generate(key)
    assert untold.validator(Direction.RESPONSE).violations(made) == ()


def test_without_a_discriminator_nothing_is_advised() -> None:
    plain = schema({"Card": one(number="string")}, "anyOf")
    assert type(plain.generator(Direction.RESPONSE)).__name__ == "AdvisedGenerator"
    items = plain.find_items()
    assert items is not None
    branch = next(iter(items.node.items("anyOf")))
    assert type(plain.space.schema(branch).generator(Direction.RESPONSE)).__name__ == "Generator"


def test_what_is_made_both_ways_weighs_together() -> None:
    untold = schema({"Card": one(number="string"), "Transfer": one(number="integer", origin="string")})
    generator = untold.generator(Direction.RESPONSE)
    assert generator.weight == 0
    generator.generate("a")
    assert generator.weight > 1000
