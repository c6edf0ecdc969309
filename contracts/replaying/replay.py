"""Send the failing conversations of a report again, and judge them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, unquote_plus

from understudy.contracts.case import Case, Exchange, Phase
from understudy.contracts.claims import Claim, Failure, claims
from understudy.contracts.conversation.callers import find_callers, is_another
from understudy.contracts.conversation.claims import OWNER, UNKNOWN_REFUSED
from understudy.contracts.conversation.model import Model, Observed
from understudy.contracts.events import (
    ClaimExercised,
    ClaimSkipped,
    ErrorRaised,
    Event,
    ExchangeDone,
    FailureFound,
    PhaseFinished,
    PhaseStarted,
    RunFinished,
)
from understudy.contracts.replaying.bindings import fill, find_value
from understudy.contracts.replaying.confirming import is_spent, shows
from understudy.contracts.replaying.rebinding import rebind
from understudy.contracts.running.plan import Plan, make_plan
from understudy.contracts.running.starting import run_started
from understudy.contracts.secrecy.masking import MASK
from understudy.contracts.secrecy.redaction import PLACEHOLDER
from understudy.contracts.sending.credentials import NOBODYS
from understudy.contracts.sending.target import Target
from understudy.contracts.sending.transport import SYSTEM_CLOCK, Clock, Unsendable
from understudy.contracts.settings import Settings
from understudy.contracts.verdict import Finding, Run
from understudy.specs.errors import TargetError, UsageError
from understudy.specs.model import Api

__all__ = ["Unreplayable", "replay", "restore_case"]

_OTHERS: Final = "$OTHER_"
"""How a redacted request names a credential that wasn't the user's."""


class Unreplayable(ValueError):
    """A case holds a secret that isn't in the report and can't be supplied again; says where."""


def replay(
    api: Api,
    report: Run,
    url: str,
    settings: Settings | None = None,
    *,
    only: Sequence[str] = (),
    document: str = "",
    clock: Clock = SYSTEM_CLOCK,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Event]:
    """Send each finding's conversation once more; credentials come from the settings.

    Args:
        report: As `load_report` gives it.
        only: Fingerprints, or beginnings of them; empty replays every finding.

    Yields:
        As `run_checks` does, in the phase ``replay``. What doesn't show again isn't told.

    Raises:
        UsageError: A fingerprint that the report doesn't have; nothing is sent.
    """
    settings = settings or Settings()
    chosen = [finding for finding in report.findings if not only or finding.fingerprint.startswith(tuple(only))]
    if only and not chosen:
        raise UsageError(
            "--only", ", ".join(only), ", ".join(each.fingerprint for each in report.findings) or "nothing"
        )
    plan = make_plan(api, replace(settings, include=(), exclude=(), claims=()))
    wanted = {finding.operation for finding in chosen}
    operations = tuple(
        each if each.label in wanted else replace(each, skipped="no finding to replay") for each in plan.operations
    )
    about = tuple(dict.fromkeys(finding.claim for finding in chosen))
    replayed = replace(plan, operations=operations, claims=about, phases=(Phase.REPLAY,))
    with Target(api, url, settings, clock) as target:
        started = clock.now()
        told = settings.describe()
        yield run_started(
            api, replayed, document=document, target=target.url, at=now(), settings=told, seed=settings.seed
        )
        interrupted = unreachable = False
        yield PhaseStarted(Phase.REPLAY)
        callers = find_callers(plan.trust, settings, target)
        try:
            target.check_ready()
            for finding in chosen:
                yield from _replay_one(api, plan, finding, target, callers, clock, now)
        except TargetError as error:
            unreachable = True
            yield ErrorRaised("", Phase.REPLAY, f"the API can't be reached: {error.reason}")
        except KeyboardInterrupt:
            interrupted = True
        elapsed_ms = (clock.now() - started) * 1000
        yield PhaseFinished(Phase.REPLAY, elapsed_ms)
        yield RunFinished(elapsed_ms, interrupted, unreachable)


def _replay_one(
    api: Api,
    plan: Plan,
    finding: Finding,
    target: Target,
    callers: Sequence[Callable[[Case], Case]],
    clock: Clock,
    now: Callable[[], datetime],
) -> Iterator[Event]:
    operation, claim = api.find_operation(finding.operation), _find_claim(finding.claim.id)
    if operation is None or claim is None or not finding.exchanges:
        missing = "the document has no such operation" if operation is None else "there is no such claim any more"
        yield ErrorRaised(finding.operation, Phase.REPLAY, f"{finding.fingerprint} can't be replayed: {missing}")
        return
    again: list[Exchange] = []
    model, observed = Model(plan.trust, now), Observed()
    if claim == UNKNOWN_REFUSED:
        model.known.nobodys.update(_names(finding.exchanges[-1].case))
    for number, exchange in enumerate(finding.exchanges):
        try:
            dress = callers[-1 if is_another(exchange.case) else 0]
            case = restore_case(fill(exchange.case, _secrets(finding, again)), dress)
            case = rebind(case, finding.exchanges[: len(again)], again)
            if case.pause:
                clock.sleep(case.pause)
            again.append(target.send(replace(case, phase=Phase.REPLAY)))
        except (Unreplayable, Unsendable) as error:
            yield ErrorRaised(finding.operation, Phase.REPLAY, f"{finding.fingerprint} can't be replayed: {error}")
            return
        yield ExchangeDone(again[-1])
        if again[-1].answer is None:
            yield ErrorRaised(finding.operation, Phase.REPLAY, again[-1].error)
            return
        if claim.owner == OWNER:
            observed = model.observe(number, again[-1])
    failure = Failure(claim, finding.operation, finding.place, finding.message, finding.violations)
    shown = any(each.fingerprint == failure.fingerprint for each in observed.failures)
    if shown or shows(failure, finding.exchanges, again, operation, plan.checks):
        yield ClaimExercised(claim.id, finding.operation)
        yield FailureFound(failure, tuple(again))
    elif claim.owner != OWNER and is_spent(finding.exchanges[-1], again[-1]):
        yield ClaimSkipped(claim.id, finding.operation, "the request did what can be done once: it can't show again")
    else:
        yield ClaimExercised(claim.id, finding.operation)


def _secrets(finding: Finding, again: Sequence[Exchange]) -> dict[str, str]:
    """What the answers that came now give in place of secrets that the first ones gave, by name."""
    found: dict[str, str] = {}
    for binding in finding.bindings:
        answer = again[binding.step].answer if binding.step < len(again) else None
        value = find_value(answer, binding.place) if answer is not None else None
        if value is not None and binding.name.startswith(_OTHERS[1:]):
            found[binding.name] = value
    return found


def restore_case(case: Case, dress: Callable[[Case], Case]) -> Case:
    """A case of a report with the credentials that redaction took out of it.

    What stood for a credential of the user (``$TOKEN``) is put back by ``dress``; what stood for another one
    (``$OTHER_TOKEN``) becomes one that nobody has. A case that had none gets none.

    Raises:
        Unreplayable: A secret in the path or the body, or a credential that the user didn't give this time.
    """
    if case.body is not None and MASK.encode() in case.body:
        raise Unreplayable(f"its body holds a secret, which the report shows as {MASK}")
    path, mark, query = case.target.partition("?")
    if PLACEHOLDER.search(path):
        raise Unreplayable(f"its path holds a secret: {path}")
    ours = {name.lower() for name, value in case.headers if _is_ours(value)}
    pairs = [pair for pair in query.split("&") if pair]
    our_pairs = {_name(pair) for pair in pairs if _is_ours(_value(pair))}
    bare = replace(
        case,
        target=path + mark + "&".join(pair for pair in pairs if _name(pair) not in our_pairs),
        headers=tuple((name, _nobodys(value)) for name, value in case.headers if name.lower() not in ours),
    )
    if not ours and not our_pairs:
        return replace(bare, target=_nobodys(bare.target))
    dressed = dress(bare)
    kept = {name.lower() for name, _ in bare.headers} | ours
    headers = tuple((name, value) for name, value in dressed.headers if name.lower() in kept)
    missing = ours - {name.lower() for name, _ in headers}
    if missing:
        raise Unreplayable(f"no credential was given for the header {', '.join(sorted(missing))}")
    return replace(dressed, headers=headers, target=_nobodys(dressed.target if our_pairs else bare.target))


def _names(case: Case) -> set[str]:
    """What may be a key in a request whose key was made up."""
    path, _, query = case.target.partition("?")
    return {*map(unquote, path.split("/")), *(unquote_plus(_value(pair)) for pair in query.split("&"))}


def _find_claim(claim_id: str) -> Claim | None:
    return next((claim for claim in claims() if claim.id == claim_id), None)


def _is_ours(text: str) -> bool:
    return any(not match.group(0).startswith(_OTHERS) for match in PLACEHOLDER.finditer(text))


def _nobodys(text: str) -> str:
    return PLACEHOLDER.sub(NOBODYS, text)


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _value(pair: str) -> str:
    return unquote_plus(pair.partition("=")[2])
