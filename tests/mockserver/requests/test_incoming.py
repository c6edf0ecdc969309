from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope

from understudy.mockserver.requests.incoming import ClientLeft, Incoming
from understudy.specs.wire.malformed import ContentTooLarge


def receiving(*messages: Message) -> Receive:
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    return receive


def scope(*headers: tuple[bytes, bytes], path: str = "/a", **members: object) -> Scope:
    return {"type": "http", "http_version": "1.1", "method": "POST", "path": path, "headers": list(headers), **members}


def chunk(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


def test_the_path_stays_as_it_was_sent() -> None:
    request = Incoming.from_asgi(scope(path="/a/b c", raw_path=b"/a%2Fb%20c", query_string=b"x=%31"), receiving())
    assert (request.path, request.query) == (b"/a%2Fb%20c", b"x=%31")


def test_without_raw_path_the_path_is_encoded_again() -> None:
    assert Incoming.from_asgi(scope(path="/a/ü"), receiving()).path == b"/a/%C3%BC"


@pytest.mark.parametrize(
    ("root", "path", "wanted"), [("/v1", b"/v1/a", b"/a"), ("/v1", b"/v10/a", b"/v10/a"), ("", b"/v1/a", b"/v1/a")]
)
def test_the_path_that_the_mock_is_mounted_under_is_taken_off(root: str, path: bytes, wanted: bytes) -> None:
    request = Incoming.from_asgi(scope(path=path.decode(), raw_path=path, root_path=root), receiving())
    assert request.path == wanted


def test_headers_of_one_name_are_joined() -> None:
    request = Incoming.from_asgi(scope((b"accept", b"a/b"), (b"x", b"1"), (b"accept", b"c/d")), receiving())
    assert request.header(b"accept") == b"a/b, c/d"
    assert request.header(b"absent") is None


def test_nothing_is_read_where_no_body_is_announced() -> None:
    request = Incoming.from_asgi(scope(), receiving())
    assert asyncio.run(request.body().read(10)) == b""


def test_a_body_comes_in_pieces() -> None:
    pieces = receiving(chunk(b"ab", more=True), chunk(b"", more=True), chunk(b"c"))
    request = Incoming.from_asgi(scope((b"transfer-encoding", b"chunked")), pieces)
    assert asyncio.run(request.body().read(3)) == b"abc"


def test_a_body_that_is_declared_too_large_is_never_read() -> None:
    request = Incoming.from_asgi(scope((b"content-length", b"104857600")), receiving())
    with pytest.raises(ContentTooLarge) as raised:
        asyncio.run(request.body().read(1000))
    assert (raised.value.limit, raised.value.received_at_least) == (1000, 104857600)


def test_reading_stops_at_the_limit() -> None:
    endless = receiving(*[chunk(b"x" * 10, more=True)] * 3)
    request = Incoming.from_asgi(scope((b"transfer-encoding", b"chunked")), endless)
    with pytest.raises(ContentTooLarge):
        asyncio.run(request.body().read(25))


def test_a_client_that_leaves_in_the_middle_is_told_apart() -> None:
    leaving = receiving(chunk(b"ab", more=True), {"type": "http.disconnect"})
    request = Incoming.from_asgi(scope((b"content-length", b"10")), leaving)
    with pytest.raises(ClientLeft):
        asyncio.run(request.body().read(100))


@pytest.mark.parametrize("length", [b"abc", b"-1", b"1e3", b"9" * 30, b""])
def test_a_content_length_that_is_no_number_declares_nothing(length: bytes) -> None:
    request = Incoming.from_asgi(scope((b"content-length", length)), receiving(chunk(b"ab")))
    assert request.body().declared is None
    assert asyncio.run(request.body().read(10)) == b"ab"


def test_http_2_announces_no_body_in_its_header() -> None:
    request = Incoming.from_asgi(scope(http_version="2"), receiving(chunk(b"ab")))
    assert asyncio.run(request.body().read(10)) == b"ab"
