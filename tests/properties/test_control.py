"""Laws of control: broken JSON is never JSON, and nothing that is sent or written makes it stumble."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from tests.apps.pets import PETS
from understudy.mockserver.app import create_app
from understudy.mockserver.control.scenarios import read_scenarios
from understudy.mockserver.forcing.faults import break_json
from understudy.mockserver.forcing.forcing import read_forcing, write_forcing
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.errors import DocumentError, UsageError

NUMBERS = st.integers(-5, 10**6) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = {
    "operation": st.sampled_from(["readPet", "readWord", "GET /word", "*", "nope"]) | VALUES,
    "status": st.sampled_from([200, 404, 500, 599]) | VALUES,
    "example": st.sampled_from(["short", "none"]) | VALUES,
    "delay": st.sampled_from(["1ms", "1ms..2s", {"median": "1ms", "p99": "2s"}]) | VALUES,
    "pace": st.sampled_from(["1ms", "2s"]) | VALUES,
    "fault": st.sampled_from(["drop", "cut", "stall"]) | VALUES,
    "after": st.integers(-1, 5) | VALUES,
    "rate": st.floats(0, 1) | VALUES,
    "times": st.integers(0, 5) | VALUES,
}
OVERRIDES = st.fixed_dictionaries({}, optional=MEMBERS)
SCENARIO = st.fixed_dictionaries(
    {},
    optional={
        "records": st.sampled_from(["seed", "empty", "keep"]) | st.fixed_dictionaries({"pet": VALUES}) | VALUES,
        "clock": st.sampled_from(["+2h", "-1d", "2024-03-04T09:00:00Z"]) | VALUES,
        "overrides": st.lists(OVERRIDES, max_size=2) | VALUES,
    },
)


@cache
def app() -> Starlette:
    return create_app([build_api(parse_document(PETS.encode(), "/pets.yaml"), name="pets")])


@given(VALUES)
def test_broken_json_is_never_json(value: Any) -> None:
    text = json.dumps(value)
    with pytest.raises(json.JSONDecodeError):
        json.loads(break_json(text.encode()))


@given(OVERRIDES | VALUES)
def test_an_override_is_read_or_refused_and_written_as_it_was_read(raw: Any) -> None:
    try:
        forcing = read_forcing(raw)
    except UsageError:
        return
    assert read_forcing(write_forcing(forcing)) == forcing


@settings(max_examples=60)
@given(st.fixed_dictionaries({"scenarios": st.dictionaries(st.sampled_from(["a", "b c", "d"]), SCENARIO)}) | VALUES)
def test_a_file_of_scenarios_is_read_or_refused_with_its_place(tree: Any) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "scenarios.json"
        path.write_text(json.dumps(tree), encoding="utf-8")
        told = ""
        try:
            read_scenarios(str(path))
        except DocumentError as error:
            told = str(error)
        assert told == "" or told.startswith(str(path))


@settings(max_examples=60)
@given(
    st.sampled_from(["PUT /clock", "POST /clock", "POST /overrides", "POST /snapshot", "PUT /scenarios"]),
    OVERRIDES
    | st.fixed_dictionaries({"format": st.just(1), "documents": st.fixed_dictionaries({"pets": VALUES})})
    | VALUES,
)
def test_no_body_makes_the_control_api_stumble(place: str, body: Any) -> None:
    method, path = place.split()

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app()), base_url="http://localhost") as client:
            return await client.request(method, f"/__understudy{path}", content=json.dumps(body))

    answer = asyncio.run(send())
    assert answer.status_code in (200, 201, 204, 422)
    if answer.status_code == 422:
        assert answer.json()["detail"]
