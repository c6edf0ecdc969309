"""Quantum AI Nexus across requests: each invariant of its README as a conversation with the mock over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import httpx
import pytest

from tests.apps.in_process import OneLoop
from tests.apps.stores import Backing
from understudy.mockserver.app import create_app
from understudy.mockserver.serving.running import running
from understudy.mockserver.settings import Clock, RateLimits, Settings
from understudy.specs.catalog import load_api
from understudy.specs.documents.document import Json
from understudy.specs.model import Api

pytest_plugins = ("tests.apps.store_fixtures",)

GIF: Final = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
WAV: Final = b"RIFF&\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\x08\0data\x01\0\0\0\x7f\0"
SEED_SESSIONS: Final = {"c4d81e07", "9b2f60aa"}


@cache
def api() -> Api:
    return load_api("quantum-nexus")


class Service:
    """The mock in this process, and the time it lives in."""

    def __init__(self, rate_limits: RateLimits = RateLimits.REPORT, state: str = "memory") -> None:
        self.now = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
        clock = Clock(lambda: self.now, asyncio.sleep)
        app = create_app([api()], Settings(clock=clock, pace=0, rate_limits=rate_limits, state=state))
        self.client = httpx.Client(transport=OneLoop(app), base_url="http://mock.test/api")

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def ask(self, method: str, path: str, **sent: Json) -> httpx.Response:
        return self.client.request(method, path, **sent)

    def get(self, path: str) -> Json:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **sent: Json) -> Json:
        answer = self.ask("POST", path, **sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def open_session(self) -> str:
        return str(self.post("/sessions")["session_id"])

    def say(self, message: str, session: str | None = None) -> str:
        """The reply, its words joined."""
        body = {"message": message} | ({} if session is None else {"session_id": session})
        return "".join(event["word"] for event in events(self.ask("POST", "/process/text", json=body)))

    def messages(self, session: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.get(f"/sessions/{session}/messages")["messages"]
        return found

    def listed(self, session: str) -> Json:
        """The session as the list has it; None when it isn't there."""
        found = [each for each in self.get("/sessions")["sessions"] if each["id"] == session]
        assert len(found) <= 1
        return found[0] if found else None

    def follow(self, job: str, seconds: float = 5, step: float = 0.25) -> list[Json]:
        """What each poll sees, from now on."""
        seen = [self.get(f"/status/{job}")]
        for _ in range(int(seconds / step)):
            self.wait(step)
            seen.append(self.get(f"/status/{job}"))
        return seen


def events(answer: httpx.Response) -> list[Json]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = answer.text.split("\n\n")
    assert blocks.pop() == ""
    assert all(block.startswith("data: ") for block in blocks)
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


def analyse(service: Service, image: bytes = GIF, **form: str) -> Json:
    return service.post("/process/image", files={"image": ("photo.gif", image, "image/gif")}, data=form)


def ask_about(service: Service, image: bytes = GIF) -> Json:
    files = {"image": ("photo.gif", image, "image/gif")}
    return service.post("/process/image-with-text", files=files, data={"question": "Which colour?"})


def transcribe(service: Service, audio: bytes = WAV) -> Json:
    return service.post("/process/voice", files={"audio": ("a.wav", audio, "audio/wav")}, data={"language": "fr"})


def converse(service: Service, audio: bytes = WAV) -> Json:
    return service.post("/process/voice-conversation", files={"audio": ("a.wav", audio, "audio/wav")})


def speak(service: Service) -> Json:
    return service.post("/process/text-to-speech", json={"text": "Ahöy", "language": "de"})


Start = Callable[[Service], Json]
STARTS: Final[dict[str, tuple[Start, str]]] = {
    "image_analysis": (analyse, "img_"),
    "image_text_analysis": (ask_about, "img_"),
    "voice_to_text": (transcribe, "voice_"),
    "voice_conversation": (converse, "conv_"),
    "text_to_speech": (speak, "tts_"),
}
each_job = pytest.mark.parametrize("kind", list(STARTS))


@pytest.fixture(params=["memory", "sqlite", "redis"])
def service(request: pytest.FixtureRequest, make_backing: Callable[[str], Backing]) -> Iterator[Service]:
    """The mock on each kind of store."""
    opened = Service(state=make_backing(request.param).state)
    with opened.client:
        yield opened


