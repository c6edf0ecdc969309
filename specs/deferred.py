"""Sequences whose items are made when somebody asks for them: most who are told of fifty faults read the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, final, overload

__all__ = ["Deferred"]

S = TypeVar("S")
T = TypeVar("T")
U = TypeVar("U")


@final
class Deferred(Sequence[T], Generic[S, T]):
    """One item for each of what it is made of; each is made once.

    Args:
        sources: What the items are made of, in order.
        make: Makes one.
    """

    __slots__ = ("_made", "_make", "_sources")

    def __init__(self, sources: Sequence[S], make: Callable[[S], T]) -> None:
        self._sources = sources
        self._make = make
        self._made: dict[int, T] = {}

    def then(self, make: Callable[[T], U]) -> Deferred[S, U]:
        """What is made of each item in turn."""
        first = self._make
        return Deferred(self._sources, lambda source: make(first(source)))

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...

    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple([self[each] for each in range(*index.indices(len(self._sources)))])
        at = index if index >= 0 else index + len(self._sources)
        made = self._made.get(at)
        if made is None:
            # A place that isn't there raises here.
            made = self._made[at] = self._make(self._sources[at] if at >= 0 else self._sources[index])
        return made
