"""The mock takes every request that the shipped documents give as an example."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import httpx
import pytest

from understudy.mockserver.answers.encoding import encode_value
from understudy.mockserver.answers.stream_items import encode_item
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Api, Direction, Example, Location, MediaType, Operation, Parameter
from understudy.specs.wire.media_types import kind
from understudy.specs.wire.styles import compile_parameters, join_query

MakeClient = Callable[..., httpx.Client]
APIS: Final = {name: load_api(name) for name in SHIPPED}
CREDENTIALS: Final = {"authorization": "Bearer token", "x-api-key": "key"}


def requests() -> Iterator[tuple[Api, Operation, MediaType | None, Example | None]]:
    for api in APIS.values():
        for operation in api.operations:
            bodies = operation.request_body.content if operation.request_body is not None else ()
            if not any(media_type.examples for media_type in bodies):
                yield api, operation, None, None
            for media_type in bodies:
                for example in media_type.examples:
                    yield api, operation, media_type, example


REQUESTS: Final = list(requests())


def value_of(parameter: Parameter) -> Json:
    examples = parameter.content.examples if parameter.content is not None else parameter.examples
    if examples and examples[0].value is not MISSING:
        return examples[0].value
    assert parameter.schema is not None
    return parameter.schema.generator(Direction.REQUEST).generate(parameter.name)


def address(operation: Operation) -> tuple[str, dict[str, str]]:
    """The URL and the headers with a value for every parameter that is required or has an example."""
    path, pairs, headers = str(operation.path), list[tuple[str, str]](), dict[str, str]()
    for parameter, codec in zip(operation.parameters, compile_parameters(operation.parameters), strict=True):
        if not parameter.required and not parameter.examples:
            continue
        written = codec.serialize(value_of(parameter))
        if parameter.location is Location.PATH:
            path = path.replace(f"{{{parameter.name}}}", str(written))
        elif isinstance(written, str):
            headers[parameter.name] = written
        else:
            pairs += written
    return f"{path}?{join_query(pairs)}" if pairs else path, headers


def encode(media_type: MediaType, example: Example) -> tuple[bytes, str]:
    found = kind(media_type.name)
    assert example.value is not MISSING
    if found.is_sequential:
        return b"".join(encode_item(found, item) for item in example.value), media_type.name
    name = "application/octet-stream" if "*" in media_type.name else media_type.name
    encoded = encode_value(media_type, name, found, example.value, "key")
    return encoded.body, (encoded.content_type or name.encode()).decode()


@pytest.mark.parametrize(
    ("api", "operation", "media_type", "example"),
    REQUESTS,
    ids=[f"{api.name}-{operation.name}-{example.name if example else ''}" for api, operation, _, example in REQUESTS],
)
def test_a_documented_request_is_taken(
    mock: MakeClient, api: Api, operation: Operation, media_type: MediaType | None, example: Example | None
) -> None:
    client = mock(api, pace=0)  # a new one each: what an example names is there from the start, until it is deleted
    url, headers = address(operation)
    body = b""
    if media_type is not None and example is not None:
        body, headers["content-type"] = encode(media_type, example)
    answer = client.request(operation.method, url, content=body, headers={**CREDENTIALS, **headers})
    assert answer.status_code < 300, (answer.status_code, answer.text, answer.headers.get("x-understudy-problem"))
