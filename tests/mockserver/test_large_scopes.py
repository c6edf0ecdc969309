"""A hundred thousand records in one scope: counted, filtered and cut by what requests ask for, within a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.mockserver.conftest import InProcess, build
from understudy.mockserver.app import create_app
from understudy.mockserver.settings import Settings
from understudy.mockserver.stores.dumps import FORMAT
from understudy.specs.behaviour import evaluation

MANY = 100_000
SHELVES = """
x-understudy:
  resources:
    shelf: {key: id, seed: [{id: s1}]}
    book:
      key: id
      parent: {resource: shelf, key: $request.path.shelf}
      derived: {loud: = upper(record.title)}
paths:
  /shelves/{shelf}:
    parameters: [{name: shelf, in: path, required: true, schema: {type: string}}]
    get:
      x-understudy:
        action:
          read: shelf
          key: $request.path.shelf
          with: {books: {resource: book, members: [genre]}}
          let: {genres: "= tally(books, 'genre')"}
          answer:
            count: = length(books)
            novels: = get(genres, 'novel', 0)
            atlases: = length(having(books, 'genre', 'atlas'))
      responses:
        '200':
          description: One.
          content: {application/json: {schema: {properties: {id: {}, count: {}, novels: {}, atlases: {}}}}}
        '404': {description: None.}
  /shelves/{shelf}/books:
    parameters: [{name: shelf, in: path, required: true, schema: {type: string}}]
    get:
      parameters:
        - {name: genre, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: offset, in: query, schema: {type: integer}}
      x-understudy:
        action:
          list: book
          where: = get(request.query, 'genre', record.genre) == record.genre
          order: [-pages]
          page: {limit: $request.query.limit, offset: $request.query.offset, defaultLimit: 3}
          items: /items
          answer: {total: = total}
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema:
                properties:
                  total: {type: integer}
                  items: {type: array, items: {properties: {id: {}, pages: {}, loud: {}}}}
  /shelves/{shelf}/count:
    parameters: [{name: shelf, in: path, required: true, schema: {type: string}}]
    get:
      x-understudy:
        action:
          read: shelf
          key: $request.path.shelf
          with: {books: {resource: book}}
          answer: {count: "= size(books.filter(book, book.genre == 'atlas'))"}
      responses:
        '200': {description: One., content: {application/json: {schema: {properties: {count: {}}}}}}
"""


@pytest.fixture(scope="module")
def shelf() -> Iterator[httpx.Client]:
    """A client of a mock with one shelf of many books: every tenth is an atlas, and each has one page more."""
    app = create_app([build(SHELVES)], Settings())
    books = [
        {"id": f"b{n}", "genre": "novel" if n % 10 else "atlas", "pages": n, "title": f"Volume {n}", "x": [n, n, n]}
        for n in range(1, MANY + 1)
    ]
    records = [{"key": each["id"], "ordinal": n, "members": each} for n, each in enumerate(books, start=1)]
    partition = {"resource": "book", "scope": ["s1"], "made": MANY, "given": MANY, "records": records}
    (served,) = app.state.mock.controls.apis
    asyncio.run(served.store.restore({"format": FORMAT, "offset": 0, "partitions": [partition]}))
    with httpx.Client(transport=InProcess(app), base_url="http://mock.test") as client:
        yield client


def test_all_of_a_large_scope_are_counted(shelf: httpx.Client) -> None:
    counts = {"count": MANY, "novels": MANY * 9 // 10, "atlases": MANY // 10}
    assert shelf.get("/shelves/s1").json() == {"id": "s1", **counts}


def test_a_large_list_is_cut_into_pages(shelf: httpx.Client) -> None:
    page = shelf.get("/shelves/s1/books?limit=2&offset=5").json()
    assert page["total"] == MANY
    assert [each["pages"] for each in page["items"]] == [MANY - 5, MANY - 6]
    assert page["items"][0]["loud"] == f"VOLUME {MANY - 5}"
    last = shelf.get(f"/shelves/s1/books?genre=atlas&offset={MANY // 10 - 1}").json()
    assert last["total"] == MANY // 10
    assert [each["id"] for each in last["items"]] == ["b10"]


def test_what_is_too_much_to_look_at_is_refused_clearly(shelf: httpx.Client) -> None:
    refused = shelf.get("/shelves/s1/count")
    assert refused.status_code == 503
    assert "more than 500,000 values in one expression" in refused.text


def test_what_one_request_looks_at_is_bounded_in_all(shelf: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MAX_WORK", MANY)
    refused = shelf.get("/shelves/s1/books")
    assert refused.status_code == 503
    assert "more than 100,000 values are to be looked at for one request" in refused.text
