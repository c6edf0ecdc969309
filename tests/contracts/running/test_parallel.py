"""One run on several processors: the same cases, the same findings, one report; and workers that die or are stopped."""

from __future__ import annotations

import os
import pickle
import signal
from collections import Counter

import pytest

from tests.apps.small_runs import GRAVE, PETS
from tests.apps.spoiled import SPOILERS, spoiled_app
from understudy.contracts.claims import Failure
from understudy.contracts.events import Event, ExchangeDone, PhaseFinished, PhaseStarted, RunFinished, RunStarted
from understudy.contracts.running.folding import fold
from understudy.contracts.running.parallel import run_checks_in_parallel
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.mockserver.serving.running import running, serving
from understudy.specs.catalog import load_api
from understudy.specs.errors import UsageError

NEXUS = "quantum-nexus"
FEW = Settings(profile=Profile.QUICK, max_seconds=30, include=("getHealth", "*Session*"), claims=("!stream-*",))


def sent(events: list[Event]) -> Counter[tuple[str, str, bytes | None]]:
    """What was sent by the phases whose length no clock decides."""
    cases = [each.exchange.case for each in events if isinstance(each, ExchangeDone)]
    return Counter((case.method, case.target, case.body) for case in cases if case.phase.value == "examples")


def test_workers_send_what_one_run_sends() -> None:
    api = load_api(NEXUS)
    with running(api) as mock:
        alone = list(run_checks(api, mock.url, FEW, document=NEXUS))
    with running(api) as mock:
        together = list(run_checks_in_parallel(api, mock.url, FEW, 2, document=NEXUS))
    assert isinstance(together[0], RunStarted)
    assert isinstance(together[-1], RunFinished)
    assert not together[-1].interrupted
    assert sent(together) == sent(alone)
    run, other = fold(together), fold(alone)
    assert run.findings == ()
    assert [each.plan for each in run.operations] == [each.plan for each in other.operations]
    assert all(each.cases for each in run.operations if not each.plan.skipped)
    begun = [event.phase for event in together if isinstance(event, PhaseStarted)]
    ended = [event.phase for event in together if isinstance(event, PhaseFinished)]
    assert len(begun) == len(set(begun)) == len(ended)


def test_findings_of_a_worker_are_those_of_the_run() -> None:
    spoiler = next(each for each in SPOILERS if each.name == "wrong-type")
    settings = Settings(profile=Profile.QUICK, max_seconds=30, include=spoiler.include, claims=(spoiler.claim,))
    with serving(spoiled_app(spoiler)) as server:
        run = fold(run_checks_in_parallel(load_api(NEXUS), server.url, settings, 2, document=NEXUS))
    assert {finding.claim.id for finding in run.findings} == {spoiler.claim}
    assert run.exit_code == 1


def test_failures_cross_processes_whole() -> None:
    failure = Failure(GRAVE, PETS, "200", "a message")
    again = pickle.loads(pickle.dumps(failure))
    assert (again.claim, again.fingerprint, again.message) == (failure.claim, failure.fingerprint, failure.message)


def test_a_target_that_is_down() -> None:
    events = run_checks_in_parallel(load_api(NEXUS), "http://127.0.0.1:1", FEW, 2, document=NEXUS)
    run = fold(events)
    assert (run.exit_code, run.interrupted) == (4, False)
    assert "no connection" in run.errors[0]


def test_a_worker_that_dies_is_an_error_of_ours() -> None:
    api = load_api(NEXUS)
    with running(api) as mock:
        killed = False
        taken: list[Event] = []
        for event in run_checks_in_parallel(api, mock.url, FEW, 2, document=NEXUS):
            taken.append(event)
            if isinstance(event, ExchangeDone) and not killed:
                killed = True
                os.kill(_children()[0], signal.SIGKILL)
    run = fold(taken)
    assert any("died with exit code -9" in error for error in run.errors)
    assert run.exit_code == 5


def test_what_workers_cannot_share_is_refused() -> None:
    api = load_api(NEXUS)
    for settings in (Settings(max_calls={"": 5}), Settings(shard=(1, 2))):
        with pytest.raises(UsageError, match="--workers"):
            next(run_checks_in_parallel(api, "http://127.0.0.1:1", settings, 2, document=NEXUS))


def _children() -> list[int]:
    """Worker processes of this one; the queue's helper isn't among them."""
    import multiprocessing

    return [child.pid for child in multiprocessing.active_children() if child.pid]
