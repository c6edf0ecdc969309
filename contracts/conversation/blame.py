"""Which claim is broken by what differs, and how to say it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from understudy.contracts.claims import Claim, Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.knowledge import Knowledge, Writer, actions_of
from understudy.contracts.conversation.told_headers import HEADERS
from understudy.contracts.conversation.values import Between, Difference
from understudy.specs.behaviour.declarations import Action, Verb
from understudy.specs.behaviour.expectation import Refusal
from understudy.specs.behaviour.memory import End, Name
from understudy.specs.behaviour.state import Query
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Missing, Operation
from understudy.specs.pointers import tokens
from understudy.specs.problems import ProblemKind

__all__ = ["blame_acceptance", "blame_difference", "blame_refusal", "claims_of_refusal", "place_of"]

MAX_SHOWN: Final = 120
_GONE: Final = ("404", "410", "4XX", "default")
_WRITES: Final = frozenset({Verb.UPDATE, Verb.MERGE, Verb.REPLACE, Verb.UPSERT})


def blame_difference(
    operation: Operation, action: Action, name: Name | None, found: Difference, known: Knowledge, status: int
) -> Failure:
    """An answer that shows something else than it has to."""
    path = tokens(found.pointer)
    if path[:1] == (HEADERS,):
        told = f"the header {path[1]} {_differs(found)}"
        return Failure(claimed.ANSWER_DECLARED, operation.label, f"{status} {path[1]}", told)
    claim, told = _claim_of(action, name, found, known)
    place = f"{status} {place_of(found.pointer)}"
    return Failure(claim, operation.label, place, f"{told}{_at(found.pointer)} {_differs(found)}")


def blame_acceptance(
    operation: Operation, action: Action, refusal: Refusal, names: Sequence[Name], known: Knowledge, status: int
) -> Failure | None:
    """A success where the model refuses; None where the document doesn't say enough to blame anybody.

    Args:
        names: What the request names, the owners first.
    """
    is_rule = any(
        (each.problem, each.detail) == (refusal.kind, refusal.detail)
        for one in actions_of(action)
        for each in one.require
    )
    if is_rule or refusal.kind is not ProblemKind.RESOURCE_NOT_FOUND:
        if not known.trust.is_declared:
            return None
        message = f"answered {status}, though {refusal.detail[:1].lower()}{refusal.detail[1:]}"
        return Failure(claimed.RULE_KEPT, operation.label, refusal.kind.value, message)
    missing = next((each for each in names if known.memory.find(each) is None), None)
    if not any(response.status in _GONE for response in operation.responses):
        return None
    if missing is None:
        mortal = _mortal(names, known)
        if mortal is None:
            return None
        message = f"answered {status} for a {mortal[0]} whose time is over{_ended(mortal, known)}"
        return Failure(claimed.EXPIRY_KEPT, operation.label, "expired", message)
    end = known.memory.find_end(missing)
    is_own = missing[0] == action.resource.name
    if not known.trust.is_declared and (end is not End.DELETED or not is_own or action.verb is not Verb.READ):
        return None
    claim, why = claimed.UNKNOWN_REFUSED, "that never was"
    if end is End.CASCADE or (end is End.DELETED and not is_own):
        claim, why = claimed.CASCADE_KEPT, "that went with what it belonged to"
    elif end is End.DELETED:
        claim = claimed.DOUBLE_DELETE if action.verb is Verb.DELETE else claimed.DELETED_IS_GONE
        why = "that was deleted before"
    elif known.find_elsewhere(missing) is not None:
        claim, why = claimed.TENANT_ISOLATION, "that was made for somebody else"
    return Failure(claim, operation.label, missing[0], f"answered {status} for a {missing[0]} {why}")


def blame_refusal(operation: Operation, names: Sequence[Name], known: Knowledge, status: int) -> Failure | None:
    """404 or 410 where everything that the request names is there."""
    ours = [each for each in names if any(made.name == each for made in known.made.values())]
    queries = [Query(*each) for each in names]
    is_there = all(len(found := known.find(each)) == 1 and found[0] for each in queries)
    if not ours or not is_there:
        return None
    resource, mortal = ours[-1][0], _mortal(names, known)
    if mortal is not None:
        end = _ended(mortal, known)
        if not end:
            return None
        message = f"answered {status} for a {mortal[0]} that nobody deleted, before its time is over{end}"
        return Failure(claimed.MADE_IS_FOUND, operation.label, resource, message)
    message = f"answered {status} for a {resource} that was made before and that nobody deleted"
    return Failure(claimed.MADE_IS_FOUND, operation.label, resource, message)


def claims_of_refusal(action: Action, names: Sequence[Name], own: Name | None, known: Knowledge) -> frozenset[str]:
    """The claims that a refusal is right by."""
    missing = next((each for each in names if known.memory.find(each) is None), None)
    if missing is None:
        mortal = _mortal(names, known)
        return frozenset({(claimed.RULE_KEPT if mortal is None else claimed.EXPIRY_KEPT).id})
    end = known.memory.find_end(missing)
    if end is None:
        elsewhere = known.find_elsewhere(missing) is not None
        return frozenset({(claimed.TENANT_ISOLATION if elsewhere else claimed.UNKNOWN_REFUSED).id})
    if end is End.CASCADE or missing != own:
        return frozenset({claimed.CASCADE_KEPT.id})
    return frozenset({(claimed.DOUBLE_DELETE if action.verb is Verb.DELETE else claimed.DELETED_IS_GONE).id})


def _mortal(names: Sequence[Name], known: Knowledge) -> Name | None:
    """The last of these records that is of a kind that ends."""
    return next((each for each in reversed(names) if known.trust.resources[each[0]].expires is not None), None)


def _ended(name: Name, known: Knowledge) -> str:
    """When a record ends, in brackets; empty where that isn't known."""
    record = known.memory.find(name)
    member = known.trust.resources[name[0]].expires
    end = record.members.get(member) if record is not None and member is not None else None
    return f" ({end})" if isinstance(end, str) else ""


