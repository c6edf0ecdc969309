"""The lines that the inspector offers are taken by the mock, for every operation of the shipped documents."""

from __future__ import annotations

import shlex

import httpx
import pytest

from understudy.mockserver.control.curl_lines import curl_line
from understudy.mockserver.serving.running import running
from understudy.mockserver.settings import Settings
from understudy.specs.catalog import SHIPPED, load_api

TOLD_BY_RECORDS = {"resource-not-found", "conflict", "unauthorized", "forbidden"}
"""What the records, and not the form of a request, decide."""


def send(line: str, client: httpx.Client) -> str:
    """The kind of problem that the request of a curl line meets; empty for none."""
    words = iter(shlex.split(line))
    assert next(words) == "curl"
    method, url, headers, content, form = "GET", "", [], b"", {}
    for word in words:
        match word:
            case "-N":
                continue
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers.append((name, value))
            case "-d":
                content = next(words).encode()
            case "-F":
                name, _, value = next(words).partition("=")
                form[name] = ("a.png", b"\x89PNG\r\n\x1a\n") if value == "@FILE" else (None, value)
            case _:
                assert word.startswith("http"), word
                url = word
    if form:
        answer = client.request(method, url, headers=headers, files=form)
    else:
        answer = client.request(method, url, headers=headers, content=content)
    problem: str = answer.headers.get("x-understudy-problem", "")
    return problem.partition(";")[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_mock_takes_them(name: str) -> None:
    api = load_api(name)
    with running(api, settings=Settings(pace=0.0)) as mock, httpx.Client(timeout=30) as client:
        for operation in api.operations:
            line = curl_line(operation, mock.url)
            if "--data-binary" in line:
                continue
            # What is in the file is the user's.
            told = {"", *TOLD_BY_RECORDS, *(("invalid-file", "invalid-body") if "@FILE" in line else ())}
            assert send(line, client) in told, line
