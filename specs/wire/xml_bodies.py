"""XML bodies by the XML Object of a schema (OpenAPI 3.2, XML Object; `attribute` and `wrapped` of earlier versions).

A member is an element of its name; `xml` may rename it, put it in a namespace, make it an attribute or the text of its
parent. Items of an array are elements of the array's name beside one another, or inside a wrapper; without a wrapper an
empty array leaves no trace, and a required one that isn't there is empty. `null` is ``xsi:nil``; an attribute that is
null is left out. What a schema does not tell is read as text, or as an object where there are elements or attributes in
it.

Not covered: order by `prefixItems`, and `nodeType: none` on anything but an array.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from understudy.specs.model import Direction
from understudy.specs.schemas.allowed_types import AllowedTypes, write_scalar
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.xml_trees import MAX_DEPTH, Element, MalformedXml, parse_xml, write_xml

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["MalformedXml", "XmlCodec", "compile_xml"]

_BLANK: Final = " \t\r\n"
_NOT_IN_NAMES: Final = re.compile(r"[^\w.\-]")
_BEGINS_NAME: Final = re.compile(r"[^\W\d]")
_NIL: Final = "http://www.w3.org/2001/XMLSchema-instance nil"


@dataclass(frozen=True, slots=True)
class _Names:
    """How the members of one object are found again: the XML name → the member's."""

    attributes: dict[str, str]
    elements: dict[str, str]
    text: str | None
    empty: tuple[str, ...]
    """Arrays that are empty where no item of theirs is there."""


@final
class XmlCodec:
    """Reads and writes the bodies of one schema.

    Args:
        types: Those of the whole body, with their XML Objects.
        name: Of the root element, unless `xml` names it.
    """

    def __init__(self, types: AllowedTypes, name: str) -> None:
        self._types = types
        self._name = name
        self._names: dict[AllowedTypes, _Names] = {}

    @property
    def is_opaque(self) -> bool:
        """Whether the schema asks for no members and no items, so that a whole text may be meant by it."""
        return not self._types.has_array and not self._types.has_object

    def read(self, body: bytes, charset: str = "") -> Json:
        """The value of a body. The root element may have any name.

        Args:
            charset: That of `Content-Type`; empty when there is none.

        Raises:
            RefusedXml: A document type definition, nested too deeply, too many elements, a charset that isn't known.
            MalformedXml: Not well-formed.
        """
        return self._value(self._types, parse_xml(body, charset))

    def write(self, value: Json) -> bytes:
        """The body of a value.

        Raises:
            UncarriableValue: A member that the schema doesn't name and whose name is no XML name; a character that XML
                has not; an array or object where the schema wants an attribute or text.
        """
        return write_xml(self._element(self._name, self._types, value, 1))

    def _value(self, types: AllowedTypes, element: Element) -> Json:
        if element.attributes.get(_NIL) in ("true", "1"):
            return None
        if types.has_array and not types.has_object and (element.children or not types.has_scalar):
            return [self._value(types.items, child) for child in element.children]
        is_scalar = not element.children and not element.attributes
        if types.has_object and is_scalar and self._names_of(types).text is None:
            is_scalar = bool(element.text.strip(_BLANK))
        elif types.has_object:
            is_scalar = False
        return _scalar(types, element.text) if is_scalar else self._members(types, element)

    def _members(self, types: AllowedTypes, element: Element) -> dict[str, Json]:
        names = self._names_of(types)
        members: dict[str, Json] = {}
        for key, text in element.attributes.items():
            local = key.rpartition(" ")[2]
            name = names.attributes.get(local, local)
            members[name] = _scalar(types.member(name), text)
        repeated: set[str] = set()
        for child in element.children:
            name = names.elements.get(child.name, child.name)
            member = types.member(name)
            beside = _is_beside(member)
            value = self._value(member.items if beside else member, child)
            if beside and not _is_null_array(member, value):
                members.setdefault(name, []).append(value)
            elif name not in members:
                members[name] = value
            elif name in repeated:
                members[name].append(value)
            else:
                repeated.add(name)
                members[name] = [members[name], value]
        if names.text is not None:
            members[names.text] = _scalar(types.member(names.text), element.text)
        for name in names.empty:
            members.setdefault(name, [])
        return members

    def _names_of(self, types: AllowedTypes) -> _Names:
        names = self._names.get(types)
        if names is None:
            names = self._names[types] = _read_names(types)
        return names

    def _element(self, name: str, types: AllowedTypes, value: Json, depth: int) -> Element:
        if depth > MAX_DEPTH:
            raise UncarriableValue(f"elements are nested more than {MAX_DEPTH} deep")
        xml = types.xml
        element = Element(_name(types, name), xml.get("namespace", ""), xml.get("prefix", ""))
        element.cdata = _node_type(types) == "cdata"
        if value is None:
            element.attributes[_NIL] = "true"
        elif isinstance(value, list):
            element.children = [self._element(element.name, types.items, item, depth + 1) for item in value]
        elif isinstance(value, dict):
            for key, member in value.items():
                name = _as_name(key) if key in types.member_names else key
                self._add(element, name, types.member(key), member, depth + 1)
        else:
            element.text = write_scalar(value)
        return element

    def _add(self, element: Element, name: str, types: AllowedTypes, value: Json, depth: int) -> None:
        node = _node_type(types)
        if node in ("attribute", "text", "cdata"):
            if isinstance(value, list | dict):
                raise UncarriableValue(f"the member {name!r} is an array or object, which no {node} can be")
            if node == "attribute" and value is not None:
                namespace = types.xml.get("namespace", "")
                element.attributes[f"{namespace} {_name(types, name)}".lstrip()] = write_scalar(value)
            elif node != "attribute":
                element.text += "" if value is None else write_scalar(value)
                element.cdata = element.cdata or node == "cdata"
        elif isinstance(value, list) and (_is_beside(types) or types.is_open):
            element.children += [self._element(name, types.items, item, depth) for item in value]
        else:
            element.children.append(self._element(name, types, value, depth))


