"""Are the limits of uploaded files kept: their size, their media types; and may their names be in any script?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import Control, reach
from understudy.contracts.requests.bodies import is_file
from understudy.contracts.requests.composer import Uncomposable
from understudy.specs.model import MediaType, Operation
from understudy.specs.wire.media_types import Kind, find_media_type, kind

FILE_SIZE: Final = Claim(
    id="oversized-file-refused",
    title="A file larger than allowed is refused",
    severity=Severity.HIGH,
    clause="https://spec.openapis.org/oas/v3.2.0.html#working-with-binary-data",
    documentation=(
        "Where a file of a multipart body has a `maxLength`, one with an octet more is answered with a 4xx. It counts "
        "only where the same request with a smaller file is accepted."
    ),
    owner="probes.uploads",
)

FILE_TYPE: Final = Claim(
    id="undocumented-file-type-refused",
    title="A file in a media type that isn't documented is refused",
    severity=Severity.MEDIUM,
    clause="https://spec.openapis.org/oas/v3.2.0.html#encoding-object",
    documentation=(
        "Where `encoding` says which media types a part may have, and the operation documents 415, a part in another "
        "type is answered with a 4xx. It counts only where the same request with a documented type is accepted. "
        "Without a 415 the types only tell clients what to write, and nothing is claimed."
    ),
    owner="probes.uploads",
)

FILE_NAME: Final = Claim(
    id="unicode-file-name-accepted",
    title="A file may have a name in any script",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc7578.html#section-4.2",
    documentation=(
        "A multipart request that is accepted is accepted, too, when its file's name has letters beyond ASCII, in "
        "UTF-8, as browsers send them."
    ),
    owner="probes.uploads",
)

MAX_SENT: Final = 64 * 1024 * 1024
_NAME: Final = "Größe 寸法 🦉.bin"
_UNHEARD_OF: Final = b"application/vnd.understudy.unheard-of"


def _multipart(operation: Operation) -> MediaType | None:
    content = operation.request_body.content if operation.request_body else ()
    return next((each for each in content if kind(each.name) is Kind.MULTIPART and any(_files(each))), None)


def _files(media_type: MediaType) -> Iterator[tuple[str, int | None]]:
    """Names of the files, each with the most octets that it may have."""
    for name, schema in media_type.schema.members() if media_type.schema else ():
        raw = schema.target.raw
        if is_file(schema) and isinstance(raw, dict):
            most = raw.get("maxLength")
            yield name, most if isinstance(most, int) and not isinstance(most, bool) else None


def _shows_accepted(exchanges: Sequence[Exchange]) -> bool:
    return accepted(exchanges[-2]) and accepted(exchanges[-1])


def _shows_refused(exchanges: Sequence[Exchange]) -> bool:
    return accepted(exchanges[-2]) and not accepted(exchanges[-1])


@probe(FILE_SIZE, applies_to=lambda operation: _multipart(operation) is not None, shows=_shows_accepted)
def file_sizes(subject: Subject) -> ProbeSteps:
    """The control, then each file one octet too large."""
    media_type = _multipart(subject.operation)
    if media_type is None:
        return
    limits = [(name, most) for name, most in _files(media_type) if most is not None and most < MAX_SENT]
    if not limits:
        yield skip(FILE_SIZE, subject.operation, "no file has a maxLength that can be passed")
        return
    control = yield from reach(subject, subject.composer.draft(media_type))
    if not accepted(control.exchange):
        yield skip(FILE_SIZE, subject.operation, f"the same request in good order is {outcome(control.exchange)}")
        return
    for name, most in limits:
        body = control.draft.body
        if not isinstance(body, dict):
            continue
        file = str(body.get(name, "x")) or "x"
        larger = (file * (most // len(file) + 1))[: most + 1] if len(file) <= most else file
        draft = replace(control.draft, body={**body, name: larger.ljust(most + 1, "x")}, serialized=None)
        note = f"a file of {most + 1} octets as {name}"
        try:
            case = subject.composer.write(replace(draft, note=note), Mode.NEGATIVE, Phase.PROBES)
        except Uncomposable as error:
            yield skip(FILE_SIZE, subject.operation, str(error))
            continue
        yield from _judge(subject, FILE_SIZE, control, subject.dress(case), f"{name} maxLength", is_refusal=True)


def _limits_types(operation: Operation) -> bool:
    return _multipart(operation) is not None and any(each.status == "415" for each in operation.responses)


@probe(FILE_TYPE, applies_to=_limits_types, shows=_shows_accepted)
def file_types(subject: Subject) -> ProbeSteps:
    """The control, then each part whose types are said in one that isn't."""
    media_type = _multipart(subject.operation)
    if media_type is None:
        return
    said = [name for name, _ in _files(media_type) if _is_limited(media_type, name)]
    if not said:
        yield skip(FILE_TYPE, subject.operation, "the document doesn't say which media types files may have")
        return
    control = yield from reach(subject, subject.composer.draft(media_type))
    if not accepted(control.exchange):
        yield skip(FILE_TYPE, subject.operation, f"the same request in good order is {outcome(control.exchange)}")
        return
    for name in said:
        found = _part_head(control.case.body or b"", name)
        if found is None:
            continue
        head = re.sub(rb"(?i)(content-type: *)[^\r\n]*", rb"\g<1>" + _UNHEARD_OF, found)
        body = (control.case.body or b"").replace(found, head, 1)
        note = f"a file in a media type that isn't documented as {name}"
        case = replace(control.case, body=body, mode=Mode.NEGATIVE, note=note)
        yield from _judge(subject, FILE_TYPE, control, case, f"{name} contentType", is_refusal=True)


