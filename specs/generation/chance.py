"""Chance that is no chance: numbers that follow from a key, the same in every process and every version of Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import chain
from struct import Struct
from typing import Final, final

__all__ = ["Chance"]

_NUMBERS: Final = Struct("<8Q").unpack
_TO_UNIT: Final = (2.0**-64 * (1 - 2.0**-53)).__mul__
"""From a number of 64 bits to one from 0 to below 1, however it is rounded."""
_BITS: Final = 32


@final
class Chance:
    """Random numbers, eight out of each digest. (`random.Random` takes longer to begin than most values to draw.)

    Attributes:
        random: The next number, from 0 to below 1.
    """

    __slots__ = ("random",)

    def __init__(self, key: str) -> None:
        numbers = chain.from_iterable(map(_NUMBERS, _digests(key)))
        self.random: Callable[[], float] = map(_TO_UNIT, numbers).__next__

    def getrandbits(self, count: int) -> int:
        """A number of so many bits."""
        bits = 0
        for _ in range(0, count, _BITS):
            bits = (bits << _BITS) | int(self.random() * (1 << _BITS))
        return bits >> (-count % _BITS)


def _digests(key: str) -> Iterator[bytes]:
    state = blake2b(key.encode("utf-8", "surrogatepass"))
    while True:
        yield state.digest()
        state.update(b"+")
