"""Every spoiled mock is found out, and the healthy ones aren't blamed."""

from __future__ import annotations

from functools import cache

import pytest

from tests.apps.spoiled import SPOILERS, spoiled_app
from tests.apps.spoiled_depot import DEPOT_SPOILERS
from tests.apps.spoiled_library import LIBRARY_SPOILERS
from tests.apps.spoiling import Spoiler
from understudy.contracts.claims import claims
from understudy.contracts.running.folding import fold
from understudy.contracts.running.plan import select_claims
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run
from understudy.mockserver.serving.running import running, serving
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.model import Api

assert select_claims(())  # registers every claim

NOT_SPOILED = {
    "answers-in-time": "test_promptness shows it, and a broken desk in tests/teeth",
    "created-resource-available": "test_stateful shows it",
    "credential-deleted-refused": "test_made_credentials shows it, and a broken desk in tests/teeth",
    "deleted-resource-gone": "test_stateful shows it",
    "limit-window-stays": "test_limit_watch shows it, and a broken desk in tests/teeth",
    "stream-goes-on": "test_stream_checks shows it, and a broken desk in tests/teeth",
    "stream-text-kept": "test_stream_texts shows it, and a broken desk in tests/teeth",
    "retry-after-kept": "test_limit_watch shows it, and a broken desk in tests/teeth",
}
"""Claims without a spoiler of their own, and why."""


@cache
def api(name: str) -> Api:
    return load_api(name)


def spoiled_run(spoiler: Spoiler) -> Run:
    settings = Settings(profile=Profile.QUICK, include=spoiler.include, max_seconds=15, credentials=spoiler.credentials)
    described = api(spoiler.document)
    with serving(spoiled_app(spoiler, described)) as server:
        return fold(run_checks(described, server.url, settings))


@pytest.mark.parametrize("spoiler", SPOILERS, ids=lambda spoiler: spoiler.name)
def test_one_change_is_found(spoiler: Spoiler) -> None:
    run = spoiled_run(spoiler)
    found = {finding.claim.id for finding in run.findings}
    assert spoiler.claim in found, f"found {found or 'nothing'}; {run.errors}"
    assert run.exit_code == 1
    finding = next(each for each in run.findings if each.claim.id == spoiler.claim)
    assert finding.exchanges
    assert finding.message


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_healthy_mock_is_not_blamed(name: str, seed: int) -> None:
    with running(api(name)) as mock:
        run = fold(run_checks(api(name), mock.url, Settings(profile=Profile.QUICK, seed=seed)))
    told = [f"{each.claim.id} {each.operation} {each.place}: {each.message}" for each in (*run.findings, *run.flaky)]
    errors = [*run.errors, *(f"{each.plan.label}: {error}" for each in run.operations for error in each.errors)]
    assert told == []
    assert errors == []
    assert run.exit_code == 0
    assert all(operation.is_judged for operation in run.operations)


def test_every_claim_has_a_spoiler_that_needs_it() -> None:
    spoiled = {spoiler.claim for spoiler in (*SPOILERS, *LIBRARY_SPOILERS)} | {claim for _, claim, _ in DEPOT_SPOILERS}
    assert {claim.id for claim in claims()} - spoiled == set(NOT_SPOILED)
