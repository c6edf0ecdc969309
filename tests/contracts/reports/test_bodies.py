"""Bodies are laid out, cut, and marked where they are at fault."""

from __future__ import annotations

import json
import time

import pytest

from understudy.contracts.reports.bodies import MAX_COLUMNS, MAX_LINES, Mark, show_body, show_value
from understudy.specs.pointers import JsonPointer


def lines(body: bytes, media_type: str | None = "application/json", *at_fault: str) -> list[str]:
    """Each line with a sign of its mark: ``>`` at fault, ``~`` left out."""
    signs = {Mark.PLAIN: " ", Mark.FAULT: ">", Mark.GAP: "~"}
    shown = show_body(body, media_type, [JsonPointer(pointer) for pointer in at_fault])
    return [signs[line.mark] + line.text for line in shown.lines]


def test_json_is_laid_out_and_marked() -> None:
    assert lines(b'{"a":[1,{"b":"c"}],"d":{},"e":[]}', "application/json", "/a/1/b") == [
        " {",
        '   "a": [',
        "     1,",
        "     {",
        '>      "b": "c"',
        "     }",
        "   ],",
        '   "d": {},',
        '   "e": []',
        " }",
    ]


def test_containers_and_the_whole_can_be_at_fault() -> None:
    assert lines(b'{"a/b":{"~":1}}', None, "", "/a~1b") == [">{", '>  "a/b": {', '     "~": 1', "   }", " }"]
    assert lines(b"7", None, "") == [">7"]


def test_numbers_duplicates_and_order_stay_as_written() -> None:
    assert lines(b'{"z":1.10,"a":1e400,"z":12345678901234567890123,"n":-0}') == [
        " {",
        '   "z": 1.10,',
        '   "a": 1e400,',
        '   "z": 12345678901234567890123,',
        '   "n": -0',
        " }",
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b'{"a":1}}'])
def test_what_is_no_json_is_shown_as_text(body: bytes) -> None:
    shown = show_body(body, "application/json")
    assert shown.kind == ("text" if body else "")
    assert [line.text for line in shown.lines] == ([body.decode()] if body else [])
    assert shown.octets == len(body)


def test_deep_nesting_is_cut_or_shown_as_text() -> None:
    assert any("[…]" in line for line in lines(b"[" * 70 + b"1" + b"]" * 70))
    assert show_body(b"[" * 200_000, "application/json").kind == "text"


def test_long_bodies_are_cut_around_the_faults() -> None:
    body = json.dumps(list(range(1_000))).encode()
    shown = lines(body, "application/json", "/500")
    assert shown[0] == " ["
    assert ">  500," in shown
    assert [line for line in shown if line.startswith("~")] == ["~491 lines", "~496 lines"]
    assert len(shown) < 20


def test_without_a_fault_the_beginning_is_shown() -> None:
    shown = lines(json.dumps(list(range(1_000))).encode())
    assert len(shown) == MAX_LINES + 1
    assert shown[-1] == f"~{1_002 - MAX_LINES} lines"


def test_many_faults_do_not_make_it_long() -> None:
    body = json.dumps(list(range(1_000))).encode()
    shown = lines(body, "application/json", *(f"/{index}" for index in range(0, 1_000, 20)))
    assert len(shown) < 2 * MAX_LINES


def test_long_lines_are_cut() -> None:
    (line,) = lines(b"x" * 50_000, "text/plain")
    assert line == " " + "x" * MAX_COLUMNS + "… (50,000 characters)"


def test_huge_bodies_are_not_parsed_and_take_no_time() -> None:
    body = b'{"a":"' + b"x" * 20_000_000 + b'"}'
    before = time.perf_counter()
    shown = show_body(body, "application/json")
    assert time.perf_counter() - before < 1
    assert (shown.kind, shown.octets, shown.lines[-1].text) == ("text", len(body), "and more")


@pytest.mark.parametrize("size", [10, 2_000_000])
def test_octets_are_dumped(size: int) -> None:
    shown = show_body(b"\xff\x00A" * size, "image/png")
    assert shown.kind == "binary data"
    assert shown.lines[0].text == "00000000  ff 00 41 ff 00 41 ff 00 41 ff 00 41 ff 00 41 ff  ··A··A··A··A··A·"
    assert (shown.lines[-1].mark is Mark.GAP) is (size > 100)


def test_events_are_marked_by_their_index() -> None:
    body = b": ping\n\nevent: start\ndata: 0\n\n\ndata: 1\ndata: one\r\n\r\nid: 9\n\n: x\ndata: 2\n\n"
    assert lines(body, "text/event-stream; charset=utf-8", "/1/data") == [
        " : ping",
        " ",
        " event: start",
        " data: 0",
        " ",
        " ",
        ">data: 1",
        ">data: one",
        " ",
        " id: 9",
        " ",
        " : x",
        " data: 2",
        " ",
    ]


def test_records_are_marked_by_their_index() -> None:
    assert lines(b'{"a":1}\n\n{"a":2}\n{"a":3}\n', "application/jsonl", "/1/a") == [
        ' {"a":1}',
        " ",
        '>{"a":2}',
        ' {"a":3}',
    ]


def test_hostile_text_is_printable() -> None:
    assert lines("a\x1b[2J\u202eb".encode(), "text/plain") == [" a‹U+001B›[2J‹U+202E›b"]


def test_values() -> None:
    assert show_value({"a": ["é", None]}) == '{"a": ["é", null]}'
    assert show_value("x" * 500, 10) == '"xxxxxxxxx… (502 characters)'
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert show_value(deep) == "(nested too deeply to show)"
