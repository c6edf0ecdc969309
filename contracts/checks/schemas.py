"""Does the body match its schema?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation
from understudy.contracts.running.places import by_place
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, Missing
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.media_types import Kind
from understudy.specs.wire.xml_trees import MalformedXml

RESPONSE_SCHEMA: Final = Claim(
    id="response-schema",
    title="Every body matches its schema",
    severity=Severity.HIGH,
    clause="https://spec.openapis.org/oas/v3.2.0.html#media-type-object",
    documentation=(
        "The body of an answer is valid under the schema of its status and media type, formats and encoded content "
        "included; error bodies too. `writeOnly` members may not be there. Every violation is a failure of its own."
    ),
    owner="checks.schemas",
)


def _value(seen: Observation) -> Json | Missing:
    """What the schema speaks of; MISSING where there is nothing that could be validated."""
    if not seen.answer.complete or seen.exchange.case.method == "HEAD":
        return MISSING
    match seen.kind:
        case Kind.JSON:
            return MISSING if isinstance(seen.json, MalformedJson) else seen.json
        case Kind.XML:
            return MISSING if isinstance(seen.xml, MalformedXml) else seen.xml
        case Kind.TEXT:
            return seen.answer.body.decode(errors="replace")
        case Kind.SSE | Kind.JSON_LINES | Kind.JSON_SEQ if seen.stream is not None:
            # 3.2, Media Type Object: under `schema` a sequence is an array of its items.
            return [entry.value for entry in seen.stream.items]
        case _:
            return MISSING


def _applies(seen: Observation) -> bool:
    if seen.media_type is None or seen.media_type.schema is None:
        return False
    raw = seen.media_type.schema.target.raw
    # Before 3.2 a stream could only be described as a string, which says nothing about its items.
    is_text = isinstance(raw, dict) and raw.get("type") == "string"
    return not (seen.kind.is_sequential and is_text) and _value(seen) is not MISSING


@check(RESPONSE_SCHEMA, applies_to=_applies)
def response_schema(seen: Observation) -> Iterator[Failure]:
    """``/id: 7 is not of type "string"``."""
    schema = seen.media_type.schema if seen.media_type else None
    if schema is None:
        return
    value = _value(seen)
    validator = schema.validator(Direction.RESPONSE)
    if not validator.is_valid(value) and not (seen.kind is Kind.TEXT and validator.is_valid(_scalar(seen.answer.body))):
        yield from by_place(RESPONSE_SCHEMA, seen.operation.label, seen.place, schema, validator.violations(value))


def _scalar(text: bytes) -> Json:
    """What plain text stands for under a schema that isn't one of strings: ``7`` is a number there."""
    try:
        return load_json(text)
    except MalformedJson:
        return text.decode(errors="replace")
