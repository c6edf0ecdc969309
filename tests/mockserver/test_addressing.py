"""Which records actions are about: found by members, each of many, of several parents; and what they then say."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.apps.small_api import api_of
from understudy.specs.documents.document import Json
from understudy.specs.errors import UnsupportedKeyword

MakeClient = Callable[..., httpx.Client]
SHELVES = """
paths:
  /shelves:
    post: &create
      requestBody: {content: {application/json: {schema: {type: object}}}}
      x-understudy: {action: {create: shelf}}
      responses: &ok
        '200':
          description: Fine.
          content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}
  /shelves/{shelf}:
    parameters: &shelf [{name: shelf, in: path, required: true, schema: {type: string}}]
    delete:
      x-understudy: {action: {delete: shelf, key: $request.path.shelf}}
      responses: *ok
  /shelves/{shelf}/books:
    parameters: *shelf
    get:
      x-understudy: {action: {list: book}}
      responses: &books
        '200':
          description: Books.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Book'}}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      x-understudy:
        action:
          upsert: book
          find: {handle: = lower(request.body.title)}
          answer: {counts: = counts, key: = record.id}
      responses: &counted
        '200':
          description: Counted.
          content:
            application/json:
              schema: {type: object, properties: {counts: {type: object}, key: {type: string}}}
    post:
      requestBody: {content: {application/json: {schema: {type: array}}}}
      x-understudy:
        action:
          upsert: book
          find: {handle: = lower(item.title)}
          each: $request.body
          require: [{rule: = item.title != 'forbidden', problem: conflict, detail: Not this one}]
          set: {changes: "= get(record, 'changes', 0) + 1"}
          answer: {counts: = counts}
      responses: *counted
    delete:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      x-understudy: {action: {delete: book, find: {title: $request.body#/title}}}
      responses: *ok
    patch:
      x-understudy:
        action:
          update: book
          with: {books: {resource: book, members: [id]}}
          each: = books
          key: = item.id
          body: false
          set: {read: true}
          answer: {counts: = counts, seen: = books}
      responses: *counted
  /search:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      x-understudy:
        action:
          list: book
          of: $request.body#/shelves
          with: {books: {resource: book, of: $request.body#/shelves, members: [title]}}
          derived: {rank: = length(record.title), others: = size(books) - 1}
          where: = record.rank > 1
          order: [-rank]
          page: {limit: $request.body#/top}
      responses: *books
components:
  schemas:
    Book:
      type: object
      properties:
        id: {type: string}
        title: {type: string}
        pages: {type: integer}
        changes: {type: integer}
        read: {type: boolean}
        rank: {type: integer}
        others: {type: integer}
x-understudy:
  resources:
    shelf: {key: id, seed: [{id: seeded}]}
    book:
      key: id
      parent: {resource: shelf, key: $request.path.shelf}
      derived: {handle: = lower(record.title)}
      seedScope: [seeded]
      seed: [{id: b1, title: Seed}]
"""


@pytest.fixture
def client(mock: MakeClient) -> httpx.Client:
    return mock(SHELVES)


def shelf(client: httpx.Client) -> str:
    return str(client.post("/shelves", json={}).json()["id"])


def books(client: httpx.Client, where: str) -> list[Json]:
    return list(client.get(f"/shelves/{where}/books").json())


def load(client: httpx.Client, where: str, *lines: Json) -> tuple[int, int, int]:
    counts = client.post(f"/shelves/{where}/books", json=list(lines)).json()["counts"]
    return counts["created"], counts["changed"], counts["unchanged"]


def test_a_record_is_found_by_what_is_derived_of_it(client: httpx.Client) -> None:
    where = shelf(client)
    first, second, third = (
        client.put(f"/shelves/{where}/books", json=each).json()
        for each in ({"title": "Reef"}, {"title": "REEF", "pages": 9}, {"title": "Tide"})
    )
    assert first["key"] == second["key"] != third["key"]
    assert [each["counts"]["created"] for each in (first, second, third)] == [1, 0, 1]
    assert [(each["title"], each.get("pages")) for each in books(client, where)] == [("REEF", 9), ("Tide", None)]


def test_what_is_not_found_is_not_deleted_and_without_a_value_nothing_is_named(client: httpx.Client) -> None:
    path = "/shelves/seeded/books"
    assert client.request("DELETE", path, json={"title": "seed"}).status_code == 404
    assert client.request("DELETE", path, json={}).status_code == 404
    assert client.request("DELETE", path, json={"title": None}).status_code == 404
    assert client.request("DELETE", path, json={"title": "Seed"}).status_code == 200
    assert books(client, "seeded") == []


def test_each_item_sees_what_those_before_it_did(client: httpx.Client) -> None:
    where = shelf(client)
    assert load(client, where, {"title": "a"}, {"title": "A", "pages": 1}, {"title": "b"}, {"title": "b"}) == (2, 1, 1)
    assert [(each["title"], each["changes"]) for each in books(client, where)] == [("A", 2), ("b", 1)]
    assert len({each["id"] for each in books(client, where)}) == 2


def test_an_item_that_brings_nothing_new_changes_nothing(client: httpx.Client) -> None:
    where = shelf(client)
    lines: list[Json] = [{"title": f"book {number}", "pages": number} for number in range(60)]
    assert load(client, where, *lines) == (60, 0, 0)
    before = books(client, where)
    assert load(client, where, *lines) == (0, 0, 60)
    assert books(client, where) == before
    assert load(client, where, {"title": "book 7"}, {"title": "book 8", "pages": 0}) == (0, 1, 1)
    assert load(client, where) == (0, 0, 0)


def test_all_items_are_done_or_none(client: httpx.Client) -> None:
    where = shelf(client)
    answer = client.post(f"/shelves/{where}/books", json=[{"title": "a"}, {"title": "forbidden"}, {"title": "b"}])
    assert answer.status_code == 409
    assert books(client, where) == []
    assert client.post("/shelves/none/books", json=[{"title": "a"}]).status_code == 404


def test_what_is_read_can_be_changed_one_by_one(client: httpx.Client) -> None:
    where = shelf(client)
    load(client, where, {"title": "a"}, {"title": "b"})
    answer = client.patch(f"/shelves/{where}/books").json()
    assert answer["counts"] == {"created": 0, "changed": 2, "unchanged": 0}
    assert [each["read"] for each in books(client, where)] == [True, True]
    assert client.patch(f"/shelves/{shelf(client)}/books").json()["counts"]["changed"] == 0


def test_a_reading_shows_the_members_that_it_names(mock: MakeClient) -> None:
    document = SHELVES.replace("{counts: {type: object}, key", "{counts: {type: object}, seen: {type: array}, key")
    client = mock(document)
    assert client.patch("/shelves/seeded/books").json()["seen"] == [{"id": "b1"}]


def test_a_list_is_of_several_parents(client: httpx.Client) -> None:
    one, two, three = (shelf(client) for _ in range(3))
    for where, titles in ((one, ("aa", "b")), (two, ("cccc",)), (three, ("eee",))):
        load(client, where, *({"title": title} for title in titles))

    def found(*shelves: str, **more: Json) -> list[tuple[str, int, int]]:
        answer = client.post("/search", json={"shelves": list(shelves), **more})
        return [(each["title"], each["rank"], each["others"]) for each in answer.json()]

    assert found(one, two) == [("cccc", 4, 2), ("aa", 2, 2)]
    assert found(two, two, "nowhere", three, top=1) == [("cccc", 4, 1)]
    assert found("nowhere") == found() == []
    assert found("seeded") == [("Seed", 4, 0)]
    client.delete("/shelves/seeded")
    assert found("seeded") == []


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"list": "book", "each": "$request.body"}, "list isn't done for each of many"),
        ({"read": "book", "each": "$request.body"}, "read isn't done for each of many"),
        ({"update": "book", "set": {"a": "= item.a"}}, "mentions 'item'"),
        ({"update": "book", "answer": {"a": "= counts.changed"}}, "mentions 'counts'"),
    ],
)
def test_what_can_not_be_done_for_each_is_refused(action: Json, reason: str) -> None:
    with pytest.raises(UnsupportedKeyword, match=reason):
        refuse(action, {"book": {"key": "id"}})


@pytest.mark.parametrize("more", [{"scope": ["$request.path.x"]}, {"parent": {"resource": "shelf", "key": "k"}}])
def test_records_that_are_credentials_have_no_scope(more: Json) -> None:
    key = {"key": "id", "credential": {"member": "secret"}, **more}
    with pytest.raises(UnsupportedKeyword, match="drop scope and parent"):
        refuse({"list": "key"}, {"key": key, "shelf": {"key": "id"}})


def refuse(action: Json, resources: Json) -> None:
    operation = {"x-understudy": {"action": action}, "responses": {"200": {"description": "Fine."}}}
    api_of({"/x": {"post": operation}}, **{"x-understudy": {"resources": resources}})
