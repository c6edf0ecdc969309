"""Which requests made what others name: a failure is told with all that somebody needs who begins with nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, final

from understudy.contracts.case import Exchange
from understudy.contracts.replaying.bindings import find_given, values_of

__all__ = ["MAX_MADE_FOR_RELATIONS", "Origins"]

MAX_VALUES: Final = 2_000
"""Kept; the oldest are forgotten first."""
MAX_GIVEN: Final = 20
"""Of one answer."""
MAX_OCTETS: Final = 65_536
"""Of request and answer; larger exchanges aren't kept."""
MAX_MADE: Final = 8
"""Requests that are told before an answer that is wrong by itself."""
MAX_MADE_FOR_RELATIONS: Final = 25
"""Before a conversation: what is wrong with a list may lie in any record that is in it."""

_MAKING: Final = frozenset({"POST", "PUT"})


@final
class Origins:
    """Remembers the requests of a run that were answered with keys of records."""

    def __init__(self) -> None:
        self._by_value: dict[str, tuple[int, Exchange]] = {}
        self._watched = 0

    def watch(self, exchange: Exchange) -> None:
        """Take note of what an answer gives."""
        case, answer = exchange.case, exchange.answer
        if case.method not in _MAKING or answer is None or not 200 <= answer.status < 300:
            return
        if len(answer.body) + len(case.body or b"") > MAX_OCTETS:
            return
        self._watched += 1
        for value in islice(find_given(exchange), MAX_GIVEN):
            self._by_value.setdefault(value, (self._watched, exchange))
        while len(self._by_value) > MAX_VALUES:
            del self._by_value[next(iter(self._by_value))]

    def complete(self, story: Sequence[Exchange], most: int = MAX_MADE) -> tuple[Exchange, ...]:
        """The story, after the requests that made what it names, or was shown, and doesn't make itself; in their order.

        Args:
            most: Where what answers show takes more requests, long lists are left as they were found.
        """
        known = {value for exchange in story if exchange.case.method in _MAKING for value in find_given(exchange)}
        named = self._makers((value for exchange in story for value in values_of(exchange.case)), known, most)
        shown = (value for each in story if each.case.method not in _MAKING for value in find_given(each))
        made = self._makers(shown, known, most) | named
        if len(made) > most:
            made = named
        return (*(exchange for _, exchange in sorted(made.items())[:most]), *story)

    def _makers(self, values: Iterable[str], known: set[str], most: int) -> dict[int, Exchange]:
        """The requests that gave these values, and what they name in turn; by when they were sent."""
        found: dict[int, Exchange] = {}
        waiting = [*values]
        while waiting and len(found) <= most:
            value = waiting.pop(0)
            if value in known or value not in self._by_value:
                continue
            index, origin = self._by_value[value]
            found[index] = origin
            known.update(find_given(origin))
            waiting += values_of(origin.case)
        return found
