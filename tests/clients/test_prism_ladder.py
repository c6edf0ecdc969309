"""Each rung of Prism's ladder, asked of Prism and of our mock: the same status and media type, or a listed reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from understudy.mockserver.prism import running_prism
from understudy.mockserver.serving.running import running
from understudy.mockserver.settings import Settings
from understudy.specs.catalog import load_api

DOCUMENT = Path(__file__).parents[1] / "documents" / "ladder.yaml"
SHIP = b'{"name": "Rose"}'
JSON = {"content-type": "application/json"}
TRACED = {**JSON, "x-trace": "7"}
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Ask:
    """A request, what we answer, and, where Prism answers something else, that and why it is so.

    Attributes:
        expected: Status and media type, which is empty where there is no body.
        theirs: None where Prism answers the same.
    """

    rung: str
    target: str
    expected: tuple[int, str]
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    theirs: tuple[int, str] | None = None
    why: str = ""


J = "application/json"
ASKS = (
    Ask("status: the lowest 2xx", "/several", (201, J)),
    Ask("status: a range, as 200", "/range", (200, J)),
    Ask("status: default, as 200", "/only-default", (200, J)),
    Ask("status: nothing but errors", "/only-errors", (404, J)),
    Ask("status: a redirect", "/redirect", (302, "")),
    Ask("status: no content", "/empty", (204, "")),
    Ask("status: wished", "/examples", (400, J), headers={"prefer": "code=400"}),
    Ask("status: wished of default", "/examples", (503, J), headers={"prefer": "code=503"}),
    Ask("status: wished of a range", "/range", (299, J), headers={"prefer": "code=299"}),
    Ask("status: wished, not documented", "/several", (404, PROBLEM), headers={"prefer": "code=500"}),
    Ask("status: wished, no number", "/several", (422, PROBLEM), headers={"prefer": "code=teapot"}),
    Ask("status: wished in the query", "/examples?__code=400", (400, J)),
    Ask(
        "media type: any",
        "/types",
        (200, J),
        theirs=(200, "text/plain"),
        why="JSON is what a client expects that says nothing",
    ),
    Ask("media type: named", "/types", (200, "text/plain"), headers={"accept": "text/plain"}),
    Ask(
        "media type: by quality",
        "/types",
        (200, "text/plain"),
        headers={"accept": "application/json;q=0.1, text/plain"},
    ),
    Ask("media type: range", "/types", (200, "text/plain"), headers={"accept": "text/*"}),
    Ask(
        "media type: vendor",
        "/types",
        (200, "application/vnd.ship+json"),
        headers={"accept": "application/vnd.ship+json"},
    ),
    Ask("media type: xml", "/xml-only", (200, "application/xml"), headers={"accept": "application/xml"}),
    Ask("media type: none that is accepted", "/types", (406, PROBLEM), headers={"accept": "image/png"}),
    Ask("media type: nothing to accept", "/empty", (204, ""), headers={"accept": "image/png"}),
    Ask("example: the first", "/examples", (200, J)),
    Ask("example: wished", "/examples", (200, J), headers={"prefer": "example=second"}),
    Ask("example: wished in the query", "/examples?__example=second", (200, J)),
    Ask("example: wished, unknown", "/examples", (404, PROBLEM), headers={"prefer": "example=third"}),
    Ask("example: wished of an error", "/examples", (400, J), headers={"prefer": "code=400, example=bad"}),
    Ask("example: none", "/schema-only", (200, J)),
    Ask("example: dynamic", "/examples", (200, J), headers={"prefer": "dynamic=true"}),
    Ask("example: dynamic in the query", "/examples?__dynamic=true", (200, J)),
    Ask("route: unknown", "/nowhere", (404, PROBLEM)),
    Ask("route: wrong method", "/several", (405, PROBLEM), method="PUT"),
    Ask("route: concrete before templated", "/ships/mine", (200, J)),
    Ask("validation: valid", "/ships", (201, J), method="POST", headers=TRACED, body=SHIP),
    Ask("validation: body", "/ships", (422, PROBLEM), method="POST", headers=TRACED, body=b'{"sails": 1}'),
    Ask("validation: wrong type", "/ships", (422, PROBLEM), method="POST", headers=TRACED, body=b'{"name": 5}'),
    Ask(
        "validation: no body",
        "/ships",
        (400, PROBLEM),
        method="POST",
        headers={"x-trace": "7"},
        theirs=(422, PROBLEM),
        why="nothing was sent that could be judged: `missing-body` of the vocabulary",
    ),
    Ask("validation: query", "/ships?dry=perhaps", (422, PROBLEM), method="POST", headers=TRACED, body=SHIP),
    Ask("validation: missing header", "/ships", (422, PROBLEM), method="POST", headers=JSON, body=SHIP),
    Ask("validation: header", "/ships", (422, PROBLEM), method="POST", headers={**JSON, "x-trace": "x"}, body=SHIP),
    Ask("validation: path", "/ships/x", (422, PROBLEM)),
    Ask(
        "validation: media type",
        "/ships",
        (415, PROBLEM),
        method="POST",
        headers={"content-type": "text/csv", "x-trace": "7"},
        body=b"a,b",
    ),
    Ask("validation: optional body", "/optional-body", (204, ""), method="POST"),
    Ask("error: documented as 422", "/documented-422", (422, J), method="POST", headers=JSON, body=b"{}"),
    Ask(
        "error: documented as 400",
        "/documented-400",
        (400, "application/vnd.problem+json"),
        method="POST",
        headers=JSON,
        body=b"{}",
    ),
    Ask("error: documented as default", "/documented-default", (422, J), method="POST", headers=JSON, body=b"{}"),
    Ask("security: no token", "/bearer", (401, J)),
    Ask("security: token", "/bearer", (200, ""), headers={"authorization": "Bearer abc"}),
    Ask("security: another scheme", "/bearer", (401, J), headers={"authorization": "Basic YTpi"}),
    Ask("security: no password", "/basic", (401, PROBLEM)),
    Ask("security: password", "/basic", (200, ""), headers={"authorization": "Basic YTpi"}),
    Ask("security: password, no base64", "/basic", (401, PROBLEM), headers={"authorization": "Basic abc"}),
    Ask("security: no key", "/key", (401, PROBLEM)),
    Ask("security: key", "/key", (200, ""), headers={"x-key": "k"}),
    Ask("security: key in the query", "/query-key?key=k", (200, "")),
    Ask("security: one of two", "/either", (200, ""), headers={"x-key": "k"}),
    Ask("security: none of two", "/either", (401, PROBLEM)),
    Ask("security: half of both", "/both", (401, PROBLEM), headers={"x-key": "k"}),
    Ask("security: both", "/both", (200, ""), headers={"x-key": "k", "authorization": "Bearer abc"}),
    Ask("security: optional", "/open", (200, "")),
    Ask("security: before validation", "/bearer?x=1", (401, J)),
)


@pytest.fixture(scope="module")
def servers(find_tool: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    api = load_api(str(DOCUMENT)).stateless()
    with running(api, settings=Settings(pace=0)) as ours, running_prism(api, program=find_tool("prism")) as theirs:
        yield ours.url, theirs.url


def send(url: str, ask: Ask) -> httpx.Response:
    headers = {"accept": "*/*", **ask.headers}
    return httpx.request(ask.method, url + ask.target, headers=headers, content=ask.body, timeout=10)


def seen(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("content-type", "").partition(";")[0] if answer.content else ""


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.rung)
def test_both_stand_on_the_same_rung(servers: tuple[str, str], ask: Ask) -> None:
    ours, theirs = (seen(send(url, ask)) for url in servers)
    assert ours == ask.expected
    assert theirs == (ask.theirs or ask.expected)
    assert bool(ask.why) == (ask.theirs is not None)


def test_every_rung_of_the_documented_ladder_is_asked() -> None:
    assert {ask.rung.partition(":")[0] for ask in ASKS} == {
        *("status", "media type", "example", "route", "validation", "error", "security")
    }
    assert len({ask.rung for ask in ASKS}) == len(ASKS)
