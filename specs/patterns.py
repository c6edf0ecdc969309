"""Draw strings that match regular expressions: every one of some `pattern`s and none of others.

All of them become one language (`regex_language`, `languages`), from which strings of feasible lengths are drawn
(`language_strings`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import jsonschema_rs

from understudy.specs.captures import spell_captures
from understudy.specs.language_strings import MAX_DRAWN, LanguageStrings
from understudy.specs.languages import Algebra, LanguageTooLarge
from understudy.specs.regex_language import Reach, language_of
from understudy.specs.regex_parser import RegexUnsupported, parse_regex

__all__ = ["RegexUnsupported", "matches", "strings_matching"]

MAX_SHOWN: Final = 200


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
    shown = " and ".join(repr(pattern[:MAX_SHOWN]) for pattern in patterns)
    shown += "".join(f" but not {pattern[:MAX_SHOWN]!r}" for pattern in excluded)
    high = MAX_DRAWN if max_length is None else min(max_length, MAX_DRAWN)
    algebra = Algebra()
    try:
        wanted = [spell_captures(parse_regex(pattern)) for pattern in patterns]
        unwanted = [spell_captures(parse_regex(pattern)) for pattern in excluded]
        avoided = [algebra.outside(language_of(regex, algebra, Reach.ANYWHERE)) for regex in unwanted]
        for reach in Reach:
            language = algebra.both(*(language_of(regex, algebra, reach) for regex in wanted), *avoided)
            strings = LanguageStrings(algebra, language, min_length, high)
            if strings:
                return strings
    except (LanguageTooLarge, RecursionError) as error:
        raise RegexUnsupported(f"{shown} takes too many steps to draw from") from error
    raise RegexUnsupported(f"no string of {min_length} to {high} characters matches {shown}")


def matches(pattern: str, text: str) -> bool:
    """Whether a `pattern` matches somewhere in a text, as the validator sees it; ValueError when it is ill-formed."""
    return _matcher(pattern).is_valid(text)


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, offline=True)
