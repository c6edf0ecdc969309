"""What is forced on answers, over real sockets: faults really happen to the connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from random import Random

import httpx
import pytest

from tests.apps.pets import PETS
from tests.mockserver.control.conftest import pets
from understudy.mockserver.forcing.delays import Delay, read_delay, write_delay
from understudy.mockserver.forcing.durations import MAX_DURATION, parse_span
from understudy.mockserver.forcing.faults import Fault, break_json
from understudy.mockserver.forcing.forcing import read_forcing, write_forcing
from understudy.mockserver.serving.running import RunningMock
from understudy.mockserver.settings import SYSTEM_CLOCK, Clock
from understudy.specs.errors import UsageError
from understudy.specs.model import Api

Serve = Callable[..., RunningMock]


def served_by(parser: str) -> Api:
    """A method that the fast parser doesn't know selects the other one."""
    brew = "  /empty:\n    additionalOperations: {BREW: {responses: {'204': {description: ''}}}}\n"
    return pets(text=PETS.replace("  /empty:\n", brew) if parser == "h11" else PETS)


def raw(mock: RunningMock, path: str, patience: float = 5.0) -> tuple[bytes, type[Exception] | None]:
    """All octets that come before the connection ends, and how it ended; no header announces what is meant to come."""
    with socket.create_connection((mock.host, mock.port)) as connection:
        connection.settimeout(patience)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        got = b""
        try:
            while octets := connection.recv(65536):
                got += octets
        except (TimeoutError, ConnectionResetError) as error:
            return got, type(error)
        return got, None


def test_a_status_is_forced_on_the_next_requests(serve: Serve) -> None:
    mock = serve()
    key = mock.override("readWord", status=500, times=2)
    answers = [httpx.get(f"{mock.url}/word") for _ in range(3)]
    assert [each.status_code for each in answers] == [500, 500, 200]
    assert answers[0].json() == {"error": "broken"}
    assert answers[0].headers["x-understudy-override"] == key
    assert "x-understudy-override" not in answers[2].headers
    assert [each.override for each in mock.requests] == [key, key, ""]


def test_a_forced_status_is_the_clients_wish_no_more(serve: Serve) -> None:
    mock = serve()
    mock.override("readWord", status=500)
    answer = httpx.get(f"{mock.url}/word", headers={"Prefer": "code=200, example=short, seed=4"})
    assert answer.status_code == 500
    assert "preference-applied" not in answer.headers


def test_an_error_that_is_not_documented_is_a_problem(serve: Serve) -> None:
    mock = serve()
    mock.override("*", status=503)
    answer = httpx.get(f"{mock.url}/word")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["detail"] == "forced by the override o1"
    assert httpx.get(f"{mock.url}/pets/p1").status_code == 503


def test_a_forced_429_is_that_of_a_limit_where_there_is_one(serve: Serve) -> None:
    limits = """
  limits:
    hourly: {limit: 50, window: 1h, default: true, headers: {limit: X-Limit, remaining: X-Left}}
"""
    mock = serve(pets(text=PETS.replace("x-understudy:\n", f"x-understudy:{limits}", 1)))
    assert httpx.get(f"{mock.url}/word").headers["x-left"] == "49"
    mock.override("readWord", status=429, times=1)
    refused = httpx.get(f"{mock.url}/word")
    assert (refused.status_code, refused.headers["x-left"], refused.headers["x-limit"]) == (429, "0", "50")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert httpx.get(f"{mock.url}/word").headers["x-left"] == "47"


def test_an_example_is_forced_and_a_remembered_answer_is_not_in_its_way(serve: Serve) -> None:
    mock = serve()
    assert httpx.get(f"{mock.url}/word").json() == {"word": "incomprehensibilities"}
    key = mock.override("GET /word", example="short")
    assert httpx.get(f"{mock.url}/word").json() == {"word": "a"}
    assert mock.drop_override(key)
    assert not mock.drop_override(key)
    assert httpx.get(f"{mock.url}/word").json() == {"word": "incomprehensibilities"}


def test_the_newest_that_hits_has_effect(serve: Serve) -> None:
    mock = serve()
    mock.override("*", status=500)
    mock.override("readWord", example="short", times=1)
    assert [httpx.get(f"{mock.url}/word").status_code for _ in range(2)] == [200, 500]
    mock.drop_overrides()
    assert httpx.get(f"{mock.url}/word").status_code == 200


