from __future__ import annotations

from collections.abc import Callable

import pytest

from understudy.mockserver.answers.headers import make_headers
from understudy.specs.model import Api

MakeApi = Callable[..., Api]


def headers(api: Api, key: str = "k") -> dict[str, str]:
    made = make_headers(api.operations[0].responses[0], key)
    return {name.decode(): value.decode("latin-1") for name, value in made}


def document(text: str) -> str:
    return f"paths: {{/a: {{get: {{responses: {{'200': {{description: '', headers: {{{text}}}}}}}}}}}}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X-A: {schema: {const: 5}}", {"x-a": "5"}),
        ("X-A: {schema: {type: integer}, example: 7}", {"x-a": "7"}),
        ("X-A: {schema: {type: integer}, examples: {bad: {value: x}, good: {value: 8}}}", {"x-a": "8"}),
        ("X-A: {schema: {type: array}, example: [a, b]}", {"x-a": "a,b"}),
        ("X-A: {explode: true, schema: {type: object}, example: {a: 1, b: 2}}", {"x-a": "a=1,b=2"}),
        ("X-A: {content: {application/json: {example: {a: 1}}}}", {"x-a": '{"a":1}'}),
        ("X-A: {schema: {const: ''}}", {"x-a": ""}),
        ("X-A: {schema: {const: é}}", {}),
        ('X-A: {schema: {const: "a\\r\\nb: c"}}', {}),
        ("X-A: {schema: {not: {}}}", {}),
        ("X-A: {}", {}),
        ("'bad name': {schema: {const: 1}}", {}),
        ("Content-Length: {schema: {const: 1}}, Content-Encoding: {schema: {const: gzip}}", {}),
        ("Transfer-Encoding: {schema: {const: chunked}}, Date: {schema: {const: x}}", {}),
    ],
)
def test_headers_say_what_their_schema_allows(make_api: MakeApi, text: str, expected: dict[str, str]) -> None:
    assert headers(make_api(document(text))) == expected


def test_made_up_headers_depend_on_the_key_alone(make_api: MakeApi) -> None:
    api = make_api(document("X-A: {schema: {type: string, format: uuid}}"))
    assert headers(api) == headers(make_api(document("X-A: {schema: {type: string, format: uuid}}")))
    assert headers(api) != headers(api, "other")


def test_a_required_header_without_value_is_warned_of(make_api: MakeApi, caplog: pytest.LogCaptureFixture) -> None:
    assert headers(make_api(document("X-A: {required: true, schema: {not: {}}}"))) == {}
    assert "/paths/~1a/get/responses/200/headers/X-A: no value was found" in caplog.text
