from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.answers.answers import Answer
from understudy.mockserver.answers.remembering import MAX_ONE, AnswerMemory, Kept
from understudy.mockserver.app import create_app
from understudy.mockserver.requests.incoming import Incoming, received
from understudy.mockserver.settings import RANDOM
from understudy.specs.model import Api

MakeClient = Callable[..., httpx.Client]


def answer(size: int = 1) -> Kept:
    return Kept(Answer(200, (), b"x" * size), None)


def asked(path: str, query: str = "") -> Incoming:
    return Incoming("GET", path.encode(), query.encode(), [], received(b""), is_announced=True)


def test_what_is_kept_is_found() -> None:
    memory = AnswerMemory()
    kept = answer()
    memory.keep(asked("/a"), kept)
    assert memory.find(asked("/a")) is kept
    assert memory.find(asked("/a", "b")) is None
    assert memory.find(asked("/b")) is None


def test_the_oldest_go_first_when_there_are_too_many() -> None:
    memory = AnswerMemory(max_entries=2)
    requests = [asked("/a", "1"), asked("/a", "2"), asked("/b")]
    for request in requests:
        memory.keep(request, answer())
    assert [memory.find(request) is not None for request in requests] == [False, True, True]
    memory.keep(asked("/c"), answer())
    assert [memory.find(request) is not None for request in requests] == [False, False, True]


def test_requests_and_bodies_are_bounded_together() -> None:
    memory = AnswerMemory(max_bytes=3000)
    for index in range(100):
        memory.keep(asked(f"/{index:049}"), answer(200))
    assert len(memory) == 4


def test_a_large_answer_is_not_kept() -> None:
    memory = AnswerMemory()
    memory.keep(asked("/a"), answer(MAX_ONE + 1))
    assert memory.find(asked("/a")) is None


DOCUMENT = """
paths:
  /a/{id}:
    get:
      security: [{key: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: n, in: query, schema: {type: integer}}
        - {name: X-N, in: header, schema: {type: integer}}
        - {name: c, in: cookie, schema: {type: integer}}
      responses: {'200': {description: '', content: {application/json: {example: [1]}, text/plain: {example: one}}}}
  /made: {get: {responses: {'200': {description: '', content: {application/json: {schema: {type: string, format: uuid}}}}}}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
"""  # noqa: E501 - a document reads better with long lines


def test_an_answer_is_kept_from_the_second_time_on_that_it_is_asked_for(make_api: Callable[..., Api]) -> None:
    app = create_app([make_api(DOCUMENT)])

    async def count_kept() -> list[int]:
        kept = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock.test") as client:
            for path in ("/made", "/made", "/made", "/a/2", "/made"):
                assert (await client.get(path, headers={"x-key": "k"})).status_code == 200
                kept.append(len(app.state.mock.routes.memory))
        return kept

    # By then more headers count than when the first was kept.
    assert asyncio.run(count_kept()) == [0, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("/a/x", {"x-key": "k"}, 422),
        ("/a/1?n=x", {"x-key": "k"}, 422),
        ("/a/1", {}, 401),
        ("/a/1", {"x-key": "k", "x-n": "x"}, 422),
        ("/a/1", {"x-key": "k", "cookie": "c=x"}, 422),
        ("/a/1", {"x-key": "k", "accept": "image/png"}, 406),
        ("/a/1", {"x-key": "k", "prefer": "code=500"}, 404),
        ("/a/1", {"x-key": "k"}, 200),
    ],
)
def test_a_remembered_answer_is_given_to_nobody_else(
    mock: MakeClient, url: str, headers: dict[str, str], status: int
) -> None:
    client = mock(DOCUMENT)
    for _ in range(3):
        assert client.get("/a/1", headers={"x-key": "k"}).status_code == 200
    assert client.get(url, headers=headers).status_code == status


def test_what_a_client_prefers_is_part_of_what_is_remembered(mock: MakeClient) -> None:
    client = mock(DOCUMENT)
    key = {"x-key": "k"}
    for _ in range(3):
        assert client.get("/a/1", headers=key).text == "[1]"
        assert client.get("/a/1", headers={**key, "accept": "text/plain"}).text == "one"


def test_a_random_seed_is_another_draw_each_time_and_can_be_repeated(mock: MakeClient) -> None:
    client = mock(DOCUMENT, seed=RANDOM)
    first, second = client.get("/made"), client.get("/made")
    assert first.text != second.text
    again = client.get("/made", headers={"prefer": first.headers["preference-applied"]})
    assert again.text == first.text
