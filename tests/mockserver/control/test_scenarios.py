"""Scenarios: files that are read, files that are refused with place and remedy, and what they do to a mock."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import httpx
import pytest

from tests.apps.stores import Backing
from tests.mockserver.control.conftest import pets
from understudy.mockserver.app import create_app
from understudy.mockserver.control.scenarios import read_scenarios
from understudy.mockserver.mock import Mounted
from understudy.mockserver.serving.running import RunningMock
from understudy.mockserver.settings import Settings, fixed_clock
from understudy.specs.errors import DocumentError, UsageError

pytest_plugins = ["tests.apps.store_fixtures"]

Serve = Callable[..., RunningMock]
Write = Callable[[str], str]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

FILE = """
    scenarios:
      everyday: {}
      empty-account: {summary: Nobody was here, records: {pet: empty}}
      two-pets:
        records:
          pet: [{id: a, name: Ann}, {id: b, name: Bob}]
          toy: [{scope: [ann], records: [{id: ball}]}, {scope: [bob], records: []}]
        clock: 2030-01-01T00:00:00Z
        overrides:
          - {operation: readPet, status: 503, times: 1}
          - {operation: '*', delay: 1ms}
      later: {records: keep, clock: +2h}
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(text: str) -> str:
        path = tmp_path / "scenarios.yaml"
        path.write_text(dedent(text), encoding="utf-8")
        return str(path)

    return make


def names(mock: RunningMock) -> list[str]:
    return [each["name"] for each in httpx.get(f"{mock.url}/pets").json()]


def test_a_mock_starts_in_a_scenario_and_goes_through_others(serve: Serve, write: Write, backing: Backing) -> None:
    file = write(FILE)
    mock = serve(state=backing.state, scenario=f"{file}#two-pets", clock=fixed_clock(NOON))
    assert names(mock) == ["Ann", "Bob"]
    assert mock.now == datetime(2030, 1, 1, tzinfo=UTC)
    assert [httpx.get(f"{mock.url}/pets/a").status_code for _ in range(2)] == [503, 200]
    control = httpx.Client(base_url=f"{mock.url}/__understudy")
    with control:
        toys = [
            control.get("/records/toy", params={"scope": owner}).json()["records"] for owner in ("ann", "bob", "eve")
        ]
        assert [[each["key"] for each in held] for held in toys] == [["ball"], [], ["t1"]]
        mock.activate("later")
        assert names(mock) == ["Ann", "Bob"]
        assert mock.now == NOON.replace(hour=14)
        assert control.get("/overrides").json() == {"overrides": []}
        shown = control.put("/scenarios", json={"current": "empty-account"}).json()
        assert shown["current"] == "empty-account"
        assert shown["scenarios"][1] == {"name": "empty-account", "summary": "Nobody was here"}
        assert names(mock) == []
        assert mock.now == NOON
        mock.activate("everyday")
        assert names(mock) == ["Rex"]
        mock.reset()
        assert control.get("/scenarios").json()["current"] == "two-pets"
        assert names(mock) == ["Ann", "Bob"]
        unknown = control.put("/scenarios", json={"current": "full"})
        assert unknown.status_code == 422
        assert "everyday, empty-account, two-pets, later" in unknown.json()["detail"]


def test_without_a_name_the_first_is_the_start(serve: Serve, write: Write) -> None:
    assert read_scenarios(write(FILE)).start == "everyday"
    assert names(serve(scenario=write("scenarios: {none: {records: {pet: empty}}, other: {}}"))) == []


