"""Answer from the records: read, step, commit, and step again where somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from understudy.mockserver.encoding import Unencodable
from understudy.mockserver.problems import Problem, ProblemRaised
from understudy.mockserver.stores import StoreFull, StoreUnavailable
from understudy.mockserver.stores.expiry import drop_expired
from understudy.specs.behaviour import Outcome, Query, Request, reads, step
from understudy.specs.behaviour.evaluation import TooMuchToSee
from understudy.specs.behaviour.expectation import (
    Expectation,
    Free,
    Items,
    Joined,
    Known,
    Members,
    Refusal,
    ResponsePattern,
)
from understudy.specs.behaviour.scenes import find_scope, key_text, scene_of
from understudy.specs.behaviour.state import Put
from understudy.specs.behaviour.step import Given, creates
from understudy.specs.behaviour.values import UNKNOWN, ValueFailed
from understudy.specs.model import MISSING, Missing
from understudy.specs.problems import ProblemKind
from understudy.specs.wire.malformed import UncarriableValue

if TYPE_CHECKING:
    from datetime import datetime

    from understudy.mockserver.compiled import CompiledApi, CompiledOperation
    from understudy.mockserver.compiled_media_type import CompiledMediaType
    from understudy.mockserver.negotiation import Choice
    from understudy.specs.behaviour.declarations import Action
    from understudy.specs.behaviour.values import Scene
    from understudy.specs.documents.document import Json

__all__ = ["answer_from_records", "find_expectation", "make_body"]

MAX_TRIES: Final = 500
"""How often a step is taken again because somebody changed what it had read."""


async def answer_from_records(
    operation: CompiledOperation,
    request: Request,
    now: datetime,
    request_key: str,
    negotiate: Callable[[Sequence[Outcome]], Choice],
) -> Choice:
    """Choose an answer by what is stored, and make its changes, all or none.

    Where the store is full, what has expired makes room first.

    Args:
        request_key: A digest of the request, for the prose of the answer.
        negotiate: The choice among outcomes; nothing is changed where it has none of them.

    Raises:
        ProblemRaised: The model refuses; or the store is full, can't be asked, or changes too fast.
    """
    store = operation.api.store
    try:
        moment = now + timedelta(seconds=await store.get_offset())
        try:
            return await _step(operation, request, moment, request_key, negotiate)
        except StoreFull:
            if not await drop_expired(store, operation.api.api.resources.values(), moment):
                raise
            return await _step(operation, request, moment, request_key, negotiate)
    except (StoreFull, StoreUnavailable, TooMuchToSee) as error:
        raise ProblemRaised(Problem(ProblemKind.UNAVAILABLE, str(error))) from error
    except UncarriableValue as error:
        raise ProblemRaised(Problem(ProblemKind.INVALID_BODY, f"it can't be stored: {error}")) from error
    except ValueFailed as error:
        raise ProblemRaised(Problem(ProblemKind.INVALID_BODY, str(error))) from error


async def _step(
    operation: CompiledOperation,
    request: Request,
    moment: datetime,
    request_key: str,
    negotiate: Callable[[Sequence[Outcome]], Choice],
) -> Choice:
    store = operation.api.store
    given = await _given(operation, request, moment, request_key)
    for _ in range(MAX_TRIES):
        outcomes = await _outcomes(operation, request, moment, given)
        for outcome in outcomes:
            if isinstance(outcome.pattern, Refusal):
                raise ProblemRaised(Problem(outcome.pattern.kind, outcome.pattern.detail))
        choice = negotiate(outcomes)
        if choice.outcome is None or not choice.outcome.effects or await store.commit(choice.outcome.effects):
            return choice
        if await _is_taken(operation, choice.outcome, given):
            given = await _given(operation, request, moment, request_key)
    raise ProblemRaised(Problem(ProblemKind.UNAVAILABLE, f"the records changed {MAX_TRIES} times meanwhile; try again"))


def find_expectation(choice: Choice) -> Expectation | None:
    """What the chosen body is to show; None where nothing is known of it."""
    if choice.outcome is None or choice.media_type is None or not isinstance(choice.outcome.pattern, ResponsePattern):
        return None
    for media_type, expectation in choice.outcome.pattern.bodies:
        if media_type is choice.media_type.media_type:
            return None if isinstance(expectation, Free) else expectation
    return None


def make_body(
    api: CompiledApi,
    media_type: CompiledMediaType,
    expectation: Expectation,
    base: Json | Missing,
    key: Callable[[], str],
) -> tuple[bytes, tuple[bytes, ...]]:
    """A content type and a body in pieces that shows what is expected.

    Args:
        base: What is free is taken from it, where no record speaks for it; MISSING makes it up.
        key: Gives what a made-up part depends on; it isn't asked for where nothing is made up.

    Raises:
        GenerationError: What is free could not be made up.
        Unencodable: It can't be written; or what is known disagrees with the schema.
    """
    if isinstance(expectation, Joined):
        text = expectation.text.value if isinstance(expectation.text, Known) else None
        known = {at: each.value for at, each in expectation.members.items() if isinstance(each, Known)}
        return media_type.content_type, media_type.encode_items(media_type.generate_items(key(), text, known))
    if base is MISSING and isinstance(expectation, Members) and not expectation.about:
        base = media_type.generate(key())
    value = api.maker.body(expectation, base)
    if media_type.kind.is_sequential and isinstance(expectation, Items):
        return media_type.content_type, media_type.encode_items(value)
    fault = media_type.find_fault(value)
    if fault:
        raise Unencodable(f"what the records say can't be shown here: {fault}")
    return media_type.encode(value, key() if not media_type.is_json else "")


async def _outcomes(operation: CompiledOperation, request: Request, now: datetime, given: Given) -> tuple[Outcome, ...]:
    """Read and step; what is read may name more to read, and is then read again with it, all at one moment.

    It ends, since each time more of what the document declares is known.
    """
    at_hand = operation.api.store.at_hand()
    if at_hand is not None:
        return step(at_hand, operation.operation, request, now, given)
    queries = reads(operation.operation, request, now)
    while True:
        snapshot = await operation.api.store.read(queries)
        try:
            outcomes = step(snapshot, operation.operation, request, now, given)
        except ValueFailed:
            if not snapshot.missed:
                raise
        else:
            if not snapshot.missed:
                return outcomes
        queries = (*queries, *snapshot.missed)


async def _is_taken(operation: CompiledOperation, outcome: Outcome, given: Given) -> bool:
    """Whether the key that was chosen for a new record is another one's: a client may name any."""
    for effect in outcome.effects:
        if isinstance(effect, Put) and effect.seen == 0 and given.record and isinstance(effect.key, str):
            query = Query(effect.resource.name, effect.scope, effect.key)
            own = given.record.get(effect.resource.key)
            if own is not None and key_text(own) == effect.key:
                return bool((await operation.api.store.read([query])).found[query])
    return False


