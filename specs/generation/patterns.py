"""Draw strings that match regular expressions: every one of some `pattern`s and none of others.

All of them become one language (`specs.regex`), from which strings of feasible lengths are drawn
(`language_strings`).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Final

import jsonschema_rs

from understudy.specs.generation.language_strings import MAX_DRAWN, LanguageStrings
from understudy.specs.regex.captures import spell_captures
from understudy.specs.regex.language import Reach, language_of
from understudy.specs.regex.languages import Algebra, LanguageTooLarge
from understudy.specs.regex.parser import RegexUnsupported, parse_regex
from understudy.specs.regex.tree import shortened

__all__ = ["RegexUnsupported", "matches", "strings_matching"]

MAX_SHOWN: Final = 200
ENOUGH: Final = 40
"""Repetitions beyond the least that a string needs, so that `{0,5000}` costs no more than `{0,40}`."""


def strings_matching(
    patterns: tuple[str, ...],
    excluded: tuple[str, ...] = (),
    *,
    min_length: int = 0,
    max_length: int | None = None,
) -> LanguageStrings:
    """The strings in which every pattern matches somewhere and no excluded one anywhere; never empty.

    Strings without anything around the matches are preferred. Lengths are in characters; None is without bound.

    Raises:
        RegexUnsupported: An expression is ill-formed or beyond `language_of`; no string of at most `MAX_DRAWN`
            characters fits; or finding out takes too many steps.
    """
    found = _find_strings(patterns, excluded, min_length, max_length)
    if isinstance(found, str):
        shown = " and ".join(repr(pattern[:MAX_SHOWN]) for pattern in patterns)
        shown += "".join(f" but not {pattern[:MAX_SHOWN]!r}" for pattern in excluded)
        raise RegexUnsupported(found.format(shown=shown))
    return found


@lru_cache(maxsize=128)
def _find_strings(
    patterns: tuple[str, ...], excluded: tuple[str, ...], low: int, high: int | None
) -> LanguageStrings | str:
    """The strings, or why there are none."""
    high = MAX_DRAWN if high is None else min(high, MAX_DRAWN)
    try:
        wanted = [spell_captures(parse_regex(pattern)) for pattern in patterns]
        unwanted = [spell_captures(parse_regex(pattern)) for pattern in excluded]
        for reach, most in product(Reach, (low + ENOUGH, None)):
            algebra = Algebra()
            avoided = [algebra.outside(language_of(regex, algebra, Reach.ANYWHERE)) for regex in unwanted]
            matching = [language_of(shortened(regex, most), algebra, reach) for regex in wanted]
            strings = LanguageStrings(algebra, algebra.both(*matching, *avoided), low, high)
            if strings:
                return strings
    except RegexUnsupported as error:
        return str(error).replace("{", "{{").replace("}", "}}")
    except (LanguageTooLarge, RecursionError):
        return "{shown} takes too many steps to draw from"
    return f"no string of {low} to {high} characters matches {{shown}}"


def matches(pattern: str, text: str) -> bool:
    """Whether a `pattern` matches somewhere in a text, as the validator sees it; ValueError when it is ill-formed."""
    return _matcher(pattern).is_valid(text)


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, offline=True)
