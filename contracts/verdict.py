"""What a run found: verdicts, findings and figures, which every report renders (`folding` makes it of events)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from understudy.contracts.case import Exchange, Phase
from understudy.contracts.claims import Claim
from understudy.contracts.coverage import Reached
from understudy.contracts.events import OperationPlanned, RunStarted
from understudy.contracts.replaying.bindings import Binding
from understudy.specs.schemas.validation import Violation

__all__ = ["ClaimResult", "Finding", "OperationResult", "Run", "Standing", "Timeline", "Verdict"]


class Verdict(Enum):
    """The outcome for one operation, or for one claim on it."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"


class Standing(Enum):
    """What a finding means for the outcome of a run: only an open one fails it."""

    OPEN = "open"
    KNOWN = "known"
    WAIVED = "waived"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Finding:
    """All failures that share a fingerprint, shown by the smallest conversation seen.

    Attributes:
        standing: As waivers, a baseline and the least severity that fails decide (`standing.py`).
        remark: Why it isn't open; empty where it is.
        bindings: What its requests took from the answers before; named when the run is redacted.
    """

    fingerprint: str
    claim: Claim
    operation: str
    place: str
    message: str
    violations: tuple[Violation, ...]
    exchanges: tuple[Exchange, ...]
    count: int
    standing: Standing = Standing.OPEN
    remark: str = ""
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One claim on one operation: how often it was judged; ``reason`` says why not, where it was not."""

    verdict: Verdict
    times: int
    reason: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Arrival of a stream's items, milliseconds after sending: the first `folding.MAX_ITEMS` and the last."""

    item_ms: tuple[float, ...]
    ended_ms: float


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one operation.

    Attributes:
        claims: By claim id; a claim that doesn't apply is absent.
        statuses: Status → number of answers.
        latencies_ms: Elapsed times, at most `folding.MAX_LATENCIES` of them, in order of arrival.
        reached: What was sent to it, and in what media types it answered.
    """

    plan: OperationPlanned
    verdict: Verdict
    cases: int
    claims: Mapping[str, ClaimResult]
    statuses: Mapping[int, int]
    latencies_ms: tuple[float, ...]
    timelines: tuple[Timeline, ...]
    errors: tuple[str, ...]
    reached: Reached = field(default_factory=Reached)

    @property
    def is_judged(self) -> bool:
        """Whether at least one claim was judged."""
        return any(result.verdict is not Verdict.SKIPPED for result in self.claims.values())


@dataclass(frozen=True, slots=True)
class Run:
    """One execution, whole.

    Attributes:
        flaky: Failures that didn't show when they were sent again: apart from the findings, and no reason to fail.
        fixed: Findings of the baseline whose claims were judged on their operations and held.
        notes: What the user should know: what was not sent and why, which waiver has expired or matches nothing.
        unreachable: The target couldn't be reached at all; the first error says why.
        reasons: Claim's id → why it was judged on no operation, where that is no operation's own reason.
    """

    start: RunStarted
    operations: tuple[OperationResult, ...]
    findings: tuple[Finding, ...]
    errors: tuple[str, ...]
    phases_ms: Mapping[Phase, float]
    elapsed_ms: float
    interrupted: bool
    flaky: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    unreachable: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """Requests sent."""
        return sum(operation.cases for operation in self.operations)

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Those that fail the run."""
        return tuple(finding for finding in self.findings if finding.standing is Standing.OPEN)

    @property
    def exit_code(self) -> int:
        """130 interrupted, 1 open findings, 4 unreachable, 5 errors, 6 nothing was tested, 0 all passed.

        A run that sent cases but judged no claim tested nothing.
        """
        if self.interrupted:
            return 130
        if self.open_findings:
            return 1
        if self.unreachable:
            return 4
        if self.errors or any(operation.errors for operation in self.operations):
            return 5
        if not any(operation.is_judged for operation in self.operations):
            return 6
        return 0
