"""The order of things, over whole requests: routing, validation modes, what is tolerated, HTTP's own rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from understudy.mockserver.serving.served import Served
from understudy.mockserver.settings import Clock, Cors, ErrorBodies, Limits, Validation

MakeClient = Callable[..., httpx.Client]

PETS = """
servers: [{url: 'https://pets.test/{version}', variables: {version: {default: v2, enum: [v2, v1]}}}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 9}}
        - {name: X-Trace, in: header, schema: {type: string, format: uuid}}
      responses:
        '200':
          description: All.
          headers: {X-Total: {required: true, schema: {type: integer, minimum: 0}}}
          content: {application/json: {schema: {type: array, items: {type: string}}, example: [Rex, Tom]}}
    post:
      operationId: createPet
      security: [{key: []}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {id: {type: integer, readOnly: true}, name: {type: string, minLength: 1}, age: {type: integer}}
      responses:
        '201': {description: Made., content: {application/json: {example: {name: Rex}}}}
        '400': {description: Bad., content: {application/json: {schema: {type: object, properties: {message: {type: string}}}}}}
  /pets/mine: {get: {operationId: mine, responses: {'200': {description: Mine.}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getPet, responses: {'200': {description: One., content: {text/plain: {schema: {type: string}}}}}}
    delete: {operationId: dropPet, responses: {'204': {description: Gone.}}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
"""  # noqa: E501 - a document reads better with long lines
KEY = {"x-key": "k"}


@pytest.mark.parametrize("base", ["", "/v2", "/v1"])
def test_operations_answer_at_the_bare_path_and_below_each_base_path(mock: MakeClient, base: str) -> None:
    assert mock(PETS).get(f"{base}/pets").json() == ["Rex", "Tom"]


def test_an_unknown_path_is_told_the_nearest_one(mock: MakeClient) -> None:
    answer = mock(PETS).get("/v2/pet")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "no documented path matches /v2/pet; the nearest documented path is /v2/pets"


def test_an_unknown_method_is_told_the_known_ones(mock: MakeClient) -> None:
    answer = mock(PETS).put("/pets")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST, HEAD, OPTIONS"


def test_options_tells_the_methods(mock: MakeClient) -> None:
    answer = mock(PETS).options("/pets/3")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, DELETE, HEAD, OPTIONS", b"")


def test_a_concrete_path_goes_before_a_template(mock: MakeClient) -> None:
    served: list[Served] = []
    mock(PETS, observer=served.append).get("/pets/mine")
    assert served[0].operation == "mine"


def test_head_has_the_headers_of_get_and_no_body(mock: MakeClient) -> None:
    client = mock(PETS)
    head, get = client.head("/pets"), client.get("/pets")
    assert head.content == b""
    assert head.headers == get.headers
    assert head.headers["content-length"] == str(len(get.content))


def test_an_answer_without_content_has_no_length(mock: MakeClient) -> None:
    answer = mock(PETS).delete("/pets/3")
    assert answer.status_code == 204
    assert "content-length" not in answer.headers
    assert "content-type" not in answer.headers


def test_documented_headers_are_sent_and_valid(mock: MakeClient) -> None:
    assert int(mock(PETS).get("/pets").headers["x-total"]) >= 0


def test_text_says_its_charset_and_json_does_not(mock: MakeClient) -> None:
    client = mock(PETS)
    assert client.get("/pets").headers["content-type"] == "application/json"
    assert client.get("/pets/3").headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("query", ["unknown=1", "limit=3&limit2=x", "%zz=1", "x=%ff", "&&&", "=", "limit"])
def test_unknown_query_parameters_are_tolerated(mock: MakeClient, query: str) -> None:
    expected = 422 if query == "limit" else 200
    assert mock(PETS).get(f"/pets?{query}").status_code == expected


def test_read_only_members_that_a_client_sends_back_are_tolerated(mock: MakeClient) -> None:
    assert mock(PETS).post("/pets", json={"id": 7, "name": "Rex"}, headers=KEY).status_code == 201


def test_every_violation_is_listed_parameters_first(mock: MakeClient) -> None:
    answer = mock(PETS).get("/pets?limit=0", headers={"x-trace": "no uuid"})
    assert answer.status_code == 422
    assert [(each["location"], each["pointer"], each["keyword"]) for each in answer.json()["violations"]] == [
        ("query", "/limit", "minimum"),
        ("header", "/X-Trace", "format"),
    ]
    assert answer.headers["x-understudy-problem"].startswith('invalid-parameter; location=query; pointer="/limit"; ')
    assert "violations=2" in answer.headers["x-understudy-problem"]


def test_credentials_are_asked_for_before_anything_is_read(mock: MakeClient) -> None:
    answer = mock(PETS).post("/pets", content=b"{{{", headers={"content-type": "application/json"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'ApiKey realm="Small", in="header", name="X-Key"'


def test_reported_violations_are_named_beside_the_answer(mock: MakeClient) -> None:
    client = mock(PETS, validation=Validation.REPORT)
    answer = client.get("/pets?limit=0")
    assert answer.json() == ["Rex", "Tom"]
    assert answer.headers["x-understudy-problem"].startswith("invalid-parameter; location=query")
    unauthorised = client.post("/pets", json={})
    assert unauthorised.status_code == 201
    assert unauthorised.headers["x-understudy-problem"].startswith("unauthorized; ")


def test_a_reported_violation_is_not_remembered_for_others(mock: MakeClient) -> None:
    client = mock(PETS, validation=Validation.REPORT)
    assert "x-understudy-problem" in client.get("/pets?limit=0").headers
    assert "x-understudy-problem" not in client.get("/pets?limit=1").headers
    assert "x-understudy-problem" in client.get("/pets?limit=0").headers


def test_switched_off_nothing_is_checked_but_syntax(mock: MakeClient) -> None:
    client = mock(PETS, validation=Validation.OFF)
    assert "x-understudy-problem" not in client.get("/pets?limit=0").headers
    assert client.post("/pets", json={}).status_code == 201
    assert client.post("/pets", content=b"{{", headers={"content-type": "application/json"}).status_code == 400


def test_deliberate_errors_are_ours_whatever_is_documented(mock: MakeClient) -> None:
    documented = mock(PETS).post("/pets", json={}, headers=KEY)
    assert (documented.status_code, documented.headers["content-type"]) == (400, "application/json")
    deliberate = mock(PETS, errors=ErrorBodies.DELIBERATE).post("/pets", json={"age": "x"}, headers=KEY)
    assert (deliberate.status_code, deliberate.headers["content-type"]) == (400, "application/problem+json")
    assert len(deliberate.json()["violations"]) == 2


def test_a_path_may_not_be_endless(mock: MakeClient) -> None:
    answer = mock(PETS, limits=Limits(path_bytes=100)).get("/pets/" + "1" * 200)
    assert (answer.status_code, answer.json()["detail"]) == (414, "the path has more than 100 octets")


def test_an_observer_hears_of_every_answer(mock: MakeClient) -> None:
    served: list[Served] = []
    client = mock(PETS, observer=served.append)
    client.get("/pets")
    client.get("/pets")
    client.post("/pets", json={}, headers=KEY)
    client.get("/nowhere")
    assert [(each.method, each.path, each.status, each.operation, each.problem) for each in served] == [
        ("GET", "/pets", 200, "listPets", ""),
        ("GET", "/pets", 200, "listPets", ""),
        ("POST", "/pets", 400, "createPet", "missing-member"),
        ("GET", "/nowhere", 404, "", "route-not-found"),
    ]
    assert all(each.duration_ms >= 0 for each in served)


def test_a_failure_of_the_mock_itself_is_an_answer_too(
    mock: MakeClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("understudy.mockserver.pipeline.step", fail)
    answer = mock(PETS).get("/pets")
    assert answer.status_code == 500
    assert answer.headers["x-understudy-problem"].startswith("internal; ")
    assert "ZeroDivisionError" in caplog.text


def test_latency_and_wished_delays_wait_on_the_clock(mock: MakeClient) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    clock = Clock(lambda: datetime(2024, 1, 1, tzinfo=UTC), sleep)
    client = mock(PETS, clock=clock, latency=(0.25, 0.25))
    client.get("/pets")
    client.get("/pets", headers={"prefer": "delay=2s"})
    client.get("/pets", headers={"prefer": "delay=2s"})
    assert waited == [0.25, 2.0, 2.0]


def test_cors_can_be_switched_off(mock: MakeClient) -> None:
    origin = {"origin": "https://a.test"}
    assert mock(PETS).get("/pets", headers=origin).headers["access-control-allow-origin"] == "https://a.test"
    assert "access-control-allow-origin" not in mock(PETS, cors=Cors.OFF).get("/pets", headers=origin).headers
