"""Media types taken apart, matched, chosen; malformed ones too."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from understudy.specs.model import MediaType, MediaTypeName, Origin
from understudy.specs.pointers import JsonPointer
from understudy.specs.wire.media_types import (
    Kind,
    MalformedMediaType,
    find_content,
    find_media_type,
    kind,
    matches,
    parse_media_type,
    select,
    split_list,
)


@pytest.mark.parametrize(
    ("text", "essence", "suffix", "parameters"),
    [
        ("application/json", "application/json", "", {}),
        (" Text/HTML ; Charset=UTF-8 ", "text/html", "", {"charset": "UTF-8"}),
        ('a/b;x="y;z \\" \\\\"; u=v', "a/b", "", {"x": 'y;z " \\', "u": "v"}),
        ("a/b;x=1;x=2", "a/b", "", {"x": "1"}),
        ("a/b;;x=1;", "a/b", "", {"x": "1"}),
        ("a/b;x;y=1; =2; z = 3;w=a b ;u=;v=1", "a/b", "", {"y": "1", "w": "a b", "v": "1"}),
        ('a/b;x="";y=----=_Part 1', "a/b", "", {"x": "", "y": "----=_Part 1"}),
        ('a/b;x="unclosed;y=1', "a/b", "", {"y": "1"}),
        ("application/vnd.a+b.c+JSON", "application/vnd.a+b.c+json", "json", {}),
        ("*/*;q=0.5", "*/*", "", {"q": "0.5"}),
        ("multipart/form-data; boundary=--x--", "multipart/form-data", "", {"boundary": "--x--"}),
    ],
)
def test_parse_media_type(text: str, essence: str, suffix: str, parameters: dict[str, str]) -> None:
    value = parse_media_type(text)
    assert (value.essence, value.suffix, dict(value.parameters)) == (essence, suffix, parameters)
    assert hash(value) == hash(parse_media_type(text))


@pytest.mark.parametrize(
    "text", ["", "json", "a/", "/b", "a b/c", "a/b c", "a/b, c/d", "a/b/c", "é/b", "a/" + "b" * 1100, "a/b\n"]
)
def test_malformed_media_types(text: str) -> None:
    with pytest.raises(MalformedMediaType):
        parse_media_type(text)
    assert find_media_type(text) is None
    assert kind(text) is Kind.BINARY
    assert not matches("*/*", text)
    assert not matches(text, "a/b")


@pytest.mark.parametrize(("text", "expected"), [("*/*", True), ("a/*", True), ("a/*+json", True), ("a/b", False)])
def test_ranges(text: str, expected: bool) -> None:
    assert parse_media_type(text).is_range is expected


def test_a_media_type_may_have_exactly_the_limit() -> None:
    assert parse_media_type("a/" + "b" * 1022).subtype == "b" * 1022


@pytest.mark.parametrize(
    ("pattern", "actual", "expected"),
    [
        ("application/json", "APPLICATION/JSON; charset=utf-8", True),
        ("application/json", "application/problem+json", False),
        ("application/json", "text/json", False),
        ("image/*", "image/png", True),
        ("image/*", "text/png", False),
        ("*/*", "image/png", True),
        ("application/*+json", "application/problem+json", True),
        ("application/*+json", "application/json", False),
        ("application/*+json", "text/x+json", False),
        ("text/plain; charset=utf-8", "text/plain; charset=UTF-8; format=flowed", True),
        ("text/plain; charset=UTF-8", "text/plain; charset=utf-8", True),
        ("text/plain; charset=utf-8", "text/plain", False),
        ("text/plain; charset=utf-8", "text/plain; charset=latin-1", False),
    ],
)
def test_matches(pattern: str, actual: str, expected: bool) -> None:
    assert matches(pattern, actual) is expected


def content(*names: str) -> Sequence[MediaType]:
    origin = Origin("", JsonPointer(""))
    return [MediaType(MediaTypeName(name), None, None, (), {}, (), None, None, origin) for name in names]


@pytest.mark.parametrize(
    ("names", "actual", "expected"),
    [
        (("*/*", "text/*", "text/plain"), "text/plain", "text/plain"),
        (("*/*", "text/*", "text/plain"), "text/html; charset=utf-8", "text/*"),
        (("*/*", "text/*", "text/plain"), "image/png", "*/*"),
        (("application/*", "application/*+json", "application/json"), "application/problem+json", "application/*+json"),
        (("a/b", "a/b;v=1", "a/*"), "a/b;v=1", "a/b;v=1"),
        (("a/b", "a/b;v=1", "a/*"), "a/b;v=2", "a/b"),
        (("A/B", "a/b"), "a/b", "A/B"),
        (("a/b;v=1",), "a/b", None),
        (("a/b",), "a/c", None),
        (("a/b", "nonsense"), "nonsense", None),
        (("nonsense", "c/d", "a/b"), "a/b", "a/b"),
        ((), "a/b", None),
    ],
)
def test_find_content_takes_the_most_specific_key(names: tuple[str, ...], actual: str, expected: str | None) -> None:
    found = find_content(content(*names), actual)
    assert (found.name if found else None) == expected


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json; charset=utf-8", Kind.JSON),
        ("text/json", Kind.JSON),
        ("application/vnd.api+json", Kind.JSON),
        ("image/x+json", Kind.JSON),
        ("application/*+json", Kind.JSON),
        ("text/plain", Kind.TEXT),
        ("text/csv", Kind.TEXT),
        ("application/yaml", Kind.TEXT),
        ("application/x-www-form-urlencoded", Kind.FORM),
        ("multipart/form-data; boundary=x", Kind.MULTIPART),
        ("multipart/mixed", Kind.MULTIPART),
        ("Text/Event-Stream", Kind.SSE),
        ("application/jsonl", Kind.JSON_LINES),
        ("application/x-ndjson", Kind.JSON_LINES),
        ("application/x-jsonlines", Kind.JSON_LINES),
        ("application/json-seq", Kind.JSON_SEQ),
        ("application/geo+json-seq", Kind.JSON_SEQ),
        ("application/xml", Kind.XML),
        ("image/svg+xml", Kind.XML),
        ("application/octet-stream", Kind.BINARY),
        ("image/png", Kind.BINARY),
        ("*/*", Kind.BINARY),
    ],
)
def test_kind(media_type: str, expected: Kind) -> None:
    assert kind(media_type) is expected
    assert expected.is_sequential is (expected in {Kind.SSE, Kind.JSON_LINES, Kind.JSON_SEQ})


JSON_SSE = ("application/json", "text/event-stream")


@pytest.mark.parametrize(
    ("accept", "available", "expected"),
    [
        (None, JSON_SSE, 0),
        ("", JSON_SSE, 0),
        ("*/*", JSON_SSE, 0),
        ("*", JSON_SSE, 0),
        ("text/event-stream", JSON_SSE, 1),
        ("text/html", JSON_SSE, None),
        ("text/html, */*;q=0.1", JSON_SSE, 0),
        ("application/json;q=0.5, text/event-stream", JSON_SSE, 1),
        ("application/json;q=0.5, text/event-stream;q=0.4", JSON_SSE, 0),
        # The most specific range gives the quality, not the highest one.
        ("application/*;q=0.2, */*;q=0.9, application/json;q=0", JSON_SSE, 1),
        ("*/*, application/json;q=0.1", JSON_SSE, 1),
        ("*/*;q=0", JSON_SSE, None),
        ("application/json;q=0", ("application/json",), None),
        # Equal quality: what is named goes before what a wildcard covers, then the server's order.
        ("text/event-stream, */*", JSON_SSE, 1),
        ("text/event-stream, application/json", JSON_SSE, 0),
        ("text/*, application/*", JSON_SSE, 0),
        # Malformed elements are passed over; when none is left anything goes.
        ("garbage, text/event-stream", JSON_SSE, 1),
        ("garbage", JSON_SSE, 0),
        ("application/json;q=2, text/event-stream;q=0.1", JSON_SSE, 1),
        ("application/json;q=0.1234, text/event-stream;q=0.1", JSON_SSE, 1),
        ("application/json;q=-1, text/event-stream;q=abc", JSON_SSE, 0),
        (",,  ,text/event-stream,", JSON_SSE, 1),
        ("TEXT/Event-Stream", JSON_SSE, 1),
        # Parameters
        ("application/json; charset=utf-8", JSON_SSE, 0),
        ("text/plain;format=flowed, text/plain;q=0.1", ("text/plain",), 0),
        ("text/plain;format=flowed", ("text/plain",), None),
        ("text/plain;format=FLOWED", ("text/plain;format=flowed",), 0),
        ("text/plain;format=flowed", ("text/plain", "text/plain; format=Flowed"), 1),
        ("text/plain;format=flowed;q=0.9, text/plain;q=0.1", ("text/plain", "text/plain;format=flowed"), 1),
        ("text/plain;q=0.5;ext=1", ("text/plain",), 0),
        ('a/b;x="1,2";q=0.1, c/d;q=0.2', ("a/b;x=\"1,2\"", "c/d"), 1),
        # What is offered may be a range.
        ("image/png", ("image/*",), 0),
        ("image/png", ("text/*", "*/*"), 1),
        ("application/problem+json", ("application/json", "application/problem+json"), 1),
        ("application/json", ("application/problem+json",), None),
        ("application/*+json", ("application/json", "application/problem+json"), 1),
        ("*/*", (), None),
        ("*/*", ("broken", "a/b"), 1),
    ],
)  # fmt: skip
def test_select(accept: str | None, available: tuple[str, ...], expected: int | None) -> None:
    assert select(accept, available) == expected


def test_split_list_leaves_quoted_commas_alone() -> None:
    assert split_list('a, b;x="1, \\", 2",, c ,') == ["a", 'b;x="1, \\", 2"', "c"]
    assert split_list('a, "b, c') == ["a", '"b, c']
    assert split_list('a, "b\\') == ["a", '"b\\']
    assert split_list("") == []


@pytest.mark.parametrize("part", ['"', '"\\', '"\\"', ",", '",', "a/b;q=0.1,", ";x="])
def test_long_fields_take_no_long_time(part: str) -> None:
    began = time.process_time()
    select(part * (64_000 // len(part)), JSON_SSE)
    split_list(part * (64_000 // len(part)))
    kind("a/b" + part * (1000 // len(part)))
    assert time.process_time() - began < 2
