"""Answer from the records: read, step, commit, and step again where somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, final

from understudy.mockserver.answers.encoding import Unencodable
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

    from understudy.mockserver.answers.answers import AnyAnswer
    from understudy.mockserver.answers.negotiation import Choice
    from understudy.mockserver.answers.repeating import Attempt
    from understudy.mockserver.compiled import CompiledApi, CompiledOperation
    from understudy.mockserver.compiled_media_type import CompiledMediaType
    from understudy.specs.behaviour.declarations import Action
    from understudy.specs.behaviour.preconditions import Conditions
    from understudy.specs.behaviour.values import Scene
    from understudy.specs.documents.document import Json

__all__ = ["Call", "answer_from_records", "find_expectation", "make_body"]

MAX_TRIES: Final = 500
"""How often a step is taken again because somebody changed what it had read."""


@final
class Call(NamedTuple):
    """A request that is answered from records.

    Attributes:
        prose_key: A digest of the request, for the prose of the answer.
        conditions: What it makes depend on the record's entity tag; None for operations without tags.
        attempt: The attempt that it is; None where it has no name.
        form: What the form of the answer depends on; None where more than that and the record has a say in it.
    """

    operation: CompiledOperation
    request: Request
    now: datetime
    prose_key: str
    conditions: Conditions | None = None
    attempt: Attempt | None = None
    form: Hashable = None


async def answer_from_records(
    call: Call, negotiate: Callable[[Sequence[Outcome]], Choice], write: Callable[[Choice], AnyAnswer]
) -> AnyAnswer:
    """Answer by what is stored, and make the changes of the answer, all or none.

    Where the store is full, what has expired makes room first.

    Args:
        negotiate: The choice among outcomes; nothing is changed where it has none of them.
        write: The answer of a choice.

    Raises:
        ProblemRaised: The model refuses; or the store is full, can't be asked, or changes too fast.
    """
    store = call.operation.api.store
    at_hand = store.at_hand() if call.form is not None else None
    record = call.operation.shown.find_record(call.request, at_hand) if at_hand is not None else None
    known = call.operation.shown.find(record, call.form) if record is not None else None
    if known is not None:
        return known
    try:
        offset = await store.get_offset()
        moment = call.now + timedelta(seconds=offset) if offset else call.now
        try:
            answer = await _step(call, moment, negotiate, write)
            if record is not None:
                call.operation.shown.keep(record, call.form, answer)
            return answer
        except StoreFull:
            if not await drop_expired(store, call.operation.api.resources.values(), moment):
                raise
            return await _step(call, moment, negotiate, write)
    except (StoreFull, StoreUnavailable, TooMuchToSee) as error:
        raise ProblemRaised(Problem(ProblemKind.UNAVAILABLE, str(error))) from error
    except UncarriableValue as error:
        raise ProblemRaised(Problem(ProblemKind.INVALID_BODY, f"it can't be stored: {error}")) from error
    except ValueFailed as error:
        raise ProblemRaised(Problem(ProblemKind.INVALID_BODY, str(error))) from error


async def _step(
    call: Call,
    moment: datetime,
    negotiate: Callable[[Sequence[Outcome]], Choice],
    write: Callable[[Choice], AnyAnswer],
) -> AnyAnswer:
    store, attempt = call.operation.api.store, call.attempt
    given = await _given(call, moment)
    for _ in range(MAX_TRIES):
        before = await attempt.find_answer(store, moment) if attempt is not None else None
        if before is not None:
            return before
        at_hand = store.at_hand()
        if at_hand is not None:
            outcomes = step(at_hand, call.operation.operation, call.request, moment, given)
        else:
            outcomes = await _outcomes(call, moment, given)
        for outcome in outcomes:
            if isinstance(outcome.pattern, Refusal):
                raise ProblemRaised(Problem(outcome.pattern.kind, outcome.pattern.detail))
        choice = negotiate(outcomes)
        effects = choice.outcome.effects if choice.outcome is not None else ()
        if attempt is None:
            if not effects or await store.commit(effects):
                return write(choice)
        elif await store.commit((*effects, attempt.put(answer := write(choice), moment))):
            return answer
        if choice.outcome is not None and await _is_taken(call.operation, choice.outcome, given):
            given = await _given(call, moment)
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


async def _outcomes(call: Call, now: datetime, given: Given) -> tuple[Outcome, ...]:
    """Ask the store and step; what is read may name more to read, and is then read again with it, all at one moment.

    It ends, since each time more of what the document declares is known.
    """
    store, operation, request = call.operation.api.store, call.operation.operation, call.request
    queries = reads(operation, request, now)
    while True:
        snapshot = await store.read(queries)
        try:
            outcomes = step(snapshot, operation, request, now, given)
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


async def _given(call: Call, now: datetime) -> Given:
    operation, request = call.operation, call.request
    maker, declared = operation.api.maker, operation.operation
    text = maker.text(call.prose_key) if operation.says_text else UNKNOWN
    assume = operation.api.assumptions.assume if operation.api.assumptions is not None else None
    given = Given({}, text, now, assume, conditions=call.conditions)
    action = declared.action
    if action is None or not creates(declared):
        return given
    if action.each is not None:
        return given._replace(records=await _given_each(operation, action, scene_of(request, now)))
    scope = find_scope(action.resource, scene_of(request, now))
    if scope is None:
        return given
    ordinal = await operation.api.store.next_ordinal(action.resource.name, scope)
    return given._replace(record=maker.given(declared, scope, ordinal))


async def _given_each(operation: CompiledOperation, action: Action, scene: Scene) -> tuple[Mapping[str, Json], ...]:
    """What the server chooses for each of the records that one request may make."""
    assert action.each is not None
    scope, items = find_scope(action.resource, scene), action.each.evaluate(scene)
    if scope is None or not isinstance(items, list):
        return ()
    store, maker = operation.api.store, operation.api.maker
    ordinals = [await store.next_ordinal(action.resource.name, scope) for _ in items]
    return tuple(maker.given(operation.operation, scope, ordinal) for ordinal in ordinals)
