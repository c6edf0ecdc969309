"""Whatever the shipped documents describe, the mock can answer it, and what it answers agrees with the document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

import httpx
import pytest

from understudy.mockserver.settings import Bodies, Validation
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, MediaType, Operation, Response
from understudy.specs.pointers import tokens
from understudy.specs.wire.json_bodies import load_json
from understudy.specs.wire.jsonl import Parser, Record
from understudy.specs.wire.media_types import Kind, kind, matches
from understudy.specs.wire.sse import Parser as EventParser
from understudy.specs.wire.sse import as_item
from understudy.specs.wire.styles import compile_header

load = cache(load_api)
clients: Final[dict[tuple[str, Bodies], httpx.Client]] = {}


def answers() -> Iterator[tuple[str, Operation, Response, MediaType | None]]:
    """Every operation, documented response and media type of the shipped documents."""
    for name in SHIPPED:
        for operation in load(name).operations:
            for response in operation.responses:
                for media_type in response.content or (None,):
                    yield name, operation, response, media_type


ANSWERS: Final = list(answers())
NAMES: Final = [
    f"{name}-{operation.name}-{response.status}-{media_type.name if media_type else 'empty'}"
    for name, operation, response, media_type in ANSWERS
]


def status_of(operation: Operation, response: Response) -> int:
    """A status that this response describes and no other one describes better."""
    return next(status for status in range(200, 600) if operation.find_response(status) is response)


def ask(client: httpx.Client, operation: Operation, status: int, media_type: MediaType | None) -> httpx.Response:
    headers = {"prefer": f"code={status}", "accept": media_type.name if media_type else "*/*"}
    body: Json = {}
    if media_type is not None and media_type.stream is not None:
        for expression, value in media_type.stream.when.items():
            body[tokens(expression.partition("#")[2])[0]] = value
    path = re.sub(r"\{[^}]+\}", "x", operation.path)
    content = {"json": body} if operation.request_body is not None else {}
    return client.request(operation.method, path, headers=headers, **content)


@pytest.mark.parametrize("bodies", list(Bodies))
@pytest.mark.parametrize(("name", "operation", "response", "media_type"), ANSWERS, ids=NAMES)
def test_every_documented_answer_is_given_and_valid(
    mock: Callable[..., httpx.Client],
    name: str,
    operation: Operation,
    response: Response,
    media_type: MediaType | None,
    bodies: Bodies,
) -> None:
    if (name, bodies) not in clients:
        clients[(name, bodies)] = mock(load(name), validation=Validation.OFF, pace=0, bodies=bodies)
    status = status_of(operation, response)
    answer = ask(clients[(name, bodies)], operation, status, media_type)
    assert answer.status_code == status, answer.text
    assert "x-understudy-problem" not in answer.headers
    check_headers(response, answer)
    if media_type is None or operation.method == "HEAD":
        assert answer.content == b""
        return
    assert matches(media_type.name, answer.headers["content-type"])
    check_body(media_type, answer.content)


def check_headers(response: Response, answer: httpx.Response) -> None:
    for header in response.headers:
        if header.name.lower() not in answer.headers:
            assert not header.required, f"{header.name} is missing"
            continue
        value = compile_header(header).parse(answer.headers[header.name])
        assert value is not MISSING
        if header.schema is not None:
            assert header.schema.validator(Direction.RESPONSE).violations(value) == ()


def check_body(media_type: MediaType, body: bytes) -> None:
    match kind(media_type.name):
        case Kind.JSON:
            if media_type.schema is not None:
                assert media_type.schema.validator(Direction.RESPONSE).violations(load_json(body)) == ()
        case Kind.SSE:
            parser = EventParser()
            items = [as_item(event) for event in parser.feed(body)]
            assert parser.close() == []
            assert parser.faults == []
            check_stream(media_type, items)
        case Kind.JSON_LINES:
            records = [*(lines := Parser()).feed(body), *lines.close()]
            check_stream(media_type, [record.value for record in records if isinstance(record, Record)])
            assert all(isinstance(record, Record) for record in records)
        case Kind.TEXT:
            assert body.decode()
        case _:
            assert body


def check_stream(media_type: MediaType, items: list[Json]) -> None:
    stream = media_type.stream
    if stream is not None and stream.sentinel is not None:
        assert items.pop() == {"data": stream.sentinel}
    assert items
    assert media_type.item_schema is not None
    for item in items:
        assert media_type.item_schema.validator(Direction.RESPONSE).violations(item) == (), item
    for schema, item in ((stream.first, items[0]), (stream.last, items[-1])) if stream is not None else ():
        if schema is not None:
            assert schema.validator(Direction.RESPONSE).violations(item) == ()
