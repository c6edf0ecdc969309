"""The runner against targets that behave, misbehave, and are not there."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.apps import raw_server
from tests.apps.small_api import api_of
from understudy.contracts.case import Phase
from understudy.contracts.claims import Failure
from understudy.contracts.events import (
    Event,
    ExchangeDone,
    PhaseFinished,
    PhaseStarted,
    RunFinished,
    RunStarted,
)
from understudy.contracts.observation import Observation
from understudy.contracts.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run, fold
from understudy.mockserver.running import serving
from understudy.specs.errors import TargetError, UsageError
from understudy.specs.model import Api

THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
CONTENT = {"application/json": {"schema": THING}}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}
RESPONSES = {"200": {"description": "", "content": CONTENT}, "400": {"description": ""}, "405": {"description": ""}}
API: Api = api_of({"/thing": {"get": {"operationId": "getThing", "parameters": [LIMIT], "responses": RESPONSES}}})
QUICK = Settings(profile=Profile.QUICK, max_seconds=8, request_seconds=0.4, stream_seconds=0.4)


def app(reply: Callable[[Scope], tuple[int, bytes]]) -> ASGIApp:
    """An application whose answers are JSON."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        status, body = reply(scope)
        headers = [(b"content-type", b"application/json")] if body or status == 200 else []
        headers.append((b"allow", b"GET"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def whole(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        await answer(scope, receive, send)

    return whole


def healthy(scope: Scope) -> tuple[int, bytes]:
    """Does what the document says."""
    if scope["method"] not in ("GET", "HEAD"):
        return 405, b""
    for pair in scope["query_string"].decode().split("&"):
        name, _, value = pair.partition("=")
        if name == "limit" and not (value.isdigit() and 1 <= int(value) <= 100):
            return 400, b""
    return 200, b"" if scope["method"] == "HEAD" else b'{"id": 7}'


def run(url: str, settings: Settings = QUICK, api: Api = API) -> tuple[Run, list[Event], TargetError | None]:
    taken: list[Event] = []
    error = None
    try:
        # What was taken before an error stays.
        taken.extend(run_checks(api, url, settings))
    except TargetError as raised:
        error = raised
    return fold(taken), taken, error


def test_a_healthy_api_passes() -> None:
    with serving(app(healthy)) as server:
        result, events, error = run(server.url)
    assert error is None
    assert (result.findings, result.flaky, result.errors) == ((), (), ())
    assert result.exit_code == 0
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert not events[-1].interrupted
    began = [event.phase for event in events if isinstance(event, PhaseStarted)]
    assert began == [Phase.EXAMPLES, Phase.COVERAGE, Phase.FUZZING, Phase.PROBES]
    assert sorted(began, key=list(Phase).index) == began
    assert {event.phase for event in events if isinstance(event, PhaseFinished)} == set(began)


def test_the_same_seed_sends_the_same_and_nothing_is_timed_into_it() -> None:
    def cases(seed: int) -> list[tuple[str, str]]:
        with serving(app(healthy)) as server:
            _, events, _ = run(server.url, Settings(profile=Profile.QUICK, seed=seed))
        return [
            (event.exchange.case.method, event.exchange.case.target)
            for event in events
            if isinstance(event, ExchangeDone)
        ]

    assert cases(1) == cases(1) != cases(2)


def test_a_fault_is_found_and_shown_by_one_request() -> None:
    def forgetful(scope: Scope) -> tuple[int, bytes]:
        status, body = healthy(scope)
        return status, b"{}" if body else body

    with serving(app(forgetful)) as server:
        result, _, _ = run(server.url)
    assert result.exit_code == 1
    assert [(each.claim.id, each.place) for each in result.findings] == [
        ("response-schema", "200 application/json /id required")
    ]
    assert len(result.findings[0].exchanges) == 1
    assert result.findings[0].count > 1


def test_what_does_not_show_again_is_flaky_and_fails_nothing() -> None:
    asked = threading.Event()

    def once(scope: Scope) -> tuple[int, bytes]:
        status, body = healthy(scope)
        if body and scope["path"] == "/thing" and not asked.is_set():
            asked.set()
            return status, b"{}"
        return status, body

    with serving(app(once)) as server:
        result, _, _ = run(server.url)
    assert result.findings == ()
    assert [each.claim.id for each in result.flaky] == ["response-schema"]
    assert result.exit_code == 0


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


def test_a_check_that_crashes_is_told_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from understudy.contracts import checking

    original = checking._checks["status-documented"]

    def crash(seen: Observation) -> list[Failure]:
        raise ZeroDivisionError("oops")

    broken = checking.ExchangeCheck(original.claim, original.applies_to, crash)
    monkeypatch.setitem(checking._checks, "status-documented", broken)
    with serving(app(healthy)) as server:
        result, _, _ = run(server.url)
    assert result.exit_code == 5
    errors = result.operations[0].errors
    assert any(
        "the check status-documented (checks.statuses) crashed: ZeroDivisionError: oops" in each for each in errors
    )
    assert result.operations[0].claims["response-schema"].times > 0


def test_an_interrupt_ends_the_run_with_what_was_found() -> None:
    asked = 0

    def interrupting(scope: Scope) -> tuple[int, bytes]:
        nonlocal asked
        asked += 1
        return healthy(scope)

    with serving(app(interrupting)) as server:
        events = run_checks(API, server.url, QUICK)
        taken = [next(events) for _ in range(4)]
        taken.append(events.throw(KeyboardInterrupt))  # type: ignore[attr-defined]  # what Ctrl-C does
        taken.extend(events)
    assert isinstance(taken[-1], RunFinished)
    assert taken[-1].interrupted
    assert fold(taken).exit_code == 130


def test_time_that_is_over_skips_what_is_left() -> None:
    with serving(app(healthy)) as server:
        result, _, _ = run(server.url, Settings(profile=Profile.QUICK, max_seconds=0.01))
    assert not result.interrupted
    reasons = {claim.reason for operation in result.operations for claim in operation.claims.values()}
    assert "the time was over" in reasons


def test_nothing_to_test() -> None:
    with serving(app(healthy)) as server:
        result, _, _ = run(server.url, Settings(profile=Profile.QUICK, max_seconds=2), api_of({}))
    assert result.exit_code == 6


def test_wrong_settings_are_refused_before_anything_is_told() -> None:
    with pytest.raises(UsageError, match="base URL"):
        next(run_checks(API, "localhost:80"))
    with pytest.raises(UsageError, match="--include"):
        next(run_checks(API, "http://127.0.0.1:1", Settings(include=("nope",))))


def test_the_start_tells_what_is_tested_without_secrets() -> None:
    with serving(app(healthy)) as server:
        settings = Settings(credentials={"": "hush-hush"}, headers=(("X-Key", "hush-hush"),), claims=("head-like-get",))
        events = run_checks(
            API, server.url, settings, document="things.yaml", now=lambda: datetime(2026, 1, 2, tzinfo=UTC)
        )
        started = next(events)
        events.close()  # type: ignore[attr-defined]  # a generator
    assert isinstance(started, RunStarted)
    assert (started.document, started.started_at, started.target) == ("things.yaml", "2026-01-02T00:00:00Z", server.url)
    assert "hush-hush" not in repr(started)


def test_headers_and_credentials_go_with_every_request() -> None:
    seen: set[tuple[str, str]] = set()

    def spying(scope: Scope) -> tuple[int, bytes]:
        headers = dict(scope["headers"])
        seen.add((headers.get(b"x-run", b"").decode(), headers.get(b"authorization", b"").decode()))
        return healthy(scope)

    guarded: dict[str, Any] = {
        "security": [{"Bearer": []}],
        "components": {"securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}}},
    }
    api = api_of({"/thing": {"get": {"responses": RESPONSES, "parameters": [LIMIT]}}}, **guarded)
    settings = Settings(profile=Profile.QUICK, max_seconds=5, headers=(("X-Run", "7"),), credentials={"": "secret-1"})
    with serving(app(spying)) as server:
        run(server.url, settings, api)
    assert {header for header, _ in seen} == {"7"}
    assert "Bearer secret-1" in {credential for _, credential in seen}
