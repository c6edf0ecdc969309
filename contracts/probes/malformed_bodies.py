"""Is a body refused that can't be read, or that is in a media type the operation doesn't take?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import reach
from understudy.specs.model import MediaType, Operation
from understudy.specs.wire.media_types import Kind, find_content, kind

MALFORMED_REFUSED: Final = Claim(
    id="malformed-body-refused",
    title="A body that can't be read is refused",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.1",
    documentation=(
        "A body of JSON, or of JSON Lines in any of its lines, that is cut off, isn't UTF-8, is followed by something "
        "else, or is empty although a body is required, is answered with a 4xx. It counts only where the same request "
        "in good order is accepted. Repeated names in an object are nobody's fault: RFC 8259 leaves to the reader what "
        "they mean."
    ),
    owner="probes.malformed_bodies",
)

MEDIA_TYPE_REFUSED: Final = Claim(
    id="undocumented-media-type-refused",
    title="A body in a media type that isn't documented is refused",
    severity=Severity.LOW,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.16",
    documentation=(
        "A request whose `Content-Type` is none of the operation's is answered with a 4xx, as a rule 415. It counts "
        "only where the same request with a documented media type is accepted."
    ),
    owner="probes.malformed_bodies",
)

_UNHEARD_OF: Final = "application/vnd.understudy.unheard-of"


def _shows(exchanges: Sequence[Exchange]) -> bool:
    return accepted(exchanges[-2]) and accepted(exchanges[-1])


@probe(
    MALFORMED_REFUSED,
    MEDIA_TYPE_REFUSED,
    applies_to=lambda operation: operation.request_body is not None and bool(operation.request_body.content),
    shows=_shows,
)
def malformed_bodies(subject: Subject) -> ProbeSteps:
    """For the first media type, and the first JSON one if that is another: the control, then each way to spoil it."""
    for media_type in _chosen(subject.operation):
        draft = replace(subject.composer.draft(media_type), note="the request in good order")
        control = yield from reach(subject, draft)
        answered = control.exchange
        if not accepted(answered):
            for claim in (MALFORMED_REFUSED, MEDIA_TYPE_REFUSED):
                yield skip(claim, subject.operation, f"the same request in good order is {outcome(answered)}")
            continue
        for claim, note, case in _spoilt(subject.operation, media_type, control.case):
            exchange = yield from ask(case)
            if exchange.answer is None:
                continue
            yield ClaimExercised(claim.id, subject.operation.label)
            if accepted(exchange):
                message = f"answered {exchange.answer.status} to {note}"
                story = (*control.before, answered, exchange)
                yield fail(claim, subject.operation, f"{media_type.name} {note}", message, story)


def _chosen(operation: Operation) -> Iterator[MediaType]:
    content = operation.request_body.content if operation.request_body else ()
    first = next(iter(content))
    yield first
    yield from [each for each in content if kind(each.name) is Kind.JSON and each is not first][:1]


def _spoilt(operation: Operation, media_type: MediaType, control: Case) -> Iterator[tuple[Claim, str, Case]]:
    for note, body in _malformed(kind(media_type.name), control.body or b""):
        yield MALFORMED_REFUSED, note, replace(control, body=body, mode=Mode.NEGATIVE, note=note)
    if operation.request_body is None:
        return
    if operation.request_body.required:
        note = "an empty body"
        yield MALFORMED_REFUSED, note, replace(control, body=b"", mode=Mode.NEGATIVE, note=note)
    if find_content(operation.request_body.content, _UNHEARD_OF) is None:
        headers = tuple(
            (name, _UNHEARD_OF if name.lower() == "content-type" else value) for name, value in control.headers
        )
        note = "a media type that isn't documented"
        yield MEDIA_TYPE_REFUSED, note, replace(control, headers=headers, mode=Mode.NEGATIVE, note=note)


def _malformed(of: Kind, body: bytes) -> Iterator[tuple[str, bytes]]:
    cut = body[: len(body) // 2] if len(body) > 2 else b"{"
    if of is Kind.JSON_LINES:
        line = body if body.endswith(b"\n") else body + b"\n"
        yield "JSON Lines of which one is no JSON", line + b"understudy\n" + line
        yield "JSON Lines of which the last is cut off", line + cut.rstrip()
    elif of is Kind.JSON:
        yield "JSON that is cut off", cut
        # Well-formed but for its octets, in a text or, without one, in a name.
        text = re.search(rb'": ?"[^"\\]', body)
        if text is not None:
            yield "JSON with text that isn't UTF-8", body[: text.end() - 1] + b"\xe9" + body[text.end() :]
        broken = b'{"\xff\xfe":0,' + body[1:] if body.startswith(b'{"') else b'"\xff\xfe"'
        yield "JSON that isn't UTF-8", broken
        yield "JSON with more after it", body + b"}"
