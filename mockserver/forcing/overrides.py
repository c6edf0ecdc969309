"""What who controls the mock forces on the answers of an operation, whatever the document and the records say."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, final

from understudy.mockserver.problems import Problem, ProblemRaised
from understudy.specs.problems import DEFAULT_STATUSES, ProblemKind

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.mockserver.forcing.forcing import Forcing
    from understudy.mockserver.requests.preferences import Preferences

__all__ = ["Override", "raise_forced", "take_override"]


@final
class Override:
    """A forcing at work.

    Args:
        key: Its name among those of this mock.
        seed: Decides which requests are hit, and how long each waits.

    Attributes:
        hits: Requests that it was forced on.
    """

    def __init__(self, key: str, forcing: Forcing, seed: str) -> None:
        self.key = key
        self.forcing = forcing
        self.hits = 0
        # Its own draws: what one override does doesn't change what another one does.
        self.random = Random(f"{seed}/{forcing.operation}/{forcing.status}/{forcing.fault}")
        self._share = Random(f"{seed}/{forcing.operation}/share")

    @property
    def is_over(self) -> bool:
        """Whether it hits no request any more."""
        return self.forcing.times is not None and self.hits >= self.forcing.times

    @property
    def is_quota(self) -> bool:
        """Whether it stands for a limit that is used up: where limits are declared it is answered as one."""
        return self.forcing.status == 429 and self.forcing.example is None

    def takes(self) -> bool:
        """Whether the next request is hit; counts it."""
        if self.is_over or (self.forcing.rate < 1 and self._share.random() >= self.forcing.rate):
            return False
        self.hits += 1
        return True

    def over(self, wish: Preferences) -> Preferences:
        """The client's wishes with what is forced over them."""
        status, example = self.forcing.status, self.forcing.example
        if status is None and example is None:
            return wish
        return wish._replace(code=status, example=example)


def take_override(overrides: Sequence[Override]) -> Override | None:
    """The first that hits this request; None when none does."""
    for each in overrides:
        if each.takes():
            return each
    return None


def raise_forced(override: Override, operation: CompiledOperation) -> None:
    """Raise the problem of a forced status that the document doesn't describe, so that it has the API's own words.

    Raises:
        ProblemRaised: Its status is the forced one.
    """
    status = override.forcing.status
    if status is None or operation.find_response(status) is not None:
        return
    raise ProblemRaised(Problem(_kind_of(status), f"forced by the override {override.key}", status=status))


def _kind_of(status: int) -> ProblemKind:
    for kind, statuses in DEFAULT_STATUSES.items():
        if statuses[0] == status:
            return kind
    return ProblemKind.INTERNAL if status >= 500 else ProblemKind.MALFORMED_REQUEST
