"""Claims: what is judged, selected, waived, documented and reported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from understudy.specs.errors import UsageError
from understudy.specs.schemas.validation import Violation

__all__ = ["Claim", "Failure", "Severity", "claims", "fingerprint", "get_claim", "register"]


class Severity(Enum):
    """How much a failure hurts the API's users."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing an API can break.

    Attributes:
        id: Permanent, kebab-case; what users write in selections, waivers and baselines.
        title: A few words in the indicative: ``Every event matches its schema``.
        clause: URL of the clause of the specification it rests on.
        documentation: What it catches and how, two or three sentences.
        owner: The check, probe or model that raises it.
    """

    id: str
    title: str
    severity: Severity
    clause: str
    documentation: str
    owner: str


_registry: dict[str, Claim] = {}


def register(claim: Claim) -> Claim:
    """Enter a claim in the registry.

    Raises:
        UsageError: The id is taken by another claim, or isn't kebab-case.
    """
    words = claim.id.split("-")
    if not all(word.isalnum() and word == word.lower() for word in words):
        raise UsageError("claim id", claim.id, "lower-case words joined by hyphens")
    if _registry.setdefault(claim.id, claim) != claim:
        owner = _registry[claim.id].owner
        raise UsageError("claim id", claim.id, f"an id that isn't taken (this one belongs to {owner})")
    return claim


def claims() -> tuple[Claim, ...]:
    """Every registered claim, by id."""
    return tuple(_registry[key] for key in sorted(_registry))


def get_claim(claim_id: str) -> Claim:
    """The claim with this id.

    Raises:
        UsageError: There is none.
    """
    try:
        return _registry[claim_id]
    except KeyError:
        raise UsageError("claim", claim_id, ", ".join(sorted(_registry))) from None


def fingerprint(claim_id: str, operation: str, place: str) -> str:
    """Twelve hexadecimal digits that name a finding: no values, ids, ports or seeds enter it."""
    return hashlib.sha256("\n".join((claim_id, operation, place)).encode()).hexdigest()[:12]


class Failure(AssertionError):
    """The API disagrees with its document: a result, not an error.

    Args:
        claim: The claim that is broken.
        operation: Label of the operation, ``GET /pets/{petId}``.
        place: Where in the document's terms, without values: ``200 application/json /properties/id type``.
        message: One sentence a reader understands without the report's other parts.
        violations: What disagrees with a schema; empty when no schema is involved.
    """

    def __init__(
        self, claim: Claim, operation: str, place: str, message: str, violations: Iterable[Violation] = ()
    ) -> None:
        super().__init__(message)
        self.claim = claim
        self.operation = operation
        self.place = place
        self.message = message
        self.violations = tuple(violations)

    def __reduce__(self) -> tuple[type[Failure], tuple[Claim, str, str, str, tuple[Violation, ...]]]:
        """It crosses processes as its arguments."""
        return type(self), (self.claim, self.operation, self.place, self.message, self.violations)

    @property
    def fingerprint(self) -> str:
        """See `fingerprint`."""
        return fingerprint(self.claim.id, self.operation, self.place)
