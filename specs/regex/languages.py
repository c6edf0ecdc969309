"""Regular languages as expressions with union, intersection and complement, read by Brzozowski derivatives.

`Algebra` makes expressions and takes them apart: `moves(language)` gives, for every character, the language of what
may follow it. Intersection is what lookaheads and two patterns on one string are; complement is what a negative
lookahead is. Equal expressions of one algebra are the same object.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeAlias, final

from understudy.specs.regex import charsets
from understudy.specs.regex.charsets import CharSet

__all__ = ["Algebra", "Language", "LanguageTooLarge"]

MAX_LANGUAGES: Final = 8_000
MAX_STEPS: Final = 200_000


class LanguageTooLarge(Exception):
    """A language that takes more partial languages, or more steps to find them, than the limits allow."""


class Kind(Enum):
    """How a language is made of its parts."""

    NOTHING = "nothing"
    EMPTY = "empty"
    CHARS = "chars"
    THEN = "then"
    OR = "or"
    AND = "and"
    NOT = "not"
    REPEAT = "repeat"


@final
class Language:
    """One expression. ``accepts_empty`` says whether the empty string is in the language."""

    __slots__ = ("accepts_empty", "chars", "high", "kind", "low", "moves", "number", "parts")

    def __init__(
        self,
        number: int,
        kind: Kind,
        parts: tuple[Language, ...],
        chars: CharSet,
        low: int,
        high: int | None,
        accepts_empty: bool,
    ) -> None:
        self.number = number
        self.kind = kind
        self.parts = parts
        self.chars = chars
        self.low = low
        self.high = high
        self.accepts_empty = accepts_empty
        self.moves: Moves | None = None


Moves: TypeAlias = tuple[tuple[CharSet, Language], ...]
"""Disjoint sets of characters that together are the universe, each with what may follow."""


@final
class Algebra:
    """Makes languages. Holds all that it made: one algebra per string that is drawn."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Language] = {}
        self._steps = 0
        self.nothing = self._make(Kind.NOTHING, accepts_empty=False)
        self.empty = self._make(Kind.EMPTY, accepts_empty=True)
        self.anything = self.repeat(self.chars(charsets.ANY), 0, None)

    def _make(
        self,
        kind: Kind,
        parts: tuple[Language, ...] = (),
        *,
        accepts_empty: bool,
        chars: CharSet = (),
        low: int = 0,
        high: int | None = None,
    ) -> Language:
        key = (kind, tuple(part.number for part in parts), chars, low, high)
        made = self._made.get(key)
        if made is None:
            if len(self._made) >= MAX_LANGUAGES:
                raise LanguageTooLarge(f"more than {MAX_LANGUAGES:,} partial languages")
            made = Language(len(self._made), kind, parts, chars, low, high, accepts_empty)
            self._made[key] = made
        return made

    def chars(self, chars: CharSet) -> Language:
        """The strings of one character of the set."""
        return self._make(Kind.CHARS, chars=chars, accepts_empty=False) if chars else self.nothing

    def then(self, left: Language, right: Language) -> Language:
        """A string of the left followed by one of the right."""
        if left is self.nothing or right is self.nothing:
            return self.nothing
        if left is self.empty:
            return right
        if right is self.empty:
            return left
        if left.kind is Kind.THEN:
            return self.then(left.parts[0], self.then(left.parts[1], right))
        return self._make(Kind.THEN, (left, right), accepts_empty=left.accepts_empty and right.accepts_empty)

    def either(self, *languages: Language) -> Language:
        """The strings of any of the languages."""
        parts = self._joined(self._flatten(Kind.OR, languages, neutral=self.nothing))
        if self.anything in parts:
            return self.anything
        if not parts:
            return self.nothing
        if len(parts) == 1:
            return parts[0]
        return self._make(Kind.OR, parts, accepts_empty=any(part.accepts_empty for part in parts))

    def _joined(self, parts: tuple[Language, ...]) -> tuple[Language, ...]:
        """Alternatives that only differ in a count made one: ``a{0,3}b`` and ``a{2,5}b`` are ``a{0,5}b``.

        Without this the derivatives of two counts in a row are as many as there are sets of counts.
        """
        groups: dict[tuple[int, int], list[tuple[int, int | None]]] = {}
        rest: list[Language] = []
        heads: dict[tuple[int, int], tuple[Language, Language]] = {}
        for part in parts:
            head, tail = part.parts if part.kind is Kind.THEN else (part, self.empty)
            if head.kind is Kind.REPEAT:
                key = (head.parts[0].number, tail.number)
                groups.setdefault(key, []).append((head.low, head.high))
                heads[key] = head.parts[0], tail
            else:
                rest.append(part)
        if all(len(counts) == 1 for counts in groups.values()):
            return parts
        for key, counts in groups.items():
            item, tail = heads[key]
            rest.extend(self.then(self.repeat(item, low, high), tail) for low, high in _merged(counts))
        return self._flatten(Kind.OR, tuple(rest), neutral=self.nothing)

    def both(self, *languages: Language) -> Language:
        """The strings in all of the languages."""
        parts = self._flatten(Kind.AND, languages, neutral=self.anything)
        if self.nothing in parts:
            return self.nothing
        if self.empty in parts:
            return self.empty if all(part.accepts_empty for part in parts) else self.nothing
        if not parts:
            return self.anything
        if len(parts) == 1:
            return parts[0]
        return self._make(Kind.AND, parts, accepts_empty=all(part.accepts_empty for part in parts))

    def _flatten(self, kind: Kind, languages: tuple[Language, ...], neutral: Language) -> tuple[Language, ...]:
        parts = {part for language in languages for part in (language.parts if language.kind is kind else (language,))}
        parts.discard(neutral)
        return tuple(sorted(parts, key=lambda part: part.number))

    def outside(self, language: Language) -> Language:
        """The strings that are not in the language."""
        if language.kind is Kind.NOT:
            return language.parts[0]
        if language is self.nothing:
            return self.anything
        if language is self.anything:
            return self.nothing
        return self._make(Kind.NOT, (language,), accepts_empty=not language.accepts_empty)

    def repeat(self, language: Language, low: int, high: int | None) -> Language:
        """``low`` to ``high`` strings of the language in a row; None is without bound."""
        if high == 0 or language is self.empty:
            return self.empty
        if language is self.nothing:
            return self.empty if low == 0 else self.nothing
        if (low, high) == (1, 1):
            return language
        if language.accepts_empty:
            low = 0
        accepts_empty = low == 0
        return self._make(Kind.REPEAT, (language,), low=low, high=high, accepts_empty=accepts_empty)

    def moves(self, language: Language) -> Moves:
        """What may follow each character, ``nothing`` included."""
        if language.moves is None:
            language.moves = self._find_moves(language)
        return language.moves

    def _find_moves(self, language: Language) -> Moves:
        kind, parts = language.kind, language.parts
        if kind is Kind.NOTHING or kind is Kind.EMPTY:
            return ((charsets.ANY, self.nothing),)
        if kind is Kind.CHARS:
            rest = charsets.complement(language.chars)
            return ((language.chars, self.empty), *(((rest, self.nothing),) if rest else ()))
        if kind is Kind.NOT:
            return tuple((chars, self.outside(after)) for chars, after in self.moves(parts[0]))
        if kind is Kind.REPEAT:
            high = None if language.high is None else language.high - 1
            rest_of = self.repeat(parts[0], max(language.low - 1, 0), high)
            return self._gather([(chars, self.then(after, rest_of)) for chars, after in self.moves(parts[0])])
        if kind is Kind.THEN:
            left = self._gather([(chars, self.then(after, parts[1])) for chars, after in self.moves(parts[0])])
            return self._cross(left, self.moves(parts[1]), kind=Kind.OR) if parts[0].accepts_empty else left
        moves = self.moves(parts[0])
        for part in parts[1:]:
            moves = self._cross(moves, self.moves(part), kind=kind)
        return moves

    def _cross(self, left: Moves, right: Moves, *, kind: Kind) -> Moves:
        combine = self.either if kind is Kind.OR else self.both
        self._steps += len(left) * len(right)
        if self._steps > MAX_STEPS:
            raise LanguageTooLarge(f"more than {MAX_STEPS:,} steps")
        found: list[tuple[CharSet, Language]] = []
        for chars, after in left:
            for other, then in right:
                common = charsets.intersect(chars, other)
                if common:
                    found.append((common, combine(after, then)))
        return self._gather(found)

    def _gather(self, moves: list[tuple[CharSet, Language]]) -> Moves:
        """The moves with one entry per language that follows."""
        if len(moves) == 1:
            return tuple(moves)
        sets: dict[Language, list[CharSet]] = {}
        for chars, after in moves:
            sets.setdefault(after, []).append(chars)
        return tuple((found[0] if len(found) == 1 else charsets.union(*found), after) for after, found in sets.items())


def _merged(counts: list[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    """Ranges of counts, those that overlap or touch made one."""
    found: list[tuple[int, int | None]] = []
    for low, high in sorted(counts, key=lambda count: count[0]):
        last = found[-1] if found else None
        if last is not None and (last[1] is None or low <= last[1] + 1):
            found[-1] = (last[0], None if last[1] is None or high is None else max(last[1], high))
        else:
            found.append((low, high))
    return found
