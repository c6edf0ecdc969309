"""Branches of `oneOf` are taken from one another only as long as that doesn't make them too large."""

from __future__ import annotations

import jsonschema_rs
import pytest

from understudy.specs.documents.document import Json
from understudy.specs.generation import canonical_nodes
from understudy.specs.generation.generator import Generator
from understudy.specs.schemas.validation import Validator


def option(number: int) -> Json:
    return {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": number, "maxLength": 9 + number}},
    }


SCHEMA: Json = {"oneOf": [option(number) for number in range(3)]}


def test_branches_that_grow_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    branches = [jsonschema_rs.canonicalize(option(number)) for number in range(3)]
    assert canonical_nodes._exclusive(branches) != branches
    monkeypatch.setattr(canonical_nodes, "MAX_TOLD_APART", 10)
    assert canonical_nodes._exclusive(branches) == branches


@pytest.mark.parametrize("largest", [50_000, 10])
def test_values_are_found_either_way(monkeypatch: pytest.MonkeyPatch, largest: int) -> None:
    monkeypatch.setattr(canonical_nodes, "MAX_TOLD_APART", largest)
    generator, validator = Generator(SCHEMA), Validator(SCHEMA)
    for key in "abcdef":
        assert validator.is_valid(generator.generate(key))
