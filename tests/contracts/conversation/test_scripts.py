"""Each subject of a conversation does what it is about, against a healthy mock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from random import Random

from tests.apps.spoiled_library import LIBRARY
from understudy.contracts.conversation.drawing import Drawer
from understudy.contracts.conversation.playing import Played, Table
from understudy.contracts.conversation.scripts import Script, families, life, lists, others, subjects
from understudy.contracts.conversation.trust import trust_in
from understudy.contracts.sending.target import Target
from understudy.contracts.settings import Settings
from understudy.mockserver.serving.running import running
from understudy.specs.catalog import load_api

MAX_MOVES = 60
API = load_api(LIBRARY)
OPERATIONS = [each for each in API.operations if each.action is not None]


@contextmanager
def table() -> Iterator[Table]:
    with running(API) as mock, Target(API, mock.url, Settings()) as target:
        yield Table(
            trust_in(API),
            OPERATIONS,
            [target.dress],
            target.send,
            lambda: datetime.now(UTC),
            lambda _: None,
            lambda: True,
        )


def told(script: Script, resource: str, seed: int = 1) -> list[Played]:
    with table() as held:
        conversation = held.start()
        drawer = Drawer(held.trust, OPERATIONS, Random(seed), "0/0", 1, may_widen=True)
        moves = script(drawer, conversation.model.known, API.resources[resource])
        played = [conversation.play(move) for move in islice(moves, MAX_MOVES)]
    story = [each for each in played if each is not None]
    assert [each.observed.failures for each in story if each.observed.failures] == []
    return story


def said(story: list[Played]) -> list[tuple[str, int]]:
    return [(each.move.operation.id, each.exchange.answer.status) for each in story if each.exchange.answer]


def test_every_resource_is_a_subject_of_all_that_it_offers() -> None:
    found = {(script.__name__, resource.name) for script, resource in subjects(trust_in(API), OPERATIONS)}
    assert {("life", "shelf"), ("lists", "shelf"), ("others", "shelf"), ("families", "shelf")} <= found
    assert ("lists", "export") not in found  # nothing lists them


def test_a_life_is_looked_at_after_each_change_and_ends() -> None:
    story = said(told(life, "shelf"))
    assert story[0] == ("makeShelf", 201)
    assert len({name for name, _ in story}) > 4
    assert story[-1] == ("deleteShelf", 404)
    assert ("readShelf", 404) in story


def test_a_list_is_asked_in_many_ways() -> None:
    story = told(lists, "shelf")
    asked = {each.exchange.case.target for each in story if each.move.operation.id == "listShelves"}
    assert "/shelves" in asked
    assert len(asked) > 5
    judged = {claim for each in story for claim in each.observed.judged}
    assert {"list-complete", "filter-kept", "paging-gapless", "count-kept", "order-kept"} <= judged


def test_a_record_is_sought_where_it_is_not() -> None:
    story = told(others, "shelf")
    tenants = {dict(each.exchange.case.headers)["X-Tenant"] for each in story}
    assert len(tenants) == 2
    assert {status for name, status in said(story) if name == "deleteShelf"} == {404}
    assert "tenant-isolation" in {claim for each in story for claim in each.observed.judged}


def test_what_belongs_to_a_record_goes_with_it() -> None:
    story = told(families, "shelf")
    judged = {claim for each in story for claim in each.observed.judged}
    assert "cascade-kept" in judged
    assert {200, 404} <= {status for name, status in said(story) if name == "readShelf"}
