from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.settings import Limits

MakeClient = Callable[..., httpx.Client]

DOCUMENT = """
paths:
  /json: {post: {requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}, responses: {'204': {description: ''}}}}
  /optional: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}, responses: {'204': {description: ''}}}}
  /small: {post: {requestBody: {required: true, x-understudy: {maxBytes: 10}, content: {application/json: {}, text/plain: {}}}, responses: {'204': {description: ''}}}}
  /either: {post: {requestBody: {required: true, content: {application/json: {}, application/*+json: {}, text/*: {schema: {type: string}}}}, responses: {'204': {description: ''}}}}
  /form: {post: {requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Pet'}}}}, responses: {'204': {description: ''}}}}
  /text: {post: {requestBody: {required: true, content: {text/plain: {schema: {type: integer, minimum: 3}}}}, responses: {'204': {description: ''}}}}
  /lines: {post: {requestBody: {required: true, content: {application/jsonl: {itemSchema: {$ref: '#/components/schemas/Pet'}}}}, responses: {'204': {description: ''}}}}
  /events: {post: {requestBody: {required: true, content: {text/event-stream: {itemSchema: {type: object, required: [data], properties: {data: {type: string, maxLength: 3}}}}}}, responses: {'204': {description: ''}}}}
  /file: {put: {requestBody: {required: true, x-understudy: {maxBytes: 1000}, content: {application/octet-stream: {}}}, responses: {'204': {description: ''}}}}
  /vendor: {post: {requestBody: {required: true, content: {application/vnd.pet: {schema: {$ref: '#/components/schemas/Pet'}}}}, responses: {'204': {description: ''}}}}
  /none: {post: {responses: {'204': {description: ''}}}}
components:
  schemas: {Pet: {type: object, required: [name], properties: {name: {type: string, minLength: 1}, age: {type: integer}}}}
"""  # noqa: E501 - a document reads better with long lines
JSON = "application/json"


def send(
    client: httpx.Client, path: str, body: bytes, content_type: str | None, method: str = "POST"
) -> httpx.Response:
    headers = {"content-type": content_type} if content_type is not None else {}
    return client.request(method, path, content=body, headers=headers)


def problem(answer: httpx.Response) -> str:
    return str(answer.headers.get("x-understudy-problem", "")).partition(";")[0]


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        ("/json", b'{"name":"Rex"}', JSON),
        ("/json", b'{"name":"Rex","more":[1,{}]}', "Application/JSON; charset=utf-8"),
        ("/json", b'\xef\xbb\xbf {"name":"Rex"}', JSON),
        ("/json", b'{"name":"","name":"Rex"}', JSON),
        ("/json", b'{"name":"Rex"}', None),
        ("/optional", b"", JSON),
        ("/optional", b"", None),
        ("/optional", b"", "text/plain"),
        ("/small", b"1234567890", "text/plain"),
        ("/either", b"1", "application/problem+json"),
        ("/either", "é".encode("latin-1"), "text/plain; charset=iso-8859-1"),
        ("/form", b"name=Rex&age=3", "application/x-www-form-urlencoded"),
        ("/text", b"3", "text/plain"),
        ("/lines", b'{"name":"Rex"}\n\n{"name":"Tom"}', "application/jsonl"),
        ("/events", b"data: abc\n\n: ping\n\n", "text/event-stream"),
        ("/vendor", b'{"name":"Rex"}', "application/vnd.pet"),
        ("/none", b"whatever", "application/x-unknown"),
    ],
)
def test_what_fits_is_taken(mock: MakeClient, path: str, body: bytes, content_type: str | None) -> None:
    answer = send(mock(DOCUMENT), path, body, content_type)
    assert (answer.status_code, answer.text) == (204, "")