def time_of(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_a_created_session_is_listed(service: Service) -> None:
    made = [service.open_session() for _ in range(3)]
    assert {each["id"] for each in service.get("/sessions")["sessions"]} == {*made, *SEED_SESSIONS}


def test_a_new_session_is_an_empty_new_chat(service: Service) -> None:
    made = service.post("/sessions", json={})
    assert made["title"] == "New Chat"
    session = made["session_id"]
    assert service.get(f"/sessions/{session}/messages") == {"session_id": session, "title": "New Chat", "messages": []}
    assert service.listed(session)["message_count"] == 0


def test_the_list_has_the_time_of_creation(service: Service) -> None:
    made = service.post("/sessions")
    service.wait(100)
    service.say("Hello", made["session_id"])
    assert service.listed(made["session_id"])["created_at"] == made["created_at"] == "2026-03-04T09:00:00Z"


def test_a_message_and_its_reply_join_the_history(service: Service) -> None:
    session = service.open_session()
    service.say("First", session)
    before = service.messages(session)
    service.wait(7)
    reply = service.say("Second", session)
    after = service.messages(session)
    assert after[:2] == before
    assert after[2:] == [
        {"type": "user", "content": "Second", "timestamp": "2026-03-04T09:00:07Z"},
        {"type": "ai", "content": reply, "timestamp": "2026-03-04T09:00:07Z"},
    ]


def test_the_count_is_that_of_the_messages(service: Service) -> None:
    session = service.open_session()
    for said in range(4):
        assert service.listed(session)["message_count"] == len(service.messages(session)) == 2 * said
        service.say("Again", session)
    for each in service.get("/sessions")["sessions"]:
        assert each["message_count"] == len(service.messages(each["id"]))


def test_the_words_joined_are_what_is_stored(service: Service) -> None:
    session = service.open_session()
    replies = [service.say(text, session) for text in ("One", "Two", "Three")]
    assert [each["content"] for each in service.messages(session) if each["type"] == "ai"] == replies
    assert all(" " in reply for reply in replies)
    assert len(set(replies)) == 3


@pytest.mark.parametrize("session", [None, "c4d81e07"])
def test_a_stream_ends_once(service: Service, session: str | None) -> None:
    body = {"message": "Hello"} | ({} if session is None else {"session_id": session})
    found = events(service.ask("POST", "/process/text", json=body))
    assert found[-1] == {"word": "", "complete": True}
    assert len(found) > 2
    assert not any(event["complete"] for event in found[:-1])


def test_a_stream_on_a_socket_is_what_is_stored() -> None:
    with running(api(), settings=Settings(pace=0.001)) as mock, httpx.Client(base_url=f"{mock.url}/api") as client:
        session = client.post("/sessions").json()["session_id"]
        body = {"message": "Hello", "session_id": session}
        with client.stream("POST", "/process/text", json=body) as answer:
            lines = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
        stored = client.get(f"/sessions/{session}/messages").json()["messages"]
    assert [each["complete"] for each in lines] == [False] * (len(lines) - 1) + [True]
    assert "".join(each["word"] for each in lines) == stored[1]["content"]


def test_list_and_messages_agree_on_the_title(service: Service) -> None:
    service.open_session()
    for each in service.get("/sessions")["sessions"]:
        assert service.get(f"/sessions/{each['id']}/messages")["title"] == each["title"]


def test_a_session_is_updated_after_its_creation_and_its_last_message(service: Service) -> None:
    session = service.open_session()
    for _ in range(2):
        service.wait(60)
        service.say("Hello", session)
        listed = service.listed(session)
        assert time_of(listed["created_at"]) < time_of(listed["updated_at"]) == service.now
        assert listed["updated_at"] >= service.messages(session)[-1]["timestamp"]
    for each in service.get("/sessions")["sessions"]:
        assert each["created_at"] <= each["updated_at"]
        assert all(message["timestamp"] <= each["updated_at"] for message in service.messages(each["id"]))


def test_messages_are_in_the_order_of_time(service: Service) -> None:
    session = service.open_session()
    for _ in range(3):
        service.wait(30)
        service.say("Hello", session)
    for each in (session, *SEED_SESSIONS):
        times = [message["timestamp"] for message in service.messages(each)]
        assert times == sorted(times)
    assert len({message["timestamp"] for message in service.messages(session)}) == 3


@pytest.mark.parametrize("is_new", [True, False])
def test_a_deleted_session_is_gone(service: Service, is_new: bool) -> None:
    session = service.open_session() if is_new else "c4d81e07"
    gone = service.ask("DELETE", f"/sessions/{session}")
    assert (gone.status_code, gone.json()) == (200, {"success": True, "message": "The session was deleted"})
    for method, path in (("DELETE", f"/sessions/{session}"), ("GET", f"/sessions/{session}/messages")):
        answer = service.ask(method, path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "SESSION_NOT_FOUND")
    assert service.listed(session) is None


def test_what_is_sent_to_an_unknown_session_is_refused(service: Service) -> None:
    for path, sent in (
        ("/process/text", {"json": {"message": "Hi", "session_id": "none"}}),
        ("/process/text-to-speech", {"json": {"text": "Hi", "session_id": "none"}}),
        ("/process/image", {"files": {"image": ("a.gif", GIF, "image/gif")}, "data": {"session_id": "none"}}),
        ("/clear-history", {"json": {"session_id": "none"}}),
    ):
        answer = service.ask("POST", path, **sent)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "SESSION_NOT_FOUND"), path


