"""Are the headers there that the document promises, and right?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation
from understudy.specs.model import MISSING, Direction, Header
from understudy.specs.wire.styles import MalformedParameter, compile_header

RESPONSE_HEADERS: Final = Claim(
    id="response-headers",
    title="Every documented header is there and right",
    severity=Severity.MEDIUM,
    clause="https://spec.openapis.org/oas/v3.2.0.html#header-object",
    documentation=(
        "A required header of the response is there, and every described header that is there can be read as its "
        "schema says and is valid."
    ),
    owner="checks.headers",
)


@check(RESPONSE_HEADERS, applies_to=lambda seen: seen.response is not None and bool(seen.response.headers))
def response_headers(seen: Observation) -> Iterator[Failure]:
    """``X-RateLimit-Limit is missing``."""
    for header in seen.response.headers if seen.response else ():
        values = [value for name, value in seen.answer.headers if name.lower() == header.name.lower()]
        place = f"{seen.answer.status} {header.name}"
        if values:
            yield from _judge_value(seen, header, ", ".join(values), place)
        elif header.required:
            yield seen.failure(RESPONSE_HEADERS, f"{place} required", f"the header {header.name} is missing")


def _judge_value(seen: Observation, header: Header, text: str, place: str) -> Iterator[Failure]:
    try:
        value = compile_header(header).parse(text)
    except MalformedParameter as error:
        yield seen.failure(RESPONSE_HEADERS, f"{place} malformed", f"{header.name}: {text[:80]!r}: {error.reason}")
        return
    schema = header.schema or (header.content.schema if header.content else None)
    if schema is None or value is MISSING:
        return
    violations = schema.validator(Direction.RESPONSE).violations(value)
    if violations:
        message = f"{header.name}: {violations[0].message}"
        place = f"{place} {violations[0].keyword}"
        yield Failure(RESPONSE_HEADERS, seen.operation.label, place, message, violations)
