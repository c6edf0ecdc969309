"""One finding for one fault: what conversations have found isn't told again by the fuzzer's like of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from understudy.contracts.claims import Claim, Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.fuzzing.claims import CREATED_AVAILABLE, DELETED_GONE

__all__ = ["Twins"]

_LIKE: Final[Mapping[Claim, frozenset[Claim]]] = {
    CREATED_AVAILABLE: frozenset({claimed.MADE_IS_FOUND}),
    DELETED_GONE: frozenset({claimed.DELETED_IS_GONE, claimed.DOUBLE_DELETE, claimed.CASCADE_KEPT}),
}
"""A claim of the fuzzer, and those of conversations that see the same faults."""


@final
class Twins:
    """Remembers what conversations have found."""

    def __init__(self) -> None:
        self._told: set[tuple[Claim, str]] = set()

    def take(self, failure: Failure) -> None:
        """Note what was found."""
        self._told.add((failure.claim, _item_of(failure.operation)))

    def is_told(self, failure: Failure) -> bool:
        """Whether a failure's like was found with the same kind of records, or with what belongs to them."""
        item = _item_of(failure.operation)
        like = _LIKE.get(failure.claim, frozenset[Claim]())
        return any(claim in like and (other.startswith(item) or item.startswith(other)) for claim, other in self._told)


def _item_of(label: str) -> str:
    """The path of an operation up to its last parameter: that of the record it is about."""
    path = label.partition(" ")[2]
    return path[: path.rindex("}") + 1] if "}" in path else path
