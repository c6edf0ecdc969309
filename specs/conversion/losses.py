"""What a converted document cannot say any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from understudy.specs.pointers import JsonPointer, child

__all__ = ["Loss", "Losses"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that the target version cannot say.

    Attributes:
        pointer: Where it stands in the converted document, or would stand.
        message: What was left out, or how it was said instead.
    """

    pointer: JsonPointer
    message: str


@final
class Losses:
    """Losses in the order they were met, each once."""

    def __init__(self) -> None:
        self._found: dict[Loss, None] = {}

    def add(self, pointer: str, message: str, *keys: str | int) -> None:
        """Note a loss at a place, or below it at ``keys``."""
        self._found[Loss(child(pointer, *keys), message)] = None

    @property
    def found(self) -> tuple[Loss, ...]:
        """All of them so far."""
        return tuple(self._found)
