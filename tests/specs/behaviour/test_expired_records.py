from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from understudy.mockserver.stores import MemoryStore
from understudy.specs.behaviour import Request, reads, step
from understudy.specs.behaviour.expectation import Refusal
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.model import MISSING

DOCUMENT = b"""
openapi: 3.2.0
info: {title: t, version: '1'}
x-understudy:
  resources:
    pass:
      key: name
      expires: ends
      defaults: {ends: "= now + duration('60s')"}
paths:
  /passes/{name}:
    put:
      operationId: make
      x-understudy: {action: {create: pass, key: $request.path.name}}
      parameters: [{name: name, in: path, required: true, schema: {type: string}}]
      responses: {'201': {description: d}}
"""
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_has_expired_can_be_made_anew() -> None:
    api = build_api(parse_document(DOCUMENT, "/doc.yaml"))
    operation = api.operations[0]
    store = MemoryStore(api.resources.values())
    request = Request(operation, {"name": "a"}, {}, {}, {}, MISSING, "")

    async def make(now: datetime) -> bool:
        snapshot = await store.read(reads(operation, request, now))
        (outcome,) = step(snapshot, operation, request, now)
        return not isinstance(outcome.pattern, Refusal) and await store.commit(outcome.effects)

    async def conversation() -> list[bool]:
        return [await make(BEGIN), await make(BEGIN), await make(BEGIN + timedelta(seconds=61))]

    assert asyncio.run(conversation()) == [True, False, True]
