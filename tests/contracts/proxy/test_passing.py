"""The proxy: everything passes through, what breaks the document is said, streams aren't held back, traffic is kept."""

from __future__ import annotations

import gzip
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from tests.apps import raw_server
from tests.apps.small_api import api_of
from understudy.contracts.checking import exchange_checks
from understudy.contracts.proxy import passing as proxying
from understudy.contracts.proxy.overhearing import Overheard, Witness
from understudy.contracts.proxy.passing import create_proxy
from understudy.contracts.proxy.recording import Recording
from understudy.contracts.reports import load_report
from understudy.contracts.running.plan import select_claims
from understudy.contracts.sending.credentials import redaction_for
from understudy.mockserver.serving.running import running, serving
from understudy.specs.catalog import load_api
from understudy.specs.errors import UsageError
from understudy.specs.model import Api

THING = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "password": {"type": "string"}},
}
JSON = {"application/json": {"schema": THING}}
EVENTS = {"text/event-stream": {"itemSchema": {"type": "object", "required": ["data"]}}}
API = api_of(
    {
        "/things": {
            "get": {
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "", "content": JSON}},
            },
            "post": {
                "requestBody": {"content": JSON},
                "responses": {"201": {"description": "", "content": JSON}},
            },
        },
        "/events": {"get": {"responses": {"200": {"description": "", "content": EVENTS}}}},
    },
    servers=[{"url": "https://api.example.com/v1"}],
)


def checks() -> Witness:
    select_claims(())
    return Witness(exchange_checks())


