"""The published `openai` client against the mock, over HTTP: every operation that it has for the shipped document."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import httpx
import openai
import pytest
from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam
from pydantic import BaseModel, ValidationError

from understudy.mockserver.serving.running import running
from understudy.mockserver.settings import Bodies, Clock, Settings
from understudy.specs.catalog import load_api
from understudy.specs.model import Api

MODEL: Final = "harbour-support:c040"
MESSAGES: Final[list[ChatCompletionMessageParam]] = [{"role": "user", "content": "May I return a book?"}]
SEEDS: Final = range(10)


@pytest.fixture(scope="module")
def api() -> Api:
    return load_api("aivax")


def connect(url: str, key: str = "token-of-a-test") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=30)


@pytest.fixture(scope="module")
def client(api: Api) -> Iterator[openai.OpenAI]:
    with running(api, settings=Settings(pace=0)) as mock, connect(mock.url) as client:
        yield client


def test_models_are_listed(client: openai.OpenAI) -> None:
    models = list(client.models.list())
    assert models
    assert all(model.object == "model" and model.id and model.owned_by for model in models)


def test_a_completion_comes_as_a_whole(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=MESSAGES)
    (choice,) = answer.choices
    assert (answer.object, choice.message.role, choice.finish_reason) == ("chat.completion", "assistant", "stop")
    assert choice.message.content
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 0


def test_a_completion_is_streamed(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True))
    choices = [chunk.choices[0] for chunk in chunks]
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert choices[0].delta.role == "assistant"
    assert [choice.finish_reason for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
    assert "".join(choice.delta.content or "" for choice in choices)


def test_the_client_puts_the_pieces_together(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=MESSAGES)
    with client.chat.completions.stream(model=MODEL, messages=MESSAGES) as stream:
        kinds = [event.type for event in stream]
        streamed = stream.get_final_completion()
    assert kinds.count("content.done") == 1
    assert streamed.choices[0].message.content == whole.choices[0].message.content


def test_pieces_arrive_while_the_rest_is_still_to_come(api: Api) -> None:
    """The mock's clock stands still until the first piece has been read."""
    gate = threading.Event()

    async def sleep(_: float) -> None:
        while not gate.is_set():
            await asyncio.sleep(0.001)

    clock = Clock(lambda: datetime(2026, 3, 3, 10, tzinfo=UTC), sleep)
    with running(api, settings=Settings(pace=1, clock=clock)) as mock, connect(mock.url) as client:
        stream = client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
        try:
            first = next(stream)
            assert first.choices[0].delta.role == "assistant"
            assert not gate.is_set()
        finally:
            gate.set()
        assert [chunk.choices[0].finish_reason for chunk in stream][-1] == "stop"


def test_a_stream_may_be_left_early(client: openai.OpenAI) -> None:
    with client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True) as stream:
        next(stream)
    assert list(client.models.list())


def test_a_user_story(api: Api) -> None:
    """An application gets a key of its own and a gateway, talks to it, and loses the key again."""
    headers = {"authorization": "Bearer the-owner"}
    with (
        running(api, settings=Settings(pace=0)) as mock,
        httpx.Client(base_url=f"{mock.url}/api/v1", headers=headers) as admin,
    ):
        settings = {"baseAddress": "@integrated", "modelName": "@google/gemini-2.5-flash"}
        made = admin.post("/ai-gateways", json={"name": "shop", "parameters": settings}).json()
        gateway = made["aiGatewayId"]
        key = admin.post("/accounts/api-key", json={"label": "Shop", "duration": 30}).json()["grantKey"]
        with connect(mock.url, key) as client:
            assert gateway in [model.id for model in client.models.list()]
            whole = client.chat.completions.create(model=gateway, messages=MESSAGES)
            assert whole.model == "@google/gemini-2.5-flash"
            chunks = list(client.chat.completions.create(model=gateway, messages=MESSAGES, stream=True))
            pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
            assert "".join(pieces) == whole.choices[0].message.content
            assert chunks[-1].usage == whole.usage
            [row] = [each for each in admin.get("/accounts/api-key").json()["apiKeys"] if each["label"] == "Shop"]
            assert admin.delete(f"/accounts/api-key/{row['id']}").status_code == 200
            with pytest.raises(openai.AuthenticationError) as refused:
                client.chat.completions.create(model=gateway, messages=MESSAGES)
            assert "unknown" in refused.value.message
            with pytest.raises(openai.AuthenticationError):
                client.chat.completions.create(model=gateway, messages=MESSAGES, stream=True)


