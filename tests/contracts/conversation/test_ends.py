"""Records that end, jobs that come to theirs, headers that are computed: each wrong answer is told, no right one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.apps.small_api import answer_of, api_of
from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.listing import Listing
from understudy.contracts.conversation.model import Model, Observed
from understudy.contracts.conversation.pages import find_bad_page
from understudy.contracts.conversation.trust import trust_in
from understudy.specs.behaviour.state import Request
from understudy.specs.model import MISSING, Api

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
KEY = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
MEMBERS = ("id", "made", "ends", "begun", "status", "percent", "rows", "result", "ended")
JSON = {"content": {"application/json": {"schema": {"type": "object", "properties": {key: {} for key in MEMBERS}}}}}
LIST = {"content": {"application/json": {"schema": {"type": "object", "properties": {"items": {"type": "array"}}}}}}
OK: dict[str, Any] = {"description": "", **JSON}
MADE = {**OK, "headers": {"Location": {"schema": {"type": "string"}}}}
GONE = {"description": ""}


def api() -> Api:
    jobs: dict[str, Any] = {
        "status": "status",
        "since": "begun",
        "progress": "percent",
        "until": "ended",
        "states": [
            {"name": "busy", "for": "2s"},
            {"name": "failed", "when": "= record.rows == 0"},
            {"name": "done", "has": ["result"]},
        ],
    }
    resources: dict[str, Any] = {
        "pass": {"key": "id", "expires": "ends", "defaults": {"made": "$now"}},
        "job": {"key": "id", "defaults": {"begun": "$now"}, "job": jobs},
    }
    actions: dict[str, Any] = {
        "pass": {
            "create": "pass",
            "set": {"ends": "= now + duration('30s')"},
            "headers": {"Location": "= '/passes/' + record.id"},
        },
        "job": {"create": "job", "set": {"result": "= {'rows': request.body.rows}"}},
    }
    paths: dict[str, Any] = {}
    for name, path in (("pass", "/passes"), ("job", "/jobs")):
        paths[path] = {
            "post": {
                "operationId": f"make-{name}",
                "x-understudy": {"action": actions[name]},
                "requestBody": JSON,
                "responses": {"201": MADE},
            },
            "get": {"operationId": f"list-{name}", "x-understudy": {"action": {"list": name, "items": "/items"}}}
            | {"responses": {"200": {**OK, **LIST}}},
        }
        paths[f"{path}/{{id}}"] = {
            "parameters": [KEY],
            "get": {
                "operationId": f"read-{name}",
                "x-understudy": {"action": {"read": name, "key": "$request.path.id"}},
                "responses": {"200": OK, "404": GONE},
            },
        }
    return api_of(paths, **{"x-understudy": {"resources": resources}})


def at(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


class Talk:
    """A conversation whose answers and whose time are the test's."""

    def __init__(self) -> None:
        self.api = api()
        self.now = NOON
        self.model = Model(trust_in(self.api), lambda: self.now)
        self.number = 0

    def say(
        self, name: str, target: str, status: int, answer: Any = None, body: Any = None, **headers: str
    ) -> Observed:
        operation = self.api.operations_by_name[name]
        sent = (("Content-Type", "application/json"),) if body is not None else ()
        data = json.dumps(body).encode() if body is not None else None
        case = Case(operation.label, operation.method, target, sent, data, Mode.POSITIVE, Phase.CONVERSATION)
        told = b"" if answer is None else json.dumps(answer).encode()
        kind = None if answer is None else "application/json"
        self.number += 1
        shown = answer_of(told, kind, status=status, headers=tuple(headers.items()))
        return self.model.observe(self.number, Exchange(case, shown, ""))

    def make_pass(self, **headers: str) -> Observed:
        return self.say("make-pass", "/passes", 201, passport(), {}, **headers)

    def make_job(self, rows: int) -> Observed:
        return self.say("make-job", "/jobs", 201, job("busy", 0, rows=rows), {"rows": rows})


def passport() -> dict[str, Any]:
    return {"id": "0123456789", "made": at(0), "ends": at(30)}


def job(status: str, percent: int, **members: Any) -> dict[str, Any]:
    return {"id": "0123456789", "begun": at(0), "status": status, "percent": percent, "rows": 1, **members}


def told(observed: Observed) -> list[tuple[str, str]]:
    return [(failure.claim.id, failure.place) for failure in observed.failures]


