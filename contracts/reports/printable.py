"""Make any text safe to show: what has no glyph, or acts on terminals, XML or the reading order, is made visible."""

from __future__ import annotations

import re

__all__ = ["printable", "shorten"]

# Controls, bidirectional and zero-width marks, line separators, surrogates and noncharacters: XML 1.0 (section 2.2)
# forbids some, terminals obey some, and the rest hide or reorder what surrounds them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff]"
)


def printable(text: str) -> str:
    """``"a\\x00b"`` → ``"a‹U+0000›b"``. Newlines and tabs stay."""
    return _HIDDEN.sub(lambda match: f"‹U+{ord(match.group(0)):04X}›", text)


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters and how many there were: ``abc… (1,234 characters)``."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text):,} characters)"
