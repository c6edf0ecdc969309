"""Are credentials asked for where the document demands them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.credentials import NOBODYS, attach, is_guarded, scheme_attachment, without_credentials
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.specs.model import Operation, SecurityKind

_CLAUSE: Final = "https://spec.openapis.org/oas/v3.2.0.html#security-requirement-object"

MISSING_REFUSED: Final = Claim(
    id="credential-missing-refused",
    title="A request without credentials is refused",
    severity=Severity.CRITICAL,
    clause=_CLAUSE,
    documentation=(
        "Where the operation demands credentials, a request without any isn't accepted. It counts only where the same "
        "request with credentials is accepted."
    ),
    owner="probes.authentication",
)

MALFORMED_REFUSED: Final = Claim(
    id="credential-malformed-refused",
    title="A malformed credential is refused",
    severity=Severity.CRITICAL,
    clause=_CLAUSE,
    documentation="As for missing credentials, with one that is empty or of another scheme.",
    owner="probes.authentication",
)

WRONG_REFUSED: Final = Claim(
    id="credential-wrong-refused",
    title="A credential that nobody has is refused",
    severity=Severity.CRITICAL,
    clause=_CLAUSE,
    documentation=(
        "As for missing credentials, with a well-formed one that isn't the user's. Judged only where the user gave "
        "credentials: a server that takes made-up ones takes any."
    ),
    owner="probes.authentication",
)

_REFUSALS: Final = frozenset({401, 403})


def _shows(exchanges: Sequence[Exchange]) -> bool:
    return accepted(exchanges[0]) and accepted(exchanges[-1])


@probe(MISSING_REFUSED, MALFORMED_REFUSED, WRONG_REFUSED, applies_to=is_guarded, shows=_shows)
def authentication(subject: Subject) -> ProbeSteps:
    """The control, then the same request with no credentials, with malformed ones and with wrong ones."""
    operation = subject.operation
    draft = replace(subject.composer.draft(), note="the request with credentials")
    bare = subject.composer.write(draft, Mode.POSITIVE, Phase.PROBES)
    control = yield from ask(subject.dress(bare))
    if not accepted(control):
        given = "" if subject.has_credentials or not _is_refusal(control) else " (no credentials were given)"
        for claim in (MISSING_REFUSED, MALFORMED_REFUSED, WRONG_REFUSED):
            yield skip(claim, operation, f"the same request with credentials is {outcome(control)}{given}")
        return
    if not subject.has_credentials:
        yield skip(WRONG_REFUSED, operation, "no credentials were given, and made-up ones are accepted")
    for claim, note, case in _attempts(operation, control.case, subject.has_credentials):
        exchange = yield from ask(case)
        if exchange.answer is None:
            continue
        yield ClaimExercised(claim.id, operation.label)
        if accepted(exchange):
            yield fail(claim, operation, note, f"answered {exchange.answer.status} {note}", (control, exchange))


def _attempts(operation: Operation, control: Case, has_credentials: bool) -> Iterator[tuple[Claim, str, Case]]:
    stripped = replace(without_credentials(control, operation), mode=Mode.NEGATIVE)
    yield MISSING_REFUSED, "without credentials", replace(stripped, note="without credentials")
    # One scheme is enough: each alternative has to be met as a whole.
    schemes = [scheme for requirement in operation.security for scheme, _ in requirement.schemes]
    for scheme in schemes[:1]:
        empty = scheme_attachment(scheme, "")
        if empty is not None:
            if scheme.kind is not SecurityKind.API_KEY:
                empty = replace(empty, value="Understudy malformed")
            note = f"with a malformed credential for {scheme.name}"
            yield MALFORMED_REFUSED, note, replace(attach(stripped, (empty,)), note=note)
        wrong = scheme_attachment(scheme, NOBODYS)
        if has_credentials and wrong is not None:
            note = f"with a wrong credential for {scheme.name}"
            yield WRONG_REFUSED, note, replace(attach(stripped, (wrong,)), note=note)


def _is_refusal(exchange: Exchange) -> bool:
    return exchange.answer is not None and exchange.answer.status in _REFUSALS
