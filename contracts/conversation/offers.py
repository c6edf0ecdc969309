"""What a document has to offer for a claim of the model to be judged, in words for whoever wonders why it wasn't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias, final

from understudy.contracts.claims import Claim
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.knowledge import actions_of
from understudy.contracts.conversation.trust import Trust
from understudy.specs.behaviour.declarations import Action, Resource, Verb
from understudy.specs.model import Operation

__all__ = ["find_lack"]

_CHANGES: Final = frozenset({Verb.UPDATE, Verb.MERGE, Verb.REPLACE, Verb.UPSERT})
_GONE: Final = frozenset({"404", "410", "4XX", "default"})


@final
@dataclass(frozen=True)
class _Offer:
    """What the operations that are exercised do."""

    trust: Trust
    operations: Sequence[Operation]

    @cached_property
    def actions(self) -> list[Action]:
        return [each for one in self.operations if one.action is not None for each in actions_of(one.action)]

    @cached_property
    def resources(self) -> list[Resource]:
        names = {each.resource.name for each in self.actions}
        return [each for each in self.trust.resources.values() if each.name in names]

    def does(self, *verbs: Verb) -> frozenset[str]:
        """The resources with which one of these is done."""
        return frozenset(each.resource.name for each in self.actions if each.verb in verbs)

    @property
    def made(self) -> frozenset[str]:
        return self.does(Verb.CREATE, Verb.UPSERT) | {each.name for each in self.resources if each.singleton}

    @property
    def changed(self) -> frozenset[str]:
        return self.does(*_CHANGES)

    @property
    def seen(self) -> frozenset[str]:
        return self.does(Verb.READ, Verb.LIST)

    @property
    def deleted(self) -> frozenset[str]:
        return self.does(Verb.DELETE)

    def sources(self) -> Iterator[str]:
        """How every value of the actions and the resources is written."""
        for action in self.actions:
            for values in (action.set, action.append, action.answer):
                yield from (str(value.source) for value in values.values())
        for resource in self.resources:
            yield from (str(value.source) for value in resource.defaults.values())

    def lists(self, holds: Callable[[Action], object]) -> bool:
        """Whether a list has something."""
        return any(each.verb is Verb.LIST and holds(each) for each in self.actions)


_Lack: TypeAlias = tuple[Callable[[_Offer], object], str]
"""Whether the document offers it, and what it lacks where it doesn't."""

_LISTED: Final[_Lack] = (lambda offer: offer.does(Verb.LIST), "no operation lists records")
_CHANGED: Final[_Lack] = (lambda offer: offer.changed & offer.seen, "no operation changes records that another shows")
_DELETED: Final[_Lack] = (lambda offer: offer.deleted & offer.seen, "no operation deletes records that another shows")
_JOBS: Final[_Lack] = (
    lambda offer: any(each.job is not None for each in offer.resources),
    "no record is a job (`job`)",
)
_LACKS: Final[Mapping[Claim, _Lack]] = {
    claimed.READ_AFTER_WRITE: (lambda offer: offer.made & offer.seen, "no operation shows records that another makes"),
    claimed.UPDATE_PERSISTED: _CHANGED,
    claimed.REFUSED_UNCHANGED: _CHANGED,
    claimed.MADE_IS_FOUND: (lambda offer: offer.made & offer.seen, "no operation shows records that another makes"),
    claimed.DELETED_IS_GONE: _DELETED,
    claimed.DOUBLE_DELETE: (lambda offer: offer.deleted, "no operation deletes records"),
    claimed.GONE_FROM_LISTS: (
        lambda offer: offer.deleted & offer.does(Verb.LIST),
        "no operation lists records that another deletes",
    ),
    claimed.CASCADE_KEPT: (
        lambda offer: any(each.parent and each.parent.resource.name in offer.deleted for each in offer.resources),
        "no record belongs to one that can be deleted (`parent`)",
    ),
    claimed.EXPIRY_KEPT: (
        lambda offer: any(each.expires for each in offer.resources),
        "no record has an end (`expires`)",
    ),
    claimed.TENANT_ISOLATION: (
        lambda offer: any(each.scope or each.parent for each in offer.resources),
        "nobody's records are kept apart (`scope`, `parent`)",
    ),
    claimed.UNKNOWN_REFUSED: (
        lambda offer: any(each.status in _GONE for one in offer.operations for each in one.responses),
        "no operation documents 404 or 410",
    ),
    claimed.RULE_KEPT: (lambda offer: any(each.require for each in offer.actions), "there is no rule (`require`)"),
    claimed.LIST_COMPLETE: _LISTED,
    claimed.LIST_AGREES: _LISTED,
    claimed.ORDER_KEPT: _LISTED,
    claimed.FILTER_KEPT: (lambda offer: offer.lists(lambda each: each.where), "no list has a filter (`where`)"),
    claimed.PAGING_GAPLESS: (lambda offer: offer.lists(lambda each: each.page), "no list has pages (`page`)"),
    claimed.COUNT_KEPT: (lambda offer: offer.lists(lambda each: each.answer), "no list counts (`answer`)"),
    claimed.CREATE_ANSWER: (lambda offer: offer.does(Verb.CREATE), "no operation makes records"),
    claimed.UPDATE_ANSWER: (lambda offer: offer.changed, "no operation changes records"),
    claimed.ANSWER_DECLARED: (
        lambda offer: any(each.answer or each.headers for each in offer.actions),
        "no part of an answer is computed (`answer`, `headers`)",
    ),
    claimed.STREAM_TEXT_STORED: (
        lambda offer: any("text" in each for each in offer.sources()),
        "no record keeps the text of an answer (`text`)",
    ),
    claimed.TIME_KEPT: (lambda offer: any("now" in each for each in offer.sources()), "no member is a time (`$now`)"),
    claimed.JOB_FORWARD: _JOBS,
    claimed.JOB_PROGRESS: _JOBS,
    claimed.JOB_FINAL: _JOBS,
    claimed.JOB_END: _JOBS,
    claimed.JOB_MEMBERS: _JOBS,
}


def find_lack(claim: Claim, trust: Trust, operations: Sequence[Operation]) -> str | None:
    """What the document doesn't offer, so that a claim of the model can't be judged; None where it offers all.

    Args:
        operations: Those that are exercised.
    """
    if not trust.is_declared and claim.id not in claimed.INFERRED_CLAIMS:
        return "the document declares no behaviour (`x-understudy`), and what is inferred of it is no claim"
    is_offered, lack = _LACKS[claim]
    return None if is_offered(_Offer(trust, operations)) else lack
