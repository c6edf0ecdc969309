"""Which record an answer is about, where `answer` says some of its members."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.apps.small_api import api_of
from understudy.mockserver.stores import MemoryStore
from understudy.specs.behaviour import Request, reads, step
from understudy.specs.behaviour.expectation import Known, Members
from understudy.specs.behaviour.state import Outcome

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def outcome_of(properties: list[str], answer: dict[str, Any]) -> Outcome:
    """What becomes of a comment on a new note, which is answered with these members."""
    schema = {"type": "object", "properties": {name: {} for name in properties}}
    described = {"201": {"description": "", "content": {"application/json": {"schema": schema}}}}
    made = {"create": "note", "key": "$request.path.id", "body": False, "answer": answer}
    api = api_of(
        {"/notes/{id}": {"put": {"parameters": [KEY], "responses": described, "x-understudy": {"action": made}}}},
        **{"x-understudy": {"resources": {"note": {"key": "id", "defaults": {"made_at": "long ago", "title": "A"}}}}},
    )
    operation = api.operations[0]
    request = Request(operation, {"id": "1"}, {}, {}, {}, None, "")
    snapshot = asyncio.run(MemoryStore(api.resources.values()).read(reads(operation, request, NOW)))
    (outcome,) = step(snapshot, operation, request, NOW)
    return outcome


@pytest.mark.parametrize(
    ("properties", "about"),
    [(["made_at"], ()), (["made_at", "role"], ()), (["made_at", "title"], ("note", "1"))],
    ids=["nothing of the record", "nothing, and more", "its title"],
)
def test_what_the_answer_says_itself_does_not_make_it_the_record(properties: list[str], about: tuple[str, ...]) -> None:
    pattern = outcome_of(properties, {"made_at": "$now", "role": "user"}).pattern
    ((_, body),) = pattern.bodies  # type: ignore[union-attr]  # the test fails where it is a refusal
    assert isinstance(body, Members)
    assert body.about == about
    assert body.members["made_at"] == Known("2026-01-01T00:00:00Z")
