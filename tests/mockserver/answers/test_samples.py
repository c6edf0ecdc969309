from __future__ import annotations

from collections.abc import Callable

import pytest

from understudy.mockserver.answers.samples import InvalidSample, Sample, read_sample
from understudy.specs.model import Api
from understudy.specs.wire.media_types import kind

MakeApi = Callable[..., Api]


def read(api: Api) -> Sample:
    media_type = api.operations[0].responses[0].content[0]
    return read_sample(media_type.examples[0], media_type, media_type.name, kind(media_type.name))


def document(media_type: str, text: str) -> str:
    return (
        f"paths: {{/a: {{get: {{responses: {{'200': {{description: '', content: {{{media_type}: {{{text}}}}}}}}}}}}}}}"
    )


EVENTS = "itemSchema: {type: object, required: [data], properties: {data: {type: string}, event: {enum: [a, b]}}}"


@pytest.mark.parametrize(
    ("media_type", "text", "pieces"),
    [
        ("application/json", "example: {a: [1, null]}", [b'{"a":[1,null]}']),
        ("application/json", "examples: {a: {serializedValue: '{\"a\":  1}'}}", [b'{"a":  1}']),
        ("application/json", "examples: {a: {dataValue: {b: 1}, serializedValue: '{ }'}}", [b"{ }"]),
        ("text/plain", "example: hello", [b"hello"]),
        ("image/png", r'example: "\x89PNG\r\n"', [b"\x89PNG\r\n"]),
        ("text/event-stream", f"{EVENTS}, example: [{{data: a}}, {{data: b}}]", [b"data: a\n\n", b"data: b\n\n"]),
        (
            "text/event-stream",
            rf'{EVENTS}, example: "data: 1\n\nevent: b\ndata: 2\n\n"',
            [b"data: 1\n\n", b"event: b\ndata: 2\n\n"],
        ),
        ("text/event-stream", rf'{EVENTS}, example: "data: 1\r\n\r\ndata: 2"', [b"data: 1\r\n\r\n", b"data: 2\n\n"]),
        ("text/event-stream", r'schema: {type: string}, example: "data: 1\n\n"', [b"data: 1\n\n"]),
        ("application/jsonl", "itemSchema: {type: integer}, example: [1, 2]", [b"1\n", b"2\n"]),
        ("application/jsonl", r'itemSchema: {type: integer}, example: "1\n2\n"', [b"1\n", b"2\n"]),
        ("application/x-ndjson", "schema: {type: array, maxItems: 2}, example: [1, 2]", [b"1\n", b"2\n"]),
        ("application/x-ndjson", "schema: {type: integer}, example: [1, 2]", [b"1\n", b"2\n"]),
        ("application/json-seq", "itemSchema: {type: integer}, example: [1]", [b"\x1e1\n"]),
    ],
)
def test_examples_are_encoded_once(make_api: MakeApi, media_type: str, text: str, pieces: list[bytes]) -> None:
    assert list(read(make_api(document(media_type, text))).pieces) == pieces


@pytest.mark.parametrize("items", ["[{data: one}]", "[{data: one}, {data: '[DONE]'}]"])
def test_a_sentinel_ends_the_stream_once(make_api: MakeApi, items: str) -> None:
    text = f"{EVENTS}, x-understudy: {{stream: {{sentinel: '[DONE]'}}}}, example: {items}"
    sample = read(make_api(document("text/event-stream", text)))
    assert sample.pieces == (b"data: one\n\n", b"data: [DONE]\n\n")
    assert sample.value == [{"data": "one"}]


@pytest.mark.parametrize(
    ("media_type", "text", "reason"),
    [
        ("application/json", "schema: {type: integer}, example: x", 'is not of type "integer"'),
        ("application/json", "schema: {properties: {a: {maximum: 1}}}, example: {a: 2}", "at /a: 2 is greater than"),
        ("application/json", "examples: {a: {serializedValue: '{'}}", "its serialised form isn't JSON"),
        ("application/json", "schema: {type: integer}, examples: {a: {serializedValue: '[]'}}", "is not of type"),
        ("text/event-stream", f"{EVENTS}, example: [{{data: x}}, {{event: a}}]", 'item 1: "data" is a required'),
        ("text/event-stream", f"{EVENTS}, example: [{{data: x, event: c}}]", "item 0, at /event"),
        ("text/event-stream", rf'{EVENTS}, example: "event: c\ndata: 1\n\n"', "item 0, at /event"),
        ("text/event-stream", r'itemSchema: {}, example: [{data: x, id: "a\nb"}]', "line break"),
        ("application/jsonl", "itemSchema: {type: integer}, example: [1, x]", "item 1"),
        ("application/jsonl", r'itemSchema: {}, example: "1\n{\n"', "line 2"),
        ("application/x-ndjson", "schema: {type: array, maxItems: 1}, example: [1, 2]", "not of type"),
        ("application/xml", "example: {a: 1}", "only XML text can be sent"),
    ],
)
def test_an_example_that_disagrees_is_refused(make_api: MakeApi, media_type: str, text: str, reason: str) -> None:
    with pytest.raises(InvalidSample) as raised:
        read(make_api(document(media_type, text)))
    assert reason in str(raised.value)


def test_the_ends_of_a_stream_are_judged_too(make_api: MakeApi) -> None:
    text = """
    paths:
      /a:
        get:
          responses:
            '200':
              description: ''
              content:
                text/event-stream:
                  itemSchema: {type: object}
                  x-understudy: {stream: {last: '#/components/schemas/End'}}
                  example: [{data: more}]
    components: {schemas: {End: {properties: {data: {const: end}}}}}
    """
    with pytest.raises(InvalidSample, match="the last item, at /data"):
        read(make_api(text))
