"""Parse regular expressions of `pattern` (ECMA-262, flag `u`) into a syntax tree.

Tolerated besides, because documents have them: inline flags `(?i)` and `(?s)`, `(?P<name>…)`, `\\A`, `\\z`, `\\Z`,
`\\x{…}`, possessive and lazy quantifiers (which change no language we draw from), and the identity escapes and lone
braces of the flagless syntax.
"""

from __future__ import annotations

from typing import Final

from understudy.specs.regex import charsets
from understudy.specs.regex.characters import Cursor, RegexUnsupported, read_class, read_escape
from understudy.specs.regex.charsets import CharSet
from understudy.specs.regex.tree import (
    Alternation,
    Backreference,
    Boundary,
    Chars,
    End,
    Group,
    Look,
    Regex,
    Repeat,
    Sequence,
    Start,
)

__all__ = ["RegexUnsupported", "parse_regex"]

MAX_LENGTH: Final = 20_000
MAX_NESTING: Final = 100


def parse_regex(source: str) -> Regex:
    """The syntax tree of an expression.

    Raises:
        RegexUnsupported: With the place in the expression and what stands there.
    """
    if len(source) > MAX_LENGTH:
        raise RegexUnsupported(f"the expression is longer than {MAX_LENGTH:,} characters")
    parser = _Parser(source)
    regex = parser.alternation()
    if not parser.cursor.ended:
        raise parser.cursor.fault("an unmatched parenthesis")
    return regex


class _Parser:
    def __init__(self, source: str) -> None:
        self.cursor = Cursor(source)
        self.groups = 0
        self.nesting = 0
        self.ignore_case = False
        self.dot = charsets.DOT

    def alternation(self) -> Regex:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.cursor.fault(f"more than {MAX_NESTING} nested groups")
        options = [self.sequence()]
        while self.cursor.take("|"):
            options.append(self.sequence())
        self.nesting -= 1
        return options[0] if len(options) == 1 else Alternation(tuple(options))

    def sequence(self) -> Regex:
        items: list[Regex] = []
        while not self.cursor.ended and not self.cursor.peek("|") and not self.cursor.peek(")"):
            item = self.atom()
            if item is not None:
                items.append(self.quantified(item))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def quantified(self, item: Regex) -> Regex:
        low, high = self.counts()
        if (low, high) == (1, 1):
            return item
        if high is not None and high < low:
            raise self.cursor.fault("a quantifier whose bounds are out of order")
        if not self.cursor.take("?"):
            self.cursor.take("+")
        return Repeat(item, low, high)

    def counts(self) -> tuple[int, int | None]:
        """What the quantifier here says; (1, 1) where there is none: a brace may be a plain character."""
        cursor = self.cursor
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if cursor.take(sign):
                return counts
        stop = cursor.source.find("}", cursor.at)
        if not cursor.peek("{") or stop < 0:
            return 1, 1
        low, comma, high = cursor.source[cursor.at + 1 : stop].partition(",")
        if not _is_count(low) or not (high == "" or _is_count(high)):
            return 1, 1
        cursor.at = stop + 1
        return int(low), int(high) if high else (None if comma else int(low))

    def atom(self) -> Regex | None:
        """The next thing that can be repeated; None for a comment or a bare flag."""
        if self.cursor.peek("("):
            return self.group()
        char = self.cursor.next()
        if char == "[":
            chars, negative = read_class(self.cursor)
            folded = self.chars(chars)
            return Chars(charsets.complement(folded.chars)) if negative else folded
        if char == "\\":
            return self.escape()
        if char == "^":
            return Start()
        if char == "$":
            return End()
        if char == ".":
            return Chars(self.dot)
        if char in "*+?":
            raise self.cursor.fault("a quantifier without anything to repeat")
        return self.chars(((ord(char), ord(char)),))

    def chars(self, chars: CharSet) -> Chars:
        return Chars(charsets.fold(chars) if self.ignore_case else chars)

    def group(self) -> Regex | None:
        cursor = self.cursor
        cursor.next()
        outer_flags = self.ignore_case, self.dot
        regex: Regex
        if not cursor.take("?"):
            regex = self.capture("")
        elif cursor.peek("=") or cursor.peek("!") or cursor.peek("<=") or cursor.peek("<!"):
            behind = cursor.take("<")
            negative = cursor.next() == "!"
            regex = Look(self.alternation(), behind, negative)
        elif cursor.take("P<") or cursor.take("<"):
            regex = self.capture(cursor.until(">"))
        elif cursor.take("#"):
            cursor.until(")")
            return None
        else:
            self.flags()
            if cursor.take(")"):
                return None
            if not cursor.take(":") and not cursor.take(">"):
                raise cursor.fault("an unknown kind of group")
            regex = self.alternation()
        if not cursor.take(")"):
            raise cursor.fault("a missing parenthesis")
        self.ignore_case, self.dot = outer_flags
        return regex

    def capture(self, name: str) -> Group:
        self.groups += 1
        number = self.groups
        return Group(self.alternation(), number, name)

    def flags(self) -> None:
        on = True
        while self.cursor.peek_any("-ismu"):
            flag = self.cursor.next()
            if flag == "-":
                on = False
            elif flag == "i":
                self.ignore_case = on
            elif flag == "s":
                self.dot = charsets.ANY if on else charsets.DOT
            elif flag == "m" and on:
                raise self.cursor.fault("the flag m")

    def escape(self) -> Regex:
        cursor = self.cursor
        if cursor.take("b"):
            return Boundary(negative=False)
        if cursor.take("B"):
            return Boundary(negative=True)
        if cursor.take("A"):
            return Start()
        if cursor.take("z") or cursor.take("Z"):
            return End()
        if cursor.take("k<"):
            return Backreference(cursor.until(">"))
        if cursor.peek_any("123456789"):
            number = int(cursor.next())
            while number * 10 <= self.groups and cursor.peek_any("0123456789"):
                number = number * 10 + int(cursor.next())
            return Backreference(number)
        return self.chars(read_escape(cursor))


def _is_count(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 8
