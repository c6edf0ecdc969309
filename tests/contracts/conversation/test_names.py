"""What a request is about may be told by names, by other records and by rules: only what is known is judged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from tests.apps.small_api import answer_of, api_of
from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.conversation.model import Model, Observed
from understudy.contracts.conversation.trust import trust_in
from understudy.specs.model import Api

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ID, OWNER, ROOM = "0123456789abcdef", "fedcba9876543210", "00112233445566778899"
TEXT = {"type": "string"}
BOOK = {
    "type": "object",
    "properties": {"id": TEXT, "title": TEXT, "owner": TEXT, "ownerName": {"type": ["string", "null"]}},
}
OWNED = {
    "with": {"who": {"resource": "owner", "key": "= record.owner"}},
    "derived": {"ownerName": "= who == null ? null : who.name"},
}
FILE = {"let": {"place": "= path(request.query.path)"}, "key": "= place"}


def operation(name: str, action: dict[str, Any], schema: Any = None, body: Any = None, **others: Any) -> dict[str, Any]:
    answers: dict[str, Any] = {"200": {"description": ""}, "404": {"description": ""}, "409": {"description": ""}}
    if schema is not None:
        answers["200"]["content"] = {"application/json": {"schema": schema}}
    described: dict[str, Any] = {
        "operationId": name,
        "x-understudy": {"action": action},
        "responses": answers,
        **others,
    }
    if body is not None:
        described["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return described


def all_of(resource: str) -> dict[str, Any]:
    return {"with": {"all": {"resource": resource}}}


def size(member: str) -> dict[str, Any]:
    return {member: "= size(all)"}


def at(name: str, where: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": TEXT}


@cache
def api() -> Api:
    file = {"type": "object", "properties": {"path": TEXT, "folder": {"type": "boolean"}, "size": {"type": "integer"}}}
    counted = {"type": "object", "properties": {"total": {"type": "integer"}, "books": {"type": "integer"}}}
    page = {"type": "object", "properties": {"name": TEXT, "text": TEXT, "id": TEXT}}
    pages = {"type": "array", "items": page}
    added = {"upsert": "page", "each": "$request.body", "find": {"name": "= item.name"}}
    item, here = {"parameters": [at("id", "path")]}, {"parameters": [at("path", "query"), at("X-Who", "header")]}
    key = {"key": "$request.path.id"}
    paths = {
        "/owners": {"post": operation("makeOwner", {"create": "owner"}, page, page)},
        "/books": {
            "post": operation("makeBook", {"create": "book"}, BOOK, BOOK),
            "get": operation("listBooks", {"list": "book", **OWNED}, {"type": "array", "items": BOOK}),
            "delete": operation("clearBooks", {"clear": "book", "answer": {"total": "= total"}}, counted),
        },
        "/books/{id}": {**item, "get": operation("readBook", {"read": "book", **key, **OWNED}, BOOK)},
        "/import": {
            "post": operation(
                "importBooks",
                {
                    "upsert": "book",
                    "find": {"title": "= item.title"},
                    "each": "$request.body",
                    "answer": {"total": "= counts.changed", "books": "= counts.unchanged"},
                },
                counted,
                {"type": "array", "items": BOOK},
            )
        },
        "/counted": {"get": operation("count", {"read": "desk", **all_of("book"), "answer": size("books")}, counted)},
        "/file": {
            **here,
            "put": operation("putFile", {"upsert": "file", **FILE, "body": False, "set": {"size": "= 1"}}),
            "get": operation(
                "readFile",
                {
                    "read": "file",
                    **FILE,
                    "require": [{"rule": "= !record.folder", "problem": "resource-not-found", "detail": "A folder"}],
                },
                file,
            ),
            "delete": operation("dropFile", {"delete": "file", **FILE}),
        },
        "/rooms": {"post": operation("makeRoom", {"create": "room"}, page)},
        "/rooms/{id}/pages": {
            **item,
            "post": operation("addPages", added, None, pages),
            "get": operation("listPages", {"list": "page"}, pages),
        },
        "/rooms/{id}": {
            **item,
            "get": operation(
                "readRoom",
                {"read": "room", **key, **all_of("page"), "answer": size("total")},
                counted,
            ),
        },
    }  # fmt: skip
    resources = {
        "owner": {"key": "id"},
        "book": {"key": "id", "defaults": {"owner": ""}},
        "desk": {"singleton": True},
        "file": {"key": "path", "scope": ["$request.header.X-Who"], "defaults": {"folder": False}},
        "room": {"key": "id"},
        "page": {"key": "id", "parent": {"resource": "room", "key": "$request.path.id"}},
    }
    return api_of(paths, **{"x-understudy": {"resources": resources}})


class Talk:
    """A conversation whose answers are written by the test."""

    def __init__(self) -> None:
        self.model = Model(trust_in(api()), lambda: NOW)
        self.number = 0

    def say(self, name: str, target: str, answer: Any = None, body: Any = None, *, status: int = 200) -> Observed:
        return self._observed(name, target, answer, body, status, "me")

    def as_another(self, name: str, target: str, answer: Any = None, *, status: int = 200) -> Observed:
        return self._observed(name, target, answer, None, status, "you")

    def _observed(self, name: str, target: str, answer: Any, body: Any, status: int, who: str) -> Observed:
        self.number += 1
        found = api().operations_by_name[name]
        headers = [("X-Who", who)]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        data = None if body is None else json.dumps(body).encode()
        case = Case(found.label, found.method, target, tuple(headers), data, Mode.POSITIVE, Phase.CONVERSATION)
        shown = answer_of(b"" if answer is None else json.dumps(answer).encode(), status=status)
        return self.model.observe(self.number, Exchange(case, shown, ""))


def claims(observed: Observed) -> list[str]:
    return [failure.claim.id for failure in observed.failures]


def book(**members: Any) -> dict[str, Any]:
    return {"id": ID, "title": "a", "owner": OWNER, **members}


@pytest.mark.parametrize("name", [None, "Ada"])
def test_what_another_record_tells_is_open_until_it_is_known(name: str | None) -> None:
    talk = Talk()
    talk.say("makeBook", "/books", book(), {"title": "a", "owner": OWNER})
    assert claims(talk.say("readBook", f"/books/{ID}", book(ownerName=name))) == []
    assert claims(talk.say("listBooks", "/books", [book(ownerName=name)])) == []


@pytest.mark.parametrize(("name", "claim"), [("Ada", None), ("Bob", "read-after-write"), (None, "read-after-write")])
def test_what_another_record_tells_is_judged_when_it_is_known(name: str | None, claim: str | None) -> None:
    talk = Talk()
    talk.say("makeOwner", "/owners", {"id": OWNER, "name": "Ada"}, {"name": "Ada"})
    talk.say("makeBook", "/books", book(), {"title": "a", "owner": OWNER})
    assert claims(talk.say("readBook", f"/books/{ID}", book(ownerName=name))) == ([claim] if claim else [])
    listed = claims(talk.say("listBooks", "/books", [book(ownerName=name)]))
    assert listed == (["list-agrees"] if claim else [])


def test_a_record_of_which_only_the_key_is_known_tells_of_no_other() -> None:
    talk = Talk()
    assert claims(talk.say("readBook", f"/books/{ID}", book(ownerName="Ada"))) == []


def test_what_is_counted_is_judged_only_where_all_is_known() -> None:
    talk = Talk()
    assert claims(talk.say("count", "/counted", {"books": 7})) == []
    talk.say("listBooks", "/books", [book()])
    assert claims(talk.say("count", "/counted", {"books": 1})) == []
    assert claims(talk.say("count", "/counted", {"books": 7})) == ["answer-declared"]


def test_how_many_were_cleared_is_judged_only_where_all_is_known() -> None:
    talk = Talk()
    assert claims(talk.say("clearBooks", "/books", {"total": 5})) == []
    talk.say("listBooks", "/books", [book()])
    assert claims(talk.say("clearBooks", "/books", {"total": 5})) == ["answer-declared"]


def test_a_record_that_a_name_tells_is_followed() -> None:
    talk = Talk()
    target = "/file?path=/a//b.txt"
    talk.say("putFile", target)
    assert claims(talk.say("readFile", target, {"path": "/a/b.txt", "folder": False, "size": 1})) == []
    wrong = {"path": "/a/b.txt", "folder": False, "size": 2}
    assert claims(talk.say("readFile", target, wrong)) == ["update-persisted"]
    talk.say("dropFile", target)
    assert claims(talk.say("readFile", target, {"path": "/a/b.txt"})) == ["deleted-is-gone"]
    talk.say("putFile", target)
    assert claims(talk.say("readFile", target, {"path": "/a/b.txt", "folder": False, "size": 1})) == []
    assert claims(talk.say("readFile", target, {"title": "no"}, status=404)) == ["made-is-found"]


def test_a_name_that_a_client_chose_may_be_the_same_elsewhere() -> None:
    talk = Talk()
    talk.say("putFile", "/file?path=/lists/wishlist.csv")
    found = {"path": "/lists/wishlist.csv", "folder": False, "size": 3}
    assert claims(talk.as_another("readFile", "/file?path=/lists/wishlist.csv", found)) == []


def test_a_rule_that_cannot_be_told_may_make_a_record_as_good_as_missing() -> None:
    talk = Talk()
    target = "/file?path=/a"
    talk.say("readFile", target, {"path": "/a", "size": 1})
    assert claims(talk.say("readFile", target, {"title": "no"}, status=404)) == []


def test_a_rule_that_makes_a_record_as_good_as_missing_is_kept() -> None:
    talk = Talk()
    target = "/file?path=/a"
    talk.say("putFile", target)
    talk.model.known.memory.set_members(("file", ("me",), "/a"), {"path": "/a", "folder": True})
    assert claims(talk.say("readFile", target, {"path": "/a"})) == ["rule-kept"]


@pytest.mark.parametrize(("changed", "unchanged"), [(1, 0), (0, 1)])
def test_whether_anything_was_new_depends_on_what_is_not_known(changed: int, unchanged: int) -> None:
    talk = Talk()
    talk.say("listBooks", "/books", [{"id": ID, "title": "a"}])
    said = talk.say("importBooks", "/import", {"total": changed, "books": unchanged}, [{"title": "a", "owner": "b"}])
    assert claims(said) == []
    talk.say("listBooks", "/books", [book(owner="b")])
    said = talk.say("importBooks", "/import", {"total": 1, "books": 0}, [{"title": "a", "owner": "b"}])
    assert claims(said) == ["answer-declared", "answer-declared"]


def test_what_is_made_on_the_side_counts() -> None:
    talk = Talk()
    talk.say("makeRoom", "/rooms", {"id": ROOM})
    assert claims(talk.say("readRoom", f"/rooms/{ROOM}", {"total": 0})) == []
    assert claims(talk.say("addPages", f"/rooms/{ROOM}/pages", None, [{"name": "a"}, {"name": "b"}])) == []
    assert claims(talk.say("readRoom", f"/rooms/{ROOM}", {"total": 2})) == []
    talk.say("listPages", f"/rooms/{ROOM}/pages", [{"id": "1", "name": "a"}, {"id": "2", "name": "b"}])
    assert claims(talk.say("readRoom", f"/rooms/{ROOM}", {"total": 3})) == ["answer-declared"]


def test_a_create_that_may_have_taken_effect_leaves_the_count_open() -> None:
    talk = Talk()
    talk.say("makeRoom", "/rooms", {"id": ROOM})
    talk.say("addPages", f"/rooms/{ROOM}/pages", None, [{"name": "a"}], status=503)
    assert claims(talk.say("readRoom", f"/rooms/{ROOM}", {"total": 1})) == []
