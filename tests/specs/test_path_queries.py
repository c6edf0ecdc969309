from __future__ import annotations

import pytest

from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.model import Direction, Operation


def read(path: str, parameters: str = "", version: str = "openapi: 3.1.0") -> Operation:
    text = f"{version}\ninfo: {{title: t, version: '1'}}\npaths: {{'{path}': {{get: {{parameters: [{parameters}]}}}}}}"
    return build_api(parse_document(text.encode(), "/small.yaml")).operations[0]


@pytest.mark.parametrize("version", ["openapi: 3.1.0", "swagger: '2.0'"])
def test_what_nobody_describes_is_required_with_its_one_value(version: str) -> None:
    operation = read("/a?view=short&x={x}", version=version)
    assert [(each.name, each.location.value, each.required) for each in operation.parameters] == [
        ("view", "query", True),
        ("x", "query", True),
    ]
    view, free = (each.schema for each in operation.parameters)
    assert view is not None
    assert free is not None
    assert [view.validator(Direction.REQUEST).is_valid(value) for value in ("short", "long")] == [True, False]
    assert free.validator(Direction.REQUEST).is_valid("anything")


def test_a_path_parameter_that_only_the_query_has_is_one_of_the_query() -> None:
    described = "{name: page, in: path, required: true, schema: {type: integer}}, {name: id, in: path, required: true}"
    operation = read("/a/{id}?p={page}&id={id}", described)
    assert [(each.name, each.location.value) for each in operation.parameters] == [("p", "query"), ("id", "path")]


def test_what_is_described_stays_as_it_is() -> None:
    operation = read("/a?view=short", "{name: view, in: query, schema: {type: string}}")
    assert [(each.name, each.required) for each in operation.parameters] == [("view", False)]


@pytest.mark.parametrize("path", ["/a", "/a#b?c=d", "/a/{b?c=d}", "/a?"])
def test_other_paths_have_none(path: str) -> None:
    assert read(path).parameters == ()
