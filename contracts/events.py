"""What the runner tells while it works. Writers and the terminal listen; the runner prints nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from understudy.contracts.case import Exchange, Phase
from understudy.contracts.claims import Claim, Failure
from understudy.contracts.coverage import Forms, Goals

__all__ = [
    "ClaimExercised",
    "ClaimSkipped",
    "ErrorRaised",
    "Event",
    "ExchangeDone",
    "FailureFound",
    "FlakyFound",
    "OperationPlanned",
    "PhaseFinished",
    "PhaseStarted",
    "RunFinished",
    "RunStarted",
    "StreamSeen",
]


@dataclass(frozen=True, slots=True)
class OperationPlanned:
    """An operation of the document.

    Attributes:
        statuses: As documented: ``200``, ``4XX``, ``default``.
        skipped: Why it won't be exercised, empty when it will.
        goals: What else there is to reach of it.
    """

    label: str
    operation_id: str
    tags: tuple[str, ...]
    statuses: tuple[str, ...]
    skipped: str = ""
    goals: Goals = field(default_factory=Goals)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """First event.

    Attributes:
        document: The document as the user named it.
        openapi: The version it was written in.
        started_at: RFC 3339, UTC.
        settings: Option → value as text, for the reader; no credentials.
    """

    title: str
    version: str
    openapi: str
    document: str
    target: str
    seed: int
    started_at: str
    operations: tuple[OperationPlanned, ...]
    claims: tuple[Claim, ...]
    phases: tuple[Phase, ...]
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    phase: Phase


@dataclass(frozen=True, slots=True)
class ExchangeDone:
    """A case was sent and answered, or not; ``exchange.case.operation`` says whose it is.

    Attributes:
        forms: How the operation's inputs were sent; empty where nobody read that.
    """

    exchange: Exchange
    forms: Forms = ()


@dataclass(frozen=True, slots=True)
class ClaimExercised:
    """A claim was judged ``times`` more times on an operation; failures come as `FailureFound` besides."""

    claim_id: str
    operation: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class ClaimSkipped:
    """A claim could not be judged on an operation, or on none where the label is empty; why, in a few words."""

    claim_id: str
    operation: str
    reason: str


@dataclass(frozen=True, slots=True)
class FailureFound:
    """A failure with the conversation that shows it: exchanges in order, the last one is at fault."""

    failure: Failure
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class FlakyFound:
    """A failure that was seen, but not again when its conversation was sent once more; it fails no run."""

    failure: Failure
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """One stream's timeline: milliseconds after sending at which each item was complete."""

    operation: str
    item_ms: tuple[float, ...]
    ended_ms: float


@dataclass(frozen=True, slots=True)
class ErrorRaised:
    """We could not do part of our job. ``operation`` is empty when it concerns the whole run."""

    operation: str
    phase: Phase | None
    message: str


@dataclass(frozen=True, slots=True)
class PhaseFinished:
    phase: Phase
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that a reader of the report should know and that is neither a finding nor an error."""

    message: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Last event.

    Attributes:
        interrupted: The user or a limit stopped the run early.
        unreachable: The target couldn't be reached at all; an `ErrorRaised` before says why.
    """

    elapsed_ms: float
    interrupted: bool = False
    unreachable: bool = False


Event: TypeAlias = (
    RunStarted
    | PhaseStarted
    | ExchangeDone
    | ClaimExercised
    | ClaimSkipped
    | FailureFound
    | FlakyFound
    | StreamSeen
    | ErrorRaised
    | Noted
    | PhaseFinished
    | RunFinished
)
