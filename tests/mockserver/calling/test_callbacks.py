"""Callbacks and webhooks are sent for real: to a server that keeps what it gets."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from understudy.mockserver.calling import outgoing as outgoing_module
from understudy.mockserver.calling.callbacks import find_sendable, make_request, sendable
from understudy.mockserver.calling.outgoing import MAX_BODY, MAX_WAITING, Callbacks, Outgoing, Refused, Sender, Sent
from understudy.mockserver.serving.running import Running
from understudy.specs.catalog import load_api
from understudy.specs.model import Api, Direction
from understudy.specs.wire.json_bodies import load_json

DOCUMENTS = Path(__file__).parents[2] / "documents"
DOCUMENT = """
openapi: 3.1.0
info: {title: Calls back, version: '1'}
paths:
  /orders/{id}:
    post:
      operationId: order
      parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: notify, in: query, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {type: object, properties: {url: {type: string}}}}}}
      responses:
        '201': {description: d, content: {application/json: {schema: {type: object, required: [ref], properties: {ref: {const: r5}}}}}}
        '404': {description: n}
      callbacks:
        shipped:
          '{$request.body#/url}/orders/{$request.path.id}/{$response.body#/ref}?s={$statusCode}':
            post:
              parameters:
              - {name: X-Event, in: header, required: true, schema: {const: shipped}}
              - {name: n, in: query, required: true, schema: {const: 3}}
              requestBody: {required: true, content: {application/json: {schema: {type: object, required: [n], properties: {n: {type: integer, minimum: 5, maximum: 6}}}}}}
              responses: {'204': {description: d}}
        noted:
          '{$request.query.notify}':
            put:
              requestBody: {content: {text/plain: {schema: {type: string}, example: noted}}}
              responses: {'204': {description: d}}
webhooks:
  tide: {post: {requestBody: {content: {application/json: {schema: {type: object, required: [metres], properties: {metres: {type: number}}}}}}, responses: {'200': {description: d}}}}
