"""Follow `$ref`: the only module that resolves a JSON Pointer in a document.

A reference is resolved against the base URI of the place it stands in (RFC 3986, section 5): the document's `$self`
or own URI, changed by each `$id` of the schemas around it (JSON Schema Core, section 8.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from understudy.specs.document import Document, Json
from understudy.specs.errors import DocumentError, UnresolvableReference
from understudy.specs.model import Origin
from understudy.specs.pointers import JsonPointer, child, from_fragment, tokens

__all__ = ["Node", "Resources"]

CLAUSE: Final = "https://spec.openapis.org/oas/v3.2.0.html#reference-object"
MAX_HOPS: Final = 100
# A schema under these keys is data, not a schema: a `$id` in an example identifies nothing.
_DATA_KEYS: Final = frozenset({"example", "examples", "default", "const", "enum", "x-understudy"})


@final
@dataclass(frozen=True, slots=True)
class Node:
    """A place in a document: its value, its origin, and the base URI of references in it."""

    value: Json
    origin: Origin
    base: str

    def member(self, *keys: str | int) -> Node:
        """The node of a member or item. The base stays: only schemas change it, and they are resolved by pointer."""
        value = self.value
        for key in keys:
            value = value[key]
        return Node(value, Origin(self.origin.uri, child(self.origin.pointer, *keys)), self.base)

    def members(self, key: str) -> Iterator[tuple[str, Node]]:
        """Each member of the object under ``key``, in document order; nothing where it is absent or no object."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        if isinstance(value, dict):
            for name in value:
                yield name, self.member(key, name)

    def items(self, key: str) -> Iterator[Node]:
        """Each item of the array under ``key``; nothing where it is absent or no array."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        if isinstance(value, list):
            for index in range(len(value)):
                yield self.member(key, index)


class Resources:
    """Every document that can be reached from one entry document, read when first referred to.

    Args:
        entry: The document the user named.
        read: Reads a further document by URI; raises `DocumentError`.
    """

    def __init__(self, entry: Document, read: Callable[[str], Document]) -> None:
        self.entry = entry
        self._read = read
        self._documents: dict[str, Document] = {}
        self._nodes: dict[tuple[str, str], Node] = {}
        self._identified: dict[str, Node] = {}
        self._scanned: set[str] = set()
        self._bases: dict[str, str] = {}
        self._add(entry)

    @property
    def files(self) -> tuple[str, ...]:
        """URIs of the documents read so far, the entry first."""
        return tuple(dict.fromkeys(document.uri for document in self._documents.values()))

    @property
    def root(self) -> Node:
        """The entry document's root."""
        return self.at(self.entry.uri, "")

    def line(self, origin: Origin) -> int | None:
        """The 1-based line of a place; None when it isn't known."""
        document = self._documents.get(origin.uri)
        return document.line(origin.pointer) if document else None

    def at(self, uri: str, pointer: str) -> Node:
        """The node at a pointer in a document.

        Raises:
            UnresolvableReference: The pointer leads nowhere.
        """
        known = self._nodes.get((uri, pointer))
        if known is not None:
            return known
        document = self._document(uri)
        value = document.tree
        base = self._bases[document.uri]
        parent = ""
        for token in tokens(pointer):
            if parent and isinstance(value, dict) and isinstance(value.get("$id"), str):
                base = urljoin(base, value["$id"])
            try:
                value = value[int(token)] if isinstance(value, list) else value[token]
            except (KeyError, IndexError, ValueError, TypeError):
                raise self._nowhere(document, pointer, parent, token, value) from None
            parent = token
        if parent and isinstance(value, dict) and isinstance(value.get("$id"), str):
            base = urljoin(base, value["$id"])
        node = Node(value, Origin(document.uri, JsonPointer(pointer)), base)
        self._nodes[(uri, pointer)] = node
        return node

    def target(self, reference: str, source: Node) -> Node:
        """The node that a reference names, which may itself be a reference.

        Raises:
            UnresolvableReference: It leads nowhere; the message names the place of the reference.
        """
        uri, fragment = urldefrag(urljoin(source.base, reference))
        try:
            if uri == source.base and (not fragment or fragment.startswith("/")) and not self._inside_id(source):
                return self.at(source.origin.uri, from_fragment(fragment))
            return self._by_uri(uri, fragment)
        except UnresolvableReference as error:
            raise UnresolvableReference(
                self.entry.name if source.origin.uri == self.entry.uri else source.origin.uri,
                f"$ref {reference!r} leads nowhere: {error.reason}",
                pointer=source.origin.pointer,
                line=self.line(source.origin),
                clause=CLAUSE,
            ) from error
        except DocumentError as error:
            raise UnresolvableReference(
                self.entry.name if source.origin.uri == self.entry.uri else source.origin.uri,
                f"$ref {reference!r} can't be followed: {error}",
                pointer=source.origin.pointer,
                line=self.line(source.origin),
                clause=CLAUSE,
            ) from error

    def resolve(self, node: Node) -> Node:
        """Follow a node's `$ref`, and that one's, to an object that is no reference.

        Raises:
            UnresolvableReference: It leads nowhere, or back to itself.
        """
        start = node
        for _ in range(MAX_HOPS):
            reference = node.value.get("$ref") if isinstance(node.value, dict) else None
            if not isinstance(reference, str):
                return node
            node = self.target(reference, node)
            if node.origin == start.origin:
                break
        raise UnresolvableReference(
            self.entry.name,
            f"$ref {start.value['$ref']!r} leads back to itself; one of the references must hold an object",
            pointer=start.origin.pointer,
            line=self.line(start.origin),
            clause=CLAUSE,
        )

    def _inside_id(self, node: Node) -> bool:
        return node.base != self._bases.get(node.origin.uri)

    def _by_uri(self, uri: str, fragment: str) -> Node:
        """A node by absolute URI: in a document, or in a schema that some `$id` gives this URI."""
        found = None
        if uri not in self._documents:
            remote = urlsplit(uri).scheme in ("http", "https")
            found = self._identified_nodes().get(uri) if remote else None
            if found is None:
                try:
                    self._document(uri)
                except DocumentError:
                    found = self._identified_nodes().get(uri)
                    if found is None:
                        raise
        if fragment and not fragment.startswith("/"):
            base = found.base if found else self._bases[self._documents[uri].uri]
            anchored = self._identified_nodes().get(f"{base}#{unquote(fragment)}")
            if anchored is None:
                raise UnresolvableReference(uri, f"no $anchor {fragment!r} there")
            return anchored
        if found is None:
            return self.at(self._documents[uri].uri, from_fragment(fragment))
        return self.at(found.origin.uri, found.origin.pointer + from_fragment(fragment))

    def _identified_nodes(self) -> Mapping[str, Node]:
        """Schemas by their `$id`, and by base URI and `$anchor` or `$dynamicAnchor`."""
        for uri in self.files:
            if uri not in self._scanned:
                self._scanned.add(uri)
                self._identify(self._documents[uri])
        return self._identified

    def _identify(self, document: Document) -> None:
        stack: list[tuple[Json, str, str]] = [(document.tree, "", self._bases[document.uri])]
        while stack:
            value, pointer, base = stack.pop()
            if isinstance(value, dict):
                if pointer and isinstance(value.get("$id"), str):
                    base = urljoin(base, value["$id"])
                    self._identified.setdefault(urldefrag(base)[0], self.at(document.uri, pointer))
                for keyword in ("$anchor", "$dynamicAnchor"):
                    if isinstance(value.get(keyword), str):
                        self._identified.setdefault(f"{base}#{value[keyword]}", self.at(document.uri, pointer))
                stack.extend(
                    (item, child(pointer, key), base)
                    for key, item in value.items()
                    if key not in _DATA_KEYS and isinstance(item, (dict, list))
                )
            elif isinstance(value, list):
                stack.extend((item, child(pointer, i), base) for i, item in enumerate(value))

    def _document(self, uri: str) -> Document:
        document = self._documents.get(uri)
        if document is None:
            self._check_reachable(uri)
            document = self._add(self._read(uri))
            self._documents.setdefault(uri, document)
        return document

    def _add(self, document: Document) -> Document:
        own = document.tree.get("$self") if isinstance(document.tree, dict) else None
        base = urldefrag(urljoin(document.uri, own))[0] if isinstance(own, str) else document.uri
        self._documents[document.uri] = document
        self._documents.setdefault(base, document)
        self._bases[document.uri] = base
        return document

    def _check_reachable(self, uri: str) -> None:
        """A document read from disk may refer to files, one that was fetched only to its own host."""
        entry, wanted = urlsplit(self.entry.uri), urlsplit(uri)
        if entry.scheme in ("http", "https"):
            if (wanted.scheme, wanted.netloc) != (entry.scheme, entry.netloc):
                raise UnresolvableReference(uri, f"it is not on {entry.netloc}, where the document came from")
        elif wanted.scheme not in ("", "file"):
            raise UnresolvableReference(
                uri, "remote documents are not fetched; save it beside the document, or give the document by URL"
            )

    def _nowhere(self, document: Document, pointer: str, parent: str, token: str, value: Json) -> UnresolvableReference:
        where = f"under {parent!r}" if parent else "at the root"
        known = ", ".join(sorted(str(key) for key in value)[:8]) if isinstance(value, dict) else ""
        reason = f"there is no {token!r} {where} of {Path(document.uri).name}" + (f" (there: {known})" if known else "")
        return UnresolvableReference(document.name, reason, pointer=pointer)
