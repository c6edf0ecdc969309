"""Bring about the refusals that a document describes and no other probe comes to, so that they are judged as answers.

Nothing is claimed here: a server may overlook an `Accept` that it can't meet (RFC 9110, section 12.5.1), and a request
without credentials proves nothing where nobody gets in. What comes back has to be as the document describes it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from understudy.contracts.case import Mode, Phase
from understudy.contracts.probing import ProbeSteps, Subject, ask, probe
from understudy.contracts.reaching import reach
from understudy.contracts.sending.credentials import is_guarded, without_credentials
from understudy.specs.model import Operation

__all__ = ["UNHEARD_OF"]

UNHEARD_OF: Final = "application/vnd.understudy.unheard-of"
"""A media type that no answer has."""

_UNREADABLE_QUERY: Final = "%ZZ=%FF"


def _describes(operation: Operation, *statuses: str) -> bool:
    return any(response.status in statuses for response in operation.responses)


@probe(applies_to=lambda operation: _describes(operation, "406", "4XX", "default"))
def unacceptable_answers(subject: Subject) -> ProbeSteps:
    """A request in good order that accepts nothing there is."""
    draft = replace(subject.composer.draft(), accept=UNHEARD_OF, note="nothing that there is is accepted")
    yield from reach(subject, draft)


@probe(applies_to=lambda operation: is_guarded(operation) and _describes(operation, "401", "4XX", "default"))
def strangers(subject: Subject) -> ProbeSteps:
    """A request in good order without credentials, whether what it names is there or not."""
    case = subject.dress(subject.composer.write(subject.composer.draft(), Mode.POSITIVE, Phase.PROBES))
    stripped = without_credentials(case, subject.operation)
    yield from ask(replace(stripped, mode=Mode.NEGATIVE, note="without credentials"))


@probe(applies_to=lambda operation: not operation.parameters and _describes(operation, "400", "4XX"))
def unreadable_queries(subject: Subject) -> ProbeSteps:
    """A query that can't be decoded, where there is no parameter that could be wrong."""
    case = subject.dress(subject.composer.write(subject.composer.draft(), Mode.POSITIVE, Phase.PROBES))
    target = f"{case.target}{'&' if '?' in case.target else '?'}{_UNREADABLE_QUERY}"
    yield from ask(replace(case, target=target, mode=Mode.NEGATIVE, note="a query that can't be decoded"))
