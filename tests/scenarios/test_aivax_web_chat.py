"""Chat clients of AIVAX, their sessions and plans: what holds between requests, against the mock in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.apps.mocked_api import MockedApi
from understudy.mockserver.app import create_app
from understudy.mockserver.settings import Settings
from understudy.specs.catalog import load_api
from understudy.specs.documents.document import Json

pytest_plugins = ("tests.apps.store_fixtures",)

CLIENTS: Final = "/api/v1/web-chat-client"
SUPPORT: Final = "019ca3b4-0f22-7b81-8c5d-71e0a4d9f316"
DRAFT: Final = "019cb0c7-63e1-7f28-9d4b-a05e8c217f93"
SESSION: Final = "019cb1d0-7e35-7a02-b4f8-5c9e20d671aa"
KEY: Final = "wky_example_harbour_lane_customer_204"
GATEWAY: Final = "019ca3b2-51c0-7d14-9a63-2f8e61b7c040"
PLANNED: Final = "019cb2a1-7c40-7d93-a8e5-3f61c09b24d7"
REPEATED: Final = "019cb2a6-15d8-7af4-bc02-8e47d5a1960f"
UNKNOWN: Final = "7b0c1d7e-5a0e-4f0f-9a65-0f6f2f5c9d11"
LONG: Final = "wide " * 20_000
SHOP: Final[Json] = {
    "name": "Shop",
    "aiGatewayId": GATEWAY,
    "limitingParameters": {"messagesPerHour": 5, "maxMessages": 20},
    "clientParameters": {"primaryColor": "#abcdef", "pageTitle": "Shop", "customStyles": LONG, "inputModes": ["Audio"]},
}
ZAPI: Final[Json] = {"instanceId": "i", "instanceToken": "t", "clientToken": None}
TELEGRAM: Final[Json] = {"botToken": "b", "sessionDuration": None}
KAPSO: Final[Json] = {"apiKey": "k", "phoneNumberId": "7"}
EVOLUTION: Final[Json] = {"endpointUrl": "https://evolution.example", "instanceName": "n", "apiKey": "k"}
PROVIDERS: Final = (
    ("Zapi", "zapiIntegration", ZAPI),
    ("Telegram", "telegramIntegration", TELEGRAM),
    ("EvolutionApi", "evolutionIntegration", EVOLUTION),
    ("Kapso", "kapsoIntegration", KAPSO),
)


@pytest.fixture
def mock(each_state: str) -> Iterator[MockedApi]:
    """The mock on each kind of store."""
    with MockedApi("aivax", state=each_state) as opened:
        yield opened


def new_client(mock: MockedApi, **members: Json) -> str:
    return str(mock.ask("POST", CLIENTS, {**SHOP, **members})["id"])


def new_session(mock: MockedApi, client: str, **members: Json) -> Json:
    return mock.ask("POST", f"{CLIENTS}/{client}/sessions", members)


def sessions(mock: MockedApi, client: str, query: str = "") -> list[Json]:
    return list(mock.get(f"{CLIENTS}/{client}/sessions{query}"))


def listed(mock: MockedApi) -> dict[str, Json]:
    return {each["id"]: each for each in mock.get(CLIENTS)}


def status(mock: MockedApi, method: str, path: str, body: Json = None) -> int:
    return mock.send(method, path, body).status_code


def test_i1_a_client_reads_back_as_it_was_created(mock: MockedApi) -> None:
    read = mock.get(f"{CLIENTS}/{new_client(mock)}")
    assert {name: read[name] for name in SHOP if name != "aiGatewayId"} == {
        name: value for name, value in SHOP.items() if name != "aiGatewayId"
    }
    assert read["aiGateway"] == {"id": GATEWAY, "name": "harbour-support"}


def test_i1_the_gateway_of_a_client_is_the_one_there_is(mock: MockedApi) -> None:
    client = new_client(mock)
    assert listed(mock)[client]["associatedGateway"] == {
        "id": GATEWAY,
        "name": "harbour-support",
        "modelName": "@openai/gpt-5-mini",
    }
    mock.ask("DELETE", f"/api/v1/ai-gateways/{GATEWAY}")
    assert mock.get(f"{CLIENTS}/{client}")["aiGateway"] is None
    assert listed(mock)[client]["associatedGateway"] is None


def test_i2_a_client_is_listed_until_it_is_deleted(mock: MockedApi) -> None:
    before = list(listed(mock))
    client = new_client(mock)
    assert list(listed(mock)) == [*before, client]
    assert (listed(mock)[client]["name"], listed(mock)[client]["color"]) == ("Shop", "#abcdef")
    mock.ask("DELETE", f"{CLIENTS}/{client}")
    assert list(listed(mock)) == before


def test_i3_a_client_that_is_changed_shows_it_and_others_do_not(mock: MockedApi) -> None:
    client = new_client(mock)
    before, other = mock.get(f"{CLIENTS}/{client}"), mock.get(f"{CLIENTS}/{SUPPORT}")
    change = {"name": "Fair", "aiGatewayId": None, "clientParameters": {"debug": True}}
    mock.ask("PUT", f"{CLIENTS}/{client}", change)
    after = mock.get(f"{CLIENTS}/{client}")
    assert after == {**before, "name": "Fair", "aiGateway": None, "clientParameters": {"debug": True}}
    assert mock.get(f"{CLIENTS}/{SUPPORT}") == other


def test_i4_a_deleted_client_is_gone_everywhere(mock: MockedApi) -> None:
    client = new_client(mock)
    mock.ask("DELETE", f"{CLIENTS}/{client}")
    for gone in (client, UNKNOWN):
        for method, path, body in (
            ("GET", "", None),
            ("PUT", "", SHOP),
            ("DELETE", "", None),
            ("PUT", "/integrations", {"integrationType": "Zapi", "integrations": {"zapiIntegration": ZAPI}}),
            ("DELETE", "/integrations/Zapi", None),
            ("GET", "/sessions", None),
            ("POST", "/sessions", {}),
        ):
            assert status(mock, method, f"{CLIENTS}/{gone}{path}", body) == 404
        assert status(mock, "GET", f"/api/v1/web-chat-clients/{gone}/hook-schedules") == 404


@pytest.mark.parametrize("kind", [f"schedules/{PLANNED}", f"recurring/{REPEATED}"])
def test_i5_what_was_cancelled_is_not_found_again(mock: MockedApi, kind: str) -> None:
    path = f"/api/v1/web-chat-clients/{SUPPORT}/hook-schedules/{kind}"
    assert status(mock, "GET", path) == 200
    assert [status(mock, "DELETE", path), status(mock, "DELETE", path), status(mock, "GET", path)] == [200, 404, 404]


@pytest.mark.parametrize(("provider", "member", "settings"), PROVIDERS)
def test_i17_a_connection_is_written_and_cut_alone(mock: MockedApi, provider: str, member: str, settings: Json) -> None:
    client = new_client(mock)
    path = f"{CLIENTS}/{client}/integrations"
    every = {each: value for _, each, value in PROVIDERS}
    nothing = dict.fromkeys(every)
    assert mock.get(f"{CLIENTS}/{client}")["integrations"] == nothing
    mock.ask("PUT", path, {"integrationType": provider, "integrations": every})
    assert mock.get(f"{CLIENTS}/{client}")["integrations"] == {**nothing, member: settings}
    for other, _, _ in PROVIDERS:
        mock.ask("PUT", path, {"integrationType": other, "integrations": every})
    mock.ask("DELETE", f"{path}/{provider}")
    assert mock.get(f"{CLIENTS}/{client}")["integrations"] == {**every, member: None}
    mock.ask("PUT", f"{CLIENTS}/{client}", {"name": "Fair"})
    assert mock.get(f"{CLIENTS}/{client}")["integrations"] == {**every, member: None}


def test_i17_what_is_not_named_is_not_connected(mock: MockedApi) -> None:
    client = new_client(mock)
    before = mock.get(f"{CLIENTS}/{client}")
    for body in (
        {},
        {"integrationType": "Zapi"},
        {"integrationType": "Zapi", "integrations": {"kapsoIntegration": KAPSO}},
    ):
        mock.ask("PUT", f"{CLIENTS}/{client}/integrations", body)
        assert mock.get(f"{CLIENTS}/{client}") == before
    assert status(mock, "DELETE", f"{CLIENTS}/{client}/integrations/Pigeon") == 400


def test_i18_a_session_is_listed_with_its_key(mock: MockedApi) -> None:
    client = new_client(mock)
    opened = new_session(mock, client, tag="ann", extraContext="x" * 500)
    assert opened["talkUrl"].endswith(f"/{opened['accessKey']}")
    [row] = sessions(mock, client)
    assert (row["id"], row["sessionKey"], row["tagName"]) == (opened["sessionId"], opened["accessKey"], "ann")
    assert (row["contextPreview"], row["messageCount"], row["lastMessage"]) == ("x" * 120, 0, None)
    assert SESSION not in {each["id"] for each in sessions(mock, client)}


def test_i18_a_tag_has_one_open_session(mock: MockedApi) -> None:
    client, other = new_client(mock), new_client(mock)
    first = new_session(mock, client, tag="ann", extraContext="old", expires=600)
    mock.wait(minutes=9)
    assert new_session(mock, client, tag="ann", extraContext="new", expires=600) == first
    mock.wait(minutes=9)
    [row] = sessions(mock, client)
    assert (row["id"], row["contextPreview"]) == (first["sessionId"], "new")
    others = [new_session(mock, client, tag="bob"), new_session(mock, other, tag="ann")]
    others += [new_session(mock, client, **tag) for tag in ({}, {}, {"tag": None}, {"tag": "null"})]
    assert len({each["sessionId"] for each in (first, *others)}) == 7
    mock.wait(minutes=2)
    renewed = new_session(mock, client, tag="ann")
    assert renewed["sessionId"] != first["sessionId"]
    assert renewed["accessKey"] != first["accessKey"]


def test_i18_a_tag_opened_by_many_at_once_has_one_session(tmp_path: Path) -> None:
    app = create_app([load_api("aivax")], Settings(state=f"sqlite:///{tmp_path}/records.db"))

    async def open_all() -> set[str]:
        headers = {"authorization": "Bearer token-of-a-test"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock.test", headers=headers) as client:
            path = f"{CLIENTS}/{SUPPORT}/sessions"
            answers = await asyncio.gather(*[client.post(path, json={"tag": "ann"}) for _ in range(8)])
        return {str(answer.json()["sessionId"]) for answer in answers}

    assert len(asyncio.run(open_all())) == 1


def test_i18_a_session_ends_when_it_is_deleted(mock: MockedApi) -> None:
    client = new_client(mock)
    gone, kept = new_session(mock, client, tag="ann"), new_session(mock, client)
    path = f"{CLIENTS}/{client}/sessions"
    assert status(mock, "DELETE", f"{CLIENTS}/{SUPPORT}/sessions/{gone['sessionId']}") == 404
    mock.ask("DELETE", f"{path}/{gone['sessionId']}")
    assert status(mock, "DELETE", f"{path}/{gone['sessionId']}") == 404
    assert [each["id"] for each in sessions(mock, client)] == [kept["sessionId"]]
    assert status(mock, "GET", f"/api/v1/public/chat-clients/{gone['accessKey']}") == 422
    assert status(mock, "GET", f"/api/v1/public/chat-clients/{kept['accessKey']}") == 200
    again = new_session(mock, client, tag="ann")
    assert not {again["sessionId"], again["accessKey"]} & {gone["sessionId"], gone["accessKey"]}


@pytest.mark.parametrize(("sent", "seconds"), [({}, 3600), ({"expires": 600}, 600), ({"expires": 7776000}, 7776000)])
def test_i18_a_session_lasts_as_long_as_asked_for(mock: MockedApi, sent: Json, seconds: int) -> None:
    client = new_client(mock)
    key = new_session(mock, client, **sent)["accessKey"]
    mock.wait(seconds=seconds - 1)
    assert status(mock, "GET", f"/api/v1/public/chat-clients/{key}") == 200
    mock.wait(seconds=1)
    assert status(mock, "GET", f"/api/v1/public/chat-clients/{key}") == 422
    assert sessions(mock, client) == []


def test_i19_a_new_session_is_counted(mock: MockedApi) -> None:
    def counts() -> list[int]:
        return [listed(mock)[client]["activeSessions"] for client in (one, SUPPORT, DRAFT)]

    one = new_client(mock)
    assert counts() == [0, 1, 0]
    new_session(mock, one, tag="ann", expires=600)
    new_session(mock, one, tag="ann", expires=600)
    opened = new_session(mock, one)
    assert counts() == [2, 1, 0]
    mock.wait(seconds=600)
    assert counts() == [1, 1, 0]
    mock.ask("DELETE", f"{CLIENTS}/{one}/sessions/{opened['sessionId']}")
    assert counts() == [0, 1, 0]


def test_i28_a_filter_finds_sessions_by_key_context_tag_and_id(mock: MockedApi) -> None:
    client = new_client(mock)
    ann = new_session(mock, client, tag="Ann@home", extraContext="Waits for a parcel")
    bob = new_session(mock, client, tag="bob")
    new_session(mock, client)
    for text in (ann["accessKey"], ann["sessionId"], "ann%40HOME", "PARCEL"):
        assert [each["id"] for each in sessions(mock, client, f"?filter={text}")] == [ann["sessionId"]]
    assert [each["id"] for each in sessions(mock, client, "?filter=bo")] == [bob["sessionId"]]
    assert sessions(mock, client, "?filter=nobody") == []
    assert len(sessions(mock, client, "?filter=")) == 3


def test_i35_a_client_takes_its_sessions_and_plans_with_it(mock: MockedApi) -> None:
    client = new_client(mock)
    [mine, other] = [new_session(mock, each, tag="ann")["accessKey"] for each in (SUPPORT, client)]
    mock.ask("DELETE", f"{CLIENTS}/{SUPPORT}")
    shown = [status(mock, "GET", f"/api/v1/public/chat-clients/{key}") for key in (KEY, mine, other)]
    assert shown == [422, 422, 200]
    for kind in (f"schedules/{PLANNED}", f"recurring/{REPEATED}"):
        assert status(mock, "GET", f"/api/v1/web-chat-clients/{SUPPORT}/hook-schedules/{kind}") == 404


def test_i36_what_is_planned_is_listed_by_user_and_found_by_its_id(mock: MockedApi) -> None:
    path = f"/api/v1/web-chat-clients/{SUPPORT}/hook-schedules"
    every = mock.get(path)
    assert every["webChat"] == {"id": SUPPORT, "name": "Harbour Lane Support"}
    for part, kind in (("schedules", "schedules"), ("recurringTasks", "recurring")):
        for row in every[part]:
            whole = mock.get(f"{path}/{kind}/{row['id']}")
            assert row == {name: whole[name] for name in row}
            assert len(whole) > len(row)
    mine = mock.get(f"{path}?external-user-id=customer-204")
    assert (mine["schedules"], mine["recurringTasks"]) == (every["schedules"], every["recurringTasks"])
    assert mine["inactiveUsers"] == []
    silent = mock.get(f"{path}?external-user-id=customer-311")
    assert [silent[name] for name in ("schedules", "recurringTasks")] == [[], []]
    assert silent["inactiveUsers"] == every["inactiveUsers"] != []
    assert mock.get(f"/api/v1/web-chat-clients/{DRAFT}/hook-schedules")["schedules"] == []
    assert status(mock, "GET", f"/api/v1/web-chat-clients/{DRAFT}/hook-schedules/schedules/{PLANNED}") == 404


def test_i36_what_is_cancelled_leaves_the_list(mock: MockedApi) -> None:
    path = f"/api/v1/web-chat-clients/{SUPPORT}/hook-schedules"
    mock.ask("DELETE", f"{path}/schedules/{PLANNED}")
    assert [each["id"] for each in mock.get(path)["recurringTasks"]] == [REPEATED]
    assert mock.get(path)["schedules"] == []
    mock.ask("DELETE", f"{path}/recurring/{REPEATED}")
    assert mock.get(path)["recurringTasks"] == []
