"""Parsed YAML kept between runs, by the hash of its text.

Entries are JSON text: whoever plants a file there can show us another document but run nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["WORTH_KEEPING", "entry_path", "find_tree", "keep_tree"]

WORTH_KEEPING: Final = 8 * 1024
"""From this many octets on, reading an entry is faster than reading the YAML."""

LOADER_VERSION: Final = 1
"""Raised whenever the same text gives another tree."""


def entry_path(directory: Path, source: bytes) -> Path:
    """The file that holds, or would hold, the tree of this text."""
    return directory / f"{hashlib.sha256(source).hexdigest()}-{LOADER_VERSION}.json"


def find_tree(entry: Path) -> Json | None:
    """The tree kept in an entry; None when there is none, or none that can be read."""
    try:
        tree = json.loads(entry.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return tree if isinstance(tree, dict | list) else None


def keep_tree(entry: Path, tree: Json) -> None:
    """Keep a tree: whole or not at all. Where nothing can be written nothing is kept, and that is no error."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=entry.parent, suffix=".tmp")
    except OSError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(tree, file, ensure_ascii=False, separators=(",", ":"))
        Path(draft).replace(entry)
    except (OSError, ValueError, RecursionError):
        Path(draft).unlink(missing_ok=True)
