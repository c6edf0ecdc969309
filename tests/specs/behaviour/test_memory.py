"""What is remembered of records, and what goes with what."""

from __future__ import annotations

from understudy.specs.behaviour.declarations import Parent, Resource
from understudy.specs.behaviour.memory import End, Memory
from understudy.specs.behaviour.state import Clear, Put
from understudy.specs.behaviour.values import UNKNOWN, compile_value

SHELF = Resource("shelf", "id")
BOOK = Resource("book", "id", parent=Parent(SHELF, compile_value("$request.path.shelf")))
PAGE = Resource("page", "id", parent=Parent(BOOK, compile_value("$request.path.book")))
ROOM = Resource("room", "", singleton=True)
LAMP = Resource("lamp", "id", parent=Parent(ROOM, compile_value("$request.path.room")))


def memory() -> Memory:
    return Memory({each.name: each for each in (SHELF, BOOK, PAGE, ROOM, LAMP)})


def test_what_belongs_to_a_record_goes_with_it() -> None:
    kept = memory()
    kept.apply([Put(SHELF, (), "a", {"id": "a"}, 0), Put(SHELF, (), "b", {"id": "b"}, 0)])
    kept.apply([Put(BOOK, ("a",), "1", {"id": "1"}, 0), Put(BOOK, ("b",), "1", {"id": "1"}, 0)])
    kept.apply([Put(PAGE, ("a", "1"), "x", {"id": "x"}, 0)])
    kept.apply([Clear(SHELF, (), {"a": 1})])
    assert kept.find_end(("shelf", (), "a")) is End.DELETED
    assert kept.find_end(("book", ("a",), "1")) is End.CASCADE
    assert kept.find_end(("page", ("a", "1"), "x")) is End.CASCADE
    assert sorted(kept.names()) == [("book", ("b",), "1"), ("shelf", (), "b")]


def test_a_record_that_is_made_anew_is_there_again() -> None:
    kept = memory()
    kept.apply([Put(SHELF, (), "a", {"n": 1}, 0)])
    kept.apply([Clear(SHELF, (), {"a": 1}), Put(SHELF, (), "a", {"n": 2}, 0)])
    record = kept.find(("shelf", (), "a"))
    assert record is not None
    assert record.members == {"n": 2}
    assert kept.find_end(("shelf", (), "a")) is None


def test_what_is_doubted_is_neither_there_nor_gone() -> None:
    kept = memory()
    kept.apply([Put(SHELF, (), "a", {}, 0), Put(BOOK, ("a",), "1", {}, 0)])
    kept.drop(("shelf", (), "a"), None)
    for name in (("shelf", (), "a"), ("book", ("a",), "1")):
        assert kept.find(name) is None
        assert kept.find_end(name) is None


def test_a_record_keeps_its_turn_when_it_changes() -> None:
    kept = memory()
    kept.apply([Put(SHELF, (), "a", {}, 0), Put(SHELF, (), "b", {}, 0), Put(SHELF, (), "a", {"n": 1}, 1)])
    assert [(each.key, each.ordinal, each.version) for each in kept.records("shelf", ())] == [("a", 1, 2), ("b", 2, 1)]


def test_a_key_that_nobody_knows_is_left_out() -> None:
    kept = memory()
    kept.apply([Put(SHELF, (), UNKNOWN, {}, 0)])
    assert list(kept.names()) == []


def test_a_singleton_owns_its_whole_scope() -> None:
    kept = memory()
    kept.apply([Put(ROOM, ("t",), "*", {}, 0)])
    kept.apply([Put(LAMP, ("t", "any"), "l", {}, 0), Put(LAMP, ("u", "any"), "l", {}, 0)])
    assert kept.below(("room", ("t",), "*")) == (("lamp", ("t", "any"), "l"),)
