"""Whatever a target does, `Transport.send` gives an exchange, in bounded time and memory."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib

import pytest

from tests.apps import raw_server
from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.sending.transport import Clock, Pace, Patience, Transport, Unsendable
from understudy.specs.errors import UsageError

QUICK = Patience(seconds=0.5, stream_seconds=0.5, max_bytes=100_000)


def make_case(
    method: str = "GET", target: str = "/pets", headers: tuple[tuple[str, str], ...] = (), body: bytes | None = None
) -> Case:
    return Case("GET /pets", method, target, headers, body, Mode.POSITIVE, Phase.PROBES)


def exchange_with(script: raw_server.Script, case: Case | None = None, patience: Patience = QUICK) -> Exchange:
    with raw_server.serving(script) as url, Transport(url, patience=patience) as transport:
        return transport.send(case or make_case())


def test_an_answer_is_read_whole() -> None:
    octets = raw_server.json_answer(b'{"id": 7}', b"Set-Cookie: a=1", b"Set-Cookie: b=2", status=b"201 Made")
    answer = exchange_with(raw_server.answer(octets)).answer
    assert answer is not None
    assert (answer.status, answer.reason, answer.body, answer.complete) == (201, "Made", b'{"id": 7}', True)
    assert [value for name, value in answer.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert 0 < answer.first_byte_ms <= answer.elapsed_ms
    assert answer.chunks == ()


def test_the_target_and_the_headers_go_out_as_they_are() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        seen.append(raw_server.read_request(connection))
        connection.sendall(raw_server.json_answer(b"{}"))

    case = make_case("POST", "/a/../b%2Fc?x=%20[1]&&y", (("X-Ünit".replace("Ü", "U"), "é"), ("Accept", "a/b")), b"hi")
    with raw_server.serving(script) as url, Transport(f"{url}/base/", patience=QUICK) as transport:
        transport.send(case)
    head = seen[0].split(b"\r\n\r\n")[0].split(b"\r\n")
    assert head[0] == b"POST /base/a/../b%2Fc?x=%20[1]&&y HTTP/1.1"
    assert b"X-Unit: \xe9" in head
    assert b"Accept: a/b" in head
    assert b"accept: */*" not in head
    assert b"content-length: 2" in head


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (raw_server.answer(b"SSH-2.0-OpenSSH_9.6\r\n"), "closed 21 octets into the head"),
        (raw_server.answer(b"220 smtp ready\r\n\r\n"), "the answer is not HTTP"),
        (raw_server.answer(b"HTTP/1.1 abc\r\n\r\n"), "the answer is not HTTP"),
        (raw_server.answer(b""), "the connection was closed before an answer"),
        (raw_server.answer(b"HTTP/1.1 200 OK\r\nContent-Le"), "closed 27 octets into the head"),
        (raw_server.reset, "the connection was closed before an answer"),
        (lambda connection: time.sleep(3), "no answer within 0.5 s"),
    ],
    ids=["SSH", "SMTP", "no status", "nothing", "half a head", "reset", "silence"],
)
def test_without_an_answer_the_error_says_why(script: raw_server.Script, error: str) -> None:
    exchange = exchange_with(script)
    assert exchange.answer is None
    assert error in exchange.error


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Transport(f"http://127.0.0.1:{port}") as transport:
        exchange = transport.send(make_case())
    assert exchange.answer is None
    assert "no connection" in exchange.error


def drip(head: bytes, piece: bytes) -> raw_server.Script:
    def script(connection: socket.socket) -> None:
        raw_server.read_request(connection)
        connection.sendall(head)
        stopped = threading.Event()
        while not stopped.wait(0.02):
            connection.sendall(piece)

    return script


@pytest.mark.parametrize(
    "script",
    [
        drip(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a"),
    ],
    ids=["head", "interim answers", "body"],
)
def test_an_answer_that_never_ends_is_given_up_in_time(script: raw_server.Script) -> None:
    started = time.perf_counter()
    exchange = exchange_with(script)
    assert time.perf_counter() - started < 2
    assert "0.5 s" in exchange.error


def test_an_endless_stream_is_cut_without_blame() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    exchange = exchange_with(drip(head, b"data: 1\n\n"))
    assert exchange.error == ""
    assert exchange.answer is not None
    assert not exchange.answer.complete
    times = [chunk.at_ms for chunk in exchange.answer.chunks]
    assert len(times) > 5
    assert times == sorted(times)
    assert b"".join(chunk.data for chunk in exchange.answer.chunks) == exchange.answer.body


def test_a_huge_body_is_cut_at_the_limit() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    exchange = exchange_with(drip(head, b"a" * 65536))
    assert exchange.answer is not None
    assert len(exchange.answer.body) == QUICK.max_bytes
    assert not exchange.answer.complete


def coded(body: bytes, coding: bytes) -> raw_server.Script:
    return raw_server.answer(raw_server.json_answer(body, b"Content-Encoding: " + coding))


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(b'{"id": 7}', mtime=0), b"gzip"),
        (zlib.compress(b'{"id": 7}'), b"deflate"),
        (zlib.compress(b'{"id": 7}')[2:-4], b"Deflate"),
    ],
)
def test_content_codings_are_undone(body: bytes, coding: bytes) -> None:
    answer = exchange_with(coded(body, coding)).answer
    assert answer is not None
    assert answer.body == b'{"id": 7}'
    assert answer.complete


def test_a_bomb_grows_to_the_limit_and_no_further() -> None:
    exchange = exchange_with(coded(gzip.compress(b"0" * 50_000_000), b"gzip"))
    assert exchange.answer is not None
    assert len(exchange.answer.body) == QUICK.max_bytes
    assert not exchange.answer.complete


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"text" * 100, mtime=0)[:-10]], ids=["garbage", "cut"])
def test_a_broken_coding_is_an_error_of_the_body(body: bytes) -> None:
    exchange = exchange_with(coded(body, b"gzip"))
    assert "gzip" in exchange.error
    assert exchange.answer is not None
    assert not exchange.answer.complete


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
    ids=["length", "chunked"],
)
def test_a_body_that_breaks_off_is_told(octets: bytes) -> None:
    exchange = exchange_with(raw_server.answer(octets))
    assert "the connection broke in the body" in exchange.error
    assert exchange.answer is not None
    assert not exchange.answer.complete


def test_redirects_are_answers() -> None:
    answer = exchange_with(raw_server.answer(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")).answer
    assert answer is not None
    assert answer.status == 302


def test_a_request_that_an_idle_connection_lost_is_sent_again() -> None:
    def script(connection: socket.socket) -> None:
        raw_server.read_request(connection)
        connection.sendall(raw_server.json_answer(b"{}"))
        raw_server.read_request(connection)

    with raw_server.serving(script) as url, Transport(url, patience=QUICK) as transport:
        assert [transport.send(make_case()).error for _ in range(3)] == ["", "", ""]


@pytest.mark.parametrize(
    "case",
    [make_case(headers=(("X-A", "a\r\nX-B: b"),)), make_case(headers=(("X-A", "\u20ac"),)), make_case(target="/a b")],
    ids=["line break", "not latin-1", "space in the target"],
)
def test_what_http_cannot_carry_is_refused_before_it_is_sent(case: Case) -> None:
    with raw_server.serving(raw_server.answer(raw_server.json_answer(b"{}"))) as url, Transport(url) as transport:
        with pytest.raises(Unsendable):
            transport.send(case)
        assert transport.send(make_case()).error == ""


def test_stopping_ends_what_is_under_way() -> None:
    with raw_server.serving(lambda connection: time.sleep(5)) as url:
        transport = Transport(url, patience=Patience(seconds=60))
        found: list[Exchange] = []
        thread = threading.Thread(target=lambda: found.append(transport.send(make_case())))
        thread.start()
        transport.stop()
        thread.join(3)
        transport.close()
    assert [exchange.error for exchange in found] == ["the run was stopped"]


def test_the_rate_is_kept() -> None:
    waited: list[float] = []
    with (
        raw_server.serving(raw_server.answer(raw_server.json_answer(b"{}"))) as url,
        Transport(url, pace=Pace(10, Clock(lambda: 5.0, waited.append))) as transport,
    ):
        for _ in range(3):
            transport.send(make_case())
    assert waited == pytest.approx([0.1, 0.2])


@pytest.mark.parametrize("url", ["ftp://h", "localhost:80", "http://", "http://h:x", "http://h/p?q=1"])
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="base URL"):
        Transport(url)


def test_ipv6_and_a_proxy_are_taken() -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket) -> None:
        seen.append(raw_server.read_request(connection))
        connection.sendall(raw_server.json_answer(b"{}"))

    with raw_server.serving(script) as proxy, Transport("http://[::1]:81/x", proxy=proxy) as transport:
        assert transport.send(make_case()).error == ""
    assert seen[0].startswith(b"GET http://[::1]:81/x/pets HTTP/1.1")
