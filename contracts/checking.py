"""Exchange checks: pure functions from an observation to failures, in one registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias, final

from understudy.contracts.claims import Claim, Failure, register
from understudy.contracts.observation import Observation
from understudy.specs.model import Operation

__all__ = ["ExchangeCheck", "Judgement", "NotJudged", "check", "exchange_checks", "judge", "last_place"]

Concerns: TypeAlias = Callable[[Operation], bool]
Applies: TypeAlias = Callable[[Observation], bool]
Finds: TypeAlias = Callable[[Observation], Iterable[Failure]]


class NotJudged(Exception):
    """A check applies but can't tell; the reason is shown to the reader, a few words."""


@final
@dataclass(frozen=True, slots=True)
class ExchangeCheck:
    """A check and the claim that it owns.

    Attributes:
        applies_to: Whether the claim says anything about an observation.
        concerns: Whether it can say anything about an operation at all, read from the document.
        find: The failures; none when the claim holds. May raise `NotJudged`.
    """

    claim: Claim
    applies_to: Applies
    find: Finds
    concerns: Concerns = lambda operation: True


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """What the checks say of one observation.

    Attributes:
        judged: Ids of the claims that were judged, failures or not.
        skipped: Claim id and the reason why it couldn't be judged.
        failures: In the order of the checks.
        crashes: One line for each check that raised, with its claim's id.
    """

    judged: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    failures: tuple[Failure, ...] = ()
    crashes: tuple[str, ...] = ()


_checks: dict[str, ExchangeCheck] = {}


def check(
    claim: Claim, *, applies_to: Applies, concerns: Concerns = lambda operation: True
) -> Callable[[Finds], Finds]:
    """Register a function as the check that owns a claim.

    Raises:
        UsageError: The claim's id is taken.
    """

    def decorate(find: Finds) -> Finds:
        register(claim)
        _checks[claim.id] = ExchangeCheck(claim, applies_to, find, concerns)
        return find

    return decorate


def exchange_checks() -> tuple[ExchangeCheck, ...]:
    """Every registered check, in the order of registration."""
    return tuple(_checks.values())


def judge(seen: Observation, checks: Iterable[ExchangeCheck]) -> Judgement:
    """What these checks say. A check that raises is named in `Judgement.crashes`, and the others go on."""
    judged: list[str] = []
    skipped: list[tuple[str, str]] = []
    failures: list[Failure] = []
    crashes: list[str] = []
    for each in checks:
        claim = each.claim
        try:
            if each.applies_to(seen):
                failures += each.find(seen)
                judged.append(claim.id)
        except NotJudged as reason:
            skipped.append((claim.id, str(reason)))
        except Exception as error:
            crashes.append(f"the check {claim.id} ({claim.owner}) crashed: {_line(error)}")
    return Judgement(tuple(judged), tuple(skipped), tuple(failures), tuple(crashes))


def _line(error: Exception) -> str:
    place = last_place(error)
    return f"{type(error).__name__}: {error}{place}"


def last_place(error: Exception) -> str:
    """`` (file, line 7)`` of where an exception was raised; empty where it wasn't."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" ({trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno})" if trace is not None else ""
