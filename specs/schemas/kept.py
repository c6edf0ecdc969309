"""What was compiled of schemas, and which of it is kept: what was used last, up to a weight."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, Generic, Protocol, TypeVar, final

__all__ = ["GENERATOR_WEIGHT", "VALIDATOR_WEIGHT", "Kept"]

VALIDATOR_WEIGHT: Final = 64 * 1024 * 1024
"""Octets of memory for all validators of one document; beyond, those not used for longest are compiled anew."""
GENERATOR_WEIGHT: Final = 72 * 1024 * 1024
"""Octets of memory for all generators of one document."""


class _Weighted(Protocol):
    @property
    def weight(self) -> int: ...


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=_Weighted)


@final
class Kept(Generic[K, V]):
    """A cache whose values may grow while they are in it.

    Args:
        limit: The weight of all values together from which on the longest unused are let go. The last one stays.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key, made when it isn't there."""
        value = self._values.get(key)
        if value is not None:
            # Longest unused first, as far as it matters: only what isn't the last yet is moved.
            if next(reversed(self._values)) is not key:
                del self._values[key]
                self._values[key] = value
            return value
        value = make()
        weight = value.weight + sum(each.weight for each in self._values.values())
        while weight > self._limit and self._values:
            oldest = next(iter(self._values))
            weight -= self._values.pop(oldest).weight
        self._values[key] = value
        return value