@pytest.mark.parametrize(
    ("path", "body", "content_type", "status", "kind"),
    [
        ("/json", b"", JSON, 400, "missing-body"),
        ("/json", b"", None, 400, "missing-body"),
        ("/json", b"{}", JSON, 422, "missing-member"),
        ("/json", b'{"name":""}', JSON, 422, "invalid-body"),
        ("/json", b"null", JSON, 422, "invalid-body"),
        ("/json", b'{"name":', JSON, 400, "malformed-body"),
        ("/json", b'{"name":"Rex"} x', JSON, 400, "malformed-body"),
        ("/json", b"  ", JSON, 400, "malformed-body"),
        ("/json", b"[" * 100_000, JSON, 400, "malformed-body"),
        ("/json", b"[" * 300 + b"]" * 300, JSON, 400, "malformed-body"),
        ("/json", b'{"age":NaN}', JSON, 400, "malformed-body"),
        ("/json", b'{"age":-Infinity}', JSON, 400, "malformed-body"),
        ("/json", b'{"age":1e99999}', JSON, 400, "malformed-body"),
        ("/json", b'{"age":' + b"9" * 10_000 + b"}", JSON, 400, "malformed-body"),
        ("/json", b'{"name":"\xff"}', JSON, 400, "malformed-body"),
        ("/json", b'{"name":"\\ud800"}', JSON, 400, "malformed-body"),
        ("/json", '{"name":"Rex"}'.encode("utf-16"), "application/json; charset=utf-16", 400, "malformed-body"),
        ("/json", b"\0", JSON, 400, "malformed-body"),
        ("/json", b"name=Rex", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        ("/json", b"{}", "no media type", 415, "unsupported-media-type"),
        ("/json", b"{}", "\xff", 415, "unsupported-media-type"),
        ("/json", b"{}", "a/" + "b" * 5000, 415, "unsupported-media-type"),
        ("/optional", b"{", JSON, 400, "malformed-body"),
        ("/optional", b"{}", "text/plain", 415, "unsupported-media-type"),
        ("/small", b"12345678901", "text/plain", 413, "body-too-large"),
        ("/either", b"x", None, 415, "unsupported-media-type"),
        ("/either", b"x", "text/plain; charset=zlib", 415, "unsupported-media-type"),
        ("/either", b"x", "text/plain; charset=idna", 415, "unsupported-media-type"),
        ("/either", b"\xff", "text/plain", 400, "malformed-body"),
        ("/form", b"name=%ff", "application/x-www-form-urlencoded", 400, "malformed-body"),
        ("/form", b"age=x", "application/x-www-form-urlencoded", 422, "missing-member"),
        ("/form", b"&".join([b"a=1"] * 20_000), "application/x-www-form-urlencoded", 400, "malformed-body"),
        ("/text", b"2", "text/plain", 422, "invalid-body"),
        ("/text", b"two", "text/plain", 422, "invalid-body"),
        ("/lines", b'{"name":"Rex"}\n{"name":1}', "application/jsonl", 422, "invalid-body"),
        ("/lines", b'{"name":"Rex"}\n{"name"', "application/jsonl", 400, "malformed-body"),
        ("/events", b"data: abcd\n\n", "text/event-stream", 422, "invalid-body"),
        ("/vendor", b"{}", "application/vnd.pet", 422, "missing-member"),
        ("/vendor", b"<pet/>", "application/vnd.pet", 400, "malformed-body"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_kind(
    mock: MakeClient, path: str, body: bytes, content_type: str | None, status: int, kind: str
) -> None:
    headers = [(b"content-type", content_type.encode("latin-1"))] if content_type is not None else []
    answer = mock(DOCUMENT).post(path, content=body, headers=headers)
    assert (answer.status_code, problem(answer)) == (status, kind)
    assert answer.json()["violations"]


def test_a_violation_in_a_record_says_which(mock: MakeClient) -> None:
    answer = send(mock(DOCUMENT), "/lines", b'{"name":"Rex"}\n{"name":""}', "application/jsonl")
    assert answer.json()["violations"][0]["pointer"] == "/1/name"


def test_an_unsupported_media_type_is_told_what_would_be_taken(mock: MakeClient) -> None:
    answer = send(mock(DOCUMENT), "/either", b"x", "image/png")
    assert answer.headers["accept"] == "application/json, application/*+json, text/*"


def test_a_file_is_counted_in_octets(mock: MakeClient) -> None:
    client = mock(DOCUMENT)
    assert send(client, "/file", b"\xff" * 1000, "application/octet-stream", "PUT").status_code == 204
    answer = send(client, "/file", b"\xff" * 1001, "application/octet-stream", "PUT")
    assert (answer.status_code, answer.json()["limit"], answer.json()["received"]) == (413, "1000B", "1001B")


def test_the_mocks_own_limits_hold_where_the_document_has_none(mock: MakeClient) -> None:
    client = mock(DOCUMENT, limits=Limits(body_bytes=100, json_bytes=20))
    assert send(client, "/json", b'{"name":"' + b"x" * 20 + b'"}', JSON).status_code == 413
    assert send(client, "/file", b"x" * 100, "application/octet-stream", "PUT").status_code == 204
    assert send(client, "/file", b"x" * 101, "application/octet-stream", "PUT").status_code == 413


def test_parameters_and_body_are_judged_together(mock: MakeClient) -> None:
    document = """
    paths:
      /a:
        post:
          parameters: [{name: n, in: query, required: true, schema: {type: integer}}]
          requestBody: {required: true, content: {application/json: {schema: {type: object, required: [x]}}}}
          responses: {'204': {description: ''}}
    """
    client = mock(document)
    both = client.post("/a", json={})
    assert [each["location"] for each in both.json()["violations"]] == ["query", "body"]
    assert problem(both) == "missing-parameter"
    missing = client.post("/a")
    assert [each["location"] for each in missing.json()["violations"]] == ["body", "query"]
    assert problem(missing) == "missing-body"


def test_many_invalid_records_are_not_all_listed(mock: MakeClient) -> None:
    answer = send(mock(DOCUMENT), "/lines", b"{}\n" * 5000, "application/jsonl")
    assert len(answer.json()["violations"]) == 50


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"name: rex\nage: 3\n", 204, ""),
        (b'{"name": "rex"}', 204, ""),
        (b"name: rex\nage: three\n", 422, "invalid-body"),
        (b"- rex\n", 422, "invalid-body"),
        (b"name: [rex\n", 400, "malformed-body"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nname: &a1 {<<: *nobody}\n", 400, "malformed-body"),
        (b"name: " + b"x" * 1024 * 1024, 400, "malformed-body"),
    ],
)
def test_a_body_in_yaml_is_read_as_what_it_says(mock: MakeClient, body: bytes, status: int, kind: str) -> None:
    content = "content: {application/yaml: {schema: {$ref: '#/components/schemas/Pet'}}}"
    document = DOCUMENT.replace("content: {application/jsonl:", content[:-1] + ", application/jsonl:")
    answer = send(mock(document), "/lines", body, "application/yaml")
    assert (answer.status_code, problem(answer)) == (status, kind)
