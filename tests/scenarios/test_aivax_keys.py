"""API keys, the salt and who may call AIVAX: what holds between requests, against the mock in this process."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

import pytest

from tests.apps.mocked_api import MockedApi
from understudy.specs.documents.document import Json

KEYS: Final = "/api/v1/accounts/api-key"
STOREFRONT: Final = "019ca1c4-2e06-7b9d-a3f0-96d8c57e1b34"
UNKNOWN: Final = "7b0c1d7e-5a0e-4f0f-9a65-0f6f2f5c9d11"
SKILLS: Final = "/api/v1/skills"
DAY: Final = 24 * 60 * 60
QUESTION: Final[Json] = {"model": "@openai/gpt-5-mini", "prompt": "Hello"}


@pytest.fixture
def mock() -> Iterator[MockedApi]:
    with MockedApi("aivax") as opened:
        yield opened


def create(mock: MockedApi, label: str = "Till", **more: Json) -> tuple[str, str]:
    """The id and the secret of a new key."""
    secret = mock.ask("POST", KEYS, {"label": label, **more})["grantKey"]
    [row] = [each for each in mock.get(KEYS)["apiKeys"] if each["label"] == label]
    return str(row["id"]), str(secret)


def status(mock: MockedApi, key: str, path: str = SKILLS) -> int:
    return mock.send("GET", path, headers={"authorization": f"Bearer {key}"}).status_code


def test_i29_a_new_key_is_listed_by_its_label_and_its_tail(mock: MockedApi) -> None:
    before = mock.get(KEYS)["apiKeys"]
    _, secret = create(mock)
    *old, new = mock.get(KEYS)["apiKeys"]
    assert old == before
    assert (new["label"], new["expiresAt"], new["usedAt"]) == ("Till", None, None)
    assert new["key"].startswith("...")
    assert secret.endswith(new["key"].removeprefix("..."))
    assert secret not in str(mock.get(KEYS))
    assert create(mock, "Other")[1] != secret


def test_i29_a_key_authenticates_until_it_is_deleted(mock: MockedApi) -> None:
    key, secret = create(mock)
    _, other = create(mock, "Other")
    assert [status(mock, each) for each in (secret, other)] == [200, 200]
    mock.ask("DELETE", f"{KEYS}/{key}")
    assert [status(mock, each) for each in (secret, other)] == [401, 200]
    refused = mock.send("GET", "/v1/models", headers={"authorization": f"Bearer {secret}"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")
    assert "www-authenticate" in refused.headers
    assert key not in [each["id"] for each in mock.get(KEYS)["apiKeys"]]


def test_i29_every_key_is_the_accounts(mock: MockedApi) -> None:
    _, secret = create(mock)
    mock.ask("POST", SKILLS, {"slug": "till", "instructions": "Count twice."})
    mine = MockedApi.get(mock, SKILLS)
    shown = mock.send("GET", SKILLS, headers={"authorization": f"Bearer {secret}"}).json()
    assert shown == mine


def test_i29_a_key_that_ends_with_its_form_alone_is_unknown(mock: MockedApi) -> None:
    assert status(mock, "sk-example-harbour-lane-never-given-out") == 401
    assert status(mock, "anything else, as long as it is a token".replace(" ", "-").replace(",", "")) == 200


def test_i29_a_key_of_the_examples_works_until_it_is_deleted(mock: MockedApi) -> None:
    assert status(mock, "sk-example-harbour-lane-store1") == 200
    mock.ask("DELETE", f"{KEYS}/{STOREFRONT}")
    assert status(mock, "sk-example-harbour-lane-store1") == 401
    assert status(mock, "sk-example-harbour-lane-night1") == 200


@pytest.mark.parametrize(("duration", "days"), [(1, 1), (90, 90), (-1, None), (2147483647, None)])
def test_i29_a_key_expires_when_it_was_said_to(mock: MockedApi, duration: int, days: int | None) -> None:
    key, secret = create(mock, duration=duration)
    mock.wait(seconds=(days or 3650) * DAY - 1)
    assert status(mock, secret) == 200
    mock.wait(seconds=1)
    assert status(mock, secret) == (401 if days else 200)
    assert (key in [each["id"] for each in mock.get(KEYS)["apiKeys"]]) is (days is None)


def test_i5_deleting_a_key_twice_is_a_bad_request(mock: MockedApi) -> None:
    key, _ = create(mock)
    mock.ask("DELETE", f"{KEYS}/{key}")
    for each in (key, UNKNOWN):
        refused = mock.send("DELETE", f"{KEYS}/{each}")
        assert refused.status_code == 400
        assert isinstance(refused.json()["error"], str)
    assert mock.send("DELETE", f"{SKILLS}/{UNKNOWN}").status_code == 404


def test_i30_a_new_salt_is_another_and_keys_keep_working(mock: MockedApi) -> None:
    _, secret = create(mock)
    salts = [mock.get(KEYS)["salt"]]
    for _ in range(3):
        mock.ask("POST", "/api/v1/accounts/roll-salt")
        salts.append(mock.get(KEYS)["salt"])
    assert salts[0] == "example-salt"
    assert len(set(salts)) == 4
    assert status(mock, secret) == 200
    mock.ask("PUT", "/api/v1/accounts", {"name": "Quay Books", "parameters": {"automaticJsonHealing": True}})
    assert mock.get(KEYS)["salt"] == salts[-1]


@pytest.mark.parametrize(("path", "body"), [("/v1/models", None), ("/v1/chat/completions", QUESTION), (SKILLS, None)])
def test_i31_a_key_may_come_in_three_ways(mock: MockedApi, path: str, body: Json) -> None:
    key, secret = create(mock)
    basic = base64.b64encode(f"whoever:{secret}".encode()).decode()
    ways: list[tuple[str, dict[str, str]]] = [
        (path, {"authorization": f"Bearer {secret}"}),
        (path, {"authorization": f"Basic {basic}"}),
        (f"{path}?api-key={secret}", {}),
    ]
    mock.token = None
    method = "GET" if body is None else "POST"
    answers = [mock.send(method, where, body, headers=headers) for where, headers in ways]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert len({each.text for each in answers}) == 1
    assert mock.send(method, path, body).status_code == 401
    mock.token = "token-of-a-test"
    mock.ask("DELETE", f"{KEYS}/{key}")
    mock.token = None
    assert [mock.send(method, where, body, headers=headers).status_code for where, headers in ways] == [401, 401, 401]
