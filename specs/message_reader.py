"""Read what travels: parameters, bodies, headers, responses, media types, examples. Each object is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar, final

from understudy.specs.annotations import AnnotationReader
from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.documents.references import Resources
from understudy.specs.errors import DocumentError
from understudy.specs.event_schemas import read_events
from understudy.specs.model import (
    MISSING,
    Encoding,
    Example,
    Header,
    Link,
    Location,
    MediaType,
    MediaTypeName,
    Origin,
    Parameter,
    Quirk,
    RequestBody,
    Response,
    Style,
)
from understudy.specs.schemas.schema import Schema, SchemaSpace
from understudy.specs.versions import Adapter

__all__ = ["CLAUSE", "MessageReader", "names"]

CLAUSE: Final = "https://spec.openapis.org/oas/v3.2.0.html"
_DEFAULT_STYLES: Final = {
    Location.PATH: Style.SIMPLE,
    Location.HEADER: Style.SIMPLE,
    Location.QUERY: Style.FORM,
    Location.QUERYSTRING: Style.FORM,
    Location.COOKIE: Style.FORM,
}
# 3.2, Parameter Object, `name`: header parameters of these names are ignored.
_RESERVED_HEADERS: Final = frozenset({"accept", "content-type", "authorization"})
_STYLES: Final = {style.value: style for style in Style}
_Part = TypeVar("_Part", Header, MediaType)


@final
class MessageReader:
    """Reads the objects of one document and of those it refers to.

    Args:
        quirks: Takes up what was tolerated.
        find_operation: Where an `operationRef` leads → the operation's name; empty when it is none.

    Every method raises `DocumentError` for what can't be read.
    """

    def __init__(
        self,
        resources: Resources,
        adapter: Adapter,
        space: SchemaSpace,
        annotations: AnnotationReader,
        quirks: list[Quirk],
        find_operation: Callable[[Origin], str],
    ) -> None:
        self._resources = resources
        self._adapter = adapter
        self._space = space
        self._annotations = annotations
        self._quirks = quirks
        self._find_operation = find_operation
        self._read: dict[tuple[Origin, str], Header | MediaType] = {}
        self._open: set[Origin] = set()

    def parameter_nodes(self, item: Node, operation: Node) -> list[Node]:
        """The path item's and the operation's parameters; the latter replace those of the same name and place."""
        found: dict[tuple[str, str], Node] = {}
        for holder in (item, operation):
            for each in holder.items("parameters"):
                node = self._resources.get_object(each, "a Parameter Object")
                name, place = node.value.get("name"), node.value.get("in")
                if not isinstance(name, str) or not isinstance(place, str):
                    self._tell(node, "a parameter needs `name` and `in`, both strings; this one is ignored")
                    continue
                found[(name, place)] = node
        return list(found.values())

    def parameters(self, nodes: Sequence[Node]) -> Iterator[Parameter]:
        """The parameters but for 2.0's `body` and `formData` and for headers that are described elsewhere."""
        for node in nodes:
            name, place = node.value["name"], node.value["in"]
            if place in ("body", "formData"):
                continue
            try:
                location = Location(place)
            except ValueError:
                self._tell(node, f"`in: {place}` is no place for a parameter; it is ignored")
                continue
            if location is Location.HEADER and name.lower() in _RESERVED_HEADERS:
                continue
            yield self._parameter(name, location, self._adapter.parameter(node))

    def request_body(self, operation: Node, parameters: Sequence[Node], consumes: Sequence[str]) -> RequestBody | None:
        """The operation's body; None when it takes none."""
        node = operation.find("requestBody") or self._adapter.request_body(parameters, consumes)
        if node is None:
            return None
        node = self._resources.get_object(node, "a Request Body Object")
        return RequestBody(
            description=str(node.value.get("description") or ""),
            required=node.value.get("required") is True,
            content=self._content(node),
            max_bytes=self._annotations.max_bytes(node),
            origin=node.origin,
        )

    def responses(self, operation: Node, produces: Sequence[str]) -> Iterator[Response]:
        """The responses in document order."""
        for status, each in operation.members("responses"):
            if status.startswith("x-"):
                continue
            node = self._adapter.response(self._resources.get_object(each, "a Response Object"), produces)
            yield Response(
                status="default" if status.lower() == "default" else status.upper(),
                description=str(node.value.get("description") or ""),
                headers=tuple(
                    self._header(name, header)
                    for name, header in node.members("headers")
                    if name.lower() != "content-type"
                ),
                content=self._content(node),
                links=tuple(self._link(name, link) for name, link in node.members("links")),
                origin=node.origin,
            )

    def _parameter(self, name: str, location: Location, node: Node) -> Parameter:
        raw = node.value
        style = _style(raw.get("style")) or _DEFAULT_STYLES[location]
        return Parameter(
            name=name,
            location=location,
            description=str(raw.get("description") or ""),
            required=location is Location.PATH or raw.get("required") is True,
            deprecated=raw.get("deprecated") is True,
            schema=self._schema(node, "schema"),
            content=next(iter(self._content(node)), None),
            style=style,
            explode=raw.get("explode", style in (Style.FORM, Style.COOKIE, Style.DEEP_OBJECT)) is True,
            allow_reserved=raw.get("allowReserved") is True,
            allow_empty_value=raw.get("allowEmptyValue") is True,
            examples=self._examples(node),
            origin=node.origin,
        )

    def _content(self, node: Node) -> tuple[MediaType, ...]:
        return tuple(self._media_type(name, each) for name, each in node.members("content"))

    def _media_type(self, name: str, node: Node) -> MediaType:
        node = self._resources.get_object(node, "a Media Type Object")
        known = self._read.get((node.origin, name))
        if isinstance(known, MediaType):
            return known
        with self._entered(node):
            adapted = read_events(self._adapter.media_type(node, name), name, self._resources, self._quirks)
            item_encoding = adapted.find("itemEncoding")
            media_type = MediaType(
                name=_media_type_name(name),
                schema=self._schema(adapted, "schema"),
                item_schema=self._schema(adapted, "itemSchema"),
                examples=self._examples(adapted),
                encoding={key: self._encoding(each) for key, each in adapted.members("encoding")},
                prefix_encoding=tuple(self._encoding(each) for each in adapted.items("prefixEncoding")),
                item_encoding=self._encoding(item_encoding) if item_encoding else None,
                stream=self._annotations.stream(adapted),
                origin=adapted.origin,
            )
        return self._keep(node, name, media_type)

    def _encoding(self, node: Node) -> Encoding:
        node = self._resources.get_object(node, "an Encoding Object")
        raw = node.value
        types = str(raw.get("contentType") or "")
        style = _style(raw.get("style"))
        return Encoding(
            content_types=tuple(_media_type_name(part) for part in types.split(",") if part.strip()),
            style=style,
            explode=raw.get("explode", style in (None, Style.FORM)) is True,
            allow_reserved=raw.get("allowReserved") is True,
            headers={key: self._header(key, each) for key, each in node.members("headers")},
            encoding={key: self._encoding(each) for key, each in node.members("encoding")},
        )

    def _header(self, name: str, node: Node) -> Header:
        node = self._resources.get_object(node, "a Header Object")
        known = self._read.get((node.origin, name))
        if isinstance(known, Header):
            return known
        with self._entered(node):
            adapted = self._adapter.header(node)
            header = Header(
                name=name,
                description=str(adapted.value.get("description") or ""),
                required=adapted.value.get("required") is True,
                schema=self._schema(adapted, "schema"),
                content=next(iter(self._content(adapted)), None),
                explode=adapted.value.get("explode") is True,
                examples=self._examples(adapted),
                origin=adapted.origin,
            )
        return self._keep(node, name, header)

    def _keep(self, node: Node, name: str, part: _Part) -> _Part:
        self._read[(node.origin, name)] = part
        return part

    @contextmanager
    def _entered(self, node: Node) -> Iterator[None]:
        """A header may hold a media type, whose encoding has headers: a cycle of references has no end."""
        if node.origin in self._open:
            raise self._error(node, "it contains itself, by way of `content`, `encoding` and `headers`")
        self._open.add(node.origin)
        try:
            yield
        finally:
            self._open.discard(node.origin)

    def _examples(self, node: Node) -> tuple[Example, ...]:
        found = []
        single = node.find("example")
        if single is not None:
            found.append(Example("", single.value, None, "", single.origin))
        for name, each in node.members("examples"):
            each = self._resources.resolve(each)
            raw = each.value if isinstance(each.value, dict) else {"value": each.value}
            value = raw.get("dataValue", raw.get("value", MISSING))
            serialized = raw.get("serializedValue")
            if value is MISSING and not isinstance(serialized, str):
                self._quirks.append(Quirk(each.origin, "an example without `value`; `externalValue` is not read"))
                continue
            text = serialized if isinstance(serialized, str) else None
            found.append(Example(name, value, text, str(raw.get("summary") or ""), each.origin))
        return tuple(found)

    def _link(self, name: str, node: Node) -> Link:
        node = self._resources.get_object(node, "a Link Object")
        raw = node.value
        parameters = raw.get("parameters")
        return Link(
            name=name,
            operation=str(raw.get("operationId") or self._operation_ref(raw.get("operationRef"), node)),
            parameters=parameters if isinstance(parameters, dict) else {},
            request_body=raw.get("requestBody", MISSING),
            origin=node.origin,
        )

    def _operation_ref(self, reference: Json, node: Node) -> str:
        if not isinstance(reference, str):
            return ""
        try:
            return self._find_operation(self._resources.target(reference, node).origin)
        except DocumentError as error:
            self._quirks.append(Quirk(node.origin, f"the link leads nowhere: {error.reason}"))
            return ""

    def _schema(self, node: Node, key: str) -> Schema | None:
        found = node.find(key)
        return self._space.schema(found) if found is not None and isinstance(found.value, (dict, bool)) else None

    def _tell(self, node: Node, message: str) -> None:
        """Once, though each operation of a path item meets it."""
        quirk = Quirk(node.origin, message)
        if quirk not in self._quirks:
            self._quirks.append(quirk)

    def _error(self, node: Node, reason: str) -> DocumentError:
        return self._resources.error(node, reason, clause=CLAUSE)


def names(value: Json) -> tuple[str, ...]:
    """The strings of an array; nothing where it is none."""
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def _style(value: Json) -> Style | None:
    return _STYLES.get(value) if isinstance(value, str) else None


def _media_type_name(name: str) -> MediaTypeName:
    """As it is compared. What is no media type, such as ``*``, ``json`` or nothing at all, stands for any."""
    essence, separator, parameters = name.strip().partition(";")
    essence = essence.strip().lower()
    return MediaTypeName((essence if "/" in essence else "*/*") + separator + parameters)
