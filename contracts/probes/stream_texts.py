"""Is what a stream says piece by piece what is kept of it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probes.streams import is_stream, stream_draft, streams
from understudy.contracts.probes.unusual_requests import with_text
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import reach
from understudy.contracts.requests.composer import Draft, Uncomposable
from understudy.contracts.stream_items import read_stream
from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, MediaType, Operation
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.media_types import kind

STREAM_KEPT: Final = Claim(
    id="stream-text-kept",
    title="The pieces of a stream, joined, are what is kept",
    severity=Severity.HIGH,
    clause="https://spec.openapis.org/oas/v3.2.0.html#sequential-media-types",
    documentation=(
        "Where one operation answers whole or as a stream, as it is asked, and GET of the same path shows the whole "
        "answer afterwards: after a stream it shows a text that is the stream's pieces, one after the other."
    ),
    owner="probes.stream_texts",
)

MIN_TEXT: Final = 8
"""Characters of an answer's text that can be told from other words."""


def _applies(operation: Operation) -> bool:
    return operation.method == "POST" and any(map(_is_asked_for, streams(operation)))


def _is_asked_for(media_type: MediaType) -> bool:
    return media_type.stream is not None and bool(media_type.stream.when)


def _texts(exchange: Exchange) -> Counter[str]:
    """The strings in a JSON answer."""
    try:
        told = load_json(exchange.answer.body) if exchange.answer is not None else None
    except MalformedJson:
        return Counter()
    return Counter(text.strip() for _, text in _strings(told, ""))


def _sent(exchange: Exchange) -> set[str]:
    try:
        return {text.strip() for _, text in _strings(load_json(exchange.case.body or b""), "")}
    except MalformedJson:
        return set()


def _strings(value: Json, place: str) -> Iterator[tuple[str, str]]:
    """The strings in a value, with their places; JSON in a string is read."""
    match value:
        case dict():
            for name, item in value.items():
                yield from _strings(item, f"{place}/{name}")
        case list():
            for item in value:
                yield from _strings(item, f"{place}/*")
        case str() if value[:1] in ("{", "["):
            try:
                yield from _strings(load_json(value.encode()), place)
            except (MalformedJson, UnicodeEncodeError):
                yield place, value
        case str():
            yield place, value


def _joined(exchange: Exchange) -> set[str]:
    """What the items of a stream say at each place, joined."""
    answer = exchange.answer
    if answer is None:
        return set()
    joined: dict[str, str] = {}
    for item in read_stream(answer, kind(answer.header("content-type") or ""), None).items:
        for place, text in _strings(item.value, ""):
            joined[place] = joined.get(place, "") + text
    return {text.strip() for text in joined.values()}


def _is_kept_otherwise(exchanges: Sequence[Exchange]) -> bool:
    """Whether the last of GET, stream, GET shows nothing new that is what the stream said."""
    before, stream, after = exchanges[-3:]
    if not all(map(accepted, (before, stream, after))) or not is_stream(stream):
        return False
    return not any(text in _joined(stream) for text in _texts(after) - _texts(before) if text not in _sent(stream))


@probe(STREAM_KEPT, applies_to=_applies, shows=_is_kept_otherwise, is_patient=True)
def stream_texts(subject: Subject) -> ProbeSteps:
    """The whole answer and GET, to see that it is kept; then the stream and GET."""
    operation = subject.operation
    getter = next((each for each in _gets(subject) if each.path == operation.path), None)
    if getter is None:
        yield skip(STREAM_KEPT, operation, "the path has no GET")
        return
    media_type = next(filter(_is_asked_for, streams(operation)))
    try:
        draft = stream_draft(subject.composer, media_type)
        # Text beyond ASCII shows what becomes of it on the way.
        draft = with_text(draft, draft.body) or draft
        control = yield from reach(subject, replace(_told_otherwise(draft, media_type), note="the whole answer"))
    except Uncomposable as error:
        yield skip(STREAM_KEPT, operation, str(error))
        return
    seen = yield from ask(_get(control.case, getter))
    told = [text for text in _texts(control.exchange) if len(text) >= MIN_TEXT and text not in _sent(control.exchange)]
    if not accepted(control.exchange) or is_stream(control.exchange) or not any(text in _texts(seen) for text in told):
        reason = f"the whole answer is {outcome(control.exchange)}, and GET doesn't show it"
        yield skip(STREAM_KEPT, operation, reason)
        return
    values = {**draft.values, **control.draft.values}
    case = subject.composer.write(replace(draft, values=values, note="the stream"), Mode.POSITIVE, Phase.PROBES)
    streamed = yield from ask(subject.dress(case))
    after = yield from ask(_get(control.case, getter))
    if streamed.answer is None or not is_stream(streamed) or not streamed.answer.complete:
        yield skip(STREAM_KEPT, operation, f"the stream is {outcome(streamed)} and didn't end in time")
        return
    yield ClaimExercised(STREAM_KEPT.id, operation.label)
    story = (*control.before, seen, streamed, after)
    if _is_kept_otherwise(story):
        message = "nothing that GET shows after the stream is what its pieces say, joined"
        yield fail(STREAM_KEPT, operation, str(media_type.name), message, story)


def _told_otherwise(draft: Draft, media_type: MediaType) -> Draft:
    """The draft of a stream as one of the whole answer: without what asks for a stream.

    Raises:
        Uncomposable: That isn't a member of the body.
    """
    wanted = dict(media_type.stream.when) if media_type.stream else {}
    names = [expression.removeprefix("$request.body#/") for expression in wanted]
    if not isinstance(draft.body, dict) or not all(name in draft.body for name in names):
        raise Uncomposable("what asks for a stream is no member of the body")
    body: dict[str, Json] = {name: value for name, value in draft.body.items() if name not in names}
    schema = draft.media_type.schema if draft.media_type else None
    if schema is not None and not schema.validator(Direction.REQUEST).is_valid(body):
        raise Uncomposable("a body that doesn't ask for a stream isn't valid")
    return replace(draft, body=body, serialized=None, accept="")


def _gets(subject: Subject) -> Iterator[Operation]:
    return (each for each in subject.api.operations if each.method == "GET")


def _get(case: Case, getter: Operation) -> Case:
    left_out = ("content-type", "accept")
    headers = tuple(pair for pair in case.headers if pair[0].lower() not in left_out)
    return replace(case, operation=getter.label, method="GET", headers=headers, body=None, note="what is kept")
