"""What lists are asked for: filters that records fit, halves of what they have, pages, and cursors that were told."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.apps.small_api import api_of
from understudy.contracts.conversation.knowledge import Knowledge, Made
from understudy.contracts.conversation.querying import Questions
from understudy.contracts.conversation.trust import trust_in
from understudy.specs.documents.document import Json
from understudy.specs.model import Api, Location, Operation

ACTION: dict[str, Any] = {
    "list": "pet",
    "items": "/pets",
    "where": "= (!has(request.query.tag) || record.tags.exists(t, t == request.query.tag))"
    " && (!has(request.query.kind) || record.kind == request.query.kind)",
    "page": {"limit": "$request.query.limit", "offset": "= int(get(request.query, 'page', 0)) * 2"},
    "answer": {"next_cursor": "= total > 2 ? records[1].id : null"},
}


def parameter(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def api() -> Api:
    parameters = [
        parameter("tag", type="string", minLength=1),
        parameter("kind", enum=["cat", "dog"]),
        parameter("limit", type="integer", minimum=1),
        parameter("page", type="integer", minimum=0),
        parameter("cursor", type="string"),
    ]
    get = {"parameters": parameters, "x-understudy": {"action": ACTION}, "responses": {"200": {"description": ""}}}
    return api_of({"/pets": {"get": get}}, **{"x-understudy": {"resources": {"pet": {"key": "id"}}}})


class Asked:
    def __init__(self) -> None:
        self.operation: Operation = api().operations[0]
        self.known = Knowledge(trust_in(api()))
        self.questions = Questions(Random(3), lambda schema, place: "made up")
        for number, members in enumerate(
            ({"tags": ["river"], "kind": "cat"}, {"tags": ["hill", "ice"], "kind": "fox"})
        ):
            name = ("pet", (), f"key-{number}")
            self.known.made[number] = Made(name, name[2])
            self.known.memory.set_members(name, members)

    def values(self, name: str, **options: float) -> set[Json]:
        """All that one parameter is set to."""
        action = self.operation.action
        assert action is not None
        asked = next(each for each in self.operation.parameters if each.name == name)
        chosen = [self.questions.about(self.operation, action, asked, self.known, **options) for _ in range(60)]
        return {value for each in chosen for value in each.values()}


@pytest.mark.parametrize(
    ("name", "part", "expected"),
    [
        ("tag", 0.0, {"river", "hill", "ice", "cat", "fox"}),
        ("tag", 1.0, {"ri", "hi", "i", "c", "f"}),
        ("kind", 0.0, {"cat"}),
        ("kind", 1.0, set()),
    ],
)
def test_a_filter_takes_what_records_have_or_its_beginning(name: str, part: float, expected: set[Json]) -> None:
    assert Asked().values(name, part=part) - {"made up"} == expected


def test_a_cursor_is_one_that_was_told() -> None:
    asked = Asked()
    asked.known.told[asked.operation.label] = {"next_cursor": "key-1"}
    assert asked.values("cursor") - {"made up"} == {"key-1"}
    assert "key-1" not in asked.values("tag")
    filters = asked.questions.filters(asked.operation, asked.operation.action)  # type: ignore[arg-type]  # it has one
    assert [each.name for each in asked.questions.continued(asked.operation, filters, asked.known)] == ["cursor"]


def test_pages_are_small_and_no_filters() -> None:
    asked = Asked()
    action = asked.operation.action
    assert action is not None
    pages = [asked.questions.page(asked.operation, action) for _ in range(40)]
    assert {place for page in pages for place in page} == {(Location.QUERY, "limit"), (Location.QUERY, "page")}
    assert {value for page in pages for value in page.values()} == {0, 1, 2, 3}
    assert all(page[Location.QUERY, "limit"] != 0 for page in pages)
    names = [each.name for each in asked.questions.filters(asked.operation, action)]
    assert names == ["tag", "kind", "cursor"]
