from __future__ import annotations

import pytest

from understudy.mockserver.conditions import Condition
from understudy.specs.documents.document import Json
from understudy.specs.expressions import Context, Message

REQUEST = Context(request=Message(query={"n": 1, "s": "x"}, headers={"x-a": None}, body={"on": True, "list": [1]}))


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ({}, True),
        ({"$request.body#/on": True}, True),
        ({"$request.body#/on": 1}, False),
        ({"$request.body#/on": False}, False),
        ({"$request.query.n": 1}, True),
        ({"$request.query.n": 1.0}, True),
        ({"$request.query.n": True}, False),
        ({"$request.query.n": 1, "$request.query.s": "x"}, True),
        ({"$request.query.n": 1, "$request.query.s": "y"}, False),
        ({"$request.header.X-A": None}, True),
        ({"$request.header.X-B": None}, False),
        ({"$request.body#/list": [1]}, True),
        ({"$request.body#/list/0": 1}, True),
        ({"$request.body#/none": None}, False),
    ],
)
def test_every_expression_must_have_its_value(wanted: dict[str, Json], holds: bool) -> None:
    assert Condition(wanted).holds(REQUEST) is holds
