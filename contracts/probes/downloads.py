"""Does a file come back as it was sent, and is what is said of it right?"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, Told, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import Control, below, reach
from understudy.contracts.requests.bodies import is_array, is_file
from understudy.specs.documents.document import Json
from understudy.specs.member_names import words_of
from understudy.specs.model import MediaType, Operation
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.malformed import MalformedContent
from understudy.specs.wire.media_types import Kind, find_media_type, kind
from understudy.specs.wire.multipart import Parser, Part

FILE_UNCHANGED: Final = Claim(
    id="file-comes-back-unchanged",
    title="A file comes back as it was sent",
    severity=Severity.CRITICAL,
    clause="https://www.rfc-editor.org/rfc/rfc7578.html#section-4.7",
    documentation=(
        "What was uploaded in a multipart body is downloaded with the same octets and the same media type, from the "
        "record itself or from `content`, `download`, `file` or `raw` below it, where the document has a GET for that "
        "which isn't JSON. Line breaks and octets beyond ASCII are sent."
    ),
    owner="probes.downloads",
)

FILE_DESCRIBED: Final = Claim(
    id="file-described-right",
    title="What is said of a file is so",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc7578.html#section-4",
    documentation=(
        "In the answer to an upload, and where its record is read: a member named as a size is the number of octets, "
        "one named as a media type is the one that was sent, and one named as another part of the form is that part."
    ),
    owner="probes.downloads",
)

_CONTENT: Final = "\x89PNG\r\n\x1a\n" + "".join(map(chr, range(256))) + "Gr\xc3\xb6\xc3\x9fe\r\n\n\r"
"""A file of a type that servers know, with every octet there is."""

_TAILS: Final = frozenset({"", "content", "contents", "download", "file", "raw", "data", "bytes"})
_SIZES: Final = frozenset({"size", "bytes", "octets", "size bytes", "file size", "content length", "size in bytes"})
_TYPES: Final = frozenset({"media type", "content type", "mime type", "mimetype"})


def _files(media_type: MediaType) -> list[tuple[str, int | None]]:
    """Names of the files, each with the most octets that it may have."""
    members = media_type.schema.members() if media_type.schema else ()
    return [(name, _most(schema.target.raw)) for name, schema in members if is_file(schema) and not is_array(schema)]


def _form(operation: Operation) -> MediaType | None:
    """The multipart body with one file."""
    content = operation.request_body.content if operation.request_body else ()
    forms = (each for each in content if kind(each.name) is Kind.MULTIPART)
    return next((each for each in forms if len(_files(each)) == 1), None)


def _applies(operation: Operation) -> bool:
    return operation.method == "POST" and _form(operation) is not None


def _sent_parts(upload: Exchange) -> dict[str, Part]:
    content_type = next((value for name, value in upload.case.headers if name.lower() == "content-type"), "")
    try:
        with Parser(content_type) as parser:
            return {part.name: part for part in parser.feed(upload.case.body or b"")}
    except MalformedContent:
        return {}


def _sent_file(upload: Exchange) -> Part | None:
    return next((part for part in _sent_parts(upload).values() if part.filename), None)


def _difference(exchanges: Sequence[Exchange]) -> str:
    """How a download differs from what was uploaded, in words; empty when it doesn't."""
    *before, got = exchanges
    upload = next((each for each in reversed(before) if _sent_file(each) is not None), None)
    file = _sent_file(upload) if upload is not None else None
    if file is None or upload is None or not accepted(upload) or got.answer is None or not accepted(got):
        return ""
    sent, came = file.read(), got.answer.body
    if sent != came:
        at = next((index for index, pair in enumerate(zip(sent, came, strict=False)) if pair[0] != pair[1]), None)
        where = f"octet {at} is another" if at is not None else "the end is another"
        return f"{len(sent)} octets were sent, {len(came)} come back; {where}"
    if _essence(file.media_type) != _essence(got.answer.header("content-type")):
        return f"the file was sent as {file.media_type} and comes back as {got.answer.header('content-type')}"
    return ""


