"""AI gateways and models of AIVAX: what holds between requests, against the mock in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.apps.mocked_api import MockedApi
from understudy.specs.documents.document import Json

GATEWAYS: Final = "/api/v1/ai-gateways"
SUPPORT: Final = "019ca3b2-51c0-7d14-9a63-2f8e61b7c040"
UNKNOWN: Final = "7b0c1d7e-5a0e-4f0f-9a65-0f6f2f5c9d11"
SETTINGS: Final[Json] = {
    "baseAddress": "https://models.example/v1",
    "modelName": "small-model",
    "temperature": 0.25,
    "skills": [],
    "knowledgeCollections": [UNKNOWN],
}


@pytest.fixture
def mock() -> Iterator[MockedApi]:
    with MockedApi("aivax") as opened:
        yield opened


def create(mock: MockedApi, name: str = "night-shift", **settings: Json) -> str:
    sent = {"name": name, "parameters": {**SETTINGS, **settings}}
    return str(mock.ask("POST", GATEWAYS, sent)["aiGatewayId"])


def listed(mock: MockedApi, query: str = "") -> list[str]:
    return [each["id"] for each in mock.get(f"{GATEWAYS}{query}")]


def test_i1_a_gateway_reads_back_as_it_was_created(mock: MockedApi) -> None:
    read = mock.get(f"{GATEWAYS}/{create(mock)}")
    assert (read["name"], read["parameters"]) == ("night-shift", SETTINGS)


def test_i2_a_gateway_is_listed_until_it_is_deleted(mock: MockedApi) -> None:
    gateway = create(mock)
    [row] = [each for each in mock.get(GATEWAYS) if each["id"] == gateway]
    assert (row["name"], row["modelName"], row["inferenceEndpoint"]) == (
        "night-shift",
        "small-model",
        "https://models.example/v1",
    )
    assert row["slug"] == f"night-shift:{gateway[-4:]}" == mock.get(f"{GATEWAYS}/{gateway}")["slug"]
    assert set(listed(mock)) == {SUPPORT, gateway}
    mock.ask("DELETE", f"{GATEWAYS}/{gateway}")
    assert listed(mock) == [SUPPORT]


def test_i3_a_gateway_that_is_edited_shows_it_and_others_do_not(mock: MockedApi) -> None:
    gateway, other = create(mock), create(mock, "other")
    before = [mock.get(f"{GATEWAYS}/{each}") for each in (other, SUPPORT)]
    new = {"baseAddress": "@integrated", "modelName": "@openai/gpt-5-mini"}
    mock.ask("PATCH", f"{GATEWAYS}/{gateway}", {"parameters": new})
    read = mock.get(f"{GATEWAYS}/{gateway}")
    assert (read["name"], read["parameters"]) == ("night-shift", new)
    mock.ask("PATCH", f"{GATEWAYS}/{gateway}", {"name": "day-shift"})
    assert mock.get(f"{GATEWAYS}/{gateway}") == {**read, "name": "day-shift"}
    assert [mock.get(f"{GATEWAYS}/{each}") for each in (other, SUPPORT)] == before


def test_i4_a_deleted_gateway_is_gone(mock: MockedApi) -> None:
    gateway = create(mock)
    mock.ask("DELETE", f"{GATEWAYS}/{gateway}")
    assert mock.send("GET", f"{GATEWAYS}/{gateway}").status_code == 404
    assert mock.send("PATCH", f"{GATEWAYS}/{gateway}", {"name": "x"}).status_code == 404
    assert mock.send("DELETE", f"{GATEWAYS}/{gateway}").status_code == 404
    refused = mock.send("GET", f"{GATEWAYS}/{UNKNOWN}")
    assert refused.status_code == 404
    assert isinstance(refused.json()["error"], str)


def test_i28_gateways_are_found_by_name_model_slug_and_id(mock: MockedApi) -> None:
    one, two = create(mock, "Night-Shift"), create(mock, "cellar", modelName="deep-model")
    assert listed(mock, "?filter=night-s") == [one]
    assert listed(mock, "?filter=DEEP") == [two]
    assert listed(mock, f"?filter=cellar:{two[-4:]}") == [two]
    assert listed(mock, f"?filter={one[4:20]}") == [one]
    assert listed(mock, "?filter=nowhere-to-be-found") == []
    assert set(listed(mock)) == {SUPPORT, one, two}


def test_i34_every_gateway_is_a_model(mock: MockedApi) -> None:
    gateways = {SUPPORT, create(mock), create(mock, "other")}
    models = mock.get("/v1/models")
    ids = [each["id"] for each in models["data"]]
    assert models["object"] == "list"
    assert gateways == set(listed(mock)) < set(ids)
    assert len(ids) == len(set(ids))
    gone = gateways.pop()
    mock.ask("DELETE", f"{GATEWAYS}/{gone}")
    assert gone not in [each["id"] for each in mock.get("/v1/models")["data"]]


def test_a_gateway_of_an_example_is_there(mock: MockedApi) -> None:
    read = mock.get(f"{GATEWAYS}/{SUPPORT}")
    assert (read["slug"], read["parameters"]["modelName"]) == ("harbour-support:c040", "@openai/gpt-5-mini")
