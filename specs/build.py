"""Build the model: a document of any version to one frozen, 3.2-shaped Api."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, final

from understudy.specs.annotations import AnnotationReader
from understudy.specs.document import Document, Json, read_document
from understudy.specs.errors import DocumentError
from understudy.specs.model import (
    MISSING,
    Api,
    Encoding,
    Example,
    Header,
    Link,
    Location,
    MediaType,
    MediaTypeName,
    Operation,
    Origin,
    Parameter,
    PathTemplate,
    Quirk,
    RequestBody,
    Response,
    Style,
)
from understudy.specs.pointers import tokens
from understudy.specs.references import Node, Resources
from understudy.specs.schema import Schema, SchemaSpace
from understudy.specs.security import SecurityReader
from understudy.specs.servers import read_servers
from understudy.specs.versions import METHODS, Adapter, get_adapter

__all__ = ["build_api"]

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


def build_api(document: Document, *, name: str = "", fetch: bool = False) -> Api:
    """The model of a document.

    Args:
        document: The entry document.
        name: Short name; empty takes the file's stem.
        fetch: Whether further documents may be fetched from the host the entry came from.

    Raises:
        DocumentError: The document can't be used; the subclass and the message say why and where.
    """
    version, adapter = get_adapter(document.tree, document.name)
    resources = Resources(document, lambda uri: read_document(uri, fetch=fetch))
    return _Builder(resources, adapter, version).api(name or Path(document.uri).stem)


@final
class _Builder:
    """Reads each OpenAPI object once, following references."""

    def __init__(self, resources: Resources, adapter: Adapter, version: str) -> None:
        self.resources = resources
        self.adapter = adapter
        self.version = version
        self.space = SchemaSpace(resources, adapter.dialect)
        self.quirks: list[Quirk] = []
        self.annotations = AnnotationReader(self.space)
        self.security = SecurityReader(resources, adapter, self.quirks)

    def api(self, name: str) -> Api:
        root = self.resources.root
        info = root.value.get("info") if isinstance(root.value.get("info"), dict) else {}
        servers = read_servers(self.adapter.servers(root.value, root.origin.uri))
        operations = tuple(
            operation
            for path, node in root.members("paths")
            if path.startswith("/")
            for operation in self.path_item(path, node, servers)
        )
        webhooks = {
            key: tuple(self.path_item("/", node, servers)) for key, node in root.members("webhooks")
        }
        self._check_names(operations)
        return Api(
            name=name,
            title=str(info.get("title", name)),
            version=str(info.get("version", "")),
            openapi=self.version,
            description=str(info.get("description") or ""),
            servers=servers,
            operations=operations,
            webhooks=webhooks,
            security_schemes=self.security.schemes,
            tags=tuple(str(tag.value.get("name")) for tag in root.items("tags") if isinstance(tag.value, dict)),
            errors=self.annotations.errors(root),
            origin=root.origin,
            quirks=tuple(self.quirks),
            files=self.resources.files,
        )

    def path_item(self, path: str, node: Node, servers: Sequence[object]) -> Iterator[Operation]:
        item = self._object(node, "a Path Item Object")
        if "$ref" in node.value and len(node.value) > 1:
            item = Node({**item.value, **{k: v for k, v in node.value.items() if k != "$ref"}}, item.origin, item.base)
        for key in self.adapter.fixed_methods:
            if isinstance(item.value.get(key), dict):
                yield self.operation(key.upper(), path, item, item.member(key))
        for method, operation in item.members("additionalOperations"):
            yield self.operation(method, path, item, operation)

    def operation(self, method: str, path: str, item: Node, node: Node) -> Operation:
        raw = node.value
        root = self.resources.root.value
        nodes = self._parameter_nodes(item, node)
        consumes = _names(raw.get("consumes", root.get("consumes")))
        produces = _names(raw.get("produces", root.get("produces")))
        body = self._body(node) or self.adapter.request_body(nodes, consumes)
        servers = next((holder["servers"] for holder in (raw, item.value) if holder.get("servers")), None)
        return Operation(
            id=str(raw.get("operationId") or ""),
            method=method,
            path=PathTemplate(path),
            summary=str(raw.get("summary") or item.value.get("summary") or ""),
            description=str(raw.get("description") or item.value.get("description") or ""),
            tags=tuple(str(tag) for tag in raw.get("tags") or ()),
            deprecated=raw.get("deprecated") is True,
            parameters=tuple(self._parameters(nodes)),
            request_body=self.request_body(body) if body is not None else None,
            responses=tuple(self.response(status, each, produces) for status, each in node.members("responses")
                            if not status.startswith("x-")),
            security=self.security.requirements(raw.get("security", root.get("security")), node),
            servers=read_servers(servers if servers is not None else self.adapter.servers(root, node.origin.uri)),
            callbacks=self._callbacks(node),
            origin=node.origin,
        )

    def request_body(self, node: Node) -> RequestBody:
        node = self._object(node, "a Request Body Object")
        return RequestBody(
            description=str(node.value.get("description") or ""),
            required=node.value.get("required") is True,
            content=self.content(node),
            max_bytes=self.annotations.max_bytes(node),
            origin=node.origin,
        )

    def response(self, status: str, node: Node, produces: Sequence[str]) -> Response:
        node = self.adapter.response(self._object(node, "a Response Object"), produces)
        return Response(
            status=status.upper() if status.lower() != "default" else "default",
            description=str(node.value.get("description") or ""),
            headers=tuple(
                self.header(name, each) for name, each in node.members("headers") if name.lower() != "content-type"
            ),
            content=self.content(node),
            links=tuple(self._link(name, each) for name, each in node.members("links")),
            origin=node.origin,
        )

    def content(self, node: Node) -> tuple[MediaType, ...]:
        return tuple(self.media_type(name, each) for name, each in node.members("content"))

    def media_type(self, name: str, node: Node) -> MediaType:
        node = self.adapter.media_type(self._object(node, "a Media Type Object"), name)
        return MediaType(
            name=_media_type_name(name),
            schema=self._schema(node, "schema"),
            item_schema=self._schema(node, "itemSchema"),
            examples=self.examples(node),
            encoding={key: self.encoding(each) for key, each in node.members("encoding")},
            prefix_encoding=tuple(self.encoding(each) for each in node.items("prefixEncoding")),
            item_encoding=self.encoding(node.member("itemEncoding")) if "itemEncoding" in node.value else None,
            stream=self.annotations.stream(node),
            origin=node.origin,
        )

    def encoding(self, node: Node) -> Encoding:
        raw = node.value
        types = str(raw.get("contentType") or "")
        style = _style(raw.get("style"))
        return Encoding(
            content_types=tuple(_media_type_name(part) for part in types.split(",") if part.strip()),
            style=style,
            explode=raw.get("explode", style in (None, Style.FORM)) is True,
            allow_reserved=raw.get("allowReserved") is True,
            headers={key: self.header(key, each) for key, each in node.members("headers")},
            encoding={key: self.encoding(each) for key, each in node.members("encoding")},
        )

    def header(self, name: str, node: Node) -> Header:
        node = self.adapter.header(self._object(node, "a Header Object"))
        return Header(
            name=name,
            description=str(node.value.get("description") or ""),
            required=node.value.get("required") is True,
            schema=self._schema(node, "schema"),
            content=next(iter(self.content(node)), None),
            explode=node.value.get("explode") is True,
            examples=self.examples(node),
            origin=node.origin,
        )

    def examples(self, node: Node) -> tuple[Example, ...]:
        found = []
        if "example" in node.value:
            each = node.member("example")
            found.append(Example("", each.value, None, "", each.origin))
        for name, each in node.members("examples"):
            each = self.resources.resolve(each)
            raw = each.value if isinstance(each.value, dict) else {"value": each.value}
            value = raw.get("dataValue", raw.get("value", MISSING))
            serialized = raw.get("serializedValue")
            if value is MISSING and not isinstance(serialized, str):
                self._quirk(each, "an example without `value`; `externalValue` is not read")
                continue
            text = serialized if isinstance(serialized, str) else None
            found.append(Example(name, value, text, str(raw.get("summary") or ""), each.origin))
        return tuple(found)

    def _parameter_nodes(self, item: Node, operation: Node) -> list[Node]:
        """The path item's and the operation's parameters; the latter replace those of the same name and place."""
        found: dict[tuple[str, str], Node] = {}
        for holder in (item, operation):
            for each in holder.items("parameters"):
                node = self._object(each, "a Parameter Object")
                found[(str(node.value.get("name")), str(node.value.get("in")))] = node
        return list(found.values())

    def _parameters(self, nodes: Sequence[Node]) -> Iterator[Parameter]:
        for node in nodes:
            name, place = str(node.value.get("name")), str(node.value.get("in"))
            if place in ("body", "formData"):
                continue
            try:
                location = Location(place)
            except ValueError:
                raise self._error(node, f"`in: {place}` is no place for a parameter") from None
            if location is Location.HEADER and name.lower() in _RESERVED_HEADERS:
                continue
            yield self._parameter(name, location, self.adapter.parameter(node))

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
            content=next(iter(self.content(node)), None),
            style=style,
            explode=raw.get("explode", style in (Style.FORM, Style.COOKIE, Style.DEEP_OBJECT)) is True,
            allow_reserved=raw.get("allowReserved") is True,
            allow_empty_value=raw.get("allowEmptyValue") is True,
            examples=self.examples(node),
            origin=node.origin,
        )

    def _body(self, node: Node) -> Node | None:
        return node.member("requestBody") if isinstance(node.value.get("requestBody"), dict) else None

    def _callbacks(self, node: Node) -> Mapping[str, tuple[Operation, ...]]:
        found = {}
        for name, each in node.members("callbacks"):
            callback = self._object(each, "a Callback Object")
            found[name] = tuple(
                operation
                for expression, value in callback.value.items()
                if isinstance(value, dict) and not expression.startswith("x-")
                for operation in self.path_item(expression, callback.member(expression), ())
            )
        return found

    def _link(self, name: str, node: Node) -> Link:
        node = self._object(node, "a Link Object")
        raw = node.value
        parameters = raw.get("parameters")
        return Link(
            name=name,
            operation=str(raw.get("operationId") or self._operation_ref(str(raw.get("operationRef") or ""), node)),
            parameters=parameters if isinstance(parameters, dict) else {},
            request_body=raw.get("requestBody", MISSING),
            origin=node.origin,
        )

    def _operation_ref(self, reference: str, node: Node) -> str:
        if not reference:
            return ""
        try:
            parts = tokens(self.resources.target(reference, node).origin.pointer)
        except DocumentError as error:
            self._quirk(node, f"the link leads nowhere: {error}")
            return ""
        return f"{parts[-1].upper()} {parts[-2]}" if len(parts) > 1 and parts[-1] in METHODS else ""

    def _schema(self, node: Node, key: str) -> Schema | None:
        if not isinstance(node.value.get(key), (dict, bool)):
            return None
        return self.space.schema(node.member(key))

    def _object(self, node: Node, what: str) -> Node:
        node = self.resources.resolve(node)
        if not isinstance(node.value, dict):
            raise self._error(node, f"here should be {what}, but there is {type(node.value).__name__}")
        return node

    def _check_names(self, operations: Sequence[Operation]) -> None:
        seen: dict[str, Operation] = {}
        for operation in operations:
            if operation.id and seen.setdefault(operation.id, operation) is not operation:
                self._quirk_at(
                    operation.origin,
                    f"operationId {operation.id!r} belongs to {seen[operation.id].label} as well; the first one keeps it",
                )

    def _error(self, node: Node, reason: str) -> DocumentError:
        uri = node.origin.uri
        name = self.resources.entry.name if uri == self.resources.entry.uri else uri
        return DocumentError(
            name, reason, pointer=node.origin.pointer, line=self.resources.line(node.origin), clause=CLAUSE
        )

    def _quirk(self, node: Node, message: str) -> None:
        self._quirk_at(node.origin, message)

    def _quirk_at(self, origin: Origin, message: str) -> None:
        self.quirks.append(Quirk(origin, message))


def _names(value: Json) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def _style(value: Json) -> Style | None:
    return Style(value) if value in {style.value for style in Style} else None


def _media_type_name(name: str) -> MediaTypeName:
    essence, separator, parameters = name.strip().partition(";")
    return MediaTypeName(essence.strip().lower() + separator + parameters)
