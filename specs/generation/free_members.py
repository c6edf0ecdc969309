"""Members that `properties` doesn't name: which names they may have, and new ones of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.generation import words
from understudy.specs.generation.drawing import Drawable, Drawing, Unsatisfied
from understudy.specs.generation.language_strings import LanguageStrings
from understudy.specs.generation.patterns import RegexUnsupported, strings_matching

__all__ = ["FreeMembers"]

MAX_TRIES: Final = 40


@final
@dataclass(frozen=True)
class FreeMembers:
    """Members that `properties` doesn't name.

    Attributes:
        member: What a name stands for; None where the name isn't allowed.
        names: What `propertyNames` says; None when nothing.
        patterns: Of `patternProperties`.
        is_open: Whether names that match no pattern are allowed.
        is_invited: Whether the schema says something of free members, so that a reader expects some.
    """

    member: Callable[[str], Drawable | None]
    names: Drawable | None = None
    patterns: tuple[str, ...] = ()
    is_open: bool = True
    is_invited: bool = False

    def draw_name(self, drawing: Drawing, taken: Mapping[str, Json]) -> str:
        """A new name that is allowed.

        Raises:
            Unsatisfied: None was found.
        """
        for attempt in range(MAX_TRIES):
            name = self._propose(drawing, attempt)
            if name in taken or (self.names is not None and not self.names.accepts(name)):
                continue
            if self.member(name) is not None:
                return name
        for value in (self.names.finite() if self.names is not None else None) or ():
            if isinstance(value, str) and value not in taken and self.member(value) is not None:
                return value
        raise Unsatisfied("no further name was found that the object may have")

    @cached_property
    def _strings(self) -> tuple[LanguageStrings | None, ...]:
        """For each pattern the names it matches; None where it can't be drawn from."""

        def find(pattern: str) -> LanguageStrings | None:
            try:
                return strings_matching((pattern,))
            except RegexUnsupported:
                return None

        return tuple(find(pattern) for pattern in self.patterns)

    def _propose(self, drawing: Drawing, attempt: int) -> str:
        patterned = self.patterns and (not self.is_open or self.is_invited) and attempt % 4 != 3
        if self.names is not None and (not patterned or attempt % 2):
            name = self.names.draw(drawing, 0)
            if isinstance(name, str):
                return name
        if patterned:
            strings = self._strings[attempt % len(self._strings)]
            if strings is not None:
                return strings.draw(drawing.random)
        if attempt < MAX_TRIES // 2:
            return words.word(drawing.random)
        return f"{words.slug(drawing.random)}-{drawing.random.getrandbits(16)}"
