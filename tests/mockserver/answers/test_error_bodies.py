from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.answers.improvised import merge_patch

MakeClient = Callable[..., httpx.Client]

ENVELOPES = """
paths:
  /a:
    get:
      parameters: [{name: n, in: query, required: true, schema: {type: integer, minimum: 3}}]
      responses:
        '200': {description: ''}
        '400': {description: '', headers: {X-Limit: {required: true, schema: {const: 5}}}, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
        '409': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}
    post:
      requestBody: {required: true, x-understudy: {maxBytes: 20}, content: {application/json: {schema: {type: object, required: [x]}}}}
      responses:
        '413': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
        '409': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}
        '201': {description: ''}
components:
  schemas:
    Error: {type: object, required: [error, code], properties: {error: {type: string}, code: {type: [string, integer, 'null']}, more: {type: object}}}
    Other: {type: object, required: [why], properties: {why: {type: array, minItems: 1}}}
x-understudy:
  errors:
    envelopes:
      - schema: '#/components/schemas/Error'
        body: {error: $problem.detail, code: $problem.code, more: {field: $problem.field, reason: $problem.reason, title: $problem.title, at: $now}}
      - {schema: '#/components/schemas/Other', body: {why: $problem.violations}}
    kinds:
      missing-parameter: {status: 400, code: GONE}
      invalid-parameter: {status: 400, code: null}
      missing-member: {status: 409}
      body-too-large: {code: 7, body: {more: {max: $problem.limit, got: $problem.received, field: null}}}
      route-not-found: {code: NOWHERE}
"""  # noqa: E501 - a document reads better with long lines


def test_the_envelope_of_the_documented_schema_is_used(mock: MakeClient) -> None:
    answer = mock(ENVELOPES).get("/a")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    body = answer.json()
    assert body["error"] == "query /n: is required and wasn't sent"
    assert body["code"] == "GONE"
    assert body["more"]["field"] == "n"
    assert body["more"]["reason"] == "is required and wasn't sent"
    assert body["more"]["title"] == "A required parameter is missing"
    assert answer.headers["x-limit"] == "5"


def test_a_code_may_be_null(mock: MakeClient) -> None:
    assert mock(ENVELOPES).get("/a?n=1").json()["code"] is None


def test_each_schema_has_its_own_envelope(mock: MakeClient) -> None:
    answer = mock(ENVELOPES).post("/a", json={})
    assert answer.status_code == 409
    assert answer.json() == {
        "why": [{"location": "body", "pointer": "", "keyword": "required", "message": '"x" is a required property'}]
    }


def test_a_kind_patches_the_envelope(mock: MakeClient) -> None:
    answer = mock(ENVELOPES).post("/a", json={"x": "y" * 20})
    assert answer.status_code == 413
    more = answer.json()["more"]
    assert (answer.json()["code"], more["max"], more["got"]) == (7, "20B", "28B")
    assert "field" not in more


def test_a_route_that_nobody_owns_gets_the_first_envelope(mock: MakeClient) -> None:
    answer = mock(ENVELOPES).get("/b")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOWHERE")
    assert mock(ENVELOPES).put("/a").status_code == 405


def test_a_status_that_is_not_documented_is_problem_json(mock: MakeClient) -> None:
    answer = mock(ENVELOPES).post("/a", content=b"x", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json")
    assert answer.json()["type"] == "urn:understudy:problem:unsupported-media-type"


def responses(text: str) -> str:
    return f"""
        paths:
          /a:
            get:
              parameters: [{{name: n, in: query, required: true, schema: {{type: integer}}}}]
              responses: {text}
        """


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        ("'400': {description: ''}, '422': {description: ''}", 422),
        ("'400': {description: ''}", 400),
        ("'400': {description: ''}, default: {description: ''}", 400),
        ("4XX: {description: ''}", 422),
        ("4XX: {description: ''}, '400': {description: ''}", 400),
        ("default: {description: ''}", 422),
        ("'200': {description: ''}", 422),
    ],
)
def test_the_first_documented_status_wins(mock: MakeClient, keys: str, status: int) -> None:
    answer = mock(responses(f"{{{keys}}}")).get("/a")
    assert answer.status_code == status
    assert answer.headers["x-understudy-problem"].startswith("missing-parameter; ")
    is_described = "'200'" not in keys
    assert (answer.content == b"") is is_described


@pytest.mark.parametrize(
    ("schema", "example", "body"),
    [
        ("{type: object, properties: {message: {type: string}}}", "{message: Old, id: 7}", {"message": "…", "id": 7}),
        ("{}", "{error: Bad, message: Old}", {"error": "Bad", "message": "…"}),
        ("{}", "{error: {message: Old, status: 418}}", {"error": {"message": "…", "status": 422}}),
        ("{}", "{title: Bad, status: 400, detail: Old}", {"title": "Bad", "status": 422, "detail": "…"}),
        ("{}", "{code: '400', message: Old}", {"code": "422", "message": "…"}),
        ("{}", "{code: BAD, ok: true}", {"code": "BAD", "ok": True}),
        ("{properties: {message: {maxLength: 5}}}", "{message: Old, title: x}", {"message": "Old", "title": "…"}),
        ("{}", "[1]", [1]),
    ],
)
def test_an_example_is_told_the_reason_where_its_schema_allows(
    mock: MakeClient, schema: str, example: str, body: object
) -> None:
    text = f"{{'422': {{description: '', content: {{application/json: {{schema: {schema}, example: {example}}}}}}}}}"
    answer = mock(responses(text)).get("/a")
    assert answer.headers["content-type"] == "application/json"
    assert answer.text.replace("query /n: is required and wasn't sent", "…") == httpx.Response(200, json=body).text


def test_without_example_the_body_is_generated_and_valid(mock: MakeClient) -> None:
    schema = "{type: object, required: [message, kind], properties: {message: {type: string}, kind: {enum: [a, b]}}}"
    text = f"{{'422': {{description: '', content: {{application/json: {{schema: {schema}}}}}}}}}"
    body = mock(responses(text)).get("/a").json()
    assert body["message"] == "query /n: is required and wasn't sent"
    assert body["kind"] in ("a", "b")


def test_a_documented_problem_json_is_ours_if_it_fits(mock: MakeClient) -> None:
    text = "{'422': {description: '', content: {application/problem+json: {schema: {required: [type, title]}}}}}"
    assert mock(responses(text)).get("/a").json()["violations"][0]["pointer"] == "/n"


@pytest.mark.parametrize("media_type", ["text/plain", "text/html"])
def test_text_says_the_reason(mock: MakeClient, media_type: str) -> None:
    text = f"{{'422': {{description: '', content: {{{media_type}: {{schema: {{type: string}}}}}}}}}}"
    answer = mock(responses(text)).get("/a")
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.text == "query /n: is required and wasn't sent"


def test_json_goes_before_other_media_types(mock: MakeClient) -> None:
    text = "{'422': {description: '', content: {text/plain: {}, application/json: {example: {message: x}}}}}"
    assert mock(responses(text)).get("/a").json() == {"message": "query /n: is required and wasn't sent"}


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}}, {"a": {"c": 2, "d": 3}}),
        ([1], {"a": 1}, {"a": 1}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, [1], [1]),
        ({"a": 1}, None, None),
    ],
)
def test_merge_patch_is_that_of_rfc_7396(target: object, patch: object, result: object) -> None:
    assert merge_patch(target, patch) == result
