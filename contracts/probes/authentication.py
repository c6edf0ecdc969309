"""Are credentials asked for where the document demands them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import Control, make_record, reach
from understudy.contracts.sending.credentials import (
    NOBODYS,
    Attachment,
    attach,
    is_guarded,
    scheme_attachment,
    without_credentials,
)
from understudy.specs.model import Operation, SecurityKind, SecurityScheme

_CLAUSE: Final = "https://spec.openapis.org/oas/v3.2.0.html#security-requirement-object"

MISSING_REFUSED: Final = Claim(
    id="credential-missing-refused",
    title="A request without credentials is refused",
    severity=Severity.CRITICAL,
    clause=_CLAUSE,
    documentation=(
        "Where the operation demands credentials, a request without any isn't accepted. It counts only where the same "
        "request with credentials is accepted; where the document's values name no record, one is made for it."
    ),
    owner="probes.authentication",
)

MALFORMED_REFUSED: Final = Claim(
    id="credential-malformed-refused",
    title="A malformed credential is refused",
    severity=Severity.CRITICAL,
    clause=_CLAUSE,
    documentation=(
        "As for missing credentials, with one that is empty, of another scheme, or (Basic) that isn't what the scheme "
        "makes of a name and a password."
    ),
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

SCHEME_CASE: Final = Claim(
    id="credential-scheme-any-case",
    title="The name of an authentication scheme is read in any case",
    severity=Severity.LOW,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-11.1",
    documentation=(
        "`Authorization: bearer …` is let in like `Bearer …`: names of schemes know no upper and lower case, and some "
        "clients write them in lower case. Judged where the same request with the usual spelling is accepted."
    ),
    owner="probes.authentication",
)

_CLAIMS: Final = (MISSING_REFUSED, MALFORMED_REFUSED, WRONG_REFUSED)
_REFUSALS: Final = frozenset({401, 403})
_AUTHORIZATION: Final = "authorization"


def _let_in(exchanges: Sequence[Exchange]) -> bool:
    return all(accepted(each) for each in exchanges)


@probe(*_CLAIMS, applies_to=is_guarded, shows=_let_in)
def authentication(subject: Subject) -> ProbeSteps:
    """The control, then the same request with no credentials, with malformed ones and with wrong ones.

    What is deleted is gone, so that there the control comes last.
    """
    operation = subject.operation
    draft = replace(subject.composer.draft(), note="the request with credentials")
    if operation.method == "DELETE":
        yield from _deletions(subject)
        return
    control = yield from reach(subject, draft)
    if not accepted(control.exchange):
        for claim in _CLAIMS:
            yield skip(claim, operation, _why(control.exchange, subject))
        return
    if not subject.has_credentials:
        yield skip(WRONG_REFUSED, operation, "no credentials were given, and made-up ones are accepted")
    for claim, note, case in _attempts(operation, control.case, subject.has_credentials):
        exchange = yield from ask(case)
        if exchange.answer is None:
            continue
        yield ClaimExercised(claim.id, operation.label)
        if accepted(exchange):
            story = (*control.before, control.exchange, exchange)
            yield fail(claim, operation, note, f"answered {exchange.answer.status} {note}", story)


def _deletions(subject: Subject) -> ProbeSteps:
    """Each attempt on a record of our own; that the last one is deleted with credentials proves that it was there."""
    operation = subject.operation
    draft = replace(subject.composer.draft(), note="the request with credentials")
    made = yield from make_record(subject)
    before: tuple[Exchange, ...] = ()
    if made is not None:
        before = made[0]
        draft = replace(draft, values={**draft.values, **made[1]})
    case = subject.dress(subject.composer.write(draft, Mode.POSITIVE, Phase.PROBES))
    control: Exchange | None = None
    if made is None:
        control = yield from ask(case)
        if not accepted(control):
            for claim in _CLAIMS:
                yield skip(claim, operation, _why(control, subject))
            return
    if not subject.has_credentials:
        yield skip(WRONG_REFUSED, operation, "no credentials were given, and made-up ones are accepted")
    refused: list[Claim] = []
    for claim, note, attempt in _attempts(operation, case, subject.has_credentials):
        exchange = yield from ask(attempt)
        if accepted(exchange) and exchange.answer is not None:
            yield ClaimExercised(claim.id, operation.label)
            yield fail(claim, operation, note, f"answered {exchange.answer.status} {note}", (*before, exchange))
            return
        # After a control that deleted it, 404 says nothing of credentials.
        counts = exchange.answer is not None and (control is None or _is_refusal(exchange))
        refused += [claim] if counts else []
    last = control or (yield from ask(case))
    for claim in dict.fromkeys(refused):
        if accepted(last):
            yield ClaimExercised(claim.id, operation.label)
        else:
            yield skip(claim, operation, _why(last, subject))


def _has_scheme_name(operation: Operation) -> bool:
    return is_guarded(operation) and any(scheme.kind is SecurityKind.HTTP for scheme in _schemes(operation)[:1])


def _is_refused_for_spelling(exchanges: Sequence[Exchange]) -> bool:
    return accepted(exchanges[-2]) and _is_refusal(exchanges[-1])


@probe(
    SCHEME_CASE,
    applies_to=lambda operation: operation.method in ("GET", "HEAD") and _has_scheme_name(operation),
    shows=_is_refused_for_spelling,
)
def scheme_names(subject: Subject) -> ProbeSteps:
    """The control, then the same with the scheme's name in lower case."""
    operation = subject.operation
    control: Control = yield from reach(subject, subject.composer.draft())
    if not accepted(control.exchange):
        yield skip(SCHEME_CASE, operation, _why(control.exchange, subject))
        return
    headers = tuple((name, _lower_scheme(name, value)) for name, value in control.case.headers)
    if headers == control.case.headers:
        yield skip(SCHEME_CASE, operation, "the credential is sent otherwise")
        return
    exchange = yield from ask(replace(control.case, headers=headers, note="the scheme's name in lower case"))
    if exchange.answer is None:
        return
    yield ClaimExercised(SCHEME_CASE.id, operation.label)
    if _is_refusal(exchange):
        message = f"answered {exchange.answer.status} to the same credential with the scheme's name in lower case"
        yield fail(SCHEME_CASE, operation, "lower case", message, (*control.before, control.exchange, exchange))


