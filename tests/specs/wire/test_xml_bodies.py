"""XML by the XML Object: the specification's examples both ways, bombs and other bad input."""

from __future__ import annotations

import time
from typing import cast

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.model import Direction
from understudy.specs.schemas.allowed_types import AllowedTypes
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.xml_bodies import MalformedXml, XmlCodec, compile_xml
from understudy.specs.wire.xml_trees import MAX_DEPTH, MAX_NODES, Element, RefusedXml, parse_xml, write_xml

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
STRING: Json = {"type": "string"}
INTEGER: Json = {"type": "integer"}
NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'


def members(**properties: Json) -> Json:
    return {"type": "object", "properties": properties}


def an_array(items: Json, **xml: Json) -> Json:
    return {"type": "array", "items": items, "xml": xml} if xml else {"type": "array", "items": items}


def named(name: str, **more: Json) -> Json:
    return {**STRING, "xml": {"name": name, **more}}


PET: Json = {
    "$ref": "#/$defs/Pet",
    "$defs": {
        "Pet": {
            "type": "object",
            "xml": {"name": "pet"},
            "properties": {
                "id": INTEGER,
                "photoUrls": an_array(named("photoUrl"), wrapped=True),
                "tags": an_array({"$ref": "#/$defs/Tag"}, wrapped=True),
                "parent": {"$ref": "#/$defs/Pet"},
            },
        },
        "Tag": {"type": "object", "xml": {"name": "tag"}, "properties": {"name": STRING}},
    },
}


@pytest.mark.parametrize(
    ("schema", "value", "xml"),
    [
        # OpenAPI 3.0 to 3.2, XML Object Examples
        (
            members(id=INTEGER, name=STRING),
            {"id": 1, "name": "a & <b>"},
            "<x><id>1</id><name>a &amp; &lt;b&gt;</name></x>",
        ),
        (
            members(id={**INTEGER, "xml": {"attribute": True}}, name=named("title")),
            {"id": 0, "name": "s"},
            '<x id="0"><title>s</title></x>',
        ),
        (
            members(id={**INTEGER, "xml": {"nodeType": "attribute", "name": "key"}}),
            {"id": 5},
            '<x key="5"/>',
        ),
        (
            {
                **members(name=named("name", namespace="https://example.com/s", prefix="sample")),
                "xml": {"name": "Person"},
            },
            {"name": "n"},
            '<Person><sample:name xmlns:sample="https://example.com/s">n</sample:name></Person>',
        ),
        (members(animals=an_array(STRING)), {"animals": ["a", "b"]}, "<x><animals>a</animals><animals>b</animals></x>"),
        (members(animals=an_array(named("animal"))), {"animals": ["a"]}, "<x><animal>a</animal></x>"),
        (members(n=INTEGER, a=an_array(INTEGER)), {"n": 1, "a": [2, 3]}, "<x><n>1</n><a>2</a><a>3</a></x>"),
        (members(animals=an_array(STRING, name="aliens")), {"animals": ["a"]}, "<x><animals>a</animals></x>"),
        (
            members(animals=an_array(named("animal"), name="aliens", wrapped=True)),
            {"animals": ["a"]},
            "<x><aliens><animal>a</animal></aliens></x>",
        ),
        (
            members(animals=an_array(STRING, nodeType="element")),
            {"animals": ["a", "b"]},
            "<x><animals><animals>a</animals><animals>b</animals></animals></x>",
        ),
        (members(animals=an_array(STRING, wrapped=True)), {"animals": []}, "<x><animals/></x>"),
        (an_array(named("animal")), ["a", "b"], "<x><animal>a</animal><animal>b</animal></x>"),
        (
            members(unit={**STRING, "xml": {"attribute": True}}, value={"type": "number", "xml": {"nodeType": "text"}}),
            {"unit": "cubits", "value": 42},
            '<x unit="cubits">42</x>',
        ),
        (
            members(content={**STRING, "xml": {"nodeType": "cdata"}}),
            {"content": "<b>]]></b>"},
            "<x><![CDATA[<b>]]]]><![CDATA[></b>]]></x>",
        ),
        (
            members(related={"type": ["object", "null"]}, n={"type": ["integer", "null"]}),
            {"related": None, "n": 5},
            f"<x><related {NIL}/><n>5</n></x>",
        ),
        (
            members(a={"type": ["array", "null"], "items": STRING}),
            {"a": None},
            f"<x><a {NIL}/></x>",
        ),
        (members(related={"type": ["object", "null"]}), {"related": {}}, "<x><related/></x>"),
        (
            PET,
            {"id": 1, "photoUrls": ["u"], "tags": [{"name": "t"}], "parent": {"id": 2}},
            "<pet><id>1</id><photoUrls><photoUrl>u</photoUrl></photoUrls><tags><tag><name>t</name></tag></tags>"
            "<pet><id>2</id></pet></pet>",
        ),
        (
            {**members(a=STRING), "xml": {"namespace": "https://example.com/s"}},
            {"a": "1"},
            '<x xmlns="https://example.com/s"><a>1</a></x>',
        ),
        (
            members(a={**STRING, "xml": {"attribute": True, "namespace": "urn:a"}}),
            {"a": "1"},
            '<x xmlns:ns2="urn:a" ns2:a="1"/>',
        ),
        (members(a=named("a", prefix="p")), {"a": "1"}, "<x><a>1</a></x>"),
        (STRING, "a\r\n\tb ", "<x>a&#13;\n\tb </x>"),
        (STRING, "", "<x/>"),
        (INTEGER, 5, "<x>5</x>"),
        ({"type": "boolean"}, True, "<x>true</x>"),
        (
            members(a={**STRING, "xml": {"attribute": True}}),
            {"a": '"\r\n\t<&>'},
            '<x a="&quot;&#13;&#10;&#9;&lt;&amp;&gt;"/>',
        ),
        ({"type": ["object", "string"]}, "text", "<x>text</x>"),
        ({"type": ["array", "string"], "items": STRING}, "text", "<x>text</x>"),
    ],
)
def test_both_ways(schema: Json, value: Json, xml: str) -> None:
    codec = XmlCodec(AllowedTypes(schema), "x")
    assert codec.write(value).decode() == DECLARATION + xml
    assert codec.read(xml.encode()) == value


