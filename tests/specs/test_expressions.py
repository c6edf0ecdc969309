from __future__ import annotations

import re
from decimal import Decimal
from importlib import resources

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.expressions import PROBLEM_MEMBERS, Context, ExpressionError, Message, compile_template
from understudy.specs.model import MISSING

CONTEXT = Context(
    url="https://api.test/pets/7?limit=5",
    method="POST",
    status_code=201,
    request=Message(
        path={"id": 7, "a.b": "dotted"},
        query={"limit": 5, "tags": ["x", "y"]},
        headers={"x-trace": "t-1"},
        body={"name": "Rex", "age": None, "tags": ["a", "b"], "a/b": {"~": 1}, "": 0, "ok": True}
        | {"price": Decimal("0.10"), "big": 123456789012345678901234567890},
    ),
    response=Message(headers={"location": "/pets/7"}, body=[{"id": "p-1"}]),
    problem={"kind": "conflict", "status": 409, "code": None, "violations": []},
    now="2026-01-02T03:04:05Z",
)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("$url", "https://api.test/pets/7?limit=5"),
        ("$method", "POST"),
        ("$statusCode", 201),
        ("$now", "2026-01-02T03:04:05Z"),
        ("$request.path.id", 7),
        ("$request.path.a.b", "dotted"),
        ("$request.query.tags", ["x", "y"]),
        ("$request.header.X-Trace", "t-1"),
        ("$response.header.Location", "/pets/7"),
        ("$response.body#/0/id", "p-1"),
        ("$response.body", [{"id": "p-1"}]),
        ("$request.body#/name", "Rex"),
        ("$request.body#/age", None),
        ("$request.body#/tags/1", "b"),
        ("$request.body#/a~1b/~0", 1),
        ("$request.body#/", 0),
        ("$problem.status", 409),
        ("$problem.code", None),
        ("$request.path.nope", MISSING),
        ("$request.query.nope", MISSING),
        ("$request.header.nope", MISSING),
        ("$request.body#/name/x", MISSING),
        ("$request.body#/tags/2", MISSING),
        ("$request.body#/tags/01", MISSING),
        ("$request.body#/tags/-", MISSING),
        ("$problem.detail", MISSING),
        ("pets/{$request.path.id}?n={$request.body#/name}", "pets/7?n=Rex"),
        ("{$request.body#/ok} {$request.body#/age} {$request.query.tags}", 'true null ["x","y"]'),
        ("{$request.body#/price} {$request.body#/big}", "0.10 123456789012345678901234567890"),
        ("a {$request.path.nope} b", MISSING),
        ("{literal} {} {{$method}}", "{literal} {} {POST}"),
        ("US$ 5", "US$ 5"),
        (
            {"a": "$method", "b": "$problem.detail", "c": [1, "$problem.detail", "$now"]},
            {"a": "POST", "c": [1, CONTEXT.now]},
        ),
        ({"$method": "$method"}, {"$method": "POST"}),
        ([["$problem.detail"], {"x": "$problem.detail"}], [[], {}]),
        ({"a": None, "b": [None]}, {"a": None, "b": [None]}),
        (12, 12),
        (None, None),
    ],
)
def test_a_template_has_its_value(template: Json, value: Json) -> None:
    assert compile_template(template).evaluate(CONTEXT) == value


@pytest.mark.parametrize(
    "expression",
    [
        "$url",
        "$method",
        "$statusCode",
        "$now",
        "$request.path.id",
        "$request.query.id",
        "$request.header.id",
        "$request.body",
        "$response.body#/x",
        "$response.header.id",
        *(f"$problem.{member}" for member in PROBLEM_MEMBERS),
    ],
)
def test_what_is_not_known_has_no_value(expression: str) -> None:
    assert compile_template(expression).evaluate(Context()) is MISSING
    assert compile_template(expression).evaluate(Context(request=Message(), response=Message())) is MISSING


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("$", "$"),
        ("$5.00", "$"),
        ("$ref", "$"),
        ("$requst.body", "$request.body"),
        ("$request.boddy#/x", "$request.body"),
        ("$request.cookie.a", "$request."),
        ("$request.body.x", "$request.body"),
        ("$request.body#x", "$request.body"),
        ("$request.body#/~2", "$request.body"),
        ("$request.body/x", "$request.body"),
        ("$response.path.id", "$response."),
        ("$response.query.id", "$response."),
        ("$request.header.a b", "$request.header"),
        ("$problem.detial", "$problem.detail"),
        ("$problem", "$problem."),
        ("$statuscode", "$statusCode"),
        ("$now ", "$now"),
        ("$url2", "$url"),
        ("x {$nwo} y", "$now"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_nearest(text: str, nearest: str) -> None:
    with pytest.raises(ExpressionError, match=rf"is no expression; nearest: {re.escape(nearest)}"):
        compile_template({"deep": [text]})


@pytest.mark.parametrize("text", ["$request.path", "$request.query", "$request.header", "$response.header"])
def test_a_source_needs_a_name(text: str) -> None:
    with pytest.raises(ExpressionError, match=rf"names no (header|parameter): {re.escape(text)}\.NAME"):
        compile_template(text)


def test_a_constant_is_known_as_one() -> None:
    value = {"a": [1, "{b}", None]}
    template = compile_template(value)
    assert template.is_constant
    assert template.evaluate(Context()) is value
    assert not compile_template([{"a": "$now"}]).is_constant


def test_the_text_lists_what_a_problem_has() -> None:
    text = resources.files("understudy.specs").joinpath("VOCABULARY.md").read_text("utf-8")
    assert set(re.findall(r"\$problem\.(\w+)` ?[|,a]", text)) == set(PROBLEM_MEMBERS)
