"""Callbacks and webhooks on demand, to a real receiver on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.mockserver.control.conftest import pets
from understudy.mockserver.mock import Mounted
from understudy.mockserver.serving.introducing import introduction
from understudy.mockserver.serving.running import Running, RunningMock, bind, serving
from understudy.mockserver.settings import Callbacks, Settings
from understudy.specs.errors import UsageError

Serve = Callable[..., RunningMock]

SHOP = """
openapi: 3.2.0
info: {title: Shop, version: '1'}
paths:
  /subscribe:
    post:
      operationId: subscribe
      responses: {'204': {description: ''}}
      callbacks:
        alert:
          '{$request.query.to}/alert':
            post: {requestBody: {content: {text/plain: {example: fire}}}, responses: {'200': {description: ''}}}
webhooks:
  shipped:
    post:
      summary: An order is on its way
      parameters: [{name: X-Kind, in: header, required: true, schema: {const: shipped}}]
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [order], properties: {order: {type: integer, minimum: 1}}, additionalProperties: false}
      responses: {'200': {description: ''}}
"""  # noqa: E501 - a document reads better with long lines


class Receiver:
    def __init__(self) -> None:
        self.got: list[tuple[str, str, bytes, str]] = []

    async def take(self, request: Request) -> Response:
        kind = request.headers.get("x-kind", "")
        self.got.append((request.method, request.url.path, await request.body(), kind))
        return Response(status_code=202)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def there(receiver: Receiver) -> Iterator[Running]:
    with serving(Starlette(routes=[Route("/{path:path}", receiver.take, methods=["POST"])])) as server:
        yield server


def post(mock: RunningMock, name: str, body: object) -> httpx.Response:
    return httpx.post(f"{mock.url}/__understudy/callbacks/{name}", json=body)


def test_they_are_listed(serve: Serve) -> None:
    mock = serve(pets("shop", SHOP))
    listed = httpx.get(f"{mock.url}/__understudy/callbacks").json()["callbacks"]
    assert [(each["kind"], each["name"], each["target"]) for each in listed] == [
        ("callback", "subscribe/alert", "{$request.query.to}/alert"),
        ("webhook", "shipped", ""),
    ]


def test_one_is_sent_and_what_came_back_is_told(serve: Serve, there: Running, receiver: Receiver) -> None:
    mock = serve(pets("shop", SHOP))
    (sent,) = post(mock, "shipped", {"url": f"{there.url}/hook"}).json()["sent"]
    method, path, body, kind = receiver.got[-1]
    assert (method, path, kind) == ("POST", "/hook", "shipped")
    assert body.decode() == sent["body"]
    assert (sent["status"], sent["reason"], sent["url"]) == (202, "", f"{there.url}/hook")
    assert {"name": "X-Kind", "value": "shipped"} in sent["headers"]
    given = {"url": f"{there.url}/hook", "body": {"order": 7}}
    assert post(mock, "shipped", given).status_code == 200
    assert receiver.got[-1][2] == b'{"order":7}'
    for name in ("subscribe/alert", "alert"):
        assert post(mock, name, {"url": f"{there.url}/a"}).status_code == 200
        assert receiver.got[-1][1:3] == ("/a", b"fire")
    assert len(receiver.got) == 4


def test_a_program_sends_them(serve: Serve, there: Running, receiver: Receiver) -> None:
    mock = serve(pets("shop", SHOP), control=None)
    (sent,) = mock.send_callback("shipped", there.url, {"order": 3})
    assert (sent.status, receiver.got[-1][2]) == (202, b'{"order":3}')
    with pytest.raises(UsageError, match="shop: subscribe/alert, shop: shipped"):
        mock.send_callback("lost", there.url)
    with pytest.raises(UsageError, match="isn't one that"):
        mock.send_callback("shipped", there.url, {"order": "x"})
    assert len(receiver.got) == 1


@pytest.mark.parametrize("body", [{}, [], {"url": 1}, {"url": "http://localhost", "to": 1}])
def test_a_malformed_wish_is_refused(serve: Serve, body: object) -> None:
    answer = post(serve(pets("shop", SHOP)), "shipped", body)
    assert answer.status_code == 422
    assert "http://localhost:3000/hook" in answer.json()["detail"]


def test_the_rule_of_where_to_holds(serve: Serve, there: Running, receiver: Receiver) -> None:
    mock = serve(pets("shop", SHOP))
    (sent,) = post(mock, "shipped", {"url": "http://192.0.2.1/hook"}).json()["sent"]
    assert sent["status"] is None
    assert "--callbacks any" in sent["reason"]
    silent = serve(pets("shop", SHOP), callbacks=Callbacks.OFF)
    (sent,) = post(silent, "shipped", {"url": there.url}).json()["sent"]
    assert "--callbacks off" in sent["reason"]
    assert receiver.got == []


def test_two_documents_may_have_one_of_a_name(serve: Serve, there: Running, receiver: Receiver) -> None:
    other = Mounted(pets("other", SHOP), "/other")
    mock = serve(pets("shop", SHOP), other)
    answer = post(mock, "shipped", {"url": there.url})
    assert answer.status_code == 422
    assert "`document`" in answer.json()["detail"]
    assert post(mock, "shipped", {"url": there.url, "document": "other"}).status_code == 200
    assert len(receiver.got) == 1


def test_who_starts_it_is_told() -> None:
    with bind("127.0.0.1", 0) as sock:
        said = list(introduction([Mounted(pets("shop", SHOP))], Settings(), sock, "127.0.0.1"))
        silent = list(introduction([Mounted(pets())], Settings(), sock, "127.0.0.1"))
        alone = list(introduction([Mounted(pets("shop", SHOP))], Settings(control=None), sock, "127.0.0.1"))
    line = "  sends subscribe/alert, shipped; on demand by the inspector, or POST /__understudy/callbacks/NAME"
    assert line in said
    assert not any("sends" in each for each in silent)
    assert "  sends subscribe/alert, shipped" in alone