@pytest.mark.parametrize(
    ("schema", "xml", "value"),
    [
        (members(n=INTEGER), "<x>\n  <n> 5\n</n>\n</x>", {"n": 5}),
        (members(n=INTEGER), "<x><n>five </n></x>", {"n": "five "}),
        (members(n=INTEGER), "<x>text</x>", "text"),
        (members(n=INTEGER), "<x/>", {}),
        (members(n=INTEGER), "<x> \n </x>", {}),
        (members(n=INTEGER), "<x><n>1</n><n>2</n><n>3</n></x>", {"n": [1, 2, 3]}),
        (members(n=INTEGER), '<x n="1"><other a="b"><c>d</c></other></x>', {"n": 1, "other": {"a": "b", "c": "d"}}),
        ({"allOf": [members(a=INTEGER), members(a={"xml": {"name": "b"}})]}, "<x><b>1</b></x>", {"a": 1}),
        (members(n=INTEGER), '<?xml version="1.0" encoding="ISO-8859-1"?><x><s>\xe9</s></x>', {"s": "é"}),
        (members(n=INTEGER), "<p:x xmlns:p='urn:p'><p:n>1</p:n></p:x>", {"n": 1}),
        (members(n=INTEGER), "<x><!-- 1 --><?pi?><n><![CDATA[1]]></n></x>", {"n": 1}),
        ({}, "<x>1</x>", "1"),
        ({}, "<x><a>1</a><a>2</a><b/></x>", {"a": ["1", "2"], "b": ""}),
        (members(s=STRING), "<x><s>&lt;&#65;</s></x>", {"s": "<A"}),
        (members(v={**STRING, "xml": {"nodeType": "text"}}), "<x/>", {"v": ""}),
        (an_array(INTEGER), "<x/>", []),
    ],
)
def test_as_others_write_it(schema: Json, xml: str, value: Json) -> None:
    assert XmlCodec(AllowedTypes(schema), "x").read(xml.encode("latin-1")) == value


ENTITIES = "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
BOMB = f"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>{ENTITIES}]><x>&j;</x>"
NO_DOCTYPE = "a document type definition is not read"


@pytest.mark.parametrize(
    ("body", "reason", "line"),
    [
        (b"", "no element found", 1),
        (b"<x>\n<y></x>", "mismatched tag", 2),
        (b"<x/>\n<y/>", "junk after document element", 2),
        (b"<x a='1' a='2'/>", "duplicate attribute", 1),
        (b"<x>\n&nbsp;</x>", "undefined entity", 2),
        (b"<x>\xff</x>", "not well-formed", 1),
        (b"<x>&#0;</x>", "reference to invalid character number", 1),
        (b"<p:x/>", "unbound prefix", 1),
        (b'<?xml version="1.0" encoding="klingon"?><x/>', "unknown encoding", 1),
        (b"{}", "not well-formed", 1),
        (BOMB.encode(), NO_DOCTYPE, 1),
        (b'\n<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', NO_DOCTYPE, 2),
        (
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
            NO_DOCTYPE,
            1,
        ),
        (b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), "elements are nested more than 256 deep", 1),
        (b"<a>" * 1_000_000, "elements are nested more than 256 deep", 1),
    ],
)
def test_malformed(body: bytes, reason: str, line: int) -> None:
    with pytest.raises(MalformedXml) as caught:
        parse_xml(body)
    assert reason in caught.value.reason
    assert caught.value.line == line
    assert str(caught.value).startswith(f"line {line}, column {caught.value.column}: ")


@pytest.mark.parametrize("encoding", ["klingon", "shift_jis", "idna", "punycode", "zlib", "utf-7"])
def test_an_encoding_that_is_not_known_is_refused_and_not_called_malformed(encoding: str) -> None:
    for body, charset in ((f'<?xml version="1.0" encoding="{encoding}"?><x/>', ""), ("<x/>", encoding)):
        with pytest.raises(RefusedXml, match="unknown encoding"):
            parse_xml(body.encode(), charset)


