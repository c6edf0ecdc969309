"""Every schema of every shipped document can be generated from, and a second validator agrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import jsonschema
import pytest

from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.documents.document import Json
from understudy.specs.generation.generator import Generator
from understudy.specs.model import Api, Direction, MediaType, Operation
from understudy.specs.schemas.schema import Schema
from understudy.specs.schemas.validation import Validator

FEW = 3
MANY = 1_000
SECOND_OPINIONS = 30
"""How many of the values the slower validator sees."""


def schemas_of(api: Api) -> dict[tuple[str, Direction], Schema]:
    """All schemas by place and direction."""
    found: dict[tuple[str, Direction], Schema] = {}
    for operation in api.operations:
        for direction, schema in schemas_of_operation(operation):
            found[(str(schema.origin), direction)] = schema
    return found


def schemas_of_operation(operation: Operation) -> Iterator[tuple[Direction, Schema]]:
    sent: list[Schema | None] = [parameter.schema for parameter in operation.parameters]
    contents = [content for parameter in operation.parameters if (content := parameter.content) is not None]
    if operation.request_body is not None:
        contents.extend(operation.request_body.content)
    sent.extend(schemas_in(contents))
    received: list[Schema | None] = []
    for response in operation.responses:
        received.extend(header.schema for header in response.headers)
        received.extend(schemas_in(list(response.content)))
    for direction, schemas in ((Direction.REQUEST, sent), (Direction.RESPONSE, received)):
        yield from ((direction, schema) for schema in schemas if schema is not None)


def schemas_in(contents: list[MediaType]) -> Iterator[Schema | None]:
    for content in contents:
        yield content.schema
        yield content.item_schema


def check_document(name: str, count: int) -> None:
    schemas = schemas_of(load_api(name))
    assert len(schemas) > 20
    for (place, direction), schema in schemas.items():
        generative = schema.generative(direction)
        generator = Generator(generative, place=place, name=schema.name)
        values = [generator.generate(str(key), minimal=key % 10 == 9) for key in range(count)]
        accepts = Validator(schema.standalone(direction)).is_valid
        assert [value for value in values if not accepts(value)] == [], place
        assert_valid_elsewhere(generative, values[:SECOND_OPINIONS])


def assert_valid_elsewhere(schema: Json, values: list[Json]) -> None:
    text = json.dumps(schema)
    if "contentSchema" in text:
        # JSON Schema doesn't assert content, so branches that only differ in that are all the same to others.
        text = text.replace('"oneOf"', '"anyOf"')
    exact = json.loads(text, parse_float=Decimal)
    validator = jsonschema.Draft202012Validator(exact, format_checker=jsonschema.FormatChecker())
    for value in values:
        validator.validate(json.loads(json.dumps(value), parse_float=Decimal))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_schema_of_a_shipped_document(name: str) -> None:
    check_document(name, FEW)


@pytest.mark.deep
@pytest.mark.parametrize("name", SHIPPED)
def test_many_values_of_every_schema_of_a_shipped_document(name: str) -> None:
    check_document(name, MANY)