def _attempts(operation: Operation, control: Case, has_credentials: bool) -> Iterator[tuple[Claim, str, Case]]:
    stripped = replace(without_credentials(control, operation), mode=Mode.NEGATIVE)
    yield MISSING_REFUSED, "without credentials", replace(stripped, note="without credentials")
    # One scheme is enough: each alternative has to be met as a whole.
    for scheme in _schemes(operation)[:1]:
        for note, attachment in _malformed(scheme):
            yield MALFORMED_REFUSED, note, replace(attach(stripped, (attachment,)), note=note)
        wrong = scheme_attachment(scheme, NOBODYS)
        if has_credentials and wrong is not None:
            note = f"with a wrong credential for {scheme.name}"
            yield WRONG_REFUSED, note, replace(attach(stripped, (wrong,)), note=note)


def _malformed(scheme: SecurityScheme) -> Iterator[tuple[str, Attachment]]:
    empty = scheme_attachment(scheme, "")
    if empty is None:
        return
    if scheme.kind is SecurityKind.API_KEY:
        yield f"with a malformed credential for {scheme.name}", empty
        return
    other = replace(empty, value="Understudy malformed")
    yield f"with a malformed credential for {scheme.name}", other
    word = empty.value.partition(" ")[0]
    yield f"with an empty credential for {scheme.name}", replace(empty, value=word)
    if word == "Basic":
        yield f"with a credential for {scheme.name} that isn't Base64", replace(empty, value="Basic ?")


def _schemes(operation: Operation) -> list[SecurityScheme]:
    return [scheme for requirement in operation.security for scheme, _ in requirement.schemes]


def _lower_scheme(name: str, value: str) -> str:
    word, space, rest = value.partition(" ")
    return f"{word.lower()}{space}{rest}" if name.lower() == _AUTHORIZATION and space else value


def _why(control: Exchange, subject: Subject) -> str:
    given = "" if subject.has_credentials or not _is_refusal(control) else " (no credentials were given)"
    return f"the same request with credentials is {outcome(control)}{given}"


def _is_refusal(exchange: Exchange) -> bool:
    return exchange.answer is not None and exchange.answer.status in _REFUSALS
