"""The public side of AIVAX's chat sessions: what holds between requests, against the mock in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.apps.mocked_api import MockedApi
from understudy.specs.documents.document import Json

CLIENTS: Final = "/api/v1/web-chat-client"
SUPPORT: Final = "019ca3b4-0f22-7b81-8c5d-71e0a4d9f316"
SESSION: Final = "019cb1d0-7e35-7a02-b4f8-5c9e20d671aa"
SEEDED: Final = "wky_example_harbour_lane_customer_204"
LONG: Final = "wide " * 20_000


@pytest.fixture
def mock() -> Iterator[MockedApi]:
    with MockedApi("aivax") as opened:
        yield opened


class Chat:
    """A session, and the browser that has its access key and nothing else."""

    def __init__(self, mock: MockedApi, **members: Json) -> None:
        opened = mock.ask("POST", f"{CLIENTS}/{SUPPORT}/sessions", members)
        self.id, self.key = str(opened["sessionId"]), str(opened["accessKey"])
        self.mock = mock
        mock.token = None

    def status(self, method: str = "GET", path: str = "", body: Json = None) -> int:
        return self.mock.send(method, f"/api/v1/public/chat-clients/{self.key}{path}", body).status_code

    def say(self, content: str, role: str = "user") -> Json:
        body = {"prompt": {"role": role, "content": content}}
        return self.mock.ask("POST", f"/api/v1/public/chat-clients/{self.key}/prompt", body)

    def info(self) -> Json:
        return self.mock.get(f"/api/v1/public/chat-clients/{self.key}")

    def transcript(self) -> Json:
        return self.mock.get(f"/api/v1/public/chat-clients/{self.key}/transcript.json")

    def turns(self) -> list[tuple[str, str]]:
        return [(each["role"], each["content"]) for each in self.info()["messages"]]


def every_operation() -> Iterator[tuple[str, str, Json]]:
    yield "GET", "", None
    yield "DELETE", "", None
    yield "POST", "/retry", None
    yield "POST", "/prompt", {"prompt": {"role": "user", "content": "Hello"}}
    yield "GET", "/transcript.json", None


def test_i20_what_was_said_is_in_the_session_and_in_its_transcript(mock: MockedApi) -> None:
    chat = Chat(mock, extraContext="Waits for a parcel", metadata={"channel": "shop"})
    first = chat.say("How long?")["completionText"]
    second = chat.say("And abroad?")["completionText"]
    said = [("user", "How long?"), ("assistant", first), ("user", "And abroad?"), ("assistant", second)]
    assert chat.turns() == said
    assert len({each["message_id"] for each in chat.info()["messages"]}) == 4
    assert chat.transcript() == {
        "messages": [{"role": role, "content": content} for role, content in said],
        "context": "Waits for a parcel",
        "sessionId": chat.id,
        "metadata": {"channel": "shop"},
    }


def test_i20_a_session_without_context_has_an_empty_transcript(mock: MockedApi) -> None:
    chat = Chat(mock)
    assert chat.transcript() == {"messages": [], "context": "", "sessionId": chat.id, "metadata": {}}


def test_i20_the_list_of_sessions_counts_what_was_said(mock: MockedApi) -> None:
    chat = Chat(mock, tag="ann")
    spent = sum(chat.say(content)["usage"]["totalTokens"] for content in ("How long?", "And abroad?"))
    mock.token = "token-of-a-test"
    [row] = mock.get(f"{CLIENTS}/{SUPPORT}/sessions?filter=ann")
    assert (row["messageCount"], row["tokenCount"], row["lastMessage"]) == (4, spent, "2026-11-20T09:30:00Z")


def test_i20_tokens_of_an_answer_add_up(mock: MockedApi) -> None:
    usage = Chat(mock, extraContext="Waits for a parcel").say("How long?")["usage"]
    assert usage["promptTokens"] == 7
    assert usage["completionTokens"] > 0
    assert usage["totalTokens"] == usage["promptTokens"] + usage["completionTokens"]


def test_i20_long_texts_are_kept_whole(mock: MockedApi) -> None:
    chat = Chat(mock, extraContext=LONG, metadata={"note": LONG})
    chat.say(LONG)
    chat.say("And abroad?")
    assert chat.status("POST", "/retry") == 204
    assert chat.turns()[0] == ("user", LONG)
    assert (chat.transcript()["context"], chat.transcript()["metadata"]) == (LONG, {"note": LONG})


def test_i20_a_session_shows_its_client(mock: MockedApi) -> None:
    chat = Chat(mock)
    shown = chat.info()["client"]
    assert (shown["pageTitle"], shown["helloLabel"], shown["inputModes"]) == (
        "Harbour Lane Support",
        "Hello!",
        ["text", "Image"],
    )
    assert "allowedFrameOrigins" not in shown
    mock.token = "token-of-a-test"
    mock.ask("PUT", f"{CLIENTS}/{SUPPORT}", {"name": "Fair", "clientParameters": {"audioSynthesisSource": "ElevenV3"}})
    shown = chat.info()["client"]
    assert (shown["pageTitle"], shown["audioSynthesisEnabled"], shown["inputModes"]) == ("Fair", True, ["text"])


def test_i20_sessions_do_not_hear_each_other(mock: MockedApi) -> None:
    one = Chat(mock)
    mock.token = "token-of-a-test"
    two = Chat(mock)
    one.say("How long?")
    assert len(one.turns()) == 2
    assert two.turns() == []


def test_i20_the_documented_session_can_be_talked_to(mock: MockedApi) -> None:
    mock.token = None
    path = f"/api/v1/public/chat-clients/{SEEDED}"
    assert mock.get(f"{path}/transcript.json")["sessionId"] == SESSION
    answer = mock.ask("POST", f"{path}/prompt", {"prompt": {"role": "user", "content": "And a map?"}})
    assert [each["content"] for each in mock.get(path)["messages"]] == [
        "How long may I return a book?",
        "You can return a book within 30 days.",
        "And a map?",
        answer["completionText"],
    ]


def test_i21_a_retry_goes_back_to_the_last_question(mock: MockedApi) -> None:
    chat = Chat(mock)
    assert chat.status("POST", "/retry") == 400
    chat.say("How long?")
    chat.say("And abroad?")
    before = chat.turns()
    assert [chat.status("POST", "/retry"), chat.status("POST", "/retry")] == [204, 204]
    assert chat.turns() == before[:3]
    chat.say("By sea?")
    assert [content for _, content in chat.turns()][:4] == ["How long?", before[1][1], "And abroad?", "By sea?"]
    assert len({each["message_id"] for each in chat.info()["messages"]}) == 5


def test_i21_without_a_question_there_is_nothing_to_retry(mock: MockedApi) -> None:
    chat = Chat(mock)
    chat.say("Be brief.", role="system")
    before = chat.turns()
    assert chat.status("POST", "/retry") == 400
    assert chat.turns() == before
    chat.say("How long?")
    chat.say("Be briefer.", role="system")
    assert chat.status("POST", "/retry") == 204
    assert [role for role, _ in chat.turns()] == ["system", "assistant", "user"]


def test_i22_cancelling_keeps_the_session(mock: MockedApi) -> None:
    chat = Chat(mock)
    chat.say("How long?")
    before = chat.info()
    assert chat.status("DELETE") == 200
    assert chat.info() == before
    assert chat.status("POST", "/prompt", {"prompt": {"role": "user", "content": "And abroad?"}}) == 200


@pytest.mark.parametrize("key", ["nobody", "wky_", "..", "%00"])
def test_i18_a_key_of_no_session_opens_nothing(mock: MockedApi, key: str) -> None:
    mock.token = None
    for method, path, body in every_operation():
        assert (
            mock.send(method, f"/api/v1/public/chat-clients/{key.replace('..', '%2E%2E')}{path}", body).status_code
            == 422
        )


def test_i18_an_expired_session_opens_nothing(mock: MockedApi) -> None:
    chat = Chat(mock, expires=600)
    mock.wait(minutes=10)
    assert {chat.status(method, path, body) for method, path, body in every_operation()} == {422}
