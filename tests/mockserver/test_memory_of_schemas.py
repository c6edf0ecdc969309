"""What was compiled of schemas is let go when it gets too much: nothing else holds it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import httpx
import pytest

from understudy.specs.build import build_api
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.model import Direction
from understudy.specs.schemas.kept import Kept
from understudy.specs.wire.json_bodies import dump_json


def operation(member: str) -> Json:
    schema = {"type": "object", "required": [member], "properties": {member: {"type": "string"}}}
    content = {"application/json": {"schema": schema}}
    return {
        "post": {"requestBody": {"content": content}, "responses": {"200": {"description": "d", "content": content}}}
    }


DOCUMENT: Json = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {f"/{member}": operation(member) for member in "ab"},
}


@pytest.mark.parametrize("kind", ["generators", "validators"])
def test_nothing_else_holds_it(mock: Callable[..., httpx.Client], kind: str) -> None:
    api = build_api(parse_document(dump_json(DOCUMENT), "/t.json"))
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
