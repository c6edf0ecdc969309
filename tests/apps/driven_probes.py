"""A probe driven by hand: each case that it yields is answered by a function."""

from __future__ import annotations

from collections.abc import Callable

from understudy.contracts.case import Answer, Case, Exchange, Phase
from understudy.contracts.events import ClaimExercised, ClaimSkipped, FailureFound
from understudy.contracts.probing import Probe, Subject, probes
from understudy.contracts.requests.composer import Composer
from understudy.contracts.running.plan import select_claims
from understudy.contracts.sending.credentials import attach, credential_attachments
from understudy.specs.model import Api

assert select_claims(())  # registers every claim and probe


def get_probe(name: str) -> Probe:
    return next(probe for phase in Phase for probe in probes(phase) if probe.name == name)


def drive(
    name: str, api: Api, answer: Callable[[Case], Answer | None], credentials: dict[str, str] | None = None
) -> tuple[list[Case], dict[str, str], dict[str, str]]:
    """The cases sent, the places of the failures by claim, the reasons of what was skipped by claim."""
    probe = get_probe(name)
    operation = next(filter(probe.applies_to, api.operations))
    subject = Subject(
        api,
        operation,
        Composer(operation, "0"),
        lambda case: attach(case, credential_attachments(operation, credentials or {})),
        has_credentials=bool(credentials),
    )
    steps = probe.run(subject)
    sent: list[Case] = []
    failures: dict[str, str] = {}
    skipped: dict[str, str] = {}
    judged: set[str] = set()
    reply: Exchange | None = None
    while True:
        try:
            step = steps.send(reply)
        except StopIteration:
            break
        reply = None
        match step:
            case Case():
                sent.append(step)
                reply = Exchange(step, answer(step))
            case FailureFound(failure):
                failures[failure.claim.id] = failure.place
                assert failure.claim.id in judged
            case ClaimSkipped(claim_id, _, reason):
                skipped[claim_id] = reason
            case ClaimExercised(claim_id):
                judged.add(claim_id)
    return sent, failures, skipped
