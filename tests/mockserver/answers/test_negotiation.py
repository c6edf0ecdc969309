"""Each rung of the ladder: status, media type, example."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.settings import Bodies

MakeClient = Callable[..., httpx.Client]


def document(responses: str) -> str:
    return f"paths: {{/a: {{get: {{responses: {responses}}}}}}}"


def ask(client: httpx.Client, prefer: str = "", accept: str | None = None) -> httpx.Response:
    headers = {"prefer": prefer} if prefer else {}
    return client.get("/a", headers={**headers, "accept": accept} if accept is not None else headers)


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        (("200", "404"), 200),
        (("404", "204", "201"), 201),
        (("2XX", "404"), 200),
        (("2xx", "204"), 204),
        (("default", "2XX"), 200),
        (("default",), 200),
        (("default", "404"), 200),
        (("302", "404"), 302),
        (("302", "default"), 302),
        (("3XX",), 300),
        (("101", "200"), 200),
        (("404", "400"), 400),
        (("5XX", "4XX"), 400),
    ],
)
def test_without_a_wish_the_lowest_success_is_answered(mock: MakeClient, keys: tuple[str, ...], status: int) -> None:
    responses = "{" + ", ".join(f"'{key}': {{description: ''}}" for key in keys) + "}"
    assert ask(mock(document(responses))).status_code == status


@pytest.mark.parametrize("responses", ["{}", "{'101': {description: ''}}"])
def test_where_nothing_can_be_answered_that_is_said(mock: MakeClient, responses: str) -> None:
    answer = ask(mock(document(responses)))
    assert answer.status_code == 501
    assert answer.headers["x-understudy-problem"].startswith("no-response; ")


@pytest.mark.parametrize(
    ("wish", "status"), [("code=404", 404), ("code=418", 418), ("code=503", 503), ("code=200", 200), ("code=201", 201)]
)
def test_a_status_can_be_wished_for(mock: MakeClient, wish: str, status: int) -> None:
    keys = "{'200': {description: ''}, '404': {description: ''}, 5XX: {description: ''}, default: {description: ''}}"
    answer = ask(mock(document(keys)), wish)
    assert answer.status_code == status
    assert answer.headers["preference-applied"] == wish


@pytest.mark.parametrize("wish", ["code=404", "code=101"])
def test_a_status_that_is_not_documented_cannot(mock: MakeClient, wish: str) -> None:
    answer = ask(mock(document("{'200': {description: ''}, '101': {description: ''}}")), wish)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == f"Prefer: {wish}: GET /a documents 200, 101"


MANY = document(
    "{'200': {description: '', content: {text/plain: {example: plain}, application/xml: {example: <x/>},"
    " application/json: {example: json}, application/hal+json: {example: hal}, image/*: {}}},"
    " '404': {description: '', content: {application/problem+json: {example: {title: x}}}}}"
)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("text/*", "text/plain"),
        ("application/xml", "application/xml"),
        ("application/json;q=0.5, application/xml", "application/xml"),
        ("application/*, application/json;q=0", "application/hal+json"),
        ("application/hal+json", "application/hal+json"),
        ("image/*", "image/png"),
        ("image/webp", "image/webp"),
        ("nonsense", "application/json"),
    ],
)
def test_the_media_type_is_the_one_the_client_wants_most(mock: MakeClient, accept: str | None, media_type: str) -> None:
    client = mock(MANY)
    client.headers.pop("accept")
    answer = ask(client, accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media_type


def test_what_cannot_be_given_is_not_acceptable(mock: MakeClient) -> None:
    answer = ask(mock(MANY), accept="video/mp4, application/json;q=0")
    assert answer.status_code == 406
    assert "there is application/json, application/hal+json, text/plain" in answer.json()["detail"]


def test_an_error_is_given_whatever_is_accepted(mock: MakeClient) -> None:
    answer = ask(mock(MANY), "code=404", accept="text/event-stream")
    assert (answer.status_code, answer.json()) == (404, {"title": "x"})


def test_an_answer_without_body_needs_no_agreement(mock: MakeClient) -> None:
    assert ask(mock(document("{'204': {description: ''}}")), accept="image/png").status_code == 204


def test_a_second_success_may_have_what_the_first_has_not(mock: MakeClient) -> None:
    responses = (
        "{'200': {description: '', content: {application/json: {example: 1}}},"
        " '202': {description: '', content: {text/csv: {example: 'a,b'}}}}"
    )
    answer = ask(mock(document(responses)), accept="text/csv")
    assert (answer.status_code, answer.text) == (202, "a,b")


EXAMPLES = document(
    "{'200': {description: '', content: {application/json: {schema: {type: integer, minimum: 10, maximum: 99},"
    " examples: {one: {value: 11}, low: {value: 1}, two: {value: 22}}}}}}"
)


def test_the_first_example_is_the_usual_answer(mock: MakeClient) -> None:
    assert ask(mock(EXAMPLES)).json() == 11


def test_an_example_can_be_wished_for(mock: MakeClient) -> None:
    answer = ask(mock(EXAMPLES), "example=two")
    assert (answer.json(), answer.headers["preference-applied"]) == (22, "example=two")


def test_an_unknown_example_is_told_the_known_ones(mock: MakeClient) -> None:
    answer = ask(mock(EXAMPLES), "example=three")
    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        "Prefer: example=three: the application/json answer has these examples: one, two"
    )


def test_an_invalid_example_is_refused_with_the_reason(mock: MakeClient) -> None:
    answer = ask(mock(EXAMPLES), "example=low")
    assert answer.status_code == 404
    assert "disagrees with its schema: 1 is less than the minimum of 10" in answer.json()["detail"]


def test_an_invalid_example_is_never_the_usual_answer(mock: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
    responses = (
        "{'200': {description: '', content: {application/json:"
        " {schema: {type: integer, minimum: 10, maximum: 99}, example: 1}}}}"
    )
    assert 10 <= ask(mock(document(responses))).json() <= 99
    assert "/small.yaml#/paths/~1a/get/responses/200/content/application~1json/example: this example" in caplog.text


def test_a_generated_body_can_be_wished_for(mock: MakeClient) -> None:
    made = {ask(mock(EXAMPLES), f"dynamic=true, seed={seed}").json() for seed in range(20)}
    assert len(made) > 5
    assert all(10 <= value <= 99 for value in made)


def test_examples_can_be_passed_over_for_all_and_wished_back(mock: MakeClient) -> None:
    client = mock(EXAMPLES, bodies=Bodies.GENERATED, seed=4)
    assert ask(client).json() not in (11, 22)
    assert ask(client, "dynamic=false").json() == 11
    assert ask(client, "example=two").json() == 22


def test_without_schema_the_example_is_all_there_is(mock: MakeClient) -> None:
    client = mock(document("{'200': {description: '', content: {application/json: {example: {a: 1}}}}}"))
    assert ask(client, "dynamic=true").json() == {"a": 1}


def test_without_schema_and_example_anything_goes(mock: MakeClient) -> None:
    assert ask(mock(document("{'200': {description: '', content: {application/json: {}}}}"))).json() == {}


def test_a_schema_that_nothing_fits_is_said(mock: MakeClient) -> None:
    answer = ask(mock(document("{'200': {description: '', content: {application/json: {schema: {not: {}}}}}}")))
    assert answer.status_code == 501
    assert answer.headers["x-understudy-problem"].startswith("no-response; ")


CONDITIONAL = """
paths:
  /a:
    post:
      requestBody: {content: {application/json: {}}}
      responses:
        '200':
          description: ''
          content:
            text/event-stream:
              itemSchema: {type: object, required: [data], properties: {data: {type: string}}}
              x-understudy: {stream: {when: {$request.body#/stream: true}}}
            application/json: {example: whole}
"""


@pytest.mark.parametrize(
    ("body", "accept", "media_type"),
    [
        ({"stream": True}, "*/*", "text/event-stream"),
        ({"stream": True}, "application/json", "text/event-stream"),
        ({"stream": False}, "*/*", "application/json"),
        ({"stream": 1}, "*/*", "application/json"),
        ({}, "*/*", "application/json"),
        ([], "*/*", "application/json"),
    ],
)
def test_what_the_request_says_chooses_the_stream(mock: MakeClient, body: object, accept: str, media_type: str) -> None:
    answer = mock(CONDITIONAL, pace=0).post("/a", json=body, headers={"accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == media_type


def test_a_stream_whose_condition_fails_is_no_choice(mock: MakeClient) -> None:
    answer = mock(CONDITIONAL).post("/a", json={}, headers={"accept": "text/event-stream"})
    assert answer.status_code == 406
