"""Streams: items, order, ending, framing and arrival."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.apps.small_api import answer_of, operation_of, seen
from understudy.contracts.checking import Judgement, exchange_checks, judge
from understudy.contracts.observation import Observation
from understudy.contracts.running.plan import select_claims
from understudy.specs.model import Operation

assert select_claims(())  # registers every claim

WORD = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "word"}, "text": {"type": "string"}},
            },
        }
    },
}


def of_kind(kind: str) -> dict[str, Any]:
    schema = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind}}}
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
    return {"type": "object", "required": ["data"], "properties": {"data": data}}


STREAM = {
    "first": {"$ref": "#/components/schemas/Start"},
    "last": {"$ref": "#/components/schemas/Done"},
}


def stream_operation(**stream: Any) -> Operation:
    from tests.apps.small_api import api_of

    schemas = {"Start": of_kind("start"), "Word": WORD, "Done": of_kind("done")}
    item = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in schemas]}
    named = {
        "first": "#/components/schemas/Start",
        "repeated": "#/components/schemas/Word",
        "last": "#/components/schemas/Done",
        **stream,
    }
    media_type = {"itemSchema": item, "x-understudy": {"stream": named}}
    responses = {"200": {"description": "", "content": {"text/event-stream": media_type}}}
    return api_of({"/things": {"get": {"responses": responses}}}, components={"schemas": schemas}).operations[0]


START, HELLO, DONE = b'{"kind":"start"}', b'{"kind":"word","text":"hello"}', b'{"kind":"done"}'


def events(*datas: bytes) -> bytes:
    return b"".join(b"data: " + data + b"\n\n" for data in datas)


def judged(observation: Observation) -> Judgement:
    return judge(observation, exchange_checks())


def places(operation: Operation, body: bytes, claim_id: str, *, complete: bool = True, error: str = "") -> list[str]:
    judgement = judged(seen(operation, answer_of(body, "text/event-stream", complete=complete), error))
    assert judgement.crashes == ()
    prefix = "200 text/event-stream "
    return [each.place.removeprefix(prefix) for each in judgement.failures if each.claim.id == claim_id]


def test_a_good_stream_breaks_nothing() -> None:
    judgement = judged(seen(stream_operation(), answer_of(events(START, HELLO, DONE), "text/event-stream")))
    assert judgement.failures == ()
    names = {"stream-item-schema", "stream-first-item", "stream-terminal-once-last", "stream-framing"}
    assert names <= set(judgement.judged)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (b'{"kind":"word","text":7}', ["item / oneOf"]),
        (b"{oops", ["item / oneOf"]),
        (b"plain", ["item / oneOf"]),
    ],
)
def test_an_item_that_its_schema_does_not_allow(bad: bytes, expected: list[str]) -> None:
    found = places(stream_operation(), events(START, bad, bad, DONE), "stream-item-schema")
    assert len(found) == 1
    assert found[0].startswith("item /")
    assert expected


@pytest.mark.parametrize(
    ("datas", "expected"),
    [
        ((START, HELLO, DONE), []),
        ((HELLO, DONE), ["first"]),
        ((HELLO, START, DONE), ["first", "again"]),
        ((START, START, DONE), ["again"]),
        ((), ["missing"]),
    ],
)
def test_the_first_item(datas: tuple[bytes, ...], expected: list[str]) -> None:
    assert places(stream_operation(), events(*datas), "stream-first-item") == expected


@pytest.mark.parametrize(
    ("datas", "expected"),
    [
        ((START, HELLO, DONE), []),
        ((START, HELLO), ["terminal missing"]),
        ((START, DONE, DONE), ["terminal repeated"]),
        ((START, DONE, HELLO), ["item after terminal"]),
        ((), ["terminal missing"]),
    ],
)
def test_the_terminal_item(datas: tuple[bytes, ...], expected: list[str]) -> None:
    assert places(stream_operation(), events(*datas), "stream-terminal-once-last") == expected


@pytest.mark.parametrize(
    ("datas", "expected"),
    [
        ((START, DONE, b"[DONE]"), []),
        ((START, DONE), ["sentinel missing"]),
        ((START, b"[DONE]", DONE), ["event after sentinel"]),
        ((START, DONE, b"[DONE]", b"[DONE]"), ["sentinel repeated"]),
        ((START, DONE, HELLO, b"[DONE]"), ["item after terminal"]),
    ],
)
def test_the_sentinel(datas: tuple[bytes, ...], expected: list[str]) -> None:
    operation = stream_operation(sentinel="[DONE]")
    assert places(operation, events(*datas), "stream-terminal-once-last") == expected


def test_pings_and_comments_are_no_items() -> None:
    operation = stream_operation(ping={"item": {"event": "ping", "data": "1"}, "everySeconds": 5})
    body = (
        events(START) + b": still here\n\nevent: ping\ndata: 1\n\n" + events(HELLO, DONE) + b"event: ping\ndata: 1\n\n"
    )
    assert judged(seen(operation, answer_of(body, "text/event-stream"))).failures == ()


def test_what_we_stopped_reading_is_not_blamed_for_its_ending() -> None:
    judgement = judged(seen(stream_operation(), answer_of(events(START), "text/event-stream", complete=False)))
    assert judgement.failures == ()
    assert dict(judgement.skipped)["stream-terminal-once-last"] == "we stopped reading before the stream ended"


def test_a_stream_that_broke_lacks_its_ending() -> None:
    found = places(
        stream_operation(), events(START), "stream-terminal-once-last", complete=False, error="the connection broke"
    )
    assert found == ["terminal missing"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (events(START) + b'data: {"kind":"done"}\n', "unfinished-event"),
        (events(START) + b'data: {"kind":"done"}', "unfinished-line"),
        (events(START, b'{"kind":"word","text":"\xff"}', DONE), "invalid-utf8"),
        (b"payload: x\n" + events(START, DONE), "unknown-field"),
        (events(START) + b"event: word\n\n" + events(DONE), "event-without-data"),
        (b"retry: soon\n" + events(START, DONE), "invalid-retry"),
    ],
)
def test_framing_that_clients_drop(body: bytes, kind: str) -> None:
    assert places(stream_operation(), body, "stream-framing") == [kind]


def test_json_lines() -> None:
    item = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    operation = operation_of({"content": {"application/jsonl": {"itemSchema": item}}})
    good = seen(operation, answer_of(b'{"id":1}\n{"id":2}', "application/jsonl"))
    assert judged(good).failures == ()
    bad = judged(seen(operation, answer_of(b'{"id":"x"}\n{oops\n{"id":2}\n', "application/jsonl")))
    assert [(each.claim.id, each.place.split(" ", 2)[2]) for each in bad.failures] == [
        ("stream-framing", "malformed-record"),
        ("stream-item-schema", "item /id type"),
    ]


def test_data_that_is_described_as_an_object() -> None:
    item = {"type": "object", "properties": {"data": {"type": "object", "required": ["id"]}}}
    operation = operation_of({"content": {"text/event-stream": {"itemSchema": item}}})
    assert places(operation, b'data: {"id": 1}\n\n', "stream-item-schema") == []
    assert places(operation, b'data: {"no": 1}\n\n', "stream-item-schema") == ["item /data/id required"]


def timed(times: tuple[float, ...], headers: tuple[tuple[str, str], ...] = ()) -> Observation:
    datas = [START, *[HELLO] * (len(times) - 2), DONE]
    chunks = tuple((at_ms, events(data)) for at_ms, data in zip(times, datas, strict=True))
    return seen(stream_operation(), answer_of(b"", "text/event-stream", headers=headers, chunks=chunks))


def incremental(observation: Observation) -> list[str] | str:
    judgement = judged(observation)
    skipped = dict(judgement.skipped)
    if "stream-incremental" in skipped:
        return skipped["stream-incremental"]
    return [each.place.split(" ")[-1] for each in judgement.failures if each.claim.id == "stream-incremental"]


def test_arrival_times_tell_a_stream_from_a_buffer() -> None:
    assert incremental(timed((10.0, 30.0, 50.0, 70.0))) == []
    assert incremental(timed((300.0, 300.1, 300.2, 300.4))) == ["buffered"]
    assert incremental(timed((4.0, 4.1, 4.2, 4.4))) == "answered too fast to tell"
    assert incremental(timed((300.0, 300.1))) == "fewer than 3 events"
    assert incremental(timed((4.0, 4.1, 4.2), (("Content-Length", "99"),))) == ["content-length"]


def test_without_arrival_times_nothing_is_claimed() -> None:
    judgement = judged(seen(stream_operation(), answer_of(events(START, HELLO, DONE), "text/event-stream")))
    assert "stream-incremental" not in judgement.judged


def stalled(*at_ms: float, read_ms: float) -> Observation:
    piece = b'data: {"kind": "word"}\n\n'
    chunks = tuple((at, piece) for at in at_ms)
    answer = answer_of(b"", "text/event-stream", chunks=chunks, complete=False)
    return seen(stream_operation(), replace(answer, elapsed_ms=read_ms))


@pytest.mark.parametrize(
    ("at_ms", "read_ms", "is_stalled"),
    [
        ((10, 30), 9_000, True),
        ((10, 30), 4_000, False),
        ((10, 30, 8_900), 9_000, False),
        ((10, 510), 9_000, False),
        ((10,), 9_000, False),
    ],
)
def test_a_stream_that_falls_silent(at_ms: tuple[float, ...], read_ms: float, is_stalled: bool) -> None:
    judgement = judge(stalled(*at_ms, read_ms=read_ms), exchange_checks())
    assert ("stream-goes-on" in {failure.claim.id for failure in judgement.failures}) is is_stalled


def test_a_mark_before_the_first_line() -> None:
    lines = {"application/jsonl": {"itemSchema": {"type": "object"}}}
    described = operation_of({"content": lines})
    observed = seen(described, answer_of(b"\xef\xbb\xbf{}\n{}\n", "application/jsonl"))
    failures = judge(observed, exchange_checks()).failures
    assert [failure.place.rpartition(" ")[2] for failure in failures] == ["byte-order-mark"]
