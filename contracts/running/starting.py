"""The first event of a run, whoever begins it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from understudy.contracts.events import RunStarted
from understudy.contracts.running.plan import Plan
from understudy.specs.model import Api

__all__ = ["run_started"]


def run_started(
    api: Api, plan: Plan, *, document: str, target: str, at: datetime, settings: Mapping[str, str], seed: int = 0
) -> RunStarted:
    """What a run is about.

    Args:
        document: As the user named it; empty takes the Api's name.
        target: Base URL of the API under test.
        settings: Option → value as text, for the reader.
    """
    return RunStarted(
        title=api.title,
        version=api.version,
        openapi=api.openapi,
        document=document or api.name,
        target=target.rstrip("/"),
        seed=seed,
        started_at=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        operations=plan.operations,
        claims=plan.claims,
        phases=plan.phases,
        settings=settings,
    )
