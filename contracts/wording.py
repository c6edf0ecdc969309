"""Numbers and lists as English writes them."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["count", "list_words"]


def count(number: int, noun: str, nouns: str = "") -> str:
    """``1 finding``, ``1,204 cases``; ``nouns`` is the plural where it isn't made by an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {nouns or noun + 's'}"


def list_words(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    items = [*words]
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
