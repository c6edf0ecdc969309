"""The runner against targets that are down, hang, drop connections or don't speak HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest
from starlette.types import Scope

from tests.apps import raw_server
from tests.apps.thing_api import app, healthy, run
from understudy.contracts.events import RunFinished
from understudy.contracts.settings import Profile, Settings
from understudy.mockserver.running import serving


def test_a_target_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result, events, error = run(f"http://127.0.0.1:{port}")
    assert error is not None
    assert error.exit_code == 4
    assert "no connection" in str(error)
    assert isinstance(events[-1], RunFinished)
    assert "no connection" in result.errors[0]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (raw_server.answer(b"220 mail.example ESMTP\r\n\r\n"), "the answer is not HTTP"),
        (raw_server.answer(b""), "closed before an answer"),
        (raw_server.reset, "closed before an answer"),
        (lambda connection: time.sleep(2), "no answer within"),
    ],
    ids=["garbage", "closing", "resetting", "hanging"],
)
def test_a_target_that_is_no_server_of_http(script: raw_server.Script, reason: str) -> None:
    with raw_server.serving(script) as url:
        result, events, error = run(url)
    assert error is not None
    assert reason in str(error)
    assert result.cases == 0
    assert isinstance(events[-1], RunFinished)


def picky(thing: raw_server.Script) -> raw_server.Script:
    """A server that answers anything but ``/thing`` as it should."""

    def script(connection: socket.socket) -> None:
        request = connection.recv(65536, socket.MSG_PEEK)
        if request.split(b" ")[1:2] and request.split(b" ")[1].startswith(b"/thing"):
            thing(connection)
        else:
            raw_server.answer(raw_server.json_answer(b"{}", b"Connection: close"))(connection)

    return script


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (lambda connection: time.sleep(1), "no answer within 0.4 s"),
        (raw_server.reset, "closed before an answer"),
        (raw_server.answer(b"garbage\r\n\r\n"), "not HTTP"),
    ],
    ids=["hangs", "resets", "garbage"],
)
def test_an_operation_that_gives_no_answers_is_an_error_not_a_failure(script: raw_server.Script, error: str) -> None:
    settings = Settings(profile=Profile.QUICK, max_seconds=4, request_seconds=0.4, include=("getThing",))
    with raw_server.serving(picky(script)) as url:
        result, _, raised = run(url, settings)
    assert raised is None
    assert result.findings == ()
    assert result.exit_code == 5
    assert error in result.operations[0].errors[0]


def test_an_endless_body_is_an_error_of_the_body_and_ends() -> None:
    def endless(connection: socket.socket) -> None:
        raw_server.read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        stopped = threading.Event()
        while not stopped.wait(0.01):
            connection.sendall(b" " * 100)

    started = time.monotonic()
    settings = Settings(profile=Profile.QUICK, max_seconds=4, request_seconds=0.4, claims=("body-*", "response-*"))
    with raw_server.serving(picky(endless)) as url:
        result, _, _ = run(url, settings)
    assert time.monotonic() - started < 20
    assert [each.claim.id for each in result.findings] == ["body-whole"]
    assert result.exit_code == 1


def test_a_huge_body_is_read_to_the_limit_and_not_blamed() -> None:
    def huge(scope: Scope) -> tuple[int, bytes]:
        status, body = healthy(scope)
        return status, json.dumps({"id": 7, "x": "x" * 12_000_000}).encode() if body else body

    within = Settings(
        profile=Profile.QUICK, max_seconds=6, claims=("response-schema", "body-whole"), include=("getThing",)
    )
    with serving(app(huge)) as server:
        result, _, _ = run(server.url, within)
        assert result.exit_code == 0
        small = Settings(profile=Profile.QUICK, max_seconds=3, max_body_bytes=100_000, claims=("body-whole",))
        cut, _, _ = run(server.url, small)
    assert cut.findings == ()
    reasons = [claim.reason for operation in cut.operations for claim in operation.claims.values()]
    assert "we stopped reading after 100000 octets" in reasons


def test_a_target_that_is_lost_in_the_middle() -> None:
    served = 0

    def dying(connection: socket.socket) -> None:
        nonlocal served
        served += 1
        if served > 8:
            connection.close()
            return
        raw_server.answer(raw_server.json_answer(b'{"id": 7}', b"Connection: close", b"Allow: GET"))(connection)

    with raw_server.serving(dying) as url:
        result, events, error = run(url)
    assert error is None
    assert any("the target was lost in the middle of the run" in message for message in result.errors)
    assert result.exit_code in (1, 5)
    assert isinstance(events[-1], RunFinished)
