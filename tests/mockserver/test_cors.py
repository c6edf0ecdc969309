from __future__ import annotations

from collections.abc import Callable

import httpx

MakeClient = Callable[..., httpx.Client]

DOCUMENT = """
paths:
  /a:
    get:
      responses:
        '200':
          description: ''
          headers:
            X-Total: {schema: {type: integer}}
            Access-Control-Allow-Origin: {schema: {type: string}, example: 'https://theirs.test'}
          content: {application/json: {example: 1}}
"""
ORIGIN = {"origin": "https://page.test"}


def test_a_preflight_allows_what_is_asked_for(mock: MakeClient) -> None:
    asked = {
        **ORIGIN,
        "access-control-request-method": "PURGE",
        "access-control-request-headers": "x-one, x-two",
        "access-control-request-private-network": "true",
    }
    answer = mock(DOCUMENT).options("/nowhere", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "https://page.test"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-methods"] == "PURGE"
    assert answer.headers["access-control-allow-headers"] == "x-one, x-two"
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert "Origin" in answer.headers["vary"]


def test_options_without_a_wished_method_is_no_preflight(mock: MakeClient) -> None:
    assert mock(DOCUMENT).options("/a", headers=ORIGIN).headers["allow"] == "GET, HEAD, OPTIONS"


def test_every_header_can_be_read_by_scripts(mock: MakeClient) -> None:
    answer = mock(DOCUMENT).get("/a", headers=ORIGIN)
    assert answer.headers.get_list("access-control-allow-origin") == ["https://page.test"]
    assert answer.headers["access-control-expose-headers"] == "x-total"
    assert answer.headers["vary"] == "Origin"


def test_problems_have_the_headers_too(mock: MakeClient) -> None:
    answer = mock(DOCUMENT).get("/nowhere", headers=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == "https://page.test"
    assert answer.headers["access-control-expose-headers"] == "x-understudy-problem"


def test_a_page_without_origin_gets_no_credentials(mock: MakeClient) -> None:
    answer = mock(DOCUMENT).get("/a", headers={"origin": "null"})
    assert answer.headers["access-control-allow-origin"] == "null"
    assert "access-control-allow-credentials" not in answer.headers


def test_same_origin_requests_are_left_alone(mock: MakeClient) -> None:
    assert mock(DOCUMENT).get("/a").headers["access-control-allow-origin"] == "https://theirs.test"