class Upstream:
    """A live API that answers as it is told, and remembers what it was asked."""

    def __init__(
        self, status: int = 200, body: bytes = b'{"id": 1}', headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.status, self.body = status, body
        self.headers = [("content-type", "application/json"), *headers]
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(self.status, headers=self.headers, stream=httpx.ByteStream(self.body))


@contextmanager
def proxied(
    upstream: Upstream, *, api: Api = API, refuses: bool = False, base: str = "http://live.test/v1"
) -> Iterator[tuple[httpx.Client, list[Overheard]]]:
    """A client of the proxy, and what the proxy tells."""
    heard: list[Overheard] = []
    transport = httpx.MockTransport(upstream)
    app = create_proxy(api, base, checks(), tell=heard.append, refuses=refuses, transport=transport)
    with serving(app) as server, httpx.Client(base_url=server.url) as client:
        yield client, heard


def violations(response: httpx.Response) -> list[tuple[str, str]]:
    said = json.loads(response.headers.get("sl-violations", "[]"))
    return [(each["where"], each["code"]) for each in said]


def test_what_keeps_the_document_passes_as_it_is() -> None:
    upstream = Upstream(
        headers=(("x-answer", "yes"), ("connection", "close"), ("set-cookie", "a=1"), ("set-cookie", "b=2"))
    )
    with proxied(upstream) as (client, heard):
        response = client.get("/things?limit=3&x=%2F", headers={"X-Mine": "kept", "TE": "trailers", "Accept": "*/*"})
    assert (response.status_code, response.json()) == (200, {"id": 1})
    assert response.headers["x-answer"] == "yes"
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert violations(response) == []
    (asked,) = upstream.asked
    assert str(asked.url) == "http://live.test/v1/things?limit=3&x=%2F"
    assert asked.headers["host"] == "live.test"
    assert asked.headers["x-mine"] == "kept"
    assert "te" not in asked.headers
    assert [each.operation.label for each in heard if each.operation] == ["GET /things"]


def test_an_answer_that_breaks_the_document_says_so() -> None:
    with proxied(Upstream(body=b'{"id": "one"}')) as (client, heard):
        response = client.get("/things")
    assert response.json() == {"id": "one"}
    assert violations(response) == [("response", "response-schema")]
    assert [failure.claim.id for failure in heard[0].failures] == ["response-schema"]
    with proxied(Upstream(status=418)) as (client, _):
        assert ("response", "status-documented") in violations(client.get("/things"))


def test_a_request_that_breaks_the_document_is_passed_on_and_told() -> None:
    upstream = Upstream()
    with proxied(upstream) as (client, heard):
        response = client.get("/things?limit=many")
        elsewhere = client.get("/nowhere")
    assert violations(response) == [("request", "invalid-request")]
    assert violations(elsewhere) == [("request", "route-not-found")]
    assert len(upstream.asked) == 2
    assert heard[1].operation is None


def test_with_errors_neither_passes() -> None:
    upstream = Upstream()
    with proxied(upstream, refuses=True) as (client, _):
        invalid, unknown = client.post("/things", json={"id": "x"}), client.get("/nowhere")
    assert (invalid.status_code, unknown.status_code) == (422, 404)
    assert invalid.headers["content-type"] == "application/problem+json"
    assert invalid.json()["violations"][0]["code"] == "invalid-request"
    assert upstream.asked == []
    with proxied(Upstream(body=b"[]"), refuses=True) as (client, _):
        broken = client.get("/things")
    assert broken.status_code == 500
    assert broken.json()["violations"][0]["code"] == "response-schema"


def test_compressed_answers_stay_so_and_are_judged() -> None:
    upstream = Upstream(body=gzip.compress(b'{"id": "one"}'), headers=(("content-encoding", "gzip"),))
    with proxied(upstream) as (client, _):
        response = client.get("/things", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert response.json() == {"id": "one"}
    assert violations(response) == [("response", "response-schema")]


@pytest.mark.parametrize("path", ["/things", "/v1/things"])
def test_clients_may_repeat_the_base_path(path: str) -> None:
    upstream = Upstream()
    with proxied(upstream) as (client, heard):
        client.get(path)
    assert upstream.asked[0].url.path == "/v1/things"
    assert heard[0].operation is not None


def test_what_is_too_long_goes_on_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxying, "MAX_HELD", 1000)
    body = b'{"id": 1, "filler": "' + b"x" * 5000 + b'"}'
    with proxied(Upstream(body=body)) as (client, heard):
        response = client.get("/things")
        assert response.content == body
    assert heard[0].exchange.answer is not None
    assert heard[0].exchange.answer.body == body


def test_a_long_list_of_violations_fits_the_header() -> None:
    many = api_of(
        {"/": {"get": {"responses": {"200": {"description": "", "headers": {
            f"X-Header-Number-{number}": {"required": True, "schema": {"type": "string"}} for number in range(200)
        }}}}}}
    )  # fmt: skip
    with proxied(Upstream(), api=many) as (client, _):
        said = client.get("/").headers["sl-violations"]
    assert len(said) <= proxying.MAX_SAID
    assert json.loads(said)[-1]["code"] == "more"


@pytest.mark.parametrize("status", [502, 504])
def test_an_api_that_does_not_answer(status: int) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused") if status == 502 else httpx.ReadTimeout("")

    with proxied(fail) as (client, heard):  # type: ignore[arg-type]
        response = client.get("/things")
    assert response.status_code == status
    assert "gave no answer" in response.json()["title"]
    assert heard[0].exchange.answer is None


def test_streams_are_not_held_back() -> None:
    first_was_read = threading.Event()

    def script(connection: socket.socket) -> None:
        raw_server.read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        connection.sendall(b"data: one\n\n")
        assert first_was_read.wait(10)
        connection.sendall(b"data: two\n\nevent: nothing\n\n")

    heard: list[Overheard] = []
    with raw_server.serving(script) as url:
        app = create_proxy(API, url, checks(), tell=heard.append)
        with serving(app) as server, httpx.stream("GET", server.url + "/events") as response:
            pieces = response.iter_raw()
            assert next(pieces) == b"data: one\n\n"
            first_was_read.set()
            assert b"".join(pieces).startswith(b"data: two")
    answer = heard[0].exchange.answer
    assert answer is not None
    assert answer.complete
    assert len(answer.chunks) >= 2


def test_a_client_that_leaves_frees_the_api() -> None:
    left = threading.Event()

    def script(connection: socket.socket) -> None:
        raw_server.read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
        connection.settimeout(10)
        if connection.recv(1) == b"":
            left.set()

    heard: list[Overheard] = []
    with raw_server.serving(script) as url, serving(create_proxy(API, url, checks(), tell=heard.append)) as server:
        with httpx.stream("GET", server.url + "/events") as response:
            next(response.iter_raw())
        assert left.wait(10)
    assert heard[0].failures == ()


@pytest.mark.parametrize("url", ["live.test", "ftp://live.test", "http://", "http://live.test/?q=1"])
def test_a_wrong_upstream_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="--upstream"):
        create_proxy(API, url, checks(), tell=lambda heard: None)


