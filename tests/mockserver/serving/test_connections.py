"""Whatever is sent, a connection that answers at once says what Uvicorn's own way says."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from understudy.mockserver.app import as_application
from understudy.mockserver.mock import Mock
from understudy.mockserver.serving.connections import MAX_BODY
from understudy.mockserver.serving.running import RunningMock, running, serving
from understudy.mockserver.settings import SYSTEM_CLOCK, Clock, Settings
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document

DOCUMENT = """
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, maxLength: 9}}]
    get:
      responses:
        '200':
          description: ''
          headers: {X-Kind: {schema: {type: string, enum: [thing]}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses: {'200': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
    delete: {responses: {'204': {description: ''}}}
  /static: {get: {responses: {'200': {description: '', content: {application/json: {example: {a: 1}}}}}}}
  /events:
    get: {responses: {'200': {description: '', content: {text/event-stream: {example: "data: a\\n\\ndata: b\\n\\n"}}}}}
components:
  schemas:
    Thing: {type: object, required: [name], properties: {name: {type: string, minLength: 1}, id: {type: integer}}}
"""
API = build_api(parse_document(DOCUMENT.encode(), "/t.yaml")).stateless()


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningMock]:
    with running(API, settings=Settings(pace=0)) as mock:
        yield mock


@pytest.fixture(scope="module")
def usual() -> Iterator[int]:
    """The same mock on connections that are all Uvicorn's."""
    app = as_application(Mock([API], Settings(pace=0)))

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    with serving(plain) as server:
        yield server.port


def talk(port: int, pieces: list[bytes]) -> bytes:
    """Everything that comes back, up to what comes last; times left out."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        connection.sendall(LAST)
        got = b""
        while more := connection.recv(65536):
            got += more
    return re.sub(rb"date: [^\r]*\r\n", b"", got)


LAST = b"GET /static HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def sent(line: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{line} HTTP/1.1", "Host: a", *headers, *([f"Content-Length: {len(body)}"] if body else [])]
    return "\r\n".join([*lines, "", ""]).encode() + body


JSON = "Content-Type: application/json"
PUT = sent("PUT /things/a", JSON, body=b'{"name": "x"}')
CHUNKED = b"PUT /things/a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

REQUESTS: dict[str, list[bytes]] = {
    "made up": [sent("GET /things/a")],
    "the same again and again": [sent("GET /things/b")] * 4,
    "with a query": [sent("GET /things/a?x=1&x=%20")],
    "an example": [sent("GET /static")],
    "head only": [sent("HEAD /things/a")],
    "what may be done": [sent("OPTIONS /things/a")],
    "a valid body": [PUT],
    "a body in pieces": [PUT[:-9], PUT[-9:-4], PUT[-4:]],
    "a request in single octets": [PUT[at : at + 1] for at in range(len(PUT))],
    "a body in chunks": [CHUNKED + b'd\r\n{"name": "x"}\r\n0\r\n\r\n'],
    "an invalid body": [sent("PUT /things/a", JSON, body=b'{"name": ""}')],
    "no JSON": [sent("PUT /things/a", JSON, body=b"{")],
    "no body": [sent("PUT /things/a", JSON)],
    "another media type": [sent("PUT /things/a", "Content-Type: text/plain", body=b"x")],
    "a long body": [sent("PUT /things/a", JSON, body=b'{"name": "' + b"x" * MAX_BODY + b'"}')],
    "a body nobody reads": [sent("GET /static", body=b"unread")],
    "no content": [sent("DELETE /things/a")],
    "a parameter that is too long": [sent("GET /things/abcdefghij")],
    "no such path": [sent("GET /nowhere")],
    "no such method": [sent("DELETE /static")],
    "a path that is not UTF-8": [sent("GET /things/%ff")],
    "the whole URL": [b"GET http://a/static HTTP/1.1\r\nHost: a\r\n\r\n"],
    "a fragment": [sent("GET /static#here")],
    "a wish": [sent("GET /things/a", "Prefer: code=404")],
    "a wish in the query": [sent("GET /things/a?__code=404")],
    "nothing acceptable": [sent("GET /things/a", "Accept: image/png")],
    "another origin": [sent("GET /things/a", "Origin: http://b.example")],
    "asks whether to go on": [sent("PUT /things/a", JSON, "Expect: 100-continue", body=b'{"name": "x"}')],
    "an upgrade that isn't known": [sent("GET /static", "Upgrade: h2c")],
    "one after the other": [sent("GET /things/a") + PUT + sent("GET /events") + sent("GET /static") + PUT],
    "a stream before": [sent("GET /events"), sent("GET /things/a")],
    "the old protocol": [b"GET /static HTTP/1.0\r\n\r\n"],
    "no HTTP": [b"what?\r\n\r\n"],
}


@pytest.mark.parametrize("name", REQUESTS)
def test_it_is_answered_as_uvicorn_would(mock: RunningMock, usual: int, name: str) -> None:
    got = talk(mock.port, REQUESTS[name])
    assert got == talk(usual, REQUESTS[name])
    assert got.startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize(
    ("request_", "is_prompt"),
    [
        (sent("GET /things/c"), True),
        (PUT, True),
        (sent("PUT /things/a", JSON, body=b"{}"), True),
        (sent("DELETE /things/a"), True),
        (sent("GET /events"), False),
        (sent("HEAD /static"), False),
        (sent("GET /nowhere"), False),
    ],
)
def test_what_waits_for_nothing_needs_no_cycle(
    mock: RunningMock, monkeypatch: pytest.MonkeyPatch, request_: bytes, is_prompt: bool
) -> None:
    called: list[str] = []
    usual_call = Mock.__call__

    async def call(self: Mock, scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope["path"])
        await usual_call(self, scope, receive, send)

    monkeypatch.setattr(Mock, "__call__", call)
    talk(mock.port, [request_])
    # The last request of all closes the connection, which is Uvicorn's to do.
    assert len(called) == (1 if is_prompt else 2)


def test_every_request_is_logged_once(mock: RunningMock) -> None:
    mock.reset()
    talk(mock.port, [sent("GET /things/d")] * 3 + [PUT, sent("PUT /things/a", JSON, body=b"{}")])
    assert [(each.method, each.status, each.problem) for each in mock.requests] == [
        *[("GET", 200, "")] * 3,
        ("PUT", 200, ""),
        ("PUT", 422, "missing-member"),
        ("GET", 200, ""),
    ]


def test_what_is_forced_holds_at_once_and_no_longer(mock: RunningMock) -> None:
    def status() -> bytes:
        return talk(mock.port, [sent("GET /things/e")])[9:12]

    assert status() == status() == b"200"
    key = mock.override("*", status=503)
    assert status() == b"503"
    mock.drop_override(key)
    assert status() == b"200"


def test_records_in_memory_are_changed_once_and_read_at_once() -> None:
    document = """
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /pets:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {'201': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
    get:
      responses:
        '200':
          description: ''
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}
components:
  schemas:
    Pet: {type: object, required: [name], properties: {id: {type: string, readOnly: true}, name: {type: string}}}
"""
    api = build_api(parse_document(document.encode(), "/t.yaml"))
    made = sent("POST /pets", JSON, body=b'{"name": "Rex"}')
    with running(api) as mock:
        got = talk(mock.port, [made, made, sent("GET /pets")])
        assert re.findall(rb"HTTP/1.1 (\d+)", got) == [b"201", b"201", b"200", b"404"]
        assert len([each for each in mock.requests if each.status == 201]) == 2
        assert got.count(b'"Rex"') == 4


def test_middleware_that_is_added_sees_every_request() -> None:
    seen: list[str] = []

    class Seeing:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(scope["type"])
            await self.app(scope, receive, send)

    app = as_application(Mock([API], Settings()))
    app.add_middleware(Seeing)
    with serving(app) as server:
        talk(server.port, [sent("GET /things/a")] * 3)
    assert seen.count("http") == 4


def test_latency_is_waited_for() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    with running(API, settings=Settings(latency=(3.0, 3.0), clock=Clock(SYSTEM_CLOCK.now, sleep))) as mock:
        talk(mock.port, [sent("GET /things/a"), PUT])
    assert waited == [3.0] * 3
