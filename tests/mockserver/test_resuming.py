"""Streams that go on after the event that `Last-Event-ID` names, where the document says so."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.answers.streaming import items_after
from understudy.mockserver.serving.running import Running

DOCUMENT = """
paths:
  /events:
    get:
      %s
      responses:
        '200':
          description: ''
          content:
            text/event-stream:
              itemSchema:
                type: object
                required: [data]
                properties: {id: {type: string}, data: {type: string}}
              %s
              example: "id: a\\ndata: 1\\n\\nid: b\\ndata: 2\\n\\nid: c\\ndata: 3\\n\\n"
"""
PARAMETER = "parameters: [{name: Last-Event-ID, in: header, schema: {type: string}}]"
RESUME = "x-understudy: {stream: {resume: true}}"

Serve = Callable[..., Running]


def data(mock: Running, last: str | None, **headers: str) -> list[str]:
    sent = headers if last is None else {**headers, "Last-Event-ID": last}
    lines = httpx.get(f"{mock.url}/events", headers=sent).text.splitlines()
    return [line.removeprefix("data: ") for line in lines if line.startswith("data")]


@pytest.mark.parametrize("document", [DOCUMENT % ("", RESUME), DOCUMENT % (PARAMETER, "")])
def test_only_the_events_after_it_are_sent(serve: Serve, document: str) -> None:
    mock = serve(document, pace=0.0)
    assert data(mock, None) == ["1", "2", "3"]
    assert data(mock, "a") == ["2", "3"]
    assert data(mock, "b") == ["3"]
    assert data(mock, "c") == []
    assert data(mock, "x") == ["1", "2", "3"]
    # What was answered before is remembered; the header still counts.
    assert data(mock, "b") == ["3"]
    assert data(mock, None) == ["1", "2", "3"]


def test_elsewhere_the_header_says_nothing(serve: Serve) -> None:
    assert data(serve(DOCUMENT % ("", ""), pace=0.0), "b") == ["1", "2", "3"]


def test_made_up_events_are_resumed_too(serve: Serve) -> None:
    made_up = (
        (DOCUMENT % ("", RESUME))
        .partition("              example:")[0]
        .replace("required: [data]", "required: [data, id]")
    )
    mock = serve(made_up, pace=0.0)
    whole = httpx.get(f"{mock.url}/events").text
    events = [event for event in whole.split("\n\n") if event]
    assert len(events) > 1
    first = events[0].partition("id: ")[2].splitlines()[0]
    rest = httpx.get(f"{mock.url}/events", headers={"Last-Event-ID": first}).text
    assert whole.endswith(rest)
    assert len(rest.split("\n\n")) == len(whole.split("\n\n")) - 1


def test_an_id_is_found_as_events_write_it() -> None:
    items = (b"event: x\nid:1\ndata: id: 2\n\n", b"id: 2\ndata: b\n\n", b"data: c\n\n")
    assert items_after(items, b"1") == items[1:]
    assert items_after(items, b"2") == items[2:]
    assert items_after(items, None) == items
    assert items_after(items, b"") == items
