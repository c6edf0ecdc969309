"""Claims about what one request leaves for the next are judged against servers that keep state."""

from __future__ import annotations

import pytest

from tests.apps.notes import Notes, notes_api
from understudy.contracts.case import Phase
from understudy.contracts.running.folding import fold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run
from understudy.mockserver.serving.running import serving

CREATED, DELETED = "created-resource-available", "deleted-resource-gone"
OF_THE_MODEL = {CREATED: "made-is-found", DELETED: "deleted-is-gone"}
"""The model says the same by what it infers of the document."""


def run(notes: Notes, seed: int = 0, phases: frozenset[Phase] = frozenset(Phase)) -> Run:
    settings = Settings(seed=seed, profile=Profile.QUICK, phases=phases)
    with serving(notes) as server:
        return fold(run_checks(notes_api(), server.url, settings))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_server_that_keeps_its_word_passes(seed: int) -> None:
    result = run(Notes(), seed)
    assert [finding.message for finding in result.findings] == []
    assert (result.exit_code, result.errors, result.flaky) == (0, (), ())
    judged = {claim for operation in result.operations for claim, verdict in operation.claims.items() if verdict.times}
    assert {CREATED, DELETED} <= judged


@pytest.mark.parametrize(("notes", "claim"), [(Notes(keeps_deleted=True), DELETED), (Notes(forgets_new=True), CREATED)])
def test_a_forgetful_server_is_found_out(notes: Notes, claim: str) -> None:
    alone = run(notes, phases=frozenset(Phase) - {Phase.CONVERSATION})
    assert {finding.claim.id for finding in alone.findings} == {claim}
    result = run(notes)
    assert {finding.claim.id for finding in result.findings} == {OF_THE_MODEL[claim]}, "one fault, one finding"
    for finding in (*alone.findings, *result.findings):
        assert finding.exchanges[0].case.method == "POST"
