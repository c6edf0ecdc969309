"""One broken desk of each family is found, with two seeds, and nothing is said of the healthy one.

`make teeth` tries them all, with more time; here each run asks only the operations at which the bug can be seen, as
far as ``--profile quick`` goes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

from tests.apps.desk.app import DOCUMENT
from tests.apps.desk.settings import MAIN_KEY
from tests.apps.desk.variants import FAMILIES, variants
from tests.teeth.subjects import HEALTHY, subject
from understudy.contracts.events import FailureFound
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import EVERY_SCHEME, Profile, Settings
from understudy.mockserver.serving.running import serving
from understudy.specs.catalog import load_api
from understudy.specs.model import Api

SEEDS = (0, 1)

TRIED = {
    "state": ("patch-not-kept", "createTicket,getTicket,updateTicket"),
    "isolation": ("ticket-read-everywhere", "createTicket,getTicket"),
    "filters": ("status-ignored", "createTicket,updateTicket,listTickets"),
    "paging": ("limit-ignored", "createTicket,listTickets"),
    "order": ("tickets-oldest-first", "createTicket,listTickets"),
    "counts": ("total-of-page", "createTicket,listTickets"),
    "cascade": ("cascade-too-wide", "createTicket,deleteTicket,createComment,getComment"),
    "expiry": ("session-never-expires", "createSession,getSession"),
    "streams": ("no-done", "createSession,sendMessage"),
    "json-lines": ("name-lost", "importDirectory,exportDirectory"),
    "jobs": ("no-result", "createReport,getReport"),
    "limits": ("remaining-is-words", "getStats"),
    "uploads": ("any-size", "createFile"),
    "auth": ("no-key-needed", "listReports"),
    "schema": ("number-is-text", "createTicket"),
    "statuses": ("breaks-on-letters", "createSession"),
    "headers": ("no-location", "createTicket"),
    "negative-data": ("members-unchecked", "createSession"),
    "methods": ("no-allow", "getStats"),
    "idempotency": ("key-ignored", "createTicket,listTickets"),
    "conditional": ("never-unchanged", "createTicket,getTicket"),
    "hanging": ("hangs-on-fifty", "listTickets"),
}
"""Family → the variant that is tried here, and the operations that are asked."""


@pytest.fixture(scope="module")
def api() -> Api:
    return load_api(str(DOCUMENT))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Broken desks log their faults; that is no news here."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def first_finding(api: Api, name: str, include: str, seed: int) -> str | None:
    """What Understudy finds first at a desk; None for nothing."""
    settings = Settings(
        profile=Profile.QUICK,
        max_seconds=40,
        seed=seed,
        include=tuple(include.split(",")) if include else (),
        credentials={EVERY_SCHEME: MAIN_KEY},
        request_seconds=2.0,
        stream_seconds=2.0,
    )
    with serving(subject(name).app()) as server:
        for event in run_checks(api, server.url, settings):
            if isinstance(event, FailureFound):
                return f"{event.failure.claim.id} {event.failure.operation}: {event.failure.message}"
    return None


def judged() -> Iterator[ParameterSet]:
    """(variant, operations, seed)."""
    for family, (name, include) in TRIED.items():
        for seed in SEEDS:
            yield pytest.param(name, include, seed, id=f"{family}-{name}-{seed}")


@pytest.mark.parametrize(("name", "include", "seed"), list(judged()))
def test_a_broken_desk_is_found(api: Api, name: str, include: str, seed: int) -> None:
    assert first_finding(api, name, include, seed) is not None, subject(name).sees


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_said_of_the_healthy_desk(api: Api, seed: int) -> None:
    assert first_finding(api, HEALTHY, "", seed) is None


def test_one_of_each_family_is_tried() -> None:
    known = variants()
    assert {family: known[name].family for family, (name, _) in TRIED.items()} == {name: name for name in FAMILIES}
