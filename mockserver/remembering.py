"""Answers that depend on nothing but what a request's header says are made once and then remembered."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, final

from understudy.mockserver.answers import Answer, AnyAnswer

__all__ = ["AnswerMemory"]

MAX_ENTRIES: Final = 2048
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ONE: Final = 256 * 1024
"""A larger answer is made anew each time."""


@final
class AnswerMemory:
    """A bounded memory; what was put in first goes first."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._answers: dict[Hashable, tuple[AnyAnswer, int]] = {}
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, key: Hashable) -> AnyAnswer | None:
        """The answer kept under a key; None when there is none."""
        found = self._answers.get(key)
        return found[0] if found is not None else None

    def keep(self, key: Hashable, answer: AnyAnswer, key_bytes: int) -> None:
        """Keep an answer, and forget older ones to make room.

        Args:
            key_bytes: About how many octets the key has, which the client may have chosen.
        """
        size = key_bytes + (len(answer.body) if isinstance(answer, Answer) else sum(map(len, answer.items)))
        if size > MAX_ONE or key in self._answers:
            return
        self._answers[key] = (answer, size)
        self._bytes += size
        while len(self._answers) > self._max_entries or self._bytes > self._max_bytes:
            oldest = next(iter(self._answers))
            self._bytes -= self._answers.pop(oldest)[1]
