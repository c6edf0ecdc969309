"""`Idempotency-Key`, where the document has it: the same attempt is answered as before, on each kind of store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from tests.apps.in_process import OneLoop
from tests.apps.stores import Backing
from tests.mockserver.conftest import build
from understudy.mockserver.app import create_app
from understudy.mockserver.settings import Clock, Settings

pytest_plugins = ("tests.apps.store_fixtures",)

MakeClient = Callable[..., httpx.Client]
ORDERS = """
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas:
    Order:
      required: [id, item]
      properties: {id: {type: integer}, item: {type: string}}
security: [{key: []}]
paths:
  /orders:
    get:
      responses:
        '200':
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Order'}}}}
    post:
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody:
        required: true
        content: {application/json: {schema: {required: [item], properties: {item: {type: string}}}}}
      responses:
        '201':
          description: One.
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
        '409': {description: Something else.}
        '422': {description: Invalid, or the key was used for something else.}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200': {description: One., content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        '404': {description: None.}
    delete:
      responses: {'204': {description: Gone.}, '404': {description: None.}}
"""
START = datetime(2026, 11, 20, 9, tzinfo=UTC)


class Service:
    """A mock, its clock, and a client with a credential."""

    def __init__(self, state: str, document: str = ORDERS) -> None:
        self.now = START
        self.app: Starlette = create_app(
            [build(document)], Settings(state=state, clock=Clock(lambda: self.now, asyncio.sleep))
        )
        self.client = httpx.Client(transport=OneLoop(self.app), base_url="http://mock.test", headers={"x-key": "ann"})

    def order(self, key: str, item: str = "tea", **headers: str) -> httpx.Response:
        return self.client.post("/orders", json={"item": item}, headers={"idempotency-key": key, **headers})

    def count(self) -> int:
        return len(self.client.get("/orders").json())


@pytest.fixture
def service(each_state: str) -> Iterator[Service]:
    opened = Service(each_state)
    with opened.client:
        yield opened


def test_the_same_again_is_answered_as_it_was_and_does_nothing(service: Service) -> None:
    before = service.count()
    first = service.order("k1")
    again = service.order("k1")
    assert first.status_code == again.status_code == 201
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    assert again.headers["content-type"] == first.headers["content-type"]
    assert service.count() == before + 1
    assert service.order("k2").json()["id"] != first.json()["id"]


def test_it_is_answered_so_even_when_the_record_is_gone(service: Service) -> None:
    first = service.order("k1")
    assert service.client.delete(f"/orders/{first.json()['id']}").status_code == 204
    assert service.order("k1").content == first.content
    assert service.client.get(f"/orders/{first.json()['id']}").status_code == 404


def test_the_key_of_another_request_is_refused_as_documented(service: Service) -> None:
    service.order("k1")
    before = service.count()
    refused = service.order("k1", "coffee")
    assert refused.status_code == 422
    assert service.count() == before


def test_what_was_refused_may_be_tried_again(service: Service) -> None:
    wrong = service.client.post("/orders", json={"item": 5}, headers={"idempotency-key": "k1"})
    assert wrong.status_code == 422
    assert service.order("k1").status_code == 201


def test_keys_are_the_callers_own(service: Service) -> None:
    first = service.order("k1")
    other = service.order("k1", "coffee", **{"x-key": "bob"})
    assert other.status_code == 201
    assert other.json()["id"] != first.json()["id"]


def test_a_key_is_forgotten_after_a_day(service: Service) -> None:
    first = service.order("k1")
    service.now += timedelta(hours=24, seconds=1)
    later = service.order("k1", "coffee")
    assert later.status_code == 201
    assert later.json()["id"] != first.json()["id"]
    assert service.order("k1", "coffee").content == later.content


def test_without_a_key_every_request_is_its_own(service: Service) -> None:
    made = {service.client.post("/orders", json={"item": "tea"}).json()["id"] for _ in range(3)}
    assert len(made) == 3


def test_two_workers_know_of_each_others_attempts(shared_backing: Backing) -> None:
    one, other = Service(shared_backing.state), Service(shared_backing.state)
    with one.client, other.client:
        first = one.order("k1")
        assert other.order("k1").content == first.content
        assert other.order("k1", "coffee").status_code == 422


def test_many_at_once_make_one_record(service: Service) -> None:
    before = service.count()

    async def all_at_once() -> set[bytes]:
        transport = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock.test") as client:
            headers = {"x-key": "ann", "idempotency-key": "k1"}
            sent = [client.post("/orders", json={"item": "tea"}, headers=headers) for _ in range(8)]
            return {answer.content for answer in await asyncio.gather(*sent)}

    transport = service.client._transport
    assert isinstance(transport, OneLoop)
    assert len(transport.run(all_at_once())) == 1
    assert service.count() == before + 1


def test_a_dump_has_the_attempts(service: Service) -> None:
    first = service.order("k1")
    (served,) = service.app.state.mock.controls.apis
    transport = service.client._transport
    assert isinstance(transport, OneLoop)
    dump = transport.run(served.store.snapshot())
    transport.run(served.store.reset())
    transport.run(served.store.restore(dump))
    assert service.order("k1").content == first.content


def test_a_document_without_the_parameter_knows_no_keys(mock: MakeClient) -> None:
    client = mock(ORDERS.replace("parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]", ""))
    headers = {"idempotency-key": "k1", "x-key": "ann"}
    made = {client.post("/orders", json={"item": "tea"}, headers=headers).json()["id"] for _ in range(2)}
    assert len(made) == 2


def test_nothing_follows_from_an_attempt_again(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    text = ORDERS.replace(
        "      responses:\n        '201':",
        "      callbacks: {made: {'http://127.0.0.1:9/': {post: {responses: {'200': {description: OK.}}}}}}\n"
        "      responses:\n        '201':",
    )
    service = Service("memory", text)
    monkeypatch.setattr(service.app.state.mock.sender, "send_later", called.append)
    with service.client:
        service.order("k1")
        assert len(called) == 1
        service.order("k1")
        assert len(called) == 1
