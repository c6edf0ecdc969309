"""JSON Lines and JSON text sequences: each case whole, octet by octet and cut in two at every place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.wire.jsonl import (
    MalformedRecord,
    Parser,
    Record,
    SequenceParser,
    encode_line,
    encode_sequence_record,
)


def cuts(content: bytes) -> Iterator[list[bytes]]:
    yield [content]
    yield [content[i : i + 1] for i in range(len(content))]
    for place in range(len(content)):
        yield [content[:place], b"", content[place:]]


def read(make: Callable[[], Parser | SequenceParser], content: bytes) -> list[Record | MalformedRecord]:
    """The items of the content, which must be the same however it is cut."""
    results = []
    for pieces in cuts(content):
        parser = make()
        results.append([item for piece in pieces for item in parser.feed(piece)] + parser.close())
    assert all(result == results[0] for result in results)
    return results[0]


@pytest.mark.parametrize(
    ("content", "values"),
    [
        (b"", []),
        (b'{"a":1}\n[2]\n', [(1, {"a": 1}), (2, [2])]),
        (b'{"a":1}\r\n2\r\n', [(1, {"a": 1}), (2, 2)]),
        (b"1\n2", [(1, 1), (2, 2)]),
        (b"\n\n 1 \n\t\r\n2\n\n", [(3, 1), (5, 2)]),
        (b"\xef\xbb\xbf1\n", [(1, 1)]),
        (b"\xef\xbb\xbf", []),
        ('"é\u2028\x85"\n'.encode(), [(1, "é\u2028\x85")]),
        (b'"a\\nb"\nnull\nfalse\n', [(1, "a\nb"), (2, None), (3, False)]),
        (b"123456789012345678901234567890\n", [(1, 123456789012345678901234567890)]),
        (b"0.12345678901234567890\n", [(1, Decimal("0.12345678901234567890"))]),
        (b'{"a":\r1}\n', [(1, {"a": 1})]),
    ],
)
def test_lines(content: bytes, values: list[tuple[int, Json]]) -> None:
    assert read(Parser, content) == [Record(line, value) for line, value in values]


@pytest.mark.parametrize(
    ("content", "line", "reason", "text"),
    [
        (b'1\n{"a":\n2\n', 2, "column 6: Expecting value", '{"a":'),
        (b"1\n{'a': 1}\n2\n", 2, "column 2: Expecting property name enclosed in double quotes", "{'a': 1}"),
        (b"1\n2 3\n2\n", 2, "column 3: Extra data", "2 3"),
        (b'1\n{"a":1}\r{"b":2}\n2\n', 2, "line 1, column 9", '{"a":1}\r{"b":2}'),
        (b"1\n\xff\n2\n", 2, "column 1: octet 0 is not UTF-8", "\ufffd"),
        (b"1\n\xef\xbb\xbf3\n2\n", 2, "a byte order mark inside the content", "\ufeff3"),
        (b"1\nNaN\n2\n", 2, "column 1: 'NaN' is not a JSON number", "NaN"),
        (b"1\n" + b"x" * 300 + b"\n2\n", 2, "column 1: Expecting value", "x" * 200),
        (
            b"1\n" + b"[" * 300 + b"]" * 300 + b"\n2\n",
            2,
            "column 257: objects and arrays are nested more than 256 deep",
            "[" * 200,
        ),
        (b"1\n" + b'"' + b"x" * 700 + b'"\n2\n', 2, "longer than 700 octets", '"' + "x" * 199),
    ],
)
def test_a_bad_line_hides_no_other(content: bytes, line: int, reason: str, text: str) -> None:
    first, bad, last = read(lambda: Parser(max_record_bytes=700), content)
    assert (first, last) == (Record(1, 1), Record(3, 2))
    assert isinstance(bad, MalformedRecord)
    assert (bad.line, bad.text) == (line, text)
    assert reason.removeprefix("line 1, ") in bad.reason


def test_an_unfinished_last_line_is_malformed() -> None:
    assert read(Parser, b'1\n{"a"') == [
        Record(1, 1),
        MalformedRecord(2, "column 5: Expecting ':' delimiter", '{"a"'),
    ]


def test_a_long_line_is_given_up_while_it_comes() -> None:
    parser = Parser(max_record_bytes=10)
    assert parser.feed(b"1\n" + b"x" * 11) == [Record(1, 1), MalformedRecord(2, "longer than 10 octets", "x" * 10)]
    for _ in range(100):
        assert parser.feed(b"x" * 1000) == []
    assert parser.feed(b"\n" + b"2" * 10 + b"\n") == [Record(3, 2222222222)]


def test_lines_are_given_as_they_come() -> None:
    parser = Parser()
    assert [parser.feed(chunk) for chunk in (b"1", b"\n2\n3", b"4\n")] == [
        [],
        [Record(1, 1), Record(2, 2)],
        [Record(3, 34)],
    ]


@pytest.mark.parametrize(
    ("content", "items"),
    [
        (b"", []),
        (b'\x1e{"a":1}\n\x1e[2]\n', [Record(1, {"a": 1}), Record(2, [2])]),
        (b'\x1e{\n "a": "]\\"[{",\n "b": []\n}\n\x1e2\n', [Record(1, {"a": ']"[{', "b": []}), Record(5, 2)]),
        (b'\x1e{"a":1}\x1e[2]', [Record(1, {"a": 1}), Record(1, [2])]),
        (b"\x1e\x1e \x1e\n\n\x1e1\n", [Record(3, 1)]),
        (b"\x1e\n\n1\n\n \n\x1e2\n", [Record(3, 1), Record(6, 2)]),
        (b'\x1e"text"', [Record(1, "text")]),
        (b"\x1e1 \x1etrue\r\n", [Record(1, 1), Record(1, True)]),
    ],
)
def test_sequences(content: bytes, items: list[Record]) -> None:
    assert read(SequenceParser, content) == items


OUTSIDE = "text outside a record: no 1E before it"
CUT = "cut off: no line feed after a number or word (RFC 7464, 2.4)"


@pytest.mark.parametrize(
    ("content", "items"),
    [
        (b"12\n\x1e2\n", [MalformedRecord(1, OUTSIDE, "12"), Record(2, 2)]),
        (b"\x1e1\n 2 \n\x1e3\n", [Record(1, 1), MalformedRecord(2, OUTSIDE, "2"), Record(3, 3)]),
        (b"\x1e12\x1e3\n", [MalformedRecord(1, CUT, "12"), Record(1, 3)]),
        (b"\x1e3\n\x1etrue", [Record(1, 3), MalformedRecord(2, CUT, "true")]),
        (b'\x1e{"a":\x1e3\n', [MalformedRecord(1, "column 6: Expecting value", '{"a":'), Record(1, 3)]),
        (b'\x1e{"a":\n1}}\n\x1e3\n',
         [MalformedRecord(1, "line 2 of the record, column 3: Extra data", '{"a":\n1}}\n'), Record(3, 3)]),
        (b'\x1e"a\nb"\n\x1e3\n',
         [MalformedRecord(1, "column 3: Invalid control character at", '"a\n'), MalformedRecord(2, OUTSIDE, 'b"'),
          Record(3, 3)]),
        (b"\x1e[" + b"\n1," * 20 + b"\n2]\n\x1e3\n",
         [MalformedRecord(1, "longer than 50 octets", "[" + "\n1," * 16 + "\n"), Record(23, 3)]),
    ],
)  # fmt: skip
def test_malformed_sequences(content: bytes, items: list[Record | MalformedRecord]) -> None:
    found = read(lambda: SequenceParser(max_record_bytes=50), content)
    assert found == items


def test_sequence_records_are_given_when_their_line_ends() -> None:
    parser = SequenceParser()
    assert parser.feed(b'\x1e{"a":\n') == []
    assert parser.feed(b"1}") == []
    assert parser.feed(b"\n") == [Record(1, {"a": 1})]
    assert parser.feed(b"\x1e2\n") == [Record(3, 2)]
    assert parser.close() == []


def test_endless_blanks_between_records_take_no_memory() -> None:
    parser = SequenceParser(max_record_bytes=10)
    assert parser.feed(b"\x1e1\n" + b"\n" * 1000 + b"\x1e\n" + b" \n" * 100 + b"2\n") == [Record(1, 1), Record(1103, 2)]


def test_a_record_may_have_exactly_the_limit() -> None:
    assert read(lambda: Parser(max_record_bytes=10), b"1234567890\n") == [Record(1, 1234567890)]
    assert read(lambda: SequenceParser(max_record_bytes=10), b"\x1e[1,\n23456]\x1e[1,\n2345]\n") == [
        Record(1, [1, 23456]),
        Record(2, [1, 2345]),
    ]


def test_encode() -> None:
    assert encode_line({"a": "é\n"}) == '{"a":"é\\n"}\n'.encode()
    assert encode_sequence_record([1, Decimal("1.10")]) == b"\x1e[1,1.10]\n"
    with pytest.raises(TypeError):
        encode_line({1})
