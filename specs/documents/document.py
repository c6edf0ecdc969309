"""Read a document: a file, a directory or a URL to a plain tree, with the line of every place."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import unquote, urlsplit

from understudy.specs.documents import cache as document_cache
from understudy.specs.documents import json_text, yaml12, yaml_places
from understudy.specs.documents.fetching import fetch_url
from understudy.specs.documents.places import Place
from understudy.specs.errors import DocumentUnreadable

__all__ = ["Document", "Json", "Syntax", "noting_files", "parse_document", "read_document"]

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, Decimal, str, list or dict with string keys. The one place that says Any."""

MAX_BYTES: Final = 64 * 1024 * 1024
"""The largest document that is read, in octets."""

ENTRY_NAMES: Final = tuple(f"{stem}.{suffix}" for stem in ("openapi", "swagger") for suffix in ("yaml", "yml", "json"))
"""What the entry document of a directory may be called."""

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_WIDTHS: Final = {
    b"\1\1\1\0": "utf-32-be",
    b"\0\1\1\1": "utf-32-le",
    b"\1\0\1\0": "utf-16-be",
    b"\0\1\0\1": "utf-16-le",
}
"""Which of the first four octets are zero → the encoding."""


_NOTED: Final[ContextVar[set[str] | None]] = ContextVar("noted files", default=None)


class Syntax(Enum):
    """How the text of a document is written."""

    JSON = "json"
    YAML = "yaml"


@dataclass(frozen=True)
class Document:
    """One file of a description, as a plain tree. The tree is never changed; equal parts of it may be one object.

    Attributes:
        uri: Absolute path, or the URL that answered, after redirects: the base of relative references.
        name: As the user gave it; errors show it.
        tree: An object or an array with string keys throughout, every number finite.
        source: The text it was read from, as UTF-8 without a byte order mark.
        syntax: How the text is written.
        overlays: What was merged into the tree, in this order.
        merged: Where in the tree that lies: pointer → the overlay's URI and the pointer in it.
    """

    uri: str
    name: str
    tree: Json
    source: bytes = field(repr=False, compare=False)
    syntax: Syntax
    overlays: tuple[Document, ...] = ()
    merged: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def source_of(self, pointer: str) -> tuple[str, int]:
        """What errors call the text that a place stands in, and its line there: an overlay where it comes from one."""
        place = pointer
        while self.merged and place not in self.merged and place:
            place = place.rpartition("/")[0]
        if place not in self.merged:
            return self.name, self.line(pointer)
        uri, at = self.merged[place]
        overlay = next(each for each in self.overlays if each.uri == uri)
        return f"{overlay.name} (over {self.name})", overlay.line(at + pointer[len(place) :])

    def mentions(self, text: bytes) -> bool:
        """Whether a text that the tree was read from has some octets in it."""
        return text in self.source or any(text in each.source for each in self.overlays)

    def line(self, pointer: str) -> int:
        """The 1-based line of a place, or of the nearest place around it that the text has.

        The first call reads the text once more, so that loading costs nothing for lines that nobody asks for.
        """
        return self._places.find_line(pointer)

    @cached_property
    def _places(self) -> Place:
        return (
            json_text.find_places(self.source) if self.syntax is Syntax.JSON else yaml_places.find_places(self.source)
        )


@contextmanager
def noting_files() -> Iterator[set[str]]:
    """The paths of all files that are read in the block, or were to be, by this thread; URLs aren't among them."""
    noted: set[str] = set()
    token = _NOTED.set(noted)
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def read_document(
    location: str, *, name: str | None = None, fetch: bool = False, cache_dir: Path | None = None
) -> Document:
    """Read a document from where it lies.

    Args:
        location: Path of a file; path of a directory that holds exactly one entry document (`ENTRY_NAMES`);
            `file:` URL; `http:` or `https:` URL.
        name: What errors call the document; ``location`` when not given.
        fetch: Whether the network may be used. False refuses `http:` and `https:` URLs.
        cache_dir: Where parsed YAML of some size is kept, made when absent; None keeps nothing.

    Raises:
        DocumentUnreadable: The document is absent, may not be read, is too large, or is neither JSON nor YAML.
    """
    name = location if name is None else name
    uri, data = _read_url(location, name, fetch) if _is_url(location) else _read_file(location, name)
    return parse_document(data, uri, name=name, cache_dir=cache_dir)


