"""Draw strings of a regular language, within a window of lengths.

Every length is known to be feasible or not before the first character is drawn, so nothing is drawn to be thrown away.
"""

from __future__ import annotations

from typing import Final, TypeAlias, final

from understudy.specs.generation.chance import Chance
from understudy.specs.regex import charsets
from understudy.specs.regex.languages import Algebra, Language

__all__ = ["MAX_DRAWN", "LanguageStrings"]

MAX_DRAWN: Final = 20_000
"""Characters: longer strings are not drawn from a language."""
MAX_SEEN: Final = 40_000
SPARE: Final = 12
"""How many characters longer than the shortest a string may be by choice."""
COMFORTABLE: Final = 6
LONG: Final = 500
"""From this length on only the shortest strings are drawn: what is remembered grows with every length."""

_Choices: TypeAlias = tuple[tuple[str, Language], ...]
"""Characters that may come next, each with what may follow it."""


@final
class LanguageStrings:
    """The strings of a language that have ``low`` to ``high`` characters; false when there are none.

    Lengths near the shortest are drawn, but not the very short ones where there are longer ones.
    """

    def __init__(self, algebra: Algebra, language: Language, low: int, high: int) -> None:
        self._algebra = algebra
        self._layers: list[list[Language]] = [[language]]
        self._paths: dict[int, list[dict[Language, _Choices]]] = {}
        self._straight: dict[int, tuple[tuple[tuple[str, ...], int], ...]] = {}
        """By length: the characters of each position and how many, where no choice decides about later ones."""
        found = self._find_lengths(low, min(high, MAX_DRAWN))
        comfortable = [length for length in found if length >= COMFORTABLE]
        self._shortest = found[0] if found else 0
        self._lengths = (comfortable if len(comfortable) > 1 else found)[: SPARE if self._shortest < LONG else 1]

    def __bool__(self) -> bool:
        return bool(self._lengths)

    @property
    def longest(self) -> int:
        """The most characters that a drawn string has."""
        return self._lengths[-1] if self._lengths else 0

    def draw(self, random: Chance, *, shortest: bool = False) -> str:
        """One of the strings, which there must be; ``shortest`` picks the least length."""
        lengths = self._lengths
        length = self._shortest if shortest else lengths[int(random.random() * len(lengths))]
        straight = self._straight.get(length)
        if straight is not None:
            return "".join([chars[int(random.random() * count)] for chars, count in straight])
        path = self._paths.get(length)
        if path is None:
            path = self._find_path(length, printable=True)
            path = self._paths[length] = path if path is not None else self._find_path(length) or []
            if all(len(steps) == 1 for steps in path):
                palettes = [[each[0] for each in next(iter(steps.values()))] for steps in path]
                self._straight[length] = tuple((tuple(palette), len(palette)) for palette in palettes)
        language = self._layers[0][0]
        drawn: list[str] = []
        for steps in path:
            choices = steps[language]
            char, language = choices[int(random.random() * len(choices))]
            drawn.append(char)
        return "".join(drawn)

    def _find_lengths(self, low: int, high: int) -> list[int]:
        found: list[int] = []
        length, seen = 0, 0
        while length <= high and (not found or length <= max(found[0], COMFORTABLE) + SPARE):
            layer = self._layer(length)
            seen += len(layer)
            if not layer or seen > MAX_SEEN:
                break
            if length >= low and any(language.accepts_empty for language in layer):
                found.append(length)
            length += 1
        return found

    def _layer(self, length: int) -> list[Language]:
        """What may follow after so many characters."""
        while len(self._layers) <= length:
            after: dict[Language, None] = {}
            for language in self._layers[-1]:
                for _, following in self._algebra.moves(language):
                    if following is not self._algebra.nothing:
                        after[following] = None
            self._layers.append(list(after))
        return self._layers[length]

    def _find_path(self, length: int, *, printable: bool = False) -> list[dict[Language, _Choices]] | None:
        """For each position and each language that may follow there: the characters that lead to the end in time.

        None when ``printable`` ones alone don't lead there.
        """
        alive = {language for language in self._layers[length] if language.accepts_empty}
        path: list[dict[Language, _Choices]] = []
        shared: dict[_Choices, _Choices] = {}
        for position in range(length - 1, -1, -1):
            steps: dict[Language, _Choices] = {}
            for language in self._layers[position]:
                choices = tuple(
                    (char, following)
                    for chars, following in self._algebra.moves(language)
                    if following in alive
                    for char in charsets.palette(chars)
                    if not printable or char.isprintable()
                )
                if choices:
                    steps[language] = shared.setdefault(choices, choices)
            alive = set(steps)
            path.append(steps)
        return path[::-1] if alive else None
