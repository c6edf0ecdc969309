"""The document's model in lockstep with a live server: each answer is judged by what went before, and learnt from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, final

from understudy.contracts.case import Exchange
from understudy.contracts.claims import Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.answers import Seen, judge_answer, read_answer
from understudy.contracts.conversation.blame import blame_acceptance, blame_refusal, claims_of_refusal
from understudy.contracts.conversation.claims import INFERRED_CLAIMS
from understudy.contracts.conversation.jobs import judge_job
from understudy.contracts.conversation.knowledge import Knowledge, actions_of
from understudy.contracts.conversation.learning import learn_from, take_in
from understudy.contracts.conversation.listing import members_of
from understudy.contracts.conversation.lists import judge_figures, judge_list
from understudy.contracts.conversation.names import (
    Names,
    is_sought,
    may_be_missing,
    nothing_told,
    read_names,
    worlds_for,
)
from understudy.contracts.conversation.times import Moments, ServerClock
from understudy.contracts.conversation.trust import Trust
from understudy.contracts.conversation.worlds import Alternative, TooMany, alternatives
from understudy.contracts.requests.reading import RequestReader
from understudy.specs.behaviour import Query, Request
from understudy.specs.behaviour.declarations import Verb
from understudy.specs.behaviour.scenes import find_scope
from understudy.specs.behaviour.values import UNKNOWN, ValueFailed
from understudy.specs.documents.document import Json
from understudy.specs.model import Operation

__all__ = ["Model", "Observed"]

_GONE: Final = frozenset({404, 410})
_JOB_CLAIMS: Final = frozenset(each.id for each in claimed.MODEL_CLAIMS if each.id.startswith("job-"))


@final
@dataclass(frozen=True, slots=True)
class Observed:
    """What became of an exchange.

    Attributes:
        failures: Where the answer isn't what the model allows.
        judged: Ids of the claims that were put to the test.
        doubt: Why nothing could be said; empty where something was.
    """

    failures: tuple[Failure, ...] = ()
    judged: frozenset[str] = frozenset()
    doubt: str = ""


@final
class Model:
    """Follows one conversation.

    Args:
        now: Our clock.
    """

    def __init__(self, trust: Trust, now: Callable[[], datetime]) -> None:
        self.known = Knowledge(trust)
        self._trust = trust
        self.clock = ServerClock(now)
        self._readers: dict[str, RequestReader] = {}

    def observe(self, number: int, exchange: Exchange) -> Observed:
        """Judge an exchange, and learn from it.

        Args:
            number: Of the request: what it makes is known by it.
        """
        operation = self._trust.api.find_operation(exchange.case.operation)
        if operation is None or operation.action is None or exchange.case.method != operation.method:
            return Observed()
        reader = self._readers.setdefault(operation.label, RequestReader(operation))
        request = reader.decode(exchange.case)
        if request is None:
            return Observed(doubt="the request isn't one that the document allows")
        moments, known = self.clock.moments(exchange), self.known
        names = nothing_told(operation, request, moments.low)
        try:
            names = read_names(operation, request, moments.low, known)
            found = self._observe(number, exchange, operation, request, names, moments)
            return found if self._trust.is_declared else replace(found, judged=found.judged & INFERRED_CLAIMS)
        except (TooMany, ValueFailed) as error:
            self._forget(operation, names)
            return Observed(doubt=str(error))

    def _observe(
        self,
        number: int,
        exchange: Exchange,
        operation: Operation,
        request: Request,
        names: Names,
        moments: Moments,
    ) -> Observed:
        action, answer, known = operation.action, exchange.answer, self.known
        assert action is not None
        named, queries = names.named, names.queries
        if answer is None or answer.status >= 500 or not answer.status >= 200 or 300 <= answer.status < 400:
            # It may or may not have taken effect.
            self._forget(operation, names)
            return Observed(doubt=f"answered {answer.status}" if answer is not None else exchange.error)
        if any(known.is_open(query) and is_sought(action, query) for query in queries):
            self._forget(operation, names)
            return Observed(doubt="it depends on records that aren't known")
        seen = read_answer(exchange, operation, answer)
        if answer.status >= 400:
            legal = self._alternatives(operation, request, queries, moments, None)
            return self._refused(operation, answer.status, legal, names)
        legal = self._alternatives(operation, request, queries, moments, seen)
        accepted = [each for each in legal if each.pattern is not None and answer.status in each.pattern.statuses]
        if action.headers and seen.key is not UNKNOWN:
            whole = self._alternatives(operation, request, queries, moments, seen, {action.resource.key: seen.key})
            if len(whole) == len(legal):
                accepted = [replace(each, headers=whole[legal.index(each)].headers) for each in accepted]
        if not accepted:
            return self._accepted(operation, answer.status, legal, names)
        if not answer.complete and exchange.error:
            self._forget(operation, names)
            return Observed(doubt="the answer broke off")
        if action.verb is Verb.LIST:
            return self._listed(operation, request, names, seen, moments)
        if self.clock.learns(seen.find_now(accepted, moments), moments):
            return self._observe(number, exchange, operation, request, names, self.clock.moments(exchange))
        nows = list(seen.nows(accepted, moments))
        self.clock.hear(nows, moments)
        judged = [(judge_answer(each, operation, seen, known, named.own), each) for each in accepted]
        failures, chosen = min(judged, key=lambda pair: len(pair[0]))
        claims = learn_from(number, operation, named, chosen, seen, known)
        claims |= {claimed.TIME_KEPT.id} if nows else set()
        found = list(failures)
        name = known.made[number].name if number in known.made else named.own
        if name is not None and action.verb is not Verb.DELETE and seen.record is not None:
            if action.resource.job is not None:
                told = members_of(action, seen.record)
                found += judge_job(operation, action, name, told, known, answer.status, moments)
                claims |= _JOB_CLAIMS
            if failures:
                take_in(name, action, seen.record, known)
        return Observed(tuple(_certain(found, self._trust)), claims)

    def _alternatives(
        self,
        operation: Operation,
        request: Request,
        queries: Sequence[Query],
        moments: Moments,
        seen: Seen | None,
        record: Mapping[str, Json] | None = None,
    ) -> list[Alternative]:
        text, worlds = None, worlds_for(operation, self.known)
        if not moments.ends_between(end for query in queries for end in self.known.ends(query)):
            moments = moments.sure()
        if seen is not None and operation.action is not None and any(_speaks(each) for each in _sources(operation)):
            text = seen.find_text(partial(alternatives, operation, request, queries, worlds, moments))
        return alternatives(operation, request, queries, worlds, moments, text, record)

    def _refused(self, operation: Operation, status: int, legal: Sequence[Alternative], names: Names) -> Observed:
        """4xx: nothing has changed."""
        action, named = operation.action, names.named
        assert action is not None
        is_write = action.verb not in (Verb.READ, Verb.LIST)
        if is_write and named.own is not None and self.known.memory.find(named.own) is not None:
            self.known.tried[named.own] = operation.label
        if any(each.refusal is not None for each in legal):
            return Observed(judged=claims_of_refusal(action, named.all, named.own, self.known))
        if status not in _GONE:
            return Observed(doubt=f"refused with {status}")
        is_certain = self._trust.is_declared or action.verb is Verb.READ
        is_certain = is_certain and not may_be_missing(action, names, self.known)
        failure = blame_refusal(operation, named.all, self.known, status) if is_certain else None
        if failure is None:
            return Observed(doubt=f"refused with {status}")
        self.known.doubt(named.all[-1])
        return Observed((failure,), frozenset({failure.claim.id}))

    def _accepted(self, operation: Operation, status: int, legal: Sequence[Alternative], names: Names) -> Observed:
        """A success where the model knows none."""
        action = operation.action
        assert action is not None
        refusal = next((each.refusal for each in legal if each.refusal is not None), None)
        failure = None
        if refusal is not None and all(each.refusal is not None for each in legal):
            failure = blame_acceptance(operation, action, refusal, names.named.all, self.known, status)
        if action.verb is not Verb.DELETE:
            self._forget(operation, names)
        if failure is None:
            return Observed(doubt=f"answered {status}, of which the model says nothing")
        return Observed((failure,), frozenset({failure.claim.id}))

    def _listed(
        self,
        operation: Operation,
        request: Request,
        names: Names,
        seen: Seen,
        moments: Moments,
    ) -> Observed:
        if not self._trust.is_declared:
            return Observed(doubt="what is inferred of lists is no claim")
        if seen.items is None:
            return self._counted(operation, request, names, seen, moments)
        failures = tuple(
            judge_list(operation, request, names.queries, seen.body, seen.items, seen.status, self.known, moments)
        )
        for failure in failures:
            self.known.positions.clear()
            if failure.claim in (claimed.GONE_FROM_LISTS, claimed.LIST_COMPLETE, claimed.LIST_AGREES):
                self._forget(operation, names)
        claims = {claimed.LIST_COMPLETE, claimed.LIST_AGREES, claimed.ORDER_KEPT, claimed.GONE_FROM_LISTS}
        action = operation.action
        assert action is not None
        claims |= {claimed.FILTER_KEPT} if action.where is not None else set()
        claims |= {claimed.PAGING_GAPLESS} if action.page is not None else set()
        claims |= {claimed.COUNT_KEPT} if action.answer else set()
        return Observed(failures, frozenset(each.id for each in claims))

    def _counted(self, operation: Operation, request: Request, names: Names, seen: Seen, moments: Moments) -> Observed:
        """A list of which only figures are shown."""
        action = operation.action
        assert action is not None
        if any(self.known.is_open(query) for query in names.queries if query.resource == action.resource.name):
            return Observed(doubt="what it counts isn't all known")
        failures = tuple(judge_figures(operation, request, names.queries, seen.body, seen.status, self.known, moments))
        return Observed(failures, frozenset({claimed.COUNT_KEPT.id}))

    def _forget(self, operation: Operation, names: Names) -> None:
        """What an operation may have touched isn't known any more; reading touches nothing."""
        action = operation.action
        assert action is not None
        written = [each for each in actions_of(action) if each.verb not in (Verb.READ, Verb.LIST)]
        if not written:
            return
        self.known.positions.clear()
        for each in written:
            scope = find_scope(each.resource, names.scene)
            if scope is not None:
                self.known.cloud(each.resource.name, scope)
        touched = {each.resource.name for each in written}
        if names.named.own is not None:
            self.known.doubt(names.named.own)
        for query in names.queries:
            if query.resource in touched:
                self.known.cloud(query.resource, query.scope)
                keys = [query.key] if query.key is not None else []
                if query.key is None:
                    keys = [record.key for record in self.known.memory.records(query.resource, query.scope)]
                for key in keys:
                    self.known.doubt((query.resource, query.scope, key))


def _sources(operation: Operation) -> Iterator[str]:
    assert operation.action is not None
    for action in actions_of(operation.action):
        for values in (action.set, action.append, action.add, action.answer, action.headers, action.let):
            yield from (str(value.source) for value in values.values())
        yield str(action.text.source) if action.text is not None else ""


def _speaks(source: str) -> bool:
    return "text" in source


def _certain(failures: Sequence[Failure], trust: Trust) -> Iterator[Failure]:
    """Of an inferred behaviour only what reads back is held against a server."""
    for failure in failures:
        if trust.is_declared or failure.claim.id in INFERRED_CLAIMS:
            yield failure
