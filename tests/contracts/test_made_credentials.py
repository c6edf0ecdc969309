"""Credentials that an API makes, and that are deleted again."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.apps.driven_probes import drive
from tests.apps.small_api import answer_of, api_of
from understudy.contracts.case import Answer, Case
from understudy.specs.model import Api

MINE = "my-own-credential"
LOCKED = answer_of(b"{}", status=401)


def keys() -> Api:
    answers = {"responses": {"200": {"description": ""}}}
    key = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    paths = {
        "/keys": {"post": answers, "get": answers},
        "/keys/{id}": {"parameters": key, "delete": answers},
    }
    schemes = {"Bearer": {"type": "http", "scheme": "bearer"}}
    return api_of(paths, security=[{"Bearer": []}], components={"securitySchemes": schemes})


def keeping(made: str = "key", *, forgets: bool = True, is_guarded: bool = True) -> Callable[[Case], Answer]:
    """A server that makes keys; ``made`` is what the member is called that has one."""
    there: dict[str, str] = {}

    def answer(case: Case) -> Answer:
        given = dict(case.headers).get("Authorization", "").removeprefix("Bearer ")
        if is_guarded and given not in (MINE, *there.values()):
            return LOCKED
        if case.method == "POST":
            there["k-1"] = "sk-0123456789abcdef"
            return answer_of(json.dumps({"id": "k-1", made: there["k-1"]}).encode(), status=201)
        if case.method == "DELETE" and forgets:
            there.pop(case.target.rpartition("/")[2], None)
        return answer_of(b"{}")

    return answer


def probe(answer: Callable[[Case], Answer]) -> tuple[list[Case], dict[str, str], dict[str, str]]:
    return drive("made_credentials", keys(), answer, {"": MINE})


def test_a_key_that_works_until_it_is_deleted() -> None:
    sent, failures, skipped = probe(keeping())
    assert failures == skipped == {}
    assert [case.method for case in sent] == ["POST", "GET", "GET", "DELETE", "GET"]


def test_a_key_that_works_for_ever() -> None:
    assert probe(keeping(forgets=False))[1] == {"credential-deleted-refused": "deleted"}


def test_what_is_no_credential_is_not_judged() -> None:
    nothing = "answered 201, and no key, token or secret"
    assert probe(keeping("colour"))[1:] == ({}, {"credential-deleted-refused": nothing})
    open_to_all = "what was made is answered 200 as a credential, and what nobody has answered 200"
    assert probe(keeping(is_guarded=False))[1:] == ({}, {"credential-deleted-refused": open_to_all})
