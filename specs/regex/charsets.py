"""Sets of characters: what `.`, `[^a-z]`, `\\d` and `\\p{Lu}` stand for.

A `CharSet` is a sorted tuple of disjoint ranges of code points, ends included. Complements are taken within
`UNIVERSE`, a choice of common blocks that leaves out surrogates, private use and rare scripts: strings are drawn from
it, and scanning it for a Unicode property takes milliseconds where all of Unicode would take a good part of a second.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeAlias

__all__ = [
    "ANY",
    "DIGIT",
    "DOT",
    "SPACE",
    "UNIVERSE",
    "WORD",
    "CharSet",
    "complement",
    "find_property",
    "fold",
    "intersect",
    "palette",
    "union",
]

CharSet: TypeAlias = tuple[tuple[int, int], ...]

_SCANNED: Final[CharSet] = ((0x0, 0x2FFF), (0x3000, 0x33FF), (0x1F300, 0x1F6FF))
_HAN: Final[CharSet] = ((0x4E00, 0x9FFF),)
_HANGUL: Final[CharSet] = ((0xAC00, 0xD7A3),)

UNIVERSE: Final[CharSet] = ((0x0, 0x33FF), *_HAN, *_HANGUL, (0x1F300, 0x1F6FF))
ANY: Final = UNIVERSE
DIGIT: Final[CharSet] = ((0x30, 0x39),)
WORD: Final[CharSet] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
# ECMA-262, WhiteSpace and LineTerminator.
SPACE: Final[CharSet] = (
    *((0x9, 0xD), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)

# Characters in the order in which a reader likes to see them.
_TIERS: Final = (
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "-_.",
    "!#$%&*+,/:;=?@^|~'()[]{}<>`\\\"",
    " ",
)
_SCRIPTS: Final = {"han": "CJK UNIFIED", "hangul": "HANGUL SYLLABLE"}


def union(*sets: Iterable[tuple[int, int]]) -> CharSet:
    """All characters of any of the sets; also normalises ranges that overlap or touch."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(item for ranges in sets for item in ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def complement(chars: CharSet) -> CharSet:
    """The characters of the universe that are not in the set."""
    out: list[tuple[int, int]] = []
    for low, high in UNIVERSE:
        start = low
        for inner_low, inner_high in chars:
            if inner_high < start:
                continue
            if inner_low > high:
                break
            if inner_low > start:
                out.append((start, inner_low - 1))
            start = inner_high + 1
        if start <= high:
            out.append((start, high))
    return tuple(out)


def intersect(left: CharSet, right: CharSet) -> CharSet:
    """The characters in both sets."""
    out: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low <= high:
            out.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


# ECMA-262 has more line terminators, which the validator doesn't know; strings are drawn without any where they can be.
DOT: Final[CharSet] = complement(((0xA, 0xA),))


def fold(chars: CharSet) -> CharSet:
    """The set with both cases of its ASCII letters."""
    lower = intersect(chars, ((0x61, 0x7A),))
    upper = intersect(chars, ((0x41, 0x5A),))
    return union(chars, ((a - 32, b - 32) for a, b in lower), ((a + 32, b + 32) for a, b in upper))


@lru_cache(maxsize=4096)
def palette(chars: CharSet) -> str:
    """Up to 64 characters of the set to draw from: plain lower case and digits if it has any, else the next best."""
    for tier in _TIERS:
        found = "".join(char for char in tier if _contains(chars, ord(char)))
        if found:
            return found
    printable: list[str] = []
    others: list[str] = []
    for low, high in chars:
        for point in range(low, min(high, low + 255) + 1):
            char = chr(point)
            plain = char.isprintable() and not unicodedata.combining(char)
            (printable if plain else others).append(char)
            if len(printable) == 64:
                return "".join(printable)
    return "".join(printable or others[:64])


@lru_cache(maxsize=256)
def find_property(name: str) -> CharSet | None:
    """The characters with a Unicode property as `\\p{…}` names it; None for an unknown property.

    General categories (`L`, `Lu`, `Letter`), scripts (`Greek`, `Script=Greek`, `IsGreek`) and some binary properties.
    Scripts are read from the letters' names, so marks and signs of a script are left out.
    """
    key, _, value = name.lower().replace("_", "").replace(" ", "").rpartition("=")
    if key not in ("", "generalcategory", "gc", "script", "sc", "scx", "scriptextensions"):
        return None
    if not key.startswith("sc"):
        category = _CATEGORIES.get(value, value if value in _CATEGORIES.values() else None)
        if category is not None:
            wide = (*_HAN, *_HANGUL) if category in ("l", "lo") else ()
            return union(_scan(_has_category(category)), wide)
        if value in _BINARY:
            wide = (*_HAN, *_HANGUL) if _BINARY[value]("\u4e00") else ()
            return union(_scan(_BINARY[value]), wide)
        if value == "any":
            return UNIVERSE
    script = value.removeprefix("is")
    if script == "han":
        return _HAN
    if script == "hangul":
        return _HANGUL
    return _scan(_has_script(script.upper())) or None


def _contains(chars: CharSet, point: int) -> bool:
    return any(low <= point <= high for low, high in chars)


def _scan(test: Callable[[str], bool]) -> CharSet:
    return union((p, p) for low, high in _SCANNED for p in range(low, high + 1) if test(chr(p)))


def _has_category(prefix: str) -> Callable[[str], bool]:
    return lambda char: unicodedata.category(char).lower().startswith(prefix)


def _has_script(script: str) -> Callable[[str], bool]:
    # Modifier letters are often shared between scripts.
    return lambda char: (
        char.isalpha() and unicodedata.category(char) != "Lm" and unicodedata.name(char, "").startswith(script + " ")
    )


_CATEGORIES: Final = {
    "letter": "l",
    "uppercaseletter": "lu",
    "lowercaseletter": "ll",
    "titlecaseletter": "lt",
    "modifierletter": "lm",
    "otherletter": "lo",
    "mark": "m",
    "nonspacingmark": "mn",
    "spacingmark": "mc",
    "enclosingmark": "me",
    "number": "n",
    "decimalnumber": "nd",
    "letternumber": "nl",
    "othernumber": "no",
    "punctuation": "p",
    "connectorpunctuation": "pc",
    "dashpunctuation": "pd",
    "openpunctuation": "ps",
    "closepunctuation": "pe",
    "initialpunctuation": "pi",
    "finalpunctuation": "pf",
    "otherpunctuation": "po",
    "symbol": "s",
    "mathsymbol": "sm",
    "currencysymbol": "sc",
    "modifiersymbol": "sk",
    "othersymbol": "so",
    "separator": "z",
    "spaceseparator": "zs",
    "lineseparator": "zl",
    "paragraphseparator": "zp",
    "other": "c",
    "control": "cc",
    "format": "cf",
}
_BINARY: Final[dict[str, Callable[[str], bool]]] = {
    "alphabetic": str.isalpha,
    "uppercase": str.isupper,
    "lowercase": str.islower,
    "whitespace": lambda char: _contains(SPACE, ord(char)) or char == "\x85",
    "ascii": str.isascii,
    "idstart": str.isidentifier,
    "xidstart": str.isidentifier,
    "idcontinue": lambda char: ("a" + char).isidentifier(),
    "xidcontinue": lambda char: ("a" + char).isidentifier(),
    "emoji": lambda char: 0x1F300 <= ord(char) <= 0x1F64F and unicodedata.category(char) == "So",
    "emojipresentation": lambda char: 0x1F600 <= ord(char) <= 0x1F64F,
}
