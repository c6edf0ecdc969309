"""The overrides of a running mock, and which of its operations they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.control.operation_names import get_operations
from understudy.mockserver.forcing.overrides import Override
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.mockserver.forcing.forcing import Forcing

__all__ = ["Overrides"]

MAX_OVERRIDES: Final = 1000


@final
class Overrides:
    """What is forced on the operations of one mock; each operation knows its own.

    Args:
        seed: Decides which requests an override with a `rate` hits.
    """

    def __init__(self, operations: Sequence[CompiledOperation], seed: str) -> None:
        self._operations = operations
        self._seed = seed
        self._list: list[Override] = []
        self._made = 0

    @property
    def all(self) -> tuple[Override, ...]:
        """The newest first, those that are over included."""
        return tuple(self._list)

    def add(self, forcing: Forcing) -> Override:
        """Raises `UsageError` where it names no operation, forces what can't be answered, or is one too many."""
        get_operations(forcing, self._operations)
        if len(self._list) >= MAX_OVERRIDES:
            self._set([each for each in self._list if not each.is_over])
        if len(self._list) >= MAX_OVERRIDES:
            raise UsageError("overrides", MAX_OVERRIDES + 1, f"at most {MAX_OVERRIDES}; delete some, or reset")
        override = self._make(forcing)
        self._set([override, *self._list])
        return override

    def restart(self, forcings: Iterable[Forcing]) -> None:
        """These and no others, with the same draws each time; of several for one operation the first that hits has
        effect."""
        self._made = 0
        self._set([self._make(each) for each in forcings])

    def take_over(self, other: Overrides) -> list[Override]:
        """Those of a mock that this one replaces, as far as they have come; gives those that don't fit here."""
        strays, kept = [], []
        for each in other._list:
            try:
                get_operations(each.forcing, self._operations)
            except UsageError:
                strays.append(each)
            else:
                kept.append(each)
        self._made = other._made
        self._set(kept)
        return strays

    def drop(self, key: str) -> bool:
        """False when there is none of that key."""
        left = [each for each in self._list if each.key != key]
        found = len(left) < len(self._list)
        self._set(left)
        return found

    def clear(self) -> None:
        """End all."""
        self._set([])

    def _make(self, forcing: Forcing) -> Override:
        self._made += 1
        return Override(f"o{self._made}", forcing, f"{self._seed}/{self._made}")

    def _set(self, overrides: list[Override]) -> None:
        self._list = overrides
        by_operation: dict[CompiledOperation, list[Override]] = {}
        for override in overrides:
            for operation in get_operations(override.forcing, self._operations):
                by_operation.setdefault(operation, []).append(override)
        for operation in self._operations:
            operation.overrides = tuple(by_operation.get(operation, ()))
