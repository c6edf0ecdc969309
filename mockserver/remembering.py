"""Answers that depend on nothing but what a request's header says are remembered once they are asked for again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final, NamedTuple, final

from understudy.mockserver.answers import Answer, AnyAnswer

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.mockserver.incoming import Incoming

__all__ = ["AnswerMemory", "Kept"]

MAX_ENTRIES: Final = 2048
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ASKED: Final = 8192
"""Requests that are known to have come once."""
MAX_ONE: Final = 256 * 1024
"""A larger answer is made anew each time."""


class Kept(NamedTuple):
    """An answer, and whose it is; None where nobody asks."""

    answer: AnyAnswer
    operation: CompiledOperation | None


@final
class AnswerMemory:
    """A bounded memory; what was put in first goes first.

    It is asked before anything else is known of a request, so a key has the headers that any answer kept so far
    depends on. One more header in it only means that less is found.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._answers: dict[Hashable, tuple[Kept, int]] = {}
        self._names: frozenset[bytes] = frozenset()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0
        self._asked: set[int] = set()

    def __len__(self) -> int:
        return len(self._answers)

    def key_of(self, request: Incoming) -> Hashable:
        """What tells a request from all others with another answer, as far as this memory knows."""
        names = self._names
        sent = [each for each in request.headers if each[0] in names]
        return (request.method, request.path, request.query, *sent)

    def find(self, key: Hashable) -> Kept | None:
        """What is kept under a key; None when nothing is."""
        found = self._answers.get(key)
        return found[0] if found is not None else None

    def keep_for(self, request: Incoming, key: Hashable, operation: CompiledOperation, answer: AnyAnswer) -> None:
        """Keep the answer to all requests to an operation that say the same in their headers, from the second on:
        what is asked for once is mostly never asked for again, and keeping it costs more than knowing its hash.

        Args:
            key: As `key_of` gave it before.
        """
        if not operation.header_names <= self._names:
            self._names |= operation.header_names
            key = self.key_of(request)
        digest = hash(key)
        if digest not in self._asked:
            if len(self._asked) >= MAX_ASKED:
                self._asked.clear()
            self._asked.add(digest)
            return
        sent = sum([len(value) for name, value in request.headers if name in self._names])
        self.keep(key, Kept(answer, operation), 500 + len(request.path) + len(request.query) + sent)

    def keep(self, key: Hashable, kept: Kept, key_bytes: int) -> None:
        """Keep an answer, and forget older ones to make room.

        Args:
            key_bytes: About how many octets the key has, which the client may have chosen.
        """
        answer = kept.answer
        size = key_bytes + (len(answer.body) if isinstance(answer, Answer) else sum(map(len, answer.items)))
        if size > MAX_ONE or key in self._answers:
            return
        self._answers[key] = (kept, size)
        self._bytes += size
        while len(self._answers) > self._max_entries or self._bytes > self._max_bytes:
            oldest = next(iter(self._answers))
            self._bytes -= self._answers.pop(oldest)[1]
