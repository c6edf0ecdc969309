"""Draw strings: lengths, patterns and formats together, realistic where they leave room for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias, final

import jsonschema_rs

from understudy.specs.documents.document import Json
from understudy.specs.generation import words
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.drawing import Draw, Drawable, Drawing, Unsatisfied
from understudy.specs.generation.formats import FORMATS, fits
from understudy.specs.generation.language_strings import LanguageStrings
from understudy.specs.generation.patterns import RegexUnsupported, strings_matching
from understudy.specs.generation.realism import TextDrawer, texts_for

__all__ = ["StringShape"]

MAX_CHARACTERS: Final = 1_000_000
LONG: Final = 1_000
"""Characters after which a text counts as many members would: 20 for so many characters."""
MAX_TRIES: Final = 30
SAMPLES: Final = 8
PROVEN: Final = 32
_PLAIN_PATTERN: Final = re.compile(r"\^(?:\[[A-Za-z0-9 _-]+\](?:\{\d+(?:,\d+)?\})?|[A-Za-z0-9 _-])+\$", re.ASCII)
"""A pattern that every dialect of regular expressions reads alike: a row of letters and of classes of them."""
"""So many texts of a kind are looked at before the kind is trusted, as far as something is checked afterwards."""

_Draw: TypeAlias = Callable[[Drawing], str]


@final
@dataclass(frozen=True)
class StringShape:
    """Strings.

    Attributes:
        low: In characters; so ``high``, where None is without bound.
        patterns: Each matches somewhere; no one of ``excluded_patterns`` does.
        formats: As `format` gives them, unknown ones included.
        name: Of the member, and ``owner`` of the object it is in: what the string may be about.
    """

    low: int = 0
    high: int | None = None
    patterns: tuple[str, ...] = ()
    excluded_patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    excluded_formats: tuple[str, ...] = ()
    name: str = ""
    owner: str = ""

    def is_dead(self, levels: int) -> bool:
        """Whether the bounds exclude each other."""
        return self.high is not None and self.low > self.high

    def draw(self, drawing: Drawing, depth: int) -> str:
        """A string that has been checked against everything above."""
        text = self._drawer(drawing)
        if len(text) > LONG:
            drawing.grow(len(text) // LONG * 20)
        return text

    @cached_property
    def swift(self) -> Draw:
        """Realistic texts of a kind that has always fitted, or strings of the patterns, which fit by construction."""
        texts = texts_for(self.name, self.owner, self._known_format)[0] if self.is_free else self._realistic
        if texts is not None:
            random = Chance("proof")
            drawn = [texts(random) for _ in range(PROVEN)]
            if all(len(text) <= LONG and (self.is_free or self.contains(text)) for text in drawn):
                return (lambda drawing, depth: texts(drawing.random)) if self.is_free else self._draw_fitting(texts)
        elif isinstance(self._language, LanguageStrings) and 0 < self._language.longest <= LONG:
            language = self._language
            return lambda drawing, depth: language.draw(drawing.random)
        return self.draw

    def contains(self, value: Json) -> bool:
        """Whether a value is one of these strings."""
        if not isinstance(value, str):
            return False
        if not self._has_words:
            return self.low <= len(value) and (self.high is None or len(value) <= self.high)
        return self._validator.is_valid(value) and all(fits(name, value) for name in self.formats)

    @cached_property
    def rests_on(self) -> tuple[Drawable, ...] | None:
        """Nothing else: texts are looked at, but for those of a format alone, or of a pattern without subtleties."""
        if self.formats:
            return () if self.is_free and self._known_format else None
        return () if all(_PLAIN_PATTERN.fullmatch(pattern) for pattern in self.patterns) else None

    def _draw_fitting(self, texts: TextDrawer) -> Draw:
        """Realistic texts; for one that doesn't fit after all, whatever does."""
        low, high, has_words = self.low, LONG if self.high is None else self.high, self._has_words

        def draw(drawing: Drawing, depth: int) -> Json:
            text = texts(drawing.random)
            fits_in = self.contains(text) if has_words else low <= len(text) <= high
            return text if fits_in else self.draw(drawing, depth)

        return draw

    def height(self, limit: int) -> int | None:
        """0, or None when there is no string."""
        return None if self.is_dead(0) else 0

    def finite(self) -> tuple[Json, ...] | None:
        """Only the empty string is ever known to be all there is."""
        return ("",) if self.high == 0 else None

    @cached_property
    def _validator(self) -> jsonschema_rs.Validator:
        excluded: list[Json] = [{"pattern": pattern} for pattern in self.excluded_patterns]
        excluded += [{"format": name} for name in self.excluded_formats]
        conditions: list[Json] = [{"minLength": self.low}]
        conditions += [{"pattern": pattern} for pattern in self.patterns]
        conditions += [{"format": name} for name in self.formats]
        conditions += [{"not": schema} for schema in excluded]
        if self.high is not None:
            conditions.append({"maxLength": self.high})
        return jsonschema_rs.Draft202012Validator({"allOf": conditions}, validate_formats=True, offline=True)

    @cached_property
    def _drawer(self) -> _Draw:
        """How to draw: from realistic texts if most of them fit, else from the patterns, else a text cut to length."""
        if self.is_free:
            first = texts_for(self.name, self.owner, self._known_format)[0]
            return lambda drawing: self._vary(first(drawing.random), drawing)
        texts = self._realistic
        return lambda drawing: self._draw_checked(drawing, texts)

    @property
    def is_free(self) -> bool:
        """Whether every text of its one format, if it has any, will do."""
        barred = self.patterns or self.excluded_patterns or self.excluded_formats
        return not barred and len(self.formats) < 2 and self.low == 0 and self.high is None

    @cached_property
    def _has_words(self) -> bool:
        """Whether more is said of a string than how long it is."""
        return bool(self.patterns or self.formats or self.excluded_patterns or self.excluded_formats)

    @property
    def _known_format(self) -> str:
        return next((name for name in self.formats if name in FORMATS), "")

    @cached_property
    def _realistic(self) -> TextDrawer | None:
        """The first drawer of which most texts are allowed."""
        for texts in texts_for(self.name, self.owner, self._known_format):
            random = Chance("sample")
            if sum(self.contains(texts(random)) for _ in range(SAMPLES)) > SAMPLES // 2:
                return texts
        return None

    @cached_property
    def _language(self) -> LanguageStrings | RegexUnsupported | None:
        """Strings of the patterns and formats; None when there are none of these that could be drawn from."""
        grammars = tuple(FORMATS[name].pattern for name in self.formats if name in FORMATS)
        wanted = (*self.patterns, *(grammar for grammar in grammars if grammar is not None))
        if not wanted and not self.excluded_patterns:
            return None
        try:
            return strings_matching(wanted, self.excluded_patterns, min_length=self.low, max_length=self.high)
        except RegexUnsupported as error:
            return error

    def _draw_checked(self, drawing: Drawing, texts: TextDrawer | None) -> str:
        if texts is not None and not (drawing.varied and self._language):
            for _ in range(SAMPLES):
                text = self._vary(texts(drawing.random), drawing)
                if self.contains(text):
                    return text
        if isinstance(self._language, RegexUnsupported):
            raise Unsatisfied(str(self._language))
        for _ in range(MAX_TRIES):
            text = self._language.draw(drawing.random) if self._language else self._fill(drawing.random)
            if self.contains(text):
                return text
        raise Unsatisfied(f"no string was found for {self._described()}")

    def _vary(self, text: str, drawing: Drawing) -> str:
        """The text, or where texts have to differ from each other, one more like it."""
        if not drawing.varied:
            return text
        if isinstance(self._language, LanguageStrings):
            return self._language.draw(drawing.random)
        return f"{text} {drawing.random.getrandbits(16)}"

    def _fill(self, random: Chance) -> str:
        """A text without patterns, as long as it must be."""
        if self.low > MAX_CHARACTERS:
            raise Unsatisfied(f"minLength {self.low} is more than the {MAX_CHARACTERS:,} characters that are drawn")
        text = words.word(random) if self.high is not None and self.high < 12 else words.title(random)
        while len(text) < self.low:
            text += f" {words.sentence(random)}" if self.low > 12 else words.word(random)
        if self.high is not None and len(text) > self.high:
            text = text[: self.high]
            text = text.rstrip().ljust(self.low, "s") if text[-1:] == " " else text
        return text

    def _described(self) -> str:
        parts = [f"format {name!r}" for name in self.formats]
        parts += [f"pattern {pattern!r}" for pattern in self.patterns]
        parts += [f"not pattern {pattern!r}" for pattern in self.excluded_patterns]
        parts += [f"not format {name!r}" for name in self.excluded_formats]
        length = f"{self.low} to {'any number of' if self.high is None else self.high} characters"
        return " and ".join([*parts, length])