def test_a_share_of_the_requests_is_hit_and_it_follows_from_the_seed(serve: Serve) -> None:
    runs = []
    for seed in (0, 0, 1):
        mock = serve(seed=seed)
        mock.override("readWord", status=500, rate=0.3)
        with httpx.Client(base_url=mock.url) as client:
            runs.append([client.get("/word").status_code for _ in range(60)])
            mock.reset()
            mock.override("readWord", status=500, rate=0.3)
            again = [client.get("/word").status_code for _ in range(60)]
        assert again == runs[-1]
    assert runs[0] == runs[1] != runs[2]
    assert 6 <= runs[0].count(500) <= 32


def test_a_delay_is_waited_for(serve: Serve) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    mock = serve(clock=Clock(SYSTEM_CLOCK.now, sleep), latency=(0.5, 0.5), pace=0.02)
    httpx.get(f"{mock.url}/word")
    mock.override("*", delay="200ms..2s", pace="3s")
    httpx.get(f"{mock.url}/word", headers={"Prefer": "delay=7s"})
    httpx.get(f"{mock.url}/events")
    assert waits[0] == 0.5
    assert 0.2 <= waits[1] <= 2
    assert waits[2] != waits[1]
    assert waits[3:] == [3.0, 3.0]
    mock.drop_overrides()
    httpx.get(f"{mock.url}/word", headers={"Prefer": "delay=7s"})
    assert waits[-1] == 7


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_a_connection_is_dropped_or_reset(serve: Serve, parser: str) -> None:
    mock = serve(served_by(parser))
    mock.override("readWord", fault="drop")
    assert raw(mock, "/word") == (b"", None)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{mock.url}/word")
    mock.override("readWord", fault="reset")
    assert raw(mock, "/word") == (b"", ConnectionResetError)
    mock.drop_overrides()
    assert httpx.get(f"{mock.url}/word").status_code == 200


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_a_body_is_truncated_or_never_begun(serve: Serve, parser: str) -> None:
    mock = serve(served_by(parser))
    whole = httpx.get(f"{mock.url}/word").content
    for fault, left in (("truncate", whole[: len(whole) // 2]), ("cut", b"")):
        mock.override("readWord", fault=fault)
        got, ended = raw(mock, "/word")
        header, body = got.split(b"\r\n\r\n", 1)
        assert (body, ended) == (left, None)
        assert b"content-length: %d" % len(whole) in header.lower()
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{mock.url}/word")


def test_a_body_that_is_no_json_comes_whole(serve: Serve) -> None:
    mock = serve()
    mock.override("readWord", fault="malformed")
    answer = httpx.get(f"{mock.url}/word")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_answer_stalls_until_the_client_has_enough(serve: Serve) -> None:
    mock = serve()
    mock.override("readWord", fault="stall")
    got, ended = raw(mock, "/word", patience=0.2)
    assert got.startswith(b"HTTP/1.1 200")
    assert got.endswith(b"\r\n\r\n")
    assert ended is TimeoutError


def test_an_answer_without_a_body_is_dropped(serve: Serve) -> None:
    mock = serve()
    for fault in ("truncate", "cut"):
        mock.override("*", fault=fault)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.delete(f"{mock.url}/empty")
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.head(f"{mock.url}/word")


@pytest.mark.parametrize(
    ("forced", "items", "is_whole"),
    [
        ({"fault": "cut", "after": 1}, 1, False),
        ({"fault": "cut", "after": 0}, 0, False),
        ({"fault": "cut"}, 1, False),
        ({"fault": "cut", "after": 99}, 2, False),
        ({"fault": "truncate", "after": 2}, 2, False),
        ({"fault": "malformed", "after": 1}, 3, True),
    ],
)
def test_a_stream_breaks_in_its_middle(serve: Serve, forced: dict[str, object], items: int, is_whole: bool) -> None:
    mock = serve()
    whole = httpx.get(f"{mock.url}/events").text
    mock.override("follow", **forced)
    got = ""
    ended = contextlib.nullcontext() if is_whole else pytest.raises(httpx.RemoteProtocolError)
    with httpx.stream("GET", f"{mock.url}/events") as stream, ended:
        for text in stream.iter_text():
            got += text
    events = [each for each in got.split("\n\n") if each]
    assert sum("\n" in each or each.startswith("id") for each in events) >= items
    if forced["fault"] == "cut":
        assert whole.startswith(got)
        assert len(events) == items
    elif forced["fault"] == "truncate":
        assert whole.startswith(got)
        assert not got.endswith("\n\n")
        assert got.count("\n\n") == items
    else:
        data = [each.partition("data: ")[2] for each in events]
        assert len(data) == 3
        with pytest.raises(json.JSONDecodeError):
            json.loads(data[1])
        json.loads(data[0])
        json.loads(data[2])


def test_a_stream_stalls(serve: Serve) -> None:
    mock = serve()
    mock.override("follow", fault="stall", after=2)
    got, ended = raw(mock, "/events", patience=0.3)
    assert got.count(b"data:") == 2
    assert ended is TimeoutError


def test_what_is_refused_is_counted_and_stays_refused(serve: Serve) -> None:
    mock = serve()
    mock.override("createPet", status=500, times=1)
    assert httpx.post(f"{mock.url}/pets", json={}).status_code == 422
    assert httpx.post(f"{mock.url}/pets", json={"name": "Tom"}).status_code == 201


def test_a_fault_comes_after_the_records_are_changed(serve: Serve) -> None:
    mock = serve()
    mock.override("createPet", fault="drop", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{mock.url}/pets", json={"name": "Tom"})
    assert len(httpx.get(f"{mock.url}/pets").json()) == 2


@pytest.mark.parametrize(
    "body", ['{"a": [1, "b"]}', "[]", '"text"', "12", "true", "null", '{"a": 1}\n', 'data: {"n": 1}\n\n']
)
def test_broken_json_is_none(body: str) -> None:
    broken = break_json(body.encode()).decode()
    assert len(broken) <= len(body) + 1
    assert broken.rstrip("\n") + "\n" * (len(body) - len(body.rstrip("\n"))) == broken
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken.removeprefix("data: "))


def test_under_another_server_an_answer_is_begun_and_not_ended() -> None:
    from understudy.mockserver.forcing.faults import send_faulty

    async def run(fault: Fault) -> list[str]:
        sent: list[str] = []

        async def send(message: object) -> None:
            assert isinstance(message, dict)
            sent.append(message["type"])

        async def receive() -> dict[str, str]:
            return {"type": "http.disconnect"}

        async def nothing() -> AsyncIterator[bytes]:
            for piece in tuple[bytes, ...]():
                yield piece

        await send_faulty(fault, 200, [], nothing(), receive, send, has_body=True)
        return sent

    assert asyncio.run(run(Fault.DROP)) == ["http.response.start"]
    assert asyncio.run(run(Fault.STALL)) == ["http.response.start"]


def test_delays_are_read_drawn_and_written() -> None:
    skewed = read_delay({"median": "200ms", "p99": "2s"})
    random = Random(3)
    values = sorted(skewed.draw(random) for _ in range(2000))
    assert 0.15 < values[1000] < 0.26
    assert 0.9 < values[1980] < 4
    assert (
        max(Delay(1800, 3600, is_skewed=True).draw(random) for random in [Random(1)] for _ in range(500))
        == MAX_DURATION
    )
    for written in ("250ms", "20ms..80ms", {"median": "200ms", "p99": "2s"}, "1.5s"):
        assert write_delay(read_delay(written)) == written


@pytest.mark.parametrize(
    "wrong", ["", "fast", 5, None, {"median": "1s"}, {"median": "2s", "p99": "1s"}, {"median": "0", "p99": "1s"}]
)
def test_other_delays_are_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="delay: got"):
        read_delay(wrong)


def test_what_is_forced_is_written_as_it_is_read() -> None:
    said = {
        "operation": "a",
        "status": 503,
        "delay": "1s..2s",
        "pace": "0.5s",
        "fault": "cut",
        "after": 2,
        "rate": 0.5,
        "times": 3,
    }
    assert write_forcing(read_forcing(said)) == said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1h30m", 5400), ("2d", 172800), ("-30m", -1800), ("250ms", 0.25), ("1.5h", 5400)],
)
def test_spans_have_units(text: str, seconds: float) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "-", "5", "h", "1 h", "1h-5m", "--1h", "1y", "1e3s", "+1h", "9" * 4000 + "d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="span"):
        parse_span(text)
