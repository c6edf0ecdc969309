"""XML text to a tree of elements and back, without document type definitions.

A definition is where entity bombs and references to files live (XML 1.0, section 4), and no API needs one: a body that
has one is refused before anything in it is looked at.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from xml.parsers import expat

from understudy.specs.wire.malformed import MalformedContent, UncarriableValue

__all__ = ["MAX_DEPTH", "MAX_NODES", "Element", "MalformedXml", "RefusedXml", "parse_xml", "write_xml"]

MAX_DEPTH: Final = 256
"""Elements inside one another, the root counted."""
MAX_NODES: Final = 250_000
"""Elements and attributes of one text."""

_NAME: Final = re.compile(r"[^\W\d][\w.\-]*")
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)
_PREFIXES: Final = {"http://www.w3.org/2001/XMLSchema-instance": "xsi"}
_IN_TEXT: Final = re.compile(r"[&<>\r]")
_IN_ATTRIBUTE: Final = re.compile(r'[&<>"\r\n\t]')


@dataclass(slots=True)
class Element:
    """One element.

    Attributes:
        name: Without prefix.
        namespace: Its URI; empty for none, or for the one that is the default already.
        prefix: For writing; empty makes the namespace the default one.
        attributes: Name → value; a name in a namespace is the URI, a space and the name.
        text: All character data that stands directly in it.
        cdata: For writing: the text goes in a CDATA section.
    """

    name: str
    namespace: str = ""
    prefix: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""
    cdata: bool = False


class MalformedXml(MalformedContent):
    """A text is not XML, or not such as we read. Line and column are 1-based."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.reason}"


class RefusedXml(MalformedXml):
    """A text may be XML, but not such as we read: that it breaks the rules isn't said."""


def parse_xml(body: bytes, charset: str = "") -> Element:
    """The root element of an XML text.

    Args:
        charset: That of `Content-Type`, which goes before what the text itself declares, but not before its byte order
            mark (RFC 7303, section 3); empty when there is none.

    Raises:
        RefusedXml: A document type definition; nested more than `MAX_DEPTH` deep; more than `MAX_NODES` elements and
            attributes; a charset that is neither Unicode nor one octet for each character.
        MalformedXml: Not well-formed.
    """
    parser = expat.ParserCreate(None if not charset or body.startswith(_MARKS) else charset, " ")
    parser.buffer_text = True
    nodes = 0
    open_elements: list[tuple[Element, list[str]]] = []
    roots: list[Element] = []

    def refuse(reason: str) -> RefusedXml:
        return RefusedXml(reason, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_elements) == MAX_DEPTH:
            raise refuse(f"elements are nested more than {MAX_DEPTH} deep")
        nonlocal nodes
        nodes += 1 + len(attributes)
        if nodes > MAX_NODES:
            raise refuse(f"there are more than {MAX_NODES} elements and attributes")
        namespace, _, local = name.rpartition(" ")
        element = Element(local, namespace, attributes=attributes)
        (open_elements[-1][0].children if open_elements else roots).append(element)
        open_elements.append((element, []))

    def end(_: str) -> None:
        element, texts = open_elements.pop()
        element.text = "".join(texts)

    def doctype(*_: object) -> None:
        raise refuse("a document type definition is not read")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda data: open_elements[-1][1].append(data)
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise MalformedXml(expat.ErrorString(error.code), error.lineno, error.offset + 1) from error
    except MalformedXml:
        raise
    except (LookupError, ValueError) as error:
        raise RefusedXml("unknown encoding: send UTF-8", 1, 1) from error
    return roots[0]


def write_xml(root: Element) -> bytes:
    """The text of a tree in UTF-8, with the XML declaration, without white space between elements.

    Raises:
        UncarriableValue: A name that is none; a character that no XML text can hold.
    """
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(root, {"": "", "xml": _XML}, pieces)
    return "".join(pieces).encode()


def _write(element: Element, scope: dict[str, str], pieces: list[str]) -> None:
    """``scope`` maps the prefixes in force to namespaces."""
    declared: list[tuple[str, str]] = []
    scope = _declare(element.prefix, element.namespace, scope, declared)
    # A prefix that stands for nothing would not be well-formed.
    name = _qualified(element.prefix if element.prefix in scope else "", element.name)
    attributes: list[tuple[str, str]] = []
    for key, value in element.attributes.items():
        namespace, _, local = key.rpartition(" ")
        prefix = next((known for known, uri in scope.items() if known and uri == namespace), "") if namespace else ""
        if namespace and not prefix:
            prefix = _PREFIXES.get(namespace, f"ns{len(scope)}")
            scope = _declare(prefix, namespace, scope, declared)
        attributes.append((_qualified(prefix, local), value))
    shown = "".join(f' {key}="{_escape(value, _IN_ATTRIBUTE)}"' for key, value in (*declared, *attributes))
    if not element.children and not element.text:
        pieces.append(f"<{name}{shown}/>")
        return
    pieces.append(f"<{name}{shown}>")
    if element.cdata:
        sections = _checked(element.text).replace("]]>", "]]]]><![CDATA[>")
        pieces.append(f"<![CDATA[{sections}]]>")
    else:
        pieces.append(_escape(element.text, _IN_TEXT))
    for child in element.children:
        _write(child, scope, pieces)
    pieces.append(f"</{name}>")


def _declare(prefix: str, namespace: str, scope: dict[str, str], declared: list[tuple[str, str]]) -> dict[str, str]:
    if not namespace or scope.get(prefix) == namespace:
        return scope
    declared.append((f"xmlns:{prefix}" if prefix else "xmlns", namespace))
    return {**scope, prefix: namespace}


def _qualified(prefix: str, name: str) -> str:
    for part in (prefix, name) if prefix else (name,):
        if not _is_name(part):
            raise UncarriableValue(f"{part[:40]!r} is not a name in XML")
    return f"{prefix}:{name}" if prefix else name


@lru_cache(maxsize=1024)
def _is_name(text: str) -> bool:
    """Asked of the parser itself, because the editions of XML 1.0 differ in what a letter is."""
    if _NAME.fullmatch(text) is None:
        return False
    try:
        expat.ParserCreate().Parse(f"<{text}/>", True)
    except expat.ExpatError:
        return False
    return True


def _checked(text: str) -> str:
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        raise UncarriableValue(f"the character U+{ord(forbidden.group()):04X} cannot stand in XML, not even escaped")
    return text


def _escape(text: str, special: re.Pattern[str]) -> str:
    return special.sub(lambda match: _ESCAPES[match.group()], _checked(text))
