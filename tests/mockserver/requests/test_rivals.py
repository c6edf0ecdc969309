from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from understudy.specs.catalog import load_api

MakeClient = Callable[..., httpx.Client]
PATHS = load_api(str(Path(__file__).parents[2] / "documents" / "worse" / "paths.yaml"))
BARE_AND_MARKED = """
openapi: 3.1.0
info: {title: Files, version: '1'}
paths:
  /files/{id}: {get: {responses: {'200': {description: d, content: {text/plain: {example: whole}}}}}}
  /files/{id}#link:
    get:
      parameters: [{name: fields, in: query, required: true, schema: {type: string}}]
      responses: {'200': {description: d, content: {text/plain: {example: link}}}}
"""


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("/files/1", "whole"),
        ("/files/1?fields=link", "link"),
        ("/files/1?fields", "link"),
        ("/files/1?other=x", "whole"),
        ("/files/1%23link?fields=x", "link"),
    ],
)
def test_who_requires_more_goes_first_and_each_has_a_path_of_its_own(
    mock: MakeClient, target: str, answer: str
) -> None:
    client = mock(BARE_AND_MARKED)
    assert client.get(target).text == answer
    assert client.get(target).text == answer  # what was remembered of the first is no answer to another
    assert client.get("/files/1").text == "whole"


def test_the_percent_encoded_path_asks_for_one_operation(mock: MakeClient) -> None:
    answer = mock(BARE_AND_MARKED).get("/files/1%23link")
    assert (answer.status_code, "fields" in answer.headers["x-understudy-problem"]) == (422, True)


def test_one_value_of_a_header_tells_operations_apart(mock: MakeClient) -> None:
    client = mock(PATHS)
    for target, body, member in (
        ("Desk.Open", {"desk": "a"}, "opened"),
        ("Desk.Close", {"lock": True}, "closed"),
    ):
        assert member in client.post("/", json=body, headers={"X-Target": target}).json()
    wrong = client.post("/", json={"desk": "a"}, headers={"X-Target": "Desk.Close"})
    assert "lock" in wrong.headers["x-understudy-problem"]
    nobody = client.post("/", json={"desk": "a"}, headers={"X-Target": "Desk.Burn"})
    assert "X-Target" in nobody.headers["x-understudy-problem"]


def test_the_media_type_of_the_body_tells_operations_apart(mock: MakeClient) -> None:
    client = mock(PATHS)
    assert client.post("/scans", json={"url": "https://a.test/b.png"}).json() == "url"
    assert client.post("/scans", content=b"\x89PNG", headers={"Content-Type": "image/png"}).json() == "stream"
    assert client.post("/scans", content=b"x", headers={"Content-Type": "text/csv"}).status_code == 415
    assert client.post("/scans").status_code == 400


def test_what_fits_one_path_less_goes_to_the_other(mock: MakeClient) -> None:
    client = mock(PATHS)
    papers = "/accounts/7/papers/"
    assert client.get(papers + "6b1f4e9c-8f6b-4f5e-9d3a-1c2b3a4d5e6f").json() == "by id"
    assert client.get(papers + "cover.png").json() == "by name"
    assert "paperId" in client.get(papers + "COVER").headers["x-understudy-problem"]


def test_the_query_in_a_path_is_one_of_parameters(mock: MakeClient) -> None:
    client = mock(PATHS)
    assert client.get("/rides?page=1&view=short").json() == "short"
    assert client.get("/rides?view=long").json() == "long"
    assert "page" in client.get("/rides?page=0&view=short").headers["x-understudy-problem"]
    assert client.get("/rides?view=wide").status_code == 422
