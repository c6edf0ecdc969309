"""Read the characters of a regular expression: escapes, code points, properties and classes."""

from __future__ import annotations

from typing import Final, final

from understudy.specs.regex import charsets
from understudy.specs.regex.charsets import CharSet

__all__ = ["Cursor", "RegexUnsupported", "read_class", "read_escape"]


class RegexUnsupported(ValueError):
    """The expression is ill-formed, or beyond what we read; says where and what."""


@final
class Cursor:
    """A place in the source of an expression."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def fault(self, what: str) -> RegexUnsupported:
        """The error for what stands here."""
        return RegexUnsupported(f"{what} at character {self.at + 1} of {self.source[:200]!r}")

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.source)

    def peek(self, text: str) -> bool:
        """Whether this text stands here."""
        return self.source.startswith(text, self.at)

    def peek_any(self, chars: str) -> bool:
        """Whether one of these characters stands here."""
        return self.at < len(self.source) and self.source[self.at] in chars

    def take(self, text: str) -> bool:
        """Go past this text if it stands here."""
        if self.source.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def next(self, count: int = 1) -> str:
        """Go past the next characters and return them; RegexUnsupported when there are too few."""
        text = self.source[self.at : self.at + count]
        if len(text) < count:
            raise self.fault("an unexpected end")
        self.at += count
        return text

    def until(self, end: str) -> str:
        """Go past the next ``end`` and return what stood before it; RegexUnsupported when there is none."""
        stop = self.source.find(end, self.at)
        if stop < 0:
            raise self.fault(f"a missing {end!r}")
        text, self.at = self.source[self.at : stop], stop + len(end)
        return text


_SHORTHAND: Final = {"d": charsets.DIGIT, "w": charsets.WORD, "s": charsets.SPACE}
_CLASSES: Final = _SHORTHAND | {key.upper(): charsets.complement(chars) for key, chars in _SHORTHAND.items()}
_CONTROL: Final = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}


def read_class(cursor: Cursor) -> tuple[CharSet, bool]:
    """The characters of a class whose ``[`` has been taken, and whether it began with ``^``."""
    negative = cursor.take("^")
    found: list[CharSet] = []
    while not cursor.take("]"):
        low = _read_item(cursor)
        if not cursor.peek("-") or cursor.peek("-]") or not _is_single(low):
            found.append(low)
            continue
        cursor.next()
        high = _read_item(cursor)
        if not _is_single(high):
            found += [low, ((0x2D, 0x2D),), high]
        elif high[0][0] < low[0][0]:
            raise cursor.fault("a range out of order")
        else:
            found.append(((low[0][0], high[0][0]),))
    return charsets.union(*found), negative


def _read_item(cursor: Cursor) -> CharSet:
    char = cursor.next()
    if char != "\\":
        return ((ord(char), ord(char)),)
    if cursor.take("b"):
        return ((8, 8),)
    return read_escape(cursor)


def read_escape(cursor: Cursor) -> CharSet:
    """What stands after a backslash that has been taken: a shorthand, a property or one character."""
    char = cursor.next()
    if char in _CLASSES:
        return _CLASSES[char]
    if char in "pP":
        name = cursor.until("}") if cursor.take("{") else cursor.next()
        found = charsets.find_property(name.removeprefix("^"))
        if found is None:
            raise cursor.fault(f"the unknown property {name!r}")
        return charsets.complement(found) if (char == "P") != name.startswith("^") else found
    point = _code_point(cursor, char)
    return ((point, point),)


def _code_point(cursor: Cursor, char: str) -> int:
    if char in _CONTROL:
        return _CONTROL[char]
    if char == "c":
        return ord(cursor.next()) % 32
    if char not in "xu":
        return ord(char)
    if cursor.take("{"):
        return _hexadecimal(cursor, cursor.until("}"))
    point = _hexadecimal(cursor, cursor.next(2 if char == "x" else 4))
    if 0xD800 <= point < 0xDC00 and cursor.take("\\u"):
        return 0x10000 + ((point - 0xD800) << 10) + (_hexadecimal(cursor, cursor.next(4)) - 0xDC00)
    return point


def _hexadecimal(cursor: Cursor, digits: str) -> int:
    try:
        point = int(digits, 16)
    except ValueError:
        raise cursor.fault(f"{digits!r}, no hexadecimal number,") from None
    if not 0 <= point <= 0x10FFFF:
        raise cursor.fault(f"{digits!r}, beyond Unicode,")
    return point


def _is_single(chars: CharSet) -> bool:
    return len(chars) == 1 and chars[0][0] == chars[0][1]