def _read_names(types: AllowedTypes) -> _Names:
    attributes: dict[str, str] = {}
    elements: dict[str, str] = {}
    text = None
    empty: list[str] = []
    for name in sorted(types.member_names):
        member = types.member(name)
        node = _node_type(member)
        if node == "attribute":
            attributes[_name(member, _as_name(name))] = name
        elif node in ("text", "cdata"):
            text = name
        else:
            source = member.items if _is_beside(member) else member
            elements[_name(source, _as_name(name))] = name
            if source is not member and name in types.required_names:
                empty.append(name)
    return _Names(attributes, elements, text, tuple(empty))


def _name(types: AllowedTypes, name: str) -> str:
    """What an element or attribute is called."""
    return _as_name(str(types.xml["name"])) if "name" in types.xml else name


def _as_name(text: str) -> str:
    """What a document calls something, as XML can: without a prefix, which is no part of a name and stands in `prefix`,
    and with underscores for characters that no name may have."""
    written = _NOT_IN_NAMES.sub("_", text.rpartition(":")[2])
    return written if _BEGINS_NAME.match(written) else f"_{written}"


def _node_type(types: AllowedTypes) -> str:
    """`nodeType`, or what `attribute` and `wrapped` said before it; the empty string when nothing is said.

    What can only be an array or an object is never an attribute, whatever is said: it is an element.
    """
    xml = types.xml
    said = xml.get("nodeType")
    if not isinstance(said, str):
        said = "attribute" if xml.get("attribute") is True else "element" if xml.get("wrapped") is True else ""
    return "" if said == "attribute" and not types.has_scalar else said


def _is_beside(types: AllowedTypes) -> bool:
    """Whether items stand beside one another in the parent, without an element around them."""
    return types.has_array and _node_type(types) != "element"


def _is_null_array(types: AllowedTypes, value: Json) -> bool:
    """Whether a nil element stands for no array at all, because it can be no item."""
    return value is None and "null" in types.names and "null" not in types.items.names


def _scalar(types: AllowedTypes, text: str) -> Json:
    value = types.read(text)
    if isinstance(value, str) and "string" not in types.names:
        trimmed = types.read(text.strip(_BLANK))
        return text if isinstance(trimmed, str) else trimmed
    return value


def compile_xml(schema: Schema, direction: Direction) -> XmlCodec:
    """The codec for a schema; its component name is the root element's unless `xml` names it."""
    return XmlCodec(AllowedTypes(schema.standalone(direction)), schema.name)
