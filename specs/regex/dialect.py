"""Regular expressions that are none of ECMA-262's with the flag `u`, by which `pattern` is read, and what was meant.

Many are right without the flag (ECMA-262, Annex B), or in the language of the server that the document is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import jsonschema_rs

__all__ = ["read_pattern"]

_SLASHES: Final = re.compile(r"/(\^.*\$|\^.*|.*\$)/[a-z]*", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\[\s\S]")
_QUANTIFIER: Final = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_FOREIGN: Final = (
    (re.compile(r"\\A"), "^"),
    (re.compile(r"\\[zZ]"), "$"),
    (re.compile(r"\\h"), r"[ \\t]"),
    (re.compile(r"\\e"), r"\\x1b"),
    (re.compile(r"\(\?>"), "(?:"),
    (re.compile(r"\(\?#[^)]*\)"), ""),
    (re.compile(r"(?<=[*+?}])\+"), ""),
)
MAX_LENGTH: Final = 10_000
"""Characters of a pattern that is mended; a longer one that is wrong is passed over."""


@lru_cache(maxsize=4096)
def read_pattern(text: str) -> tuple[str | None, str]:
    """The pattern to use, None for one that can't be, and how it was read where that isn't as it was written."""
    inside = _SLASHES.fullmatch(text)
    if inside is not None:
        # `^` after a character, and `$` before one, match nothing: nobody means that.
        found, _ = read_pattern(inside.group(1))
        if found is not None:
            return found, "written between slashes; they are no part of it"
    if _is_pattern(text):
        return text, ""
    if len(text) <= MAX_LENGTH:
        for mend, reading in _MENDED:
            mended = mend(text)
            if _is_pattern(mended):
                return mended, reading
    return None, "it can't be read, and says nothing"


def _is_pattern(text: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True


def _without_flag(text: str) -> str:
    """What Annex B allows, in the grammar of the flag `u`: lone braces, and a hyphen beside a class in brackets."""
    out: list[str] = []
    position, opened = 0, False
    while position < len(text):
        char = text[position]
        unit = char
        if char == "\\":
            escape = _ESCAPE.match(text, position)
            unit = escape.group() if escape else "\\\\"
        elif opened:
            opened = char != "]"
            is_first = out[-1] in ("[", "[^")
            beside = out[-1][:2] in _CLASSES or text[position + 1 : position + 3] in _CLASSES
            if char == "-" and not is_first and beside and text[position + 1 : position + 2] != "]":
                unit = r"\-"
        elif char == "[":
            opened = True
            unit = "[^" if text.startswith("[^", position) else "["
            position += len(unit) - 1
        elif char == "{" and not _QUANTIFIER.match(text, position):
            unit = r"\{"
        out.append(unit)
        position += len(unit) if unit.startswith("\\") and char == "\\" else 1
    return "".join(out)


def _foreign(text: str) -> str:
    for found, meant in _FOREIGN:
        text = found.sub(meant, text)
    return _without_flag(text)


_CLASSES: Final = frozenset({r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\p", r"\P"})
_MENDED: Final[tuple[tuple[Callable[[str], str], str], ...]] = (
    (_without_flag, "read as without the flag `u` (ECMA-262, Annex B)"),
    (_foreign, "read as other regular expressions than ECMA-262's are"),
)
