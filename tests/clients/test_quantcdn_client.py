"""The published `quantcdn-client` against the mock, over HTTP: the 12 of the 14 operations that it has.

Its models validate strictly what comes, so an answer that it takes has the vendor's own types.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import pytest
from quantcdn.api.ai_inference_api import AIInferenceApi
from quantcdn.api.ai_models_api import AIModelsApi
from quantcdn.api.ai_monitoring_api import AIMonitoringApi
from quantcdn.api.ai_sessions_api import AISessionsApi
from quantcdn.api_client import ApiClient
from quantcdn.configuration import Configuration
from quantcdn.exceptions import BadRequestException, NotFoundException, UnauthorizedException
from quantcdn.models.chat_inference_request import ChatInferenceRequest
from quantcdn.models.chat_inference_stream_request import ChatInferenceStreamRequest
from quantcdn.models.create_ai_session_request import CreateAISessionRequest
from quantcdn.models.embeddings_request import EmbeddingsRequest
from quantcdn.models.extend_ai_session_request import ExtendAISessionRequest
from quantcdn.models.image_generation_request import ImageGenerationRequest
from quantcdn.models.update_ai_session_request import UpdateAISessionRequest

from understudy.mockserver.serving.running import running
from understudy.mockserver.settings import Bodies, Clock, Settings
from understudy.specs.catalog import load_api
from understudy.specs.model import Api
from understudy.specs.wire.sse import Parser
from understudy.specs.wire.sse_events import Event

T = TypeVar("T")
Call = Callable[[ApiClient], object]

ORGANISATION: Final = "harbour-museum"
SESSION: Final = "0d5f7a34-92c1-4c8e-8b57-3f1f6f2f9a10"
OTHER_SESSION: Final = "c2a3e1b8-6d4f-4a7b-9c35-51e7d0b4f6aa"  # both are there from the start
QUESTION: Final = {
    "modelId": "amazon.nova-lite-v1:0",
    "messages": [{"role": "user", "content": "When is the museum open on Mondays?"}],
}
SEEDS: Final = range(8)


def made(value: T | None) -> T:
    """What `from_dict` made; the client's own annotation says that it could be nothing."""
    assert value is not None
    return value


def embeddings_of(text: str | list[str]) -> Call:
    return lambda client: AIInferenceApi(client).embeddings(
        ORGANISATION, made(EmbeddingsRequest.from_dict({"input": text}))
    )


CALLS: Final[Mapping[str, Call]] = {
    "chatInference": lambda client: AIInferenceApi(client).chat_inference(
        ORGANISATION, made(ChatInferenceRequest.from_dict(QUESTION))
    ),
    "chatInferenceStream": lambda client: AIInferenceApi(client).chat_inference_stream(
        ORGANISATION, made(ChatInferenceStreamRequest.from_dict(QUESTION))
    ),
    "embeddings": embeddings_of("The old lighthouse at dusk"),
    "imageGeneration": lambda client: AIInferenceApi(client).image_generation(
        ORGANISATION,
        made(
            ImageGenerationRequest.from_dict(
                {"taskType": "TEXT_IMAGE", "textToImageParams": {"text": "The old lighthouse at dusk"}}
            )
        ),
    ),
    "listAIModels": lambda client: AIModelsApi(client).list_ai_models(ORGANISATION, feature="chat"),
    "getAIUsageStats": lambda client: AIMonitoringApi(client).get_ai_usage_stats(ORGANISATION, month="2026-03"),
    "listAISessions": lambda client: AISessionsApi(client).list_ai_sessions(
        ORGANISATION, user_id="user-12345", session_group="drupal-production", limit=100, offset=0
    ),
    "createAISession": lambda client: AISessionsApi(client).create_ai_session(
        ORGANISATION,
        made(
            CreateAISessionRequest.from_dict(
                {
                    "userId": "user-12345",
                    "metadata": {"feature": "help"},
                    "initialMessages": [{"role": "system", "content": "Answer briefly."}],
                }
            )
        ),
    ),
    "getAISession": lambda client: AISessionsApi(client).get_ai_session(ORGANISATION, SESSION),
    "updateAISession": lambda client: AISessionsApi(client).update_ai_session(
        ORGANISATION,
        SESSION,
        made(
            UpdateAISessionRequest.from_dict(
                {"newMessages": [{"role": "assistant", "content": "From ten to five."}], "tokensUsed": 61}
            )
        ),
    ),
    "deleteAISession": lambda client: AISessionsApi(client).delete_ai_session(ORGANISATION, OTHER_SESSION),
    "extendAISession": lambda client: AISessionsApi(client).extend_ai_session(
        ORGANISATION, SESSION, made(ExtendAISessionRequest.from_dict({"additionalMinutes": 30}))
    ),
}
"""By operationId: a call of the client."""

