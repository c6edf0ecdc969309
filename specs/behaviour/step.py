"""The executable model: what a request reads, and its legal outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple, final

from understudy.specs.behaviour.actions import Result, perform
from understudy.specs.behaviour.assuming import Assume
from understudy.specs.behaviour.declarations import Action, Verb
from understudy.specs.behaviour.expectation import Free, Refusal, ResponsePattern
from understudy.specs.behaviour.preconditions import CONDITIONS, Conditions
from understudy.specs.behaviour.scenes import ENDING, queries, scene_of
from understudy.specs.behaviour.showing import show, show_headers
from understudy.specs.behaviour.state import Outcome, Query, Request, Snapshot
from understudy.specs.behaviour.values import UNKNOWN, Unknown
from understudy.specs.documents.document import Json
from understudy.specs.model import Operation, Response

__all__ = ["Given", "reads", "step"]

_ANY_STATUS: Final = range(200, 600)


@final
class Given(NamedTuple):
    """What the server is free to choose: a mock chooses it before it steps, a tester sees it in the answer.

    Attributes:
        record: Members of a new record, its key among them.
        text: The prose that an answer carries or streams.
        pace: The time by which jobs move; UNKNOWN to whoever watches somebody else's.
        assume: Makes up records that nobody made; None where there is what was made, and nothing else.
        records: As ``record``, for each item of an action that is done for many.
        conditions: What the request makes depend on the tags that the server gives records; None where it gives none,
            or gives others: whoever watches somebody else's can't tell them.
        ending: The time by which records have ended, where it is known better than the one that is written down;
            None is the same.
    """

    record: Mapping[str, Json] = MappingProxyType({})
    text: str | Unknown = UNKNOWN
    pace: datetime | Unknown = UNKNOWN
    assume: Assume | None = None
    records: tuple[Mapping[str, Json], ...] = ()
    conditions: Conditions | None = None
    ending: datetime | None = None


def reads(operation: Operation, request: Request, now: datetime) -> tuple[Query, ...]:
    """What must be known to answer a valid request. Without declared behaviour: nothing."""
    action = operation.action
    return tuple(dict.fromkeys(queries(action, scene_of(request, now)))) if action is not None else ()


def step(
    snapshot: Snapshot, operation: Operation, request: Request, now: datetime, given: Given | None = None
) -> tuple[Outcome, ...]:
    """The legal outcomes of a valid request, the usual one first.

    Without declared behaviour that is every success the document describes, in document order, each with a free
    body; where it describes none, the redirects, or else ``default``. No outcomes means that the document
    describes only errors. Where the snapshot has `missed` queries afterwards, the outcomes aren't the last word.

    Args:
        given: What the server chose; None leaves it UNKNOWN.
    """
    action = operation.action
    if action is None:
        return tuple(Outcome((), _free(response)) for response in _described(operation))
    given = given or Given()
    told = {"text": given.text, "pace": given.pace, "assume": given.assume, CONDITIONS: given.conditions}
    scene = scene_of(request, now, **told, **{ENDING: given.ending})
    result = perform(action, scene, snapshot, given.record, given.records)
    if isinstance(result, Refusal):
        return (Outcome((), result),)
    if given.conditions is not None and result.tag is not None and given.conditions.is_known(result.tag):
        return tuple(_not_modified(action, result, each) for each in operation.responses if each.status == "304")
    return tuple(
        Outcome(result.effects, show(action, result, response, statuses(response.status)))
        for response in _described(operation)
    )


def creates(operation: Operation) -> bool:
    """Whether a request to the operation may make a record, so that a server must choose its members."""
    return operation.action is not None and operation.action.verb in (Verb.CREATE, Verb.UPSERT)


def _not_modified(action: Action, result: Result, response: Response) -> Outcome:
    return Outcome((), ResponsePattern(response, statuses(response.status), (), show_headers(action, result, response)))


@lru_cache(maxsize=4096)
def _described(operation: Operation) -> tuple[Response, ...]:
    """The responses that a valid request may get, as far as the document describes any."""
    return (
        tuple(response for response in operation.responses if response.is_success)
        or tuple(response for response in operation.responses if response.status.startswith(("1", "3")))
        or tuple(response for response in operation.responses if response.status == "default")
    )


def _free(response: Response) -> ResponsePattern:
    bodies = tuple((media_type, Free(media_type.item_schema or media_type.schema)) for media_type in response.content)
    return ResponsePattern(response, statuses(response.status), bodies)


@lru_cache(maxsize=1024)
def statuses(key: str) -> range:
    """The statuses that a key of `responses` stands for."""
    if key == "default":
        return _ANY_STATUS
    if key.endswith("XX"):
        return range(int(key[0]) * 100, int(key[0]) * 100 + 100)
    return range(int(key), int(key) + 1) if key.isdigit() else _ANY_STATUS
