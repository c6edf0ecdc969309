"""A made-up body is a function of seed, operation, path, query and body, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from understudy.mockserver.settings import Bodies, Validation, fixed_clock
from understudy.specs.catalog import SHIPPED, load_api

MakeClient = Callable[..., httpx.Client]

DOCUMENT = """
paths:
  /a/{id}:
    get:
      responses: {'200': {description: '', content: {application/json: {schema: {type: string, format: uuid}}}}}
    post:
      requestBody:
        content: {application/json: {}, multipart/form-data: {schema: {type: object, properties: {x: {type: string}}}}}
      responses:
        '200': {description: '', content: {application/json: {schema: {type: string, format: uuid}}}}
        '202': {description: '', content: {application/json: {schema: {type: string, format: uuid}}}}
  /b/{id}:
    get:
      responses: {'200': {description: '', content: {application/json: {schema: {type: string, format: uuid}}}}}
"""


CLOCK = fixed_clock(datetime(2026, 3, 4, 9, tzinfo=UTC))


def requests(name: str, *, stateful: bool) -> Iterator[tuple[str, str]]:
    for operation in load_api(name).operations:
        if stateful or operation.action is None:
            yield operation.method, operation.path.replace("{", "").replace("}", "")


@pytest.mark.parametrize("stateful", [False, True])
@pytest.mark.parametrize("name", SHIPPED)
def test_two_mocks_with_one_seed_give_the_same_octets(mock: MakeClient, name: str, stateful: bool) -> None:
    """In any order; but what is asked of records depends on what was asked before."""
    settings = {"bodies": Bodies.GENERATED, "validation": Validation.OFF, "pace": 0, "seed": 5, "clock": CLOCK}
    first, second = mock(load_api(name), **settings), mock(load_api(name), **settings)
    wanted = list(requests(name, stateful=stateful))
    one = {each: first.request(*each) for each in wanted}
    two = {each: second.request(*each) for each in (wanted if stateful else reversed(wanted))}
    assert {each: (one[each].headers, one[each].content) for each in wanted} == {
        each: (two[each].headers, two[each].content) for each in wanted
    }
    third = mock(load_api(name), **{**settings, "seed": 6})
    assert not wanted or any(third.request(*each).content != one[each].content for each in wanted)


def test_everything_that_a_request_says_counts(mock: MakeClient) -> None:
    client = mock(DOCUMENT)
    bodies = [
        client.get("/a/1"),
        client.get("/a/2"),
        client.get("/b/1"),
        client.post("/a/1"),
        client.post("/a/1", json={}),
        client.post("/a/1", json={"x": 1}),
        client.post("/a/1", headers={"prefer": "code=202"}),
        client.get("/a/1", headers={"prefer": "seed=9"}),
        mock(DOCUMENT, seed=1).get("/a/1"),
    ]
    assert len({body.text for body in bodies}) == len(bodies)


def test_what_a_request_does_not_say_does_not_count(mock: MakeClient) -> None:
    client = mock(DOCUMENT)
    assert client.get("/a/1").text == client.get("/a/1", headers={"x-other": "1", "user-agent": "b"}).text
    assert client.get("/a/1").text == mock(DOCUMENT).get("/a/%31").text
    assert client.get("/a/1").text == client.get("/a/1", headers={"prefer": "seed=0"}).text


def test_the_boundary_of_a_multipart_body_does_not_count(mock: MakeClient) -> None:
    body = b'--%s\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--%s--\r\n'
    answers = {
        mock(DOCUMENT)
        .post(
            "/a/1",
            content=body % (boundary, boundary),
            headers={"content-type": f"multipart/form-data; boundary={boundary.decode()}"},
        )
        .text
        for boundary in (b"one", b"two")
    }
    assert len(answers) == 1
