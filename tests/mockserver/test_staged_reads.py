"""What is read names more to be read: by a name before it, by the record at hand, by the item of a list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from understudy.specs.errors import UnsupportedKeyword

MakeClient = Callable[..., httpx.Client]

LIBRARY = """
x-understudy:
  resources:
    book:
      key: id
      seed: [{id: b1, author: a1, octets: AP8=}, {id: b2, author: a2}, {id: b3, author: gone}, {id: b4}]
    author: {key: id, seed: [{id: a1, name: Holt, town: t1}, {id: a2, name: Brandt, town: t9}]}
    town: {key: id, seed: [{id: t1, name: Bremen}]}
    loan: {key: id}
paths:
  /books:
    get:
      x-understudy:
        action:
          list: book
          with: {author: {resource: author, key: = record.author}}
          derived: {by: "= author == null ? null : author.name"}
      responses:
        '200':
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Book'}}}}
  /books/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      x-understudy:
        action:
          read: book
          key: $request.path.id
          with:
            author: {resource: author, key: = record.author}
            town: {resource: town, key: = author.town}
          answer: {by: = author.name, town: = town.name}
      responses:
        '200': {description: One., content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
        '404': {description: None.}
    delete:
      x-understudy:
        action:
          delete: book
          key: $request.path.id
          with:
            first: {resource: book, key: $request.path.id}
            author: {resource: author, key: = first.author}
          require:
            - {rule: = record.id != 'b2', problem: conflict, detail: Not this one}
            - {rule: "= author == null || author.name != 'Holt'", problem: forbidden, detail: Not of him}
            - {rule: = request.path.id != 'x', problem: invalid-parameter, detail: No such name}
      responses:
        '204': {description: Gone.}
        '400': {description: Odd.}
        '403': {description: No.}
        '404': {description: None.}
        '409': {description: Held.}
  /books/{id}/file:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      x-understudy: {action: {read: book, key: $request.path.id, answer: {'': = octets(record.octets)}}}
      responses: {'200': {description: The file., content: {application/octet-stream: {schema: {}}}}}
  /loans/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    put:
      x-understudy:
        action:
          upsert: loan
          key: $request.path.id
          with:
            book: {resource: book, key: $request.path.id}
            author: {resource: author, key: = book.author}
          set: {name: = author.name}
          also:
            - {upsert: town, each: "= ['t1', author.town]", key: = item, body: false, set: {lent: true}}
      responses:
        '200': {description: Lent., content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}}
  /towns:
    get:
      x-understudy: {action: {list: town, items: /towns, answer: {'': {many: = total}}}}
      responses: {'200': {description: All., content: {application/json: {schema: {type: object}}}}}
components:
  schemas:
    Book:
      type: object
      properties: {id: {type: string}, by: {type: [string, 'null']}, town: {type: string}, name: {type: string}}
"""


def test_a_record_of_a_list_is_shown_with_what_it_names(mock: MakeClient) -> None:
    assert mock(LIBRARY).get("/books").json() == [
        {"id": "b1", "by": "Holt"},
        {"id": "b2", "by": "Brandt"},
        {"id": "b3", "by": None},
        {"id": "b4", "by": None},
    ]


def test_a_key_names_what_was_read_before_it(mock: MakeClient) -> None:
    client = mock(LIBRARY)
    assert client.get("/books/b1").json() == {"id": "b1", "by": "Holt", "town": "Bremen"}
    assert client.get("/books/b2").json() == {"id": "b2", "by": "Brandt"}
    assert client.get("/books/b3").json() == {"id": "b3"}
    assert client.get("/books/none").status_code == 404


def test_what_is_done_besides_may_be_named_by_what_was_read(mock: MakeClient) -> None:
    client = mock(LIBRARY)
    assert client.put("/loans/b2").json()["name"] == "Brandt"
    assert client.get("/towns").json() == {"many": 2}


@pytest.mark.parametrize(("id_", "status"), [("x", 400), ("b1", 403), ("b2", 409), ("b3", 204), ("none", 404)])
def test_rules_that_need_no_record_come_first(mock: MakeClient, id_: str, status: int) -> None:
    assert mock(LIBRARY).delete(f"/books/{id_}").status_code == status


def test_a_whole_body_is_given_by_the_answer(mock: MakeClient) -> None:
    answer = mock(LIBRARY).get("/books/b1/file")
    assert (answer.headers["content-type"], answer.content) == ("application/octet-stream", b"\x00\xff")


def test_a_key_names_nothing_that_comes_after_it(mock: MakeClient) -> None:
    with pytest.raises(UnsupportedKeyword, match="mentions 'town'"):
        mock(LIBRARY.replace("key: = first.author", "key: = town.author"))


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_chain_is_followed_to_its_end(mock: MakeClient, store: str, tmp_path: Path) -> None:
    steps = "".join(f"            r{n + 1}: {{resource: town, key: = r{n}.next}}\n" for n in range(12))
    chain = LIBRARY.replace(
        "            first: ",
        "            r0: {resource: town, key: $request.path.id}\n" + steps + "            first: ",
    )
    towns = ", ".join(f"{{id: b{n}, next: b{n + 1}}}" for n in range(1, 20))
    state = "memory" if store == "memory" else f"sqlite:///{tmp_path / 'records.db'}"
    client = mock(chain.replace("{id: t1, name: Bremen}", towns), state=state)
    assert client.delete("/books/b3").status_code == 204
    assert client.delete("/books/nothing").status_code == 404
