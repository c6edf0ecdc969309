"""Is a credential that was made, and deleted again, refused from then on?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Severity
from understudy.contracts.events import ClaimExercised
from understudy.contracts.probing import ProbeSteps, Subject, accepted, ask, fail, outcome, probe, skip
from understudy.contracts.reaching import Control, below, reach
from understudy.contracts.replaying.rebinding import of_the_same_form
from understudy.contracts.requests.composer import Composer, Uncomposable
from understudy.contracts.sending.credentials import attach, is_guarded, scheme_attachment, without_credentials
from understudy.specs.member_names import words_of
from understudy.specs.model import Operation
from understudy.specs.wire.json_bodies import MalformedJson, load_json

DELETED_REFUSED: Final = Claim(
    id="credential-deleted-refused",
    title="A credential that was deleted opens nothing",
    severity=Severity.CRITICAL,
    clause="https://spec.openapis.org/oas/v3.2.0.html#security-requirement-object",
    documentation=(
        "Where a POST makes something with a `key`, `token` or `secret` that is let in as a credential, it isn't let "
        "in any more after the DELETE of what was made. Judged where one of the same form that nobody has is refused."
    ),
    owner="probes.made_credentials",
)

_NAMES: Final = frozenset({"key", "apikey", "token", "secret", "credential"})
MIN_LENGTH: Final = 12


def _opens_afterwards(exchanges: Sequence[Exchange]) -> bool:
    """Whether the last request is let in after something was deleted."""
    *before, last = exchanges
    return accepted(last) and any(each.case.method == "DELETE" and accepted(each) for each in before)


def _secrets(made: Exchange) -> Iterator[str]:
    """Strings in an answer that are credentials by their names."""
    try:
        told = load_json(made.answer.body) if made.answer is not None else None
    except MalformedJson:
        return
    for name, value in told.items() if isinstance(told, dict) else ():
        if words_of(name)[-1:] and words_of(name)[-1] in _NAMES and isinstance(value, str) and len(value) >= MIN_LENGTH:
            yield value


@probe(
    DELETED_REFUSED,
    applies_to=lambda operation: operation.method == "POST" and is_guarded(operation),
    shows=_opens_afterwards,
)
def made_credentials(subject: Subject) -> ProbeSteps:
    """Make it, use it, delete it, use it again."""
    operation = subject.operation
    if not any(_has_delete(operation, each) for each in subject.api.operations):
        return
    control = yield from reach(subject, replace(subject.composer.draft(), note="make something"))
    secret = next(_secrets(control.exchange), None) if accepted(control.exchange) else None
    question = _question(subject, control)
    if secret is None or question is None:
        reason = (
            "no guarded GET to try it with" if secret else f"{outcome(control.exchange)}, and no key, token or secret"
        )
        yield skip(DELETED_REFUSED, operation, reason)
        return
    used = yield from ask(_with(question, subject, secret, "with what was made"))
    nobodys = yield from ask(_with(question, subject, of_the_same_form(secret), "with what nobody has"))
    if not accepted(used) or accepted(nobodys):
        reason = f"what was made is {outcome(used)} as a credential, and what nobody has {outcome(nobodys)}"
        yield skip(DELETED_REFUSED, operation, reason)
        return
    for _, case in below(subject, control, frozenset({""}), "DELETE"):
        deleted = yield from ask(replace(case, note="delete it"))
        if not accepted(deleted):
            yield skip(DELETED_REFUSED, operation, f"DELETE is {outcome(deleted)}")
            return
        again = yield from ask(_with(question, subject, secret, "with what was deleted"))
        if again.answer is None:
            return
        yield ClaimExercised(DELETED_REFUSED.id, operation.label)
        story = (*control.before, control.exchange, used, deleted, again)
        if _opens_afterwards(story):
            message = f"answered {again.answer.status} to a credential that was deleted"
            yield fail(DELETED_REFUSED, operation, "deleted", message, story)


def _has_delete(made: Operation, other: Operation) -> bool:
    parent, _, last = other.path.rpartition("/")
    return other.method == "DELETE" and parent == made.path.rstrip("/") and last.startswith("{")


def _question(subject: Subject, made: Control) -> Case | None:
    """A guarded GET without a record in its path, asked as what was made was."""
    schemes = [each.schemes for each in subject.operation.security]
    for getter in subject.api.operations:
        guards = [each.schemes for each in getter.security]
        if getter.method != "GET" or "{" in getter.path or not is_guarded(getter) or guards != schemes:
            continue
        try:
            composer = Composer(getter, "credential")
            draft = composer.draft()
            known = {key: value for key, value in made.draft.values.items() if key in draft.values}
            draft = replace(draft, values={**draft.values, **known})
            return subject.dress(composer.write(draft, Mode.POSITIVE, Phase.PROBES))
        except Uncomposable:
            continue
    return None


def _with(question: Case, subject: Subject, secret: str, note: str) -> Case:
    """The same with another credential."""
    scheme = next(scheme for requirement in subject.operation.security for scheme, _ in requirement.schemes)
    attachment = scheme_attachment(scheme, secret)
    stripped = without_credentials(question, subject.operation)
    return replace(attach(stripped, (attachment,)) if attachment else stripped, note=note)
