"""Which documents are served below which prefix, and which overlays belong to which."""

from __future__ import annotations

from pathlib import Path

from understudy.mockserver.mock import Mounted
from understudy.specs.catalog import extended_by, is_same, load_api, locate
from understudy.specs.errors import UsageError

__all__ = ["mount"]


def mount(documents: tuple[str, ...], overlays: tuple[str, ...], cache: Path | None) -> list[Mounted]:
    """The documents that a user named, read and built.

    Args:
        documents: Each a shipped name, a path or a URL, perhaps with ``@/prefix`` behind it.
        overlays: Of one document all; of several each one of that which its `extends` names.
        cache: Where parsed documents are kept; None keeps none.

    Raises:
        DocumentError: One can't be used.
        UsageError: An overlay belongs to none of them.
    """
    laid = _share_overlays(documents, overlays)
    return [_load(each, cache, some) for each, some in zip(documents, laid, strict=True)]


def _share_overlays(documents: tuple[str, ...], overlays: tuple[str, ...]) -> list[list[str]]:
    """The overlays of each document: of several the one that `extends` names."""
    if len(documents) == 1:
        return [list(overlays)]
    shared: list[list[str]] = [[] for _ in documents]
    for overlay in overlays:
        extended = extended_by(overlay)
        there = [
            index for index, each in enumerate(documents) if extended and is_same(extended, locate(_split(each)[0]))
        ]
        if not there:
            raise UsageError("--overlay", overlay, "one that names a document served here with `extends`")
        shared[there[0]].append(overlay)
    return shared


def _split(text: str) -> tuple[str, str]:
    """``petstore.yaml@/pets`` → the document and the prefix. An ``@`` without a slash after it belongs to the name."""
    spec, separator, prefix = text.rpartition("@/")
    return (spec, prefix) if separator and spec else (text, "")


def _load(text: str, cache: Path | None, overlays: list[str]) -> Mounted:
    spec, prefix = _split(text)
    api = load_api(spec, cache_dir=cache, overlays=overlays)
    return Mounted(api, "/" + prefix.strip("/") if prefix.strip("/") else "")
