"""The model-based phase: random conversations with the server, in which every answer is judged by those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import count, islice
from random import Random
from typing import Final, final

from understudy.contracts.case import Exchange
from understudy.contracts.claims import Failure
from understudy.contracts.conversation.accounting import Account
from understudy.contracts.conversation.callers import find_callers
from understudy.contracts.conversation.drawing import THEMES, Drawer
from understudy.contracts.conversation.lingering import Lingerer
from understudy.contracts.conversation.moves import Move
from understudy.contracts.conversation.playing import Conversation, Played, Table, failure_of, held, told
from understudy.contracts.conversation.scripts import Script, subjects
from understudy.contracts.conversation.shortening import Budget, shortest
from understudy.contracts.conversation.trust import Trust
from understudy.contracts.events import Event, FailureFound, FlakyFound
from understudy.contracts.sending.gate import is_loopback
from understudy.contracts.sending.target import Target
from understudy.contracts.sending.transport import Clock
from understudy.contracts.settings import Settings
from understudy.specs.behaviour.declarations import Resource, Verb
from understudy.specs.behaviour.memory import ancestors
from understudy.specs.model import Operation

__all__ = ["Talk", "converse"]

SHORTENING_REQUESTS: Final = 1_500
SHORTENING_SECONDS: Final = 10.0
MAX_FINDINGS: Final = 40
FINAL_MOVES: Final = 6
"""At the end of a conversation a record is deleted, and looked at before and after it."""
WAITING_SHARE: Final = 0.4
"""Of the phase, what may be waited for records to end and jobs to come to theirs; other conversations go on."""
SHORT_WAIT: Final = 1.0
"""Seconds in which nothing else is begun: what is looked at in short steps would be missed."""
MAX_TRIES: Final = 3
"""How often a failure may turn up and not show again, until it is told as a flaky one."""
_LOOKING: Final = frozenset({Verb.READ, Verb.LIST})


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
    """The state of the phase.

    Attributes:
        muted: Fingerprints of what isn't told again.
        doubtful: Fingerprint → what turned up and didn't show again, each time.
        account: What was judged, and what wasn't.
    """

    talk: Talk
    table: Table
    may_widen: bool
    account: Account
    muted: set[str] = field(default_factory=set)
    doubtful: dict[str, list[FlakyFound]] = field(default_factory=dict)

    def is_new(self, failure: Failure) -> bool:
        """Whether a failure is to be told, and hasn't been."""
        return failure.claim.id in self.talk.claim_ids and failure.fingerprint not in self.muted

    def drawer(self, name: str, theme: int = 0, focus: str = "") -> Drawer:
        """What draws the moves of a conversation; its name and the seed decide everything."""
        talk, table = self.talk, self.table
        key, random = f"{talk.settings.seed}/{name}", Random(f"{talk.settings.seed}/conversation/{name}")
        return Drawer(talk.trust, table.operations, random, key, len(table.callers), self.may_widen, theme, focus)


@final
class _Tale:
    """A conversation that is being held.

    Attributes:
        story: What was played.
        found: New failures, each with the story that led to it.
    """

    def __init__(self, phase: _Phase, conversation: Conversation, moves: Iterator[Move], *, ends_with_failure: bool):
        self.story: list[Played] = []
        self.found: list[tuple[Failure, tuple[Played, ...]]] = []
        self._phase = phase
        self._conversation = conversation
        self._moves = moves
        self._next: Move | None = None
        self._ends_with_failure = ends_with_failure
        self._cleaned: list[Exchange] = []

    def go_on(self, *, is_patient: bool = True) -> None:
        """Play moves up to the end.

        Args:
            is_patient: Otherwise only up to the first one that has to be waited for a while.
        """
        table = self._phase.table
        while table.is_open() and not (self.found and self._ends_with_failure):
            move = self._next or next(self._moves, None)
            self._next = move
            if move is None or (not is_patient and self._conversation.delay(move) > SHORT_WAIT):
                return
            self._next = None
            played = self._conversation.play(move)
            if played is None:
                continue
            self.story.append(played)
            self._phase.account.note(played)
            failures = [each for each in played.observed.failures if self._phase.is_new(each)]
            # A claim that is broken after a wait is broken everywhere, and each time it takes the wait to show it.
            known = {each.claim.id for each, _ in self.found} if not self._ends_with_failure else set[str]()
            self.found += [(each, tuple(self.story)) for each in failures if each.claim.id not in known]

    def clean_up(self) -> None:
        """Delete what was made, as far as the target is there."""
        if not self._phase.talk.target.lost:
            self._cleaned += self._conversation.clean_up()
        self._phase.account.leave(self._conversation.left)

    def events(self) -> Iterator[Event]:
        """What the conversation came to. Only now other checks judge its answers: they may send requests again."""
        for exchange in (*(played.exchange for played in self.story), *self._cleaned):
            yield from self._phase.talk.judge((exchange,))
        for failure, story in self.found:
            if self._phase.is_new(failure):
                yield from _told(self._phase, failure, story)


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
    phase = _Phase(talk, table, may_widen, Account(talk.trust, operations, talk.claim_ids, may_widen))
    # Where nothing is made, or nothing looked at, there is little that one answer says of another.
    verbs = {each.verb for each in map(actions.__getitem__, (each.label for each in operations))}
    is_whole = bool(verbs & _LOOKING) and bool(verbs - _LOOKING)
    waiting = _waiting(phase)
    try:
        waiting.go_on(is_patient=_may_clear(talk.trust, operations))
        for moves_of in islice(_plans(phase), talk.settings.budget.conversations if is_whole else 1):
            if not is_open() or len(phase.muted) >= MAX_FINDINGS:
                phase.account.is_cut = not is_open()
                break
            yield from _hold(phase, moves_of)
            waiting.go_on(is_patient=False)
        waiting.go_on()
    finally:
        waiting.clean_up()
    yield from waiting.events()
    for flaky in phase.doubtful.values():
        yield flaky[0]
    yield from phase.account.events()


