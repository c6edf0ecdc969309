from __future__ import annotations

import pytest

from understudy.specs.generation import chance
from understudy.specs.generation.chance import Chance


def test_a_key_gives_the_same_numbers_in_every_process() -> None:
    random = Chance("a key")
    # Written down: any other process, and any other version, has to come to the same.
    assert [int(random.random() * 1000) for _ in range(10)] == [77, 554, 626, 107, 853, 952, 290, 567, 34, 490]
    assert random.getrandbits(100) == 262310938918499245002906816912


def test_numbers_are_spread_evenly_and_differ_by_key() -> None:
    random = Chance("x")
    drawn = [random.random() for _ in range(4000)]
    assert min(drawn) >= 0
    assert max(drawn) < 1
    assert all(340 <= sum(at <= 10 * each < at + 1 for each in drawn) <= 460 for at in range(10))
    assert len({Chance(str(key)).random() for key in range(1000)} | set(drawn)) == 5000


def test_the_largest_number_is_below_one() -> None:
    assert chance._TO_UNIT(2**64 - 1) < 1
    assert chance._TO_UNIT(0) == 0


@pytest.mark.parametrize("count", [1, 8, 24, 32, 33, 48, 128, 256])
def test_bits_are_as_many_as_were_asked_for(count: int) -> None:
    drawn = [Chance(str(key)).getrandbits(count) for key in range(64)]
    assert max(drawn).bit_length() == count
    assert len(set(drawn)) >= min(2**count, 8)


def test_a_key_may_hold_half_a_surrogate_pair() -> None:
    assert Chance("\ud800").random() != Chance("\ud801").random()
