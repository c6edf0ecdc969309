from __future__ import annotations

from collections.abc import Callable

import pytest

from understudy.mockserver.answers.stream_items import Items, encode_item, encode_sentinel, split_text
from understudy.specs.documents.document import Json
from understudy.specs.model import Api, Direction, MediaType
from understudy.specs.wire.json_bodies import load_json
from understudy.specs.wire.media_types import Kind

MakeApi = Callable[..., Api]

CHAT = """
paths:
  /chat: {get: {responses: {'200': {description: '', content: {text/event-stream: {itemSchema: {oneOf: [{$ref: '#/components/schemas/Start'}, {$ref: '#/components/schemas/Delta'}, {$ref: '#/components/schemas/Stop'}]}, x-understudy: {stream: {first: '#/components/schemas/Start', repeated: '#/components/schemas/Delta', last: '#/components/schemas/Stop', text: /data/parts/0/text}}}}}}}}
  /bare: {get: {responses: {'200': {description: '', content: {text/event-stream: {itemSchema: {type: object, required: [data], properties: {data: {type: string, minLength: 1}}}}}}}}}
  /lines: {get: {responses: {'200': {description: '', content: {application/jsonl: {itemSchema: {type: integer}}}}}}}
  /array: {get: {responses: {'200': {description: '', content: {application/x-ndjson: {schema: {type: array, minItems: 2, maxItems: 4, items: {type: boolean}}}}}}}}
  /whole: {get: {responses: {'200': {description: '', content: {application/x-ndjson: {schema: {type: object, required: [a], properties: {a: {type: integer}}}}}}}}}
  /nothing: {get: {responses: {'200': {description: '', content: {text/event-stream: {}}}}}}
  /narrow: {get: {responses: {'200': {description: '', content: {text/event-stream: {itemSchema: {type: object, required: [data], properties: {data: {enum: [x, y]}}}, x-understudy: {stream: {text: /data}}}}}}}}
components:
  schemas:
    Start: {type: object, required: [event, data], properties: {id: {type: string}, event: {const: start}, data: {type: string, contentMediaType: application/json, contentSchema: {type: object, required: [parts], properties: {parts: {type: array, minItems: 1, items: {type: object, required: [text], properties: {text: {type: string}}}}}}}}}
    Delta: {type: object, required: [id, event, data], properties: {id: {type: string, pattern: '^chunk-[0-9]+$'}, event: {const: delta}, data: {type: string, contentMediaType: application/json, contentSchema: {type: object, required: [parts, model], properties: {model: {type: string}, error: {type: string}, parts: {type: array, minItems: 1, items: {type: object, required: [text], properties: {text: {type: string, minLength: 1}}}}}}}}}
    Stop: {type: object, required: [event, data], properties: {event: {const: stop}, data: {const: '{}'}}}
"""  # noqa: E501 - a document reads better with long lines


def media_type(api: Api, path: str) -> MediaType:
    operation = api.find_operation(f"GET {path}")
    assert operation is not None
    return operation.responses[0].content[0]


def items_of(api: Api, path: str, key: str = "k") -> list[Json]:
    return Items(media_type(api, path)).generate(key)


def test_a_stream_has_its_first_and_last_item_once(make_api: MakeApi) -> None:
    items = items_of(make_api(CHAT), "/chat")
    assert [item["event"] for item in items] == ["start", *["delta"] * (len(items) - 2), "stop"]
    assert len(items) > 5


def test_the_pieces_of_text_join_to_sentences(make_api: MakeApi) -> None:
    pieces = [load_json(item["data"].encode())["parts"][0]["text"] for item in items_of(make_api(CHAT), "/chat")[:-1]]
    assert pieces[0] == ""
    text = "".join(pieces)
    assert text.endswith(".")
    assert text == " ".join(text.split())
    assert split_text(text) == pieces[1:]


def test_what_else_an_item_says_stays_the_same(make_api: MakeApi) -> None:
    items = items_of(make_api(CHAT), "/chat")[1:-1]
    assert len({load_json(item["data"].encode())["model"] for item in items}) == 1


def test_what_is_optional_stays_out_of_a_text(make_api: MakeApi) -> None:
    for key in "abcde":
        items = items_of(make_api(CHAT), "/chat", key)[1:-1]
        assert not any("error" in load_json(item["data"].encode()) for item in items)


def test_no_two_events_have_one_id(make_api: MakeApi) -> None:
    ids = [item["id"] for item in items_of(make_api(CHAT), "/chat") if "id" in item]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", ["/chat", "/bare", "/lines", "/narrow"])
@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_every_item_is_valid(make_api: MakeApi, path: str, key: str) -> None:
    api = make_api(CHAT)
    schema = media_type(api, path).item_schema
    assert schema is not None
    items = items_of(api, path, key)
    assert items
    assert [item for item in items if not schema.validator(Direction.RESPONSE).is_valid(item)] == []


def test_a_schema_of_the_whole_gives_the_items(make_api: MakeApi) -> None:
    api = make_api(CHAT)
    assert 2 <= len(items_of(api, "/array")) <= 4
    assert all(isinstance(item, bool) for item in items_of(api, "/array"))
    assert all(isinstance(item["a"], int) for item in items_of(api, "/whole"))


def test_a_stream_that_nothing_is_said_of_has_items_too(make_api: MakeApi) -> None:
    assert items_of(make_api(CHAT), "/nothing")


def test_the_same_key_gives_the_same_stream(make_api: MakeApi) -> None:
    assert items_of(make_api(CHAT), "/chat") == items_of(make_api(CHAT), "/chat")
    assert items_of(make_api(CHAT), "/chat", "other") != items_of(make_api(CHAT), "/chat")


@pytest.mark.parametrize(
    ("kind", "item", "octets"),
    [
        (Kind.SSE, {"data": "a"}, b"data: a\n\n"),
        (Kind.SSE, {"event": "e", "data": {"a": 1}}, b'event: e\ndata: {"a":1}\n\n'),
        (Kind.SSE, {"a": 1}, b'data: {"a":1}\n\n'),
        (Kind.SSE, "text\nlines", b"data: text\ndata: lines\n\n"),
        (Kind.SSE, 3, b"data: 3\n\n"),
        (Kind.SSE, {}, b"data: {}\n\n"),
        (Kind.JSON_LINES, {"a": "\n"}, b'{"a":"\\n"}\n'),
        (Kind.JSON_SEQ, [1], b"\x1e[1]\n"),
    ],
)
def test_items_are_written_as_their_media_type_wants(kind: Kind, item: Json, octets: bytes) -> None:
    assert encode_item(kind, item) == octets


def test_a_sentinel_is_an_event_or_a_line() -> None:
    assert encode_sentinel(Kind.SSE, "[DONE]") == b"data: [DONE]\n\n"
    assert encode_sentinel(Kind.JSON_LINES, "END") == b"END\n"


@pytest.mark.parametrize("text", ["", "one", "two words", "  odd   spaces ", "line\nbreak here"])
def test_split_text_joins_to_the_text(text: str) -> None:
    assert "".join(split_text(text)) == text
