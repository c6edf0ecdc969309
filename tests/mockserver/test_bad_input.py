"""Raw octets over a socket: whatever comes, there is a defined answer, and the next client is served."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from understudy.mockserver.serving.running import Running, running
from understudy.mockserver.settings import Limits, Settings
from understudy.specs.model import Api

DOCUMENT = """
paths:
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'200': {description: '', content: {application/json: {example: 1}}}}
  /json:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: '', content: {application/json: {example: 1}}}}
  /file:
    post:
      requestBody:
        content:
          multipart/form-data: {schema: {type: object, properties: {f: {type: string, format: binary, maxLength: 100}}}}
      responses: {'204': {description: ''}}
"""

JSON = b"POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
FILE = b"POST /file HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    from understudy.specs.build import build_api
    from understudy.specs.documents.document import parse_document

    text = f"openapi: 3.2.0\ninfo: {{title: Small, version: '1'}}\n{DOCUMENT}"
    api: Api = build_api(parse_document(text.encode(), "/small.yaml"))
    with running(api, settings=Settings(limits=Limits(body_bytes=1_000_000, json_bytes=100_000))) as started:
        yield started


def exchange(server: Running, octets: bytes) -> bytes:
    """What comes back until the server has answered once, or closed the connection."""
    with closing(socket.create_connection((server.host, server.port), timeout=10)) as connection:
        connection.sendall(octets)
        received = b""
        while True:
            piece = connection.recv(65536)
            received += piece
            head, separator, body = received.partition(b"\r\n\r\n")
            lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            length = int(lengths[0]) if lengths else 0
            if not piece or (separator and len(body) >= length):
                return received


def get(path: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer[9:12])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/pets/1", 200),
        (b"/pets/%31", 200),
        (b"/pets/%zz", 400),
        (b"/pets/%", 400),
        (b"/pets/%ff", 400),
        (b"/pets/%C3%28", 400),
        (b"/pets/\xc3\xa9", 400),
        (b"/pets/\xff", 400),
        (b"/pets/1%0A", 422),
        (b"/pets/%00", 422),
        (b"/pets/1%2F2", 422),
        (b"/pets/%20", 422),
        (b"/pets/" + b"1" * 9000, 414),
        (b"/pets/1?" + b"x=1&" * 2000, 200),
        (b"/pets/", 404),
        (b"/pets//", 404),
        (b"//", 404),
        (b"/%0A", 404),
        (b"/" + b"a/" * 3000, 404),
        (b"/../../etc/passwd", 404),
        (b"http://other.test/pets/1", 200),
    ],
)
def test_any_path_has_an_answer(server: Running, path: bytes, expected: int) -> None:
    assert status(exchange(server, get(path))) == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"FOO /pets/1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"get /pets/1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"PURGE /pets/1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204),
        (b"garbage\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n", 400),
        (b"POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
        (JSON + b"Content-Length: 999999999\r\n\r\n", 413),
        (JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /json HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /pets/1 HTTP/1.1\r\nHost: a\r\nPrefer: " + b'"' * 9000 + b"\r\n\r\n", 422),
        (b"GET /pets/1 HTTP/1.1\r\nHost: a\r\nAccept: " + b"a/b;" * 2000 + b"\r\n\r\n", 200),
        (b"GET /pets/1 HTTP/1.1\r\nHost: a\r\nCookie: " + b"=;" * 4000 + b"\r\n\r\n", 200),
    ],
)  # fmt: skip
def test_any_request_has_an_answer(server: Running, octets: bytes, expected: int) -> None:
    assert status(exchange(server, octets)) == expected


def test_reading_stops_at_the_limit_and_the_client_is_told(server: Running) -> None:
    chunk = b"%x\r\n%s\r\n" % (10_000, b" " * 10_000)
    assert status(exchange(server, JSON + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 11)) == 413


def test_a_part_is_refused_while_the_rest_is_still_coming(server: Running) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"y" * 400
    assert status(exchange(server, FILE + b"Content-Length: 900000\r\n\r\n" + part)) == 413


@pytest.mark.parametrize(
    "octets",
    [
        JSON + b"Content-Length: 100\r\n\r\n{",
        FILE + b"Content-Length: 99\r\n\r\n--x",
        b"GET /pets/1 HTTP/1.1\r\nHost",
        b"",
    ],
)
def test_clients_that_leave_in_the_middle_leave_nothing_behind(server: Running, octets: bytes) -> None:
    with closing(socket.create_connection((server.host, server.port), timeout=10)) as connection:
        connection.sendall(octets)
    assert status(exchange(server, get(b"/pets/1"))) == 200


def test_pipelined_requests_are_answered_in_order(server: Running) -> None:
    with closing(socket.create_connection((server.host, server.port), timeout=10)) as connection:
        connection.sendall(get(b"/pets/1") + get(b"/pets/x") + get(b"/nowhere"))
        received = b""
        while received.count(b"HTTP/1.1 ") < 3:
            received += connection.recv(65536)
    assert [int(each[:3]) for each in received.split(b"HTTP/1.1 ")[1:]] == [200, 422, 404]
