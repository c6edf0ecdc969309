"""What a run will do: which operations, which claims, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import final
from urllib.parse import urlsplit

from understudy.contracts import checks as _checks
from understudy.contracts import probes as _probes
from understudy.contracts.case import Phase
from understudy.contracts.checking import ExchangeCheck, exchange_checks
from understudy.contracts.claims import Claim, claims
from understudy.contracts.conversation.claims import OWNER
from understudy.contracts.conversation.trust import Trust, trust_in
from understudy.contracts.events import OperationPlanned
from understudy.contracts.fuzzing import claims as _fuzzing_claims
from understudy.contracts.fuzzing.steps import FUZZED
from understudy.contracts.probing import Probe, probes
from understudy.contracts.promptness import ANSWERS_IN_TIME
from understudy.contracts.running import limit_watch as _limit_watch
from understudy.contracts.running.goals import plan_operation
from understudy.contracts.running.sharding import share_of
from understudy.contracts.sending.gate import SAFE_METHODS
from understudy.contracts.settings import Settings
from understudy.specs.errors import UsageError
from understudy.specs.model import Api, Operation
from understudy.specs.servers import base_paths

__all__ = ["Plan", "make_plan", "select_claims"]

# Importing them registers the claims; the names keep the imports from looking idle.
_REGISTERED = (_checks, _fuzzing_claims, _limit_watch, _probes)


@final
@dataclass(frozen=True)
class Plan:
    """What a run will do.

    Attributes:
        operations: Every operation of the document, with the reason where it is left out.
        selected: Those that are exercised, in document order.
        claims: The claims that are judged, by id.
        phases: In the order in which they are run; one without a claim to judge is left out.
        trust: What the document says of behaviour, or what is inferred of it.
    """

    operations: tuple[OperationPlanned, ...]
    selected: tuple[Operation, ...]
    claims: tuple[Claim, ...]
    phases: tuple[Phase, ...]
    trust: Trust

    @cached_property
    def claim_ids(self) -> frozenset[str]:
        """Ids of the claims that are judged."""
        return frozenset(claim.id for claim in self.claims)

    @cached_property
    def checks(self) -> tuple[ExchangeCheck, ...]:
        """The exchange checks of these claims."""
        return tuple(each for each in exchange_checks() if each.claim.id in self.claim_ids)

    def concerning(self, operation: Operation) -> tuple[Claim, ...]:
        """The claims that can say anything about an operation, as far as the document tells."""
        silent = {each.claim.id for each in exchange_checks() if not each.concerns(operation)}
        probed = [each for phase in Phase for each in probes(phase)]
        owned = {claim.id for each in probed for claim in each.claims}
        reached = {claim.id for each in probed if each.applies_to(operation) for claim in each.claims}
        if operation.label not in self.trust.actions:
            silent |= {claim.id for claim in self.claims if claim.owner == OWNER}
        return tuple(claim for claim in self.claims if claim.id not in silent and claim.id not in owned - reached)

    def probes(self, phase: Phase, operation: Operation) -> tuple[Probe, ...]:
        """The probes of a phase that say something about an operation.

        One whose own claims aren't judged is run all the same while exchange checks are: it reaches what they judge.
        """
        wanted = self.claim_ids
        return tuple(
            each
            for each in probes(phase)
            if each.applies_to(operation) and (self.checks or any(claim.id in wanted for claim in each.claims))
        )


def make_plan(api: Api, settings: Settings, url: str = "") -> Plan:
    """Decide what a run does.

    Args:
        url: The base URL under test; empty leaves out nothing for lying elsewhere.

    Raises:
        UsageError: A pattern that matches no operation, or no claim.
    """
    everything = {operation.label for operation in api.operations}
    included = _matching(api, settings.include, "--include") if settings.include else everything
    excluded = _matching(api, settings.exclude, "--exclude")
    planned, selected = [], []
    share = share_of(api.operations, *settings.shard) if settings.shard else None
    for operation in api.operations:
        label = operation.label
        reason = "excluded" if label in excluded else "" if label in included else "not included"
        reason = reason or _elsewhere(api, operation, url) or _forbidden(operation, settings)
        if not reason and share is not None and label not in share:
            reason = "in another shard"
        planned.append(plan_operation(operation, reason, probes_limits=settings.probe_limits))
        if not reason:
            selected.append(operation)
    chosen = select_claims(settings.claims)
    ids = {claim.id for claim in chosen}
    reached = ANSWERS_IN_TIME.id in ids or any(each.claim.id in ids for each in exchange_checks())
    fuzzed = reached or any(claim.owner == "schemathesis" for claim in chosen)
    probed = {
        phase
        for phase in Phase
        for each in probes(phase)
        if (reached or any(claim.id in ids for claim in each.claims)) and any(map(each.applies_to, selected))
    }
    engine = FUZZED if fuzzed else frozenset[Phase]()
    if not _has_links(api, selected):
        engine -= {Phase.LINKS}
    trust = trust_in(api)
    is_modelled = reached or any(claim.owner == OWNER for claim in chosen)
    modelled = {Phase.CONVERSATION} if is_modelled and any(each.label in trust.actions for each in selected) else set()
    phases = tuple(phase for phase in Phase if phase in (probed | engine | modelled) & settings.phases)
    return Plan(tuple(planned), tuple(selected), chosen, phases, trust)


def _has_links(api: Api, operations: Iterable[Operation]) -> bool:
    """Whether a documented link leads from one of the operations to another."""
    labels = {operation.label for operation in operations}
    targets = (
        api.find_operation(link.operation)
        for operation in operations
        for response in operation.responses
        for link in response.links
    )
    return any(target is not None and target.label in labels for target in targets)


def _forbidden(operation: Operation, settings: Settings) -> str:
    """Why nothing of an operation may be sent; empty when something may."""
    return "--read-only" if settings.read_only and operation.method not in SAFE_METHODS else ""


def _elsewhere(api: Api, operation: Operation, url: str) -> str:
    """Why an operation can't be reached below a URL; empty when it can.

    Where the URL ends with one of the document's base paths, an operation with servers of its own and another base
    path lies beside it, not below it.
    """
    path = urlsplit(url).path.rstrip("/")
    common = {base for server in api.servers for base in base_paths(server) if base}
    own = {base for server in operation.servers for base in base_paths(server)}
    if not any(path.endswith(base) for base in common) or any(path.endswith(base) for base in own):
        return ""
    shown = ", ".join(sorted(base or "/" for base in own))
    return f"it has a server of its own, with the base path {shown}; test it by its own URL"


def select_claims(patterns: Iterable[str]) -> tuple[Claim, ...]:
    """The claims that patterns choose; ``!`` takes away. Patterns that only take away begin with every claim.

    Raises:
        UsageError: A pattern that matches no claim.
    """
    known = claims()
    patterns = tuple(patterns)
    chosen = set() if any(not pattern.startswith("!") for pattern in patterns) else {claim.id for claim in known}
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        found = {claim.id for claim in known if fnmatchcase(claim.id, bare)}
        if not found:
            raise UsageError("--claims", bare, ", ".join(claim.id for claim in known))
        chosen = chosen - found if pattern.startswith("!") else chosen | found
    return tuple(claim for claim in known if claim.id in chosen)


def _matching(api: Api, patterns: tuple[str, ...], option: str) -> set[str]:
    """Labels of the operations that one of the patterns names."""
    found: set[str] = set()
    for pattern in patterns:
        matched = {operation.label for operation in api.operations if _matches(operation, pattern)}
        if not matched:
            some = ", ".join(operation.name for operation in api.operations[:20])
            raise UsageError(option, pattern, f"an operationId, label, path or tag, with * and ?: {some}")
        found |= matched
    return found


def _matches(operation: Operation, pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in (operation.id, operation.label, operation.path, *operation.tags))
