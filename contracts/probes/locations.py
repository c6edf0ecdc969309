"""Does `Location` of a 201 lead to what was made?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import Control, reach
from understudy.contracts.requests.composer import Composer
from understudy.specs.model import Api, Operation
from understudy.specs.path_templates import parse_template

LOCATION_LEADS: Final = Claim(
    id="created-location-leads-to-it",
    title="Location of a 201 leads to what was made",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.2",
    documentation=(
        "Where a 201 has a `Location` below the tested base URL, and the document has a GET for it, that GET is "
        "accepted. A location elsewhere, or that the document doesn't know, isn't followed."
    ),
    owner="probes.locations",
)

_ASTRAY: Final = frozenset({400, 404, 405, 406, 410, 414, 422})
"""There is nothing, or it isn't even a name of something."""


def _makes(operation: Operation) -> bool:
    return operation.method in ("POST", "PUT") and any(each.status in ("201", "2XX") for each in operation.responses)


def _shows(exchanges: Sequence[Exchange]) -> bool:
    made, got = exchanges[-2:]
    return (
        made.answer is not None
        and made.answer.status == 201
        and got.answer is not None
        and got.answer.status in _ASTRAY
    )


@probe(LOCATION_LEADS, applies_to=_makes, shows=_shows)
def locations(subject: Subject) -> ProbeSteps:
    """Make something, then GET what `Location` names."""
    operation = subject.operation
    control = yield from reach(subject, replace(subject.composer.draft(), note="make something"))
    made = control.exchange
    if made.answer is None or not accepted(made):
        yield skip(LOCATION_LEADS, operation, f"a request to make something is {outcome(made)}")
        return
    location = made.answer.header("location")
    if made.answer.status != 201 or not location:
        yield skip(LOCATION_LEADS, operation, "no 201 with Location came")
        return
    found = _find(subject.api, made.case, location)
    if found is None:
        yield skip(LOCATION_LEADS, operation, "Location names nothing that the document has a GET for")
        return
    target, getter = found
    got = yield from ask(subject.dress(_get(target, getter, control)))
    if got.answer is None:
        return
    yield ClaimExercised(LOCATION_LEADS.id, operation.label)
    if got.answer.status in _ASTRAY:
        message = f"GET of what Location names is answered {got.answer.status}"
        yield fail(LOCATION_LEADS, operation, "201 Location", message, (*control.before, made, got))


def _get(target: str, getter: Operation, control: Control) -> Case:
    """GET of a target, with the values that the request which made it has."""
    composer = Composer(getter, "location")
    draft = composer.draft()
    known = {key: value for key, value in control.draft.values.items() if key in draft.values}
    draft = replace(draft, values={**draft.values, **known}, note="what Location names")
    case = composer.write(draft, Mode.POSITIVE, Phase.PROBES)
    _, mark, query = case.target.partition("?")
    return replace(case, target=f"{target}{mark}{query}")


def _find(api: Api, made: Case, location: str) -> tuple[str, Operation] | None:
    """The target below the base URL, and the GET that the document has for it.

    A location may repeat the base URL's path, so that it is looked for from its end.
    """
    path = urlsplit(urljoin(made.target.partition("?")[0], location)).path
    segments = path.removeprefix("/").split("/")
    for operation in api.operations:
        template = parse_template(operation.path)
        if operation.method != "GET" or len(template) > len(segments) or not template[-1].names:
            continue
        last = segments[len(segments) - len(template) :]
        if all(
            segment.capture(text) is not None if segment.names else segment.literals[0].decode() == text
            for segment, text in zip(template, last, strict=True)
        ):
            return "/" + "/".join(last), operation
    return None
