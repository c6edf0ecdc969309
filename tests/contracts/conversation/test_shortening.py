"""The shortest conversation is found by leaving out, and costs no more than it may."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tests.apps.spoiled_library import LIBRARY
from understudy.contracts.conversation.moves import Move, Slot
from understudy.contracts.conversation.shortening import Budget, shortest, simpler
from understudy.specs.catalog import load_api
from understudy.specs.model import Location, Operation

SHELF = Slot(Location.PATH, "shelfId")


@cache
def operation(name: str) -> Operation:
    return load_api(LIBRARY).operations_by_name[name]


def move(number: int, label: str, /, *refs: int, **body: object) -> Move:
    described = operation(label).request_body
    media_type = described.content[0] if described is not None else None
    return Move(number, operation(label), 0, {}, media_type, body, tuple((SHELF, each) for each in refs))


def conversation() -> list[Move]:
    moves = [move(number, "makeShelf", name=f"shelf{number}", rows=3) for number in range(10)]
    moves += [move(10 + number, "readShelf", number) for number in range(10)]
    return [*moves, move(20, "deleteShelf", 4), move(21, "listShelves"), move(22, "readShelf", 4)]


def shows(moves: Sequence[Move]) -> bool:
    """The fault: a deleted shelf that is read again."""
    made, gone = set(), set()
    for each in moves:
        refs = [number for _, number in each.refs]
        if each.operation.id == "makeShelf":
            made.add(each.number)
        elif each.operation.id == "deleteShelf" and set(refs) <= made:
            gone.update(refs)
        elif each.operation.id == "readShelf" and set(refs) & gone:
            return True
    return False


def test_three_moves_are_left_of_twenty_three() -> None:
    tried = 0

    def counting(moves: Sequence[Move]) -> bool:
        nonlocal tried
        tried += 1
        return shows(moves)

    found = shortest(conversation(), counting, Budget(1_000, lambda: False))
    assert [each.number for each in found] == [4, 20, 22]
    assert found[0].body == {"name": "a"}
    assert tried <= 30


def test_no_more_is_sent_than_the_budget_has() -> None:
    budget = Budget(0, lambda: False)
    assert shortest(conversation()[:3], lambda _: True, budget)
    assert not budget.spend(1)
    assert not Budget(5, lambda: True).spend(1)


def test_simpler_requests_are_valid_ones() -> None:
    bodies = [each.body for each in simpler(move(1, "makeShelf", name="long", rows=3))]
    assert {"name": "long"} in bodies
    assert {"name": "a", "rows": 3} in bodies
    assert {"rows": 3} not in bodies
