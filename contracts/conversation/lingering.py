"""What takes its time: records that end by themselves, and jobs, looked at when something has to have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple, final

from understudy.contracts.conversation.drawing import Drawer
from understudy.contracts.conversation.foreseeing import LIFETIMES, foresee, lifetime, with_lifetimes
from understudy.contracts.conversation.jobs import late_after
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.moves import Move
from understudy.specs.behaviour.declarations import Resource, Verb
from understudy.specs.behaviour.jobs import end_of
from understudy.specs.behaviour.values import Scene

__all__ = ["Lingerer"]

FIRST_LOOK: Final = 0.6
"""When a record with an end is looked at first, in parts of its life."""
UNSURE_SECONDS: Final = 2.0
"""How long after its end it is looked at, so that it is over by any clock that is told to the second."""
MAX_DRAWN: Final = 30
"""Moves that are drawn to find jobs with different ends."""
JOB_LOOKS: Final = (0.1, 0.3, 0.5, 0.65, 0.8, 1.2, 2.0)
"""When jobs are looked at, in parts of the time that they take: on their way often, and at their end twice."""
_SEEN: Final = (Verb.READ, Verb.LIST)
_TOUCHED: Final = (*_SEEN, Verb.UPDATE, Verb.MERGE, Verb.REPLACE, Verb.DELETE)


class _Look(NamedTuple):
    """What is done with the record of a move, and how many seconds after it was made."""

    seconds: float
    about: int
    verbs: tuple[Verb, ...]


@final
@dataclass
class Lingerer:
    """Draws the moves of the conversation that waits.

    Args:
        known: What the conversation has taught.
        seconds: How long may be waited.

    Attributes:
        reasons: Resource → why what comes to its records with time isn't seen.
    """

    drawer: Drawer
    known: Knowledge
    now: Callable[[], datetime]
    seconds: float
    reasons: dict[str, str] = field(default_factory=dict)

    def moves(self) -> Iterator[Move]:
        """First what is made, then the looks at it as their time comes; each is drawn when those before were played."""
        looks: list[_Look] = []
        for resource in self.drawer.trust.resources.values():
            made: list[Move] = []
            if resource.expires is not None:
                made = self._mortals(resource)
            elif resource.job is not None:
                made = self._jobs(resource)
            for move in made:
                yield move
                looks += self._looks(resource, move)
        for look in sorted(looks):
            for operation in self.drawer.matching(self._resource_of(look.about), look.verbs):
                drawn = self.drawer.build(operation, self.known, look.about, plain=True, astray=False)
                if drawn is not None:
                    yield replace(drawn, after=(look.about, look.seconds))

    def _looks(self, resource: Resource, move: Move) -> Sequence[_Look]:
        if move.number not in self.known.made:
            return ()
        if resource.expires is not None:
            seconds = lifetime(move, resource, self.known, self.now())
            assert seconds is not None
            return _Look(seconds * FIRST_LOOK, move.number, _SEEN), _Look(
                seconds + UNSURE_SECONDS, move.number, _TOUCHED
            )
        assert resource.job is not None
        whole = sum(state.seconds or 0.0 for state in resource.job.states)
        times = [whole * part for part in JOB_LOOKS]
        if late_after(resource.job) <= self.seconds:
            times.append(late_after(resource.job))
        return [_Look(seconds, move.number, _SEEN) for seconds in times]

    def _mortals(self, resource: Resource) -> list[Move]:
        """The creation of a record with a short life."""
        shortest: float | None = None
        best: tuple[int, Move] | None = None
        for drawn in self._creations(resource, 2):
            for move in with_lifetimes(drawn, resource, self.now()):
                seconds = lifetime(move, resource, self.known, self.now())
                if seconds is None:
                    continue
                shortest = min(seconds, shortest or seconds)
                if seconds > 0 and seconds + UNSURE_SECONDS <= self.seconds:
                    rank = LIFETIMES.index(round(seconds)) if round(seconds) in LIFETIMES else len(LIFETIMES)
                    best = min(best or (rank, move), (rank, move), key=lambda pair: pair[0])
        if best is not None:
            return [best[1]]
        self.reasons[resource.name] = (
            f"when a {resource.name} ends can't be told from a request"
            if shortest is None
            else f"a {resource.name} ends after {_told(shortest)}, and no more than {_told(self.seconds)} are waited"
        )
        return []

    def _jobs(self, resource: Resource) -> list[Move]:
        """The creation of a job for each end that jobs may come to."""
        assert resource.job is not None
        whole = sum(state.seconds or 0.0 for state in resource.job.states)
        if whole * max(JOB_LOOKS) > self.seconds:
            told = f"a {resource.name} takes {_told(whole)}, and no more than {_told(self.seconds)} are waited"
            self.reasons[resource.name] = told
            return []
        found: dict[str, Move] = {}
        for move in self._creations(resource, MAX_DRAWN):
            members = foresee(move, self.known, self.now())
            if members is not None:
                end = end_of(resource.job, members, Scene({}, {"now": self.now()}))
                found.setdefault(end.name, move)
        return list(found.values())

    def _creations(self, resource: Resource, count: int) -> Iterator[Move]:
        for operation in self.drawer.matching(resource.name, (Verb.CREATE,)):
            for _ in range(count):
                move = self.drawer.build(operation, self.known)
                if move is not None:
                    yield move

    def _resource_of(self, number: int) -> str:
        return self.known.made[number].name[0]


def _told(seconds: float) -> str:
    if seconds >= 2 * 3600:
        return f"{seconds / 3600:.3g} hours"
    return f"{seconds / 60:.3g} minutes" if seconds >= 120 else f"{seconds:.3g} seconds"
