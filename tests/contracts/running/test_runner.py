"""The runner against targets that do as their document says, or nearly."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.types import Scope

from tests.apps.small_api import api_of
from tests.apps.thing_api import API, LIMIT, QUICK, RESPONSES, app, healthy, run
from understudy.contracts.case import Phase
from understudy.contracts.claims import Failure
from understudy.contracts.events import ExchangeDone, PhaseFinished, PhaseStarted, RunFinished, RunStarted
from understudy.contracts.observation import Observation
from understudy.contracts.running.folding import fold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.mockserver.serving.running import serving
from understudy.specs.errors import UsageError


def test_a_healthy_api_passes() -> None:
    with serving(app(healthy)) as server:
        result, events = run(server.url)
    assert (result.findings, result.flaky, result.errors) == ((), (), ())
    assert result.exit_code == 0
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert not events[-1].interrupted
    began = [event.phase for event in events if isinstance(event, PhaseStarted)]
    assert began == [Phase.EXAMPLES, Phase.PROBES, Phase.COVERAGE, Phase.FUZZING]
    assert sorted(began, key=list(Phase).index) == began
    assert {event.phase for event in events if isinstance(event, PhaseFinished)} == set(began)


def test_the_same_seed_sends_the_same_and_nothing_is_timed_into_it() -> None:
    def cases(seed: int) -> list[tuple[str, str]]:
        with serving(app(healthy)) as server:
            _, events = run(server.url, Settings(profile=Profile.QUICK, seed=seed))
        return [
            (event.exchange.case.method, event.exchange.case.target)
            for event in events
            if isinstance(event, ExchangeDone)
        ]

    assert cases(1) == cases(1) != cases(2)


def test_probes_that_have_no_time_before_the_fuzzer_go_on_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(share: float) -> tuple[list[Phase], dict[str, int]]:
        monkeypatch.setattr("understudy.contracts.running.runner.PROBES_SHARE", share)
        with serving(app(healthy)) as server:
            result, events = run(server.url)
        assert result.exit_code == 0
        began = [event.phase for event in events if isinstance(event, PhaseStarted)]
        return began, {name: claim.times for name, claim in result.operations[0].claims.items()}

    began, claims = judged(0.5)
    parted, all_the_same = judged(0.0)
    assert began == [Phase.EXAMPLES, Phase.PROBES, Phase.COVERAGE, Phase.FUZZING]
    assert parted == [*began, Phase.PROBES]
    assert all_the_same == claims


def test_a_fault_is_found_and_shown_by_one_request() -> None:
    def forgetful(scope: Scope) -> tuple[int, bytes]:
        status, body = healthy(scope)
        return status, b"{}" if body else body

    with serving(app(forgetful)) as server:
        result, _ = run(server.url)
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
        result, _ = run(server.url)
    assert result.findings == ()
    assert [each.claim.id for each in result.flaky] == ["response-schema"]
    assert result.exit_code == 0


def test_a_check_that_crashes_is_told_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from understudy.contracts import checking

    original = checking._checks["status-documented"]

    def crash(seen: Observation) -> list[Failure]:
        raise ZeroDivisionError("oops")

    broken = checking.ExchangeCheck(original.claim, original.applies_to, crash)
    monkeypatch.setitem(checking._checks, "status-documented", broken)
    with serving(app(healthy)) as server:
        result, _ = run(server.url)
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
        result, _ = run(server.url, Settings(profile=Profile.QUICK, max_seconds=1e-6))
    assert not result.interrupted
    reasons = {claim.reason for operation in result.operations for claim in operation.claims.values()}
    assert "the time was over" in reasons


def test_nothing_to_test() -> None:
    with serving(app(healthy)) as server:
        result, _ = run(server.url, Settings(profile=Profile.QUICK, max_seconds=2), api_of({}))
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
