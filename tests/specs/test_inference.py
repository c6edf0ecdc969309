"""Documents that declare nothing: what is inferred of them works, stays valid, and is left alone where it is in doubt."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest

from understudy.mockserver.stores.memory import MemoryStore
from understudy.specs.allowed_types import AllowedTypes
from understudy.specs.behaviour import Request, reads, step
from understudy.specs.behaviour.declarations import Resource, Verb
from understudy.specs.behaviour.expectation import Expectation, Free, Items, Joined, Known, Members, Refusal, Shown
from understudy.specs.behaviour.inference import Inference, infer_behaviour, with_inferred
from understudy.specs.behaviour.inferred_facts import Fact
from understudy.specs.behaviour.scenes import find_scope, scene_of
from understudy.specs.behaviour.step import Given, creates
from understudy.specs.behaviour.values import compile_value
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.document import Json
from understudy.specs.model import MISSING, Api, Direction, Location, Missing, Operation
from understudy.specs.paths import Match, Route, Router
from understudy.specs.problems import ProblemKind
from understudy.specs.schema import Schema

DOCUMENTS = Path(__file__).parent.parent / "documents"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
STATUSES = {ProblemKind.RESOURCE_NOT_FOUND: 404, ProblemKind.CONFLICT: 409}


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json | Missing
    headers: Mapping[str, Json]


class World:
    """The smallest server there can be: it steps, commits, and makes up what is free. Every body it gives is valid."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.store = MemoryStore(api.resources.values())
        self.router = Router(Route(each.method, each.path, each) for each in api.operations)

    def __call__(self, method: str, path: str, body: Json | Missing = MISSING, **query: Json) -> Answer:
        return asyncio.run(self.answer(method, path, body, query))

    async def answer(self, method: str, path: str, body: Json | Missing, query: dict[str, Json]) -> Answer:
        match = self.router.find(method, path)
        assert isinstance(match, Match), f"{method} {path} is no route"
        operation = match.value
        request = Request(
            operation, typed(operation, match.parameters), query, {}, {}, body, media_type(operation, body)
        )
        for _ in range(20):
            snapshot = await self.store.read(reads(operation, request, NOW))
            given = await self.given(operation, request) if creates(operation) else Given()
            outcome = min(step(snapshot, operation, request, NOW, given), key=status_of)
            if isinstance(outcome.pattern, Refusal):
                return Answer(STATUSES[outcome.pattern.kind], MISSING, {})
            if await self.store.commit(outcome.effects):
                break
        else:
            raise AssertionError("every new key was taken")
        pattern = outcome.pattern
        headers = {name: value.value for name, value in pattern.headers.items() if isinstance(value, Known)}
        return Answer(pattern.status, self.body(pattern.bodies[0]) if pattern.bodies else MISSING, headers)

    async def given(self, operation: Operation, request: Request) -> Given:
        assert operation.action is not None
        resource = operation.action.resource
        scope = find_scope(resource, scene_of(request, NOW))
        assert resource.schema is not None
        assert scope is not None
        ordinal = await self.store.next_ordinal(resource.name, scope)
        record = resource.schema.generator(Direction.RESPONSE).generate(f"{resource.name}/{scope}/{ordinal}")
        key = resource.key_schema or dict(resource.schema.members())[resource.key]
        return Given({**record, resource.key: key.generator(Direction.RESPONSE).generate(f"key/{scope}/{ordinal}")})

    def body(self, content: tuple[object, Expectation]) -> Json:
        described, expectation = content
        schema: Schema | None = described.schema  # type: ignore[attr-defined]  # a MediaType
        value = realised(expectation, schema)
        if schema is not None:
            assert schema.validator(Direction.RESPONSE).violations(value) == (), value
        return value
