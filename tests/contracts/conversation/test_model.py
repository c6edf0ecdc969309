"""The model judges answers by what went before them: each wrong one by its claim, and no right one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from tests.apps.small_api import answer_of, api_of
from tests.apps.spoiled_library import LIBRARY
from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.conversation.model import Model, Observed
from understudy.contracts.conversation.trust import trust_in
from understudy.specs.catalog import load_api
from understudy.specs.model import Api

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
T = "2026-05-01T12:00:00Z"
KEY, OTHER = "0123456789abcdef", "fedcba9876543210"


@cache
def library() -> Api:
    return load_api(LIBRARY)


class Talk:
    """A conversation whose answers are written by the test."""

    def __init__(self, api: Api | None = None) -> None:
        self.api = api or library()
        self.model = Model(trust_in(self.api), lambda: NOW)
        self.number = 0

    def say(
        self, name: str, target: str, status: int, answer: Any = None, body: Any = None, tenant: str = "harbour"
    ) -> Observed:
        operation = self.api.operations_by_name[name]
        headers = [("X-Tenant", tenant)]
        data = None
        if body is not None:
            headers.append(("Content-Type", "application/json"))
            data = json.dumps(body).encode()
        case = Case(operation.label, operation.method, target, tuple(headers), data, Mode.POSITIVE, Phase.CONVERSATION)
        kind = None if answer is None else "application/json" if status < 400 else "application/problem+json"
        shown = answer_of(b"" if answer is None else json.dumps(answer).encode(), kind, status=status)
        return self.answered(case, shown)

    def answered(self, case: Case, answer: Answer | None, error: str = "") -> Observed:
        self.number += 1
        return self.model.observe(self.number, Exchange(case, answer, error))

    def make(self, key: str = KEY, tenant: str = "harbour", **members: Any) -> Observed:
        body = {"name": "a", **members}
        return self.say("makeShelf", "/shelves", 201, shelf(key, **body), body, tenant)


def shelf(key: str = KEY, **members: Any) -> dict[str, Any]:
    return {"id": key, "name": "a", "open": True, "created_at": T, "updated_at": T, **members}


def claims(observed: Observed) -> list[str]:
    return [failure.claim.id for failure in observed.failures]


def test_a_healthy_conversation() -> None:
    talk = Talk()
    said = [
        talk.make(rows=3),
        talk.say("readShelf", f"/shelves/{KEY}", 200, shelf(rows=3)),
        talk.say("patchShelf", f"/shelves/{KEY}", 204, body={"rows": 4}),
        talk.say("readShelf", f"/shelves/{KEY}", 200, shelf(rows=4)),
        talk.say("listShelves", "/shelves", 200, {"shelves": [shelf(rows=4)], "total": 1}),
        talk.say("closeShelf", f"/shelves/{KEY}/close", 200, {"message": "The shelf is closed"}),
        talk.say("closeShelf", f"/shelves/{KEY}/close", 409, {"title": "no"}),
        talk.say("readShelf", f"/shelves/{KEY}", 404, {"title": "no"}, tenant="garden"),
        talk.say("deleteShelf", f"/shelves/{KEY}", 204),
        talk.say("readShelf", f"/shelves/{KEY}", 404, {"title": "no"}),
        talk.say("listShelves", "/shelves", 200, {"shelves": [], "total": 0}),
    ]
    assert [claims(each) for each in said] == [[]] * len(said)
    judged = {claim for each in said for claim in each.judged}
    assert {"read-after-write", "update-persisted", "rule-kept", "tenant-isolation", "deleted-is-gone"} <= judged


@pytest.mark.parametrize(
    ("seen", "claim", "place"),
    [
        (shelf(name="b"), "read-after-write", "200 /name"),
        (shelf(open=False), "read-after-write", "200 /open"),
        (shelf(created_at="2020-01-01T00:00:00Z"), "read-after-write", "200 /created_at"),
        ({key: value for key, value in shelf().items() if key != "name"}, "read-after-write", "200 /name"),
    ],
)
def test_what_is_read_otherwise(seen: Any, claim: str, place: str) -> None:
    talk = Talk()
    talk.make()
    observed = talk.say("readShelf", f"/shelves/{KEY}", 200, seen)
    assert [(each.claim.id, each.place) for each in observed.failures] == [(claim, place)]
    assert claims(talk.say("readShelf", f"/shelves/{KEY}", 200, seen)) == []  # told once, then it is how it is


def test_times_by_another_clock_are_no_failure_but_a_time_beside_it_is() -> None:
    talk = Talk()
    early = "2026-05-01T09:00:00Z"
    made = shelf(created_at=early, updated_at=early)
    assert claims(talk.say("makeShelf", "/shelves", 201, made, {"name": "a"})) == []
    assert claims(talk.say("changeShelf", f"/shelves/{KEY}", 200, made, {"name": "a"})) == []
    late = {**made, "updated_at": T}
    assert claims(talk.say("changeShelf", f"/shelves/{KEY}", 200, late, {"name": "a"})) == ["time-kept"]


@pytest.mark.parametrize("answer", [None, answer_of(b"", None, status=503)])
def test_what_may_or_may_not_have_happened_is_held_against_nobody(answer: Answer | None) -> None:
    for seen in (shelf(name="b"), shelf()):
        talk = Talk()
        talk.make()
        case = Case(
            "PATCH /shelves/{shelfId}", "PATCH", f"/shelves/{KEY}",
            (("X-Tenant", "harbour"), ("Content-Type", "application/json")), b'{"name":"b"}',
            Mode.POSITIVE, Phase.CONVERSATION,
        )  # fmt: skip
        assert talk.answered(case, answer, "gone").doubt
        assert claims(talk.say("readShelf", f"/shelves/{KEY}", 200, seen)) == []
        assert claims(talk.say("readShelf", f"/shelves/{KEY}", 200, shelf(name="c"))) == ["read-after-write"]
    talk = Talk()
    talk.make()
    talk.answered(Case(**{**_delete(), "phase": Phase.CONVERSATION}), answer, "gone")
    assert claims(talk.say("readShelf", f"/shelves/{KEY}", 404, {"title": "no"})) == []


def _delete() -> dict[str, Any]:
    headers = (("X-Tenant", "harbour"),)
    return {
        "operation": "DELETE /shelves/{shelfId}", "method": "DELETE", "target": f"/shelves/{KEY}",
        "headers": headers, "body": None, "mode": Mode.POSITIVE,
    }  # fmt: skip


def test_others_may_have_records_in_the_same_list_and_change_them() -> None:
    talk = Talk()
    talk.make()
    for others in ([shelf(OTHER, name="z")], [shelf(OTHER, name="y")], []):
        body = {"shelves": [*others, shelf()], "total": len(others) + 1}
        assert claims(talk.say("listShelves", "/shelves", 200, body)) == []
    assert claims(talk.say("listShelves", "/shelves", 200, {"shelves": [shelf(OTHER)], "total": 1})) == [
        "list-complete"
    ]


@pytest.mark.parametrize(
    ("target", "listed", "total", "claim"),
    [
        ("/shelves", [KEY, OTHER], 3, "count-kept"),
        ("/shelves", [KEY, KEY, OTHER], 2, "list-complete"),
        ("/shelves", [OTHER, KEY], 2, "order-kept"),
        ("/shelves?limit=1", [KEY, OTHER], 2, "paging-gapless"),
        ("/shelves?limit=1&offset=1", [KEY], 2, "paging-gapless"),
        ("/shelves?limit=1&offset=1", [], 2, "paging-gapless"),
        ("/shelves?name=b", [KEY], 1, "filter-kept"),
        ("/shelves?name=a", [KEY], 1, "filter-kept"),
    ],
)
def test_a_wrong_list(target: str, listed: list[str], total: int, claim: str) -> None:
    talk = Talk()
    talk.make()
    talk.make(OTHER)
    assert claims(talk.say("listShelves", "/shelves", 200, {"shelves": [shelf(), shelf(OTHER)], "total": 2})) == []
    answer = {"shelves": [shelf(key) for key in listed], "total": total}
    assert claim in claims(talk.say("listShelves", target, 200, answer))


def test_a_short_key_may_be_the_same_by_chance() -> None:
    paths = {
        "/{who}/notes": {
            "parameters": [{"name": "who", "in": "path", "required": True, "schema": {"type": "string"}}],
            "post": {
                "operationId": "make",
                "x-understudy": {"action": {"create": "note"}},
                "responses": {"201": {"description": "", "content": {"application/json": {"schema": _NOTE}}}},
            },
        },
        "/{who}/notes/{id}": {
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ("who", "id")
            ],
            "get": {
                "operationId": "read",
                "x-understudy": {"action": {"read": "note", "key": "$request.path.id"}},
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": _NOTE}}},
                    "404": {"description": ""},
                },
            },
        },
    }
    resources = {"resources": {"note": {"key": "id", "scope": ["$request.path.who"]}}}
    for key, expected in (("7", []), ("9f8e7d6c5b4a", ["tenant-isolation"])):
        talk = Talk(api_of(paths, **{"x-understudy": resources}))
        talk.say("make", "/me/notes", 201, {"id": key})
        assert claims(talk.say("read", f"/you/notes/{key}", 200, {"id": key})) == expected


_NOTE = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}


def test_a_record_made_without_a_word_is_found_in_the_list() -> None:
    talk = Talk()
    case = Case(
        "POST /shelves", "POST", "/shelves", (("X-Tenant", "harbour"), ("Content-Type", "application/json")),
        b'{"name":"mine"}', Mode.POSITIVE, Phase.CONVERSATION,
    )  # fmt: skip
    assert claims(talk.answered(case, answer_of(b"", None, status=201))) == []
    listed = [shelf(OTHER, name="theirs"), shelf(KEY, name="mine")]
    assert claims(talk.say("listShelves", "/shelves", 200, {"shelves": listed, "total": 2})) == []
    assert claims(talk.say("readShelf", f"/shelves/{KEY}", 404, {"title": "no"})) == ["made-is-found"]


def test_two_candidates_bind_none() -> None:
    talk = Talk()
    case = Case(
        "POST /shelves", "POST", "/shelves", (("X-Tenant", "harbour"), ("Content-Type", "application/json")),
        b'{"name":"mine"}', Mode.POSITIVE, Phase.CONVERSATION,
    )  # fmt: skip
    talk.answered(case, answer_of(b"", None, status=201))
    listed = [shelf(OTHER, name="mine"), shelf(KEY, name="mine")]
    talk.say("listShelves", "/shelves", 200, {"shelves": listed, "total": 2})
    assert claims(talk.say("readShelf", f"/shelves/{KEY}", 404, {"title": "no"})) == []


def test_a_request_that_the_document_does_not_allow_teaches_nothing() -> None:
    talk = Talk()
    assert talk.say("makeShelf", "/shelves", 201, shelf(), {"name": 7}).doubt
    assert claims(talk.say("readShelf", f"/shelves/{KEY}", 404, {"title": "no"})) == []


def test_a_wrong_answer_of_its_own_says_nothing_of_the_record() -> None:
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    note = {**_NOTE, "properties": {"id": {"type": "string"}, "made_at": {"type": "string"}}}
    answered = {"description": "", "content": {"application/json": {"schema": note}}}
    pong = {"type": "object", "properties": {"word": {"type": "string"}, "made_at": {"type": "string"}}}
    ping = {"update": "note", "key": "$request.path.id", "answer": {"word": "pong", "made_at": "$now"}}
    paths = {
        "/notes": {
            "post": {
                "operationId": "make",
                "x-understudy": {"action": {"create": "note"}},
                "responses": {"201": answered},
            }
        },
        "/notes/{id}": {
            "parameters": [key],
            "get": {
                "operationId": "read",
                "x-understudy": {"action": {"read": "note", "key": "$request.path.id"}},
                "responses": {"200": answered},
            },
            "post": {
                "operationId": "ping",
                "x-understudy": {"action": ping},
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": pong}}}},
            },
        },
    }
    talk = Talk(
        api_of(paths, **{"x-understudy": {"resources": {"note": {"key": "id", "defaults": {"made_at": "$now"}}}}})
    )
    made = {"id": KEY, "made_at": T}
    assert claims(talk.say("make", "/notes", 201, made)) == []
    told = {"word": "ping", "made_at": "2026-05-01T12:00:05Z"}
    assert claims(talk.say("ping", f"/notes/{KEY}", 200, told)) == ["answer-declared"]
    assert claims(talk.say("read", f"/notes/{KEY}", 200, made)) == []