BY_EXAMPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "chatInference": (
        "response.role",
        "response.content",
        "model",
        "request_id",
        "finish_reason",
        "usage.total_tokens",
    ),
    "embeddings": ("embeddings.actual_instance", "model", "dimension", "usage.input_tokens"),
    "imageGeneration": ("images",),
    "listAIModels": ("models",),
    "getAIUsageStats": ("total_requests", "total_tokens"),
    "createAISession": ("session_id", "status", "expires_at", "created_at"),
    "getAISession": ("id", "messages", "created_at"),
    "updateAISession": ("status", "total_messages", "total_tokens", "updated_at"),
    "deleteAISession": ("message",),
    "extendAISession": ("expires_at", "message"),
}
"""Members, by the client's names, that the documented example fills."""


@pytest.fixture(scope="module")
def api() -> Api:
    return load_api("quantcdn-ai")


@contextmanager
def connected(url: str, token: str | None = "token-of-a-test") -> Iterator[ApiClient]:
    with ApiClient(Configuration(host=url, access_token=token)) as client:
        yield client


@pytest.fixture(scope="module")
def url(api: Api) -> Iterator[str]:
    with running(api, settings=Settings(pace=0)) as mock:
        yield mock.url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[ApiClient]:
    with connected(url) as client:
        yield client


@pytest.fixture(scope="module", params=SEEDS)
def improvising(api: Api, request: pytest.FixtureRequest) -> Iterator[ApiClient]:
    """A client of a mock that makes its answers up."""
    settings = Settings(pace=0, seed=request.param, bodies=Bodies.GENERATED)
    with running(api, settings=settings) as mock, connected(mock.url) as client:
        yield client


def test_every_operation_that_the_client_has_is_called(api: Api) -> None:
    assert {operation.id for operation in api.operations} - set(CALLS) == {"getAIConfig", "updateAIConfig"}
    assert len(CALLS) == 12


@pytest.mark.parametrize("name", BY_EXAMPLE)
def test_the_client_reads_the_documented_answer(client: ApiClient, name: str) -> None:
    answer = CALLS[name](client)
    for path in BY_EXAMPLE[name]:
        value = answer
        for member in path.split("."):
            value = getattr(value, member)
        assert value is not None, path


def test_sessions_come_as_a_list(client: ApiClient) -> None:
    sessions = CALLS["listAISessions"](client)
    assert isinstance(sessions, list)
    assert all(session.id and session.created_at for session in sessions)


def test_a_stream_comes_as_one_text(client: ApiClient) -> None:
    text = CALLS["chatInferenceStream"](client)
    assert isinstance(text, str)
    events = Parser().feed(text.encode())
    assert [event.event for event in events] == ["start", *["content"] * (len(events) - 2), "done"]


def test_a_stream_can_be_read_while_it_is_written(api: Api) -> None:
    """The mock's clock stands still until the first event has been read."""
    gate = threading.Event()

    async def sleep(_: float) -> None:
        while not gate.is_set():
            await asyncio.sleep(0.001)

    clock = Clock(lambda: datetime(2026, 3, 3, 10, tzinfo=UTC), sleep)
    with running(api, settings=Settings(pace=1, clock=clock)) as mock, connected(mock.url) as client:
        response = AIInferenceApi(client).chat_inference_stream_without_preload_content(
            ORGANISATION, made(ChatInferenceStreamRequest.from_dict(QUESTION)), _request_timeout=30
        )
        parser = Parser()
        try:
            pieces = response.stream(16)
            events: list[Event] = []
            while not events:
                events += parser.feed(next(pieces))
            assert [event.event for event in events] == ["start"]
        finally:
            gate.set()
        for piece in pieces:
            events += parser.feed(piece)
    assert events[-1].event == "done"
    assert "".join(json.loads(event.data or "")["delta"] for event in events[1:-1])