def test_a_cleared_session_is_empty_but_there(service: Service) -> None:
    session = service.open_session()
    service.say("Hello", session)
    assert len(service.messages(session)) == 2
    service.post("/clear-history", json={"session_id": session})
    assert service.messages(session) == []
    assert service.listed(session)["message_count"] == 0
    service.say("Once more", session)
    assert len(service.messages(session)) == 2


def test_sessions_do_not_mix(service: Service) -> None:
    one, two = service.open_session(), service.open_session()
    service.say("apples", one)
    service.say("pears", two)
    service.say("neither")
    assert [each["content"] for each in service.messages(one) if each["type"] == "user"] == ["apples"]
    assert [each["content"] for each in service.messages(two) if each["type"] == "user"] == ["pears"]
    service.post("/clear-history", json={"session_id": one})
    assert len(service.messages(two)) == 2
    service.ask("DELETE", f"/sessions/{one}")
    assert len(service.messages(two)) == 2


@each_job
def test_a_job_is_found_by_its_receipt(service: Service, kind: str) -> None:
    start, prefix = STARTS[kind]
    receipt = start(service)
    assert receipt["status"] == "queued"
    assert receipt["job_id"].startswith(prefix)
    assert [each["job_id"] for each in service.follow(receipt["job_id"])] == [receipt["job_id"]] * 21


@each_job
def test_a_job_moves_forward_and_its_end_is_final(service: Service, kind: str) -> None:
    seen = service.follow(STARTS[kind][0](service)["job_id"])
    order = ["queued", "processing", "completed"]
    ranks = [order.index(each["status"]) for each in seen]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2}
    ended = [each for each in seen if each["status"] == "completed"]
    assert all(each == ended[0] for each in ended)
    service.wait(10**6)
    assert service.get(f"/status/{seen[0]['job_id']}") == ended[0]


@each_job
@pytest.mark.parametrize("is_damaged", [False, True])
def test_progress_rises_to_100_or_falls_to_0_on_error(service: Service, kind: str, is_damaged: bool) -> None:
    start = STARTS[kind][0]
    if is_damaged and kind == "text_to_speech":
        seen = [service.get("/status/img_e8u5y0")]
    else:
        receipt = start(service, b"nonsense") if is_damaged else start(service)  # type: ignore[call-arg]
        seen = service.follow(receipt["job_id"])
    working = [each["progress"] for each in seen if each["status"] in ("queued", "processing")]
    ended = {each["progress"] for each in seen if each["status"] not in ("queued", "processing")}
    assert working == sorted(working)
    assert all(0 <= each < 100 for each in working)
    assert len(working) == 0 or len(set(working)) > 3
    assert ended == ({0} if is_damaged else {100})


@each_job
def test_only_a_completed_job_has_a_result(service: Service, kind: str) -> None:
    for each in service.follow(STARTS[kind][0](service)["job_id"]):
        assert ("result" in each) == (each["status"] == "completed")
        assert "error" not in each
        if "result" in each:
            assert each["result"]["type"] == each["type"] == kind


@pytest.mark.parametrize("start", [analyse, ask_about, transcribe, converse])
def test_only_a_failed_job_has_an_error(service: Service, start: Callable[[Service, bytes], Json]) -> None:
    seen = service.follow(start(service, b"nonsense")["job_id"])
    assert seen[-1]["status"] == "error"
    for each in seen:
        assert ("error" in each) == (each["status"] == "error")
        assert "result" not in each


@each_job
def test_the_type_is_that_of_the_operation(service: Service, kind: str) -> None:
    seen = service.follow(STARTS[kind][0](service)["job_id"])
    assert {each["type"] for each in seen} == {kind}


def test_an_unknown_job_is_not_found(service: Service) -> None:
    answer = service.ask("GET", "/status/img_none00")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "JOB_NOT_FOUND")


