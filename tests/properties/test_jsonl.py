"""Laws of JSON sequences: what is written is read; any cutting is equal; any octets are read or refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.documents.document import Json
from understudy.specs.wire.jsonl import Parser, Record, SequenceParser, encode_line, encode_sequence_record

text = st.text(st.characters(codec="utf-8"), max_size=10)
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(text, below, max_size=3),
    max_leaves=8,
)
pieces = st.sampled_from([bytes([octet]) for octet in b'\x1e\n\r "\\{}[]:,1'] + [b"true", b'"a"', b'{"a":1}'])
contents = st.lists(pieces | st.binary(max_size=2), max_size=30).map(b"".join)


@given(st.lists(values, max_size=5))
def test_lines_written_are_read(sent: list[Json]) -> None:
    parser = Parser()
    items = parser.feed(b"".join(map(encode_line, sent)))
    assert items == [Record(index, value) for index, value in enumerate(sent, 1)]
    assert parser.close() == []


@given(st.lists(values, max_size=5))
def test_sequences_written_are_read(sent: list[Json]) -> None:
    parser = SequenceParser()
    items = parser.feed(b"".join(map(encode_sequence_record, sent)))
    assert items == [Record(index, value) for index, value in enumerate(sent, 1)]
    assert parser.close() == []


@pytest.mark.parametrize("make", [Parser, SequenceParser])
@given(content=contents, places=st.lists(st.integers(0, 60)))
def test_any_cutting_is_equal(make: type[Parser | SequenceParser], content: bytes, places: list[int]) -> None:
    whole, parts = make(max_record_bytes=12), make(max_record_bytes=12)
    expected = whole.feed(content) + whole.close()
    borders = [0, *sorted(min(place, len(content)) for place in places), len(content)]
    actual = [item for a, b in pairwise(borders) for item in parts.feed(content[a:b])] + parts.close()
    assert actual == expected
