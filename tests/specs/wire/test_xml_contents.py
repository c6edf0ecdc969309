"""XML bodies by the schema of a media type: texts and values, and what is taken as text."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from tests.apps.small_api import api_of, operation_of
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire import xml_contents
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.xml_bodies import compile_xml
from understudy.specs.wire.xml_contents import is_xml_text, read_xml_body, read_xml_example, write_xml_body
from understudy.specs.wire.xml_trees import MalformedXml, RefusedXml

PET: dict[str, Any] = {
    "type": "object",
    "required": ["id", "tags"],
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string", "xml": {"name": "called"}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "notes": {"type": ["array", "null"], "items": {"type": "string"}},
    },
    "xml": {"name": "pet"},
}
SVG = '<?xml version="1.0"?><!DOCTYPE svg><svg/>'


def schema_of(schema: dict[str, Any]) -> Schema:
    operation = operation_of({"content": {"application/xml": {"schema": schema}}})
    found = operation.responses[0].content[0].schema
    assert found is not None
    return found


def read(schema: dict[str, Any] | None, body: str | bytes, content_type: str = "application/xml") -> Json:
    octets = body if isinstance(body, bytes) else body.encode()
    return read_xml_body(schema_of(schema) if schema is not None else None, Direction.RESPONSE, octets, content_type)


@pytest.mark.parametrize(
    ("schema", "body", "value"),
    [
        (PET, '<pet id="1"><called>Rex</called></pet>', {"id": 1, "name": "Rex", "tags": []}),
        (PET, '<pet id="1"><tags>a</tags></pet>', {"id": 1, "tags": ["a"]}),
        (None, '<pet id="1"><a>1</a></pet>', {"id": "1", "a": "1"}),
        # A schema of strings may mean what stands in the element, or the whole text.
        ({"type": "string", "maxLength": 3}, "<a>abc</a>", "abc"),
        ({"type": "string"}, "<a><b/></a>", "<a><b/></a>"),
        ({"type": "string", "pattern": "^<"}, "<a/>", "<a/>"),
        ({"type": "string", "maxLength": 3}, "<a>abcd</a>", "abcd"),
        ({"type": "string"}, SVG, SVG),
        ({}, SVG, SVG),
        (None, SVG, SVG),
        ({"type": "integer"}, "<a> 7 </a>", 7),
    ],
)
def test_bodies_are_read(schema: dict[str, Any] | None, body: str, value: Json) -> None:
    assert read(schema, body) == value


@pytest.mark.parametrize(
    ("body", "content_type", "value"),
    [
        ("<a>é</a>".encode("latin-1"), "application/xml; charset=iso-8859-1", "é"),
        ('<?xml version="1.0" encoding="utf-8"?><a>é</a>'.encode("latin-1"), "text/xml; charset=iso-8859-1", "é"),
        ("<a>é</a>".encode("utf-16"), "application/xml", "é"),
        ("<a>é</a>".encode("utf-16"), "application/xml; charset=utf-8", "é"),
        ("<a>é</a>".encode("utf-8-sig"), "application/xml; charset=iso-8859-1", "é"),
        ("<a>я</a>".encode("koi8-r"), "application/xml; charset=KOI8-R", "я"),
    ],
)
def test_the_charset_is_that_of_the_mark_else_of_content_type(body: bytes, content_type: str, value: str) -> None:
    assert read(None, body, content_type) == value


@pytest.mark.parametrize("charset", ["shift_jis", "idna", "punycode", "zlib", "klingon", "utf-7"])
def test_a_charset_that_is_not_known_is_refused(charset: str) -> None:
    for body, content_type in (
        ("<pet id='1'/>", f"application/xml; charset={charset}"),
        (f'<?xml version="1.0" encoding="{charset}"?><pet id="1"/>', "application/xml"),
    ):
        with pytest.raises(MalformedXml):
            read(PET, body, content_type)


@pytest.mark.parametrize("body", [SVG, "<a>" * 300 + "</a>" * 300])
def test_what_is_looked_into_has_to_be_readable(body: str) -> None:
    with pytest.raises(RefusedXml):
        read(PET, body)


@pytest.mark.parametrize("schema", [PET, {"type": "string"}, None])
def test_malformed_bodies_are_never_taken(schema: dict[str, Any] | None) -> None:
    for body in ("", "<a>", "{}", "<a></b>"):
        with pytest.raises(MalformedXml) as caught:
            read(schema, body)
        assert not isinstance(caught.value, RefusedXml)


def test_examples_are_texts_or_values() -> None:
    pet, text = schema_of(PET), schema_of({"type": "string"})
    assert [is_xml_text(each) for each in ("<a/>", "\n <a/>", "\ufeff<a/>", "a<", "", 1, None)] == 3 * [True] + 4 * [
        False
    ]
    assert read_xml_example(pet, Direction.RESPONSE, ' <pet id="1"/>'.strip()) == {"id": 1, "tags": []}
    assert read_xml_example(pet, Direction.RESPONSE, {"id": 2}) == {"id": 2}
    assert read_xml_example(pet, Direction.RESPONSE, "Rex") == "Rex"
    assert read_xml_example(text, Direction.RESPONSE, "<broken") == "<broken"
    assert read_xml_example(None, Direction.RESPONSE, "<a/>") == "<a/>"
    with pytest.raises(MalformedXml):
        read_xml_example(pet, Direction.RESPONSE, "<broken")


def test_values_and_texts_are_written() -> None:
    pet = schema_of(PET)
    assert write_xml_body(pet, Direction.RESPONSE, "<a>é</a>") == "<a>é</a>".encode()
    body = write_xml_body(pet, Direction.RESPONSE, {"id": 1, "name": "<", "tags": [], "notes": None})
    assert b'<pet id="1"><called>&lt;</called><notes ' in body
    assert read(PET, body) == {"id": 1, "name": "<", "tags": [], "notes": None}
    for schema, value in ((None, {"a": 1}), (None, "text"), (pet, {"a b": 1})):
        with pytest.raises(UncarriableValue):
            write_xml_body(schema, Direction.RESPONSE, value)


def test_a_codec_is_compiled_once_and_goes_with_its_document(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Schema] = []
    original = compile_xml

    def counting(schema: Schema, direction: Direction) -> Any:
        compiled.append(schema)
        return original(schema, direction)

    monkeypatch.setattr("understudy.specs.wire.xml_contents.compile_xml", counting)
    gc.collect()
    before = len(xml_contents._CODECS)
    schema, other = schema_of(PET), schema_of({"type": "object", "properties": {"id": {"type": "string"}}})
    for _ in range(3):
        assert read_xml_body(schema, Direction.RESPONSE, b"<a><id>1</id></a>") == {"id": 1, "tags": []}
        # The same place in another document.
        assert read_xml_body(other, Direction.RESPONSE, b"<a><id>1</id></a>") == {"id": "1"}
    assert compiled == [schema, other]
    assert len(xml_contents._CODECS) == before + 2
    compiled.clear()
    del schema, other
    gc.collect()
    assert len(xml_contents._CODECS) == before


def test_deep_and_varied_bodies_leave_nothing_behind() -> None:
    tree = {
        "type": "object",
        "properties": {name: {"$ref": "#/components/schemas/Tree"} for name in ("left", "right")},
    }
    content = {"application/xml": {"schema": {"$ref": "#/components/schemas/Tree"}}}
    responses = {"200": {"description": "", "content": content}}
    api = api_of({"/a": {"get": {"responses": responses}}}, components={"schemas": {"Tree": tree}})
    schema = api.operations[0].responses[0].content[0].schema
    assert schema is not None
    for number in range(200):
        names = ["right" if number >> bit & 1 else "left" for bit in range(8)] * 30
        body = "".join(f"<{name}>" for name in names) + "".join(f"</{name}>" for name in reversed(names))
        value = read_xml_body(schema, Direction.RESPONSE, f"<a>{body}</a>".encode())
        assert list(value) == [names[0]]
    codec = xml_contents._codec(schema, Direction.RESPONSE)
    assert len(codec._names) <= 4


PLAIN: dict[str, Any] = {
    "type": "object",
    "required": ["a", "b"],
    "properties": {
        "a": {"type": "string", "not": {"maxLength": 2}},
        "b": {
            "type": "array",
            "items": {"oneOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]},
            "minItems": 1,
        },
        "c": {"if": {"type": "string"}, "then": {"pattern": "^[a-f]+$"}, "else": {"type": "boolean"}},
    },
    "allOf": [{"properties": {"d": {"type": "integer"}}, "minProperties": 3}],
    "unevaluatedProperties": False,
}


def with_xml(schema: Json) -> Json:
    """The schema with an XML Object in every Schema Object."""
    if not isinstance(schema, dict):
        return schema
    marked: dict[str, Json] = {"xml": {"name": "anything", "attribute": False}}
    for key, value in schema.items():
        if key == "properties":
            marked[key] = {name: with_xml(member) for name, member in value.items()}
        elif isinstance(value, list):
            marked[key] = [with_xml(part) for part in value]
        else:
            marked[key] = with_xml(value)
    return marked


def test_xml_objects_change_nothing_that_is_made_up_or_judged() -> None:
    plain, marked = schema_of(PLAIN), schema_of(with_xml(PLAIN))
    assert "xml" in str(marked.standalone(Direction.RESPONSE))
    assert marked.generative(Direction.RESPONSE) == plain.generative(Direction.RESPONSE)
    for number in range(50):
        value = plain.generator(Direction.RESPONSE).generate(str(number))
        assert marked.generator(Direction.RESPONSE).generate(str(number)) == value
    for judged in (
        {"a": "abcd", "b": [3], "d": 1},
        {},
        {"a": "ab", "b": [3], "d": 1},
        {"a": "abc", "b": [2], "d": 1},
        {"a": "abc", "b": [3], "e": 1},
    ):
        found = plain.validator(Direction.RESPONSE).violations(judged)
        assert [(each.pointer, each.keyword) for each in found] == [
            (each.pointer, each.keyword) for each in marked.validator(Direction.RESPONSE).violations(judged)
        ]
