"""Conditions of the vocabulary (`when`, `unless`): expressions and the values that they must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from understudy.specs.documents.document import Json
from understudy.specs.expressions import Context, compile_template

__all__ = ["Condition"]


@final
class Condition:
    """Expressions, compiled once.

    Args:
        wanted: Expression → value, as the document has them.
    """

    def __init__(self, wanted: Mapping[str, Json]) -> None:
        self._parts = tuple((compile_template(expression), value) for expression, value in wanted.items())

    def holds(self, request: Context) -> bool:
        """Whether every expression has its value; a condition without expressions always holds."""
        return all(_equal(template.evaluate(request), value) for template, value in self._parts)


def _equal(actual: object, wanted: Json) -> bool:
    # As JSON compares: 1 is 1.0, but true is not 1.
    return bool(actual == wanted) and isinstance(actual, bool) == isinstance(wanted, bool)
