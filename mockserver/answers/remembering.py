"""Answers that depend on nothing but what a request's header says are remembered once they are asked for again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, final

from understudy.mockserver.answers.answers import Answer, AnyAnswer

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.mockserver.requests.incoming import Incoming

__all__ = ["AnswerMemory", "Kept"]

MAX_ENTRIES: Final = 2048
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ASKED: Final = 8192
"""Requests that are known to have come once."""
MAX_ONE: Final = 256 * 1024
"""A larger answer is made anew each time."""
_OWN_BYTES: Final = 500
"""About how many an entry takes beside what client and answer say."""

_Key: TypeAlias = tuple[str, bytes, bytes, *tuple[tuple[bytes, bytes], ...]]
"""Method, path, query, and the headers that count."""


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
        self._answers: dict[_Key, tuple[Kept, int]] = {}
        self._paths: Counter[bytes] = Counter()
        self._names: frozenset[bytes] = frozenset()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0
        self._asked: set[int] = set()

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, request: Incoming) -> Kept | None:
        """What is kept for a request; None when nothing is."""
        if request.path not in self._paths:
            return None
        found = self._answers.get(self._key(request))
        return found[0] if found is not None else None

    def keep_for(self, request: Incoming, operation: CompiledOperation, answer: AnyAnswer) -> None:
        """Keep the answer to all requests to an operation that say the same in their headers, once their path and
        query have come before: mostly they never come again, and keeping costs more than knowing a hash."""
        if not operation.header_names <= self._names:
            self._names |= operation.header_names
        digest = hash((request.path, request.query))
        if digest not in self._asked:
            if len(self._asked) >= MAX_ASKED:
                self._asked.clear()
            self._asked.add(digest)
            return
        self.keep(request, Kept(answer, operation))

    def keep(self, request: Incoming, kept: Kept) -> None:
        """Keep the answer to a request, and forget older ones to make room."""
        key, answer = self._key(request), kept.answer
        sent = sum([len(value) for name, value in request.headers if name in self._names])
        size = _OWN_BYTES + len(request.path) + len(request.query) + sent
        size += len(answer.body) if isinstance(answer, Answer) else sum(map(len, answer.items))
        if size > MAX_ONE or key in self._answers:
            return
        self._answers[key] = (kept, size)
        self._paths[request.path] += 1
        self._bytes += size
        while len(self._answers) > self._max_entries or self._bytes > self._max_bytes:
            oldest = next(iter(self._answers))
            self._bytes -= self._answers.pop(oldest)[1]
            path = oldest[1]
            self._paths[path] -= 1
            if not self._paths[path]:
                del self._paths[path]

    def _key(self, request: Incoming) -> _Key:
        """What tells a request from all others with another answer, as far as this memory knows."""
        names = self._names
        sent = [each for each in request.headers if each[0] in names]
        return (request.method, request.path, request.query, *sent)
