"""Regular expressions as a syntax tree, free of any engine's spelling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from understudy.specs.regex.charsets import CharSet

__all__ = [
    "Alternation",
    "Backreference",
    "Boundary",
    "Chars",
    "End",
    "Group",
    "Look",
    "Regex",
    "Repeat",
    "Sequence",
    "Start",
    "shortened",
]


@final
@dataclass(frozen=True, slots=True)
class Chars:
    """One character of the set; the empty set matches nothing."""

    chars: CharSet


@final
@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; none at all is the empty string."""

    items: tuple[Regex, ...]


@final
@dataclass(frozen=True, slots=True)
class Alternation:
    """Any one of two or more."""

    options: tuple[Regex, ...]


@final
@dataclass(frozen=True, slots=True)
class Repeat:
    """``low`` to ``high`` times; None is without bound."""

    item: Regex
    low: int
    high: int | None


@final
@dataclass(frozen=True, slots=True)
class Group:
    """A capturing group; ``number`` counts from 1, ``name`` is empty when it has none."""

    item: Regex
    number: int
    name: str


@final
@dataclass(frozen=True, slots=True)
class Backreference:
    """What a group captured, by number or by name."""

    group: int | str


@final
@dataclass(frozen=True, slots=True)
class Look:
    """A lookahead, or a lookbehind when ``behind``; ``negative`` demands that there is no match."""

    item: Regex
    behind: bool
    negative: bool


@final
@dataclass(frozen=True, slots=True)
class Start:
    """`^`: nothing before this place."""


@final
@dataclass(frozen=True, slots=True)
class End:
    """`$`: nothing after this place."""


@final
@dataclass(frozen=True, slots=True)
class Boundary:
    """`\\b`; ``negative`` is `\\B`."""

    negative: bool


Regex: TypeAlias = Chars | Sequence | Alternation | Repeat | Group | Backreference | Look | Start | End | Boundary


def shortened(regex: Regex, most: int | None) -> Regex:
    """An expression for part of the strings, in which nothing repeats more often than it must or than ``most``.

    Lookarounds stay as they are: fewer strings to look for would be more strings that a negative one lets pass.
    """
    if most is None:
        return regex
    match regex:
        case Sequence(items):
            return Sequence(tuple(shortened(item, most) for item in items))
        case Alternation(options):
            return Alternation(tuple(shortened(option, most) for option in options))
        case Group(item, number, name):
            return Group(shortened(item, most), number, name)
        case Repeat(item, low, high):
            return Repeat(shortened(item, most), low, high if high is None else min(high, max(low, most)))
        case _:
            return regex
