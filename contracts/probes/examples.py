"""Are the document's own examples accepted?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, ask, fail, probe, skip
from understudy.contracts.requests.composer import Draft, Uncomposable
from understudy.specs.model import MISSING, Direction

EXAMPLE_ACCEPTED: Final = Claim(
    id="documented-example-accepted",
    title="Every documented request example is accepted",
    severity=Severity.HIGH,
    clause="https://spec.openapis.org/oas/v3.2.0.html#example-object",
    documentation=(
        "Each named example of a request body or parameter is sent as it is and not refused for what it contains (400, "
        "405, 406, 415, 422). People copy examples. An example that breaks its own schema isn't sent."
    ),
    owner="probes.examples",
)

_REFUSED: Final = frozenset({400, 405, 406, 415, 422})


@probe(
    EXAMPLE_ACCEPTED,
    phase=Phase.EXAMPLES,
    is_patient=True,
    applies_to=lambda operation: True,
    shows=lambda exchanges: exchanges[-1].answer is not None and exchanges[-1].answer.status in _REFUSED,
)
def documented_examples(subject: Subject) -> ProbeSteps:
    """Send each example; an operation without any gets one valid request, for the exchange checks to judge."""
    operation = subject.operation
    for case in _cases(subject):
        if isinstance(case, str):
            yield skip(EXAMPLE_ACCEPTED, operation, case)
            continue
        exchange = yield from ask(subject.dress(case))
        if exchange.answer is None or not case.note:
            continue
        yield ClaimExercised(EXAMPLE_ACCEPTED.id, operation.label)
        if exchange.answer.status in _REFUSED:
            message = f"answered {exchange.answer.status} to the {case.note}"
            yield fail(EXAMPLE_ACCEPTED, operation, case.note, message, (exchange,))


def _cases(subject: Subject) -> Iterator[Case | str]:
    """The examples, or else one valid request without a note; a sentence for what can't be sent."""
    composer = subject.composer
    drafts: list[Draft] = []
    try:
        drafts += composer.examples()
        if not drafts:
            yield composer.write(composer.draft(), Mode.POSITIVE, Phase.EXAMPLES)
    except Uncomposable as error:
        yield str(error)
    for draft in drafts:
        schema = draft.media_type.schema if draft.media_type else None
        if schema is not None and not (
            draft.body is MISSING or schema.validator(Direction.REQUEST).is_valid(draft.body)
        ):
            yield f"the {draft.note} breaks its own schema"
            continue
        try:
            yield composer.write(draft, Mode.POSITIVE, Phase.EXAMPLES)
        except Uncomposable as error:
            yield str(error)
