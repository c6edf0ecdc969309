"""Send a conversation again: what a request took from an earlier answer it takes from the new one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote

from understudy.contracts.case import Answer, Case, Exchange
from understudy.specs.documents.document import Json
from understudy.specs.wire.json_bodies import MalformedJson, dump_json, load_json

__all__ = ["of_the_same_form", "rebind", "with_fresh_idempotency_key"]

MAX_LEAVES: Final = 5_000
MIN_LENGTH: Final = 2
"""A value of one character would occur everywhere."""

_IDEMPOTENCY_KEYS: Final = frozenset({"idempotency-key", "x-idempotency-key"})


def with_fresh_idempotency_key(case: Case, turn: int) -> Case:
    """The case as a request of its own: under its old Idempotency-Key a server would rightly answer as it did at first.

    Args:
        turn: From 1. Another turn gives another key; in one turn equal keys stay equal.
    """
    headers = tuple(
        (name, of_the_same_form(value, turn) if name.lower() in _IDEMPOTENCY_KEYS else value)
        for name, value in case.headers
    )
    return replace(case, headers=headers) if headers != case.headers else case


def of_the_same_form(text: str, turn: int = 1) -> str:
    """Another text with digits for digits and letters for letters, ``zod_2`` for ``pet_7``; hexadecimal stays such."""
    is_hexadecimal = re.fullmatch(r"[0-9a-fA-F-]+", text) is not None
    letters = "abcdef" if is_hexadecimal else "abcdefghijklmnopqrstuvwxyz"
    table: dict[int, str] = {}
    for row in ("0123456789", letters, letters.upper()):
        by = 1 + turn * (1 + len(row) // 3) % (len(row) - 1)  # never the whole row, which would change nothing
        table |= {ord(each): row[(index + by) % len(row)] for index, each in enumerate(row)}
    return text.translate(table)


def rebind(case: Case, before: Sequence[Exchange], again: Sequence[Exchange]) -> Case:
    """The case with values of earlier answers replaced by those that now stand at the same places.

    A value is replaced where it is a whole path segment, a whole query value or a whole value in a JSON body.

    Args:
        before: The exchanges that came before the case when it was first sent.
        again: The same requests sent again, as many.
    """
    renamed: dict[str, str] = {}
    for old, new in zip(before, again, strict=True):
        if old.answer is not None and new.answer is not None:
            fresh = dict(_leaves(new.answer))
            for place, text in _leaves(old.answer):
                if place in fresh and fresh[place] != text and len(text) >= MIN_LENGTH:
                    renamed.setdefault(text, fresh[place])
    return replace(case, target=_target(case.target, renamed), body=_body(case.body, renamed)) if renamed else case


def _leaves(answer: Answer) -> Iterator[tuple[str, str]]:
    """Strings and whole numbers of a JSON body by place, and the last segment of `Location`."""
    location = answer.header("location")
    if location:
        yield "location", location.rstrip("/").rpartition("/")[2]
    try:
        waiting: list[tuple[str, Json]] = [("", load_json(answer.body))]
    except MalformedJson:
        return
    for _ in range(MAX_LEAVES):
        if not waiting:
            return
        place, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{place}/{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}/{index}", item) for index, item in enumerate(value)]
        elif isinstance(value, (str, int)) and not isinstance(value, bool):
            yield place, str(value)


def _target(target: str, renamed: dict[str, str]) -> str:
    path, mark, query = target.partition("?")
    path = "/".join(_text(segment, renamed) for segment in path.split("/"))
    pairs = []
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        pairs.append(f"{name}{equals}{_text(value, renamed)}")
    return path + mark + "&".join(pairs)


def _text(text: str, renamed: dict[str, str]) -> str:
    decoded = unquote(text)
    return quote(renamed[decoded], safe="") if decoded in renamed else text


def _body(body: bytes | None, renamed: dict[str, str]) -> bytes | None:
    if not body:
        return body
    try:
        value = load_json(body)
    except MalformedJson:
        return body
    changed = _renamed(value, renamed)
    return dump_json(changed) if changed != value else body


def _renamed(value: Json, renamed: dict[str, str]) -> Json:
    if isinstance(value, dict):
        return {key: _renamed(item, renamed) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, renamed) for item in value]
    if isinstance(value, str):
        return renamed.get(value, value)
    if isinstance(value, int) and not isinstance(value, bool) and renamed.get(str(value), "").isdigit():
        return int(renamed[str(value)])
    return value
