"""What was compiled of schemas is let go when it gets too much: nothing else holds it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import httpx
import pytest

from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.model import Direction
from understudy.specs.schemas.kept import Kept

TEXT = b"""
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a: {post: {requestBody: {content: &content {application/json: {schema: {type: object, required: [a], properties: {a: {type: string}}}}}}, responses: {'200': {description: d, content: *content}}}}
  /b: {post: {requestBody: {content: &other {application/json: {schema: {type: object, required: [b], properties: {b: {type: string}}}}}}, responses: {'200': {description: d, content: *other}}}}
"""


@pytest.mark.parametrize("kind", ["generators", "validators"])
def test_nothing_else_holds_it(mock: Callable[..., httpx.Client], kind: str) -> None:
    api = build_api(parse_document(TEXT, "/t.yaml"))
    first = api.operations[0]
    assert first.request_body is not None
    made, read = first.responses[0].content[0].schema, first.request_body.content[0].schema
    assert made is not None
    assert read is not None
    setattr(made.space, kind, Kept(1))
    client = mock(api)
    assert client.post("/a", json={"a": "x"}).status_code == 200
    held = made.generator(Direction.RESPONSE) if kind == "generators" else read.validator(Direction.REQUEST)
    found = weakref.ref(held)
    del held
    assert found() is not None
    assert client.post("/b", json={"b": "x"}).status_code == 200
    gc.collect()
    assert found() is None
    assert client.post("/a", json={"a": "x"}).status_code == 200
