"""Hold a conversation with a server: move by move, each judged by the model, from a clean start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, final

from understudy.contracts.case import Case, Exchange
from understudy.contracts.claims import Failure
from understudy.contracts.conversation.model import Model, Observed
from understudy.contracts.conversation.moves import Move, Slot, scope_slots, slot_of
from understudy.contracts.conversation.trust import Trust
from understudy.contracts.requests.composer import Uncomposable
from understudy.contracts.sending.transport import Unsendable
from understudy.specs.behaviour.declarations import Resource, Verb
from understudy.specs.documents.document import Json
from understudy.specs.model import Location, Operation

__all__ = ["Conversation", "Played", "Table", "failure_of", "held", "told"]

_GONE: Final = frozenset({404, 410})
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
        adopt: Is told the path of each record that was made.
    """

    trust: Trust
    operations: Sequence[Operation]
    callers: Sequence[Callable[[Case], Case]]
    send: Callable[[Case], Exchange]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    is_open: Callable[[], bool]
    adopt: Callable[[str], None] = lambda _: None

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
        self._adopted: set[int] = set()
        self._answered: dict[int, datetime] = {}

    def delay(self, move: Move) -> float:
        """Seconds until a move may be sent."""
        number, seconds = move.after or (move.number, 0.0)
        answered = self._answered.get(number)
        return max(0.0, seconds - (self._table.now() - answered).total_seconds()) if answered is not None else 0.0

    def play(self, move: Move) -> Played | None:
        """Send a move and judge its answer; None where it refers to what isn't there, or can't be written."""
        known = self.model.known
        try:
            case = move.write(known.made)
        except Uncomposable:
            return None
        if case is None:
            return None
        delay = self.delay(move)
        if delay:
            self._table.sleep(delay)
        known.nobodys.update(move.nobodys)
        known.drawn.update(move.drawn)
        self._callers[move.number] = move.caller
        try:
            exchange = self._table.send(self._table.callers[move.caller % len(self._table.callers)](case))
        except Unsendable:
            return None
        self._answered[move.number] = self._table.now()
        observed = self.model.observe(move.number, exchange)
        for number in known.made.keys() - self._adopted:
            self._adopted.add(number)
            for path in self._paths(number):
                self._table.adopt(path)
        return Played(move, exchange, observed)

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
                answer = played.exchange.answer
                if answer is not None and answer.status in _GONE:
                    known.memory.drop(known.made[number].name, None)
                yield played.exchange
        for made in known.made.values():
            if known.memory.find(made.name) is not None:
                self.left[made.name[0]] = self.left.get(made.name[0], 0) + 1

    def _paths(self, number: int) -> Iterator[str]:
        """The paths of a record that was made, each up to its key, as the operations that name it have them."""
        for operation in self._table.operations:
            action = operation.action
            slot = slot_of(action.key) if action is not None else None
            resource = self.model.known.made[number].name[0]
            if action is None or slot is None or action.resource.name != resource or slot.location is not Location.PATH:
                continue
            move = Move(number, operation, 0, self._scope_values(action.resource, number), refs=((slot, number),))
            try:
                case = move.write(self.model.known.made)
            except Uncomposable:
                continue
            if case is not None:
                depth = operation.path.split("/").index(f"{{{slot.name}}}") if _is_whole(operation, slot) else None
                yield "/".join(case.target.partition("?")[0].split("/")[: depth + 1 if depth is not None else None])

    def _scope_values(self, resource: Resource, number: int) -> dict[tuple[Location, str], Json]:
        """What names the scope of a record that was made, where requests have it."""
        scope = self.model.known.made[number].name[1]
        return {
            (place.location, place.name): scope[index]
            for index, (place, _) in enumerate(scope_slots(resource))
            if place is not None and place.location is not None and index < len(scope)
        }

    def _deletion(self, number: int) -> Move | None:
        """What deletes a record; None where nothing does."""
        known = self.model.known
        resource = known.made[number].name[0]
        for operation in self._table.operations:
            action = operation.action
            slot = slot_of(action.key) if action is not None else None
            if action is None or slot is None or action.verb is not Verb.DELETE or action.resource.name != resource:
                continue
            values = self._scope_values(action.resource, number)
            needed = {(each.location, each.name) for each in operation.parameters if each.required}
            if slot.location is Location.PATH and needed <= {*values, (slot.location, slot.name)}:
                caller = self._callers.get(number, 0)
                return Move(-number - 1, operation, caller, values, refs=((slot, number),), note="clean up")
        return None


def _is_whole(operation: Operation, slot: Slot) -> bool:
    """Whether the key is a whole segment of the path."""
    return f"{{{slot.name}}}" in operation.path.split("/")


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
    """The exchanges of a story, each with its number, what it does, and how long to wait for it."""
    exchanges = []
    elapsed, answered = 0.0, dict[int, float]()
    for number, played in enumerate(story, start=1):
        action = played.move.operation.action
        what = f"{action.verb.value} {action.resource.name}" if action is not None else ""
        since, seconds = played.move.after or (played.move.number, 0.0)
        pause = round(max(0.0, answered.get(since, elapsed) + seconds - elapsed), 2)
        elapsed += pause
        answered[played.move.number] = elapsed
        later = f" after {pause:g} s" if pause else ""
        case = replace(played.exchange.case, note=f"step {number}{later}: {what}", pause=pause)
        exchanges.append(replace(played.exchange, case=case))
    return tuple(exchanges)