def test_elements_and_attributes_are_counted() -> None:
    for body in (
        b"<x>" + b"<y/>" * MAX_NODES + b"</x>",
        b"<x>" + b"<y a='' b=''/>" * (MAX_NODES // 3) + b"<y/><y/></x>",
    ):
        with pytest.raises(RefusedXml, match="more than 250000 elements and attributes"):
            parse_xml(body)
    assert len(parse_xml(b"<x>" + b"<y/>" * (MAX_NODES - 1) + b"</x>").children) == MAX_NODES - 1


def test_an_empty_array_without_a_wrapper_is_what_is_not_there() -> None:
    required = XmlCodec(AllowedTypes({**members(a=an_array(STRING)), "required": ["a"]}), "x")
    assert required.write({"a": []}) == XmlCodec(AllowedTypes(members(a=an_array(STRING))), "x").write({"a": []})
    assert required.read(required.write({"a": []})) == {"a": []}
    assert required.read(b"<x><a>1</a></x>") == {"a": ["1"]}
    wrapped = XmlCodec(AllowedTypes({**members(a=an_array(STRING, wrapped=True)), "required": ["a"]}), "x")
    assert wrapped.read(b"<x/>") == {}


def test_the_column_of_a_fault() -> None:
    for body, column in ((b"<x>\n &nbsp;</x>", 2), (b"<a>" * 257, 769), (b"<x", 1)):
        with pytest.raises(MalformedXml) as caught:
            parse_xml(body)
        assert caught.value.column == column


def test_as_deep_as_is_allowed() -> None:
    root = parse_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)
    assert write_xml(root).count(b"<a") == MAX_DEPTH


def test_much_mixed_content_takes_no_long_time() -> None:
    began = time.process_time()
    root = parse_xml(b"<a>" + b"x<b/>" * 200_000 + b"</a>")
    assert len(root.text) == len(root.children) == 200_000
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        (STRING, "\0", "the character U+0000 cannot stand in XML"),
        (STRING, "\ud800", "the character U+D800 cannot stand in XML"),
        (STRING, "\ufffe", "the character U+FFFE cannot stand in XML"),
        (members(a={**STRING, "xml": {"attribute": True}}), {"a": "\x1b"}, "the character U+001B cannot stand in XML"),
        (members(a={**STRING, "xml": {"nodeType": "cdata"}}), {"a": "\0"}, "the character U+0000 cannot stand in XML"),
        ({}, {"a b": "1"}, "'a b' is not a name in XML"),
        ({}, {"1a": "1"}, "'1a' is not a name in XML"),
        ({}, {"": "1"}, "'' is not a name in XML"),
        ({}, {"ª": "1"}, "'ª' is not a name in XML"),
        ({}, {"a:b": "1"}, "'a:b' is not a name in XML"),
        (
            members(a={"xml": {"attribute": True}}),
            {"a": [1]},
            "the member 'a' is an array or object, which no attribute",
        ),
        (members(a={"xml": {"nodeType": "text"}}), {"a": {}}, "the member 'a' is an array or object, which no text"),
    ],
)
def test_what_xml_cannot_say_is_refused(schema: Json, value: Json, reason: str) -> None:
    with pytest.raises(UncarriableValue) as caught:
        XmlCodec(AllowedTypes(schema), "x").write(value)
    assert reason in caught.value.reason


def test_depth_is_bounded_when_writing() -> None:
    value: Json = "x"
    for _ in range(2000):
        value = {"a": value}
    with pytest.raises(UncarriableValue, match="nested more than 256 deep"):
        XmlCodec(AllowedTypes(True), "x").write(value)
    for wrap in (lambda below: [below], lambda below: {"a": below}):
        value = "x"
        for _ in range(MAX_DEPTH - 1):
            value = wrap(value)
        body = XmlCodec(AllowedTypes(True), "x").write(value)
        assert parse_xml(body).name == "x"
        with pytest.raises(UncarriableValue, match="nested more than 256 deep"):
            XmlCodec(AllowedTypes(True), "x").write(wrap(value))


def test_a_null_attribute_is_left_out() -> None:
    schema = members(count={"type": ["number", "null"], "xml": {"attribute": True}})
    assert XmlCodec(AllowedTypes(schema), "product").write({"count": None}).endswith(b"<product/>")


def test_prefixes_are_declared_once() -> None:
    inner = Element("b", "urn:p", "p", attributes={"urn:p c": "1"})
    assert write_xml(Element("a", "urn:p", "p", children=[inner])).decode() == (
        f'{DECLARATION}<p:a xmlns:p="urn:p"><p:b p:c="1"/></p:a>'
    )


def test_the_component_names_the_root() -> None:
    class StandIn:
        name = "Pet"

        def standalone(self, _: Direction) -> Json:
            return members(id=INTEGER)

    assert compile_xml(cast(Schema, StandIn()), Direction.RESPONSE).write({"id": 1}).endswith(b"<Pet><id>1</id></Pet>")