def test_pings_do_not_disturb_the_client(api: Api) -> None:
    """A stream so slow that a ping comes before every piece."""

    async def sleep(_: float) -> None:
        return None

    clock = Clock(lambda: datetime(2026, 3, 3, 10, tzinfo=UTC), sleep)
    with running(api, settings=Settings(pace=20, clock=clock)) as mock, connect(mock.url) as client:
        raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=MESSAGES, stream=True)
        pieces = [chunk.choices[0].delta.content or "" for chunk in raw.parse()]
        whole = client.chat.completions.create(model=MODEL, messages=MESSAGES)
        url, sent = f"{mock.url}/v1/chat/completions", {"model": MODEL, "messages": MESSAGES, "stream": True}
        text = httpx.post(url, json=sent, headers={"authorization": "Bearer token-of-a-test"}).text
        silent = {"authorization": "Bearer token-of-a-test", "sse-stream-options": "no-ping"}
        quiet = httpx.post(url, json=sent, headers=silent).text
    assert "".join(pieces) == whole.choices[0].message.content
    assert text.count(": ping\n\n") == text.count("data: ") - 1
    assert quiet == text.replace(": ping\n\n", "")


async def ask_asynchronously(url: str) -> tuple[str | None, str]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="token-of-a-test", max_retries=0) as client:
        whole = await client.chat.completions.create(model=MODEL, messages=MESSAGES)
        stream = await client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
    return whole.choices[0].message.content, "".join(pieces)


def test_the_asynchronous_client_hears_the_same(api: Api) -> None:
    with running(api, settings=Settings(pace=0)) as mock:
        whole, streamed = asyncio.run(ask_asynchronously(mock.url))
    assert whole == streamed


def test_a_refusal_is_the_error_that_the_client_knows(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model=MODEL,
            messages=MESSAGES,
            temperature="warm",  # type: ignore[call-overload]  # the fault to send
        )
    assert caught.value.status_code == 400
    assert "temperature" in str(caught.value.message)
    assert caught.value.type


def test_no_key_is_told_apart_from_other_refusals(api: Api) -> None:
    with running(api) as mock, connect(mock.url) as client, pytest.raises(openai.AuthenticationError) as caught:
        client.models.list(extra_headers={"Authorization": openai.Omit()})
    assert caught.value.status_code == 401


DEPARTURES: Final = {
    ("choices", "finish_reason"): "the API has `error` as well, which its guides document",
    ("choices", "message", "annotations"): "the API's documentation shows it empty and says nothing of its items",
    ("service_tier",): "the API names no values",
}
"""Members in which the API's own documentation leaves OpenAI's types. The client itself doesn't mind."""


def faults(kind: type[BaseModel], text: str) -> list[tuple[object, ...]]:
    """Where a body isn't what the client's model says, but for `DEPARTURES`."""
    try:
        kind.model_validate_json(text)
    except ValidationError as error:
        places = [tuple(step for step in each["loc"] if isinstance(step, str)) for each in error.errors()]
        return [place for place in places if not any(place[: len(known)] == known for known in DEPARTURES)]
    return []


@pytest.mark.parametrize("seed", SEEDS)
def test_made_up_answers_have_the_types_of_the_client(api: Api, seed: int) -> None:
    """The client takes what comes; its models, asked to validate, don't."""
    settings = Settings(pace=0, seed=seed, bodies=Bodies.GENERATED)
    with running(api, settings=settings) as mock, connect(mock.url) as client:
        models = list(client.models.list())
        completion = client.chat.completions.with_raw_response.create(model=MODEL, messages=MESSAGES)
        chunks = []
        with suppress(openai.APIError):  # a stream may end with the error that the document describes
            for chunk in client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
                chunks.append(chunk)  # noqa: PERF402  # what came before the error counts
    assert models
    assert chunks
    assert [fault for model in models for fault in faults(Model, model.to_json())] == []
    assert faults(ChatCompletion, completion.text) == []
    assert [fault for chunk in chunks for fault in faults(ChatCompletionChunk, chunk.to_json())] == []