@pytest.mark.parametrize("name", CALLS)
def test_the_client_reads_whatever_is_made_up(improvising: ApiClient, name: str) -> None:
    assert CALLS[name](improvising) is not None


@pytest.mark.parametrize("text", ["one text", ["two", "texts"]])
def test_one_text_and_several_are_taken(client: ApiClient, text: str | list[str]) -> None:
    assert embeddings_of(text)(client) is not None


def test_a_refusal_tells_what_is_wrong(client: ApiClient) -> None:
    with pytest.raises(BadRequestException) as caught:
        AIMonitoringApi(client).get_ai_usage_stats(ORGANISATION, month="March")
    assert caught.value.status == 400
    body = json.loads(caught.value.body or "")
    assert body["code"] == "INVALID_REQUEST"
    assert "month" in body["message"]


@pytest.mark.parametrize("name", CALLS)
def test_no_token_is_refused_everywhere(api: Api, name: str) -> None:
    with (
        running(api) as mock,
        connected(mock.url, token=None) as client,
        pytest.raises(UnauthorizedException) as caught,
    ):
        CALLS[name](client)
    assert json.loads(caught.value.body or "")["code"] == "UNAUTHORIZED"


def test_a_user_story(api: Api) -> None:
    """A session from its creation to its end: chat, history, lists, a longer life, usage, deletion."""
    now = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    settings = Settings(pace=0, clock=Clock(lambda: now, asyncio.sleep))
    with running(api, settings=settings) as mock, connected(mock.url) as client:
        sessions, inference = AISessionsApi(client), AIInferenceApi(client)
        before = AIMonitoringApi(client).get_ai_usage_stats(ORGANISATION, month="2026-03").total_requests or 0

        asked = made(CreateAISessionRequest.from_dict({"userId": "story-1", "expirationMinutes": 60}))
        created = sessions.create_ai_session(ORGANISATION, asked)
        session = str(made(created.session_id))
        listed = sessions.list_ai_sessions(ORGANISATION, user_id="story-1")
        assert [each.id for each in listed] == [session]

        reply = inference.chat_inference(ORGANISATION, made(ChatInferenceRequest.from_dict(QUESTION)))
        streamed = inference.chat_inference_stream(ORGANISATION, made(ChatInferenceStreamRequest.from_dict(QUESTION)))
        parts = [json.loads(made(event.data)) for event in Parser().feed(streamed.encode()) if event.event == "content"]
        text = made(made(reply.response).content)
        assert "".join(part["delta"] for part in parts) == text, "a stream says what the same call says as a whole"

        asked_first = "When is the museum open on Mondays?"
        said = [{"role": "user", "content": asked_first}, {"role": "assistant", "content": text}]
        sessions.update_ai_session(ORGANISATION, session, made(UpdateAISessionRequest.from_dict({"newMessages": said})))
        read = sessions.get_ai_session(ORGANISATION, session)
        assert [each["content"] for each in made(read.messages)] == [each["content"] for each in said]

        longer = made(ExtendAISessionRequest.from_dict({"additionalMinutes": 30}))
        extended = sessions.extend_ai_session(ORGANISATION, session, longer)
        assert made(extended.expires_at) - made(created.expires_at) == timedelta(minutes=30)

        after = AIMonitoringApi(client).get_ai_usage_stats(ORGANISATION, month="2026-03").total_requests
        assert after == before + 2

        sessions.delete_ai_session(ORGANISATION, session)
        with pytest.raises(NotFoundException):
            sessions.get_ai_session(ORGANISATION, session)
        assert sessions.list_ai_sessions(ORGANISATION, user_id="story-1") == []
