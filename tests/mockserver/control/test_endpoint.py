"""The control API over a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import resources

import httpx
import jsonschema_rs
import pytest

from tests.apps.stores import Backing
from tests.mockserver.control.conftest import pets
from understudy.mockserver.control.resources import TABLE
from understudy.mockserver.mock import Mounted
from understudy.mockserver.serving.running import RunningMock
from understudy.mockserver.settings import Limits, fixed_clock
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.model import Direction

pytest_plugins = ["tests.apps.store_fixtures"]

Serve = Callable[..., RunningMock]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def client(mock: RunningMock) -> httpx.Client:
    return httpx.Client(base_url=f"{mock.url}/__understudy")


def test_the_clock_is_read_set_and_moved(serve: Serve, backing: Backing) -> None:
    mock = serve(state=backing.state, clock=fixed_clock(NOON))
    with client(mock) as control:
        assert control.get("/clock").json() == {"now": "2026-01-01T12:00:00.000Z", "offsetSeconds": 0}
        set_to = control.put("/clock", json={"now": "2030-05-06T07:08:09+02:00"})
        assert set_to.json()["now"] == "2030-05-06T05:08:09.000Z"
        assert control.post("/clock", json={"by": "1h30m"}).json()["now"] == "2030-05-06T06:38:09.000Z"
        assert control.post("/clock", json={"by": "-90s"}).json()["now"] == "2030-05-06T06:36:39.000Z"
        made = httpx.post(f"{mock.url}/pets", json={"name": "Tom"}).json()
        assert made["made"] == "2030-05-06T06:36:39Z"
        control.post("/reset")
        assert control.get("/clock").json()["offsetSeconds"] == 0


def test_the_clock_moves_for_all_workers(serve: Serve, shared_backing: Backing) -> None:
    one = serve(state=shared_backing.state, clock=fixed_clock(NOON))
    other = serve(state=shared_backing.state, clock=fixed_clock(NOON))
    one.advance(3600)
    assert other.now == NOON.replace(hour=13)
    assert httpx.post(f"{other.url}/pets", json={"name": "Tom"}).json()["made"] == "2026-01-01T13:00:00Z"
    other.reset()
    assert one.now == NOON
    assert len(httpx.get(f"{one.url}/pets").json()) == 1


TIMED = """
openapi: 3.2.0
info: {title: Timed, version: '1'}
x-understudy: {errors: {envelopes: [{schema: '#/components/schemas/Error', body: {error: $problem.detail, at: $now}}]}}
paths:
  /a:
    get:
      parameters: [{name: n, in: query, required: true, schema: {type: integer}}]
      responses:
        '200': {description: ''}
        '422': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
