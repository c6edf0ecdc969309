"""The shipped documents, and how a user names a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urljoin

from understudy.specs.build import build_api
from understudy.specs.documents.document import Document, Json, read_document
from understudy.specs.errors import DocumentUnreadable, OverlayRefused
from understudy.specs.model import Api
from understudy.specs.pointers import JsonPointer

if TYPE_CHECKING:
    from understudy.specs.documents.overlay import Overlay

__all__ = ["SHIPPED", "extended_by", "is_same", "load_api", "locate"]

SHIPPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "quantcdn-ai": "QuantCDN AI: chat, sessions, embeddings, images",
        "quantum-nexus": "Quantum AI Nexus: streamed text, images, voice, jobs",
        "aivax": "AIVAX: chat completions, RAG collections, skills, web chat",
    }
)
"""Name → one line about it, in the order they are listed."""


def locate(spec: str) -> str:
    """Where a document named on the command line lies: a shipped name, a path or a URL.

    Raises:
        DocumentUnreadable: It is neither; the message lists the shipped names.
    """
    if spec in SHIPPED:
        return str(files("understudy.specs") / spec / "openapi.yaml")
    if spec.startswith(("http://", "https://")) or Path(spec).exists():
        return spec
    shipped = ", ".join(SHIPPED)
    raise DocumentUnreadable(spec, f"no such file or directory, and not a shipped document ({shipped})")


def load_api(spec: str, *, cache_dir: Path | None = None, overlays: Sequence[str] = ()) -> Api:
    """Read and build the document that a user named.

    Args:
        spec: A shipped name, a path to a file or directory, or an http(s) URL.
        cache_dir: Where parsed documents are kept; None keeps none.
        overlays: Paths or URLs of overlays that are merged into it, in this order.

    Raises:
        DocumentError: It can't be used; the message says why and where.
    """
    remote = spec.startswith(("http://", "https://"))
    document = read_document(locate(spec), name=spec, fetch=remote, cache_dir=cache_dir)
    read = [_read_overlay(each, document) for each in overlays]
    if not overlays and _says_overlay(document.tree):
        raise OverlayRefused(spec, "is an overlay: name the description, and this with --overlay")
    name = spec if spec in SHIPPED else ""
    return build_api(document, name=name, fetch=remote, overlays=read, cache_dir=cache_dir)


def extended_by(overlay: str) -> str:
    """The path or URL of the description that an overlay says it was made for; empty where it doesn't say.

    Raises:
        DocumentError: It can't be read.
    """
    from understudy.specs.documents.overlay import read_overlay

    read = read_overlay(read_document(overlay, fetch=True))
    return _target(read.document.uri, read.extends) if read.extends else ""


def _read_overlay(location: str, document: Document) -> Overlay:
    from understudy.specs.documents.overlay import read_overlay, refusal  # only who has one pays for JSONPath

    overlay = read_overlay(read_document(location, fetch=True))
    if overlay.extends and not is_same(_target(overlay.document.uri, overlay.extends), document.uri):
        reason = f"says that it was made for {overlay.extends}, not for {document.name}: mend or leave out `extends`"
        raise refusal(overlay.document, JsonPointer("/extends"), reason)
    return overlay


def is_same(one: str, other: str) -> bool:
    """Whether two paths or URLs lead to one document."""
    return one == other or (Path(one).exists() and Path(other).exists() and Path(one).samefile(other))


def _target(overlay: str, extends: str) -> str:
    """Where `extends` leads: a path, or a URL."""
    if extends in SHIPPED:
        return locate(extends)
    base = overlay if overlay.startswith(("http://", "https://")) else quote(overlay)
    found = urljoin(base, extends)
    return found if found.startswith(("http://", "https://")) else unquote(found.removeprefix("file://"))


def _says_overlay(tree: Json) -> bool:
    return isinstance(tree, dict) and "overlay" in tree and not {"openapi", "swagger"} & tree.keys()
