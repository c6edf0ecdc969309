"""Shards of a test as one run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.apps.small_runs import GRAVE, PET, PETS, run_with
from understudy.contracts.running.merging import merge_runs
from understudy.contracts.verdict import Run, Verdict
from understudy.specs.errors import UsageError


def shard(run: Run, *left_out: str) -> Run:
    """The run as a shard sees it that leaves operations to others."""
    operations = tuple(
        replace(each, plan=replace(each.plan, skipped="in another shard"), cases=0, claims={}, verdict=Verdict.SKIPPED)
        if each.plan.label in left_out
        else each
        for each in run.operations
    )
    findings = tuple(finding for finding in run.findings if finding.operation not in left_out)
    return replace(run, operations=operations, findings=findings)


def test_shards_together_say_what_one_run_says() -> None:
    whole = run_with((GRAVE, PETS), (GRAVE, PET))
    assert merge_runs([shard(whole, PET), shard(whole, PETS)]) == whole
    assert merge_runs([shard(whole, PETS), shard(whole, PET)]).exit_code == 1


def test_the_same_finding_of_two_runs_is_one() -> None:
    once = run_with((GRAVE, PETS))
    twice = merge_runs([once, once])
    assert [finding.count for finding in twice.findings] == [2]
    assert twice.cases == 2 * once.cases
    assert twice.operations[0].claims["grave-claim"].times == 2


def test_one_interrupted_shard_interrupts_all() -> None:
    run = run_with()
    assert merge_runs([run, replace(run, interrupted=True)]).exit_code == 130


def test_other_documents_are_refused() -> None:
    with pytest.raises(UsageError, match="Birds"):
        merge_runs([run_with(), run_with(title="Birds")])
    with pytest.raises(UsageError, match="at least one"):
        merge_runs([])