@probe(FILE_NAME, applies_to=lambda operation: _multipart(operation) is not None, shows=_shows_refused)
def file_names(subject: Subject) -> ProbeSteps:
    """The control, then the same with another name for the file."""
    media_type = _multipart(subject.operation)
    if media_type is None:
        return
    control = yield from reach(subject, subject.composer.draft(media_type))
    if not accepted(control.exchange):
        yield skip(FILE_NAME, subject.operation, f"the same request in good order is {outcome(control.exchange)}")
        return
    named = rb'(filename=")[^"]*(")'
    if not re.search(named, control.case.body or b""):
        yield skip(FILE_NAME, subject.operation, "the request has no file")
        return
    body = re.sub(named, rb"\g<1>" + _NAME.encode() + rb"\g<2>", control.case.body or b"", count=1)
    case = replace(control.case, body=body, note="a file name beyond ASCII")
    yield from _judge(subject, FILE_NAME, control, case, "file name", is_refusal=False)


def _judge(subject: Subject, claim: Claim, control: Control, case: Case, place: str, *, is_refusal: bool) -> ProbeSteps:
    exchange = yield from ask(case)
    if exchange.answer is None:
        return
    yield ClaimExercised(claim.id, subject.operation.label)
    if accepted(exchange) is is_refusal:
        message = f"answered {exchange.answer.status} to {case.note}"
        story = (*control.before, control.exchange, exchange)
        yield fail(claim, subject.operation, place, message, story)


def _is_limited(media_type: MediaType, name: str) -> bool:
    types = media_type.encoding[name].content_types if name in media_type.encoding else ()
    parsed = [find_media_type(each) for each in types]
    return (
        bool(types)
        and all(each is not None and each.type != "*" for each in parsed)
        and not any(each is not None and each.type == "application" and each.is_range for each in parsed)
    )


def _part_head(body: bytes, name: str) -> bytes | None:
    """The header lines of a part of a multipart body."""
    found = re.search(
        rb'(?i)content-disposition: form-data; name="' + re.escape(name.encode()) + rb'".*?\r\n\r\n', body, re.S
    )
    return found.group(0) if found and b"content-type" in found.group(0).lower() else None
