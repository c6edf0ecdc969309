"""What requests reach of what the document describes: read from them, counted, put together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.apps.small_api import answer_of, api_of, case_of
from tests.apps.small_runs import PET, PETS, run_with
from tests.apps.thing_api import API, QUICK, app, healthy
from tests.apps.thing_api import run as run_against
from understudy.contracts.coverage import MAX_MEDIA_TYPES, Form, Forms, Reached, ReachedTally, merge_reached
from understudy.contracts.requests.reading import RequestReader
from understudy.contracts.running.goals import goals_of
from understudy.contracts.running.merging import merge_runs
from understudy.mockserver.serving.running import serving
from understudy.specs.model import Operation

KIND = {"name": "kind", "in": "query", "required": True, "schema": {"enum": ["a", "b"]}}
WORD = {"name": "word", "in": "query", "schema": {"type": "string"}}
TAGS = {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
IDENT = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
SLUG = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
SHORT = {"name": "X-Short", "in": "header", "schema": {"type": "string", "maxLength": 3}}
CONTENT = {
    "application/json": {"schema": {"type": "object", "required": ["name"]}},
    "text/plain": {"schema": {"type": "string"}},
    "application/octet-stream": {"schema": {"type": "string", "maxLength": 9}},
    "text/event-stream": {},
}


def operation(*parameters: dict[str, Any], responses: tuple[str, ...] = ("200",), **members: Any) -> Operation:
    described = {
        "parameters": list(parameters),
        "responses": {status: {"description": ""} for status in responses},
        **members,
    }
    return api_of({"/things/{id}": {"post": described}}).operations[0]


def sent(described: Operation, **case: Any) -> dict[tuple[str, str], Form]:
    forms: Forms = RequestReader(described).forms(case_of(described, **{"target": "/things/7?kind=a", **case}))
    return dict(forms)


def test_each_parameter_is_read_by_itself() -> None:
    described = operation(IDENT, KIND, SHORT)
    assert sent(described, target="/things/x?kind=c", headers=(("x-short", "abcd"),)) == {
        ("path", "id"): Form.INVALID,
        ("query", "kind"): Form.INVALID,
        ("header", "X-Short"): Form.INVALID,
    }
    assert sent(described, target="/things/7") == {
        ("path", "id"): Form.VALID,
        ("query", "kind"): Form.LEFT_OUT,
        ("header", "X-Short"): Form.LEFT_OUT,
    }
    assert sent(described, target="/others/7") == {}


@pytest.mark.parametrize(
    ("media_type", "body", "forms"),
    [
        ("application/json", b'{"name": 1}', {"application/json": Form.VALID}),
        ("application/json; charset=utf-8", b"{}", {"application/json": Form.INVALID}),
        ("application/json", b"{", {"application/json": Form.INVALID}),
        ("text/plain", b"any", {"text/plain": Form.VALID}),
        ("image/png", b"\x89", {}),
        ("text/event-stream", b"data: 1\n\n", {}),
        ("application/json", None, dict.fromkeys(CONTENT, Form.LEFT_OUT)),
    ],
)
def test_a_body_counts_for_its_media_type(media_type: str, body: bytes | None, forms: dict[str, Form]) -> None:
    described = operation(IDENT, requestBody={"content": CONTENT})
    found = sent(described, body=body, headers=(("Content-Type", media_type),))
    assert {name: form for (location, name), form in found.items() if location == "body"} == forms


@pytest.mark.parametrize(
    ("parameter", "forms"),
    [
        (KIND, {Form.VALID, Form.INVALID, Form.LEFT_OUT}),
        (WORD, {Form.VALID, Form.LEFT_OUT}),
        (TAGS, {Form.VALID, Form.LEFT_OUT}),
        (SHORT, {Form.VALID, Form.INVALID, Form.LEFT_OUT}),
        (IDENT, {Form.VALID, Form.INVALID}),
        (SLUG, {Form.VALID}),
    ],
)
def test_only_what_can_be_sent_is_a_goal(parameter: dict[str, Any], forms: set[Form]) -> None:
    goals = goals_of(operation(parameter), probes_limits=False)
    assert set(goals.inputs[0].forms) == forms


def test_bodies_are_goals_as_far_as_they_are_read() -> None:
    goals = goals_of(operation(requestBody={"content": CONTENT}), probes_limits=False)
    assert {each.key[1]: set(each.forms) for each in goals.inputs} == {
        "application/json": {Form.VALID, Form.INVALID, Form.LEFT_OUT},
        "text/plain": {Form.VALID, Form.LEFT_OUT},
        "application/octet-stream": {Form.VALID, Form.INVALID, Form.LEFT_OUT},
        "text/event-stream": {Form.LEFT_OUT},
    }


def test_what_no_request_can_bring_about() -> None:
    described = operation(responses=("200", "401", "403", "404", "429", "500", "503", "default"))
    beyond = goals_of(described, probes_limits=True).beyond
    assert set(beyond) == {"401", "403", "429", "500", "503"}
    assert "declares no limit" in beyond["429"]
    assert "no credential" in beyond["401"]


def test_what_is_counted_is_bounded() -> None:
    tally = ReachedTally()
    for number in range(3 * MAX_MEDIA_TYPES):
        tally.add((), answer_of(b"", f"text/made-up-{number}"))
        tally.add((), answer_of(b"", "text/made-up-0; charset=utf-8"))
    reached = tally.reached()
    assert len(reached.media_types) == MAX_MEDIA_TYPES
    assert reached.media_types[200, "text/made-up-0"] == 3 * MAX_MEDIA_TYPES + 1


def test_who_is_turned_away_has_reached_nothing() -> None:
    place = (("query", "kind"), Form.VALID)
    tally = ReachedTally()
    tally.add((place,), answer_of(b"", status=401))
    tally.add((place,), answer_of(b"", status=429))
    assert not tally.reached().has(*place)
    tally.add((place,), answer_of(b"", status=404))
    assert tally.reached().has(*place)
    assert tally.reached().inputs == {place: {401: 1, 404: 1, 429: 1}}


def test_reports_put_together_have_reached_what_each_has() -> None:
    one, other = (("query", "kind"), Form.VALID), (("query", "kind"), Form.INVALID)
    first = Reached({one: {200: 1}}, {(200, "text/plain"): 1})
    second = Reached({one: {200: 2, 404: 1}, other: {400: 1}}, {(200, "text/plain"): 1})
    merged = merge_reached([first, second])
    assert merged == Reached({one: {200: 3, 404: 1}, other: {400: 1}}, {(200, "text/plain"): 2})
    run = run_with()
    parts = [
        replace(run, operations=tuple(replace(each, reached=reached) for each in run.operations))
        for reached in (first, second)
    ]
    assert {each.plan.label: each.reached for each in merge_runs(parts).operations} == {PETS: merged, PET: merged}


def test_a_run_reaches_what_there_is() -> None:
    with serving(app(healthy)) as server:
        run, _ = run_against(server.url, replace(QUICK, max_seconds=60))
    (operation,) = run.operations
    goals, key = operation.plan.goals, ("query", "limit")
    assert goals == goals_of(API.operations[0], probes_limits=False)
    assert {form for form in Form if operation.reached.has(key, form)} == set(Form)
    assert set(operation.reached.inputs[key, Form.INVALID]) == {400}
    assert set(operation.reached.inputs[key, Form.VALID]) == {200}
    assert (200, "application/json") in operation.reached.media_types
