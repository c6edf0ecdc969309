"""What ends by itself or takes its time is made to do so soon, and looked at when something has to have changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.apps.small_api import api_of
from understudy.contracts.conversation.drawing import Drawer
from understudy.contracts.conversation.foreseeing import foresee, lifetime
from understudy.contracts.conversation.knowledge import Knowledge, Made
from understudy.contracts.conversation.lingering import UNSURE_SECONDS, Lingerer
from understudy.contracts.conversation.moves import Move
from understudy.contracts.conversation.trust import trust_in
from understudy.specs.behaviour.declarations import Verb
from understudy.specs.documents.document import Json
from understudy.specs.model import Api

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
OK = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}}
KEY = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
JOB = {
    "status": "status",
    "since": "begun",
    "states": [{"name": "busy", "for": "2s"}, {"name": "failed", "when": "= record.rows == 0"}, {"name": "done"}],
}


def api(end: Json, properties: dict[str, Any], **resource: Any) -> Api:
    body = {"type": "object", "properties": properties, "required": list(properties)}
    make: Json = {"create": "pass", "body": "", "set": {"ends": end} if end is not None else {}}
    content = {"content": {"application/json": {"schema": body}}}
    paths: dict[str, Any] = {
        "/passes": {
            "post": {"x-understudy": {"action": make}, "requestBody": content, "responses": OK},
            "get": {"x-understudy": {"action": {"list": "pass"}}, "responses": OK},
        },
        "/passes/{id}": {
            "parameters": [KEY],
            "get": {"x-understudy": {"action": {"read": "pass", "key": "$request.path.id"}}, "responses": OK},
            "delete": {"x-understudy": {"action": {"delete": "pass", "key": "$request.path.id"}}, "responses": OK},
        },
    }
    described = {"key": "id", **({"expires": "ends"} if end is not None else {}), **resource}
    return api_of(paths, **{"x-understudy": {"resources": {"pass": described}}})


def lingerer(described: Api, most: float = 20.0) -> Lingerer:
    trust = trust_in(described)
    operations = [each for each in described.operations if each.action is not None]
    drawer = Drawer(trust, operations, Random(1), "0/0", 1, may_widen=True)
    return Lingerer(drawer, Knowledge(trust), lambda: NOW, most)


def played(one: Lingerer) -> Iterator[Move]:
    """Its moves, each as if it had made what it makes."""
    for move in one.moves():
        yield move
        if move.operation.action is not None and move.operation.action.verb is Verb.CREATE:
            members = {**(foresee(move, one.known, NOW) or {}), "id": f"key-{move.number}"}
            name = ("pass", (), f"key-{move.number}")
            one.known.made[move.number] = Made(name, name[2])
            one.known.memory.set_members(name, members)


SECONDS = {"type": "integer", "minimum": 1, "maximum": 100_000}


@pytest.mark.parametrize(
    ("end", "properties"),
    [
        ("= now + duration(string(int(request.body.ttl)) + 's')", {"ttl": SECONDS}),
        ("= now + duration(request.body.lasts)", {"lasts": {"type": "string", "pattern": "^[0-9]+s$"}}),
        ("$request.body#/ends", {"ends": {"type": "string", "format": "date-time"}}),
        ("= now + duration('7s')", {"name": {"type": "string"}}),
    ],
    ids=["seconds", "duration", "the time itself", "always the same"],
)
def test_a_record_is_made_to_end_soon_and_looked_at_before_and_after(end: str, properties: dict[str, Any]) -> None:
    one = lingerer(api(end, properties))
    made, *looks = played(one)
    life = lifetime(made, one.drawer.trust.resources["pass"], one.known, NOW)
    assert life is not None
    assert 5 <= life <= 8
    times = [move.after[1] for move in looks if move.after is not None]
    assert {move.after[0] for move in looks if move.after is not None} == {made.number}
    assert times == sorted(times)
    assert times[0] < life
    assert times[-1] == life + UNSURE_SECONDS
    after = {move.operation.method for move in looks if move.after is not None and move.after[1] > life}
    assert after == {"GET", "DELETE"}
    assert one.reasons == {}


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("= now + duration('24h')", "a pass ends after 24 hours, and no more than 20 seconds are waited"),
        ("= now + duration(string(int(request.body.minutes)) + 'm')", "a pass ends after 4 minutes, and no more"),
        ("= 'soon'", "when a pass ends can't be told from a request"),
    ],
)
def test_what_lasts_too_long_is_said(end: str, told: str) -> None:
    one = lingerer(api(end, {"minutes": {"type": "integer", "minimum": 4, "maximum": 90}}))
    assert list(played(one)) == []
    assert one.reasons["pass"].startswith(told)


def test_a_job_is_made_for_each_end_and_seen_on_its_way_and_twice_at_its_end() -> None:
    rows = {"type": "integer", "minimum": 0, "maximum": 3}
    one = lingerer(api(None, {"rows": rows}, defaults={"begun": "$now"}, job=JOB))
    moves = list(played(one))
    made = [move for move in moves if move.after is None]
    assert {isinstance(move.body, dict) and move.body["rows"] == 0 for move in made} == {True, False}
    for each in made:
        times = [move.after[1] for move in moves if move.after is not None and move.after[0] == each.number]
        assert len({time for time in times if time < 2}) >= 4
        assert len({time for time in times if 2 < time < 5}) == 2
        assert max(times) > 2 * 2 + 5 - 0.1  # when it is late, however slow the machine is


def test_a_job_that_takes_too_long_is_said() -> None:
    rows = {"type": "integer", "minimum": 0}
    one = lingerer(api(None, {"rows": rows}, defaults={"begun": "$now"}, job=JOB), most=3.0)
    assert list(played(one)) == []
    assert one.reasons == {"pass": "a pass takes 2 seconds, and no more than 3 seconds are waited"}


def test_a_lifetime_is_told_by_the_request() -> None:
    described = api("= now + duration(string(int(request.body.ttl)) + 's')", {"ttl": SECONDS})
    one = lingerer(described)
    move = next(one.moves())
    for ttl in (1, 90):
        longer = move.with_body({"ttl": ttl})
        resource = one.drawer.trust.resources["pass"]
        assert lifetime(longer, resource, one.known, NOW + timedelta(days=1)) == ttl
