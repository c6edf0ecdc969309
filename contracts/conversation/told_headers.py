"""The headers that an answer tells, beside those that the document computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from understudy.contracts.conversation.values import Difference, is_known, same
from understudy.contracts.observation import Observation
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING
from understudy.specs.pointers import JsonPointer, child
from understudy.specs.wire.styles import MalformedParameter, compile_header

__all__ = ["HEADERS", "header_differences", "read_headers"]

HEADERS: Final = "(headers)"
"""Stands before a header's name in the pointer to it."""


def read_headers(seen: Observation) -> dict[str, Json]:
    """The documented headers that are there and can be read, by name."""
    found: dict[str, Json] = {}
    for header in seen.response.headers if seen.response is not None else ():
        text = seen.answer.header(header.name)
        try:
            value = compile_header(header).parse(text) if text is not None else MISSING
        except MalformedParameter:
            continue
        if value is not MISSING:
            found[header.name] = value
    return found


def header_differences(expected: Mapping[str, Json], told: Mapping[str, Json]) -> Iterator[Difference]:
    """Headers that say something else than they have to. One that is missing is for other checks."""
    for name, value in expected.items():
        if name in told and is_known(value) and not _says(name, value, told[name]):
            yield Difference(child(child(JsonPointer(""), HEADERS), name), value, told[name])


def _says(name: str, expected: Json, actual: Json) -> bool:
    """Whether a header says what it has to; a reference may be written in full."""
    if name.lower() == "location" and isinstance(expected, str) and isinstance(actual, str):
        return unquote(urlsplit(actual).path).endswith(unquote(urlsplit(expected).path))
    return same(expected, actual) or str(expected) == actual
