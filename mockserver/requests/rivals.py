"""Which of several operations with one path and method a request is meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.wire.malformed import MalformedContent
from understudy.specs.wire.styles import split_query

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.mockserver.requests.incoming import Incoming
    from understudy.specs.paths import Match

__all__ = ["choose_rival"]


def choose_rival(found: Match[CompiledOperation], request: Incoming) -> Match[CompiledOperation]:
    """Of those whose signs the request has, the one with the most signs whose parameters fit, else the one with the
    most; where it has nobody's signs, the first in the document. The body isn't read."""
    try:
        query = dict(split_query(request.query.decode("utf-8", "replace")))
    except MalformedContent:
        query = {}

    def find_header(name: str) -> str | None:
        value = request.header(name.lower().encode("latin-1", "replace"))
        return value.decode("latin-1") if value is not None else None

    meant = [each for each in (found, *found.rivals) if each.value.signs.are_in(query, find_header)]
    meant.sort(key=lambda each: each.value.signs.weight, reverse=True)
    for each in meant:
        if each.value.decoder.fits(request, each.parameters):
            return each
    return meant[0] if meant else found
