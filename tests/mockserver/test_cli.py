from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from understudy.mockserver.cli import mock as command
from understudy.specs.errors import DocumentUnreadable, UsageError

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: '7'}
servers: [{url: /v1}]
paths:
  /a:
    get:
      parameters: [{name: n, in: query, schema: {type: integer}}]
      operationId: getA
      responses: {'200': {description: '', content: {application/json: {schema: {type: integer}, examples: {x: {externalValue: y}}}}}}
"""  # noqa: E501 - a document reads better with long lines

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(name: str) -> str:
        path = tmp_path / name
        path.write_text(DOCUMENT, encoding="utf-8")
        return str(path)

    return to_file


@contextmanager
def started(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`understudy mock` as a process; the URL it says it serves."""
    code = "from understudy.mockserver.cli import mock; mock()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "--port", "0", "--no-cache"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"operations at (http://[^,\s]+)", line)
            if found:
                yield found.group(1), process
                return
        raise AssertionError(f"it ended with {process.wait()}")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def test_it_serves_what_it_says_and_logs_each_request(write: Write) -> None:
    with started(write("pets.yaml"), "--seed", "3") as (url, process):
        assert isinstance(httpx.get(url + "/v1/a").json(), int)
        assert httpx.get(url + "/a?n=x").status_code == 422
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        log = process.stdout.read()
    assert "quirk" in log
    assert re.search(r"GET     /v1/a 200 [0-9.]+ ms  getA\n", log)
    assert re.search(r"GET     /a 422 [0-9.]+ ms  getA  invalid-parameter: query /n: ", log)
    assert "\x1b" not in log
    assert process.returncode == 0


def test_a_token_guards_the_inspector_and_is_not_shown(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_CONTROL_TOKEN", "s3cret-token")
    with started(write("pets.yaml")) as (url, process):
        assert httpx.get(f"{url}/__understudy/clock").status_code == 401
        headers = {"Authorization": "Bearer s3cret-token"}
        assert httpx.get(f"{url}/__understudy/clock", headers=headers).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        log = process.stdout.read()
    assert re.search(r"inspector at http://127\.0\.0\.1:\d+/__understudy/ with the token\n", log)
    assert "s3cret" not in log


def test_control_can_be_turned_off(write: Write) -> None:
    with started(write("pets.yaml"), "--no-control") as (url, process):
        assert httpx.get(f"{url}/__understudy/clock").status_code == 404
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        assert "inspector" not in process.stdout.read()


def test_it_begins_in_a_scenario(write: Write, tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text("scenarios: {down: {overrides: [{operation: '*', status: 503}]}, up: {}}")
    with started(write("pets.yaml"), "--scenario", str(file)) as (url, _):
        assert httpx.get(f"{url}/a").status_code == 503
        assert httpx.put(f"{url}/__understudy/scenarios", json={"current": "up"}).status_code == 200
        assert httpx.get(f"{url}/a").status_code == 200
    with started(write("pets.yaml"), "--scenario", f"{file}#up") as (url, _):
        assert httpx.get(f"{url}/a").status_code == 200


def test_documents_can_be_kept_apart_by_a_prefix(write: Write) -> None:
    with started(write("one.yaml"), write("two.yaml") + "@/two") as (url, _):
        assert httpx.get(url + "/v1/a").status_code == httpx.get(url + "/two/v1/a").status_code == 200


def run(*arguments: str) -> BaseException | None:
    result = CliRunner().invoke(command, [*arguments, "--no-cache"])
    assert result.exit_code != 0
    return result.exception


@pytest.mark.parametrize(
    "arguments",
    [
        ("--seed", "abc"),
        ("--seed", "1.5"),
        ("--clock", "yesterday"),
        ("--latency", "5"),
        ("--latency", "2s..1s"),
        ("--pace", "fast"),
    ],
)
def test_a_bad_option_shows_its_name_and_what_is_allowed(write: Write, arguments: tuple[str, str]) -> None:
    error = run(write("pets.yaml"), *arguments)
    assert isinstance(error, UsageError)
    assert str(error).startswith(f"{arguments[0]}: got {arguments[1]!r}; allowed: ")


@pytest.mark.parametrize(
    "arguments", [("--port", "70000"), ("--validate", "maybe"), ("--max-body", "0"), ("--unknown",)]
)
def test_click_refuses_the_rest(write: Write, arguments: tuple[str, ...]) -> None:
    error = run(write("pets.yaml"), *arguments)
    assert isinstance(error, SystemExit)
    assert error.code == 2


def test_a_port_in_use_is_a_usage_error(write: Write) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        error = run(write("pets.yaml"), "--port", str(taken.getsockname()[1]))
    assert isinstance(error, UsageError)
    assert error.exit_code == 2


def test_one_route_in_two_documents_is_a_usage_error(write: Write) -> None:
    error = run(write("one.yaml"), write("two.yaml"))
    assert isinstance(error, UsageError)
    assert "one GET /a and two GET /a" in str(error)


def test_a_document_that_is_not_there_is_a_document_error() -> None:
    error = run("nowhere.yaml")
    assert isinstance(error, DocumentUnreadable)
    assert error.exit_code == 3


def test_it_follows_its_files(write: Write) -> None:
    document = write("pets.yaml")
    with started(document, "--watch") as (url, process):
        assert httpx.get(f"{url}/a").status_code == 200
        assert process.stdout is not None
        Path(document).write_text(DOCUMENT.replace("paths:", "paths: ["), encoding="utf-8")
        lines = iter(process.stdout.readline, "")
        said = next(line for line in lines if "reloaded" in line)
        assert said.startswith(f"WARNING not reloaded, what was is still served: {document}:")
        assert httpx.get(f"{url}/a").status_code == 200
        Path(document).write_text(DOCUMENT.replace("  /a:", "  /b:"), encoding="utf-8")
        assert next(line for line in lines if "reloaded" in line).startswith("INFO reloaded")
        assert httpx.get(f"{url}/b").status_code == 200
        assert httpx.get(f"{url}/a").status_code == 404


@pytest.mark.parametrize("arguments", [("--workers", "2"), ("-m",), ("--engine", "prism")])
def test_only_one_process_of_our_own_follows_files(write: Write, arguments: tuple[str, ...]) -> None:
    error = run(write("pets.yaml"), "--watch", *arguments)
    assert isinstance(error, UsageError)
    assert str(error).startswith("--watch: got '--")
    assert "--workers 1" in str(error)
