"""Is a list what it has to be? What others put into it is learnt, what we know of is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from understudy.contracts.claims import Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.jobs import judge_job
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.listing import Listing, belongs, enriched, learn, places, read_listing
from understudy.contracts.conversation.pages import find_bad_page, find_disorder, find_missing
from understudy.contracts.conversation.times import Moments
from understudy.contracts.conversation.values import combined, differences
from understudy.contracts.conversation.worlds import Worlds, all_reads, snapshot_of, value_of
from understudy.specs.behaviour import Query, Record, Request, Snapshot, step
from understudy.specs.behaviour.actions import named_scene
from understudy.specs.behaviour.declarations import Action
from understudy.specs.behaviour.expectation import Expectation, Items, Members, ResponsePattern
from understudy.specs.behaviour.memory import End
from understudy.specs.behaviour.scenes import find_scope, is_alive
from understudy.specs.behaviour.step import Given
from understudy.specs.behaviour.values import Scene
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Missing, Operation
from understudy.specs.pointers import tokens

__all__ = ["judge_figures", "judge_list"]


def judge_list(
    operation: Operation,
    request: Request,
    queries: Sequence[Query],
    body: Json | Missing,
    items: Sequence[Json],
    status: int,
    known: Knowledge,
    moments: Moments,
) -> Iterator[Failure]:
    """What is wrong with the answer of a list.

    Args:
        queries: What the answer depends on.
        body: The whole answer; MISSING for a stream.
        items: What it lists.
        moments: When the server worked.
    """
    action = operation.action
    assert action is not None
    snapshot = snapshot_of(queries, known.worlds)
    scenes = tuple(named_scene(action, scene, snapshot) for scene in moments.scenes(request))
    scope = find_scope(action.resource, scenes[0])
    listing = read_listing(operation, action, scope, items, status, request, scenes[0]) if scope is not None else None
    if listing is None:
        return
    failures = list(_faults_of_records(listing, known, request, moments, scenes, snapshot))
    where = places(listing, known, scenes, snapshot)
    failures += find_missing(listing, known, where)
    failures += find_disorder(listing, known)
    yield from failures
    known.told[operation.label] = _told_by(action, body)
    resource = action.resource.name
    if listing.is_whole and listing.is_plain:
        known.clear_up(resource, listing.scope)
    is_all_known = (resource, listing.scope) in known.whole or known.is_ours_alone(resource, listing.scope)
    if is_all_known and None not in where.values() and not failures:
        # A list that is wrong already isn't counted.
        yield from find_bad_page(listing, known, [key for key, is_in in where.items() if is_in], request)
        yield from _miscounts(listing, known, request, moments, body)


def judge_figures(
    operation: Operation,
    request: Request,
    queries: Sequence[Query],
    body: Json | Missing,
    status: int,
    known: Knowledge,
    moments: Moments,
) -> Iterator[Failure]:
    """What is wrong with an answer that only counts the records of a list, where all of them are known."""
    action = operation.action
    assert action is not None
    scope = find_scope(action.resource, moments.scenes(request)[0])
    if scope is not None:
        yield from _miscounts(Listing(operation, action, scope, status), known, request, moments, body)


def _faults_of_records(
    listing: Listing,
    known: Knowledge,
    request: Request,
    moments: Moments,
    scenes: Sequence[Scene],
    snapshot: Snapshot,
) -> Iterator[Failure]:
    """What is wrong with single records."""
    if len(set(listing.keys)) < len(listing.keys):
        twice = next(key for index, key in enumerate(listing.keys) if key in listing.keys[:index])
        yield listing.failure(claimed.LIST_COMPLETE, "twice", f"the list holds {listing.told(twice)} twice")
    yield from _intruders(listing, known, scenes, snapshot)
    for key, members in listing.shown.items():
        name = listing.name(key)
        if known.memory.find(name) is not None:
            yield from judge_job(listing.operation, listing.action, name, members, known, listing.status, moments)
    yield from _disagreements(listing, known, request, moments)


def _intruders(listing: Listing, known: Knowledge, scenes: Sequence[Scene], snapshot: Snapshot) -> Iterator[Failure]:
    """What is listed and shouldn't be; what nobody knew of is learnt."""
    resource = listing.action.resource
    for key, members in listing.shown.items():
        name = listing.name(key)
        record = known.memory.find(name)
        if record is None:
            end = known.memory.find_end(name)
            if end is not None and name not in known.doubted:
                claim = claimed.GONE_FROM_LISTS if end is End.DELETED else claimed.CASCADE_KEPT
                yield listing.failure(claim, "gone", f"the list holds {listing.told(key)}, which was deleted before")
                continue
            if end is None and name not in known.doubted and known.find_elsewhere(name) is not None:
                told = f"the list holds {listing.told(key)}, which was made for somebody else"
                yield listing.failure(claimed.TENANT_ISOLATION, "intruder", told)
                continue
            record = learn(listing, known, name, members)
        if belongs(listing, record._replace(members=enriched(record, members)), scenes, snapshot) is False:
            alive = any(is_alive(resource, record, scene) for scene in scenes)
            claim = claimed.FILTER_KEPT if alive else claimed.EXPIRY_KEPT
            end = members.get(resource.expires) if resource.expires is not None else None
            told = "which its filter leaves out" if alive else f"whose time was over at {end}"
            yield listing.failure(claim, "intruder", f"the list holds {listing.told(key)}, {told}")


