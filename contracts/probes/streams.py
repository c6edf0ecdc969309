"""Ask for each stream that the document describes, and read it to its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Exchange
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, fail, outcome, probe, skip
from understudy.contracts.reaching import reach
from understudy.contracts.requests.composer import Composer, Draft, Uncomposable
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, Location, MediaType, Missing, Operation
from understudy.specs.pointers import tokens
from understudy.specs.schemas.json_values import copy_value
from understudy.specs.wire.media_types import kind

STREAM_AS_ASKED: Final = Claim(
    id="stream-as-asked",
    title="Asked for a stream, the server sends one",
    severity=Severity.HIGH,
    clause="https://spec.openapis.org/oas/v3.2.0.html#sequential-media-types",
    documentation=(
        "Where the document says when an answer is a stream (`stream: true`), a request that meets the condition is "
        "answered with that media type. Without a condition the server may choose, and nothing is claimed."
    ),
    owner="probes.streams",
)


def streams(operation: Operation) -> Iterator[MediaType]:
    """The sequential media types of the operation's successes that describe their items."""
    for response in operation.responses:
        for media_type in response.content if response.is_success else ():
            if media_type.item_schema is not None and kind(media_type.name).is_sequential:
                yield media_type


def _shows(exchanges: Sequence[Exchange]) -> bool:
    *_, last = exchanges
    return accepted(last) and not is_stream(last)


@probe(STREAM_AS_ASKED, applies_to=lambda operation: any(streams(operation)), shows=_shows, is_patient=True)
def described_streams(subject: Subject) -> ProbeSteps:
    """Ask for each stream once; the exchange checks judge what is in it, and how it arrives."""
    operation = subject.operation
    for media_type in streams(operation):
        try:
            control = yield from reach(subject, stream_draft(subject.composer, media_type))
        except Uncomposable as error:
            yield skip(STREAM_AS_ASKED, operation, str(error))
            continue
        exchange = control.exchange
        if media_type.stream is None or not media_type.stream.when:
            continue
        if not accepted(exchange):
            yield skip(STREAM_AS_ASKED, operation, f"the request for the stream was {outcome(exchange)}")
            continue
        yield ClaimExercised(STREAM_AS_ASKED.id, operation.label)
        if not is_stream(exchange):
            given = exchange.answer.header("content-type") if exchange.answer else None
            message = f"asked for {media_type.name} in the way that the document says, got {given or 'no media type'}"
            yield fail(STREAM_AS_ASKED, operation, str(media_type.name), message, (*control.before, exchange))


def is_stream(exchange: Exchange) -> bool:
    """Whether an answer is a stream by its media type."""
    return exchange.answer is not None and kind(exchange.answer.header("content-type") or "").is_sequential


def stream_draft(composer: Composer, media_type: MediaType) -> Draft:
    """A request that is answered with a stream.

    Raises:
        Uncomposable: A condition can't be met, or a request that meets it isn't valid.
    """
    conditions = dict(media_type.stream.when) if media_type.stream else {}
    body = composer.operation.request_body
    draft = composer.draft()
    if body is not None and body.content and draft.media_type is None and _concerns_body(conditions):
        draft = composer.draft(body.content[0])
    for expression, value in conditions.items():
        draft = _meet(draft, expression, value)
    schema = draft.media_type.schema if draft.media_type else None
    if (
        schema is not None
        and draft.body is not MISSING
        and not schema.validator(Direction.REQUEST).is_valid(draft.body)
    ):
        raise Uncomposable("no valid request meets the conditions for the stream")
    return replace(draft, accept=str(media_type.name), note="the stream")


def _concerns_body(conditions: Mapping[str, Json]) -> bool:
    return any(expression.startswith("$request.body") for expression in conditions)


def _meet(draft: Draft, expression: str, value: Json) -> Draft:
    source, _, rest = expression.removeprefix("$request.").partition(
        "#" if expression.startswith("$request.body") else "."
    )
    if source == "body" and draft.body is not MISSING:
        return replace(draft, body=_with(draft.body, tokens(rest), value), serialized=None)
    try:
        location = Location(source)
    except ValueError:
        raise Uncomposable(f"no way to make {expression} equal to {value!r}") from None
    return replace(draft, values={**draft.values, (location, rest): value})


def _with(body: Json | Missing, steps: Sequence[str], value: Json) -> Json:
    """A copy of the body with a member set; objects on the way are made."""
    if not steps:
        return value
    copied: Json = copy_value(body) if isinstance(body, dict) else {}
    place = copied
    for step in steps[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else {}
    if isinstance(place, dict):
        place[steps[-1]] = value
    return copied
