"""Items of an event stream are events whose `data` is text, however a document puts it."""

from __future__ import annotations

from textwrap import indent

import pytest

from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.model import Api, Direction, MediaType

HEAD = """\
openapi: {version}
info: {{title: T, version: '1'}}
paths:
  /a:
    get:
      responses:
        '200':
          description: d
          content:
            text/event-stream:
{media_type}
components:
  schemas:
    Word: {{type: object, required: [word], properties: {{word: {{type: string}}}}}}
    Event:
      type: object
      required: [data]
      properties: {{data: {{$ref: '#/components/schemas/Word'}}, event: {{const: w}}}}
    End: {{type: object, required: [data], properties: {{data: {{const: '[DONE]'}}}}}}
"""
WORD = '{"word": "hello"}'


def build(media_type: str, version: str = "3.1.0") -> Api:
    text = HEAD.format(version=version, media_type=indent(media_type, " " * 14))
    return build_api(parse_document(text.encode(), "/api.yaml"))


def content(api: Api) -> MediaType:
    return api.operations[0].responses[0].content[0]


@pytest.mark.parametrize(
    ("media_type", "pointer"),
    [
        ("schema: {$ref: '#/components/schemas/Event'}", "schema"),
        ("itemSchema: {$ref: '#/components/schemas/Event'}", "itemSchema"),
        ("schema: {oneOf: [{$ref: '#/components/schemas/Event'}, {$ref: '#/components/schemas/End'}]}", "schema"),
        ("schema: {allOf: [{$ref: '#/components/schemas/Event'}, {properties: {id: {type: string}}}]}", "schema"),
        (
            "schema: {properties: {data: {oneOf: [{$ref: '#/components/schemas/Word'}, {const: '[DONE]'}]}}, "
            "required: [data]}",
            "schema",
        ),
        ("schema: {$ref: '#/components/schemas/Word'}", "schema"),
        ("schema: {type: array, items: {$ref: '#/components/schemas/Event'}}", "schema/items"),
        ("schema: {type: array, items: {$ref: '#/components/schemas/Word'}}", "schema/items"),
    ],
)
@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_json_under_data_is_the_content_of_a_text(media_type: str, pointer: str, version: str) -> None:
    if version == "3.2.0" and "array" not in media_type:
        media_type = media_type.replace("schema:", "itemSchema:", 1)
        pointer = pointer.replace("schema", "itemSchema") if pointer == "schema" else pointer
    api = build(media_type, version)
    found = content(api)
    schema, wrap = (found.item_schema, False) if found.item_schema is not None else (found.schema, True)
    assert schema is not None
    is_valid = schema.validator(Direction.RESPONSE).is_valid

    def judged(item: object) -> bool:
        return is_valid([item] if wrap else item)

    assert judged({"data": WORD})
    assert not judged({"data": '{"word": 5}'})
    assert not judged({"data": "hello"})
    assert not judged({"data": {"word": "hello"}})
    (quirk,) = api.quirks
    assert quirk.origin.pointer.endswith(f"text~1event-stream/{pointer}")
    made_up = schema.generator(Direction.RESPONSE).generate("0")
    assert is_valid(made_up)


@pytest.mark.parametrize(
    "media_type",
    [
        "itemSchema: {type: object}",
        "itemSchema: {}",
        "itemSchema: {type: object, properties: {data: {type: string}}}",
        "itemSchema: {properties: {data: {contentMediaType: application/json, contentSchema: {type: object}}}}",
        "itemSchema: {oneOf: [{$ref: '#/components/schemas/End'}]}",
        "itemSchema: {properties: {event: {const: ping}}}",
        "schema: {type: string}",
        "{}",
    ],
)
def test_what_is_an_event_stays(media_type: str) -> None:
    assert build(media_type, "3.2.0").quirks == ()


def test_the_same_component_stays_what_it_is_elsewhere() -> None:
    text = HEAD.format(version="3.1.0", media_type=" " * 14 + "schema: {$ref: '#/components/schemas/Event'}")
    text = text.replace(
        "components:\n",
        "  /b: {get: {responses: {'200': {description: d, content: {application/json: {schema: "
        "{$ref: '#/components/schemas/Event'}}}}}}}\ncomponents:\n",
    )
    api = build_api(parse_document(text.encode(), "/api.yaml"))
    stream, plain = (operation.responses[0].content[0] for operation in api.operations)
    assert stream.item_schema is not None
    assert plain.schema is not None
    values = [{"data": {"word": "hello"}}, {"data": WORD}]
    assert [plain.schema.validator(Direction.RESPONSE).is_valid(each) for each in values] == [True, False]
    assert [stream.item_schema.validator(Direction.RESPONSE).is_valid(each) for each in values] == [False, True]
