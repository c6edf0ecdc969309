"""Realistic texts: by format, and by the name of the member that they stand in.

Several kinds of text may be offered for one member, the best first: a `country` is a name, but a code where the schema
allows only two letters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from understudy.specs.generation import words
from understudy.specs.generation.formats import FORMATS, draw_digits, draw_uuid
from understudy.specs.generation.moments import days_for, is_time, moments_for
from understudy.specs.generation.named_texts import LINKS, NAMED_TEXTS, TextDrawer, secrets_for
from understudy.specs.member_names import find_by_name, is_identity, words_of

__all__ = ["TextDrawer", "texts_for"]


# Words that schemas are named with for what is done with the thing, not for the thing.
_FORMS: Final = frozenset(
    (
        *("body", "created", "data", "detail", "details", "dto", "entity", "entry", "info", "input", "item", "list"),
        *(
            "model",
            "object",
            "output",
            "page",
            "payload",
            "read",
            "record",
            "request",
            "resource",
            "response",
            "result",
        ),
        *("schema", "summary", "view", "write"),
    )
)


@lru_cache(maxsize=8192)
def texts_for(name: str, owner: str, text_format: str) -> tuple[TextDrawer, ...]:
    """What to draw for a text, best first; never empty.

    Args:
        name: Of the member; empty when there is none.
        owner: Of the object that it is a member of: the schema's or the member's name; empty when unknown.
        text_format: `format`; empty when there is none. An unknown format says nothing.
    """
    if text_format == "date-time":
        return (moments_for(name),)
    if text_format == "date":
        return (days_for(name),)
    if text_format in ("uri", "iri") and (link := find_by_name(LINKS, name)) is not None:
        return (link, FORMATS["uri"].draw)
    if text_format == "password" and name:
        return secrets_for(name, owner)
    if text_format in FORMATS:
        return (FORMATS[text_format].draw,)
    if is_identity(name):
        return (_identity(name, owner), draw_uuid, lambda random: draw_digits(random, 6))
    named = find_by_name(NAMED_TEXTS, name)
    if named is not None:
        return named(name, owner)
    if is_time(name):
        return (moments_for(name), days_for(name))
    return (words.title, words.word)


def _identity(name: str, owner: str) -> TextDrawer:
    """``session_3fa91c02be77``: what it names, then what tells it from others."""
    if words_of(name)[-1] in ("uuid", "guid"):
        return draw_uuid
    what = words_of(name)[:-1] or tuple(word for word in words_of(owner) if word not in _FORMS)
    prefix = f"{what[-1]}_" if what else ""
    return lambda random: f"{prefix}{random.getrandbits(48):012x}"
