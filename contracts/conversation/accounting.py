"""What conversations judged, what they didn't and why, and what they left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, final

from understudy.contracts.claims import Claim
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.drawing import is_wider
from understudy.contracts.conversation.offers import find_lack
from understudy.contracts.conversation.playing import Played
from understudy.contracts.conversation.trust import Trust
from understudy.contracts.events import ClaimExercised, ClaimSkipped, Event, Noted
from understudy.contracts.wording import count
from understudy.specs.behaviour.declarations import Verb
from understudy.specs.model import Operation

__all__ = ["Account"]

_ABOUT: Final[Mapping[Verb, tuple[Claim, ...]]] = {
    Verb.CREATE: (claimed.CREATE_ANSWER,),
    Verb.READ: (claimed.READ_AFTER_WRITE, claimed.MADE_IS_FOUND, claimed.DELETED_IS_GONE),
    Verb.LIST: (claimed.LIST_COMPLETE, claimed.LIST_AGREES, claimed.GONE_FROM_LISTS),
    Verb.UPDATE: (claimed.UPDATE_ANSWER,),
    Verb.MERGE: (claimed.UPDATE_ANSWER,),
    Verb.REPLACE: (claimed.UPDATE_ANSWER,),
    Verb.UPSERT: (claimed.UPDATE_ANSWER,),
    Verb.DELETE: (claimed.DOUBLE_DELETE,),
    Verb.CLEAR: (claimed.ANSWER_DECLARED,),
}
"""What an operation would first have been a test of."""
_TAKES_TIME: Final = frozenset(
    {claimed.EXPIRY_KEPT, claimed.JOB_FORWARD, claimed.JOB_PROGRESS, claimed.JOB_FINAL, claimed.JOB_END}
)
RATE_LIMITED: Final = "refused with 429"
"""The doubt of a request that wasn't answered for want of calls."""


@final
@dataclass
class Account:
    """Of the whole phase.

    Attributes:
        reasons: Resource → why what comes to its records with time wasn't seen.
        is_cut: Whether there was no time for all that was planned.
    """

    trust: Trust
    operations: Sequence[Operation]
    claim_ids: frozenset[str]
    may_widen: bool
    reasons: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    _judged: Counter[tuple[str, str]] = field(default_factory=Counter)
    _doubts: dict[str, str] = field(default_factory=dict)
    _left: Counter[str] = field(default_factory=Counter)

    def note(self, played: Played) -> None:
        """Take in what became of a move."""
        label = played.move.operation.label
        self._judged.update((claim_id, label) for claim_id in played.observed.judged)
        if played.observed.doubt:
            self._doubts.setdefault(label, played.observed.doubt)

    def leave(self, left: Mapping[str, int]) -> None:
        """Take in what couldn't be deleted again: resource → number."""
        self._left.update(left)

    def events(self) -> Iterator[Event]:
        """What is told of it at the end."""
        for (claim_id, label), times in self._judged.items():
            if claim_id in self.claim_ids:
                yield ClaimExercised(claim_id, label, times)
        tested = {label for _, label in self._judged}
        for operation in self.operations:
            action = operation.action
            if operation.label in tested or action is None:
                continue
            reason = self._doubts.get(operation.label, "")
            if is_wider(action) and not self.may_widen:
                reason = "it writes to what we didn't make; --allow-destructive permits it"
            for claim in _ABOUT[action.verb]:
                if claim.id in self.claim_ids:
                    yield ClaimSkipped(claim.id, operation.label, reason or "no conversation came to it")
        yield from self._nowhere()
        for resource, number in self._left.items():
            yield Noted(f"{resource}: {count(number, 'record')} made by the test and not deleted again")

    def _nowhere(self) -> Iterator[Event]:
        """Why a claim was judged nowhere, in a sentence."""
        judged = {claim_id for claim_id, _ in self._judged}
        for claim in claimed.MODEL_CLAIMS:
            if claim.id not in self.claim_ids or claim.id in judged:
                continue
            reason = find_lack(claim, self.trust, self.operations)
            if reason is None and claim in _TAKES_TIME and self.reasons:
                reason = "; ".join(self.reasons.values())
            yield ClaimSkipped(claim.id, "", reason or self._missed())

    def _missed(self) -> str:
        if self.is_cut:
            return "the time was over before a conversation came to it"
        limited = sum(1 for doubt in self._doubts.values() if doubt == RATE_LIMITED)
        return "requests were rate-limited" if limited else "no conversation came to it"