def _disagreements(listing: Listing, known: Knowledge, request: Request, moments: Moments) -> Iterator[Failure]:
    """Items of ours that show something else than was written."""
    bare = replace(listing.action, where=None, page=None, order=(), answer={}, also=())
    expected = _expected(listing, known, request, moments, bare)
    resource = listing.action.resource
    inverse = {member: name for name, member in listing.action.rename.items()}
    for key, item in listing.items.items():
        name = listing.name(key)
        if name in known.foreign or name in known.doubted or key not in expected:
            continue
        for found in differences(expected[key], item):
            if tokens(found.pointer)[:1] == (inverse.get(resource.key, resource.key),):
                continue
            place = "/*" + "".join(f"/{'*' if each.isdigit() else each}" for each in tokens(found.pointer))
            told = f"{listing.told(key)} is listed with another {found.pointer} than was written"
            if name in known.tried:
                told += f"; {known.tried[name]} was refused after that"
            claim = claimed.REFUSED_UNCHANGED if name in known.tried else claimed.LIST_AGREES
            yield listing.failure(claim, place, told)


def _miscounts(
    listing: Listing, known: Knowledge, request: Request, moments: Moments, body: Json | Missing
) -> Iterator[Failure]:
    """What a list says besides its records."""
    if body is MISSING or not listing.action.answer:
        return
    guesses = [
        value_of(expectation)
        for pattern in _patterns(listing, known, request, moments, listing.action)
        for _, expectation in pattern.bodies[:1]
    ]
    if len(guesses) == 2:
        for found in differences(combined(*guesses), body):
            if known.foreign and any(token.isdigit() for token in tokens(found.pointer)):
                continue  # In which order others made theirs isn't known.
            told = f"the list says {found.actual!r} where {found.pointer} has to be {found.expected!r}"
            yield listing.failure(claimed.COUNT_KEPT, found.pointer, told)


def _told_by(action: Action, body: Json | Missing) -> dict[str, str | int]:
    """What a list says besides its records, as far as it may be sent again: members with a text or a number."""
    members = body if isinstance(body, Mapping) else {}
    return {name: value for name in action.answer if isinstance(value := members.get(name), (str, int))}


def _expected(
    listing: Listing, known: Knowledge, request: Request, moments: Moments, action: Action
) -> dict[str, Json]:
    """Key → what is known of the item."""
    found: dict[str, Json] = {}
    for pattern in _patterns(listing, known, request, moments, action):
        for _, expectation in pattern.bodies:
            for item in _items(expectation):
                if isinstance(item, Members) and item.about:
                    key, value = item.about[-1], value_of(item)
                    found[key] = combined(found[key], value) if key in found else value
    return found


def _patterns(
    listing: Listing, known: Knowledge, request: Request, moments: Moments, action: Action
) -> Iterator[ResponsePattern]:
    """What the model answers to the list, early and late."""
    operation = replace(listing.operation, action=action)
    worlds = _worlds_of(listing, known)
    queries = all_reads(operation, request, worlds, moments.low)
    snapshot = snapshot_of(queries, worlds)
    for moment, ending in ((moments.low, moments.early), (moments.high, moments.late)):
        for outcome in step(snapshot, operation, request, moment, Given(ending=ending)):
            if isinstance(outcome.pattern, ResponsePattern) and listing.status in outcome.pattern.statuses:
                yield outcome.pattern


def _worlds_of(listing: Listing, known: Knowledge) -> Worlds:
    """What queries find, now that something was listed: what the list lies in is there."""
    scope = listing.scope

    def worlds(query: Query) -> tuple[Sequence[tuple[Record, ...]], bool]:
        fitting, is_sure = known.worlds(query)
        is_owner = query.key is not None and scope[: len(query.scope) + 1] == (*query.scope, query.key)
        is_less = is_owner and fitting[0] != ()
        return (fitting[:1], is_sure) if is_less or len(fitting) == 1 else (fitting[:1], False)

    return worlds


def _items(expectation: Expectation) -> tuple[Expectation, ...]:
    if isinstance(expectation, Items):
        return expectation.items
    if isinstance(expectation, Members):
        return tuple(item for each in expectation.members.values() for item in _items(each))
    return ()
