"""The shortest conversation that shows a failure: recorded moves are left out, then bodies made simpler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar, final

from understudy.contracts.conversation.moves import Move
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, Location

__all__ = ["Budget", "shortest", "simpler"]

MAX_SIMPLER: Final = 12
"""Simpler forms that are tried of one move."""

T = TypeVar("T")


@final
@dataclass
class Budget:
    """How much may be sent to find the shortest conversation.

    Attributes:
        requests: How many are left.
        is_over: Whether the time is over.
    """

    requests: int
    is_over: Callable[[], bool]

    def spend(self, count: int) -> bool:
        """Take from the budget; False when nothing is left."""
        self.requests -= count
        return self.requests >= 0 and not self.is_over()


def shortest(moves: Sequence[Move], shows: Callable[[Sequence[Move]], bool], budget: Budget) -> list[Move]:
    """The fewest and simplest of the moves that still show the failure, as far as the budget goes.

    Args:
        shows: Whether the failure shows when these moves are made from a clean start.
    """
    kept = list(moves)
    related = _related(kept)
    if len(related) < len(kept) and shows(related):
        kept = related
    size = max(1, len(kept) // 2)
    while size and budget.requests > 0:
        start, cut = 0, False
        while start < len(kept) and budget.requests > 0:
            fewer = kept[:start] + kept[start + size :]
            if fewer and shows(fewer):
                kept, cut = fewer, True
            else:
                start += size
        if not cut or size > len(kept):
            size //= 2
    for index in range(len(kept)):
        kept = _simplest(kept, index, shows, budget)
    return kept


def _related(moves: Sequence[Move]) -> list[Move]:
    """The last move, what made the records that it refers to, and what else was done with these."""
    numbers = {moves[-1].number, *(number for _, number in moves[-1].refs)}
    for move in reversed(moves):
        if move.number in numbers:
            numbers.update(number for _, number in move.refs)
    return [each for each in moves if each.number in numbers or any(number in numbers for _, number in each.refs)]


def simpler(move: Move) -> Iterator[Move]:
    """Simpler forms of a move that the document allows, the simplest first."""
    required = {(each.location, each.name) for each in move.operation.parameters if each.required}
    named = {(slot.location, slot.name) for slot, _ in move.refs}
    optional = [place for place in move.values if place not in required | named]
    if len(optional) > 1:
        yield replace(move, values={place: each for place, each in move.values.items() if place not in optional})
    for place in optional:
        if place[0] is Location.QUERY:
            yield replace(move, values={other: each for other, each in move.values.items() if other != place})
    for body in _simpler_bodies(move):
        yield move.with_body(body)


def _simplest(moves: list[Move], index: int, shows: Callable[[Sequence[Move]], bool], budget: Budget) -> list[Move]:
    for _ in range(MAX_SIMPLER):
        for move in simpler(moves[index]):
            if budget.requests <= 0:
                return moves
            tried = [*moves[:index], move, *moves[index + 1 :]]
            if shows(tried):
                moves = tried
                break
        else:
            return moves
    return moves


def _simpler_bodies(move: Move) -> Iterator[Json]:
    """The body without one member, or with a shorter one; all valid."""
    body, media_type = move.body, move.media_type
    if not isinstance(body, Mapping) or media_type is None or media_type.schema is None:
        return
    validator = media_type.schema.validator(Direction.REQUEST)
    pointers = {slot.name.split("/")[1] for slot, _ in move.refs if slot.location is None}
    free = [name for name in body if name not in pointers]
    bare = {name: item for name, item in body.items() if name in pointers}
    candidates: list[dict[str, Json]] = [bare] if free else []
    candidates += [{other: item for other, item in body.items() if other != name} for name in free]
    for name in free:
        if isinstance(body[name], str) and len(body[name]) > 1:
            candidates.append({**body, name: "a"})
        elif isinstance(body[name], list) and len(body[name]) > 1:
            candidates.append({**body, name: body[name][:1]})
    yield from (each for each in candidates if validator.is_valid(each))