def _plans(phase: _Phase) -> Iterator[Callable[[Conversation], Iterator[Move]]]:
    """What is to be talked about: two times out of three a subject of its own, each in turn, else anything."""
    talk = phase.talk
    every = list(subjects(talk.trust, phase.table.operations))
    random = Random(f"{talk.settings.seed}/subjects")
    left: list[tuple[Script, Resource]] = []
    for index in count():
        if every and index % 3 != 2:
            left = left or random.sample(every, len(every))
            script, resource = left.pop()
            drawer = phase.drawer(str(index))
            yield partial(_scripted, script, drawer, resource, 2 * talk.settings.budget.moves)
        else:
            drawer = phase.drawer(str(index), index, _focus(talk.trust, index))
            yield partial(_anything, drawer, talk.settings.budget.moves)


def _scripted(
    script: Script, drawer: Drawer, resource: Resource, moves: int, conversation: Conversation
) -> Iterator[Move]:
    return islice(script(drawer, conversation.model.known, resource), moves)


def _anything(drawer: Drawer, moves: int, conversation: Conversation) -> Iterator[Move]:
    known = conversation.model.known
    for number in range(moves):
        if number == moves - FINAL_MOVES:
            drawer.finish(known)
        move = drawer.draw(known)
        if move is None:
            return
        yield move


def _hold(phase: _Phase, moves_of: Callable[[Conversation], Iterator[Move]]) -> Iterator[Event]:
    """One conversation; it goes on after a failure that is known already."""
    conversation = phase.table.start()
    tale = _Tale(phase, conversation, moves_of(conversation), ends_with_failure=True)
    try:
        tale.go_on()
    finally:
        tale.clean_up()
    yield from tale.events()


def _may_clear(trust: Trust, operations: Sequence[Operation]) -> bool:
    """Whether other conversations may take away what one waits for."""
    cleared = {each.action.resource.name for each in operations if each.action and each.action.verb is Verb.CLEAR}
    awaited = [each for each in trust.resources.values() if each.expires is not None or each.job is not None]
    return any(one.name in cleared for each in awaited for one in (each, *ancestors(each)))


def _waiting(phase: _Phase) -> _Tale:
    """The conversation about what takes its time."""
    talk, conversation = phase.talk, phase.table.start()
    seconds = max(0.0, talk.deadline - talk.clock.now()) * WAITING_SHARE
    lingerer = Lingerer(phase.drawer("waiting"), conversation.model.known, talk.now, seconds, phase.account.reasons)
    return _Tale(phase, conversation, lingerer.moves(), ends_with_failure=False)


def _focus(trust: Trust, index: int) -> str:
    """The resource that a conversation is mostly about: each in turn; every other conversation is about all."""
    names = list(trust.resources)
    return names[index // THEMES % len(names)] if index % 2 else ""


def _told(phase: _Phase, failure: Failure, story: Sequence[Played]) -> Iterator[Event]:
    """The shortest story that shows a failure; a flaky one, where it doesn't show again."""
    table, clock = phase.table, phase.talk.clock
    waits = sum(exchange.case.pause for exchange in told(story))
    until = min(clock.now() + SHORTENING_SECONDS, phase.talk.deadline + SHORTENING_SECONDS / 2)
    until = max(until, clock.now()) + waits  # once more is possible, however late it is
    budget = Budget(SHORTENING_REQUESTS, lambda: clock.now() > until)
    patient = replace(table, is_open=lambda: not phase.talk.target.lost)
    name = failure.fingerprint
    best = held(patient, [each.move for each in story], name, budget.spend)
    if best is None:
        doubtful = phase.doubtful.setdefault(name, [])
        doubtful.append(FlakyFound(failure, told(story)))
        if len(doubtful) == MAX_TRIES:
            phase.muted.add(name)
        return
    phase.muted.add(name)
    phase.doubtful.pop(name, None)

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
