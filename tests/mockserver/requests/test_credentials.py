"""Records that are credentials: what authenticates, and until when."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from understudy.mockserver.settings import Clock, Validation

MakeClient = Callable[..., httpx.Client]
KEYS = """
paths:
  /keys:
    post:
      security: [{}]
      requestBody: {content: {application/json: {schema: {type: object}}}}
      x-understudy: {action: {create: key}}
      responses: &key
        '200': {description: Key., content: {application/json: {schema: {$ref: '#/components/schemas/Key'}}}}
  /keys/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    delete:
      security: [{}]
      x-understudy: {action: {delete: key, key: $request.path.id}}
      responses: *key
  /things:
    get:
      responses: &things {'200': {description: Things.}, '401': {description: Who are you?}}
  /open:
    get:
      security: [{bearer: []}, {}]
      responses: *things
  /both:
    get:
      security: [{bearer: [], header: []}]
      responses: *things
components:
  schemas:
    Key: {type: object, properties: {id: {type: string}, secret: {type: string}}}
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    basic: {type: http, scheme: basic}
    query: {type: apiKey, in: query, name: key}
    header: {type: apiKey, in: header, name: X-Key}
security: [{bearer: []}, {basic: []}, {query: []}]
x-understudy:
  resources:
    key:
      key: id
      expires: ends
      credential: {member: secret, prefix: sk-}
      defaults: {secret: = 'sk-' + record.id}
      seed: [{id: first, secret: sk-first}]
"""
STRICT = KEYS.replace(", prefix: sk-}", "}")


def status(client: httpx.Client, token: str, path: str = "/things") -> int:
    return client.get(path, headers={"authorization": f"Bearer {token}"}).status_code


def create(client: httpx.Client, **members: str) -> tuple[str, str]:
    made = client.post("/keys", json=members).json()
    return made["id"], made["secret"]


def test_a_credential_is_good_while_a_record_has_it(mock: MakeClient) -> None:
    client = mock(KEYS)
    key, secret = create(client)
    assert [status(client, each) for each in (secret, "sk-first", "sk-unheard-of", "anything")] == [200, 200, 401, 200]
    client.delete(f"/keys/{key}")
    refused = client.get("/things", headers={"authorization": f"Bearer {secret}"})
    assert refused.status_code == 401
    assert "Bearer" in refused.headers["www-authenticate"]


def test_without_a_prefix_only_what_is_a_record_is_good(mock: MakeClient) -> None:
    client = mock(STRICT)
    _, secret = create(client)
    assert [status(client, each) for each in (secret, "sk-first", "anything")] == [200, 200, 401]
    basic = base64.b64encode(f"anyone:{secret}".encode()).decode()
    assert client.get("/things", headers={"authorization": f"Basic {basic}"}).status_code == 200
    assert client.get("/things").status_code == 401


@pytest.mark.parametrize("document", [KEYS, STRICT])
def test_a_credential_may_come_by_every_scheme(mock: MakeClient, document: str) -> None:
    client = mock(document)
    for user, password, expected in (("anyone", "sk-first", 200), ("sk-first", "x", 200), ("anyone", "sk-none", 401)):
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        assert client.get("/things", headers={"authorization": f"Basic {basic}"}).status_code == expected
    assert client.get("/things?key=sk-first").status_code == 200
    assert client.get("/things?key=sk-none").status_code == 401


def test_one_requirement_that_is_met_for_good_is_enough(mock: MakeClient) -> None:
    client = mock(KEYS)
    bad = {"authorization": "Bearer sk-none"}
    assert client.get("/things?key=sk-first", headers=bad).status_code == 200
    assert client.get("/open", headers=bad).status_code == 200
    assert client.get("/both", headers={**bad, "x-key": "sk-first"}).status_code == 401
    assert client.get("/both", headers={"authorization": "Bearer sk-first", "x-key": "sk-none"}).status_code == 401
    assert client.get("/both", headers={"authorization": "Bearer sk-first", "x-key": "sk-first"}).status_code == 200


def test_an_expired_credential_is_refused(mock: MakeClient) -> None:
    now = [datetime(2026, 11, 20, 9, 30, tzinfo=UTC)]
    client = mock(KEYS, clock=Clock(lambda: now[0], asyncio.sleep))
    _, secret = create(client, ends="2026-11-20T09:31:00Z")
    assert status(client, secret) == 200
    now[0] += timedelta(seconds=60)
    assert status(client, secret) == 401


def test_who_is_not_asked_for_a_credential_is_not_refused_for_one(mock: MakeClient) -> None:
    client = mock(KEYS)
    bad = {"authorization": "Bearer sk-none"}
    assert client.post("/keys", json={}, headers=bad).status_code == 200
    assert mock(KEYS, validation=Validation.OFF).get("/things", headers=bad).status_code == 200
    reported = mock(KEYS, validation=Validation.REPORT).get("/things", headers=bad)
    assert (reported.status_code, reported.headers["x-understudy-problem"][:12]) == (200, "unauthorized")