def test_traffic_becomes_examples_without_secrets() -> None:
    api = load_api("quantum-nexus")
    recording = Recording(api, redaction_for(api, {}))
    with running(api) as mock:
        app = create_proxy(api, mock.url, checks(), tell=recording.take)
        with serving(app) as server, httpx.Client(base_url=server.url) as client:
            for _ in range(2):
                client.get("/sessions")
            client.post("/process/text", json={"message": "hello"})
            client.post("/process/text", json={"message": ""})
    overlay = yaml.safe_load(recording.write())
    targets = {action["target"]: action["update"]["examples"] for action in overlay["actions"]}
    listed = targets["$['paths']['/sessions']['get']['responses']['200']['content']['application/json']"]
    assert [*listed] == ["recorded-1"], "the same twice is one example"
    sent = targets["$['paths']['/process/text']['post']['requestBody']['content']['application/json']"]
    assert [example["value"] for example in sent.values()] == [{"message": "hello"}], "an invalid request is no example"
    (stream,) = [examples for target, examples in targets.items() if "text/event-stream" in target]
    assert isinstance(stream["recorded-1"]["value"], list)


def test_secrets_are_not_recorded() -> None:
    recording = Recording(API, redaction_for(API, {}))
    upstream = Upstream(status=201, body=b'{"id": 1, "password": "hunter2-secret"}')
    with proxied(upstream) as (client, heard):
        client.post("/things", json={"id": 1, "password": "hunter2-secret"}, headers={"Authorization": "Bearer tok-9"})
    recording.take(heard[0])
    assert len(recording) == 1
    assert "hunter2" not in recording.write()
    assert "tok-9" not in recording.write()


def test_an_overlay_of_traffic_is_served(tmp_path: Path) -> None:
    folder = tmp_path
    content = {"application/json": {"schema": THING, "example": {"id": 5}}}
    paths = {"/things": {"get": {"responses": {"200": {"description": "", "content": content}}}}}
    document = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths}
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    api = load_api(str(folder / "openapi.json"))
    recording = Recording(api, redaction_for(api, {}))
    with proxied(Upstream(body=b'{"id": 77}'), api=api, base="http://live.test") as (client, heard):
        client.get("/things")
    recording.take(heard[0])
    (folder / "recorded.yaml").write_text(recording.write(), encoding="utf-8")
    merged = load_api(str(folder / "openapi.json"), overlays=[str(folder / "recorded.yaml")])
    with running(merged) as mock:
        assert httpx.get(mock.url + "/things").json() == {"id": 77}


def test_swagger_has_no_place_for_examples() -> None:
    api = load_api("tests/documents/swagger20-form.yaml")
    with pytest.raises(UsageError, match="--record"):
        Recording(api, redaction_for(api, {}))


def test_the_command_ends_with_a_report(tmp_path: Path) -> None:
    code = "import sys; from understudy.contracts.cli import main; sys.exit(main())"
    with running(load_api("quantum-nexus")) as mock:
        arguments = ["proxy", "quantum-nexus", "-u", mock.url, "-p", "0", "--record", "r.yaml", "--report", "json"]
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8",
        )  # fmt: skip
        assert process.stdout is not None
        introduced = process.stdout.readline()
        url = introduced.split(" at ")[1].split(",")[0]
        assert httpx.get(url + "/sessions").status_code == 200
        httpx.post(url + "/process/text", json={"message": ""})
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=30)
    assert process.returncode == 0, shown
    assert "GET /sessions  200" in shown
    assert "request: invalid-request: body /message" in shown
    assert "recorded: r.yaml, 1 example" in shown
    run = load_report(tmp_path / "understudy-report" / "report.json")
    assert run.cases == 2
    assert [phase.value for phase in run.start.phases] == ["traffic"]
