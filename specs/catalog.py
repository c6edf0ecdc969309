"""The shipped documents, and how a user names a document."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from understudy.specs.build import build_api
from understudy.specs.documents.document import read_document
from understudy.specs.errors import DocumentUnreadable
from understudy.specs.model import Api

__all__ = ["SHIPPED", "load_api", "locate"]

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


def load_api(spec: str, *, cache_dir: Path | None = None) -> Api:
    """Read and build the document that a user named.

    Args:
        spec: A shipped name, a path to a file or directory, or an http(s) URL.
        cache_dir: Where parsed documents are kept; None keeps none.

    Raises:
        DocumentError: It can't be used; the message says why and where.
    """
    remote = spec.startswith(("http://", "https://"))
    document = read_document(locate(spec), name=spec, fetch=remote, cache_dir=cache_dir)
    return build_api(document, name=spec if spec in SHIPPED else "", fetch=remote)
