"""The runner against bodies that don't end, and a target that is lost; the others are in test_misbehaving_targets."""

from __future__ import annotations

import json
import socket
import threading
import time

from starlette.types import Scope

from tests.apps import raw_server
from tests.apps.thing_api import app, healthy, run
from understudy.contracts.events import RunFinished
from understudy.contracts.settings import Profile, Settings
from understudy.mockserver.serving.running import serving


def picky(thing: raw_server.Script) -> raw_server.Script:
    """A server that answers anything but ``/thing`` as it should."""

    def script(connection: socket.socket) -> None:
        request = connection.recv(65536, socket.MSG_PEEK)
        if request.split(b" ")[1:2] and request.split(b" ")[1].startswith(b"/thing"):
            thing(connection)
        else:
            raw_server.answer(raw_server.json_answer(b"{}", b"Connection: close"))(connection)

    return script


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
        result, _ = run(url, settings)
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
        result, _ = run(server.url, within)
        assert result.exit_code == 0
        small = Settings(profile=Profile.QUICK, max_seconds=3, max_body_bytes=100_000, claims=("body-whole",))
        cut, _ = run(server.url, small)
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
        result, events = run(url)
    assert any("the target was lost in the middle of the run" in message for message in result.errors)
    assert result.exit_code in (1, 5)
    assert isinstance(events[-1], RunFinished)
