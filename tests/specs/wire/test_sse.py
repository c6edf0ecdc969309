"""Every rule of HTML 9.2.5 and 9.2.6, each case read whole, octet by octet and cut in two at every place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from understudy.specs.wire.sse import (
    MAX_FAULTS,
    Event,
    EventTooLarge,
    Fault,
    FaultKind,
    Parser,
    UnencodableEvent,
    as_item,
    encode,
    encode_comment,
    from_item,
)


@dataclass(frozen=True)
class Case:
    """A stream; what a browser dispatches of it: type, data, last event ID; what it passes over: kind and line."""

    rule: str
    stream: bytes
    dispatched: list[tuple[str, str, str]]
    faults: str = ""


M = "message"
CASES = [
    # Decoding (9.2.6, "decoded using the UTF-8 decode algorithm")
    Case("nothing is no event", b"", []),
    Case("UTF-8, one to four octets a character", "data: aé€😀\n\n".encode(), [(M, "aé€😀", "")]),
    Case("one leading BOM is dropped", b"\xef\xbb\xbfdata: a\n\n", [(M, "a", "")]),
    Case(
        "a second BOM is text", b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [(M, "b", "")],
        "unknown-field:1",
    ),
    Case(
        "a BOM on a later line is text", b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [(M, "a", "")],
        "unknown-field:3",
    ),
    Case("a BOM alone is nothing", b"\xef\xbb\xbf", []),
    Case("two thirds of a BOM are invalid", b"\xef\xbbdata: a\n\n", [], "invalid-utf8:1 unknown-field:1"),
    Case("a stray octet becomes U+FFFD", b"data: a\xffb\n\n", [(M, "a\ufffdb", "")], "invalid-utf8:1"),
    Case(
        "a cut sequence becomes one U+FFFD and the line still ends", b"data: \xe2\x82\ndata: x\n\n",
        [(M, "\ufffd\nx", "")], "invalid-utf8:1",
    ),
    Case(
        "an overlong form becomes one U+FFFD for each octet", b"data: \xc0\xaf\n\n", [(M, "\ufffd\ufffd", "")],
        "invalid-utf8:1",
    ),
    Case(
        "a surrogate in UTF-8 becomes three U+FFFD", b"data: \xed\xa0\x80\n\n", [(M, "\ufffd\ufffd\ufffd", "")],
        "invalid-utf8:1",
    ),
    Case("U+FFFD that was sent is no fault", "data: \ufffd\n\n".encode(), [(M, "\ufffd", "")]),
    # Line ends (9.2.6, "CRLF, LF not preceded by CR, CR not followed by LF")
    Case("LF", b"data: a\ndata: b\n\n", [(M, "a\nb", "")]),
    Case("CR", b"data: a\rdata: b\r\r", [(M, "a\nb", "")]),
    Case("CRLF", b"data: a\r\ndata: b\r\n\r\n", [(M, "a\nb", "")]),
    Case("each line may end its own way", b"data: a\r\ndata: b\rdata: c\n\r\n", [(M, "a\nb\nc", "")]),
    Case("CR CRLF is a line end and a blank line", b"data: a\r\r\ndata: b\n\n", [(M, "a", ""), (M, "b", "")]),
    Case("LF CR are two line ends", b"data: a\n\rdata: b\n\n", [(M, "a", ""), (M, "b", "")]),
    Case("CRLF LF is a line end and a blank line", b"data: a\r\n\ndata: b\n\n", [(M, "a", ""), (M, "b", "")]),
    Case(
        "VT, FF, U+0085, U+2028, U+2029 and 1C to 1E end no line",
        "data: a\vb\fc\x85d\u2028e\u2029f\x1cg\x1dh\x1ei\n\n".encode(),
        [(M, "a\vb\fc\x85d\u2028e\u2029f\x1cg\x1dh\x1ei", "")],
    ),
    Case("blank lines first", b"\n\r\n\rdata: a\n\n", [(M, "a", "")]),
    Case("blank lines first are lines", b"\nfoo\ndata: a\n\n", [(M, "a", "")], "unknown-field:2"),
    Case("many blank lines dispatch once", b"data: a\n\n\n\n\ndata: b\n\n", [(M, "a", ""), (M, "b", "")]),
    # Fields
    Case("one space after the colon is dropped", b"data: a\ndata:b\ndata:  c\n\n", [(M, "a\nb\n c", "")]),
    Case("a tab after the colon stays", b"data:\ta\n\n", [(M, "\ta", "")]),
    Case("a space at the end stays", b"data: a \n\n", [(M, "a ", "")]),
    Case("the first colon divides", b"data: a: b:c\n\n", [(M, "a: b:c", "")]),
    Case("a field without colon is sent empty", b"data\n\ndata\ndata\n\n", [(M, "", ""), (M, "\n", "")]),
    Case("names are case-sensitive", b"Data: a\nDATA:\ndata: c\n\n", [(M, "c", "")], "unknown-field:1 unknown-field:2"),
    Case("a space before a name makes another name", b" data: a\ndata: b\n\n", [(M, "b", "")], "unknown-field:1"),
    Case("a space before the colon makes another name", b"data : a\ndata: b\n\n", [(M, "b", "")], "unknown-field:1"),
    Case("unknown fields are ignored", b"foo: a\ndata: b\nbar\n\n", [(M, "b", "")], "unknown-field:1 unknown-field:3"),
    Case("JSON without a field is an unknown field", b'{"a": 1}\n\n', [], "unknown-field:1"),
    # Comments
    Case("a comment is ignored", b": hi\ndata: a\n:\n:data: b\n\n", [(M, "a", "")]),
    Case("a comment alone dispatches nothing", b": ping\n\n: ping\n\n", []),
    Case("a comment does not part the data", b"data: a\n: x\ndata: b\n\n", [(M, "a\nb", "")]),
    # data
    Case("empty data is data", b"data:\n\n", [(M, "", "")]),
    Case("a lone data line keeps inner blanks", b"data: a\ndata:\ndata: b\n\n", [(M, "a\n\nb", "")]),
    Case("a trailing empty data line is a trailing LF", b"data: a\ndata:\n\n", [(M, "a\n", "")]),
    Case("NUL in data stays", b"data: a\0b\n\n", [(M, "a\0b", "")]),
    # event
    Case("event names the type", b"event: add\ndata: a\n\n", [("add", "a", "")]),
    Case("the last event field counts", b"event: add\nevent: del\ndata: a\n\n", [("del", "a", "")]),
    Case("an empty event field is no type", b"event: add\nevent:\ndata: a\n\n", [(M, "a", "")]),
    Case("the type ends with its event", b"event: add\ndata: a\n\ndata: b\n\n", [("add", "a", ""), (M, "b", "")]),
    Case("the type may follow the data", b"data: a\nevent: add\n\n", [("add", "a", "")]),
    Case(
        "no data, no event, and the type is gone too", b"event: add\n\ndata: a\n\n", [(M, "a", "")],
        "event-without-data:1",
    ),
    # id
    Case("an id stays", b"id: 1\ndata: a\n\ndata: b\n\n", [(M, "a", "1"), (M, "b", "1")]),
    Case("an id stays until the next", b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n", [(M, "a", "1"), (M, "b", "2")]),
    Case("an empty id resets", b"id: 1\ndata: a\n\nid:\ndata: b\n\n", [(M, "a", "1"), (M, "b", "")]),
    Case("an id without colon resets", b"id: 1\ndata: a\n\nid\ndata: b\n\n", [(M, "a", "1"), (M, "b", "")]),
    Case("an id without data still counts", b"id: 1\n\ndata: a\n\n", [(M, "a", "1")]),
    Case(
        "an id with NUL is ignored", b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", [(M, "a", "1"), (M, "b", "1")],
        "id-with-nul:4",
    ),
    Case("an id is any text", "id: ñ 1:2\ndata: a\n\n".encode(), [(M, "a", "ñ 1:2")]),
    # retry
    Case("retry takes ASCII digits", b"retry: 0100\ndata: a\n\n", [(M, "a", "")]),
    *(
        Case(f"retry {text!r} is ignored", f"retry: {text}\ndata: a\n\n".encode(), [(M, "a", "")], "invalid-retry:1")
        for text in ("", "-5", "+5", "1_0", "1.5", "5s", " 5", "5 ", "٣", "1e3")
    ),
    Case("retry alone dispatches nothing", b"retry: 5\n\n", []),
    # The end (9.2.6, "any pending data must be discarded")
    Case("an event without its blank line is dropped", b"data: a\n\ndata: b\n", [(M, "a", "")], "unfinished-event:3"),
    Case("an event cut in its line is dropped", b"data: a\n\ndata: b", [(M, "a", "")], "unfinished-line:3"),
    Case("a cut blank line is a blank line", b"data: a\r\n\r", [(M, "a", "")]),
    Case("a cut comment is cut", b"data: a\n\n: pi", [(M, "a", "")], "unfinished-line:3"),
    Case("a last comment needs no blank line", b"data: a\n\n: ping\n", [(M, "a", "")]),
    Case("an unfinished id does not count", b"id: 1\ndata: a\n\nid: 2\n", [(M, "a", "1")], "unfinished-event:4"),
    Case(
        "a cut character at the end", b"data: a\n\ndata: \xe2\x82", [(M, "a", "")],
        "invalid-utf8:3 unfinished-line:3",
    ),
]  # fmt: skip


def cuts(stream: bytes) -> Iterator[list[bytes]]:
    yield [stream]
    yield [stream[i : i + 1] for i in range(len(stream))]
    yield [part for i in range(len(stream)) for part in (stream[i : i + 1], b"")]
    for place in range(1, len(stream)):
        yield [stream[:place], stream[place:]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_rules(case: Case) -> None:
    for pieces in cuts(case.stream):
        parser = Parser()
        events = [event for piece in pieces for event in parser.feed(piece)]
        assert parser.close() == []
        dispatched = [(event.type, event.data) for event in events]
        assert dispatched == [(kind, data) for kind, data, _ in case.dispatched], pieces
        assert " ".join(f"{fault.kind.value}:{fault.line}" for fault in parser.faults) == case.faults, pieces
        assert parser.fault_count == len(parser.faults)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_last_event_id(case: Case) -> None:
    parser = Parser()
    ids = []
    for i in range(len(case.stream)):
        completed = parser.feed(case.stream[i : i + 1])
        ids += [parser.last_event_id for _ in completed]
    parser.close()
    assert ids == [last for _, _, last in case.dispatched]
    assert parser.last_event_id == (case.dispatched[-1][2] if case.dispatched else "")


def test_event_keeps_what_was_sent() -> None:
    stream = b": one\n:two\nid: 7\nevent\nretry: 0100\ndata: a\n\ndata: b\n\n"
    assert Parser().feed(stream) == [
        Event(event="", data="a", id="7", retry=100, comment="one\ntwo"),
        Event(data="b"),
    ]


def test_retry_beyond_what_a_number_can_be_made_of_is_ignored() -> None:
    parser = Parser()
    [most, more] = parser.feed(b"retry: " + b"9" * 4300 + b"\ndata: a\n\nretry: " + b"9" * 4301 + b"\ndata: b\n\n")
    assert most.retry == 10**4300 - 1
    assert more.retry is None
    assert [fault.kind for fault in parser.faults] == [FaultKind.INVALID_RETRY]


def test_feed_tells_which_events_it_completed() -> None:
    parser = Parser()
    chunks = [b"data: a\n", b"\ndata: b\n\nda", b"ta: c", b"\r", b"\n", b"\r", b"\n"]
    assert [[event.data for event in parser.feed(chunk)] for chunk in chunks] == [[], ["a", "b"], [], [], [], ["c"], []]


def test_comments_are_counted_as_they_come() -> None:
    parser = Parser()
    counts = []
    for chunk in (b": pi", b"ng\n", b"\n: ping\n:\n", b"data: x\n\n"):
        parser.feed(chunk)
        counts.append(parser.comment_count)
    assert counts == [0, 1, 3, 3]


def test_faults_show_the_text_cut_short() -> None:
    parser = Parser()
    parser.feed(b"foo: " + b"x" * 1000 + b"\n\nevent: done\nid: 4\n\nevent: e\ndata: a\ndata: b\n")
    parser.close()
    assert parser.faults == [
        Fault(FaultKind.UNKNOWN_FIELD, 1, "foo: " + "x" * 195),
        Fault(FaultKind.EVENT_WITHOUT_DATA, 3, "id: 4, event: done"),
        Fault(FaultKind.UNFINISHED_EVENT, 6, "event: e, data: a\nb"),
    ]


def test_faults_are_bounded() -> None:
    parser = Parser()
    parser.feed(b"nonsense\n" * (MAX_FAULTS + 5))
    assert len(parser.faults) == MAX_FAULTS
    assert parser.fault_count == MAX_FAULTS + 5


@pytest.mark.parametrize("end", [b"\n\n", b"", b"\ndata: more\n\n"])
def test_event_too_large(end: bytes) -> None:
    stream = b"data: ok\n\n: skipped\n\ndata: aaaa\ndata: " + b"b" * 100 + end
    for pieces in cuts(stream):
        parser = Parser(max_event_bytes=40)
        events: list[Event] = []
        with pytest.raises(EventTooLarge, match="line 6: an event is larger than 40 octets") as caught:
            events.extend(event for piece in pieces for event in parser.feed(piece))
        events += caught.value.events
        assert [event.data for event in events] == ["ok"]
        assert (caught.value.line, caught.value.limit) == (6, 40)
        assert caught.value.received_at_least > 40
        with pytest.raises(EventTooLarge) as again:
            parser.feed(b"data: x\n\n")
        assert again.value.events == ()


def test_the_lines_of_an_event_count_together() -> None:
    with pytest.raises(EventTooLarge, match="line 2"):
        Parser(max_event_bytes=40).feed(b"data: " + b"a" * 14 + b"\ndata: " + b"b" * 15 + b"\n\n")


def test_closing_again_notes_nothing_more() -> None:
    for stream in (b"data: a\n", b"data: a"):
        parser = Parser()
        parser.feed(stream)
        parser.close()
        assert parser.close() == []
        assert len(parser.faults) == 1


def test_event_of_exactly_the_limit_is_read() -> None:
    stream = b"data: " + b"a" * 14 + b"\ndata: " + b"b" * 14 + b"\n\n"
    for pieces in cuts(stream * 3):
        parser = Parser(max_event_bytes=40)
        assert sum(len(parser.feed(piece)) for piece in pieces) == 3


def test_endless_comments_take_no_memory_and_do_no_harm() -> None:
    parser = Parser(max_event_bytes=100)
    for _ in range(500):
        parser.feed(b": ping\n")
    [event] = parser.feed(b"data: a\n\n")
    assert event.data == "a"
    assert event.comment is not None
    assert len(event.comment) <= 100
    assert parser.comment_count == 500


@pytest.mark.parametrize(
    ("event", "octets"),
    [
        (Event(data="a"), b"data: a\n\n"),
        (Event(data=""), b"data:\n\n"),
        (Event(data="a\n\nb\n"), b"data: a\ndata:\ndata: b\ndata:\n\n"),
        (Event(data=" a"), b"data:  a\n\n"),
        (Event(data="a\rb\r\nc"), b"data: a\ndata: b\ndata: c\n\n"),
        (Event(data="a\u2028b"), "data: a\u2028b\n\n".encode()),
        (Event(event="add", id="1", data="é", retry=0), "id: 1\nevent: add\ndata: é\nretry: 0\n\n".encode()),
        (Event(event="", id="", data="x"), b"id:\nevent:\ndata: x\n\n"),
        (Event(comment="a\nb", data="x"), b": a\n: b\ndata: x\n\n"),
        (Event(retry=5), b"retry: 5\n\n"),
        (Event(), b"\n"),
    ],
)
def test_encode(event: Event, octets: bytes) -> None:
    assert encode(event) == octets


def test_encode_comment() -> None:
    assert encode_comment("ping") == b": ping\n\n"
    assert Parser().feed(encode_comment("a\rdata: b\n\ndata: c")) == []


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (Event(id="1\0"), "id: '1.x00' holds NUL"),
        (Event(id="1\n2"), "id: '1.n2' holds a line break"),
        (Event(id="1\r2"), "id: '1.r2' holds a line break"),
        (Event(event="a\nb"), "event: 'a.nb' holds a line break"),
        (Event(event="a\rb"), "event: 'a.rb' holds a line break"),
        (Event(retry=-1), "retry: -1 is negative"),
        (Event(data="\ud800"), "half of a surrogate pair"),
    ],
)
def test_encode_refuses_what_would_not_come_back(event: Event, message: str) -> None:
    with pytest.raises(UnencodableEvent, match=message):
        encode(event)


def test_as_item_has_only_what_was_sent() -> None:
    [event] = Parser().feed(b": note\nid:\ndata: {}\nretry: 007\n\n")
    assert as_item(event) == {"id": "", "data": "{}", "retry": 7}
    assert as_item(Event(event="e", data="")) == {"event": "e", "data": ""}


def test_from_item() -> None:
    assert from_item({"data": "a", "id": "1", "event": "e", "retry": 5.0}) == Event("e", "a", "1", 5)
    assert from_item({"data": {"a": [1, None]}}) == Event(data='{"a":[1,null]}')
    assert from_item({"data": None}) == Event(data="null")
    assert from_item({}) == Event()


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"dat": "a"}, "dat: no such field"),
        ({"id": 5}, "id: 5 is not a string"),
        ({"event": None}, "event: None is not a string"),
        ({"retry": True}, "retry: True is not a whole number"),
        ({"retry": 1.5}, "retry: 1.5 is not a whole number"),
        ({"retry": float("inf")}, "retry: inf is not a whole number"),
        ({"retry": "5"}, "retry: '5' is not a whole number"),
    ],
)
def test_from_item_refuses(item: dict[str, object], message: str) -> None:
    with pytest.raises(UnencodableEvent, match=message):
        from_item(item)
