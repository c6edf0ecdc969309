"""Where a violation stands, without values: what tells one finding from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from understudy.contracts.claims import Claim, Failure
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction
from understudy.specs.pointers import child, tokens
from understudy.specs.schemas.schema import Schema
from understudy.specs.schemas.validation import Violation

__all__ = ["by_place", "violation_place"]

MAX_SHOWN = 80


def by_place(
    claim: Claim, operation: str, prefix: str, schema: Schema, violations: Iterable[Violation]
) -> Iterator[Failure]:
    """A failure for each place in a response's body, with all its violations; the message is the first one's.

    Args:
        operation: Its label.
        prefix: What the place begins with: ``200 application/json``.
        schema: What the violations are of.
    """
    names = _declared_names(schema)
    places: dict[str, list[Violation]] = {}
    for violation in violations:
        places.setdefault(violation_place(violation, names), []).append(violation)
    for place, found in places.items():
        message = f"{found[0].pointer or 'the whole'}: {_sentence(found[0])}"
        yield Failure(claim, operation, f"{prefix} {place}", message, found)


def violation_place(violation: Violation, names: frozenset[str]) -> str:
    """``/items/*/id type``: only names that the schema declares are kept; the member that is missing is named."""
    pointer = child("", *(token if token in names else "*" for token in tokens(violation.pointer)))
    if violation.keyword == "required":
        return f"{child(pointer, str(violation.expected))} required"
    return f"{pointer or '/'} {violation.keyword}"


def _declared_names(schema: Schema) -> frozenset[str]:
    """Every name under `properties` anywhere in a schema: keys of maps are data, and data names no place."""
    names: set[str] = set()
    waiting: list[Json] = [schema.standalone(Direction.RESPONSE)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("properties"), dict):
                names.update(value["properties"])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return frozenset(names)


def _sentence(violation: Violation) -> str:
    """The validator's sentence, which quotes the value; a long value is left out."""
    if len(violation.message) <= 3 * MAX_SHOWN:
        return violation.message
    return f"disagrees with {violation.keyword}: {_cut(violation.expected)}, is {_cut(violation.actual)}"


def _cut(value: Json) -> str:
    text = repr(value) if not isinstance(value, (dict, list)) else f"{type(value).__name__} of {len(value)}"
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
