"""Are changes made only under the conditions that they are sent with, and does every state have its own ETag?"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.entity_tags import another_tag, body_of, tag_of, with_condition
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, Told, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import make_record
from understudy.contracts.requests.composer import Draft
from understudy.specs.model import Operation

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

_UNKNOWN: Final = "If-Match with a tag that was never given"
_NO_GET: Final = "the path has no GET"

Story = tuple[Exchange, ...]


def _keeps_tag(exchanges: Sequence[Exchange]) -> bool:
    before, change, after = exchanges[-3:]
    tag = tag_of(before)
    is_strong = bool(tag) and not tag.startswith("W/")
    bodies = body_of(before), body_of(after)
    return accepted(change) and is_strong and None not in bodies and bodies[0] != bodies[1] and tag == tag_of(after)


@probe(TAG_CHANGES, applies_to=lambda operation: operation.method in ("PUT", "PATCH"), shows=_keeps_tag)
def changed_tags(subject: Subject) -> ProbeSteps:
    """GET, the change, GET."""
    operation = subject.operation
    getter = _getter(subject)
    if getter is None:
        yield skip(TAG_CHANGES, operation, _NO_GET)
        return
    before, case = yield from _case(subject, subject.composer.full())
    first = yield from ask(_get(case, getter))
    if not tag_of(first):
        yield skip(TAG_CHANGES, operation, f"GET is {outcome(first)}, without an ETag")
        return
    change = yield from ask(case)
    if not accepted(change):
        change = yield from ask(with_condition(case, "If-Match", tag_of(first), "If-Match with the tag that GET gives"))
    after = yield from ask(_get(case, getter))
    if not accepted(change) or body_of(after) in (None, body_of(first)):
        yield skip(TAG_CHANGES, operation, f"the request to change it is {outcome(change)} and changes nothing")
        return
    yield ClaimExercised(TAG_CHANGES.id, operation.label)
    story = (*before, first, change, after)
    if _keeps_tag(story):
        message = f"the body is another after {operation.method}, and the ETag is still {tag_of(after)}"
        yield fail(TAG_CHANGES, operation, "ETag", message, story)


def _guards(operation: Operation) -> bool:
    return operation.method in ("PUT", "PATCH", "DELETE") and any(each.status == "412" for each in operation.responses)


@probe(PRECONDITION, applies_to=_guards, shows=lambda exchanges: accepted(exchanges[-1]))
def preconditions(subject: Subject) -> ProbeSteps:
    """The request under a condition that doesn't hold, then under none: what is deleted is gone."""
    operation, getter = subject.operation, _getter(subject)
    before, case = yield from _case(subject, subject.composer.draft())
    got = (yield from ask(_get(case, getter))) if getter is not None else None
    tag = tag_of(got) if got is not None else ""
    refused = yield from ask(
        with_condition(case, "If-Match", another_tag(tag), "If-Match with a tag that was never given")
    )
    if refused.answer is None:
        return
    if accepted(refused):
        yield ClaimExercised(PRECONDITION.id, operation.label)
        message = f"answered {refused.answer.status} although its If-Match doesn't hold"
        yield fail(PRECONDITION, operation, "If-Match", message, (*before, refused))
        return
    control = yield from ask(replace(case, note="without a condition"))
    if not accepted(control) and tag:
        control = yield from ask(with_condition(case, "If-Match", tag, "If-Match with the tag that GET gives"))
    if accepted(control):
        yield ClaimExercised(PRECONDITION.id, operation.label)
    else:
        yield skip(PRECONDITION, operation, f"the request without a condition is {outcome(control)}")


def _is_changed(exchanges: Sequence[Exchange]) -> bool:
    before, refused, after = exchanges[-3:]
    is_refused = refused.answer is not None and refused.answer.status == 412
    return is_refused and body_of(before) is not None and body_of(before) != body_of(after)


@probe(UNTOUCHED, applies_to=_guards, shows=_is_changed)
def refused_changes(subject: Subject) -> ProbeSteps:
    """GET twice, the request under a condition that doesn't hold, GET again."""
    operation, getter = subject.operation, _getter(subject)
    if getter is None:
        yield skip(UNTOUCHED, operation, _NO_GET)
        return
    before, case = yield from _case(subject, subject.composer.full())
    first = yield from ask(_get(case, getter))
    second = yield from ask(_get(case, getter))
    if body_of(first) is None or body_of(first) != body_of(second):
        why = "it changes from one GET to the next" if accepted(first) else f"GET is {outcome(first)}"
        yield skip(UNTOUCHED, operation, why)
        return
    never = another_tag(tag_of(second))
    refused = yield from ask(with_condition(case, "If-Match", never, _UNKNOWN))
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
