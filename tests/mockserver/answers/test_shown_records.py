"""A record that stays as it is isn't shown and written again; one that doesn't is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from understudy.mockserver import stepping
from understudy.mockserver.settings import Clock
from understudy.specs.behaviour import step

MakeClient = Callable[..., httpx.Client]
PETS = """
components:
  schemas: {Pet: {required: [id, name], properties: {id: {type: string}, name: {type: string}}}}
x-understudy:
  resources: {pet: {key: id, seed: [{id: a, name: Rex}]}}
paths:
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      parameters: [{name: loud, in: query, schema: {type: boolean}}]
      x-understudy: {action: {read: pet, key: $request.path.id}}
      responses:
        '200':
          description: One.
          content:
            application/json: {schema: {$ref: '#/components/schemas/Pet'}}
            application/xml: {schema: {$ref: '#/components/schemas/Pet'}}
        '404': {description: None.}
    put:
      x-understudy: {action: {replace: pet, key: $request.path.id}}
      requestBody: {content: {application/json: {schema: {properties: {name: {type: string}}}}}}
      responses: {'204': {description: Done.}, '404': {description: None.}}
    delete:
      x-understudy: {action: {delete: pet, key: $request.path.id}}
      responses: {'204': {description: Gone.}, '404': {description: None.}}
"""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that were stepped through, as they are."""
    made: list[str] = []

    def counted(snapshot: object, operation: object, *others: object) -> object:
        made.append(str(getattr(operation, "method", "")))
        return step(snapshot, operation, *others)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(stepping, "step", counted)
    return made


def test_what_was_shown_is_shown_again_without_a_step(mock: MakeClient, steps: list[str]) -> None:
    client = mock(PETS)
    answers = [client.get("/pets/a") for _ in range(3)]
    assert {(each.status_code, each.content) for each in answers} == {(200, b'{"id":"a","name":"Rex"}')}
    assert steps == ["GET"]


def test_a_change_is_seen_at_once(mock: MakeClient) -> None:
    client = mock(PETS)
    for name in ("Rex", "Max", "Rex"):
        assert client.put("/pets/a", json={"name": name}).status_code == 204
        assert [client.get("/pets/a").json()["name"] for _ in range(2)] == [name] * 2
    assert client.delete("/pets/a").status_code == 204
    assert client.get("/pets/a").status_code == 404


def test_another_form_is_another_answer(mock: MakeClient) -> None:
    client = mock(PETS)
    for accept in ("application/json", "application/xml") * 2:
        assert client.get("/pets/a", headers={"accept": accept}).headers["content-type"] == accept
    assert client.get("/pets/a", headers={"prefer": "code=404"}).status_code == 404


def test_what_a_request_says_besides_is_stepped_through(mock: MakeClient, steps: list[str]) -> None:
    client = mock(PETS)
    for _ in range(2):
        assert client.get("/pets/a?loud=true").status_code == 200
    assert len(steps) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pet: {key: id,", "pet: {key: id, derived: {name: '= string(now)'},"),
        ("read: pet, key: $request.path.id", "read: pet, key: $request.path.id, answer: {name: $now}"),
    ],
)
def test_what_the_time_has_a_say_in_is_never_old(mock: MakeClient, before: str, after: str) -> None:
    now = [datetime(2026, 11, 20, 9, tzinfo=UTC)]

    async def sleep(_: float) -> None:
        """Nobody waits."""

    client = mock(PETS.replace(before, after), clock=Clock(lambda: now[0], sleep))
    first = client.get("/pets/a").json()["name"]
    now[0] += timedelta(hours=1)
    assert client.get("/pets/a").json()["name"] != first


def test_an_expired_record_is_gone(mock: MakeClient) -> None:
    now = [datetime(2026, 11, 20, 9, tzinfo=UTC)]

    async def sleep(_: float) -> None:
        """Nobody waits."""

    text = PETS.replace(
        "key: id, seed: [{id: a,", "key: id, expires: until, seed: [{id: a, until: '2026-11-20T10:00:00Z',"
    )
    client = mock(text, clock=Clock(lambda: now[0], sleep))
    assert client.get("/pets/a").status_code == 200
    now[0] += timedelta(hours=2)
    assert client.get("/pets/a").status_code == 404
