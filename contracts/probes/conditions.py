"""Are conditional requests answered as they ask, where the document says that they are?"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, Told, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import make_record, reach
from understudy.contracts.requests import Draft
from understudy.specs.model import Operation

NOT_MODIFIED: Final = Claim(
    id="not-modified-answered",
    title="What hasn't changed is answered 304",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.2",
    documentation=(
        "Where a GET documents 304, one with `If-None-Match` and the `ETag` that was just given (without an ETag: "
        "`If-Modified-Since` and the `Last-Modified`) isn't answered with the same body again. What changes from one "
        "GET to the next isn't judged."
    ),
    owner="probes.conditions",
)

CHANGED_SENT: Final = Claim(
    id="unknown-tag-answered-in-full",
    title="Who has another state is sent this one",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.2",
    documentation=(
        "Where a GET documents 304, one with `If-None-Match` and a tag that was never given isn't answered 304: the "
        "client would show what is out of date for ever. Judged where the same GET without a condition is accepted."
    ),
    owner="probes.conditions",
)

TAG_CHANGES: Final = Claim(
    id="etag-changes-with-content",
    title="Another state has another ETag",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-8.8.1",
    documentation=(
        "GET before and after a PUT or PATCH of the same target: where the body is another, so is a strong `ETag`. "
        "With the same one caches keep the old state, and `If-Match` lets writes get lost."
    ),
    owner="probes.conditions",
)

PRECONDITION: Final = Claim(
    id="failed-precondition-refused",
    title="A change under a condition that doesn't hold is refused",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.1",
    documentation=(
        "Where PUT, PATCH or DELETE documents 412, a request with `If-Match` and a tag that was never given isn't "
        "accepted: otherwise one client overwrites what another has written. It counts only where the same request "
        "without the condition, or with the tag that GET gives, is accepted."
    ),
    owner="probes.conditions",
)

UNTOUCHED: Final = Claim(
    id="failed-precondition-changes-nothing",
    title="A change that is refused for its condition isn't made",
    severity=Severity.CRITICAL,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-13.2.1",
    documentation=(
        "Where PUT, PATCH or DELETE documents 412: after a request that was refused with it, GET of the same target is "
        "answered as before. Judged where two GETs before it are answered alike."
    ),
    owner="probes.conditions",
)

_NEVER_GIVEN: Final = '"understudy-never-given"'

Story = tuple[Exchange, ...]


_ROTATED: Final = str.maketrans("0123456789abcdefABCDEF", "3456789012bcdefaBCDEFA")
"""Makes another tag of the same form."""


def _documents(operation: Operation, status: str) -> bool:
    return any(each.status == status for each in operation.responses)


def _validator(exchange: Exchange) -> tuple[str, str] | None:
    """The condition that the answer's own validator makes: a header and its value."""
    if exchange.answer is None or not accepted(exchange):
        return None
    if tag := exchange.answer.header("etag"):
        return "If-None-Match", tag
    if date := exchange.answer.header("last-modified"):
        return "If-Modified-Since", date
    return None


def _with(case: Case, name: str, value: str, note: str) -> Case:
    kept = tuple(pair for pair in case.headers if pair[0].lower() != name.lower())
    return replace(case, headers=(*kept, (name, value)), note=note)


def _body(exchange: Exchange) -> bytes | None:
    """None where it wasn't accepted."""
    return exchange.answer.body if exchange.answer is not None and accepted(exchange) else None


def _is_sent_again(exchanges: Sequence[Exchange]) -> bool:
    """Whether a request that names the validator that was just given is answered with the same body all the same."""
    first, last = exchanges[-2:]
    validator = _validator(first)
    is_named = validator is not None and any(name == validator[0] for name, _ in last.case.headers)
    return is_named and last.answer is not None and last.answer.status == 200 and _body(first) == _body(last)


def _is_called_current(exchanges: Sequence[Exchange]) -> bool:
    first, last = exchanges[-2:]
    return accepted(first) and last.answer is not None and last.answer.status == 304


