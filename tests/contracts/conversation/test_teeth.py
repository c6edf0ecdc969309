"""The model finds what is wrong with a library, one thing at a time, and says it in a short story."""

from __future__ import annotations

from functools import cache

import pytest

from tests.apps.spoiled import spoiled_app
from tests.apps.spoiled_library import LIBRARY, LIBRARY_SPOILERS
from tests.apps.spoiling import QUICK_PACE, Spoiler
from understudy.contracts.conversation.claims import MODEL_CLAIMS
from understudy.contracts.running.folding import fold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run
from understudy.mockserver.serving.running import running, serving
from understudy.mockserver.settings import Settings as MockSettings
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.model import Api

EVERY = tuple(claim.id for claim in MODEL_CLAIMS)
STORIES = {"read-otherwise": 2, "deleted-twice": 3, "list-short": 2, "count-off": 1, "rule-ignored": 3, "job-early": 2}
"""The fewest requests that show some of the faults."""


@cache
def api(name: str) -> Api:
    return load_api(name)


def run(described: Api, url: str, *claims: str, seed: int = 0) -> Run:
    settings = Settings(profile=Profile.QUICK, seed=seed, claims=claims or EVERY)
    return fold(run_checks(described, url, settings))


@pytest.mark.parametrize("spoiler", LIBRARY_SPOILERS, ids=lambda spoiler: spoiler.name)
def test_one_change_is_found(spoiler: Spoiler) -> None:
    described = api(LIBRARY)
    with serving(spoiled_app(spoiler, described)) as server:
        result = run(described, server.url, spoiler.claim)
    assert {finding.claim.id for finding in result.findings} == {spoiler.claim}, (result.flaky, result.errors)
    finding = result.findings[0]
    assert finding.message
    # What other phases made, and lists show, comes before the story.
    steps = [step for step, colon, _ in (each.case.note.partition(":") for each in finding.exchanges) if colon]
    assert steps == [f"step {number}" for number in range(1, len(steps) + 1)]
    assert len(steps) <= STORIES.get(spoiler.name, 6)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", [*SHIPPED, LIBRARY])
def test_a_healthy_server_is_not_blamed(name: str, seed: int) -> None:
    described = api(name)
    with running(described, settings=MockSettings(pace=QUICK_PACE)) as mock:
        result = run(described, mock.url, seed=seed)
    assert [f"{each.claim.id} {each.operation} {each.place}: {each.message}" for each in result.findings] == []
    assert [each.message for each in result.flaky] == []
    assert result.errors == ()


def test_each_claim_of_the_model_has_a_spoiler() -> None:
    assert [spoiler.claim for spoiler in LIBRARY_SPOILERS] == list(EVERY)
