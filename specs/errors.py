"""What goes wrong on our side: each error names the place and the remedy.

    SuiteError                    we could not do our job; never raised directly
    ├── UsageError (+ ValueError) a bad option or argument                        exit 2
    ├── DocumentError             the document cannot be used                     exit 3
    │   ├── DocumentUnreadable    missing, not text, not YAML or JSON, too large
    │   ├── UnsupportedVersion    neither Swagger 2.0 nor OpenAPI 3.0–3.2
    │   ├── UnsupportedKeyword    a member we do not know under `x-understudy`, or an ill-formed one
    │   └── UnresolvableReference a `$ref` that leads nowhere, or only to itself
    ├── GenerationError           no value fits a schema                          exit 5
    └── TargetError               the API under test cannot be reached            exit 4

What the API does wrong is not here: that is a `Failure`, a result.
"""

from __future__ import annotations

from typing import ClassVar

from understudy.specs.pointers import JsonPointer

__all__ = [
    "DocumentError",
    "DocumentUnreadable",
    "GenerationError",
    "SuiteError",
    "TargetError",
    "UnresolvableReference",
    "UnsupportedKeyword",
    "UnsupportedVersion",
    "UsageError",
]


class SuiteError(Exception):
    """We could not do our job. Never raised directly."""

    exit_code: ClassVar[int] = 5


class UsageError(SuiteError, ValueError):
    """An option or argument is wrong; shows its name, the value given and what is allowed."""

    exit_code = 2

    def __init__(self, name: str, value: object, allowed: str) -> None:
        super().__init__(name, value, allowed)
        self.name = name
        self.value = value
        self.allowed = allowed

    def __str__(self) -> str:
        return f"{self.name}: got {self.value!r}; allowed: {self.allowed}"


class DocumentError(SuiteError):
    """The document cannot be used.

    Args:
        document: Where the document came from: a path or URL as the user gave it.
        reason: One sentence: what is wrong, and what to do where that is not plain.
        pointer: The place in the document; empty means the whole document.
        line: 1-based line in the file; None when the place has no line of its own.
        clause: URL of the clause of the specification; empty when none applies.
    """

    exit_code = 3

    def __init__(
        self,
        document: str,
        reason: str,
        *,
        pointer: str = "",
        line: int | None = None,
        clause: str = "",
    ) -> None:
        super().__init__(document, reason)
        self.document = document
        self.reason = reason
        self.pointer = JsonPointer(pointer)
        self.line = line
        self.clause = clause

    def __str__(self) -> str:
        line = f":{self.line}" if self.line is not None else ""
        place = f"{self.document}{line}"
        if self.pointer:
            place += f" at #{self.pointer}"
        return f"{place}: {self.reason}" + (f" (see {self.clause})" if self.clause else "")


class DocumentUnreadable(DocumentError):
    """The document is missing, too large, or neither YAML nor JSON."""


class OverlayRefused(DocumentError):
    """An overlay that is none, or an action of one that can't be done. The place is in the overlay."""


class UnsupportedVersion(DocumentError):
    """The document is neither Swagger 2.0 nor OpenAPI 3.0, 3.1 or 3.2."""


class UnsupportedKeyword(DocumentError):
    """A member under `x-understudy` that we do not know, or that is ill-formed."""


class UnresolvableReference(DocumentError):
    """A `$ref` leads nowhere, only to itself, or to a place that may not be read."""


class GenerationError(SuiteError):
    """No value could be made that fits a schema.

    Args:
        schema: Where the schema stands, as ``document#/pointer``.
        reason: One sentence: which keywords could not be met together.
        trail: The steps from the schema to the place that failed, outermost first.
    """

    def __init__(self, schema: str, reason: str, trail: tuple[str, ...] = ()) -> None:
        super().__init__(schema, reason, trail)
        self.schema = schema
        self.reason = reason
        self.trail = trail

    def __str__(self) -> str:
        trail = " → ".join(self.trail)
        return f"{self.schema}: {self.reason}" + (f" ({trail})" if trail else "")


class TargetError(SuiteError):
    """The API under test cannot be reached at all."""

    exit_code = 4

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"
