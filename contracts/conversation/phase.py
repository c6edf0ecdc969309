"""The model-based phase: random conversations with the server, in which every answer is judged by those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Final, final

from understudy.contracts.case import Exchange
from understudy.contracts.claims import Claim, Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.callers import find_callers
from understudy.contracts.conversation.drawing import THEMES, Drawer, is_wider
from understudy.contracts.conversation.moves import Move
from understudy.contracts.conversation.playing import Conversation, Played, Table, failure_of, held, told
from understudy.contracts.conversation.shortening import Budget, shortest
from understudy.contracts.conversation.trust import Trust
from understudy.contracts.events import ClaimExercised, ClaimSkipped, Event, FailureFound, FlakyFound, Noted
from understudy.contracts.gate import is_loopback
from understudy.contracts.settings import Settings
from understudy.contracts.target import Target
from understudy.contracts.transport import Clock
from understudy.specs.behaviour.declarations import Resource, Verb
from understudy.specs.model import Operation

__all__ = ["Talk", "converse"]

SHORTENING_REQUESTS: Final = 1_500
SHORTENING_SECONDS: Final = 10.0
MAX_POLLS: Final = 6
POLLS_AFTER: Final = 3
"""Of these, so many come after the end that is expected: an end is looked at twice, also by a slow machine."""
MAX_JOB_SECONDS: Final = 6.0
"""Jobs that take longer aren't waited for."""
MAX_FINDINGS: Final = 40
_ABOUT: Final[Mapping[Verb, tuple[Claim, ...]]] = {
    Verb.CREATE: (claimed.CREATE_ANSWER,),
    Verb.READ: (claimed.READ_AFTER_WRITE, claimed.MADE_IS_FOUND, claimed.DELETED_IS_GONE),
    Verb.LIST: (claimed.LIST_COMPLETE, claimed.LIST_AGREES, claimed.GONE_FROM_LISTS),
    Verb.UPDATE: (claimed.UPDATE_ANSWER,),
    Verb.MERGE: (claimed.UPDATE_ANSWER,),
    Verb.REPLACE: (claimed.UPDATE_ANSWER,),
    Verb.UPSERT: (claimed.UPDATE_ANSWER,),
    Verb.DELETE: (claimed.DOUBLE_DELETE,),
    Verb.CLEAR: (claimed.ANSWER_DECLARED,),
}
"""What an operation would first have been a test of."""
_LOOKING: Final = frozenset({Verb.READ, Verb.LIST})
FINAL_MOVES: Final = 6
"""At the end of a conversation a record is deleted, and looked at before and after it."""


@final
@dataclass(frozen=True, slots=True)
class Talk:
    """What the phase works with.

    Attributes:
        operations: Those that are exercised; the ones without an action are left out here.
        judge: What the exchange checks say of an exchange, as events.
        deadline: When the phase has to end, by the clock.
    """

    trust: Trust
    operations: Sequence[Operation]
    claim_ids: frozenset[str]
    settings: Settings
    target: Target
    clock: Clock
    now: Callable[[], datetime]
    judge: Callable[[tuple[Exchange, ...]], Iterator[Event]]
    deadline: float


@final
@dataclass
class _Phase:
    """The state of the phase."""

    talk: Talk
    table: Table
    may_widen: bool
    muted: set[str] = field(default_factory=set)
    judged: dict[tuple[str, str], int] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)


def converse(talk: Talk) -> Iterator[Event]:
    """Hold conversations until the budget is spent; what was made is deleted after each, also after an interrupt."""
    actions = talk.trust.actions
    operations = [each for each in talk.trust.api.operations if each.label in actions]
    selected = {each.label for each in talk.operations}
    operations = [each for each in operations if each.label in selected]
    if not operations:
        return
    asked = talk.settings.allow_destructive
    may_widen = is_loopback(talk.target.url) if asked is None else asked

    def is_open() -> bool:
        return not talk.target.lost and talk.clock.now() < talk.deadline

    callers = find_callers(talk.trust, talk.settings, talk.target)
    table = Table(
        talk.trust, operations, callers, talk.target.send, talk.now, talk.clock.sleep, is_open, talk.target.gate.adopt
    )
    phase = _Phase(talk, table, may_widen)
    # Where nothing is made, or nothing looked at, there is little that one answer says of another.
    verbs = {each.verb for each in map(actions.__getitem__, (each.label for each in operations))}
    is_whole = bool(verbs & _LOOKING) and bool(verbs - _LOOKING)
    for index in range(talk.settings.budget.conversations if is_whole else 1):
        if not is_open() or len(phase.muted) >= MAX_FINDINGS:
            break
        yield from _hold(phase, index)
    yield from _account(phase)


