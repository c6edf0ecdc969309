"""What a run has made is deleted again, and what can't be is told."""

from __future__ import annotations

import json

import pytest

from tests.apps.small_api import api_of
from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.running.tidying import Tidier
from understudy.contracts.sending.transport import Unsendable
from understudy.specs.documents.document import Json
from understudy.specs.model import Api

OK = {"200": {"description": "It is so."}}
KEY = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
TENANT = {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}}


def api() -> Api:
    item: Json = {"parameters": [KEY], "get": {"responses": OK}, "delete": {"parameters": [TENANT], "responses": OK}}
    paths = {
        "/pets": {"post": {"responses": OK}},
        "/pets/{id}": item,
        "/toys": {"post": {"responses": OK}},
        "/toys/{id}": {"parameters": [KEY], "get": {"responses": OK}, "put": {"responses": OK}},
    }
    return api_of(paths)


def exchange(label: str, target: str, status: int, body: Json = None, **headers: str) -> Exchange:
    method = label.partition(" ")[0]
    sent = (("Content-Type", "application/json"), ("X-Tenant", "north"))
    case = Case(label, method, target, sent, None, Mode.POSITIVE, Phase.PROBES)
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(case, Answer(status, "", told, json.dumps(body).encode(), 1, 1))


def deleted(tidier: Tidier, status: int = 204, most: int = 100) -> list[str]:
    sent: list[Case] = []

    def send(case: Case) -> Exchange:
        sent.append(case)
        return exchange(case.operation, case.target, status)

    tidier.tidy(send, lambda: len(sent) >= most)
    assert all(dict(case.headers) == {"X-Tenant": "north"} for case in sent)
    return [case.target for case in sent]


@pytest.mark.parametrize(
    "made",
    [
        exchange("POST /pets", "/pets?dry=no", 201, {"id": "a/b"}),
        exchange("POST /pets", "/pets", 202, None, Location="https://pets.example/v1/pets/a%2Fb"),
        exchange("PUT /pets/{id}", "/pets/a%2Fb", 201),
    ],
    ids=["key", "location", "put"],
)
def test_what_was_made_is_deleted(made: Exchange) -> None:
    tidier = Tidier(api(), "/v1")
    tidier.learn(made)
    assert deleted(tidier) == ["/pets/a%2Fb"]
    assert list(tidier.notes()) == []


@pytest.mark.parametrize(
    "other",
    [
        exchange("POST /pets", "/pets", 400, {"id": "7"}),
        exchange("PUT /pets/{id}", "/pets/7", 200),
        exchange("POST /pets", "/pets", 201, {"name": "7"}),
        exchange("POST /pets", "/pets", 201, None, Location="/elsewhere/7"),
    ],
    ids=["refused", "replaced", "no-key", "elsewhere"],
)
def test_what_wasnt_made_stays(other: Exchange) -> None:
    tidier = Tidier(api(), "")
    tidier.learn(other)
    assert deleted(tidier) == []
    assert list(tidier.notes()) == []


def test_the_last_is_deleted_first_and_what_is_gone_not_again() -> None:
    tidier = Tidier(api(), "")
    for key in ("1", "2", "3"):
        tidier.learn(exchange("POST /pets", "/pets", 201, {"id": key}))
    tidier.learn(exchange("DELETE /pets/{id}", "/pets/2", 204))
    assert deleted(tidier) == ["/pets/3", "/pets/1"]


def test_what_is_left_is_told() -> None:
    tidier = Tidier(api(), "")
    tidier.learn(exchange("POST /toys", "/toys", 201, {"id": "1"}))  # nothing deletes it
    for key in ("1", "2", "3"):
        tidier.learn(exchange("POST /pets", "/pets", 201, {"id": key}))
    assert deleted(tidier, most=1) == ["/pets/3"]
    assert list(tidier.notes()) == [
        "POST /toys: 1 record made by the test and not deleted again",
        "POST /pets: 2 records made by the test and not deleted again",
    ]


def test_what_is_gone_already_isnt_left_and_what_is_refused_is() -> None:
    for status, left in ((404, 0), (403, 1)):
        tidier = Tidier(api(), "")
        tidier.learn(exchange("POST /pets", "/pets", 201, {"id": "1"}))
        assert deleted(tidier, status) == ["/pets/1"]
        assert len(list(tidier.notes())) == left


def test_what_may_not_be_sent_is_left() -> None:
    def withhold(case: Case) -> Exchange:
        raise Unsendable("--max-calls 1")

    tidier = Tidier(api(), "")
    tidier.learn(exchange("POST /pets", "/pets", 201, {"id": "1"}))
    tidier.tidy(withhold, lambda: False)
    assert len(list(tidier.notes())) == 1