async def _given(operation: CompiledOperation, request: Request, now: datetime, request_key: str) -> Given:
    maker, declared = operation.api.maker, operation.operation
    assumptions = operation.api.assumptions
    text = maker.text(request_key) if operation.says_text else UNKNOWN
    given = Given({}, text, now, assumptions.assume if assumptions is not None else None)
    action = declared.action
    if action is None or not creates(declared):
        return given
    if action.each is not None:
        return replace(given, records=await _given_each(operation, action, scene_of(request, now)))
    scope = find_scope(action.resource, scene_of(request, now))
    if scope is None:
        return given
    ordinal = await operation.api.store.next_ordinal(action.resource.name, scope)
    return replace(given, record=maker.given(declared, scope, ordinal))


async def _given_each(operation: CompiledOperation, action: Action, scene: Scene) -> tuple[Mapping[str, Json], ...]:
    """What the server chooses for each of the records that one request may make."""
    assert action.each is not None
    scope, items = find_scope(action.resource, scene), action.each.evaluate(scene)
    if scope is None or not isinstance(items, list):
        return ()
    store, maker = operation.api.store, operation.api.maker
    ordinals = [await store.next_ordinal(action.resource.name, scope) for _ in items]
    return tuple(maker.given(operation.operation, scope, ordinal) for ordinal in ordinals)