def _hold(phase: _Phase, index: int) -> Iterator[Event]:
    """One conversation; it goes on after a failure that is known already."""
    talk, table = phase.talk, phase.table
    seed = talk.settings.seed
    drawer = Drawer(
        talk.trust,
        table.operations,
        Random(f"{seed}/conversation/{index}"),
        f"{seed}/{index}",
        len(table.callers),
        phase.may_widen,
        index,
        _focus(talk.trust, index),
    )
    conversation = table.start()
    story: list[Played] = []
    found: list[Failure] = []
    try:
        moves = _moves(drawer, conversation, talk, polls=index == 0)
        for move in moves:
            played = conversation.play(move)
            if played is None:
                continue
            story.append(played)
            _note(phase, played)
            found = [each for each in played.observed.failures if _is_new(phase, each)]
            if found or not table.is_open():
                break
    finally:
        cleaned = list(conversation.clean_up()) if not talk.target.lost else []
        for resource, count in conversation.left.items():
            phase.left[resource] = phase.left.get(resource, 0) + count
    for played in story:
        yield from talk.judge((played.exchange,))
    for exchange in cleaned:
        yield from talk.judge((exchange,))
    for failure in found:
        phase.muted.add(failure.fingerprint)
        yield from _told(phase, failure, story)


def _moves(drawer: Drawer, conversation: Conversation, talk: Talk, *, polls: bool) -> Iterator[Move]:
    known = conversation.model.known
    for number in range(talk.settings.budget.moves):
        if number == talk.settings.budget.moves - FINAL_MOVES:
            drawer.finish(known)
        move = drawer.draw(number, known)
        if move is None:
            return
        yield move
    waits = _job_seconds(talk.trust.resources)
    if not polls or not waits:
        return
    for number in range(MAX_POLLS):
        move = drawer.poll(talk.settings.budget.moves + number, known, waits / (MAX_POLLS - POLLS_AFTER))
        if move is None:
            return
        yield move


def _focus(trust: Trust, index: int) -> str:
    """The resource that a conversation is mostly about: each in turn; every other conversation is about all."""
    names = list(trust.resources)
    return names[index // THEMES % len(names)] if index >= THEMES and index % 2 else ""


def _job_seconds(resources: Mapping[str, Resource]) -> float:
    """How long the longest job takes; 0 where none is worth waiting for."""
    times = [
        sum(state.seconds or 0.0 for state in resource.job.states)
        for resource in resources.values()
        if resource.job is not None
    ]
    return max((each for each in times if each <= MAX_JOB_SECONDS), default=0.0)


def _is_new(phase: _Phase, failure: Failure) -> bool:
    return failure.claim.id in phase.talk.claim_ids and failure.fingerprint not in phase.muted


def _note(phase: _Phase, played: Played) -> None:
    label = played.move.operation.label
    for claim_id in played.observed.judged:
        phase.judged[claim_id, label] = phase.judged.get((claim_id, label), 0) + 1
    if played.observed.doubt:
        phase.doubts.setdefault(label, played.observed.doubt)


def _told(phase: _Phase, failure: Failure, story: Sequence[Played]) -> Iterator[Event]:
    """The shortest story that shows a failure; a flaky one, where it doesn't show again."""
    table, clock = phase.table, phase.talk.clock
    until = min(clock.now() + SHORTENING_SECONDS, phase.talk.deadline + SHORTENING_SECONDS / 2)
    budget = Budget(SHORTENING_REQUESTS, lambda: clock.now() > until)
    patient = replace(table, is_open=lambda: not phase.talk.target.lost)
    name = failure.fingerprint
    best = held(patient, [each.move for each in story], name, budget.spend)
    if best is None:
        yield FlakyFound(failure, told(story))
        return

    def shows(moves: Sequence[Move]) -> bool:
        nonlocal best
        again = held(patient, moves, name, budget.spend)
        if again is not None:
            best = again
        return again is not None

    shortest([each.move for each in best], shows, budget)
    exchanges = told(best)
    for exchange in exchanges:
        yield from phase.talk.judge((exchange,))
    yield FailureFound(failure_of(best, name), exchanges)


def _account(phase: _Phase) -> Iterator[Event]:
    """What was judged how often, what wasn't and why, and what is left behind."""
    for (claim_id, label), times in phase.judged.items():
        if claim_id in phase.talk.claim_ids:
            yield ClaimExercised(claim_id, label, times)
    tested = {label for _, label in phase.judged}
    for operation in phase.table.operations:
        action = operation.action
        if operation.label in tested or action is None:
            continue
        reason = phase.doubts.get(operation.label, "")
        if is_wider(action) and not phase.may_widen:
            reason = "it writes to what we didn't make; --allow-destructive permits it"
        for claim in _ABOUT[action.verb]:
            if claim.id in phase.talk.claim_ids:
                yield ClaimSkipped(claim.id, operation.label, reason or "no conversation came to it")
    for resource, count in phase.left.items():
        yield Noted(f"{resource}: {count} record{'s' if count > 1 else ''} made by the test and not deleted again")
