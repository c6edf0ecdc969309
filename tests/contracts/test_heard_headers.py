"""A mock hears `If-Match`, `If-None-Match` and `Idempotency-Key`: the probes pass on it, and not where it is deaf."""

from __future__ import annotations

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.apps.small_api import api_of
from understudy.contracts.running.folding import fold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run, Verdict
from understudy.mockserver.app import create_app
from understudy.mockserver.serving.running import serving
from understudy.mockserver.settings import Settings as MockSettings
from understudy.specs.documents.document import Json
from understudy.specs.model import Api

NOTE: Json = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {"id": {"type": "string", "readOnly": True}, "text": {"type": "string", "minLength": 1}},
}
CLAIMS = ("not-modified-answered", "failed-precondition-refused", "idempotency-key-honoured")
HEARD = {
    "if-none-match": "not-modified-answered",
    "if-match": "failed-precondition-refused",
    "idempotency-key": "idempotency-key-honoured",
}
"""The header that each claim is about."""


def notes() -> Api:
    content = {"application/json": {"schema": NOTE}}
    one: Json = {"description": "One.", "headers": {"ETag": {"schema": {"type": "string"}}}, "content": content}
    body: Json = {"required": True, "content": content}
    key: Json = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 8}}
    path: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    wrong = {"400": {"description": "Wrong."}, "422": {"description": "Invalid."}}
    gone, changed = {"404": {"description": "None."}}, {"412": {"description": "Changed."}}
    listed: Json = {"application/json": {"schema": {"type": "array", "items": NOTE}}}
    return api_of(
        {
            "/notes": {
                "get": {"responses": {"200": {"description": "All.", "content": listed}}},
                "post": {"parameters": [key], "requestBody": body, "responses": {"201": one, **wrong}},
            },
            "/notes/{id}": {
                "parameters": [path],
                "get": {"responses": {"200": one, "304": {"description": "As before."}, **gone}},
                "put": {"requestBody": body, "responses": {"200": one, **wrong, **gone, **changed}},
                "delete": {"responses": {"204": {"description": "Gone."}, **gone, **changed}},
            },
        }
    )


class Deaf:
    """An application that doesn't hear a header."""

    def __init__(self, app: ASGIApp, header: str) -> None:
        self._app = app
        self._header = header.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [each for each in scope.get("headers", ()) if each[0] != self._header]
        await self._app({**scope, "headers": headers} if scope["type"] == "http" else scope, receive, send)


def run(header: str, *claims: str) -> Run:
    described = notes()
    settings = Settings(profile=Profile.QUICK, claims=claims, seed=0)
    with serving(Deaf(create_app([described], MockSettings()), header)) as server:
        return fold(run_checks(described, server.url, settings))


def test_a_mock_that_hears_is_not_blamed() -> None:
    result = run("nothing-at-all")
    assert [f"{each.claim.id} {each.operation}: {each.message}" for each in result.findings] == []
    judged = {
        claim
        for operation in result.operations
        for claim, found in operation.claims.items()
        if found.verdict is Verdict.PASSED
    }
    assert set(CLAIMS) <= judged


@pytest.mark.parametrize("header", list(HEARD))
def test_one_that_is_deaf_is_found(header: str) -> None:
    found = run(header, *CLAIMS)
    assert {finding.claim.id for finding in found.findings} == {HEARD[header]}, found.errors
