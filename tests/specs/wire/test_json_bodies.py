"""JSON texts, good and bad: exact values, places of faults, limits."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from understudy.specs.wire.json_bodies import MAX_DEPTH, MalformedJson, dump_json, find_duplicate_keys, load_json
from understudy.specs.wire.json_numbers import MAX_DIGITS, parse_number


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, -2.5, true, null, "x"]}', {"a": [1, -2.5, True, None, "x"]}),
        (b" \r\n\t7 ", 7),
        (b"\xef\xbb\xbf{}", {}),
        ('"é😀"'.encode(), "é😀"),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'[1e5, "\\ud83d\\ude00", 1e400]', [1e5, "😀", Decimal("1e400")]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775809", -(2**63) - 1),
        (b"18446744073709551616", 2**64),
        (b"[123456789012345678901234567890]", [123456789012345678901234567890]),
        (b"0.1", 0.1),
        (b"1.10", 1.1),
        (b"12345678901234567.0", Decimal("12345678901234567.0")),
        (b"0.12345678901234568", 0.12345678901234568),
        (b"0.12345678901234567890", Decimal("0.12345678901234567890")),
        (b"1e400", Decimal("1e400")),
        (b"1e-400", Decimal("1e-400")),
        (b"5e-324", 5e-324),
        (b"123456789012345e-330", Decimal("123456789012345e-330")),
        (b"0e-400", 0.0),
        (b'"1e-400 and 123456789012345678901234567890"', "1e-400 and 123456789012345678901234567890"),
    ],
)
def test_load_json_keeps_the_exact_value(body: bytes, value: object) -> None:
    loaded = load_json(body)
    assert loaded == value
    assert type(loaded) is type(value)


def test_numbers_may_have_exactly_the_limit() -> None:
    nines = b"9" * MAX_DIGITS
    assert load_json(nines) == 10**MAX_DIGITS - 1
    assert load_json(b"0." + b"9" * (MAX_DIGITS - 2)) == Decimal("0." + "9" * (MAX_DIGITS - 2))
    assert load_json(b"[1e4300, 1e-4300]") == [Decimal("1e4300"), Decimal("1e-4300")]


def test_integers_and_fractions_stay_apart() -> None:
    assert [type(number) for number in load_json(b"[1, 1.0, 1e0, -0, -0.0]")] == [int, float, float, int, float]
    assert math.copysign(1, load_json(b"[-0.0]")[0]) == -1


@pytest.mark.parametrize(
    ("body", "line", "column", "reason"),
    [
        (b"", 1, 1, "there is no JSON value"),
        (b"\xef\xbb\xbf", 1, 1, "there is no JSON value"),
        (b" \n ", 1, 1, "there is no JSON value"),
        (b'{"a":1', 1, 7, "Expecting ',' delimiter"),
        (b'{"a":1}\n\n  x', 3, 3, "Extra data"),
        (b'{\n "a": \n}', 3, 1, "Expecting value"),
        (b"{'a': 1}", 1, 2, "Expecting property name"),
        ('["é", x]'.encode(), 1, 7, "Expecting value"),
        (b'"a\nb"', 1, 3, "Invalid control character"),
        (b"[\n  NaN]", 2, 3, "'NaN' is not a JSON number"),
        (b"[-Infinity]", 1, 2, "'-Infinity' is not a JSON number"),
        (b"01", 1, 2, "Extra data"),
        (b"+1", 1, 1, "Expecting value"),
        (b".5", 1, 1, "Expecting value"),
        (b'["ok\\\\", "\\ud800"]', 1, 10, "half of a surrogate pair"),
        (b'[1e400,\n"\\udc00x"]', 2, 1, "half of a surrogate pair"),
        (b'{"\\ud800": 1}', 1, 2, "half of a surrogate pair"),
        (b'["\xc3\xa9",\n "\xff"]', 2, 3, "octet 9 is not UTF-8"),
        (b'{"a":1}'.decode().encode("utf-16"), 1, 1, "octet 0 is not UTF-8"),
        (b"[1" + b"0" * MAX_DIGITS + b"]", 1, 2, "more than 4300 digits"),
        (b"[0." + b"1" * MAX_DIGITS + b"]", 1, 2, "more than 4300 digits"),
        (b"[1, 1e4301]", 1, 5, "power of ten above 4300"),
        (b"[1, 1e-9999999999999999999999]", 1, 5, "power of ten above 4300"),
        (b"<html>", 1, 1, "Expecting value"),
    ],
)
def test_load_json_says_what_is_wrong_and_where(body: bytes, line: int, column: int, reason: str) -> None:
    with pytest.raises(MalformedJson) as caught:
        load_json(body)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason
    assert str(caught.value) == f"line {line}, column {column}: {caught.value.reason}"


@pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_depth_is_bounded(start: bytes, end: bytes) -> None:
    times = MAX_DEPTH // start.count(b"[") if start == b"[" else MAX_DEPTH // (1 + start.count(b"["))
    good = start * times + b"1" + end * times
    assert load_json(good) == load_json(b" " + good)
    for much in (times + 1, 1000, 5000, 100_000):
        with pytest.raises(MalformedJson, match="nested more than 256 deep"):
            load_json(start * much + b"1" + end * much)
        with pytest.raises(MalformedJson):
            load_json(start * much)
    with pytest.raises(MalformedJson, match=r"line 2, column 257: .* nested more than 256 deep"):
        load_json(b"\n" + b"[" * 300 + b"]" * 300)
    with pytest.raises(MalformedJson, match="nested more than 256 deep"):
        load_json(b"[" + b"[" * 300 + b"12345678901234567890123" + b"]" * 300 + b"]")


def test_brackets_in_strings_are_no_depth() -> None:
    assert load_json(b'["' + b"[{" * 500 + b'"]') == ["[{" * 500]
    with pytest.raises(MalformedJson, match=r"line 1, column 760: .*nested"):
        load_json(b'["' + b"]" * 500 + b'",' + b"[" * 300 + b"]" * 300 + b"]")


def test_many_small_containers_are_no_depth() -> None:
    assert load_json(b"[" + b"{}," * 1000 + b"[]]") == [{}] * 1000 + [[]]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b"{}", ()),
        (b"[1]", ()),
        (b'{"a": 1, "b": {"a": 2}}', ()),
        (b'{"a": 1, "b": 2, "a": 3}', ("/a",)),
        (b'{"x/y": [{}, {"k": 1, "k": {"z": 1, "z": 2, "z": 3}}], "a": 1, "a": 1}', ("/a", "/x~1y/1/k", "/x~1y/1/k/z")),
        (b'[{"a": 1, "a": 2}, [{"b": 1, "b": 2}, 7], [{"c": 1, "c": 2}]]', ("/0/a", "/1/0/b", "/2/0/c")),
        (b'{"x": {"p": {"a": 1, "a": 2}}, "y": {"q": {"b": 1, "b": 2}}}', ("/x/p/a", "/y/q/b")),
        (b'\xef\xbb\xbf{"": 1, "\\u0000": 2, "\\u0000": 3}', ("/\0",)),
    ],
)
def test_find_duplicate_keys(body: bytes, pointers: tuple[str, ...]) -> None:
    assert find_duplicate_keys(body) == pointers


def test_find_duplicate_keys_of_what_is_not_json() -> None:
    with pytest.raises(MalformedJson):
        find_duplicate_keys(b'{"a": 1, "a"}')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, 2.5, None, True, "é"]}, '{"a":[1,2.5,null,true,"é"]}'),
        (2**64, "18446744073709551616"),
        (Decimal("0.10"), "0.10"),
        ([Decimal("1E+400"), {"k": (2**70, False, None)}], '[1E+400,{"k":[1180591620717411303424,false,null]}]'),
        ([Decimal("NaN"), float("inf")], "[null,null]"),
        ([float("nan")], "[null]"),
        ('"\ud800é', '"\\"\\ud800\\u00e9"'),
        ({"\ud800": "é", "b": 2**70}, '{"\\ud800":"é","b":1180591620717411303424}'),
    ],
)
def test_dump_json(value: object, text: str) -> None:
    assert dump_json(value) == text.encode()


def test_dump_json_writes_integers_that_python_does_not() -> None:
    assert dump_json([-(10**5000)]) == b"[-1" + b"0" * 5000 + b"]"


def test_dump_json_deeper_than_orjson_goes() -> None:
    value: list[object] = []
    for _ in range(300):
        value = [value]
    assert dump_json(value) == b"[" * 301 + b"]" * 301


@pytest.mark.parametrize("value", [{1: 2}, [b"x"], {"a": {2**70: 1}}, object(), [2**70, {1}]])
def test_dump_json_refuses_what_json_has_not(value: object) -> None:
    with pytest.raises(TypeError):
        dump_json(value)


@pytest.mark.parametrize("text", ["", "-", "+1", "01", "1.", ".5", "1e", "0x1", " 1", "1 ", "1_0", "٣", "NaN", "1\n"])
def test_parse_number_takes_only_what_json_writes(text: str) -> None:
    with pytest.raises(ValueError, match="is not a JSON number"):
        parse_number(text)
