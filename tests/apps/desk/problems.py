"""The errors of the desk: kind → status, and the one body they all have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STATUSES: Mapping[str, int] = {
    "bad-request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "conflict": 409,
    "precondition-failed": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "invalid": 422,
    "rate-limited": 429,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a value: JSON Pointer, JSON Schema's keyword, a sentence."""

    pointer: str
    keyword: str
    message: str


class Problem(Exception):
    """Ends the handling of a request with an error."""

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        violations: Sequence[Violation] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.violations = tuple(violations)
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        return STATUSES[self.kind]

    def body(self) -> dict[str, object]:
        """What openapi.yaml calls Error."""
        error: dict[str, object] = {"kind": self.kind, "message": self.message}
        if self.violations:
            error["violations"] = [{"pointer": each.pointer, "message": each.message} for each in self.violations]
        return {"error": error}
