"""Laws of XML: what is written is read; the standard library sees the same tree; any octets are read or refused."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.documents.document import Json
from understudy.specs.schemas.allowed_types import AllowedTypes
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.xml_bodies import MalformedXml, XmlCodec
from understudy.specs.wire.xml_trees import Element, parse_xml, write_xml

NODE: Json = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "xml": {"name": "node", "namespace": "urn:n", "prefix": "n"},
            "properties": {
                "id": {"type": "integer", "xml": {"attribute": True}},
                "key": {"type": "string", "xml": {"nodeType": "attribute", "namespace": "urn:k"}},
                "text": {"type": "string"},
                "ok": {"type": ["boolean", "null"]},
                "beside": {"type": "array", "items": {"type": "string"}},
                "wrapped": {"type": "array", "xml": {"wrapped": True}, "items": {"type": "number"}},
                "nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
        }
    },
}
text = st.text(st.sampled_from("<>&\"'\r\n\t ]]>é😀") | st.characters(codec="utf-8"), max_size=6)
nodes: st.SearchStrategy[Json] = st.deferred(
    lambda: st.fixed_dictionaries(
        {},
        optional={
            "id": st.integers(),
            "key": text,
            "text": text,
            "ok": st.none() | st.booleans(),
            "beside": st.lists(text, min_size=1, max_size=3),
            "wrapped": st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3),
            "nodes": st.lists(nodes, min_size=1, max_size=2),
        },
    )
)


def can_stand(text: str) -> bool:
    return all(ord(c) >= 0x20 or c in "\t\n\r" for c in text) and not set(text) & {"\ufffe", "\uffff"}


def texts(value: Json) -> list[str]:
    if isinstance(value, dict | list):
        return [found for item in (value.values() if isinstance(value, dict) else value) for found in texts(item)]
    return [value] if isinstance(value, str) else []


@given(nodes)
def test_what_is_written_is_read(value: Json) -> None:
    codec = XmlCodec(AllowedTypes(NODE), "root")
    try:
        body = codec.write(value)
    except UncarriableValue:
        body = b""
    assert bool(body) == all(map(can_stand, texts(value)))
    if body:
        assert codec.read(body) == value
        assert ET.fromstring(body).tag == "{urn:n}node"


names = st.sampled_from(["a", "b", "é", "_1.-"])
attributes = st.dictionaries(names, text.filter(can_stand), max_size=2)
fitting = text.filter(can_stand)
elements = st.deferred(lambda: st.builds(Element, names, attributes=attributes, children=inner, text=fitting))
inner: st.SearchStrategy[list[Element]] = st.lists(elements, max_size=2)


def as_tuple(element: ET.Element) -> tuple[object, ...]:
    data = (element.text or "") + "".join(child.tail or "" for child in element)
    return (element.tag, element.attrib, data, [as_tuple(child) for child in element])


@given(elements)
def test_the_standard_library_sees_the_same_tree(root: Element) -> None:
    def expected(element: Element) -> tuple[object, ...]:
        return (element.name, element.attributes, element.text, [expected(child) for child in element.children])

    body = write_xml(root)
    assert as_tuple(ET.fromstring(body)) == expected(root)
    assert parse_xml(body) == root


MARKUP = ["<a>", "</a>", "<b/>", "<a x='1'", ">", "&lt;", "&x;", "<![CDATA[", "]]>", "<!DOCTYPE a>"]
sources = st.lists(st.sampled_from(MARKUP) | text).map(lambda pieces: "".join(pieces).encode())


@given(sources | st.binary())
def test_any_octets_are_read_or_refused(body: bytes) -> None:
    try:
        root = parse_xml(body)
    except MalformedXml as refused:
        place = (refused.line, refused.column)
    else:
        assert parse_xml(write_xml(root)).name == root.name
        return
    assert place >= (1, 0)