def parse_document(data: bytes, uri: str, *, name: str | None = None, cache_dir: Path | None = None) -> Document:
    """Make a document of its octets. Whether they are JSON or YAML is told by the text, not by a file name.

    Args:
        data: UTF-8, or UTF-16 or UTF-32; with or without byte order mark.
        uri: Absolute path or URL; see `Document`.
        name: What errors call the document; ``uri`` when not given.
        cache_dir: As for `read_document`.

    Raises:
        DocumentUnreadable: Not text, not YAML or JSON, larger than 64 MiB, nested more than 256 deep, a key that
            comes twice in one object, a number that JSON cannot say, or neither an object nor an array.
    """
    name = uri if name is None else name
    if len(data) > MAX_BYTES:
        raise DocumentUnreadable(name, f"is larger than {MAX_BYTES // 1024**2} MiB")
    source = _to_utf8(data, name)
    if not source.strip():
        raise DocumentUnreadable(name, "is empty")
    if source.lstrip()[:1] == b"<":
        raise DocumentUnreadable(name, "is markup (HTML or XML), not YAML or JSON", line=1)
    tree, syntax = _parse_text(source, name, cache_dir)
    if not isinstance(tree, dict | list):
        raise DocumentUnreadable(name, f"holds one {_KINDS[type(tree)]}, not an object", line=1)
    return Document(uri, name, tree, source, syntax)


_KINDS: Final = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}


def _parse_text(source: bytes, name: str, cache_dir: Path | None) -> tuple[Json, Syntax]:
    if not json_text.looks_like_json(source):
        return _parse_yaml(source, name, cache_dir), Syntax.YAML
    try:
        return json_text.parse_json(source, name), Syntax.JSON
    except json_text.NotJson as not_json:
        try:
            return _parse_yaml(source, name, cache_dir), Syntax.YAML
        except DocumentUnreadable:
            raise not_json from not_json.__cause__


def _parse_yaml(source: bytes, name: str, cache_dir: Path | None) -> Json:
    if cache_dir is None or len(source) < document_cache.WORTH_KEEPING:
        return yaml12.parse_yaml(source, name)
    entry = document_cache.entry_path(cache_dir, source)
    tree = document_cache.find_tree(entry)
    if tree is None:
        tree = yaml12.parse_yaml(source, name)
        document_cache.keep_tree(entry, tree)
    return tree


def _to_utf8(data: bytes, name: str) -> bytes:
    encoding = "utf-8"
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], marked
            break
    else:
        # The first character of a document is ASCII, so the zeros around it tell the width (YAML 1.2.2, section 5.2).
        zeros = bytes(octet == 0 for octet in data[:4])
        encoding = _WIDTHS.get(zeros, encoding)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1 if encoding == "utf-8" else None
        reason = f"is not text: octet {error.start} is not {encoding.upper()}; save it as UTF-8"
        raise DocumentUnreadable(name, reason, line=line) from error
    return data if encoding == "utf-8" else text.encode()


def _is_url(location: str) -> bool:
    return urlsplit(location).scheme in ("http", "https", "file") and "://" in location


def _read_url(location: str, name: str, allowed: bool) -> tuple[str, bytes]:
    parts = urlsplit(location)
    if parts.scheme == "file":
        return _read_file(unquote(parts.path), name)
    if not allowed:
        raise DocumentUnreadable(name, "is a URL, and the network may be used only for a URL that you name yourself")
    return fetch_url(location, name, max_bytes=MAX_BYTES)


def _read_file(location: str, name: str) -> tuple[str, bytes]:
    try:
        path = Path(os.path.abspath(location))  # noqa: PTH100 - relative references count from the link, not its target
        noted = _NOTED.get()
        if noted is not None:
            noted.add(str(path))
        if path.is_dir():
            path = _get_entry(path, name)
            if noted is not None:
                noted.add(str(path))
        with path.open("rb") as file:
            return str(path), file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise DocumentUnreadable(name, "there is no such file") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DocumentUnreadable(name, f"cannot be read: {reason}") from error


def _get_entry(directory: Path, name: str) -> Path:
    found = [entry for entry in ENTRY_NAMES if (directory / entry).is_file()]
    if len(found) != 1:
        reason = (
            f"holds {' and '.join(found)}; name one of them" if found else f"holds none of {', '.join(ENTRY_NAMES)}"
        )
        raise DocumentUnreadable(name, f"the directory {reason}")
    return directory / found[0]
