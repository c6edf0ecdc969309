"""What may be sent to a target that others use, too."""

from __future__ import annotations

import json

import pytest

from tests.apps.small_api import api_of
from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.sending.gate import Gate, Rules, Withheld, is_loopback
from understudy.specs.model import Api

OTHERS = "--allow-destructive"


@pytest.fixture(scope="module")
def api() -> Api:
    item = {"parameters": [{"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}]}
    answers = {"responses": {"200": {"description": "ok"}, "201": {"description": "made"}}}
    return api_of(
        {
            "/pets": {"get": answers, "post": answers, "delete": answers},
            "/pets/{petId}": {**item, "get": answers, "put": answers, "delete": answers, "post": answers},
            "/pets/{petId}/toys": {**item, "post": answers},
            "/settings": {"put": answers},
        }
    )


def case(label: str, target: str, body: object = None) -> Case:
    octets = None if body is None else json.dumps(body).encode()
    return Case(label, label.split()[0], target, (), octets, Mode.POSITIVE, Phase.FUZZING)


def exchange(sent: Case, status: int, body: object = None, location: str = "") -> Exchange:
    headers = (("Location", location),) if location else ()
    return Exchange(sent, Answer(status, "", headers, json.dumps(body).encode() if body else b"", 1.0, 1.0))


def shared(api: Api, **rules: object) -> Gate:
    return Gate(api, Rules(is_wider_allowed=False, **rules), "/v1")  # type: ignore[arg-type]


CREATE, REMOVE, CHANGE = "POST /pets", "DELETE /pets/{petId}", "PUT /pets/{petId}"


def test_here_everything_is_sent(api: Api) -> None:
    gate = Gate(api, Rules())
    for label in (CREATE, "DELETE /pets", "PUT /settings"):
        gate.admit(case(label, label.split()[1]))
    assert not gate.withheld


@pytest.mark.parametrize(
    ("label", "target"),
    [(REMOVE, "/pets/7"), (CHANGE, "/pets/7"), ("DELETE /pets", "/pets"), ("PUT /settings", "/settings"),
     ("POST /pets/{petId}", "/pets/7"), ("POST /pets/{petId}/toys", "/pets/7/toys")],
)  # fmt: skip
def test_what_others_made_is_left_alone(api: Api, label: str, target: str) -> None:
    gate = shared(api)
    with pytest.raises(Withheld, match=OTHERS):
        gate.admit(case(label, target))
    assert [*gate.withheld.values()] == [1]
    gate.admit(case("GET /pets/{petId}", "/pets/7"))


@pytest.mark.parametrize(
    ("body", "location"),
    [({"id": 17}, ""), ({"data": {"pet_id": "17", "name": "Rex"}}, ""), (None, "https://api.example.com/v1/pets/17"),
     (None, "/v1/pets/17")],
)  # fmt: skip
def test_what_we_made_is_ours_with_all_below_it(api: Api, body: object, location: str) -> None:
    gate = shared(api)
    made = case(CREATE, "/pets", {"name": "Rex"})
    gate.admit(made)
    gate.learn(exchange(made, 201, body, location))
    gate.admit(case(CHANGE, "/pets/17"))
    gate.admit(case("POST /pets/{petId}/toys", "/pets/17/toys"))
    gate.admit(case(REMOVE, "/pets/17?force=true"))
    with pytest.raises(Withheld):
        gate.admit(case(REMOVE, "/pets/170"))


@pytest.mark.parametrize(
    ("status", "sent", "told"),
    [
        (400, {}, {"id": 17}),
        (201, {"id": "17"}, {"id": "17"}),
        (201, {}, {"name": "17"}),
        (201, {}, {"id": 3, "owner": {"id": 17}}),
        (201, {}, {"count": 17}),
        (201, {}, [17]),
    ],
    ids=["refused", "named by us", "no key", "somebody else's key", "a number", "no object"],
)
def test_what_only_looks_like_ours_is_not(api: Api, status: int, sent: object, told: object) -> None:
    gate = shared(api)
    gate.learn(exchange(case(CREATE, "/pets", sent), status, told))
    with pytest.raises(Withheld):
        gate.admit(case(REMOVE, "/pets/17"))


def test_a_put_that_makes_makes_it_ours(api: Api) -> None:
    gate = shared(api)
    gate.learn(exchange(case(CHANGE, "/pets/rex"), 200))
    with pytest.raises(Withheld):
        gate.admit(case(REMOVE, "/pets/rex"))
    gate.learn(exchange(case(CHANGE, "/pets/rex"), 201))
    gate.admit(case(REMOVE, "/pets/rex"))


def test_what_the_user_named_may_be_made_in(api: Api) -> None:
    gate = shared(api, fixed={"petId": "a b"})
    gate.admit(case("POST /pets/{petId}/toys", "/pets/a%20b/toys"))
    with pytest.raises(Withheld):
        gate.admit(case("POST /pets/{petId}/toys", "/pets/ab/toys"))
    with pytest.raises(Withheld):
        gate.admit(case(REMOVE, "/pets/a%20b"))


def test_read_only_means_safe_methods(api: Api) -> None:
    gate = Gate(api, Rules(read_only=True))
    gate.admit(case("GET /pets", "/pets"))
    with pytest.raises(Withheld, match="--read-only"):
        gate.admit(case(CREATE, "/pets"))


def test_calls_are_counted_for_each_pattern_and_in_all(api: Api) -> None:
    gate = Gate(api, Rules(max_calls={"": 3, "GET /pets": 1}))
    gate.admit(case("GET /pets", "/pets"))
    with pytest.raises(Withheld, match="--max-calls GET /pets=1"):
        gate.admit(case("GET /pets", "/pets"))
    gate.admit(case(CREATE, "/pets"))
    gate.admit(case(CREATE, "/pets"))
    with pytest.raises(Withheld, match="--max-calls 3"):
        gate.admit(case(CREATE, "/pets"))


@pytest.mark.parametrize(
    ("url", "is_here"),
    [("http://127.0.0.1:1/v1", True), ("http://[::1]", True), ("http://localhost:80", True),
     ("https://api.localhost", True), ("https://example.com", False), ("http://127.0.0.1.example.com", False),
     ("http://10.0.0.1", False)],
)  # fmt: skip
def test_this_machine(url: str, is_here: bool) -> None:
    assert is_loopback(url) is is_here
