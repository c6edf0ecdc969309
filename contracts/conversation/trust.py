"""How much of a document's behaviour may be held against a server: all that it declares, of what is inferred less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import final

from understudy.specs.behaviour.declarations import Action, Resource
from understudy.specs.behaviour.inference import infer_behaviour, with_inferred
from understudy.specs.behaviour.inferred_facts import Fact
from understudy.specs.model import Api

__all__ = ["Trust", "trust_in"]


@final
@dataclass(frozen=True, slots=True)
class Trust:
    """A document's behaviour, and what of it is certain.

    Attributes:
        api: With the inferred actions, where nothing is declared.
        is_declared: The document says it itself: then all of it holds.
        reads_back: Operation's label → the members that certainly read back as they were sent.
    """

    api: Api
    is_declared: bool
    reads_back: Mapping[str, frozenset[str]]

    @property
    def actions(self) -> Mapping[str, Action]:
        """By the operation's label."""
        return {each.label: each.action for each in self.api.operations if each.action is not None}

    @property
    def resources(self) -> Mapping[str, Resource]:
        """By name."""
        return self.api.resources


@lru_cache(maxsize=4)
def trust_in(api: Api) -> Trust:
    """What may be held against an implementation of a document; known again, because under pytest each operation is a
    run and inference looks at all of them."""
    if api.resources or any(each.action is not None for each in api.operations):
        return Trust(api, True, {})
    same: dict[str, frozenset[str]] = {}
    for evidence in infer_behaviour(api).evidence:
        if evidence.fact is Fact.READ_BACK:
            same[evidence.about] = same.get(evidence.about, frozenset()) | frozenset(evidence.names)
    return Trust(with_inferred(api), False, same)
