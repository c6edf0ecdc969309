"""What a document's rules say of a request by itself, whatever the records are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from understudy.specs.behaviour.declarations import Action, Needs, Requirement
from understudy.specs.behaviour.scenes import scene_of
from understudy.specs.behaviour.state import Request
from understudy.specs.behaviour.values import UNKNOWN

__all__ = ["find_unmet_by"]

_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""No rule that is told by the request alone sees the time."""


def find_unmet_by(action: Action, request: Request) -> Requirement | None:
    """The first rule that a request breaks whatever the records are; None when it breaks none.

    Raises:
        ValueFailed: An expression doesn't fit what it sees.
    """
    rules = [each for each in action.require if each.needs is Needs.REQUEST]
    if not rules:
        return None
    scene, told = scene_of(request, _NO_TIME), frozenset({"request"})
    for name, value in action.let.items():
        if value.mentions_only(told):
            scene, told = scene.saying(**{name: value.evaluate(scene)}), told | {name}
    return next((each for each in rules if each.rule.evaluate(scene) not in (True, UNKNOWN)), None)
