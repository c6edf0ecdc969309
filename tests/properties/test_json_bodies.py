"""Laws of JSON bodies: what is written is read with its exact value; no text makes anything but a clean refusal."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from understudy.specs.documents.document import Json
from understudy.specs.wire.json_bodies import MalformedJson, dump_json, find_duplicate_keys, load_json
from understudy.specs.wire.json_numbers import parse_number, write_number

text = st.text(st.characters(codec="utf-8"))
numbers = st.integers() | st.integers(-(2**200), 2**200) | st.floats(allow_nan=False, allow_infinity=False)
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda below: st.lists(below, max_size=5) | st.dictionaries(text, below, max_size=5),
    max_leaves=20,
)
literals = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
sources = st.text(st.sampled_from('{}[]",:\\u0123456789deE+-. tfnrualsNaIity\n\ud800é'))


@given(values)
def test_what_is_written_is_read(value: Json) -> None:
    loaded = load_json(dump_json(value))
    assert loaded == value
    assert repr(loaded) == repr(value)


@given(literals)
@example("1e308")
@example("1.7976931348623159e308")
@example("2.2250738585072011e-308")
@example("9007199254740993")
@example("9007199254740993.0")
def test_no_number_changes_its_value(literal: str) -> None:
    [loaded] = load_json(f"[{literal}]".encode())
    assert Decimal(repr(loaded) if isinstance(loaded, float) else loaded) == Decimal(literal)
    assert isinstance(loaded, int) == (re.search("[.eE]", literal) is None)
    assert parse_number(write_number(loaded)) == loaded


@given(sources.map(lambda source: source.encode(errors="surrogatepass")) | st.binary())
def test_any_octets_are_read_or_refused(body: bytes) -> None:
    try:
        value = load_json(body)
    except MalformedJson as refused:
        error = refused
    else:
        assert load_json(dump_json(value)) == value
        return
    assert 1 <= error.line <= body.count(b"\n") + 1
    assert 1 <= error.column <= len(body) + 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())))
def test_duplicates_are_the_keys_that_repeat(pairs: list[tuple[str, int]]) -> None:
    body = "{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in pairs) + "}"
    keys = [key for key, _ in pairs]
    assert set(find_duplicate_keys(body.encode())) == {f"/{key}" for key in keys if keys.count(key) > 1}
