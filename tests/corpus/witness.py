"""A second opinion on what the mock sends: `jsonschema`, with exact numbers, on the octets as they came."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal

import jsonschema
import jsonschema_rs
from jsonschema.protocols import Validator

from understudy.specs.content import Direction, MediaType
from understudy.specs.documents.document import Json
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.json_bodies import dump_json
from understudy.specs.wire.jsonl import MalformedRecord, Parser, SequenceParser
from understudy.specs.wire.media_types import Kind
from understudy.specs.wire.sse import Parser as EventParser
from understudy.specs.wire.sse import as_item
from understudy.specs.wire.xml_contents import read_xml_body

_WITNESSES: dict[tuple[Schema, Direction], Validator] = {}


def find_fault(schema: Schema | None, direction: Direction, value: Json) -> str:
    """Why a value is invalid, for us or for `jsonschema`; empty when both take it."""
    if schema is None:
        return ""
    own = schema.validator(direction).violations(value)
    if own:
        return f"{own[0].pointer or 'the root'}: {own[0].message}"[:200]
    exact = json.loads(dump_json(value), parse_float=Decimal)
    other = next(iter(_witness(schema, direction).iter_errors(exact)), None)
    return f"jsonschema: {other.json_path}: {other.message}"[:200] if other is not None else ""


def _witness(schema: Schema, direction: Direction) -> Validator:
    known = _WITNESSES.get((schema, direction))
    if known is None:
        text = dump_json(schema.standalone(direction)).decode()
        if '"contentSchema"' in text:
            # JSON Schema doesn't assert content: branches that differ in nothing else are all the same to it.
            text = text.replace('"oneOf"', '"anyOf"')
        schema_of = json.loads(text, parse_float=Decimal)
        known = _KIND(schema_of, format_checker=jsonschema.FormatChecker())
        _WITNESSES[(schema, direction)] = known
    return known


def _pattern(validator: Validator, pattern: str, instance: Json, schema: Json) -> Iterator[jsonschema.ValidationError]:
    """ECMA-262's `$` is Python's ``\\Z``; where `re` doesn't know a form, such as ``\\p{L}``, another engine speaks."""
    if not isinstance(instance, str):
        return
    try:
        found = re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), instance) is not None
    except re.error:
        found = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid(instance)
    if not found:
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


_KIND = jsonschema.validators.extend(  # type: ignore[no-untyped-call]  # the stubs leave it so
    jsonschema.Draft202012Validator, {"pattern": _pattern}
)


def read_values(media_type: MediaType, kind: Kind, content_type: str, body: bytes) -> list[tuple[Schema | None, Json]]:
    """What a body says, each value with the schema it has to fit.

    Raises:
        ValueError: The octets aren't what their media type says.
    """
    whole, item = media_type.schema, media_type.item_schema
    match kind:
        case Kind.JSON:
            return [(whole, json.loads(body, parse_float=Decimal))]
        case Kind.XML:
            return [(whole, read_xml_body(whole, Direction.RESPONSE, body, content_type))]
        case Kind.SSE:
            parser = EventParser()
            items = [as_item(event) for event in (*parser.feed(body), *parser.close())]
            sentinel = media_type.stream.sentinel if media_type.stream else None
            return _sequence(whole, item, [each for each in items if sentinel is None or each["data"] != sentinel])
        case Kind.JSON_LINES | Kind.JSON_SEQ:
            lines = Parser() if kind is Kind.JSON_LINES else SequenceParser()
            found: list[Json] = []
            for record in (*lines.feed(body), *lines.close()):
                if isinstance(record, MalformedRecord):
                    raise ValueError(f"line {record.line}: {record.reason}")
                found.append(record.value)
            return _sequence(whole, item, found)
        case Kind.TEXT:
            body.decode()
            return []
        case _:
            return []


def _sequence(whole: Schema | None, item: Schema | None, items: list[Json]) -> list[tuple[Schema | None, Json]]:
    if not items:
        raise ValueError("an empty stream")
    return [*((item, each) for each in items if item is not None), *([(whole, items)] if whole is not None else [])]
