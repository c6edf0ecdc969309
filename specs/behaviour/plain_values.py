"""Expressions so plain that they need no CEL: a member that is a text, or a function of one.

They are what files go through: a text of any length is neither copied nor measured.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from understudy.specs.behaviour.functions import FUNCTIONS
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING

__all__ = ["Plain", "compile_plain"]

Plain = Callable[[Mapping[str, Json]], Json]
"""From the names that an expression sees to its value; MISSING where that isn't told by a text alone."""

_PLAIN: Final = re.compile(
    r"(?:(?P<function>[A-Za-z]\w*)\(\s*)?(?P<path>[A-Za-z]\w*(?:\.[A-Za-z_]\w*)+)(?P<end>\s*\))?"
)


def compile_plain(source: str) -> Plain | None:
    """The plain form of ``record.note`` and ``length(record.note)``; None for all else."""
    found = _PLAIN.fullmatch(source)
    if found is None or (found["function"] is None) != (found["end"] is None):
        return None
    function = FUNCTIONS.get(found["function"]) if found["function"] else None
    if found["function"] and function is None:
        return None
    members = found["path"].split(".")

    def evaluate(names: Mapping[str, Json]) -> Json:
        value: Json = names
        for member in members:
            value = value.get(member) if isinstance(value, Mapping) else None
        if not isinstance(value, str):
            return MISSING
        return value if function is None else function(value)

    return evaluate
