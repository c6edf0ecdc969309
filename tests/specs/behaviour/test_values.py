"""Values of declarations: what an expression is bound to, and the functions of our own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from understudy.specs.behaviour.cel_values import Rows
from understudy.specs.behaviour.mentions import is_handed_over, mentions_of, only
from understudy.specs.behaviour.values import UNKNOWN, Scene, ValueFailed, compile_value
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def evaluate(source: Json, body: Json = None, **names: Json) -> Json:
    scene = Scene({"path": {}, "query": {}, "body": body if body is not None else {}}, {"now": NOW, **names})
    return compile_value(source, frozenset(names)).evaluate(scene)


@pytest.mark.parametrize(
    ("source", "mentioned"),
    [
        ("record.a == 1", {"a": None}),
        ("record.a.b + record.a.c", {"a": {"b": None, "c": None}}),
        ("record.a.b + size(record.a)", {"a": None}),
        ("get(record, 'a', 1)", {"a": None}),
        ("get(get(record.a, 'b', {}), 'c', 1)", {"a": {"b": None}}),
        ("record.a.map(x, x.b)", {"a": None}),
        ("has(record.a) && records.exists(r, r.b)", {"a": None}),
        ("merge(record, {})", None),
        ("record[request.query.x]", None),
        ("record.a + size(record)", None),
        ("x.record.a", None),
    ],
)
def test_an_expression_mentions_members(source: str, mentioned: Json) -> None:
    assert mentions_of(source, "record") == mentioned


@pytest.mark.parametrize(
    ("source", "handed"),
    [
        ("tally(books, 'a')", True),
        ("length( books ) + length(having(books, 'a', 1))", True),
        ("size(books)", False),
        ("tally(books.filter(b, b.a), 'a')", False),
        ("having(record.books, 'a', books)", False),
        ("books", False),
        ("1", False),
    ],
)
def test_a_list_is_only_handed_over_where_nothing_else_is_done_with_it(source: str, handed: bool) -> None:
    assert is_handed_over(source, "books", ["tally", "length", "having"]) is handed


def test_a_list_that_is_handed_over_is_what_a_copy_would_be() -> None:
    rows = Rows([{"a": 1.0, "note": "x"}, {"a": 2, "note": UNKNOWN}, {"a": 1, "note": "y"}])
    assert evaluate("= tally(books, 'a')", books=rows) == {"1": 2, "2": 1}
    assert evaluate("= having(books, 'a', 1).map(each, each.a)", books=rows) == [1, 1]
    assert evaluate("= having(books, 'note', 'x')", books=rows) is UNKNOWN
    assert evaluate("= length(books) + length(request.body)", "abc", books=rows) == 6


def test_what_is_not_mentioned_is_not_bound() -> None:
    assert only({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": None}}) == {"a": {"b": 1}}
    assert only([1], {"a": None}) == [1]
    assert evaluate("= record.a", record={"a": 1, "b": [0] * 30_000}) == 1
    with pytest.raises(ValueFailed, match="more than 500,000 values"):
        evaluate("= size(record.b)", record={"a": 1, "b": [0] * 500_000})
    with pytest.raises(ValueFailed, match="more than 20,000 values"):
        evaluate("= record.b.all(x, record.b.all(y, x == y))", record={"a": 1, "b": [0] * 30_000})


def test_numbers_are_those_of_json() -> None:
    assert evaluate("= take('abc', request.body.n)", {"n": 2.0}) == "ab"
    assert evaluate("= request.body.n + 1", {"n": 41.0}) == 42
    assert evaluate("= request.body.n > 1.0", {"n": 10**30}) is True
    assert evaluate("= request.body.n > 1.0", {"n": 10**400}) is True


def test_functions_of_our_own() -> None:
    assert evaluate("= object(['a', 'b'], [1, 2])") == {"a": 1, "b": 2}
    assert evaluate("= until('one, two. three', ['.', ',', ''])") == "one"
    assert evaluate("= until('one', ['x'])") == "one"
    with pytest.raises(ValueFailed, match="2 names and 1 values"):
        evaluate("= object(['a', 'b'], [1])")


def test_a_member_that_is_not_there_makes_a_value_absent() -> None:
    assert evaluate("= {'a': 1}[request.body.kind]", {"kind": "b"}) is MISSING
    assert evaluate({"x": "= request.body.none", "y": 1}) == {"y": 1}


def test_functions_about_words_and_lines() -> None:
    assert evaluate("= coverage('The lighthouse opens at ten.', 'WHEN is the lighthouse open')") == 0.4
    assert evaluate("= coverage('', 'word')") == evaluate("= coverage('word', '?!')") == 0.0
    assert evaluate("= coverage('a b c', 'c b a c')") == 1.0
    assert evaluate("= arguments(request.body.s)", {"s": "-t 'two words' -n \"it's\""}) == [
        "-t",
        "two words",
        "-n",
        "it's",
    ]
    assert evaluate("= arguments(request.body.s)", {"s": "-c isn't closed"}) == ["-c", "isn't", "closed"]
    assert evaluate("= arguments('')") == []
    assert evaluate("= jsonLines(request.body.s)", {"s": '{"a": "é"}\n\n[1]\r\n2'}) == [{"a": "é"}, [1], 2]
    assert evaluate("= jsonLines('')") == []
    with pytest.raises(ValueFailed, match="line 2"):
        evaluate("= jsonLines(request.body.s)", {"s": "1\n{\n"})


def test_functions_about_lists_of_objects() -> None:
    body = {"l": [{"s": "a", "n": 1}, {"s": "b"}, {"s": "a", "n": None}, 7, {}]}
    assert evaluate("= having(request.body.l, 's', 'a')", body) == [{"n": 1, "s": "a"}, {"n": None, "s": "a"}]
    assert evaluate("= having(request.body.l, 'n', null)", body) == [{"n": None, "s": "a"}]
    assert evaluate("= tally(request.body.l, 's')", body) == {"a": 2, "b": 1}
    assert evaluate("= tally([], 's')") == {}


def test_objects_of_expressions_are_in_one_order() -> None:
    assert [list(evaluate("= {'b': 1, 'a': {'d': 2, 'c': 3}}")) for _ in range(20)] == [["a", "b"]] * 20


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("= other == null", True),
        ("= other != null && other.id == 'a'", False),
        ("= get(other, 'id', 'none')", "none"),
        ("= other.id", MISSING),
        ("= other.id == null", MISSING),
        ("= size('get(other') > 0 && other", MISSING),
    ],
)
def test_an_expression_may_say_what_it_is_without_a_name(source: str, expected: Json) -> None:
    assert compile_value(source, frozenset({"other"})).evaluate(Scene({}, {"now": NOW})) == expected


def test_a_long_text_is_moved_whole_by_what_does_not_name_it() -> None:
    long = "wide " * 20_000
    note = {"id": "a", "texts": [{"note": long, "size": 1}], "note": long}
    assert evaluate("= record", record=note) == note
    assert evaluate("= record.texts.map(each, merge(each, {'size': 2}))", record=note) == [{"note": long, "size": 2}]
    assert evaluate("= length(record.note)", record=note) == 100_000
    assert evaluate("= record.texts.map(each, length(each.note))", record=note) == [100_000]


def test_a_plain_member_or_a_function_of_one_takes_any_length() -> None:
    octets = "\xff" * (33 * 1024 * 1024)
    assert evaluate("= length(request.body.file)", {"file": octets}) == len(octets)
    assert evaluate("= record.file", record={"file": octets}) == octets
    with pytest.raises(ValueFailed, match="more than"):
        evaluate("= length(record.file + 'x')", record={"file": octets})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("= record.n", 1),
        ("= record.none", MISSING),
        ("= length(record.list)", 2),
        ("= length( record.text )", 3),
        ("= upper(record.text)", "ABC"),
        ("= size(record.text)", 3),
        ("= record.deep.text", "x"),
        ("= record.nothing", None),
    ],
)
def test_a_plain_expression_is_what_cel_says(source: str, expected: Json) -> None:
    record = {"n": 1.0, "list": [1, 2], "text": "abc", "deep": {"text": "x"}, "nothing": None}
    assert evaluate(source, record=record) == expected


def test_a_function_that_does_not_fit_a_text_says_so() -> None:
    with pytest.raises(ValueFailed, match=r"octets\(record.text\)"):
        evaluate("= octets(record.text)", record={"text": "no base64!"})
