"""Build the model: a document of any version to one frozen, 3.2-shaped Api."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, final

from understudy.specs.annotations import AnnotationReader
from understudy.specs.documents.document import Document, read_document
from understudy.specs.documents.node import Node
from understudy.specs.documents.references import Resources
from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.message_reader import MessageReader, names
from understudy.specs.model import Api, Operation, Origin, PathTemplate, Quirk, Server
from understudy.specs.path_queries import read_path_query
from understudy.specs.path_templates import bare_path
from understudy.specs.schemas.schema import SchemaSpace
from understudy.specs.security import SecurityReader
from understudy.specs.servers import read_servers
from understudy.specs.versions import Adapter, get_adapter

if TYPE_CHECKING:
    from understudy.specs.documents.overlay import Overlay

__all__ = ["build_api"]


def build_api(
    document: Document,
    *,
    name: str = "",
    fetch: bool = False,
    overlays: Sequence[Overlay] = (),
    cache_dir: Path | None = None,
) -> Api:
    """The model of a document. Every document that its operations refer to is read.

    All of them are read by the rules of the entry's version.

    Args:
        document: The entry document.
        name: Short name; empty takes the file's stem.
        fetch: Whether further documents may be fetched from the host the entry came from.
        overlays: What is merged into the entry document first, in this order.
        cache_dir: Where further documents are kept once they are parsed; None keeps none.

    Raises:
        DocumentError: The document can't be used; the subclass and the message say why and where.
    """
    quirks: list[Quirk] = []
    if overlays:
        from understudy.specs.documents.overlaying import apply_overlay  # only who has an overlay pays for JSONPath

        for overlay in overlays:
            document, found = apply_overlay(document, overlay)
            quirks += found
    version, adapter = get_adapter(document.tree, document.name)
    resources = Resources(document, lambda uri: read_document(uri, fetch=fetch, cache_dir=cache_dir))
    builder = _Builder(resources, adapter, version, quirks)
    try:
        return builder.api(name or Path(document.uri).stem)
    except UnsupportedKeyword as error:
        if error.line is not None:
            raise
        origin = Origin(error.document, error.pointer)
        raise UnsupportedKeyword(
            resources.name(origin), error.reason, pointer=error.pointer, line=resources.line(origin)
        ) from error


@final
class _Builder:
    """Reads the root, path items and operations; what travels is left to `MessageReader`."""

    def __init__(self, resources: Resources, adapter: Adapter, version: str, quirks: list[Quirk]) -> None:
        space = SchemaSpace(resources, adapter.dialect)
        self.resources = resources
        self.adapter = adapter
        self.version = version
        self.quirks = quirks
        self.annotations = AnnotationReader(space)
        self.security = SecurityReader(resources, adapter, self.quirks)
        self.messages = MessageReader(
            resources, adapter, space, self.annotations, self.quirks, lambda place: self.operation_names.get(place, "")
        )
        self.open: set[Origin] = set()
        self.read_callbacks: dict[Origin, Mapping[str, tuple[Operation, ...]]] = {}

    def api(self, name: str) -> Api:
        root = self.resources.root
        info = root.value["info"] if isinstance(root.value.get("info"), dict) else {}
        self.resources.follow([each for key in ("paths", "webhooks") for _, each in root.members(key)])
        operations = tuple(
            operation for path, node in self.paths for operation in self.path_item(path, node, self.servers)
        )
        webhooks = {key: tuple(self.path_item("/", node, self.servers)) for key, node in root.members("webhooks")}
        self.check_names(operations)
        errors = self.annotations.errors(root)
        self.annotations.refuse_strays()
        return Api(
            name=name,
            title=str(info.get("title", name)),
            version=str(info.get("version", "")),
            openapi=self.version,
            description=str(info.get("description") or ""),
            servers=self.servers,
            operations=operations,
            webhooks=webhooks,
            security_schemes=self.security.schemes,
            tags=tuple(str(tag.value["name"]) for tag in root.items("tags") if tag.find("name")),
            errors=errors,
            resources=self.annotations.behaviour.resources,
            limits=self.annotations.limits.limits,
            origin=root.origin,
            quirks=tuple(self.quirks),
            files=tuple(
                file
                for document in self.resources.documents
                for file in (document.uri, *(overlay.uri for overlay in document.overlays))
            ),
        )

    @cached_property
    def servers(self) -> tuple[Server, ...]:
        found = read_servers(self.adapter.servers(self.resources.root.value))
        return found or (Server("/", "", {}),)  # 3.2, OpenAPI Object, `servers`

    @cached_property
    def paths(self) -> tuple[tuple[str, Node], ...]:
        """Path Item Objects by path; one without the leading slash is read as if it had it."""
        found: dict[str, Node] = {}
        for key, node in self.resources.root.members("paths"):
            path = key if key.startswith("/") else f"/{key}"
            if key.startswith("x-"):
                continue
            if path in found:
                self.quirks.append(Quirk(node.origin, f"the path {path} is there already; this one is ignored"))
                continue
            if path is not key:
                self.quirks.append(Quirk(node.origin, f"a path begins with a slash; read as {path}"))
            bare = bare_path(path)
            if bare != path:
                part = "fragment" if path[len(bare)] == "#" else "query"
                told = "told from others with that path by the parameters that it requires"
                self.quirks.append(Quirk(node.origin, f"a path has no {part}: {path} is served as {bare}, {told}"))
            found[path] = node
        return tuple(found.items())

    @cached_property
    def operation_names(self) -> Mapping[Origin, str]:
        """`operationId`, or label, of what stands below `paths`, for links by `operationRef`."""
        return {
            node.origin: str(node.value.get("operationId") or f"{method} {path}")
            for path, item in self.paths
            for method, node in self.operation_nodes(self.path_item_node(item))
        }

    def path_item(self, path: str, node: Node, servers: Sequence[Server]) -> Iterator[Operation]:
        item = self.path_item_node(node)
        for method, operation in self.operation_nodes(item):
            yield self.operation(method, path, item, operation, read_servers(item.get("servers")) or servers)

    def path_item_node(self, node: Node) -> Node:
        """A Path Item Object with what stands beside its `$ref`."""
        item = self.resources.get_object(node, "a Path Item Object")
        beside = {key: node.member(key) for key in node.value if key != "$ref"} if "$ref" in node.value else {}
        return Node({**{key: item.member(key) for key in item.value}, **beside}, item.origin, item.base)

    def operation_nodes(self, item: Node) -> Iterator[tuple[str, Node]]:
        """Each operation of a path item with its method."""
        for key in self.adapter.fixed_methods:
            node = item.find(key)
            if node is not None:
                yield key.upper(), self.resources.get_object(node, "an Operation Object")
        for method, node in item.members("additionalOperations"):
            yield method, self.resources.get_object(node, "an Operation Object")

    def operation(self, method: str, path: str, item: Node, node: Node, servers: Sequence[Server]) -> Operation:
        raw, root = node.value, self.resources.root.value
        parameters = self.messages.parameter_nodes(item, node)
        if path.startswith("/"):  # else it is a callback's, an expression
            parameters = read_path_query(path, parameters, item)
        return Operation(
            id=str(raw.get("operationId") or ""),
            method=method,
            path=PathTemplate(path),
            summary=str(raw.get("summary") or item.get("summary") or ""),
            description=str(raw.get("description") or item.get("description") or ""),
            tags=names(raw.get("tags")),
            deprecated=raw.get("deprecated") is True,
            parameters=tuple(self.messages.parameters(parameters)),
            request_body=self.messages.request_body(node, parameters, names(raw.get("consumes", root.get("consumes")))),
            responses=tuple(self.messages.responses(node, names(raw.get("produces", root.get("produces"))))),
            security=self.security.requirements(raw.get("security", root.get("security")), node),
            servers=read_servers(raw.get("servers")) or tuple(servers),
            callbacks=self.callbacks(node),
            origin=node.origin,
            action=self.annotations.action(node),
            errors=self.annotations.kinds(node),
            limits=self.annotations.operation_limits(node),
        )

    def callbacks(self, node: Node) -> Mapping[str, tuple[Operation, ...]]:
        """None below an operation that is itself reached by its own callbacks: they would have no end."""
        if node.origin in self.read_callbacks:
            return self.read_callbacks[node.origin]
        if node.origin in self.open:
            return {}
        self.open.add(node.origin)
        found = {}
        for name, each in node.members("callbacks"):
            callback = self.resources.get_object(each, "a Callback Object")
            found[name] = tuple(
                operation
                for expression in callback.value
                if not expression.startswith("x-")
                for operation in self.path_item(expression, callback.member(expression), self.servers)
            )
        self.open.discard(node.origin)
        self.read_callbacks[node.origin] = found
        return found

    def check_names(self, operations: Sequence[Operation]) -> None:
        seen: dict[str, Operation] = {}
        for operation in operations:
            first = seen.setdefault(operation.id, operation)
            if operation.id and first is not operation:
                message = f"operationId {operation.id!r} belongs to {first.label} as well; the first one keeps it"
                self.quirks.append(Quirk(operation.origin, message))
