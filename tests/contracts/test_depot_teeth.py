"""What the mock doesn't serve, spoiled one way at a time in a server written by hand."""

from __future__ import annotations

import pytest

from tests.apps.depot import Depot, depot_api
from tests.apps.spoiled_depot import DEPOT_SPOILERS
from understudy.contracts.running.folding import fold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run
from understudy.mockserver.serving.running import serving


def run(fault: str = "", include: tuple[str, ...] = (), claims: tuple[str, ...] = (), seed: int = 0) -> Run:
    settings = Settings(
        profile=Profile.QUICK,
        include=include,
        claims=claims,
        max_seconds=20,
        credentials={"": "a-token-of-mine"},
        seed=seed,
        probe_limits=True,
    )
    with serving(Depot(fault)) as server:
        return fold(run_checks(depot_api(), server.url, settings))


@pytest.mark.parametrize(("fault", "claim", "include"), DEPOT_SPOILERS, ids=lambda each: str(each)[:30])
def test_one_fault_is_found(fault: str, claim: str, include: tuple[str, ...]) -> None:
    found = run(fault, include, (claim,))
    assert claim in {finding.claim.id for finding in found.findings}, found.errors
    assert found.exit_code == 1


@pytest.mark.parametrize("seed", [0, 1])
def test_a_healthy_server_is_not_blamed(seed: int) -> None:
    found = run(seed=seed)
    assert [f"{each.claim.id} {each.operation} {each.place}: {each.message}" for each in found.findings] == []
    assert found.exit_code == 0
