from __future__ import annotations

import pytest

from understudy.mockserver.problems import ProblemRaised
from understudy.mockserver.requests.preferences import NO_WISHES, Preferences, read_preferences
from understudy.specs.problems import ProblemKind


def test_no_header_and_no_query_form_is_no_wish() -> None:
    assert read_preferences(None, b"limit=3&_code=4") is NO_WISHES


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (b"code=404", Preferences(code=404)),
        (b"code = 404 , example=two", Preferences(code=404, example="two")),
        (b'example="a \\"b\\", c"', Preferences(example='a "b", c')),
        (b"dynamic=true", Preferences(dynamic=True)),
        (b"dynamic=false", Preferences(dynamic=False)),
        (b"dynamic", Preferences(dynamic=True)),
        (b"Code=200", Preferences(code=200)),
        (b"code=200; x=1, dynamic", Preferences(code=200, dynamic=True)),
        (b"code=200, code=404", Preferences(code=200)),
        (b"delay=250ms", Preferences(delay=0.25)),
        (b"seed=7", Preferences(seed=7)),
        (b"respond-async, wait=100, handling=lenient", NO_WISHES),
        (b"return=minimal, example=two", Preferences(example="two")),
        (b",, ,code=404,,", Preferences(code=404)),
        (b"example=", Preferences(example="")),
        (b'"unclosed, code=404', Preferences(code=404)),
    ],
)
def test_wishes_of_the_header(header: bytes, wanted: Preferences) -> None:
    assert read_preferences(header, b"") == wanted


def test_prisms_query_forms_say_the_same() -> None:
    query = b"__code=404&__example=not%20there&__dynamic=true&limit=3"
    assert read_preferences(None, query) == Preferences(code=404, example="not there", dynamic=True)


def test_the_header_goes_before_the_query() -> None:
    assert read_preferences(b"code=201", b"__code=404&__example=x") == Preferences(code=201, example="x")


@pytest.mark.parametrize(
    "header",
    [b"code=abc", b"code=99", b"code=600", b"code=", b"code=4\xd9\xa04", b"dynamic=yes", b"delay=5", b"delay=-1s",
     b"seed=-1", b"seed=1.5", b"seed=" + b"9" * 30, b"a" * 5000],
)  # fmt: skip
def test_an_ill_formed_wish_is_a_clear_problem(header: bytes) -> None:
    with pytest.raises(ProblemRaised) as raised:
        read_preferences(header, b"")
    problem = raised.value.problem
    assert problem.kind is ProblemKind.MALFORMED_REQUEST
    assert problem.status == 422
    assert problem.objections[0].location == "header"
    assert problem.objections[0].pointer == "/Prefer"


def test_an_ill_formed_query_form_names_its_place() -> None:
    with pytest.raises(ProblemRaised) as raised:
        read_preferences(None, b"__code=abc")
    assert str(raised.value.problem.objections[0]).startswith("query /__code: 'abc'")


@pytest.mark.parametrize(
    "header", [b'"' * 4000, b'"\\' * 2000, b"," * 4000, b"a=" + b" " * 4000 + b'"', b"\xff" * 4000]
)
def test_no_header_costs_much(header: bytes) -> None:
    assert read_preferences(header, b"") == NO_WISHES


def test_what_was_applied_can_be_said_in_a_header() -> None:
    wish = Preferences(code=404, example='snow"☃', dynamic=False, delay=0.25, seed=7)
    assert wish.applied == b'code=404, example="snow\\"\\\\u2603", dynamic=false, delay=250ms, seed=7'
    assert NO_WISHES.applied == b""