"""  # noqa: E501 - a document reads better with long lines

Got = tuple[str, str, dict[str, str], bytes]


@pytest.fixture
def receiver() -> Iterator[tuple[str, queue.Queue[Got]]]:
    """Its URL, and what it gets: method, target, headers, body. ``/moved`` answers with a redirect."""
    got: queue.Queue[Got] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            got.put((self.command, self.path, {key.lower(): value for key, value in self.headers.items()}, body))
            self.send_response(302 if self.path == "/moved" else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        do_PUT = do_POST  # noqa: N815 - as it is called

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as it is called
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}", got
    server.shutdown()
    thread.join()
    server.server_close()


Serve = Callable[..., Running]


def test_after_the_answer_the_callbacks_are_sent(serve: Serve, receiver: tuple[str, queue.Queue[Got]]) -> None:
    url, got = receiver
    mock = serve(DOCUMENT)
    answer = httpx.post(f"{mock.url}/orders/a%20b", params={"notify": f"{url}/n"}, json={"url": f"{url}/cb"})
    assert answer.status_code == 201
    found = {
        method: (target, headers, body) for method, target, headers, body in (got.get(timeout=5), got.get(timeout=5))
    }
    target, headers, body = found["POST"]
    assert target == "/cb/orders/a%20b/r5?s=201&n=3"
    assert headers["host"] == url.removeprefix("http://")
    assert (headers["x-event"], headers["content-type"]) == ("shipped", "application/json")
    assert load_json(body)["n"] in (5, 6)
    target, headers, body = found["PUT"]
    assert (target, headers["content-type"], body) == ("/n", "text/plain", b"noted")


def test_the_same_request_calls_back_with_the_same_body(serve: Serve, receiver: tuple[str, queue.Queue[Got]]) -> None:
    url, got = receiver
    bodies = set()
    for _ in range(2):
        httpx.post(f"{serve(DOCUMENT).url}/orders/7", json={"url": url})
        bodies.add(got.get(timeout=5)[3])
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("settings", "body", "prefer"),
    [({"callbacks": Callbacks.OFF}, True, ""), ({}, False, ""), ({}, True, "code=404")],
)
def test_nothing_is_sent_when_nothing_is_to_be(
    serve: Serve, receiver: tuple[str, queue.Queue[Got]], settings: dict[str, Callbacks], body: bool, prefer: str
) -> None:
    url, got = receiver
    mock = serve(DOCUMENT, **settings)
    json = {"url": url} if body else {}
    httpx.post(f"{mock.url}/orders/7", json=json, headers={"prefer": prefer} if prefer else {})
    other = serve(DOCUMENT)
    httpx.post(f"{other.url}/orders/8", json={"url": url})
    assert got.get(timeout=5)[1].startswith("/orders/8/")
    assert got.empty()


def sent_by(sender: Sender, *requests: Outgoing) -> list[Sent]:
    async def send() -> list[Sent]:
        found = [await sender.send(each) for each in requests]
        await sender.close()
        return found

    return asyncio.run(send())


def request_to(url: str, body: bytes = b"{}") -> Outgoing:
    return Outgoing("tide", "POST", url, (), body)


def test_a_redirect_is_not_followed(receiver: tuple[str, queue.Queue[Got]]) -> None:
    url, got = receiver
    (sent,) = sent_by(Sender(Callbacks.LOOPBACK), request_to(f"{url}/moved"))
    assert sent.status == 302
    assert got.get(timeout=5)[1] == "/moved"
    assert got.empty()


@pytest.mark.parametrize(
    ("addresses", "reason"),
    [
        (["192.0.2.1"], "is not this machine"),
        (["127.0.0.1", "192.0.2.1"], "is not this machine"),
        (["::ffff:192.0.2.1"], "is not this machine"),
        (["0.0.0.0"], "is not this machine"),
        ([], "is not this machine"),
    ],
)
def test_only_loopback_addresses_are_called(addresses: list[str], reason: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return addresses

    (sent,) = sent_by(Sender(Callbacks.LOOPBACK, resolve=resolve), request_to("http://harbour.test/x"))
    assert sent.status is None
    assert reason in sent.reason


@pytest.mark.parametrize(
    ("allowed", "url", "body", "reason"),
    [
        (Callbacks.OFF, "http://127.0.0.1/", b"", "--callbacks off"),
        (Callbacks.ANY, "ftp://127.0.0.1/", b"", "no http"),
        (Callbacks.ANY, "file:///etc/passwd", b"", "no http"),
        (Callbacks.ANY, "/relative", b"", "no http"),
        (Callbacks.LOOPBACK, "http://127.0.0.1:1/", b"", "Connect"),
        (Callbacks.LOOPBACK, "http://127.0.0.1/", b"x" * (MAX_BODY + 1), "octets"),
        (Callbacks.LOOPBACK, "http://[::1/", b"", "ValueError"),
    ],
)
def test_what_cannot_be_sent_is_reported(allowed: Callbacks, url: str, body: bytes, reason: str) -> None:
    (sent,) = sent_by(Sender(allowed), request_to(url, body))
    assert sent.status is None
    assert reason in sent.reason


def test_no_more_than_so_many_wait_and_none_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing_module, "TIMEOUT_SECONDS", 0.05)
    reported: list[Sent] = []

    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async def send() -> None:
        sender = Sender(Callbacks.LOOPBACK, reported.append, never)
        for _ in range(MAX_WAITING + 3):
            sender.send_later(request_to("http://harbour.test/"))
        assert [each.reason for each in reported] == [f"{MAX_WAITING} others are waiting already"] * 3
        await sender.wait()
        await sender.close()

    asyncio.run(send())
    assert len(reported) == MAX_WAITING + 3
    assert all("no answer in" in each.reason for each in reported[3:])


def test_what_the_api_sends_is_listed_and_found(make_api: Callable[..., Api]) -> None:
    api = make_api(DOCUMENT)
    assert [(kind, name, each.method) for kind, name, each in sendable(api)] == [
        ("callback", "order/shipped", "POST"),
        ("callback", "order/noted", "PUT"),
        ("webhook", "tide", "POST"),
    ]
    assert find_sendable(api, "order/shipped") == find_sendable(api, "shipped") != []
    assert find_sendable(api, "nobody") == []


def test_a_webhook_is_made_on_demand(make_api: Callable[..., Api]) -> None:
    (operation,) = find_sendable(make_api(DOCUMENT), "tide")
    made = make_request(operation, "tide", "http://127.0.0.1/hook", "0")
    assert operation.request_body is not None
    schema = operation.request_body.content[0].schema
    assert schema is not None
    assert schema.validator(Direction.REQUEST).is_valid(load_json(made.body))
    assert make_request(operation, "tide", "http://127.0.0.1/", "0", {"metres": 3}).body == b'{"metres":3}'
    with pytest.raises(Refused, match="isn't one that"):
        make_request(operation, "tide", "http://127.0.0.1/", "0", {"metres": "deep"})
    with pytest.raises(Refused, match="characters"):
        make_request(operation, "tide", "http://127.0.0.1/" + "x" * 3000, "0")


def test_those_of_the_documents_can_be_made() -> None:
    for name in ("openapi30-callbacks", "openapi31-webhooks"):
        for _, full, operation in sendable(load_api(str(DOCUMENTS / f"{name}.yaml"))):
            assert make_request(operation, full, "http://127.0.0.1/", "0").method == "POST"
