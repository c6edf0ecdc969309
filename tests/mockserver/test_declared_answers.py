"""Seed records in one scope, lists that are told in numbers, and one text for both forms of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.model import Api
from understudy.specs.wire.sse import Parser

MakeClient = Callable[..., httpx.Client]
MakeApi = Callable[..., Api]

DOCUMENT = """
x-understudy:
  resources:
    note: {key: id, scope: [$request.path.owner], seedScope: [ann], seed: [{id: one, words: 3}]}
    size: {singleton: true, scope: [$request.path.owner], defaults: {most: 7}}
paths:
  /{owner}/notes:
    parameters: [{name: owner, in: path, required: true, schema: {type: string}}]
    get:
      x-understudy: {action: {list: note, answer: {ids: '= records.map(r, r.id)', words: '= sum(records.map(r, r.words))'}}}
      responses: {'200': {description: '', content: {application/json: {schema: {type: object}}}}}
  /{owner}/notes/{id}:
    parameters:
      - {name: owner, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      x-understudy: {action: {read: note, key: $request.path.id}}
      responses: {'200': {description: '', content: {application/json: {schema: {type: object}}}}, '404': {description: ''}}
    delete:
      x-understudy: {action: {delete: note, key: $request.path.id}}
      responses: {'204': {description: ''}, '404': {description: ''}}
  /{owner}/say:
    parameters: [{name: owner, in: path, required: true, schema: {type: string}}]
    post: &say
      requestBody: {content: {application/json: {schema: {type: object}}}}
      x-understudy:
        action: &action
          read: size
          with: {size: {resource: size}}
          let: {most: '= size.most', half: '= most - 4'}
          text: "= join(take(split('a b c d e f g', ' '), get(request.body, 'few', false) ? half : most), ' ')"
          answer: {said: '= text', count: "= size(split(text, ' '))"}
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema: {type: object, properties: {said: {type: string}, count: {type: integer}}}
  /{owner}/stream:
    parameters: [{name: owner, in: path, required: true, schema: {type: string}}]
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      x-understudy: {action: *action}
      responses:
        '200':
          description: ''
          content:
            text/event-stream:
              itemSchema: {oneOf: [{$ref: '#/components/schemas/Piece'}, {$ref: '#/components/schemas/End'}]}
              x-understudy:
                stream: {repeated: '#/components/schemas/Piece', last: '#/components/schemas/End', text: /data/piece}
components:
  schemas:
    Piece:
      type: object
      required: [data]
      properties:
        data:
          type: string
          contentMediaType: application/json
          contentSchema: {type: object, required: [piece], properties: {piece: {type: string}}, additionalProperties: false}
    End:
      type: object
      required: [data]
      properties:
        data:
          type: string
          contentMediaType: application/json
          contentSchema: {type: object, required: [count], properties: {count: {type: integer}}, additionalProperties: false}
"""  # noqa: E501 - a document reads better with long lines


def test_seed_records_may_be_in_one_scope_only(mock: MakeClient) -> None:
    client = mock(DOCUMENT)
    assert client.get("/ann/notes/one").status_code == 200
    assert client.get("/bob/notes/one").status_code == client.delete("/bob/notes/one").status_code == 404
    assert client.delete("/ann/notes/one").status_code == 204
    assert client.get("/ann/notes/one").status_code == 404


def test_a_seed_scope_has_as_many_values_as_the_scope(make_api: MakeApi) -> None:
    with pytest.raises(UnsupportedKeyword, match="seedScope"):
        make_api(DOCUMENT.replace("seedScope: [ann]", "seedScope: [ann, bob]"))


def test_a_list_may_be_told_without_its_records(mock: MakeClient) -> None:
    client = mock(DOCUMENT)
    assert client.get("/ann/notes").json() == {"ids": ["one"], "words": 3}
    assert client.get("/bob/notes").json() == {"ids": [], "words": 0}


@pytest.mark.parametrize(("body", "said"), [({}, "a b c d e f g"), ({"few": True}, "a b c")])
def test_a_stream_carries_the_text_and_the_answers_of_the_buffered_form(
    mock: MakeClient, body: dict[str, bool], said: str
) -> None:
    client = mock(DOCUMENT, pace=0)
    count = len(said.split())
    assert client.post("/ann/say", json=body).json() == {"said": said, "count": count}
    *pieces, end = [
        json.loads(each.data or "") for each in Parser().feed(client.post("/ann/stream", json=body).content)
    ]
    assert "".join(each["piece"] for each in pieces) == said
    assert end == {"count": count}
