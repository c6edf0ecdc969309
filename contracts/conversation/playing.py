"""Hold a conversation with a server: move by move, each judged by the model, from a clean start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, final

from understudy.contracts.case import Case, Exchange
from understudy.contracts.claims import Failure
from understudy.contracts.conversation.model import Model, Observed
from understudy.contracts.conversation.moves import Move, scope_slots, slot_of
from understudy.contracts.conversation.trust import Trust
from understudy.contracts.requests import Uncomposable
from understudy.contracts.transport import Unsendable
from understudy.specs.behaviour.declarations import Verb
from understudy.specs.model import Location, Operation

__all__ = ["Conversation", "Played", "Table", "failure_of", "held", "told"]

MAX_CLEANED: Final = 60
"""Records that are deleted after one conversation."""


@final
@dataclass(frozen=True, slots=True)
class Played:
    """A move, what was sent for it, and what the model says."""

    move: Move
    exchange: Exchange
    observed: Observed


@final
@dataclass(frozen=True, slots=True)
class Table:
    """Where conversations are held.

    Attributes:
        callers: Each puts its credentials on a case; the first are the user's.
        send: Sends a case once.
        is_open: Whether more may be sent: the target is there, and time is left.
    """

    trust: Trust
    operations: Sequence[Operation]
    callers: Sequence[Callable[[Case], Case]]
    send: Callable[[Case], Exchange]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    is_open: Callable[[], bool]

    def start(self) -> Conversation:
        """A conversation of which nothing is known yet."""
        return Conversation(self)


@final
class Conversation:
    """One conversation, from a clean start.

    Attributes:
        model: What it has taught.
        left: What couldn't be cleaned up, by resource; filled by `clean_up`.
    """

    def __init__(self, table: Table) -> None:
        self.model = Model(table.trust, table.now)
        self.left: dict[str, int] = {}
        self._table = table
        self._callers: dict[int, int] = {}

    def play(self, move: Move) -> Played | None:
        """Send a move and judge its answer; None where it refers to what isn't there, or can't be written."""
        known = self.model.known
        try:
            case = move.write(known.made)
        except Uncomposable:
            return None
        if case is None:
            return None
        if move.wait:
            self._table.sleep(move.wait)
        known.nobodys.update(move.nobodys)
        known.drawn.update(move.drawn)
        self._callers[move.number] = move.caller
        try:
            exchange = self._table.send(self._table.callers[move.caller % len(self._table.callers)](case))
        except Unsendable:
            return None
        return Played(move, exchange, self.model.observe(move.number, exchange))

    def clean_up(self) -> Iterator[Exchange]:
        """Delete what was made, the last first; what can't be deleted is counted in `left`."""
        known = self.model.known
        numbers = [number for number, made in known.made.items() if known.memory.find(made.name) is not None]
        for number in reversed(numbers[-MAX_CLEANED:]):
            if known.memory.find(known.made[number].name) is None:
                continue
            move = self._deletion(number)
            played = self.play(move) if move is not None else None
            if played is not None:
                yield played.exchange
        for made in known.made.values():
            if known.memory.find(made.name) is not None:
                self.left[made.name[0]] = self.left.get(made.name[0], 0) + 1

    def _deletion(self, number: int) -> Move | None:
        """What deletes a record; None where nothing does."""
        known = self.model.known
        resource, scope, _ = known.made[number].name
        for operation in self._table.operations:
            action = operation.action
            slot = slot_of(action.key) if action is not None else None
            if action is None or slot is None or action.verb is not Verb.DELETE or action.resource.name != resource:
                continue
            values = {}
            for index, (place, _) in enumerate(scope_slots(action.resource)):
                if place is not None and place.location is not None and index < len(scope):
                    values[place.location, place.name] = scope[index]
            needed = {(each.location, each.name) for each in operation.parameters if each.required}
            if slot.location is Location.PATH and needed <= {*values, (slot.location, slot.name)}:
                caller = self._callers.get(number, 0)
                return Move(-number - 1, operation, caller, values, refs=((slot, number),), note="clean up")
        return None


def held(table: Table, moves: Iterable[Move], fingerprint: str, spend: Callable[[int], bool]) -> list[Played] | None:
    """Hold a conversation again from a clean start, up to the failure; None where it doesn't show.

    Args:
        spend: Takes the number of requests that are to be sent; False when there is no budget for them.
    """
    conversation = table.start()
    story: list[Played] = []
    shown = False
    try:
        for move in moves:
            if not table.is_open() or not spend(1):
                break
            played = conversation.play(move)
            if played is None:
                continue
            story.append(played)
            if any(each.fingerprint == fingerprint for each in played.observed.failures):
                shown = True
                break
    finally:
        for _ in conversation.clean_up():
            spend(1)
    return story if shown else None


def failure_of(story: Sequence[Played], fingerprint: str) -> Failure:
    """The failure that a story ends with."""
    return next(each for each in story[-1].observed.failures if each.fingerprint == fingerprint)


def told(story: Sequence[Played]) -> tuple[Exchange, ...]:
    """The exchanges of a story, each with its number and what it does."""
    exchanges = []
    for number, played in enumerate(story, start=1):
        action = played.move.operation.action
        what = f"{action.verb.value} {action.resource.name}" if action is not None else ""
        case = replace(played.exchange.case, note=f"step {number}: {what}")
        exchanges.append(replace(played.exchange, case=case))
    return tuple(exchanges)
