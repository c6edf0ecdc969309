"""Rate limits over HTTP: counted always, told truthfully, enforced on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.mockserver.conftest import build
from understudy.mockserver.app import create_app
from understudy.mockserver.settings import Clock, RateLimits, Settings

MakeClient = Callable[..., httpx.Client]

SHOP = """
x-understudy:
  limits:
    hourly:
      limit: 5
      window: 1h
      scope: [credential]
      default: true
      headers: {limit: X-Limit, remaining: X-Left, reset: X-Reset, resetAs: delta}
    search: {limit: 2, window: 1m, scope: [$request.path.shop, $request.query.team, $request.header.X-Team]}
  errors:
    envelopes:
      - schema: '#/components/schemas/Error'
        body: {code: $problem.code, limit: $problem.limit, wait: $problem.retryAfter}
    kinds: {rate-limited: {code: SLOW_DOWN}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas:
    Error: {type: object, required: [code], properties: {code: {}, limit: {type: string}, wait: {type: integer}}}
  responses:
    Slow: {description: Slow down., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
security: [{}, {key: []}]
paths:
  /goods:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses:
        '200': {description: Goods., headers: {X-Left: {schema: {type: integer}, example: 77}}}
        '429': {$ref: '#/components/responses/Slow'}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: Made.}}
  /shops/{shop}/search:
    get:
      parameters:
        - {name: shop, in: path, required: true, schema: {type: string}}
        - {name: team, in: query, schema: {type: string}}
      x-understudy: {limits: [search]}
      responses: {'200': {description: Found.}, '429': {$ref: '#/components/responses/Slow'}}
  /free: {get: {x-understudy: {limits: []}, responses: {'204': {description: Nothing.}}}}
"""
START = datetime(2026, 1, 1, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.now = START

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, asyncio.sleep)


def left(answer: httpx.Response) -> str:
    (value,) = answer.headers.get_list("x-left")
    return value


def test_every_answer_says_what_is_left(mock: MakeClient) -> None:
    time = Time()
    client = mock(SHOP, clock=time.clock)
    first = client.get("/goods")
    assert (left(first), first.headers["x-limit"], first.headers["x-reset"]) == ("4", "5", "3600")
    time.now += timedelta(seconds=600.5)
    answers = [
        client.get("/goods"),  # remembered, and told anew
        client.get("/goods?page=x"),
        client.post("/goods", content=b"{", headers={"content-type": "application/json"}),
        client.head("/goods"),
    ]
    assert [(each.status_code, left(each)) for each in answers] == [(200, "3"), (422, "2"), (400, "1"), (200, "0")]
    assert answers[0].headers["x-reset"] == "3000"
    assert client.get("/free").headers.keys().isdisjoint({"x-limit", "x-left", "x-reset"})


def test_reporting_refuses_nothing(mock: MakeClient) -> None:
    client = mock(SHOP, clock=Time().clock)
    assert [(each.status_code, left(each)) for each in (client.get("/goods") for _ in range(7))][4:] == [(200, "0")] * 3


def test_enforcing_refuses_until_the_window_ends(mock: MakeClient) -> None:
    time = Time()
    client = mock(SHOP, clock=time.clock, rate_limits=RateLimits.ENFORCE)
    assert [client.get("/goods").status_code for _ in range(5)] == [200] * 5
    time.now += timedelta(seconds=3599)
    refused = client.get("/goods")
    assert (refused.status_code, refused.headers["retry-after"], left(refused)) == (429, "1", "0")
    assert refused.json() == {"code": "SLOW_DOWN", "limit": "5 requests per hour", "wait": 1}
    time.now += timedelta(seconds=1)
    again = client.get("/goods")
    assert (again.status_code, left(again)) == (200, "4")


def test_callers_are_told_apart_by_what_is_declared(mock: MakeClient) -> None:
    client = mock(SHOP, clock=Time().clock, rate_limits=RateLimits.ENFORCE)
    for _ in range(5):
        client.get("/goods", headers={"x-key": "one"})
    assert client.get("/goods", headers={"x-key": "one"}).status_code == 429
    assert client.get("/goods", headers={"x-key": "two"}).status_code == 200
    assert client.get("/goods").status_code == 200

    def search(shop: str, team: str = "", header: str = "") -> int:
        return client.get(f"/shops/{shop}/search", params={"team": team}, headers={"x-team": header}).status_code

    assert [search("a"), search("a"), search("a")] == [200, 200, 429]
    assert [search("b"), search("a", team="t"), search("a", header="h"), search("%61")] == [200, 200, 200, 429]


def test_a_long_key_counts_as_any_other(mock: MakeClient) -> None:
    client = mock(SHOP, clock=Time().clock, rate_limits=RateLimits.ENFORCE)
    keys = ["k" * 5000 + end for end in ("a", "b")]
    assert [left(client.get("/goods", headers={"x-key": key})) for key in keys * 2] == ["4", "4", "3", "3"]


def test_the_window_moves_with_the_clock_of_the_store(mock: MakeClient) -> None:
    client = mock(SHOP, clock=Time().clock, rate_limits=RateLimits.ENFORCE)
    app = client._transport._asgi.app  # type: ignore[attr-defined]  # of the transport in conftest
    (api,) = app.routes[0]._mock.controls.apis
    store = api.store
    assert [client.get("/shops/a/search").status_code for _ in range(3)] == [200, 200, 429]
    asyncio.run(store.set_offset(60))
    assert client.get("/shops/a/search").status_code == 200


@pytest.mark.parametrize(
    ("window", "text"), [("90s", "90 seconds"), ("2m", "2 minutes"), ("24h", "day"), ("250ms", "0.25 seconds")]
)
def test_the_limit_is_put_into_words(mock: MakeClient, window: str, text: str) -> None:
    client = mock(SHOP.replace("window: 1h", f"window: {window}"), clock=Time().clock, rate_limits=RateLimits.ENFORCE)
    refused = [client.get("/goods") for _ in range(6)][5]
    assert refused.json()["limit"] == f"5 requests per {text}"


def test_limits_that_cannot_be_counted_are_a_503(mock: MakeClient) -> None:
    client = mock(SHOP, state="redis://127.0.0.1:1")
    refused = client.get("/goods")
    assert refused.status_code == 503
    assert "127.0.0.1:1" in refused.headers["x-understudy-problem"]


def test_a_scenario_enforces_limits(mock: MakeClient, tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text("scenarios: {usual: {}, strict: {limits: enforce}, lenient: {limits: report}}")

    def statuses(scenario: str, rate_limits: RateLimits) -> list[int]:
        async def ask() -> list[int]:
            settings = Settings(clock=Time().clock, rate_limits=rate_limits, scenario=f"{file}#{scenario}")
            app = create_app([build(SHOP)], settings)
            transport = httpx.ASGITransport(app)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://mock.test") as client,
            ):
                return [(await client.get("/goods")).status_code for _ in range(6)]

        return asyncio.run(ask())

    for said in RateLimits:
        assert statuses("strict", said) == [*[200] * 5, 429]
        assert statuses("lenient", said) == [200] * 6
    assert statuses("usual", RateLimits.REPORT) == [200] * 6
    assert statuses("usual", RateLimits.ENFORCE) == [*[200] * 5, 429]
