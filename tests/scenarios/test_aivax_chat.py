"""Chat completions of AIVAX: what holds between requests, against the mock in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final
from uuid import UUID

import pytest

from tests.apps.mocked_api import START, MockedApi
from understudy.specs.documents.document import Json

CHAT: Final = "/v1/chat/completions"
GATEWAYS: Final = "/api/v1/ai-gateways"
SUPPORT: Final = "019ca3b2-51c0-7d14-9a63-2f8e61b7c040"
QUESTION: Final[Json] = {
    "model": SUPPORT,
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "May I return a book?"}],
}


@pytest.fixture
def mock() -> Iterator[MockedApi]:
    with MockedApi("aivax") as opened:
        yield opened


def chat(mock: MockedApi, **more: Json) -> Json:
    return mock.ask("POST", CHAT, {**QUESTION, **more})


def text_of(answer: Json) -> str:
    [choice] = answer["choices"]
    return str(choice["message"]["content"])


def stream(mock: MockedApi, **more: Json) -> tuple[list[Json], str]:
    """The chunks, and the data of the last event."""
    _, events = mock.events(CHAT, {**QUESTION, "stream": True, **more})
    *chunks, last = [event.data or "" for event in events]
    assert {event.event for event in events} == {None}
    return [json.loads(chunk) for chunk in chunks], last


def joined(chunks: list[Json]) -> str:
    return "".join(each["choices"][0]["delta"].get("content", "") for each in chunks)


def test_i32_a_stream_says_what_the_answer_says(mock: MockedApi) -> None:
    whole = chat(mock)
    chunks, last = stream(mock)
    assert joined(chunks) == text_of(whole) != ""
    assert last == "[DONE]"
    assert len(chunks) > 2
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert [each["choices"][0].get("finish_reason") for each in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert chunks[-1]["usage"] == whole["usage"]
    assert {each.get("usage") for each in chunks[:-1]} == {None}
    assert {each["model"] for each in chunks} == {whole["model"]}
    assert text_of(chat(mock, stream=False)) == text_of(whole)


@pytest.mark.parametrize("more", [{"max_completion_tokens": 3}, {"stop": "e"}, {"max_tokens": 0}, {"temperature": 1}])
def test_i32_a_stream_says_the_same_under_limits(mock: MockedApi, more: Json) -> None:
    whole = chat(mock, **more)
    chunks, _ = stream(mock, **more)
    assert joined(chunks) == text_of(whole)
    assert chunks[-1]["usage"] == whole["usage"]
    assert "stop" not in more or "e" not in text_of(whole)
    if "temperature" not in more:
        assert whole["usage"]["completion_tokens"] <= more.get("max_completion_tokens", more.get("max_tokens", 99))


def test_i32_no_ping_comes_where_none_is_wanted() -> None:
    """A stream so slow that a ping comes before every piece: a comment, which no client takes for a chunk."""
    asked = {**QUESTION, "stream": True}
    with MockedApi("aivax", pace=20) as mock:
        loud, events = mock.events(CHAT, asked)
        quiet, same = mock.events(CHAT, asked, headers={"sse-stream-options": "no-ping"})
        other, _ = mock.events(CHAT, asked, headers={"sse-stream-options": "anything"})
    assert loud.count(b": ping\n\n") == len(same) - 1 > 2
    assert b"ping" not in quiet == loud.replace(b": ping\n\n", b"")
    assert other == loud
    assert [event.data for event in events if event.data is not None] == [event.data for event in same]


def test_i33_a_bill_adds_up(mock: MockedApi) -> None:
    answer = chat(mock)
    lines = answer["generation_context"]["generated_usage"]
    assert lines
    for line in lines:
        assert line["amount"] == line["unit_price"] * line["quantity"]
    by_sku = {line["sku"]: line["quantity"] for line in lines}
    usage = answer["usage"]
    assert by_sku == {
        "inference.chat_completions.in": usage["prompt_tokens"],
        "inference.chat_completions.out": usage["completion_tokens"],
    }


def test_the_tokens_of_a_chat_add_up(mock: MockedApi) -> None:
    usage = chat(mock)["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens"] == len(["Be", "brief", ".", "May", "I", "return", "a", "book", "?"])
    assert usage["completion_tokens"] == len(text_of(chat(mock)).split(" "))
    parts = [{"type": "text", "text": "One two"}, {"type": "image_url", "image_url": {"url": "https://a.example"}}]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": None}]
    assert chat(mock, messages=messages)["usage"]["prompt_tokens"] == 2
    prompt = mock.ask("POST", CHAT, {"model": SUPPORT, "prompt": "One two three"})
    assert prompt["usage"]["prompt_tokens"] == 3


def test_the_model_that_answers_is_told(mock: MockedApi) -> None:
    sent: Json = {"name": "night", "parameters": {"baseAddress": "https://m.example/v1", "modelName": "small-model"}}
    gateway = mock.ask("POST", GATEWAYS, sent)["aiGatewayId"]
    assert chat(mock)["model"] == "@openai/gpt-5-mini"
    assert chat(mock, model="harbour-support:c040")["model"] == "@openai/gpt-5-mini"
    assert chat(mock, model=gateway)["model"] == "small-model"
    assert chat(mock, model=f"night:{gateway[-4:]}")["model"] == "small-model"
    assert chat(mock, model="@google/gemini-2.5-flash")["model"] == "@google/gemini-2.5-flash"
    mock.ask("PATCH", f"{GATEWAYS}/{gateway}", {"parameters": {**sent["parameters"], "modelName": "large-model"}})
    assert chat(mock, model=gateway)["model"] == "large-model"
    assert {each["model"] for each in stream(mock, model=gateway)[0]} == {"large-model"}


def test_a_completion_has_an_id_and_a_time_of_its_own(mock: MockedApi) -> None:
    first = chat(mock)
    mock.wait(seconds=60)
    second, other = chat(mock), chat(mock, user="customer-204")
    assert len({UUID(each["id"]) for each in (first, second, other)}) == 3
    assert (first["created"], second["created"]) == (int(START.timestamp()), int(START.timestamp()) + 60)
