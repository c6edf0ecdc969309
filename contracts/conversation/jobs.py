"""Jobs that are seen again: forward only, never less done, and what has ended stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final, TypeAlias

from understudy.contracts.claims import Claim, Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.times import Moments
from understudy.contracts.conversation.values import differences, moment_of, same
from understudy.specs.behaviour.declarations import Action
from understudy.specs.behaviour.jobs import Job, State
from understudy.specs.behaviour.memory import Name
from understudy.specs.behaviour.values import UNKNOWN, Scene, ValueFailed
from understudy.specs.documents.document import Json
from understudy.specs.model import Operation

__all__ = ["judge_job", "late_after"]

Fault: TypeAlias = tuple[Claim, str, str]
"""Claim, place, message."""

LATE_TIMES: Final = 2.0
LATE_SECONDS: Final = 5.0
"""A job that takes longer than twice its time and so many seconds more isn't just slow."""


def judge_job(
    operation: Operation,
    action: Action,
    name: Name,
    shown: Mapping[str, Json],
    known: Knowledge,
    status: int,
    moments: Moments,
) -> Iterator[Failure]:
    """What is wrong with a job by how it was seen before; remembers how it is seen now.

    Args:
        shown: The record's members, as the answer has them.
        moments: When the server answered.
    """
    job = action.resource.job
    state = _find_state(job, shown.get(job.status)) if job is not None else None
    if job is None or state is None:
        return
    done = shown.get(job.progress) if job.progress is not None else None
    progress = done if isinstance(done, (int, float)) and not isinstance(done, bool) else None
    result = {each: shown[each] for each in sorted(state.has | {job.until or ""}) if each in shown}
    before = known.moves.get(name)
    known.moves[name] = (state.name, progress, result)
    record = known.memory.find(name)
    members = record.members if record is not None else {}
    certain = known.certain_members(action.resource) & _documented(operation)
    for claim, place, message in (
        *_since_then(job, state, progress, result, before),
        *_by_record(job, state, progress, members, moments),
        *_members(job, state, shown, members, certain),
    ):
        yield Failure(claim, operation.label, f"{status} {place}", f"{action.resource.name} {name[2]}: {message}")


def _since_then(
    job: Job,
    state: State,
    progress: float | None,
    result: Mapping[str, Json],
    before: tuple[str, float | None, Json] | None,
) -> Iterator[Fault]:
    """What can't have become of a job that was seen otherwise before."""
    if before is None:
        return
    earlier, less, old = before
    was = _find_state(job, earlier)
    assert was is not None
    if was.seconds is None and (state is not was or not same(old, result)):
        told = f"{state.name!r}" if state is not was else "with another result, or ended at another time"
        yield claimed.JOB_FINAL, job.status, f"a job that had ended as {earlier!r} is now {told}"
    elif job.states.index(state) < job.states.index(was):
        yield claimed.JOB_FORWARD, job.status, f"a job that was {earlier!r} is {state.name!r} again"
    elif progress is not None and less is not None and progress < less and not _is_failed_end(state):
        told = f"a job that was done by {less:g} is done by {progress:g}"
        yield claimed.JOB_PROGRESS, str(job.progress), told


def _by_record(
    job: Job, state: State, progress: float | None, members: Mapping[str, Json], moments: Moments
) -> Iterator[Fault]:
    """What can't be by what the job was made with, and by how long ago that was."""
    since = moment_of(members.get(job.since))
    if state.seconds is not None:
        late = late_after(job)
        if since is not None and moments.early > since + timedelta(seconds=late):
            yield claimed.JOB_END, "late", f"a job is {state.name!r} more than {late:g} seconds after it was begun"
        return
    end = _find_end(job, members)
    if end is not None and end is not state:
        told = f"a job that has to end as {end.name!r}, by what it was made with, ended as {state.name!r}"
        yield claimed.JOB_END, job.status, told
    whole = 100 if state.progress is None else state.progress
    if progress is not None and progress != whole:
        told = f"a job that has ended as {state.name!r} is done by {progress:g} instead of {whole}"
        yield claimed.JOB_PROGRESS, str(job.progress), told


def _find_end(job: Job, members: Mapping[str, Json]) -> State | None:
    """The end that a job comes to; None where too little is known of it."""
    scene = Scene({}, {"record": dict(members)})
    for state in job.states:
        if state.seconds is None:
            try:
                holds = True if state.when is None else state.when.evaluate(scene)
            except ValueFailed:
                return None
            if holds is True:
                return state
            if holds is UNKNOWN:
                return None
    return None


def _members(
    job: Job, state: State, shown: Mapping[str, Json], members: Mapping[str, Json], certain: frozenset[str]
) -> Iterator[Fault]:
    """Members that the state doesn't go with, or that aren't what they have to be.

    Args:
        members: What is known of the record.
        certain: What every record of the resource has, and the answer may show.
    """
    for each in sorted(job.hidden - state.has):
        if shown.get(each) is not None:
            told = f"a job that is {state.name!r} shows {each!r}, which only comes with another state"
            yield claimed.JOB_MEMBERS, each, told
    for each in sorted(state.has & certain):
        if shown.get(each) is None:
            yield claimed.JOB_MEMBERS, each, f"a job that is {state.name!r} shows no {each!r}"
    for each in sorted(state.has & members.keys() & shown.keys()):
        for found in differences(members[each], shown[each]):
            told = f"a job that is {state.name!r} shows another {each}{found.pointer} than it was made with"
            yield claimed.JOB_MEMBERS, f"{each}{found.pointer}", told


def _documented(operation: Operation) -> frozenset[str]:
    """The members that the operation's successes may show."""
    content = [each for response in operation.responses if response.is_success for each in response.content]
    return frozenset(name for each in content if each.schema is not None for name in each.schema.member_names())


def _find_state(job: Job, name: Json) -> State | None:
    return next((state for state in job.states if state.name == name), None)


def _is_failed_end(state: State) -> bool:
    """An end that says itself how much is done may say less than before."""
    return state.seconds is None and state.progress is not None


def late_after(job: Job) -> float:
    """Seconds after which a job has ended, however slow the machine is."""
    return sum(state.seconds or 0.0 for state in job.states) * LATE_TIMES + LATE_SECONDS
