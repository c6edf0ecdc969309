"""Answers that wait for nothing: made in one go, so that a server needs neither a task nor ASGI messages for them,
which take as long as all the rest."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, TypeAlias

from understudy.mockserver.answers.answers import Answer, AnyAnswer
from understudy.mockserver.pipeline import Trace, answer_matched, read_path
from understudy.mockserver.problems import ProblemRaised
from understudy.specs.paths import OtherMethods

if TYPE_CHECKING:
    from understudy.mockserver.requests.incoming import Incoming
    from understudy.mockserver.routing import Routes
    from understudy.mockserver.settings import Settings
    from understudy.specs.documents.document import Json

__all__ = ["find_prompt"]

Handled: TypeAlias = Callable[
    [Coroutine["Json", "Json", AnyAnswer], "Incoming", Trace], Coroutine["Json", "Json", AnyAnswer]
]
"""Makes an answer of what goes wrong on the way to one."""


def find_prompt(routes: Routes, request: Incoming, settings: Settings, trace: Trace, handled: Handled) -> Answer | None:
    """The answer to a request, where it is plain beforehand that nothing has to be waited for; else None, and nothing
    has been done.

    Records have to be in memory: other stores are waited for.

    Args:
        trace: Filled in as `answer_request` does.
    """
    kept = routes.memory.find(request)
    if kept is not None and kept.operation is not None and not kept.operation.overrides:
        trace.operation = kept.operation
        return kept.answer if isinstance(kept.answer, Answer) else None
    if b"__" in request.query or request.header(b"prefer") is not None:
        return None
    try:
        found = routes.find(request, read_path(request, settings))
    except ProblemRaised:
        return None
    if found is None or isinstance(found, OtherMethods) or not found.value.is_prompt or found.value.overrides:
        return None
    answering = handled(answer_matched(found, routes.memory, request, settings, trace), request, trace)
    try:
        answering.send(None)
    except StopIteration as end:
        answer: Answer = end.value
        return answer
    raise RuntimeError(f"{found.value.operation.label}: a store in memory was waited for")
