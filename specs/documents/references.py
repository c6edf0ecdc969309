"""Follow `$ref`: the only module that resolves a JSON Pointer in a document.

A reference is resolved against the base URI of the place it stands in (RFC 3986, section 5): the document's `$self`
or own URI, changed by each `$id` of the schemas around it (JSON Schema Core, section 8.2).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from understudy.specs.documents.document import Document, Json
from understudy.specs.documents.node import Node
from understudy.specs.documents.tree_walk import walk_objects
from understudy.specs.errors import DocumentError, UnresolvableReference
from understudy.specs.model import Origin
from understudy.specs.pointers import JsonPointer, child, from_fragment, tokens

__all__ = ["Resources"]

CLAUSE: Final = "https://spec.openapis.org/oas/v3.2.0.html#reference-object"
MAX_HOPS: Final = 100
MAX_DOCUMENTS: Final = 5000
"""How many documents may be read for one description; a server could make up new ones for ever."""
_IDENTIFIERS: Final = (b"$id", b"$anchor", b"$dynamicAnchor", rb"\u0024", rb"\U00000024", rb"\x24")
"""What a text has in it where a schema has a name of its own: the keywords, or an escaped dollar sign."""


class Resources:
    """Every document that can be reached from one entry document, read when first referred to.

    A document read from disk may refer to any file, but not to the network; one that was fetched, only to the host it
    came from.

    Args:
        entry: The document the user named.
        read: Reads a further document by path or URL; raises `DocumentError`.
    """

    def __init__(self, entry: Document, read: Callable[[str], Document]) -> None:
        self.entry = entry
        self._read = read
        self._documents: dict[str, Document] = {}
        self._by_base: dict[str, Document] = {}
        self._bases: dict[str, str] = {}
        self._nodes: dict[tuple[str, str], Node] = {}
        self._identified: dict[str, Node] = {}
        self._dynamic: dict[str, dict[str, Node]] = {}
        self._unsearched: list[Document] = []
        self._followed: dict[Origin, None] = {}
        self._add(entry)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents read so far, the entry first."""
        return tuple(self._documents.values())

    @property
    def followed(self) -> tuple[Origin, ...]:
        """Where the references led that `follow` met, in the order in which it met them, each once."""
        return tuple(self._followed)

    @property
    def root(self) -> Node:
        """The entry document's root."""
        return self.at(self.entry.uri, "")

    def name(self, origin: Origin) -> str:
        """What errors call the document of a place: the entry as the user gave it, others by path or URL."""
        if origin.uri != self.entry.uri:
            return origin.uri
        return self.entry.source_of(origin.pointer)[0] if self.entry.merged else self.entry.name

    def line(self, origin: Origin) -> int | None:
        """The 1-based line of a place."""
        document = self._documents.get(origin.uri)
        return document.source_of(origin.pointer)[1] if document else None

    def error(self, node: Node, reason: str, *, clause: str = "") -> DocumentError:
        """What is wrong at a place."""
        origin = node.origin
        return DocumentError(self.name(origin), reason, pointer=origin.pointer, line=self.line(origin), clause=clause)

    def at(self, uri: str, pointer: str) -> Node:
        """The node at a pointer in a document that was read; ``uri`` is that of its Origin.

        Raises:
            UnresolvableReference: The pointer leads nowhere.
        """
        known = self._nodes.get((uri, pointer))
        if known is not None:
            return known
        document = self._documents[uri]
        value, base = document.tree, self._bases[uri]
        place = ""
        for token in tokens(pointer):
            try:
                value = value[int(token)] if isinstance(value, list) else value[token]
            except (KeyError, IndexError, ValueError, TypeError):
                raise self._nowhere(document, place, token, value) from None
            place = child(place, token)
            if isinstance(value, dict) and isinstance(value.get("$id"), str):
                base = urljoin(base, value["$id"])
        node = Node(value, Origin(uri, JsonPointer(pointer)), base)
        self._nodes[(uri, pointer)] = node
        return node

    def target(self, reference: str, source: Node) -> Node:
        """The node that a reference names, which may itself be a reference.

        Raises:
            UnresolvableReference: It leads nowhere; the message names the place of the reference.
        """
        try:
            if reference.startswith("#/") and source.base == self._bases[source.origin.uri]:
                return self.at(source.origin.uri, from_fragment(reference[1:]))
            return self._by_uri(*urldefrag(urljoin(source.base, reference)))
        except UnresolvableReference as error:
            raise self._unresolvable(source, f"$ref {reference!r} leads nowhere: {error.reason}") from error
        except (DocumentError, ValueError) as error:
            raise self._unresolvable(source, f"$ref {reference!r} can't be followed: {error}") from error

    def find_target(self, reference: str, source: Node) -> Node | None:
        """As `target`; None when the reference leads nowhere."""
        try:
            return self.target(reference, source)
        except UnresolvableReference:
            return None

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
        raise self._unresolvable(
            start, f"$ref {start.value['$ref']!r} leads back to itself; one of the references must hold an object"
        )

    def get_object(self, node: Node, what: str) -> Node:
        """Where a node's `$ref` leads, which has to be an object.

        Args:
            what: As a message names it: ``a Response Object``.

        Raises:
            DocumentError: It is no object.
            UnresolvableReference: It leads nowhere, or back to itself.
        """
        node = self.resolve(node)
        if not isinstance(node.value, dict):
            raise self.error(node, f"here should be {what}, but there is {_KINDS.get(type(node.value), 'a number')}")
        return node

    def follow(self, starts: Iterable[Node]) -> None:
        """Follow every reference that can be reached, and so read every document that belongs to the description.

        Raises:
            UnresolvableReference: The first one that leads nowhere or only to itself.
        """
        waiting, seen = deque(starts), set[int]()
        while waiting:
            node = waiting.popleft()
            if id(node.value) in seen:
                continue
            for value, pointer, base in walk_objects(node.value, node.origin.pointer, node.base):
                if id(value) in seen:
                    continue
                seen.add(id(value))
                for keyword in ("$ref", "$dynamicRef"):
                    if isinstance(value.get(keyword), str):
                        source = Node(value, Origin(node.origin.uri, pointer), base)
                        self.resolve(source)
                        target = self.target(value[keyword], source)
                        self._followed.setdefault(target.origin)
                        waiting.append(target)

    def _by_uri(self, uri: str, fragment: str) -> Node:
        resource = self._identified_nodes().get(uri)
        if resource is None:
            resource = self.at(self._document(uri).uri, "")
        if not fragment or fragment.startswith("/"):
            return self.at(resource.origin.uri, resource.origin.pointer + from_fragment(fragment))
        anchored = self._identified_nodes().get(f"{resource.base}#{unquote(fragment)}")
        if anchored is None:
            raise UnresolvableReference(
                uri, f"no $anchor {unquote(fragment)!r} there (a JSON Pointer begins with '#/')"
            )
        return anchored

    def dynamic_anchors(self, base: str) -> Mapping[str, Node]:
        """The `$dynamicAnchor`s of one schema resource, by name; none for most documents."""
        self._identified_nodes()
        return self._dynamic.get(base, {})

    def _identified_nodes(self) -> Mapping[str, Node]:
        """Schemas by their `$id`, and by base URI and `$anchor` or `$dynamicAnchor`."""
        while self._unsearched:
            document = self._unsearched.pop(0)
            if not any(document.mentions(each) for each in _IDENTIFIERS):
                continue
            for value, pointer, base in walk_objects(document.tree, "", self._bases[document.uri]):
                if pointer and isinstance(value.get("$id"), str):
                    self._identified.setdefault(urldefrag(base)[0], self.at(document.uri, pointer))
                for keyword in ("$anchor", "$dynamicAnchor"):
                    if isinstance(value.get(keyword), str):
                        found = self.at(document.uri, pointer)
                        self._identified.setdefault(f"{base}#{value[keyword]}", found)
                        if keyword == "$dynamicAnchor":
                            self._dynamic.setdefault(base, {}).setdefault(value[keyword], found)
        return self._identified

    def _document(self, uri: str) -> Document:
        document = self._by_base.get(uri)
        if document is None:
            if len(self._documents) >= MAX_DOCUMENTS:
                raise UnresolvableReference(uri, f"{MAX_DOCUMENTS} documents have been read already")
            document = self._read(self._locate(uri))
            document = self._documents.get(document.uri) or self._add(document)
            self._by_base[uri] = document
        return document

    def _add(self, document: Document) -> Document:
        # References are URIs, paths are not: `C#/api.yaml` is the URI `C%23/api.yaml`.
        own = document.uri if urlsplit(document.uri).scheme in ("http", "https") else quote(document.uri)
        named = document.tree.get("$self") if isinstance(document.tree, dict) else None
        base = urldefrag(urljoin(own, named))[0] if isinstance(named, str) else own
        self._documents[document.uri] = document
        self._by_base[own] = document
        self._by_base.setdefault(base, document)
        self._bases[document.uri] = base
        self._unsearched.append(document)
        return document

    def _locate(self, uri: str) -> str:
        """The path or URL to read.

        Raises:
            UnresolvableReference: The description may not refer to it.
        """
        entry, wanted = urlsplit(self.entry.uri), urlsplit(uri)
        if entry.scheme in ("http", "https"):
            if (wanted.scheme, wanted.netloc) != (entry.scheme, entry.netloc):
                raise UnresolvableReference(uri, f"it is not on {entry.netloc}, where the document came from")
            return uri
        if wanted.scheme not in ("", "file") or wanted.netloc:
            raise UnresolvableReference(
                uri, "remote documents are not fetched; save it beside the document, or give the document by URL"
            )
        path = Path(unquote(wanted.path))
        if path.exists() and not path.is_file():
            raise UnresolvableReference(uri, f"{path} is not a file")
        return str(path)

    def _unresolvable(self, source: Node, reason: str) -> UnresolvableReference:
        origin = source.origin
        return UnresolvableReference(
            self.name(origin), reason, pointer=origin.pointer, line=self.line(origin), clause=CLAUSE
        )

    def _nowhere(self, document: Document, place: str, token: str, value: Json) -> UnresolvableReference:
        where = f"under {place}" if place else "at the root"
        known = ", ".join(sorted(str(key) for key in value)[:8]) if isinstance(value, dict) else ""
        reason = f"there is no {token!r} {where} of {Path(document.uri).name}" + (f" (there: {known})" if known else "")
        return UnresolvableReference(document.name, reason, pointer=place)


_KINDS: Final = {
    type(None): "nothing",
    bool: "a Boolean",
    str: "a string",
    list: "an array",
}
