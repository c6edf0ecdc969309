"""Probes: generators that yield cases and receive exchanges, for what one exchange alone can't show.

A probe yields a `Case` (through `ask`) to have it sent, and events to tell what it found. It knows no transport.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

from understudy.contracts.case import Case, Exchange, Phase
from understudy.contracts.claims import Claim, Failure, register
from understudy.contracts.events import ClaimExercised, ClaimSkipped, FailureFound
from understudy.contracts.requests.composer import Composer
from understudy.specs.model import Api, Operation

__all__ = [
    "Probe",
    "ProbeSteps",
    "Subject",
    "Told",
    "accepted",
    "ask",
    "fail",
    "outcome",
    "probe",
    "probes",
    "shown_by",
    "skip",
]

Told: TypeAlias = ClaimExercised | ClaimSkipped | FailureFound
ProbeSteps: TypeAlias = Generator[Case | Told, Exchange | None, None]


@final
@dataclass(frozen=True, slots=True)
class Subject:
    """What a probe works on.

    Attributes:
        dress: Puts on a case what every request of the operation carries: headers, credentials.
        has_credentials: Whether the user gave credentials; made-up ones are sent otherwise.
        probes_limits: Whether as many calls may be sent as a limit allows, and one more.
    """

    api: Api
    operation: Operation
    composer: Composer
    dress: Callable[[Case], Case]
    has_credentials: bool
    probes_limits: bool = False


Run: TypeAlias = Callable[[Subject], ProbeSteps]
Shows: TypeAlias = Callable[[Sequence[Exchange]], bool]


@final
@dataclass(frozen=True, slots=True)
class Probe:
    """A probe, the claims that it owns, and which operations it says something about.

    Attributes:
        is_patient: Whether streams are read to their end for it, or only looked into.
    """

    name: str
    phase: Phase
    claims: tuple[Claim, ...]
    applies_to: Callable[[Operation], bool]
    run: Run
    is_patient: bool = False


_probes: dict[str, Probe] = {}
_shows: dict[str, Shows] = {}


def probe(
    *claims: Claim,
    phase: Phase = Phase.PROBES,
    applies_to: Callable[[Operation], bool],
    shows: Shows = lambda exchanges: False,
    is_patient: bool = False,
) -> Callable[[Run], Run]:
    """Register a generator function as the probe that owns these claims.

    Args:
        shows: Whether a conversation that a failure came with shows it, when it is sent again; a probe that owns no
            claim, and only brings about answers for the exchange checks, has none to show.

    Raises:
        UsageError: A claim's id is taken.
    """

    def decorate(run: Run) -> Run:
        for claim in claims:
            shown_by(shows, claim)
        _probes[run.__name__] = Probe(run.__name__, phase, claims, applies_to, run, is_patient)
        return run

    return decorate


def shown_by(shows: Shows, claim: Claim) -> Claim:
    """Register a claim, and how a conversation that broke it is recognised when it is sent again; gives the claim.

    Raises:
        UsageError: Its id is taken.
    """
    _shows[register(claim).id] = shows
    return claim


def probes(phase: Phase) -> tuple[Probe, ...]:
    """The registered probes of a phase, in the order of registration."""
    return tuple(each for each in _probes.values() if each.phase is phase)


def find_shows(claim_id: str) -> Shows | None:
    """How a failure of a probe's claim is recognised when it is sent again; None for other claims."""
    return _shows.get(claim_id)


def ask(case: Case) -> Generator[Case | Told, Exchange | None, Exchange]:
    """``exchange = yield from ask(case)``."""
    exchange = yield case
    assert exchange is not None
    return exchange


def skip(claim: Claim, operation: Operation, reason: str) -> ClaimSkipped:
    """The claim couldn't be judged."""
    return ClaimSkipped(claim.id, operation.label, reason)


def fail(claim: Claim, operation: Operation, place: str, message: str, exchanges: Sequence[Exchange]) -> FailureFound:
    """The claim is broken, as these exchanges show; the last one is at fault."""
    return FailureFound(Failure(claim, operation.label, place, message), tuple(exchanges))


def accepted(exchange: Exchange) -> bool:
    """Whether the answer says that the request was taken: 2xx or 3xx."""
    return exchange.answer is not None and exchange.answer.status < 400


def outcome(exchange: Exchange) -> str:
    """``answered 401``, or why there is no answer."""
    return f"answered {exchange.answer.status}" if exchange.answer else exchange.error