def _essence(text: str | None) -> str:
    found = find_media_type(text or "")
    return found.essence if found else ""


def _untruth(exchanges: Sequence[Exchange]) -> tuple[str, str]:
    """The member of an answer that says something else of a file than was sent, and the sentence; empty when none."""
    upload = next((each for each in exchanges if _sent_file(each) is not None), None)
    told, last = _told(exchanges[-1]), exchanges[-1]
    file = _sent_file(upload) if upload is not None else None
    if file is None or upload is None or not accepted(last) or not isinstance(told, dict):
        return "", ""
    parts, size = _sent_parts(upload), len(file.read())
    for name, value in told.items():
        words = " ".join(words_of(name))
        if words in _SIZES and isinstance(value, int) and value != size:
            return name, f"{name} is {value} for a file of {size} octets"
        if words in _TYPES and isinstance(value, str) and _essence(value) != _essence(file.media_type):
            return name, f"{name} is {value} for a file that was sent as {file.media_type}"
        part = parts.get(name)
        if part is not None and part.filename is None and isinstance(value, str) and part.read() != value.encode():
            return name, f"{name} is {value!r}; sent was {part.read().decode('utf-8', 'replace')!r}"
    return "", ""


def _told(exchange: Exchange) -> Json:
    try:
        return load_json(exchange.answer.body) if exchange.answer is not None else None
    except MalformedJson:
        return None


@probe(FILE_UNCHANGED, applies_to=_applies, shows=lambda exchanges: bool(_difference(exchanges)))
def downloads(subject: Subject) -> ProbeSteps:
    """Upload a file, then download it."""
    operation = subject.operation
    control = yield from _upload(subject)
    if not accepted(control.exchange):
        yield skip(FILE_UNCHANGED, operation, f"a file with every octet is {outcome(control.exchange)}")
        return
    is_judged = False
    for getter, case in below(subject, control, _TAILS):
        got = yield from ask(case)
        answered = kind(got.answer.header("content-type") or "") if got.answer is not None else Kind.JSON
        if not accepted(got) or answered in (Kind.JSON, Kind.SSE, Kind.JSON_LINES):
            continue
        is_judged = True
        yield ClaimExercised(FILE_UNCHANGED.id, operation.label)
        story = (*control.before, control.exchange, got)
        if difference := _difference(story):
            yield fail(FILE_UNCHANGED, operation, getter.label, difference, story)
    if not is_judged:
        yield skip(FILE_UNCHANGED, operation, "the document has no GET below it that gives the file")


@probe(FILE_DESCRIBED, applies_to=_applies, shows=lambda exchanges: bool(_untruth(exchanges)[0]))
def descriptions(subject: Subject) -> ProbeSteps:
    """Upload a file, then read what is said of it."""
    operation = subject.operation
    control = yield from _upload(subject)
    if not accepted(control.exchange):
        yield skip(FILE_DESCRIBED, operation, f"a file with every octet is {outcome(control.exchange)}")
        return
    stories = [(operation, (*control.before, control.exchange))]
    for getter, case in below(subject, control, _TAILS):
        stories.append((getter, (*stories[0][1], (yield from ask(case)))))
    for asked, story in stories:
        if isinstance(_told(story[-1]), dict):
            yield ClaimExercised(FILE_DESCRIBED.id, operation.label)
            member, message = _untruth(story)
            if member:
                yield fail(FILE_DESCRIBED, operation, f"{asked.label} {member}", message, story)


def _upload(subject: Subject) -> Generator[Case | Told, Exchange | None, Control]:
    media_type = _form(subject.operation)
    assert media_type is not None
    draft = subject.composer.full(media_type)
    name, most = _files(media_type)[0]
    body = {**draft.body, name: _CONTENT[:most]} if isinstance(draft.body, dict) else draft.body
    return (yield from reach(subject, replace(draft, body=body, serialized=None, note="a file with every octet")))


def _most(raw: Json) -> int | None:
    most = raw.get("maxLength") if isinstance(raw, dict) else None
    return most if isinstance(most, int) else None