def test_a_scenario_may_be_json(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "scenarios.json"
    path.write_text(
        json.dumps({"$schema": "x", "scenarios": {"a": {"records": {"pet": [{"id": "z", "name": "Zoe"}]}}}})
    )
    assert names(serve(scenario=str(path))) == ["Zoe"]


def test_a_resource_of_two_documents_is_named_with_its_document(serve: Serve, write: Write) -> None:
    both = Mounted(pets("one"), "/one"), Mounted(pets("two"), "/two")
    mock = serve(*both, scenario=write("scenarios: {a: {records: {two/pet: empty}}}"))
    counts = [len(httpx.get(f"{mock.url}/{each}/pets").json()) for each in ("one", "two")]
    assert counts == [1, 0]
    with pytest.raises(DocumentError, match="several documents declare 'pet'; say one/pet or two/pet"):
        serve(*both, scenario=write("scenarios: {a: {records: {pet: empty}}}"))


PLAIN = """
openapi: 3.1.0
info: {title: Plain, version: '1'}
paths:
  /dogs:
    get:
      operationId: listDogs
      responses: {'200': {description: '', content: {application/json: {schema: {type: array, items: *dog}}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: *dog}}}
      responses: {'201': {description: '', content: {application/json: {schema: *dog}}}}
  /dogs/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: '', content: {application/json: {schema: *dog}}}, '404': {description: ''}}
    delete: {responses: {'204': {description: ''}, '404': {description: ''}}}
"""
DOG = "{type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}"


def test_records_of_a_document_that_declares_none_are_set_too(serve: Serve, write: Write) -> None:
    plain = pets("plain", PLAIN.replace("*dog", DOG))
    mock = serve(
        plain, scenario=write("scenarios: {a: {records: empty}, b: {records: {dog: [{id: z, name: Zoe}]}}, c: {}}")
    )
    assert httpx.get(f"{mock.url}/dogs").json() == []
    mock.activate("b")
    assert httpx.get(f"{mock.url}/dogs").json() == [{"id": "z", "name": "Zoe"}]
    listed = httpx.get(f"{mock.url}/__understudy/records/dog").json()
    assert [each["key"] for each in listed["records"]] == ["z"]
    mock.activate("c")
    begun = httpx.get(f"{mock.url}/dogs").json()
    assert begun
    counted = httpx.get(f"{mock.url}/__understudy/records").json()["partitions"]
    assert [each["count"] for each in counted] == [len(begun)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("scenarios: [1]", "scenarios.yaml:1 at #/scenarios"),
        ("scenarios: {}", "at #/scenarios"),
        ("scenario: {}", "unknown member 'scenario'; did you mean 'scenarios'?"),
        ("scenarios: {a b: {}}", "letters, digits"),
        (
            "scenarios: {a: {record: empty}}",
            "at #/scenarios/a/record: unknown member 'record'; did you mean 'records'?",
        ),
        ("scenarios: {a: {records: none}}", "at #/scenarios/a/records"),
        ("scenarios: {a: {records: {}}}", "at #/scenarios/a/records"),
        (
            "scenarios: {a: {records: {dog: []}}}",
            "at #/scenarios/a/records/dog: resource: got 'dog'; allowed: pet, toy",
        ),
        ("scenarios: {a: {records: {pet: all}}}", "at #/scenarios/a/records/pet"),
        (
            "scenarios: {a: {records: {pet: [{name: x}]}}}",
            "at #/scenarios/a/records/pet/0: neither a key nor a member 'id'",
        ),
        ("scenarios: {a: {records: {pet: [{id: x}, {id: x}]}}}", "records/pet/1: a second record with the key 'x'"),
        ("scenarios: {a: {records: {pet: [1]}}}", "at #/scenarios/a/records/pet/0"),
        ("scenarios: {a: {records: {toy: [{id: x}]}}}", "0 values; the scope of 'toy' has 1"),
        ("scenarios: {a: {records: {toy: [{scope: [q], records: [{}]}]}}}", "records/toy/0/records/0: neither a key"),
        ("scenarios: {a: {records: {toy: [{scope: [q], records: 5}]}}}", "an array is needed"),
        ("scenarios: {a: {records: empty}}", "'toy' has seed records in every scope; name one: toy: [{scope:"),
        ("scenarios: {a: {clock: noon}}", "at #/scenarios/a/clock: clock: got 'noon'"),
        ("scenarios: {a: {clock: +5}}", "at #/scenarios/a/clock"),
        ("scenarios:\n  a:\n    overrides:\n    - {operation: readPe, status: 500}", "scenarios.yaml:4 at"),
        (
            "scenarios: {a: {overrides: [{operation: readPet}]}}",
            "at #/scenarios/a/overrides/0: override: got ['operation']",
        ),
        ("scenarios: {a: {overrides: [{status: 500}]}}", "the member 'operation' is missing"),
        ("scenarios: {a: {overrides: [{operation: a, foult: drop}]}}", "did you mean 'fault'?"),
        (
            "scenarios: {a: {overrides: [{operation: '*', delay: {p50: 1s}}]}}",
            "unknown member 'p50'; known are median, p99",
        ),
        ("scenarios: {a: {overrides: [{operation: '*', delay: soon}]}}", "'soon' is no duration"),
        ("scenarios: {a: {overrides: [{operation: '*', fault: explode}]}}", "at #/scenarios/a/overrides/0/fault"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(write: Write, text: str, told: str) -> None:
    with pytest.raises(DocumentError) as raised:
        create_app([pets()], Settings(scenario=write(text)))
    assert told in str(raised.value)


def test_a_scenario_that_is_not_there_is_refused_with_those_that_are(write: Write) -> None:
    with pytest.raises(UsageError, match="#everyday"):
        create_app([pets()], Settings(scenario=f"{write(FILE)}#nope"))
    with pytest.raises(DocumentError, match=r"nowhere\.yaml"):
        create_app([pets()], Settings(scenario="/nowhere.yaml"))


def test_a_clock_out_of_reach_leaves_everything_as_it_was(serve: Serve, write: Write) -> None:
    text = "scenarios: {a: {}, b: {records: {pet: empty}, clock: '9999-01-01T00:00:00Z'}}"
    mock = serve(scenario=write(text))
    answer = httpx.put(f"{mock.url}/__understudy/scenarios", json={"current": "b"})
    assert answer.status_code == 422
    assert names(mock) == ["Rex"]