@probe(
    NOT_MODIFIED,
    applies_to=lambda operation: operation.method == "GET" and _documents(operation, "304"),
    shows=_is_sent_again,
)
def unmodified(subject: Subject) -> ProbeSteps:
    """GET, then with the condition that the answer gives."""
    operation = subject.operation
    control = yield from reach(subject, replace(subject.composer.draft(), note="without a condition"))
    validator = _validator(control.exchange)
    if validator is None:
        is_there = accepted(control.exchange)
        why = "no ETag and no Last-Modified came" if is_there else f"GET is {outcome(control.exchange)}"
        yield skip(NOT_MODIFIED, operation, why)
        return
    exchange = yield from ask(_with(control.case, *validator, f"{validator[0]} with what was just given"))
    if exchange.answer is None:
        return
    # Without what made it: made anew it would have another tag, and what is there stays.
    story = (control.exchange, exchange)
    if _is_sent_again(story):
        yield ClaimExercised(NOT_MODIFIED.id, operation.label)
        message = f"answered 200 to {validator[0]} with the validator that was just given, not 304"
        yield fail(NOT_MODIFIED, operation, validator[0], message, story)
    elif exchange.answer.status == 304:
        yield ClaimExercised(NOT_MODIFIED.id, operation.label)
    else:
        yield skip(NOT_MODIFIED, operation, "it changes from one GET to the next")


@probe(
    CHANGED_SENT,
    applies_to=lambda operation: operation.method == "GET" and _documents(operation, "304"),
    shows=_is_called_current,
)
def unknown_tags(subject: Subject) -> ProbeSteps:
    """GET, then with a tag that was never given."""
    operation = subject.operation
    control = yield from reach(subject, replace(subject.composer.draft(), note="without a condition"))
    tag = _tag(control.exchange)
    if not tag:
        yield skip(CHANGED_SENT, operation, f"GET is {outcome(control.exchange)}, without an ETag")
        return
    note = "If-None-Match with a tag that was never given"
    exchange = yield from ask(_with(control.case, "If-None-Match", _another(tag), note))
    if exchange.answer is None:
        return
    yield ClaimExercised(CHANGED_SENT.id, operation.label)
    story = (*control.before, control.exchange, exchange)
    if _is_called_current(story):
        message = "answered 304 to If-None-Match with a tag that was never given"
        yield fail(CHANGED_SENT, operation, "If-None-Match", message, story)


def _keeps_tag(exchanges: Sequence[Exchange]) -> bool:
    before, change, after = exchanges[-3:]
    tag = _tag(before)
    is_strong = bool(tag) and not tag.startswith("W/")
    bodies = _body(before), _body(after)
    return accepted(change) and is_strong and None not in bodies and bodies[0] != bodies[1] and tag == _tag(after)


@probe(TAG_CHANGES, applies_to=lambda operation: operation.method in ("PUT", "PATCH"), shows=_keeps_tag)
def changed_tags(subject: Subject) -> ProbeSteps:
    """GET, the change, GET."""
    operation = subject.operation
    getter = _getter(subject)
    if getter is None:
        return
    before, case = yield from _case(subject, subject.composer.full())
    first = yield from ask(_get(case, getter))
    if not _tag(first):
        yield skip(TAG_CHANGES, operation, f"GET is {outcome(first)}, without an ETag")
        return
    change = yield from ask(case)
    if not accepted(change):
        change = yield from ask(_with(case, "If-Match", _tag(first), "If-Match with the tag that GET gives"))
    after = yield from ask(_get(case, getter))
    if not accepted(change) or _body(after) in (None, _body(first)):
        yield skip(TAG_CHANGES, operation, f"the request to change it is {outcome(change)} and changes nothing")
        return
    yield ClaimExercised(TAG_CHANGES.id, operation.label)
    story = (*before, first, change, after)
    if _keeps_tag(story):
        message = f"the body is another after {operation.method}, and the ETag is still {_tag(after)}"
        yield fail(TAG_CHANGES, operation, "ETag", message, story)


def _guards(operation: Operation) -> bool:
    return operation.method in ("PUT", "PATCH", "DELETE") and _documents(operation, "412")


