"""Laws of the event stream: any cutting is equal; what is written is read; the rules, told a second time."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.wire.sse import Event, Parser, as_item, encode, from_item

_PIECES = [
    *b"data event id retry : foo 7".split(),
    b" ",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\0",
    b"data: x\n\n",
    b"id: 1\n",
]
_ODD = [b"\xef\xbb\xbf", "é€😀".encode(), b"\xe2\x82", b"\xff", b"\xed\xa0\x80", "\u2028".encode()]

streams = st.lists(st.one_of(st.sampled_from(_PIECES), st.sampled_from(_ODD), st.binary(max_size=3)), max_size=40).map(
    b"".join
)
lines = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=12)
events = st.builds(
    Event,
    event=st.none() | lines,
    data=st.lists(lines, min_size=1, max_size=4).map("\n".join),
    id=st.none() | lines.map(lambda text: text.replace("\0", "")),
    retry=st.none() | st.integers(0, 10**20),
    comment=st.none() | st.lists(lines, min_size=1, max_size=3).map("\n".join),
)


def dispatched(stream: bytes) -> list[tuple[str, str, str]]:
    """HTML 9.2.6 word by word over the whole stream: type, data and last event ID of each event."""
    text = stream.decode("utf-8", errors="replace").removeprefix("\ufeff")
    *complete, _ = re.split("\r\n|\n|\r", text)
    data = kind = new_id = ""
    seen = []
    for line in complete:
        if line == "":
            if data != "":
                seen.append((kind or "message", data[:-1], new_id))
            data = kind = ""
        elif line[0] != ":":
            name, value = line.split(":", 1) if ":" in line else (line, "")
            value = value[1:] if value[:1] == " " else value
            if name == "data":
                data += value + "\n"
            elif name == "event":
                kind = value
            elif name == "id" and "\0" not in value:
                new_id = value
    return seen


@given(streams)
def test_events_are_those_of_the_rules(stream: bytes) -> None:
    parser = Parser()
    seen = []
    for i in range(len(stream)):
        completed = parser.feed(stream[i : i + 1])
        seen += [(event.type, event.data, parser.last_event_id) for event in completed]
    assert seen == dispatched(stream)


@given(streams, st.lists(st.integers(0, 120)))
def test_any_cutting_is_equal(stream: bytes, places: list[int]) -> None:
    whole, pieces = Parser(), Parser()
    expected = (whole.feed(stream), whole.close())
    borders = [0, *sorted(min(place, len(stream)) for place in places), len(stream)]
    actual = [event for a, b in pairwise(borders) for event in pieces.feed(stream[a:b])]
    assert expected == (actual, pieces.close())
    assert whole.faults == pieces.faults
    assert whole.comment_count == pieces.comment_count
    assert whole.last_event_id == pieces.last_event_id


@given(st.lists(events, max_size=5))
def test_what_is_written_is_read(sent: list[Event]) -> None:
    parser = Parser()
    assert parser.feed(b"".join(map(encode, sent))) == sent
    assert parser.close() == []
    assert parser.faults == []


@given(events)
def test_items_are_events_without_their_comment(event: Event) -> None:
    assert from_item(as_item(event)) == Event(event.event, event.data, event.id, event.retry)
