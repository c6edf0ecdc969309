from __future__ import annotations

import pytest

from understudy.specs.deferred import Deferred


def test_items_are_made_when_they_are_asked_for_and_once() -> None:
    made: list[int] = []

    def double(number: int) -> int:
        made.append(number)
        return number * 2

    found = Deferred((1, 2, 3), double)
    assert (len(found), made) == (3, [])
    assert (found[1], found[-2], found[1]) == (4, 4, 4)
    assert made == [2]
    assert list(found) == [2, 4, 6]
    assert (found[:2], found[::-1]) == ((2, 4), (6, 4, 2))
    assert made == [2, 1, 3]


@pytest.mark.parametrize("index", [2, -3, 99])
def test_a_place_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        Deferred((1, 2), str)[index]


def test_none_are_false() -> None:
    assert not Deferred((), str)
    assert Deferred((0,), str)
