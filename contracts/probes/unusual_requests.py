"""What does a server make of what is unusual: deep nesting, odd octets and numbers, repeated names, any script?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import Control, reach
from understudy.contracts.requests.composer import Draft
from understudy.specs.documents.document import Json
from understudy.specs.member_names import words_of
from understudy.specs.model import Direction, MediaType, Missing, Operation
from understudy.specs.wire.media_types import Kind, kind

UNICODE_ACCEPTED: Final = Claim(
    id="unicode-text-accepted",
    title="Text may be in any script",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc8259.html#section-7",
    documentation=(
        "A body that is accepted is accepted, too, with text beyond ASCII, characters beyond the first plane and marks "
        "that combine, wherever its schema takes any text of that length. Refusals for what it contains count (400, "
        "415, 422); a 5xx is judged as such."
    ),
    owner="probes.unusual_requests",
)

_TEXT: Final = "Zoë d’Âme — 寸法 🦉 عربى e\u0301"
_PROSE: Final = frozenset(
    {"text", "message", "title", "description", "content", "note", "notes", "comment", "prompt", "subject", "summary"}
    | {"question", "name"}
)
"""Last words of the names of members that hold what people write."""

_REFUSED: Final = frozenset({400, 406, 415, 422})
DEPTHS: Final = (100, 2_000)
"""More than most bodies have, and more than most readers go down by recursion."""


def _json_body(operation: Operation) -> MediaType | None:
    content = operation.request_body.content if operation.request_body else ()
    return next((each for each in content if kind(each.name) is Kind.JSON), None)


def _shows(exchanges: Sequence[Exchange]) -> bool:
    last = exchanges[-1].answer
    return accepted(exchanges[-2]) and last is not None and last.status in _REFUSED


@probe(UNICODE_ACCEPTED, applies_to=lambda operation: _json_body(operation) is not None, shows=_shows)
def unusual_requests(subject: Subject) -> ProbeSteps:
    """The control, the same with other text, then what no server has to take but none may fall over.

    Whether one falls over is judged with every answer: no 5xx, and in time.
    """
    operation = subject.operation
    media_type = _json_body(operation)
    if media_type is None:
        return
    control = yield from reach(subject, replace(subject.composer.draft(media_type), note="the request in good order"))
    if not accepted(control.exchange):
        reason = f"the same request in good order is {outcome(control.exchange)}"
        yield skip(UNICODE_ACCEPTED, operation, reason)
        return
    draft = with_text(control.draft, subject.composer.full(media_type).body)
    if draft is None:
        yield skip(UNICODE_ACCEPTED, operation, "no member of the body takes any text")
    else:
        case = subject.composer.write(replace(draft, note="text in many scripts"), Mode.POSITIVE, Phase.PROBES)
        exchange = yield from ask(subject.dress(case))
        if exchange.answer is not None:
            yield ClaimExercised(UNICODE_ACCEPTED.id, operation.label)
            story = (*control.before, control.exchange, exchange)
            if _shows(story):
                message = f"answered {exchange.answer.status} to text in many scripts that the schema allows"
                yield fail(UNICODE_ACCEPTED, operation, f"{media_type.name} text", message, story)
    for case in _unusual(control):
        yield from ask(case)


def with_text(draft: Draft, full: Json | Missing) -> Draft | None:
    """A draft with one text changed: the first that its schema lets be so, and that is prose by its name.

    Other strings may be keys, or words that only the server knows.

    Args:
        full: A body with every member that there may be.
    """
    schema = draft.media_type.schema if draft.media_type else None
    if not isinstance(draft.body, dict) or not isinstance(full, dict) or schema is None:
        return None
    validator = schema.validator(Direction.REQUEST)
    for name, value in {**full, **draft.body}.items():
        if isinstance(value, str) and _is_prose(name):
            body: dict[str, Json] = {**draft.body, name: _TEXT}
            if validator.is_valid(body):
                return replace(draft, body=body, serialized=None)
    return None


def _is_prose(name: str) -> bool:
    return words_of(name)[-1:] != () and words_of(name)[-1] in _PROSE


def _unusual(control: Control) -> Iterator[Case]:
    case, body = control.case, control.case.body or b""
    sent: list[tuple[str, bytes]] = [
        *((f"{depth} arrays, one in another", b"[" * depth + b"]" * depth) for depth in DEPTHS),
        *((f"{depth} objects, one in another", b'{"a":' * depth + b"1" + b"}" * depth) for depth in DEPTHS),
        ("JSON after a byte order mark", b"\xef\xbb\xbf" + body),
        ("JSON in UTF-16", body.decode("utf-8", "replace").encode("utf-16")),
        ("nothing but white space", b"  \n"),
        ("a bare value", b'"understudy"'),
    ]
    if body.startswith(b'{"'):
        inside = body[1:]
        sent += [
            ("a repeated name", b'{"understudy":1,"understudy":2,' + inside),
            ("a number out of range", b'{"understudy":1e400,' + inside),
            ("a number of 5000 digits", b'{"understudy":' + b"9" * 5_000 + b"," + inside),
            ("NUL in text", b'{"understudy":"\\u0000",' + inside),
        ]
        if isinstance(control.draft.body, dict):
            text = next((name for name, value in control.draft.body.items() if isinstance(value, str)), None)
            if text is not None:
                # No half surrogate pairs: a server may give back what it took, and our own reader refuses them.
                sent.append(("NUL in a member", json.dumps({**control.draft.body, text: "\x00"}).encode()))
    for note, octets in sent:
        yield replace(case, body=octets, mode=Mode.NEGATIVE, note=note)
    charset = tuple(
        (name, f"{value.partition(';')[0]}; charset=understudy" if name.lower() == "content-type" else value)
        for name, value in case.headers
    )
    yield replace(case, headers=charset, mode=Mode.NEGATIVE, note="a charset that nobody knows")
