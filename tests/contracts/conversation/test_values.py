"""Values of which not everything is known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from understudy.contracts.conversation.values import Between, bind, combined, differences, is_known, opened, same
from understudy.specs.behaviour.values import UNKNOWN
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING

LOW, HIGH = "2026-01-01T00:00:00Z", "2026-01-01T00:02:00Z"
SPAN = Between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (1, 1.0, 1),
        (1, True, UNKNOWN),
        ("a", "b", UNKNOWN),
        (LOW, HIGH, SPAN),
        (HIGH, LOW, SPAN),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": 1, "b": UNKNOWN}),
        ({"a": 1}, {}, {"a": UNKNOWN}),
        ([1, "x"], [1, "y"], [1, UNKNOWN]),
        ([1], [1, 2], UNKNOWN),
        (UNKNOWN, 1, UNKNOWN),
        ("the prose", "the prose and more", "the prose"),
        (["the prose", 2], ["the prose and more", 5], ["the prose", UNKNOWN]),
    ],
)
def test_what_two_guesses_have_in_common(one: Json, other: Json, both: Json) -> None:
    assert combined(one, other, "the prose") == both


@pytest.mark.parametrize(
    ("expected", "actual", "where"),
    [
        ({"a": 1}, {"a": 1, "more": 2}, []),
        ({"a": 1}, {}, ["/a"]),
        ({"a": None}, {}, []),
        ({"a": UNKNOWN}, {}, []),
        ({"a": [1, 2]}, {"a": [1]}, ["/a"]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1, "id": 7}, {"b": 3}]}, ["/a/1/b"]),
        (SPAN, "2026-01-01T01:01:00+01:00", []),
        (SPAN, "2026-01-01T00:03:00Z", [""]),
        (SPAN, "soon", [""]),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", []),
        (1, 1.0, []),
        (1, True, [""]),
        ("a", MISSING, [""]),
    ],
)
def test_where_a_value_differs(expected: Json, actual: Json, where: list[str]) -> None:
    assert [each.pointer for each in differences(expected, actual)] == where


def test_what_should_be_gone_and_is_still_there() -> None:
    before = {"tags": {"old": 1, "moved": 2}, "note": "x"}
    found = list(differences({"tags": {"new": 3}}, {"tags": {"new": 3, "old": 1, "moved": 9}, "note": "x"}, before))
    assert sorted(each.pointer for each in found) == ["/note", "/tags/old"]
    assert all(each.expected is MISSING for each in found)


def test_binding_takes_only_what_was_open() -> None:
    value = {"a": 1, "b": UNKNOWN, "c": [SPAN, 2], "d": UNKNOWN}
    assert bind(value, {"a": 9, "b": 8, "c": [LOW, 7], "e": 6}) == {"a": 1, "b": 8, "c": [LOW, 2], "d": UNKNOWN}


def test_what_is_between_is_open() -> None:
    assert opened({"a": [SPAN, 1]}) == {"a": [UNKNOWN, 1]}
    assert not is_known({"a": [SPAN]})
    assert is_known({"a": [1, None]})


@pytest.mark.parametrize(("one", "other"), [(0, False), (1, True), ("1", 1), ([], {}), (None, False), ({"a": 1}, {})])
def test_values_that_are_not_the_same(one: Json, other: Json) -> None:
    assert not same(one, other)
    assert not same(other, one)
