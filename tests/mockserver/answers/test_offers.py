from __future__ import annotations

from collections.abc import Callable

import pytest

from understudy.mockserver.answers.offers import content_type_header, list_offers
from understudy.specs.model import Api
from understudy.specs.wire.media_types import matches

MakeApi = Callable[..., Api]


def names(api: Api) -> list[str]:
    return [name for _, name in list_offers(api.operations[0].responses[0].content)]


def document(*media_types: str) -> str:
    content = ", ".join(f"'{name}': {{}}" for name in media_types)
    return f"paths: {{/a: {{get: {{responses: {{'200': {{description: '', content: {{{content}}}}}}}}}}}}}"


def test_json_comes_first_then_the_documents_order(make_api: MakeApi) -> None:
    api = make_api(document("text/csv", "application/hal+json", "application/xml", "application/json"))
    assert names(api) == ["application/hal+json", "application/json", "text/csv", "application/xml"]


@pytest.mark.parametrize(
    ("media_type", "first"),
    [
        ("*/*", "application/json"),
        ("text/*", "text/plain"),
        ("image/*", "image/png"),
        ("audio/*", "audio/wav"),
        ("application/*", "application/json"),
        ("application/*+json", "application/problem+json"),
        ("font/*", "font/x-sample"),
    ],
)
def test_a_range_stands_for_what_is_known(make_api: MakeApi, media_type: str, first: str) -> None:
    offered = names(make_api(document(media_type)))
    assert offered[0] == first
    assert all(matches(media_type, name) and "*" not in name for name in offered)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("application/json", b"application/json"),
        ("text/plain", b"text/plain; charset=utf-8"),
        ("text/event-stream", b"text/event-stream; charset=utf-8"),
        ("text/html; charset=iso-8859-1", b"text/html; charset=iso-8859-1"),
        ("image/svg+xml", b"image/svg+xml"),
    ],
)
def test_text_says_its_charset(name: str, header: bytes) -> None:
    assert content_type_header(name) == header
