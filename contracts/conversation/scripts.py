"""What conversations are about that have a subject: a resource, and one thing that goes wrong with records.

Each is a plan of which operation comes next; what it is sent with is drawn. Random conversations find what nobody
thought of; these see to it that what everybody should think of is tried first, for every resource.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Final, TypeAlias

from understudy.contracts.conversation.drawing import Drawer
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.moves import Move, slot_of
from understudy.contracts.conversation.querying import Places
from understudy.contracts.conversation.trust import Trust
from understudy.specs.behaviour.declarations import Resource, Verb
from understudy.specs.model import Operation

__all__ = ["Script", "subjects"]

Script: TypeAlias = Callable[[Drawer, Knowledge, Resource], Iterator[Move]]
"""Draws one move after the other; each is played before the next is drawn."""
Made: TypeAlias = Generator[Move, None, int | None]

TURNS: Final = 3
"""How often each change is made."""
LISTED: Final = 5
"""Records that a list is made of."""
ASKED: Final = 3
"""Pairs of filters, and half as many pages."""

_WRITES: Final = (Verb.UPDATE, Verb.MERGE, Verb.REPLACE, Verb.UPSERT)
_LOOKS: Final = (Verb.READ, Verb.LIST)


def life(drawer: Drawer, known: Knowledge, resource: Resource) -> Iterator[Move]:
    """A record is made, changed in every way there is, several times, and looked at after each change."""
    about = yield from _make(drawer, known, resource)
    writes = drawer.matching(resource.name, _WRITES)
    for operation in drawer.random.sample(writes * TURNS, len(writes) * TURNS):
        yield from _do(drawer, known, operation, about)
        yield from _look(drawer, known, resource, about)
    yield from _end(drawer, known, resource, about)


def lists(drawer: Drawer, known: Knowledge, resource: Resource) -> Iterator[Move]:
    """A list of several records is asked for whole, by each filter, by two at once, and page by page."""
    made = [(yield from _make(drawer, known, resource))]
    for _ in range(LISTED - 1):
        made.append((yield from _make(drawer, known, resource, beside=made[0])))
    writes = drawer.matching(resource.name, _WRITES)
    for about in made[:2] if writes else ():
        yield from _do(drawer, known, drawer.random.choice(writes), about)
    for operation in drawer.matching(resource.name, (Verb.DELETE,))[:1]:
        yield from _do(drawer, known, operation, made[2])
    operations = drawer.matching(resource.name, (Verb.LIST,))
    for operation in operations:
        yield from _ask(drawer, known, operation, made[0])
    for operation in operations:
        # What one list has told is known to the next.
        yield from _do(drawer, known, operation, made[0])


def others(drawer: Drawer, known: Knowledge, resource: Resource) -> Iterator[Move]:
    """A record is asked for where it isn't, by everything that names one: for another tenant, below another owner, by
    a key that nobody has."""
    owner = None
    if resource.parent is not None:
        owner = yield from _make(drawer, known, resource.parent.resource)
    about = yield from _make(drawer, known, resource, beside=owner)
    if resource.parent is not None:
        yield from _make(drawer, known, resource.parent.resource, beside=owner)
    operations = [*drawer.matching(resource.name, _LOOKS), *drawer.matching(resource.name, (*_WRITES, Verb.DELETE))]
    ways = 2 if resource.parent is not None else 1
    for operation in operations:
        for _ in range(ways):
            yield from _do(drawer, known, operation, about, astray=True)
        yield from _do(drawer, known, operation, about, nobodys=True)
    yield from _look(drawer, known, resource, about)


def families(drawer: Drawer, known: Knowledge, resource: Resource) -> Iterator[Move]:
    """Of two records to which others belong one is deleted; then both are looked at, with what belongs to them."""
    below = [each for each in drawer.trust.resources.values() if each.parent and each.parent.resource is resource]
    one = yield from _make(drawer, known, resource)
    other = yield from _make(drawer, known, resource, beside=one)
    children: list[tuple[Resource, int | None, int | None]] = []
    for kind in below:
        for owner in (one, other):
            child = yield from _make(drawer, known, kind, beside=owner)
            children.append((kind, owner, child))
    yield from _look(drawer, known, resource, one)
    yield from _end(drawer, known, resource, one)
    for kind, owner, child in children:
        for operation in drawer.matching(kind.name, (Verb.READ,)):
            yield from _do(drawer, known, operation, child)
        for operation in drawer.matching(kind.name, (Verb.LIST,)):
            yield from _do(drawer, known, operation, owner)
    for operation in drawer.matching(resource.name, (Verb.READ, *_WRITES, Verb.DELETE)):
        yield from _do(drawer, known, operation, one)
    yield from _look(drawer, known, resource, other)


def subjects(trust: Trust, operations: Sequence[Operation]) -> Iterator[tuple[Script, Resource]]:
    """Each script with each resource that it says something of."""
    for resource in trust.resources.values():
        verbs = {each.action.verb for each in operations if each.action and each.action.resource is resource}
        is_made = bool(verbs & {Verb.CREATE, Verb.UPSERT})
        is_apart = bool(resource.scope) or resource.parent is not None
        if is_made or resource.singleton:
            yield life, resource
        if is_made and Verb.LIST in verbs:
            yield lists, resource
        if is_made and (is_apart or Verb.READ in verbs):
            yield others, resource
        if is_made and Verb.DELETE in verbs:
            yield families, resource


def _make(drawer: Drawer, known: Knowledge, resource: Resource, beside: int | None = None) -> Made:
    """A record, and what it has to belong to.

    Args:
        beside: The move that made a record in the same place, or the one that it is to belong to.

    Returns:
        The move that made it; None where nothing makes one.
    """
    above = resource.parent.resource if resource.parent is not None else None
    if beside is None and above is not None and not above.singleton:
        beside = yield from _make(drawer, known, above)
    for operation in drawer.matching(resource.name, (Verb.CREATE, Verb.UPSERT))[:1]:
        move = drawer.build(operation, known, beside, astray=False)
        if move is not None:
            yield move
            return move.number if move.number in known.made else None
    return None


def _do(
    drawer: Drawer,
    known: Knowledge,
    operation: Operation,
    about: int | None,
    *,
    astray: bool = False,
    nobodys: bool = False,
) -> Iterator[Move]:
    """An operation with a record, and a look at what else that changes."""
    move = drawer.build(operation, known, about, plain=True, astray=astray, nobodys=nobodys)
    if move is None:
        return
    yield move
    for other in operation.action.also if operation.action is not None else ():
        for number in [number for slot, number in move.refs if slot == slot_of(other.key)]:
            yield from _look(drawer, known, other.resource, number)


def _look(drawer: Drawer, known: Knowledge, resource: Resource, about: int | None) -> Iterator[Move]:
    for operation in drawer.matching(resource.name, (Verb.READ,)):
        yield from _do(drawer, known, operation, about)


def _end(drawer: Drawer, known: Knowledge, resource: Resource, about: int | None) -> Iterator[Move]:
    """The record is deleted, looked at, and deleted again."""
    if about is None:
        return
    for operation in drawer.matching(resource.name, (Verb.DELETE,))[:1]:
        yield from _do(drawer, known, operation, about)
        yield from _look(drawer, known, resource, about)
        yield from _do(drawer, known, operation, about)


def _ask(drawer: Drawer, known: Knowledge, operation: Operation, about: int | None) -> Iterator[Move]:
    """A list as a whole, then what its parameters make of it."""
    action = operation.action
    assert action is not None
    questions, filters = drawer.questions, drawer.questions.filters(operation, action)
    whole = drawer.build(operation, known, about, plain=True)
    if whole is None:
        return
    yield whole

    def asked(*chosen: Places) -> Iterator[Move]:
        wanted = {place: value for each in chosen for place, value in each.items()}
        move = drawer.build(operation, known, about, queries=wanted)
        if wanted and move is not None:
            yield move

    for parameter in filters:
        for part in (0.0, 0.0, 1.0):
            yield from asked(questions.about(operation, action, parameter, known, part=part))
        yield from asked(questions.about(operation, action, parameter, known), questions.page(operation, action))
    for _ in range(ASKED if len(filters) > 1 else 0):
        one, other = drawer.random.sample(filters, 2)
        yield from asked(*(questions.about(operation, action, each, known) for each in (one, other)))
    for _ in range(2 * ASKED):
        yield from asked(questions.page(operation, action))
        for parameter in questions.continued(operation, filters, known):
            page = questions.page(operation, action)
            yield from asked(page, questions.about(operation, action, parameter, known))
