"""Keys that a server gave to what it has just made, found in the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from understudy.contracts.case import Answer, Case
from understudy.specs.documents.document import Json
from understudy.specs.member_names import words_of
from understudy.specs.path_templates import Segment, parse_template
from understudy.specs.wire.json_bodies import MalformedJson, load_json

__all__ = ["key_names", "minted_keys"]

MAX_ITEMS: Final = 200
MAX_LEVELS: Final = 3
MAX_KEY: Final = 200
"""Characters of a key."""


def minted_keys(case: Case, answer: Answer, names: frozenset[tuple[str, ...]]) -> Iterator[str]:
    """Keys in an answer that the request didn't have: the server's own, of the shallowest level that has any."""
    try:
        told = load_json(answer.body)
    except MalformedJson:
        return
    sent = case.body.decode("utf-8", "replace") if case.body else ""
    for level in _levels(told):
        keys = [_text(value) for each in level for name, value in each.items() if words_of(name) in names]
        if found := [key for key in keys if 0 < len(key) <= MAX_KEY]:
            yield from (key for key in found if key not in sent and key not in case.target)
            return


def _levels(value: Json) -> Iterator[list[dict[str, Json]]]:
    """The objects of each of the first `MAX_LEVELS` levels, the first `MAX_ITEMS` of each."""
    level = [value]
    for _ in range(MAX_LEVELS):
        yield [each for each in level if isinstance(each, dict)]
        inner = [
            list(each.values()) if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)
        ]
        level = [item for items in inner for item in items][:MAX_ITEMS]


def _text(value: Json) -> str:
    """A key as it stands in a path; empty for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def key_names(path: str, templates: Iterable[tuple[Segment, ...]]) -> frozenset[tuple[str, ...]]:
    """What the key of a record below a collection may be called: the parameter's name, and its last word."""
    above = parse_template(path)
    names: set[tuple[str, ...]] = set()
    for template in templates:
        if len(template) > len(above) and template[: len(above)] == above and template[len(above)].is_whole:
            words = words_of(template[len(above)].names[0])
            names |= {words, words[-1:]}
    return frozenset(names)
