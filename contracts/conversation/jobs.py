"""Jobs that are seen again: forward only, never less done, and what has ended stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from understudy.contracts.claims import Claim, Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.values import same
from understudy.specs.behaviour.declarations import Action
from understudy.specs.behaviour.jobs import Job, State
from understudy.specs.behaviour.memory import Name
from understudy.specs.documents.document import Json
from understudy.specs.model import Operation

__all__ = ["judge_job"]


def judge_job(
    operation: Operation, action: Action, name: Name, shown: Mapping[str, Json], known: Knowledge, status: int
) -> Iterator[Failure]:
    """What is wrong with a job by how it was seen before; remembers how it is seen now.

    Args:
        shown: The record's members, as the answer has them.
    """
    job = action.resource.job
    if job is None:
        return
    state = _find_state(job, shown.get(job.status))
    if state is None:
        return
    done = shown.get(job.progress) if job.progress is not None else None
    progress = done if isinstance(done, (int, float)) and not isinstance(done, bool) else None
    result = {each: shown[each] for each in sorted(state.has) if each in shown}
    before = known.moves.get(name)
    known.moves[name] = (state.name, progress, result)

    def broken(claim: Claim, place: str, message: str) -> Failure:
        return Failure(claim, operation.label, f"{status} {place}", message)

    if before is not None:
        earlier, less, old = before
        was = _find_state(job, earlier)
        assert was is not None
        if was.seconds is None and (state is not was or not same(old, result)):
            told = f"{state.name!r}" if state is not was else "with another result"
            yield broken(claimed.JOB_FINAL, job.status, f"a job that had ended as {earlier!r} is now {told}")
        elif job.states.index(state) < job.states.index(was):
            yield broken(claimed.JOB_FORWARD, job.status, f"a job that was {earlier!r} is {state.name!r} again")
        elif progress is not None and less is not None and progress < less and not _is_failed_end(state):
            place = str(job.progress)
            yield broken(claimed.JOB_PROGRESS, place, f"a job that was done by {less:g} is done by {progress:g}")
    certain = known.certain_members(action.resource)
    for place, message in _members(operation, job, state, shown, certain):
        yield broken(claimed.JOB_MEMBERS, place, message)


def _members(
    operation: Operation, job: Job, state: State, shown: Mapping[str, Json], certain: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Place and message of each member that the state doesn't go with.

    Args:
        certain: What every record of the resource has, whether it is shown or not.
    """
    for each in sorted(job.hidden - state.has):
        if shown.get(each) is not None:
            yield each, f"a job that is {state.name!r} shows {each!r}, which only comes with another state"
    for each in sorted(state.has & certain & _documented(operation)):
        if shown.get(each) is None:
            yield each, f"a job that is {state.name!r} shows no {each!r}"


def _documented(operation: Operation) -> frozenset[str]:
    """The members that the operation's successes may show."""
    content = [each for response in operation.responses if response.is_success for each in response.content]
    return frozenset(name for each in content if each.schema is not None for name in each.schema.member_names())


def _find_state(job: Job, name: Json) -> State | None:
    return next((state for state in job.states if state.name == name), None)


def _is_failed_end(state: State) -> bool:
    """An end that says itself how much is done may say less than before."""
    return state.seconds is None and state.progress is not None
