"""What holds between the requests of QuantCDN AI: one test for each invariant, against the mock in this process."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID

import httpx
import pytest

from understudy.mockserver.app import create_app
from understudy.mockserver.settings import Clock, Settings
from understudy.specs.catalog import load_api
from understudy.specs.documents.document import Json
from understudy.specs.wire.sse import Parser
from understudy.specs.wire.sse_events import Event

START: Final = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
UNKNOWN: Final = "7b0c1d7e-5a0e-4f0f-9a65-0f6f2f5c9d11"
MODEL: Final = "amazon.nova-lite-v1:0"
QUESTION: Final[Mapping[str, Json]] = {
    "modelId": MODEL,
    "messages": [{"role": "user", "content": "Which rooms are open on Monday?"}],
}
PICTURE: Final[Mapping[str, Json]] = {"taskType": "TEXT_IMAGE", "textToImageParams": {"text": "A lighthouse"}}

api = cache(load_api)


class Mock:
    """A fresh mock, a client of it with a token, and a clock that moves when told."""

    def __init__(self) -> None:
        self.now = START
        settings = Settings(pace=0, clock=Clock(lambda: self.now, asyncio.sleep))
        self._asgi = httpx.ASGITransport(create_app([api("quantcdn-ai")], settings))

    def ask(
        self, method: str, path: str, body: Json = None, *, organisation: str = "acme", token: str | None = "token"
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            headers = {"authorization": f"Bearer {token}"} if token is not None else {}
            url = f"http://mock.test/api/v3/organizations/{organisation}/ai{path}"
            sent = {"json": body} if body is not None else {}
            async with httpx.AsyncClient(transport=self._asgi) as client:
                return await client.request(method, url, headers=headers, **sent)

        return asyncio.run(send())

    def get(self, path: str, *, organisation: str = "acme") -> Json:
        return self._json(self.ask("GET", path, organisation=organisation), 200)

    def post(self, path: str, body: Json, status: int = 200, *, organisation: str = "acme") -> Json:
        return self._json(self.ask("POST", path, body, organisation=organisation), status)

    def put(self, path: str, body: Json = None, *, organisation: str = "acme") -> Json:
        return self._json(self.ask("PUT", path, body, organisation=organisation), 200)

    def open(self, *, organisation: str = "acme", **members: Json) -> str:
        """The id of a new session."""
        created = self.post("/sessions", {"userId": "ann", **members}, 201, organisation=organisation)
        return str(created["sessionId"])

    def ids(self, query: str = "", *, organisation: str = "acme") -> list[str]:
        return [each["id"] for each in self.get(f"/sessions{query}", organisation=organisation)]

    def events(self, body: Json) -> tuple[httpx.Response, list[Event]]:
        answer = self.ask("POST", "/chat/stream", body)
        assert answer.status_code == 200, answer.text
        return answer, Parser().feed(answer.content)

    def _json(self, answer: httpx.Response, status: int) -> Json:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()


@pytest.fixture
def mock() -> Mock:
    return Mock()


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_s1_a_new_session_is_active_and_has_an_id_of_its_own(mock: Mock) -> None:
    created = [mock.post("/sessions", {"userId": "ann"}, 201) for _ in range(5)]
    assert {each["status"] for each in created} == {"active"}
    assert len({UUID(each["sessionId"]) for each in created}) == 5


@pytest.mark.parametrize(("sent", "minutes"), [({}, 60), ({"expirationMinutes": 17}, 17)])
def test_s2_a_session_lives_as_long_as_it_was_asked_to(mock: Mock, sent: Json, minutes: int) -> None:
    created = mock.post("/sessions", {"userId": "ann", **sent}, 201)
    assert time(created["createdAt"]) == START
    assert time(created["expiresAt"]) - time(created["createdAt"]) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"userId": "ann", "expirationMinutes": 5}, 201),
        ({"userId": "ann", "expirationMinutes": 1440}, 201),
        ({"userId": "ann", "expirationMinutes": 4}, 400),
        ({"userId": "ann", "expirationMinutes": 1441}, 400),
        ({}, 400),
        ({"userId": 7}, 400),
    ],
)
def test_s3_a_new_session_is_checked(mock: Mock, body: Json, status: int) -> None:
    assert mock.ask("POST", "/sessions", body).status_code == status
    assert len(mock.ids()) == (1 if status == 201 else 0)


def test_s4_a_session_reads_back_as_it_was_opened(mock: Mock) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    created = mock.post("/sessions", {"userId": "ann", "initialMessages": messages}, 201)
    read = mock.get(f"/sessions/{created['sessionId']}")
    assert read["id"] == created["sessionId"]
    assert read["created_at"] == created["createdAt"]
    assert read["messages"] == messages


def test_s5_a_session_is_listed_under_its_id(mock: Mock) -> None:
    session = mock.open()
    assert mock.ids() == [session] == [mock.get(f"/sessions/{session}")["id"]]


@pytest.mark.parametrize(
    ("more", "title"),
    [
        ({}, ""),
        (
            {"initialMessages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]},
            "Hello",
        ),
        ({"metadata": {"title": 7}, "initialMessages": [{"role": "user", "content": "x" * 99}]}, "x" * 80),
        ({"metadata": {"title": "Tour"}, "initialMessages": [{"role": "user", "content": "Hello"}]}, "Tour"),
    ],
    ids=str,
)
def test_s5_a_session_has_one_title_and_model(mock: Mock, more: Json, title: str) -> None:
    read = mock.get(f"/sessions/{mock.open(**more)}")
    [listed] = mock.get("/sessions")
    assert (read["title"], read["model"]) == (listed["title"], listed["model"]) == (title, MODEL)


def test_s6_an_unknown_session_is_not_found(mock: Mock) -> None:
    answer = mock.ask("GET", f"/sessions/{UNKNOWN}")
    assert (answer.status_code, answer.json()["code"]) == (404, "SESSION_NOT_FOUND")


def test_s7_a_deleted_session_is_gone_everywhere(mock: Mock) -> None:
    session, other = mock.open(), mock.open()
    deleted = mock.ask("DELETE", f"/sessions/{session}")
    assert deleted.status_code == 200
    assert isinstance(deleted.json()["message"], str)
    assert {status for _, status in reach(mock, session)} == {404}
    assert mock.ask("DELETE", f"/sessions/{session}").status_code == 404
    assert mock.ids() == [other]


def reach(mock: Mock, session: str, organisation: str = "acme") -> Iterator[tuple[str, int]]:
    """The statuses of reading, updating and extending a session."""
    for method, path, body in (("GET", "", None), ("PUT", "", {}), ("PUT", "/extend", {})):
        yield path, mock.ask(method, f"/sessions/{session}{path}", body, organisation=organisation).status_code


def test_s8_organisations_do_not_see_each_others_sessions(mock: Mock) -> None:
    session = mock.open(initialMessages=[{"role": "user", "content": "Secret"}])
    theirs = mock.open(organisation="other")
    assert {status for _, status in reach(mock, session, "other")} == {404}
    assert mock.ask("DELETE", f"/sessions/{session}", organisation="other").status_code == 404
    assert mock.ids(organisation="other") == [theirs]
    assert mock.ids() == [session]
    assert mock.get(f"/sessions/{session}")["messages"] == [{"role": "user", "content": "Secret"}]


def test_s8_sessions_that_are_there_from_the_start_belong_to_one_organisation(mock: Mock) -> None:
    [first, _] = mock.ids(organisation="harbour-museum")
    assert {status for _, status in reach(mock, first, "other")} == {404}
    assert mock.ids(organisation="other") == []


def test_s9_filters_narrow_the_list(mock: Mock) -> None:
    one = mock.open(userId="ann", sessionGroup="shop")
    two = mock.open(userId="ann", sessionGroup="help")
    three = mock.open(userId="bob", sessionGroup="shop")
    assert mock.ask("PUT", "/config", {"default_model": "amazon.nova-pro-v1:0"}).status_code == 200
    four = mock.open(userId="bob")
    assert set(mock.ids()) == {one, two, three, four}
    assert set(mock.ids("?userId=ann")) == {one, two}
    assert set(mock.ids("?sessionGroup=shop")) == {one, three}
    assert mock.ids("?userId=ann&sessionGroup=shop") == [one]
    for model, expected in ((MODEL, {one, two, three}), ("amazon.nova-pro-v1:0", {four})):
        found = mock.get(f"/sessions?model={model}")
        assert {each["id"] for each in found} == expected
        assert {each["model"] for each in found} == {model}
    for unknown in ("userId=eve", "sessionGroup=none", "model=none", "userId=ann&sessionGroup=none"):
        assert mock.ids(f"?{unknown}") == []


def test_s9_a_session_with_a_great_deal_in_it_does_not_spoil_the_list(mock: Mock) -> None:
    great, dear = mock.open(metadata={"list": [0] * 30_000}), mock.open()
    assert mock.put(f"/sessions/{dear}", {"tokensUsed": 10**30})["totalTokens"] == 10**30
    assert set(mock.ids("?userId=ann")) == {great, dear}


def test_s10_pages_are_disjoint_and_complete(mock: Mock) -> None:
    opened = []
    for _ in range(53):
        opened.append(mock.open())
        mock.now += timedelta(seconds=1)
    everything = mock.ids("?limit=100")
    assert everything == opened[::-1]
    assert mock.ids() == everything[:50]
    pages = [mock.ids(f"?limit=20&offset={offset}") for offset in (0, 20, 40)]
    assert [len(page) for page in pages] == [20, 20, 13]
    assert [each for page in pages for each in page] == everything
    assert mock.ids("?offset=53") == mock.ids("?offset=1000") == []


@pytest.mark.parametrize("limit", [0, 101])
def test_s11_a_page_has_one_to_a_hundred_sessions(mock: Mock, limit: int) -> None:
    assert mock.ask("GET", f"/sessions?limit={limit}").status_code == 400
    assert mock.ask("GET", "/sessions?limit=1").status_code == mock.ask("GET", "/sessions?limit=100").status_code == 200


def test_s12_an_update_appends_messages(mock: Mock) -> None:
    first = [{"role": "user", "content": "One"}]
    more = [{"role": "assistant", "content": "Two"}, {"role": "user", "content": "Three"}]
    session = mock.open(initialMessages=first)
    assert mock.put(f"/sessions/{session}", {"newMessages": more})["totalMessages"] == 3
    assert mock.put(f"/sessions/{session}", {"newMessages": []})["totalMessages"] == 3
    assert mock.put(f"/sessions/{session}", {"newMessages": more[:1]})["totalMessages"] == 4
    assert mock.get(f"/sessions/{session}")["messages"] == [*first, *more, more[0]]


def test_s13_an_update_adds_tokens(mock: Mock) -> None:
    session = mock.open()
    totals = [
        mock.put(f"/sessions/{session}", body)["totalTokens"] for body in ({}, {"tokensUsed": 61}, {"tokensUsed": 4})
    ]
    assert totals == [0, 61, 65]


def test_s14_the_time_of_the_update_is_the_one_listed(mock: Mock) -> None:
    session = mock.open()
    seen = [mock.get("/sessions")[0]["updated_at"]]
    for _ in range(3):
        mock.now += timedelta(seconds=40)
        seen.append(mock.put(f"/sessions/{session}", {})["updatedAt"])
        assert mock.get("/sessions")[0]["updated_at"] == seen[-1]
    assert seen == sorted(seen)
    assert len(set(seen)) == 4


def test_s15_a_session_is_completed(mock: Mock) -> None:
    session = mock.open()
    for wrong in ({"status": "paused"}, {"newMessages": [{"role": "system", "content": "Obey."}]}):
        assert mock.ask("PUT", f"/sessions/{session}", wrong).status_code == 400
    assert mock.ids() == [session]
    assert mock.put(f"/sessions/{session}", {"status": "completed"})["status"] == "completed"
    assert mock.ids() == []
    assert mock.get(f"/sessions/{session}")["messages"] == []
    refused = mock.ask("PUT", f"/sessions/{session}/extend")
    assert (refused.status_code, refused.json()["code"]) == (400, "SESSION_NOT_ACTIVE")


def test_s16_an_extension_counts_from_the_old_expiry(mock: Mock) -> None:
    created = mock.post("/sessions", {"userId": "ann"}, 201)
    path, expires = f"/sessions/{created['sessionId']}/extend", time(created["expiresAt"])
    for body, minutes in ((None, 60), ({}, 60), ({"additionalMinutes": 1}, 1), ({"additionalMinutes": 1440}, 1440)):
        mock.now += timedelta(minutes=1)
        extended = mock.put(path, body)
        expires += timedelta(minutes=minutes)
        assert time(extended["expiresAt"]) == expires
        assert str(minutes) in extended["message"]
    for minutes in (0, 1441):
        assert mock.ask("PUT", path, {"additionalMinutes": minutes}).status_code == 400
    assert time(mock.put(path, {"additionalMinutes": 2})["expiresAt"]) == expires + timedelta(minutes=2)


def test_s17_an_expired_session_is_gone(mock: Mock) -> None:
    short, long = mock.open(expirationMinutes=5), mock.open(expirationMinutes=5)
    mock.put(f"/sessions/{long}/extend", {"additionalMinutes": 1})
    mock.now += timedelta(minutes=4, seconds=59)
    assert set(mock.ids()) == {short, long}
    mock.now += timedelta(seconds=1)
    assert {status for _, status in reach(mock, short)} == {404}
    assert mock.ids() == [long]
    mock.now += timedelta(minutes=1)
    assert mock.ids() == []


def check_usage(usage: Mapping[str, int]) -> None:
    assert usage["inputTokens"] > 0
    assert usage["outputTokens"] > 0
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]


def test_c1_the_tokens_of_a_chat_add_up(mock: Mock) -> None:
    answers = [mock.post("/chat", body) for body in (QUESTION, {**QUESTION, "systemPrompt": "Answer in one line."})]
    for answer in answers:
        check_usage(answer["usage"])
    blocks = [
        {"text": "Which rooms are open on Monday?"},
        {"image": {"format": "png", "source": {"bytes": "iVBORw0K"}}},
    ]
    multimodal = mock.post("/chat", {**QUESTION, "messages": [{"role": "user", "content": blocks}]})
    assert multimodal["usage"]["inputTokens"] == answers[0]["usage"]["inputTokens"]
    assert answers[1]["usage"]["inputTokens"] > answers[0]["usage"]["inputTokens"]


@pytest.mark.parametrize("model", [MODEL, "anthropic.claude-3-5-sonnet-20241022-v2:0"])
def test_c2_the_model_that_was_asked_answers_under_a_new_id(mock: Mock, model: str) -> None:
    answers = [mock.post("/chat", {**QUESTION, "modelId": model}) for _ in range(3)]
    answers.append(mock.post("/chat", {**QUESTION, "modelId": model}, organisation="other"))
    assert {each["model"] for each in answers} == {model}
    assert {each["response"]["role"] for each in answers} == {"assistant"}
    assert len({each["requestId"] for each in answers}) == 4


def tools(*names: str, **config: Json) -> Json:
    return {**QUESTION, "toolConfig": {"tools": [{"toolSpec": {"name": name}} for name in names], **config}}


def test_c3_tools_are_asked_for_only_where_there_are_some(mock: Mock) -> None:
    one, two = mock.post("/chat", tools("weather")), mock.post("/chat", tools("weather", "clock"))
    assert isinstance(one["response"]["toolUse"], dict)
    assert isinstance(two["response"]["toolUse"], list)
    assert one["finishReason"] == two["finishReason"] == "tool_use"
    turn = [*QUESTION["messages"], {"role": "assistant", "content": "Wait."}, {"role": "user", "content": "Rain."}]
    for body in (QUESTION, tools(), {**tools("weather"), "messages": turn}):
        answer = mock.post("/chat", body)
        assert "toolUse" not in answer["response"]
        assert answer["finishReason"] == "stop"


def test_c4_only_tools_on_offer_are_asked_for(mock: Mock) -> None:
    asked = mock.post("/chat", tools("weather", "clock"))["response"]["toolUse"]
    assert [each["name"] for each in asked] == ["weather", "clock"]
    run = mock.post("/chat", tools("weather", "generate_image", autoExecute=True, allowedTools=["generate_image"]))
    assert run["response"]["toolUse"]["name"] == "generate_image"
    assert run["response"]["toolUse"]["status"] == "pending"
    kept = mock.post("/chat", tools("weather", "generate_image", autoExecute=True, allowedTools=["weather"]))
    assert "toolUse" not in kept["response"]
    assert mock.ask("POST", "/chat", tools("weather", autoExecute=True)).status_code == 400


def test_c5_a_buffered_chat_is_never_streamed(mock: Mock) -> None:
    answer = mock.post("/chat", {**QUESTION, "stream": True})
    assert answer["response"]["content"]


@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
@pytest.mark.parametrize(
    "body",
    [
        {"modelId": MODEL},
        {"messages": QUESTION["messages"]},
        {**QUESTION, "messages": []},
        {**QUESTION, "temperature": 2.1},
        {**QUESTION, "maxTokens": 0},
        {**QUESTION, "maxTokens": 8193},
        {**QUESTION, "topP": 1.1},
        {**QUESTION, "stopSequences": list("abcde")},
        {**QUESTION, "messages": [{"role": "tool", "content": "x"}]},
        {
            **QUESTION,
            "messages": [{"role": "user", "content": [{"image": {"format": "bmp", "source": {"bytes": "AA=="}}}]}],
        },
    ],
    ids=str,
)
def test_c6_a_chat_is_checked(mock: Mock, path: str, body: Json) -> None:
    assert mock.ask("POST", path, body).status_code == 400
    assert mock.get("/usage")["total_requests"] == 0


def test_t1_a_stream_starts_and_is_done_once(mock: Mock) -> None:
    answer, events = mock.events(QUESTION)
    assert answer.headers["content-type"].split(";")[0] == "text/event-stream"
    assert [each.event for each in events] == ["start", *["content"] * (len(events) - 2), "done"]
    assert [each.id for each in events] == [f"chunk-{index}" for index in range(len(events))]
    assert all(isinstance(json.loads(each.data or ""), dict) for each in events)


def test_t2_only_the_last_event_is_complete(mock: Mock) -> None:
    _, events = mock.events(QUESTION)
    start, *content, done = [json.loads(each.data or "") for each in events]
    assert start["streaming"] is True
    assert content
    assert {each["complete"] for each in content} == {False}
    assert done["complete"] is True
    check_usage(done["usage"])


@pytest.mark.parametrize("more", [{}, {"maxTokens": 3}, {"stopSequences": ["e"]}], ids=str)
def test_t3_a_stream_says_what_the_buffered_answer_says(mock: Mock, more: Json) -> None:
    buffered = mock.post("/chat", {**QUESTION, **more})
    _, events = mock.events({**QUESTION, **more})
    start, *content, done = [json.loads(each.data or "") for each in events]
    assert start["model"] == MODEL
    assert start["requestId"] != buffered["requestId"]
    assert "".join(each["delta"] for each in content) == buffered["response"]["content"]
    assert done["usage"] == buffered["usage"]
    assert buffered["finishReason"] == ("length" if "maxTokens" in more else "stop")


def vectors(mock: Mock, **members: Json) -> tuple[Json, Json]:
    answer = mock.post("/embeddings", members)
    return answer["embeddings"], answer


def test_e1_vectors_have_the_shape_of_the_texts(mock: Mock) -> None:
    one, _ = vectors(mock, input="boat", dimensions=256)
    in_array, _ = vectors(mock, input=["boat"], dimensions=256)
    several, _ = vectors(mock, input=["sea", "boat", "sea"], dimensions=256)
    assert isinstance(one[0], float)
    assert in_array == [one]
    assert len(several) == 3
    assert several[1] == one
    assert several[0] == several[2] != one


@pytest.mark.parametrize(
    ("more", "dimension"),
    [
        ({}, 1024),
        ({"dimensions": 256}, 256),
        ({"dimensions": 512}, 512),
        ({"dimensions": 8192}, 8192),
        ({"modelId": "amazon.titan-embed-text-v1:0"}, 1536),
        ({"modelId": "amazon.titan-embed-text-v1:0", "dimensions": 256}, 1536),
    ],
    ids=str,
)
def test_e2_vectors_are_as_long_as_asked(mock: Mock, more: Json, dimension: int) -> None:
    flat, answer = vectors(mock, input="boat", **more)
    nested, _ = vectors(mock, input=["boat", "sea"], **more)
    assert answer["dimension"] == dimension
    assert {len(each) for each in (flat, *nested)} == {dimension}


@pytest.mark.parametrize(("more", "is_unit"), [({}, True), ({"normalize": True}, True), ({"normalize": False}, False)])
def test_e3_vectors_are_normalised(mock: Mock, more: Json, is_unit: bool) -> None:
    vector, _ = vectors(mock, input="boat", **more)
    assert (abs(math.hypot(*vector) - 1) < 1e-3) is is_unit


def test_e4_the_tokens_of_embeddings_are_counted_once(mock: Mock) -> None:
    _, one = vectors(mock, input="boat")
    _, two = vectors(mock, input=["boat", "a long sea"], modelId="amazon.titan-embed-text-v1:0")
    for answer in (one, two):
        assert answer["usage"]["inputTokens"] == answer["usage"]["totalTokens"] > 0
    assert one["model"] == "amazon.titan-embed-text-v2:0"
    assert two["model"] == "amazon.titan-embed-text-v1:0"
    assert two["usage"]["totalTokens"] > one["usage"]["totalTokens"]


def test_e5_up_to_a_hundred_texts_are_taken(mock: Mock) -> None:
    hundred, _ = vectors(mock, input=[f"text {index}" for index in range(100)], dimensions=256)
    assert len(hundred) == 100
    refused: list[Json] = [{"input": ["x"] * 101}, {"input": "x", "dimensions": 300}, {}, {"input": ""}, {"input": []}]
    for wrong in refused:
        assert mock.ask("POST", "/embeddings", wrong).status_code == 400


@pytest.mark.parametrize(("config", "number"), [(None, 1), ({}, 1), *[({"numberOfImages": n}, n) for n in range(1, 6)]])
def test_g1_as_many_images_as_asked(mock: Mock, config: Json, number: int) -> None:
    answer = mock.post(
        "/image-generation", {**PICTURE, **({"imageGenerationConfig": config} if config is not None else {})}
    )
    assert "error" not in answer
    assert len(answer["images"]) == number
    for image in answer["images"]:
        assert base64.b64decode(image, validate=True).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "body",
    [
        {**PICTURE, "region": "ap-southeast-2"},
        {**PICTURE, "taskType": "SCULPTURE"},
        {"taskType": "COLOR_GUIDED_GENERATION", "colorGuidedGenerationParams": {"colors": ["blue"]}},
        {**PICTURE, "imageGenerationConfig": {"numberOfImages": 6}},
        {**PICTURE, "imageGenerationConfig": {"cfgScale": 1.0}},
    ],
    ids=str,
)
def test_g2_an_image_request_is_checked(mock: Mock, body: Json) -> None:
    assert mock.ask("POST", "/image-generation", body).status_code == 400


@pytest.mark.parametrize(
    "task",
    [
        "TEXT_IMAGE",
        "COLOR_GUIDED_GENERATION",
        "IMAGE_VARIATION",
        "INPAINTING",
        "OUTPAINTING",
        "BACKGROUND_REMOVAL",
        "VIRTUAL_TRY_ON",
    ],
)
def test_g3_a_task_needs_its_parameters(mock: Mock, task: str) -> None:
    assert mock.ask("POST", "/image-generation", {"taskType": task}).status_code == 400
    if task != "TEXT_IMAGE":
        assert mock.ask("POST", "/image-generation", {**PICTURE, "taskType": task}).status_code == 400


CAPABILITY: Final = {"chat": "text", "embeddings": "embeddings", "vision": "multimodal", "streaming": "streaming"}


def test_m1_the_catalogue_counts_its_models(mock: Mock) -> None:
    everything = mock.get("/models")
    assert everything == mock.get("/models?feature=all")
    known = {each["id"] for each in everything["models"]}
    assert everything["count"] == len(everything["models"]) == len(known) > 0
    for feature in CAPABILITY:
        found = mock.get(f"/models?feature={feature}")
        assert found["count"] == len(found["models"])
        assert {each["id"] for each in found["models"]} < known
    assert mock.ask("GET", "/models?feature=smell").status_code == 400


@pytest.mark.parametrize("feature", CAPABILITY)
def test_m2_a_feature_is_a_capability(mock: Mock, feature: str) -> None:
    having = [each for each in mock.get("/models")["models"] if each["capabilities"][CAPABILITY[feature]]]
    assert mock.get(f"/models?feature={feature}")["models"] == having != []


def test_u1_usage_is_the_sum_over_the_models(mock: Mock) -> None:
    mock.post("/chat", QUESTION)
    mock.post("/chat", {**QUESTION, "modelId": "amazon.nova-pro-v1:0"})
    mock.post("/image-generation", PICTURE)
    for organisation in ("acme", "harbour-museum"):
        usage = mock.get("/usage", organisation=organisation)
        assert usage["total_requests"] == sum(each["requests"] for each in usage["by_model"].values()) > 0
        assert usage["total_tokens"] == sum(each["tokens"] for each in usage["by_model"].values()) > 0


CALLS: Final[Mapping[str, Callable[[Mock], tuple[str, int]]]] = {
    "chat": lambda mock: (MODEL, mock.post("/chat", QUESTION)["usage"]["totalTokens"]),
    "stream": lambda mock: (MODEL, json.loads(mock.events(QUESTION)[1][-1].data or "")["usage"]["totalTokens"]),
    "embeddings": lambda mock: (
        "amazon.titan-embed-text-v2:0",
        mock.post("/embeddings", {"input": "boat on a sea"})["usage"]["totalTokens"],
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_u2_a_call_is_counted_once_where_it_belongs(mock: Mock, name: str) -> None:
    for number in (1, 2):
        model, tokens = CALLS[name](mock)
        assert mock.get("/usage")["by_model"] == {model: {"requests": number, "tokens": number * tokens}}
    assert mock.get("/usage?month=2026-11") == mock.get("/usage")
    assert mock.get("/usage", organisation="other")["total_requests"] == 0
    mock.now += timedelta(days=30)
    assert mock.get("/usage")["total_requests"] == 0
    assert mock.get("/usage?month=2026-11")["total_requests"] == 2


def test_u3_a_month_without_traffic_is_empty(mock: Mock) -> None:
    mock.post("/chat", QUESTION)
    assert mock.get("/usage?month=2019-02") == {"total_requests": 0, "total_tokens": 0, "by_model": {}}
    for month in ("2026-13", "2026-1", "November", "2026-11-01"):
        assert mock.ask("GET", f"/usage?month={month}").status_code == 400


SETTINGS: Final = {"enabled_models": [MODEL], "default_model": MODEL, "max_tokens": 512, "temperature": 0.2}


def test_k1_settings_read_back_as_written(mock: Mock) -> None:
    before = mock.get("/config", organisation="other")
    answer = mock.ask("PUT", "/config", SETTINGS)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-type" not in answer.headers
    assert mock.get("/config") == SETTINGS
    assert mock.get("/config", organisation="other") == before != SETTINGS


@pytest.mark.parametrize("wrong", [{"max_tokens": 0}, {"temperature": 2.1}], ids=str)
def test_k2_settings_are_checked(mock: Mock, wrong: Json) -> None:
    before = mock.get("/config")
    assert mock.ask("PUT", "/config", wrong).status_code == 400
    assert mock.get("/config") == before


def test_k3_settings_that_are_not_sent_stay(mock: Mock) -> None:
    before = mock.get("/config")
    for change in ({"temperature": 0.1}, {"max_tokens": 9}, {}):
        assert mock.ask("PUT", "/config", change).status_code == 200
        before = {**before, **change}
        assert mock.get("/config") == before


OPERATIONS: Final[tuple[tuple[str, str, Json], ...]] = (
    ("POST", "/chat", QUESTION),
    ("POST", "/chat/stream", QUESTION),
    ("POST", "/embeddings", {"input": "boat"}),
    ("POST", "/image-generation", PICTURE),
    ("GET", "/models", None),
    ("GET", "/usage", None),
    ("GET", "/config", None),
    ("PUT", "/config", SETTINGS),
    ("GET", "/sessions", None),
    ("POST", "/sessions", {"userId": "ann"}),
    ("GET", f"/sessions/{UNKNOWN}", None),
    ("PUT", f"/sessions/{UNKNOWN}", {}),
    ("DELETE", f"/sessions/{UNKNOWN}", None),
    ("PUT", f"/sessions/{UNKNOWN}/extend", {}),
)


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS, ids=[f"{each[0]} {each[1]}" for each in OPERATIONS])
@pytest.mark.parametrize(("token", "status"), [(None, 401), ("invalid-token", 401), ("forbidden-token", 403)])
def test_x1_a_token_is_needed_everywhere(
    mock: Mock, method: str, path: str, body: Json, token: str | None, status: int
) -> None:
    answer = mock.ask(method, path, body, token=token)
    assert answer.status_code == status
    assert answer.json()["code"] == {401: "UNAUTHORIZED", 403: "ACCESS_DENIED"}[status]
    assert mock.ids() == []
    assert mock.get("/usage")["total_requests"] == 0