@pytest.mark.parametrize(
    ("seconds", "status", "expected"),
    [
        (20, 200, []),
        (20, 404, [("made-is-found", "pass")]),
        (30, 200, []),
        (30, 404, []),
        (40, 404, []),
        (40, 200, [("expiry-kept", "expired")]),
    ],
)
def test_a_record_is_there_until_its_end_and_not_after_it(
    seconds: float, status: int, expected: list[tuple[str, str]]
) -> None:
    talk = Talk()
    assert told(talk.make_pass()) == []
    talk.now += timedelta(seconds=seconds)
    answer = passport() if status == 200 else None
    assert told(talk.say("read-pass", "/passes/0123456789", status, answer)) == expected


def test_what_has_ended_is_in_no_list() -> None:
    talk = Talk()
    talk.make_pass()
    assert told(talk.say("list-pass", "/passes", 200, {"items": [passport()]})) == []
    talk.now += timedelta(seconds=40)
    observed = talk.say("list-pass", "/passes", 200, {"items": [passport()]})
    assert told(observed) == [("expiry-kept", "200 intruder")]
    assert observed.failures[0].message == f"the list holds the pass 0123456789, whose time was over at {at(30)}"
    assert told(talk.say("list-pass", "/passes", 200, {"items": []})) == []


def test_an_end_that_comes_between_makes_no_time_certain() -> None:
    talk = Talk()
    talk.make_pass()
    talk.now += timedelta(seconds=29.5)
    assert told(talk.say("make-pass", "/passes", 201, {"id": "9876543210", "made": at(29), "ends": at(59)}, {})) == []


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/passes/0123456789", []),
        ("https://passes.example/v1/passes/0123456789", []),
        ("/passes/9876543210", [("answer-declared", "201 Location")]),
    ],
)
def test_a_header_that_is_computed_says_so(location: str, expected: list[tuple[str, str]]) -> None:
    assert told(Talk().make_pass(Location=location)) == expected


def test_a_header_that_is_missing_is_for_others_to_tell() -> None:
    assert told(Talk().make_pass()) == []


RESULT = {"result": {"rows": 1}, "ended": at(2)}


@pytest.mark.parametrize(
    ("seconds", "seen", "expected"),
    [
        (1, job("busy", 40), []),
        (3, job("done", 100, **RESULT), []),
        (3, job("done", 99, **RESULT), [("job-progress", "200 percent")]),
        (3, job("failed", 100, ended=at(2)), [("job-end", "200 status")]),
        (3, job("done", 100, result={"rows": 2}, ended=at(2)), [("job-members", "200 result/rows")]),
        (8, job("busy", 99), []),
        (12, job("busy", 99), [("job-end", "200 late")]),
    ],
)
def test_a_job_comes_to_its_end(seconds: float, seen: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    talk = Talk()
    assert told(talk.make_job(1)) == []
    talk.now += timedelta(seconds=seconds)
    assert told(talk.say("read-job", "/jobs/0123456789", 200, seen)) == expected


def test_a_job_ends_as_it_was_made() -> None:
    talk = Talk()
    talk.make_job(0)
    talk.now += timedelta(seconds=3)
    seen = job("done", 100, rows=0, result={"rows": 0}, ended=at(2))
    assert told(talk.say("read-job", "/jobs/0123456789", 200, seen)) == [("job-end", "200 status")]


def test_a_job_that_has_ended_ended_once() -> None:
    talk = Talk()
    talk.make_job(1)
    talk.now += timedelta(seconds=3)
    assert told(talk.say("read-job", "/jobs/0123456789", 200, job("done", 100, **RESULT))) == []
    moved = job("done", 100, **{**RESULT, "ended": at(3)})
    assert told(talk.say("read-job", "/jobs/0123456789", 200, moved)) == [("job-final", "200 status")]


@pytest.mark.parametrize(("name", "found"), [("job", ["paging-gapless"]), ("pass", [])])
def test_places_on_pages_are_only_held_against_records_that_stay(name: str, found: list[str]) -> None:
    operation = api().operations_by_name[f"list-{name}"]
    assert operation.action is not None
    known = Knowledge(trust_in(api()))
    request = Request(operation, {}, {}, {}, {}, MISSING, "")

    def claims(*keys: str) -> list[str]:
        page = Listing(operation, operation.action, (), 200, keys, window=(0, 1)) if operation.action else None
        assert page is not None
        known.foreign.update(map(page.name, ("a", "b")))
        return [failure.claim.id for failure in find_bad_page(page, known, ["a", "b"], request)]

    assert claims("a") == []
    known.positions.update({place: {"a": 1} for place in known.positions})
    assert claims("a") == found