@probe(PRECONDITION, applies_to=_guards, shows=lambda exchanges: accepted(exchanges[-1]))
def preconditions(subject: Subject) -> ProbeSteps:
    """The request under a condition that doesn't hold, then under none: what is deleted is gone."""
    operation, getter = subject.operation, _getter(subject)
    before, case = yield from _case(subject, subject.composer.draft())
    got = (yield from ask(_get(case, getter))) if getter is not None else None
    tag = _tag(got) if got is not None else ""
    refused = yield from ask(_with(case, "If-Match", _another(tag), "If-Match with a tag that was never given"))
    if refused.answer is None:
        return
    if accepted(refused):
        yield ClaimExercised(PRECONDITION.id, operation.label)
        message = f"answered {refused.answer.status} although its If-Match doesn't hold"
        yield fail(PRECONDITION, operation, "If-Match", message, (*before, refused))
        return
    control = yield from ask(replace(case, note="without a condition"))
    if not accepted(control) and tag:
        control = yield from ask(_with(case, "If-Match", tag, "If-Match with the tag that GET gives"))
    if accepted(control):
        yield ClaimExercised(PRECONDITION.id, operation.label)
    else:
        yield skip(PRECONDITION, operation, f"the request without a condition is {outcome(control)}")


def _is_changed(exchanges: Sequence[Exchange]) -> bool:
    before, refused, after = exchanges[-3:]
    is_refused = refused.answer is not None and refused.answer.status == 412
    return is_refused and _body(before) is not None and _body(before) != _body(after)


@probe(UNTOUCHED, applies_to=_guards, shows=_is_changed)
def refused_changes(subject: Subject) -> ProbeSteps:
    """GET twice, the request under a condition that doesn't hold, GET again."""
    operation, getter = subject.operation, _getter(subject)
    if getter is None:
        return
    before, case = yield from _case(subject, subject.composer.full())
    first = yield from ask(_get(case, getter))
    second = yield from ask(_get(case, getter))
    if _body(first) is None or _body(first) != _body(second):
        why = "it changes from one GET to the next" if accepted(first) else f"GET is {outcome(first)}"
        yield skip(UNTOUCHED, operation, why)
        return
    never = _another(_tag(second))
    refused = yield from ask(_with(case, "If-Match", never, "If-Match with a tag that was never given"))
    if refused.answer is None or refused.answer.status != 412:
        yield skip(UNTOUCHED, operation, f"a condition that doesn't hold is {outcome(refused)}")
        return
    after = yield from ask(_get(case, getter))
    yield ClaimExercised(UNTOUCHED.id, operation.label)
    if _is_changed(story := (*before, second, refused, after)):
        message = "answered 412, and GET is answered otherwise than before"
        yield fail(UNTOUCHED, operation, "If-Match", message, story)


def _case(subject: Subject, draft: Draft) -> Generator[Case | Told, Exchange | None, tuple[Story, Case]]:
    """A request about a record of our own, and what made that."""
    made = yield from make_record(subject)
    before: Story = ()
    if made is not None:
        before, draft = made[0], replace(draft, values={**draft.values, **made[1]})
    return before, subject.dress(subject.composer.write(draft, Mode.POSITIVE, Phase.PROBES))


def _getter(subject: Subject) -> Operation | None:
    """The GET of the same path."""
    path = subject.operation.path
    return next((each for each in subject.api.operations if each.method == "GET" and each.path == path), None)


def _get(case: Case, getter: Operation) -> Case:
    """GET of what a request is about."""
    headers = tuple(pair for pair in case.headers if pair[0].lower() not in ("content-type", "if-match"))
    return replace(case, operation=getter.label, method="GET", headers=headers, body=None, note="how it is")


def _tag(exchange: Exchange) -> str:
    """The ETag of an answer that accepts; empty without one."""
    return (exchange.answer.header("etag") or "") if exchange.answer is not None and accepted(exchange) else ""


def _another(tag: str) -> str:
    """A tag of the same form that was never given."""
    never = tag.translate(_ROTATED)
    return never if never != tag else _NEVER_GIVEN
