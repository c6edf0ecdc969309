"""What records have a say in besides bodies: headers, error codes of one operation, wishes, long texts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from understudy.mockserver.settings import Clock
from understudy.mockserver.stores import limits, memory

MakeClient = Callable[..., httpx.Client]

NOTES = """
paths:
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
      x-understudy:
        action:
          create: note
          headers: {location: "= '/notes/' + record.id", X-Length: "= length(request.body.text)", X-Unknown: here}
      responses:
        '201':
          description: Made.
          headers:
            Location: {required: true, schema: {type: string}}
            X-Length: {schema: {type: integer}}
            X-Plain: {schema: {type: string}, example: always}
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
    get:
      x-understudy: {action: {list: note}}
      responses:
        '200':
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      x-understudy:
        action: {read: note, key: $request.path.id}
        errors: {kinds: {resource-not-found: {code: NO_NOTE, body: {hint: Make one}}}}
      responses: &one
        '200':
          description: One.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Note'}
              examples: {shopping: {value: {id: s, text: Milk}}, other: {value: {id: o, text: Tea}}}
        '404': {description: None., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
        '410': {description: Gone., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
    delete:
      x-understudy:
        action: {delete: note, key: $request.path.id}
        errors: {kinds: {resource-not-found: {status: 410}}}
      responses: *one
    put:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      x-understudy: {action: {update: note, key: $request.path.id}}
      responses: *one
components:
  schemas:
    Note: {type: object, required: [id], properties: {id: {type: string}, text: {type: string}, size: {type: integer}}}
    Error: {type: object, required: [code], properties: {code: {type: string}, hint: {type: string}}}
x-understudy:
  resources:
    note: {key: id, derived: {size: = length(record.text)}}
  errors:
    envelopes: [{schema: '#/components/schemas/Error', body: {code: $problem.code}}]
    kinds: {resource-not-found: {status: 404, code: MISSING}}
"""


def test_a_header_is_what_the_action_says(mock: MakeClient) -> None:
    made = mock(NOTES).post("/notes", json={"text": "Milk"})
    assert made.headers["location"] == f"/notes/{made.json()['id']}"
    assert made.headers.get_list("x-length") == ["4"]
    assert made.headers["x-plain"] == "always"
    assert "x-unknown" not in made.headers


def test_an_operation_has_its_own_words_for_a_problem(mock: MakeClient) -> None:
    client = mock(NOTES)
    found = {method: client.request(method, "/notes/none", json={}) for method in ("GET", "DELETE", "PUT")}
    assert {method: (answer.status_code, answer.json()) for method, answer in found.items()} == {
        "GET": (404, {"code": "NO_NOTE", "hint": "Make one"}),
        "DELETE": (410, {"code": "MISSING"}),
        "PUT": (404, {"code": "MISSING"}),
    }


def test_a_wish_is_no_question_to_the_records(mock: MakeClient) -> None:
    client = mock(NOTES)
    assert client.get("/notes/none", headers={"prefer": "code=200"}).json() == {"id": "s", "text": "Milk"}
    assert client.get("/notes/none", headers={"prefer": "example=other"}).json() == {"id": "o", "text": "Tea"}
    assert client.post("/notes", json={"text": "x"}, headers={"prefer": "code=201"}).status_code == 201
    assert client.get("/notes").json() == []


def test_a_long_text_does_not_reach_expressions_that_do_not_name_it(mock: MakeClient) -> None:
    client = mock(NOTES)
    text = "é" * (1024 * 1024)
    made = client.post("/notes", json={"text": text})
    assert made.headers["x-length"] == "1048576"
    assert client.get(f"/notes/{made.json()['id']}").json() == {"id": made.json()["id"], "text": text, "size": 1048576}


TICKETS = """
x-understudy:
  resources:
    ticket: {key: id, expires: until, defaults: {until: "= now + duration('60s')"}}
    flag: {key: on}
paths:
  /tickets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    put:
      x-understudy: {action: {create: ticket, key: $request.path.id}}
      responses: {'201': {description: Made.}, '503': {description: No.}}
    get:
      x-understudy: {action: {read: ticket, key: $request.path.id}}
      responses: {'200': {description: There.}, '404': {description: Not there.}}
  /flags:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      x-understudy: {action: {create: flag}}
      responses: {'201': {description: Made.}}
  /flags/{on}:
    parameters: [{name: 'on', in: path, required: true, schema: {type: boolean}}]
    get:
      x-understudy: {action: {read: flag, key: $request.path.on}}
      responses: {'200': {description: There.}, '404': {description: Not there.}}
"""


def test_what_has_expired_makes_room_in_a_full_store(mock: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    times = [datetime(2026, 1, 1, tzinfo=UTC)]
    monkeypatch.setattr(memory, "Limits", lambda: limits.Limits(records=2))
    client = mock(TICKETS, clock=Clock(lambda: times[-1], asyncio.sleep))
    assert [client.put(f"/tickets/{name}").status_code for name in "abc"] == [201, 201, 503]
    assert client.get("/tickets/a").status_code == 200
    times.append(times[0] + timedelta(seconds=61))
    assert client.put("/tickets/c").status_code == 201
    assert [client.get(f"/tickets/{name}").status_code for name in "abc"] == [404, 404, 200]


def test_a_key_is_written_as_requests_name_it(mock: MakeClient) -> None:
    client = mock(TICKETS)
    assert client.post("/flags", json={"on": True}).status_code == 201
    assert [client.get(f"/flags/{value}").status_code for value in ("true", "false")] == [200, 404]


CHAT = """
paths:
  /chat:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {say: {type: string}, how: {type: object}}}
      x-understudy:
        action:
          read: account
          answer:
            id: = digest(text)
            /choices/0/message/content: = text
            /choices/0/end: = 'stop'
            /choices/1/end: = 'spare'
            usage: {words: "= size(split(text, ' '))"}
            extra: 1
      responses:
        '200':
          description: The answer.
          content:
            application/json:
              schema:
                type: object
                required: [id, choices, usage]
                properties:
                  id: {type: string}
                  choices:
                    type: array
                    items:
                      type: object
                      required: [message]
                      properties: {message: {$ref: '#/components/schemas/Message'}, end: {type: string}}
                  usage: {$ref: '#/components/schemas/Usage'}
                  extra: {type: integer}
            text/event-stream:
              itemSchema: {anyOf: [{$ref: '#/components/schemas/Piece'}, {$ref: '#/components/schemas/Last'}]}
              x-understudy:
                stream:
                  when: {$request.body#/how/streamed: true}
                  repeated: '#/components/schemas/Piece'
                  last: '#/components/schemas/Last'
                  text: /data/delta
                  ping: {comment: true, item: {event: ping, data: x}, everySeconds: 10}
components:
  schemas:
    Message: {type: object, required: [role], properties: {role: {const: speaker}, content: {type: string}}}
    Usage: {type: object, properties: {words: {type: integer}}}
    Piece:
      type: object
      required: [data]
      properties:
        data:
          type: string
          contentMediaType: application/json
          contentSchema:
            type: object
            required: [delta]
            properties: {delta: {type: string}, id: {type: string}, usage: {type: 'null'}}
    Last:
      type: object
      required: [data]
      properties:
        data:
          type: string
          contentMediaType: application/json
          contentSchema:
            type: object
            required: [end]
            properties: {end: {const: true}, usage: {$ref: '#/components/schemas/Usage'}}
x-understudy: {resources: {account: {singleton: true}}}
"""


def test_an_answer_goes_into_arrays(mock: MakeClient) -> None:
    body = mock(CHAT).post("/chat", json={"say": "Hello"}).json()
    first, second = body["choices"]
    assert first == {"message": {"role": "speaker", "content": first["message"]["content"]}, "end": "stop"}
    assert (second["message"]["role"], second["end"]) == ("speaker", "spare")
    assert body["usage"] == {"words": len(first["message"]["content"].split(" "))}
    assert body["extra"] == 1


def test_a_stream_says_the_same_however_it_was_asked_for(mock: MakeClient) -> None:
    client = mock(CHAT, pace=0)
    body = client.post("/chat", json={"say": "Hello", "how": {}}).json()
    text = client.post("/chat", json={"say": "Hello", "how": {"streamed": True}}).text
    items = [json.loads(line.removeprefix("data: ")) for line in text.split("\n") if line.startswith("data: ")]
    *pieces, last = items
    assert "".join(each["delta"] for each in pieces) == body["choices"][0]["message"]["content"]
    # What an item's schema has no place for isn't put there; what it has is, although it needn't be there.
    assert last == {"end": True, "usage": body["usage"]}
    assert {each["id"] for each in pieces} == {body["id"]}
    assert all(each.keys() <= {"delta", "id", "usage"} and each.get("usage") is None for each in pieces)
    other = client.post("/chat", json={"say": "Bye", "how": {}}).json()
    assert other["id"] != body["id"]


def test_a_ping_that_may_be_an_event_is_sent_as_a_comment(mock: MakeClient) -> None:
    async def sleep(_: float) -> None:
        return None

    client = mock(CHAT, pace=15, clock=Clock(lambda: datetime(2026, 11, 20, tzinfo=UTC), sleep))
    text = client.post("/chat", json={"how": {"streamed": True}}).text
    assert text.count(": ping\n\n") == text.count("data: ") - 1
    assert "event:" not in text


PETS = """
paths:
  /pets:
    post:
      requestBody: {required: true, content: {application/json: {schema: &pet {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {description: Made., content: {application/json: {schema: *pet}}}}
      x-understudy: {action: {create: pet}}
components:
  schemas:
    Pet:
      type: object
      required: [id]
      properties: {id: {type: integer, minimum: 1, maximum: 2000, readOnly: true}, name: {type: string}}
x-understudy: {resources: {pet: {key: id}}}
"""


def test_a_key_that_clients_may_not_send_is_counted_up_though_the_request_has_the_same_schema(mock: MakeClient) -> None:
    client = mock(PETS)
    assert [client.post("/pets", json={"name": "Rex"}).json()["id"] for _ in range(150)] == list(range(1, 151))
