"""Work that takes its time: which state a record is in, by how long ago it was begun."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final

from understudy.specs.behaviour.values import UNKNOWN, Scene, Value, rfc3339
from understudy.specs.documents.document import Json

__all__ = ["Job", "State", "advanced", "end_of", "find_fault", "seconds_of"]

_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)")
MAX_UNDER_WAY: Final = 99
"""Per cent of a job that hasn't ended, at most."""
_UNITS: Final[Mapping[str, float]] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


@final
@dataclass(frozen=True, slots=True)
class State:
    """A state of a job.

    Attributes:
        seconds: How long it lasts; None for an end, which stays.
        when: Whether a job comes to this end; None is always. The first that holds is it.
        progress: Per cent; None rises evenly up to 99 while it lasts, and is 100 at an end.
        has: Members of the record that are there in this state; what another state has alone isn't.
    """

    name: str
    seconds: float | None
    when: Value | None
    progress: int | None
    has: frozenset[str]


@final
@dataclass(frozen=True, slots=True)
class Job:
    """How a resource's records move by themselves: through the states in order, to the first end that fits.

    Attributes:
        status: The member that names the state.
        since: The member with the time it was begun.
        progress: The member with the per cent done; None where there is none.
        until: The member with the time of its end, there once it has ended; None where there is none.
    """

    status: str
    since: str
    progress: str | None
    until: str | None
    states: tuple[State, ...]

    @property
    def moved(self) -> frozenset[str]:
        """The members that aren't as they were written."""
        return frozenset(name for name in (self.status, self.progress, self.until) if name is not None) | self.hidden

    @property
    def hidden(self) -> frozenset[str]:
        """The members that only some states have."""
        return frozenset(name for state in self.states for name in state.has)


def seconds_of(text: str) -> float:
    """``"1.5s"`` → 1.5; units are ms, s, m and h. Raises `ValueError` for another form."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no duration; write a number with a unit, such as 250ms, 1.5s, 2m or 1h")
    return float(match.group(1)) * _UNITS[match.group(2)]


def find_fault(job: Job) -> str:
    """Why the states make no way to an end; empty when they do."""
    lasting = [state.seconds is not None for state in job.states]
    if lasting != sorted(lasting, reverse=True) or all(lasting):
        return "states that last (`for`) come first, and at least one that stays comes after them"
    if job.states[-1].when is not None:
        return "the last state must have no `when`, so that every job comes to an end"
    if any(state.when is not None for state in job.states if state.seconds is not None):
        return "only a state that stays (without `for`) may have a `when`"
    return ""


def advanced(job: Job, members: Mapping[str, Json], scene: Scene) -> dict[str, Json]:
    """A job's members as they are now: UNKNOWN where the scene doesn't say by which clock jobs move (``pace``)."""
    now, since, hidden = scene.names.get("pace", UNKNOWN), members.get(job.since), job.hidden
    if now is UNKNOWN or not isinstance(since, str):
        told = (job.status, job.progress, job.until, *hidden)
        return {**members, **{name: UNKNOWN for name in told if name is not None}}
    begun = datetime.fromisoformat(since.replace("Z", "+00:00"))
    state, progress = _state_at(job, max((now - begun).total_seconds(), 0.0))
    out = {name: value for name, value in members.items() if name not in hidden and name != job.until}
    if state is None:
        state = end_of(job, members, scene)
        progress = 100 if state.progress is None else state.progress
        if job.until is not None:
            total = sum(each.seconds or 0.0 for each in job.states)
            out[job.until] = rfc3339(begun + timedelta(seconds=total))
    out |= {name: members[name] for name in state.has if name in members}
    out[job.status] = state.name
    if job.progress is not None:
        out[job.progress] = progress
    return out


def _state_at(job: Job, elapsed: float) -> tuple[State | None, int]:
    """The state that lasts after so many seconds, and the per cent done; no state when all have passed."""
    lasting = [(state, state.seconds) for state in job.states if state.seconds is not None]
    reached = 0.0
    for index, (state, seconds) in enumerate(lasting):
        if state.progress is not None:
            reached = max(reached, state.progress)
        elif seconds:
            rising = sum(each for other, each in lasting[index:] if other.progress is None)
            reached += (100 - reached) * min(elapsed, seconds) / rising
        if elapsed < seconds:
            return state, min(int(reached), MAX_UNDER_WAY)
        elapsed -= seconds
    return None, 100


def end_of(job: Job, members: Mapping[str, Json], scene: Scene) -> State:
    """The end that a job comes to."""
    here = scene.saying(record=dict(members))
    ends = [state for state in job.states if state.seconds is None]
    return next((state for state in ends if state.when is None or state.when.evaluate(here) is True), ends[-1])