@each_job
def test_a_job_is_completed_after_it_was_created(service: Service, kind: str) -> None:
    service.wait(0.75)
    seen = service.follow(STARTS[kind][0](service)["job_id"])
    assert {each["created_at"] for each in seen} == {"2026-03-04T09:00:00Z"}
    assert {each.get("completed_at") for each in seen} == {None, "2026-03-04T09:00:03Z"}


def test_a_result_follows_from_the_request(service: Service) -> None:
    jobs = [start(service)["job_id"] for start in (ask_about, transcribe, converse, speak)]
    service.wait(3)
    asked, written, answered, spoken = (service.get(f"/status/{job}")["result"] for job in jobs)
    assert asked["user_question"] == "Which colour?"
    assert written["language"] == "fr"
    assert answered["language"] == "en"
    assert (spoken["language"], spoken["text_length"]) == ("de", 4)


def test_ids_are_unique(service: Service) -> None:
    sessions = [service.open_session() for _ in range(60)]
    jobs = [start(service)["job_id"] for _ in range(12) for start, _ in STARTS.values()]
    assert len({*sessions, *SEED_SESSIONS}) == 62
    assert len(set(jobs)) == 60


def documented_jobs() -> Iterator[tuple[str, Json]]:
    operation = api().find_operation("getJobStatus")
    assert operation is not None
    for example in operation.responses[0].content[0].examples:
        value: Json = example.value
        if value["status"] in ("completed", "error"):
            yield example.name, value


@pytest.mark.parametrize(("name", "value"), list(documented_jobs()))
def test_the_jobs_of_the_examples_are_there(service: Service, name: str, value: Json) -> None:
    found = service.get(f"/status/{value['job_id']}")
    assert {**found, "completed_at": None} == {**value, "completed_at": None}
    assert value.get("completed_at", found["completed_at"]) == found["completed_at"]


def test_the_sessions_of_the_examples_are_there(service: Service) -> None:
    operation = api().find_operation("listSessions")
    assert operation is not None
    assert service.get("/sessions") == operation.responses[0].content[0].examples[0].value


def test_a_large_image_is_taken(service: Service) -> None:
    job = analyse(service, GIF + bytes(19 * 1024 * 1024))["job_id"]
    service.wait(3)
    assert service.get(f"/status/{job}")["status"] == "completed"


def test_the_calls_that_remain_fall_by_one(service: Service) -> None:
    """I21."""
    asked = [service.ask("GET", "/sessions/none/messages") for _ in range(3)]
    asked += [service.ask("DELETE", "/sessions/c4d81e07"), service.ask("GET", "/status/none")]
    said = [{name: int(answer.headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining")} for answer in asked]
    assert said == [{"limit": 100, "remaining": left} for left in (99, 98, 97, 96, 95)]
    ends = {answer.headers["x-ratelimit-reset"] for answer in asked}
    assert ends == {str(int(service.now.timestamp()) + 3600)}
    # What is limited for itself says so, whatever its method.
    own = [service.ask("POST", "/sessions"), service.ask("GET", "/sessions")]
    assert [(answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) for answer in own] == [
        ("20", "19"),
        ("20", "18"),
    ]


@pytest.mark.parametrize("kind", ["memory", "sqlite", "redis"])
def test_the_call_after_the_last_is_refused_until_the_window_ends(
    make_backing: Callable[[str], Backing], kind: str
) -> None:
    """I21."""
    service = Service(RateLimits.ENFORCE, make_backing(kind).state)
    with service.client:
        _use_up(service)


def _use_up(service: Service) -> None:
    said = {"message": "Hello"}
    answers = [service.ask("POST", "/process/text", json=said) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert [int(answer.headers["x-ratelimit-remaining"]) for answer in answers] == [*range(9, -1, -1), 0]
    refused = answers[-1]
    assert refused.headers["retry-after"] == "60"
    body = refused.json()
    assert (body["success"], body["error_code"]) == (False, "RATE_LIMIT_EXCEEDED")
    assert body["details"] == {"limit": "10 requests per minute", "retry_after": 60}
    assert service.ask("GET", "/sessions").status_code == 200, "others have their own"
    service.wait(60)
    assert service.ask("POST", "/process/text", json=said).status_code == 200
    # 12 of 100 in the hour are used: the rest are left, minute by minute.
    for _ in range(88):
        assert service.ask("GET", "/status/none").status_code == 404
    refused = service.ask("POST", "/sessions")
    assert (refused.status_code, refused.headers["x-ratelimit-limit"]) == (429, "100")
    assert refused.headers["retry-after"] == str(3600 - 60)
