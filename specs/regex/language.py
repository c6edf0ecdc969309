"""What a regular expression matches, as a language: where it must match is said by `Reach`.

Built from the right: each part is turned into a language together with what may follow it, so a lookahead is an
intersection with what follows, and `$` demands that nothing does. A lookbehind looks at the plain parts right before
it, and `\\b` is two lookarounds. Where that loses sight (a lookbehind longer than those parts, a lookaround inside a
counted group of unknown length), the language is only near the expression: whoever draws checks the string.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, assert_never, final

from understudy.specs.regex import charsets
from understudy.specs.regex.languages import Algebra, Language
from understudy.specs.regex.parser import RegexUnsupported
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

__all__ = ["Reach", "language_of"]

MAX_COPIES: Final = 32
_WORD: Final = Chars(charsets.WORD)
_SOME: Final = Repeat(Chars(charsets.ANY), 1, None)


class Reach(Enum):
    """Where in a string the expression is to match."""

    WHOLE = "whole"
    """From the first character to the last."""
    ANYWHERE = "anywhere"
    """As `pattern` says: some part of the string."""


def language_of(regex: Regex, algebra: Algebra, reach: Reach) -> Language:
    """The strings in which an expression matches.

    Raises:
        RegexUnsupported: A lookaround in a group that repeats without bound, or a backreference.
    """
    builder = _Builder(algebra)
    if reach is Reach.WHOLE:
        return builder.build(regex, algebra.empty, at_start=True)
    first = builder.build(regex, algebra.anything, at_start=True)
    later = builder.sequence((_SOME, *_items(regex)), algebra.anything, at_start=True)
    return algebra.either(first, later)


@final
class _Builder:
    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra

    def build(self, regex: Regex, after: Language, *, at_start: bool) -> Language:
        """A part followed by ``after``; ``at_start`` when nothing can stand before it."""
        algebra = self.algebra
        match regex:
            case Chars(chars):
                return algebra.then(algebra.chars(chars), after)
            case Sequence(items):
                return self.sequence(items, after, at_start=at_start)
            case Alternation(options):
                return algebra.either(*(self.build(option, after, at_start=at_start) for option in options))
            case Group(item):
                return self.build(item, after, at_start=at_start)
            case Repeat(item, low, high):
                return self.repeat(item, low, high, after, at_start=at_start)
            case Look(item, behind, negative):
                if behind:
                    return self.behind((), regex, after, at_start=at_start)
                ahead = self.build(item, algebra.anything, at_start=at_start)
                return algebra.both(algebra.outside(ahead) if negative else ahead, after)
            case Start():
                return after if at_start else algebra.nothing
            case End():
                return algebra.both(algebra.empty, after)
            case Boundary(negative):
                return self.build(_sides(negative), after, at_start=at_start)
            case Backreference():
                raise RegexUnsupported("a backreference")
            case _:
                assert_never(regex)

    def sequence(self, items: tuple[Regex, ...], after: Language, *, at_start: bool) -> Language:
        for index, item in enumerate(items):
            if isinstance(item, Boundary):
                items = (*items[:index], _sides(item.negative), *items[index + 1 :])
                return self.sequence(items, after, at_start=at_start)
            if isinstance(item, Alternation) and any(_begins_behind(option) for option in item.options):
                spelled = ((*items[:index], *_items(option), *items[index + 1 :]) for option in item.options)
                return self.algebra.either(*(self.sequence(run, after, at_start=at_start) for run in spelled))
        for index in range(len(items) - 1, -1, -1):
            item = items[index]
            starts = at_start and all(_is_empty(before) for before in items[:index])
            if isinstance(item, Look) and item.behind:
                first = index
                while first > 0 and _is_plain(items[first - 1]):
                    first -= 1
                starts = at_start and all(_is_empty(before) for before in items[:first])
                after = self.behind(items[first:index], item, after, at_start=starts)
                return self.sequence(items[:first], after, at_start=at_start)
            after = self.build(item, after, at_start=starts)
        return after

    def behind(self, run: tuple[Regex, ...], look: Look, after: Language, *, at_start: bool) -> Language:
        """Plain parts, then a lookbehind at their end, then ``after``."""
        algebra = self.algebra
        plain = self.sequence(run, algebra.empty, at_start=at_start)
        wanted = self.build(Sequence((look.item,)), algebra.empty, at_start=True)
        if not at_start and not run:
            return after if look.negative else algebra.nothing
        ending = algebra.then(algebra.anything, wanted)
        return algebra.then(algebra.both(plain, algebra.outside(ending) if look.negative else ending), after)

    def repeat(self, item: Regex, low: int, high: int | None, after: Language, *, at_start: bool) -> Language:
        if _is_plain(item):
            once = self.build(item, self.algebra.empty, at_start=False)
            return self.algebra.then(self.algebra.repeat(once, low, high), after)
        if high is None and low < MAX_COPIES:
            high = max(low, 4)
        if high is None or high > MAX_COPIES:
            raise RegexUnsupported("a lookaround or anchor in a group that repeats often")
        found = after
        for count in range(high, 0, -1):
            inner = self.build(item, found, at_start=at_start and count == 1)
            found = inner if count <= low else self.algebra.either(after, inner)
        return found


def _sides(negative: bool) -> Alternation:
    """A word boundary: a word character on one side only; its negation: on both or on neither."""

    def side(before: bool, after: bool) -> Regex:
        return Sequence((Look(_WORD, True, not before), Look(_WORD, False, not after)))

    return Alternation((side(True, negative), side(False, not negative)))


def _items(regex: Regex) -> tuple[Regex, ...]:
    return regex.items if isinstance(regex, Sequence) else (regex,)


def _begins_behind(regex: Regex) -> bool:
    first = _items(regex)[:1]
    return bool(first) and isinstance(first[0], Look) and first[0].behind


def _is_plain(regex: Regex) -> bool:
    """Whether nothing in it looks at what is around it."""
    match regex:
        case Chars():
            return True
        case Sequence(items):
            return all(map(_is_plain, items))
        case Alternation(options):
            return all(map(_is_plain, options))
        case Group(item) | Repeat(item, _, _):
            return _is_plain(item)
        case _:
            return False


def _is_empty(regex: Regex) -> bool:
    """Whether it takes no characters at all."""
    match regex:
        case Start() | End() | Look() | Boundary():
            return True
        case Sequence(items):
            return all(map(_is_empty, items))
        case Alternation(options):
            return all(map(_is_empty, options))
        case Group(item) | Repeat(item, _, _):
            return _is_empty(item)
        case _:
            return False