def place_of(pointer: str) -> str:
    """A pointer without the numbers of items, so that it is the same for each."""
    return "/" + "/".join("*" if token.isdigit() else token for token in tokens(pointer)) if pointer else "(whole)"


def _claim_of(action: Action, name: Name | None, found: Difference, known: Knowledge) -> tuple[Claim, str]:
    path = tokens(found.pointer)
    inside = tokens(action.items or "")
    is_record = name is not None and path[: len(inside)] == inside and len(path) > len(inside)
    answers = {tokens(each)[:1] if each.startswith("/") else (each,) for each in action.answer}
    if not is_record or path[:1] in answers:
        return claimed.ANSWER_DECLARED, ""
    assert name is not None
    member = action.rename.get(path[len(inside)], path[len(inside)])
    if isinstance(found.expected, Between):
        return (claimed.EXPIRY_KEPT if member == action.resource.expires else claimed.TIME_KEPT), ""
    if action.verb is Verb.CREATE:
        return claimed.CREATE_ANSWER, ""
    if action.verb in _WRITES:
        return claimed.UPDATE_ANSWER, ""
    writer = known.writers.get(name, {}).get(member) or known.writers.get(name, {}).get("")
    if name in known.tried:
        return claimed.REFUSED_UNCHANGED, f"{known.tried[name]} was refused after the last change, and "
    return _by_writer(writer)


def _by_writer(writer: Writer | None) -> tuple[Claim, str]:
    if writer is None:
        return claimed.READ_AFTER_WRITE, ""
    told = f"{writer.label} was confirmed, and "
    if writer.is_prose:
        return claimed.STREAM_TEXT_STORED, told
    return (claimed.READ_AFTER_WRITE if writer.verb is Verb.CREATE else claimed.UPDATE_PERSISTED), told


def _at(pointer: str) -> str:
    return f"{pointer}" if pointer else "the answer"


def _differs(found: Difference) -> str:
    if found.expected is MISSING:
        return f"is still {_shown(found.actual)}, which should be gone"
    wanted = str(found.expected) if isinstance(found.expected, Between) else _shown(found.expected)
    if found.actual is MISSING:
        return f"is missing; it should be {wanted}"
    return f"is {_shown(found.actual)} instead of {wanted}"


def _shown(value: Json | Missing) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