components: {schemas: {Error: {type: object, properties: {error: {type: string}, at: {type: string}}}}}
"""


def test_an_error_tells_the_time_of_the_moved_clock(serve: Serve, backing: Backing) -> None:
    mock = serve(pets("timed", TIMED), clock=fixed_clock(NOON), state=backing.state)
    assert httpx.get(f"{mock.url}/a").json()["at"] == "2026-01-01T12:00:00Z"
    mock.advance(3600)
    assert httpx.get(f"{mock.url}/a").json()["at"] == "2026-01-01T13:00:00Z"


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("PUT", "/clock", {"now": "yesterday"}, "2024-03-04T09:00:00Z"),
        ("PUT", "/clock", {"now": "+2h"}, "POST moves it"),
        ("PUT", "/clock", {"now": "9999-01-01T00:00:00Z"}, "seconds from"),
        ("PUT", "/clock", {}, '{"now"'),
        ("PUT", "/clock", [], '{"now"'),
        ("POST", "/clock", {"by": "soon"}, "1h30m"),
        ("POST", "/clock", {"by": 5}, '{"by"'),
        ("POST", "/clock", {"by": "999999999d"}, "seconds from"),
        ("POST", "/overrides", {"operation": "readPe", "status": 503}, "readPet"),
        ("POST", "/overrides", {"operation": "readPet"}, "at least one of"),
        ("POST", "/overrides", {"operation": "readPet", "status": 99}, "from 200 to 599"),
        ("POST", "/overrides", {"operation": "readPet", "status": 204}, "200, 404"),
        ("POST", "/overrides", {"operation": "readPet", "fault": "explode"}, "malformed"),
        ("POST", "/overrides", {"operation": "readPet", "delay": "soon"}, "250ms"),
        ("POST", "/overrides", {"operation": "readPet", "status": 503, "rate": 0}, "at most 1"),
        ("POST", "/overrides", {"operation": "readPet", "status": 503, "times": 0}, "from 1"),
        ("POST", "/overrides", {"operation": "readWord", "example": "lang"}, "long, short"),
        ("POST", "/overrides", {"operation": "*", "status": 200}, "400 to 599"),
        ("POST", "/overrides", {"operation": "*", "statu": 200}, "status"),
        ("POST", "/overrides", [1], "an object"),
        ("PUT", "/scenarios", {"current": "empty"}, "--scenario"),
        ("POST", "/snapshot", {"records": []}, "GET snapshot"),
        ("POST", "/snapshot", {"format": 2, "documents": {}}, "allowed: 1"),
        ("POST", "/snapshot", {"format": 1, "documents": {"dogs": {}}}, "a snapshot of pets"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(
    control: httpx.Client, method: str, path: str, body: object, told: str
) -> None:
    answer = control.request(method, path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert told in answer.json()["detail"]


def test_paths_methods_and_bodies_that_are_wrong(control: httpx.Client) -> None:
    assert "overrides/{key}" in control.get("/nope").json()["detail"]
    assert control.get("/clock/now").status_code == 404
    wrong = control.patch("/clock")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, PUT, POST")
    broken = control.put("/clock", content=b'{"now": ', headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["title"]) == (400, "Bad Request")
    assert control.delete("/overrides/o9").status_code == 404
    assert control.head("/clock").status_code == 200


def test_a_body_has_an_end(serve: Serve) -> None:
    with client(serve(limits=Limits(body_bytes=100))) as control:
        answer = control.post("/snapshot", json={"documents": "x" * 200})
        assert (answer.status_code, answer.json()["detail"]) == (413, "the body may have 100 octets at most")


def test_records_are_counted_and_listed(serve: Serve, backing: Backing) -> None:
    mock = serve(state=backing.state)
    with client(mock) as control:
        pet = {"document": "pets", "resource": "pet", "scope": [], "count": 1}
        toy = {"document": "pets", "resource": "toy", "scope": None, "count": 1}
        assert control.get("/records").json() == {"partitions": [pet, toy]}
        for name in ("Tom", "Ann"):
            httpx.post(f"{mock.url}/pets", json={"name": name})
        assert control.get("/records").json()["partitions"][0] == {**pet, "count": 3}
        listed = control.get("/records/pet", params={"start": 1, "limit": 1}).json()
        assert (listed["count"], [each["members"]["name"] for each in listed["records"]]) == (3, ["Tom"])
        assert control.get("/records/toy", params={"scope": "ann"}).json()["records"][0]["key"] == "t1"
        for wrong in ("/records/toy", "/records/dog", "/records/pet?scope=a", "/records/pet?limit=x"):
            assert control.get(wrong).status_code == 422


def test_reset_brings_the_seed_back(serve: Serve, backing: Backing) -> None:
    mock = serve(state=backing.state)
    httpx.post(f"{mock.url}/pets", json={"name": "Tom"})
    with client(mock) as control:
        control.post("/overrides", json={"operation": "listPets", "status": 500})
        assert httpx.get(f"{mock.url}/pets").status_code == 500
        assert control.post("/reset").status_code == 204
        assert control.get("/overrides").json() == {"overrides": []}
        assert control.get("/requests").json() == {"requests": []}
    assert [each["name"] for each in httpx.get(f"{mock.url}/pets").json()] == ["Rex"]


def test_a_snapshot_is_restored(serve: Serve, backing: Backing) -> None:
    mock = serve(state=backing.state, clock=fixed_clock(NOON))
    httpx.post(f"{mock.url}/pets", json={"name": "Tom"})
    with client(mock) as control:
        control.post("/clock", json={"by": "1d"})
        snapshot = control.get("/snapshot").json()
        control.post("/reset")
        assert control.post("/snapshot", json=snapshot).status_code == 204
        assert control.get("/clock").json()["now"] == "2026-01-02T12:00:00.000Z"
        assert [each["name"] for each in httpx.get(f"{mock.url}/pets").json()] == ["Rex", "Tom"]
        broken = json.loads(json.dumps(snapshot))
        broken["documents"]["pets"]["partitions"][0]["resource"] = "dog"
        refused = control.post("/snapshot", json=broken)
        assert (refused.status_code, refused.json()["pointer"]) == (422, "/partitions/0/resource")
        assert [each["name"] for each in httpx.get(f"{mock.url}/pets").json()] == ["Rex", "Tom"]


def test_a_snapshot_of_two_documents_is_restored_whole_or_not_at_all(serve: Serve) -> None:
    mock = serve(Mounted(pets("one"), "/one"), Mounted(pets("two"), "/two"))
    with client(mock) as control:
        snapshot = control.get("/snapshot").json()
        assert list(snapshot["documents"]) == ["one/one", "two/two"]
        for prefix in ("one", "two"):
            httpx.post(f"{mock.url}/{prefix}/pets", json={"name": "Tom"})
        broken = json.loads(json.dumps(snapshot))
        broken["documents"]["two/two"] = {"partitions": 5}
        assert control.post("/snapshot", json=broken).status_code == 422
        assert [len(httpx.get(f"{mock.url}/{each}/pets").json()) for each in ("one", "two")] == [2, 2]
        assert control.post("/snapshot", json=snapshot).status_code == 204
        assert [len(httpx.get(f"{mock.url}/{each}/pets").json()) for each in ("one", "two")] == [1, 1]
        assert control.get("/records/pet").status_code == 422
        assert control.get("/records/pet?document=two").json()["count"] == 1


def test_operations_are_documented_with_a_line_to_try(serve: Serve) -> None:
    mock = serve()
    with client(mock) as control:
        found = control.get("/operations").json()
        assert found["documents"] == [{"name": "pets", "title": "Pets", "version": "1", "openapi": "3.2.0"}]
        by_name = {each["operationId"]: each for each in found["operations"]}
        assert by_name["readWord"]["summary"] == "A word"
        lines = {name: control.get(f"/operations/{each['key']}").json()["curl"] for name, each in by_name.items()}
        assert lines["readPet"] == f"curl {mock.url}/pets/p1"
        assert lines["createPet"].endswith("""/pets -H 'Content-Type: application/json' -d '{"name":"Tom"}'""")
        assert "X-Key: try-me" in lines["readSecret"]
        assert control.get("/operations/99").status_code == 404


def test_the_log_shows_requests_without_their_credentials(serve: Serve) -> None:
    mock = serve()
    httpx.get(f"{mock.url}/secret?pass=hunter2&a=1", headers={"X-Key": "far-too-long-a-key"})
    httpx.get(f"{mock.url}/pets?api_key=hunter2&access_token=hunter2")
    httpx.get(f"{mock.url}/nowhere?pass=hunter2")
    with client(mock) as control:
        answer = control.get("/requests")
        first, second, third = answer.json()["requests"]
    assert (first["operation"], first["status"], first["problem"]) == ("readSecret", 422, "invalid-parameter")
    assert "***" in first["detail"]
    assert first["query"] == "pass=***&a=1"
    assert second["query"] == "api_key=***&access_token=***"
    assert (third["operation"], third["status"], third["problem"]) == ("", 404, "route-not-found")
    assert "hunter2" not in answer.text
    assert "far-too-long" not in answer.text


def test_the_log_is_followed(serve: Serve) -> None:
    mock = serve()
    with client(mock) as control, control.stream("GET", "/requests", headers={"Accept": "text/event-stream"}) as log:
        lines = log.iter_lines()
        assert next(lines) == ": here"
        httpx.get(f"{mock.url}/word")
        shown = [next(lines) for _ in range(3)]
        assert shown[1] == "id: 1"
        assert json.loads(shown[2].removeprefix("data: "))["operation"] == "readWord"


def test_the_description_has_every_path_and_tells_the_truth(serve: Serve) -> None:
    text = resources.files("understudy.mockserver.control").joinpath("openapi.yaml").read_bytes()
    api = build_api(parse_document(text, "/control.yaml"), name="control")
    described = {(each.method, each.path.strip("/").partition("{")[0]) for each in api.operations}
    assert described == {(method, place.partition("{")[0]) for method, place in TABLE}
    mock = serve()
    httpx.get(f"{mock.url}/nowhere")
    with client(mock) as control:
        assert control.get("/openapi.yaml").content == text
        control.post("/overrides", json={"operation": "*", "delay": "1ms"})
        for operation in api.operations:
            if operation.method != "GET" or operation.path == "/openapi.yaml":
                continue
            path = operation.path.replace("{resource}", "pet").replace("{key}", "0")
            answer = control.get(path)
            response = operation.find_response(answer.status_code)
            assert answer.status_code == 200
            assert response is not None
            schema = response.content[0].schema
            assert schema is not None
            assert schema.validator(Direction.RESPONSE).violations(answer.json()) == (), path


def test_the_schema_of_scenarios_is_one() -> None:
    text = resources.files("understudy.mockserver.control").joinpath("scenario.schema.json").read_text("utf-8")
    jsonschema_rs.meta.validate(json.loads(text))
