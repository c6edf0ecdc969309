"""Answers that show one record and nothing else: while the record stays, it needn't be shown and written again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers.answers import Answer
from understudy.specs.behaviour import Query, Record, Request, Snapshot
from understudy.specs.behaviour.declarations import Verb
from understudy.specs.behaviour.scenes import key_text
from understudy.specs.model import MISSING

if TYPE_CHECKING:
    from understudy.mockserver.answers.answers import AnyAnswer
    from understudy.specs.behaviour.declarations import Action
    from understudy.specs.model import Operation

__all__ = ["ShownRecords"]

MAX_ANSWERS: Final = 2_000
MAX_OCTETS: Final = 8_192
"""Of one answer; a longer one is made anew each time."""


@final
class ShownRecords:
    """What the requests to one operation were answered with, by the record that they name.

    A store gives the same object for a record until it is written again, which is how a change is noticed.
    """

    def __init__(self, operation: Operation) -> None:
        action = operation.action
        self._key = _path_name(action) if action is not None and _shows_record_alone(action) else ""
        self._resource = action.resource.name if action is not None else ""
        self._answers: dict[tuple[str, Hashable], tuple[Record, Answer]] = {}

    def find_record(self, request: Request, held: Snapshot) -> Record | None:
        """The record that is all that the answer tells; None where it may tell more, or there is none."""
        if not self._key or request.query or request.header or request.cookie or request.body is not MISSING:
            return None
        key = request.path.get(self._key, MISSING)
        return held.find(Query(self._resource, (), key_text(key))) if key is not MISSING else None

    def find(self, record: Record, form: Hashable) -> Answer | None:
        """The answer that shows a record as it is; None where it wasn't shown since it was written."""
        shown = self._answers.get((record.key, form))
        return shown[1] if shown is not None and shown[0] is record else None

    def keep(self, record: Record, form: Hashable, answer: AnyAnswer) -> None:
        """Remember an answer, if it isn't too long."""
        if isinstance(answer, Answer) and len(answer.body) <= MAX_OCTETS:
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            self._answers[record.key, form] = record, answer


def _shows_record_alone(action: Action) -> bool:
    """Whether nothing but the record has a say in the answer: no other record, no time, no rule."""
    resource = action.resource
    says_more = (action.find, action.require, action.derived, action.items, action.answer, action.headers)
    sees_more = (action.each, action.of, action.reading, action.let, action.text, action.also)
    moves = (resource.parent, resource.scope, resource.singleton, resource.expires, resource.job, resource.derived)
    return action.verb is Verb.READ and not any((*says_more, *sees_more, *moves))


def _path_name(action: Action) -> str:
    """The path parameter that is the key; empty where the key is told otherwise."""
    source = action.key.source if action.key is not None else ""
    prefix = "$request.path."
    return source.removeprefix(prefix) if isinstance(source, str) and source.startswith(prefix) else ""
