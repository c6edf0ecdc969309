"""Runs of an API that doesn't exist: a rich one, and the states at the edges."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.coverage import BODY, Form, Forms, Goals, Input
from understudy.contracts.events import (
    ClaimExercised,
    ClaimSkipped,
    ErrorRaised,
    Event,
    ExchangeDone,
    FailureFound,
    FlakyFound,
    OperationPlanned,
    PhaseFinished,
    PhaseStarted,
    RunFinished,
    RunStarted,
    StreamSeen,
)
from understudy.contracts.running.folding import fold
from understudy.contracts.verdict import Run
from understudy.specs.documents.document import Json
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.validation import Violation

TOKEN = "tok-4e1f0c9a77"
BASE = "http://127.0.0.1:4010/v1"

_CLAIMS = """
server-error|critical|The server never answers 5xx|rfc9110#section-15.6|exchange checks
auth-ignored|critical|A request without credentials is refused|rfc9110#section-15.5.2|exchange checks
tenant-isolated|critical|Nobody reads another tenant's records|rfc9110#section-15.5.4|isolation probe
response-body|high|The body matches its schema|oas/v3.2.0.html#media-type-object|exchange checks
response-status|high|The status is documented|oas/v3.2.0.html#responses-object|exchange checks
response-media-type|high|The media type is documented|oas/v3.2.0.html#response-object|exchange checks
read-after-write|high|What was written is read back|rfc9110#section-9.3.4|model
deleted-is-gone|high|What was deleted is gone|rfc9110#section-9.3.5|model
stream-terminal|high|A stream ends with its terminal event, once|oas/v3.2.0.html#sequential-media-types|stream checks
stream-event|high|Every event matches its schema|oas/v3.2.0.html#sequential-media-types|stream checks
stream-incremental|medium|A stream is delivered as it is made|html.spec.whatwg.org#server-sent-events|stream checks
invalid-body-accepted|medium|An invalid body is refused|oas/v3.2.0.html#request-body-object|exchange checks
valid-data-refused|medium|What the document allows is accepted|oas/v3.2.0.html#schema-object|exchange checks
response-header|medium|Headers match their schemas|oas/v3.2.0.html#header-object|exchange checks
error-envelope|medium|Errors have the API's own envelope|rfc9457#section-3|exchange checks
missing-header-accepted|medium|A missing required header is refused|oas/v3.2.0.html#parameter-object|exchange checks
method-not-allowed|low|An unknown method is refused with 405|rfc9110#section-15.5.6|exchange checks
allow-header|low|A 405 says what is allowed|rfc9110#section-10.2.1|exchange checks
pages-without-gaps|medium|Pages neither overlap nor leave gaps|rfc8288#section-3|paging probe
limit-headers|low|Limit headers are well formed|rfc6585#section-4|limits probe
"""


def _claim(line: str) -> Claim:
    claim_id, severity, title, clause, owner = line.split("|")
    host = "https://" if clause.startswith("html.") else "https://www.rfc-editor.org/rfc/"
    if clause.startswith("oas/"):
        host = "https://spec.openapis.org/"
    text = f"{title}. Judged on every answer of the operations that it applies to."
    return Claim(claim_id, title, Severity(severity), host + clause, text, owner)


CLAIMS = tuple(_claim(line) for line in _CLAIMS.split("\n") if line)
BY_ID = {claim.id: claim for claim in CLAIMS}

_OPERATIONS = """
GET /health|getHealth|status|200,503
GET /orchards|listOrchards|orchards|200,400,401,429
POST /orchards|createOrchard|orchards|201,400,401,413,429
GET /orchards/{orchardId}|getOrchard|orchards|200,401,404,429
PATCH /orchards/{orchardId}|updateOrchard|orchards|200,400,401,404,429
DELETE /orchards/{orchardId}|deleteOrchard|orchards|204,401,404,429
GET /orchards/{orchardId}/trees|listTrees|trees|200,401,404,429
POST /orchards/{orchardId}/trees|plantTree|trees|201,400,401,404,409,429
GET /orchards/{orchardId}/trees/{treeId}/harvests|listHarvests|harvests|200,401,404,4XX
POST /orchards/{orchardId}/trees/{treeId}/harvests|recordHarvest|harvests|201,400,401,404,422
POST /chat/completions|createChatCompletion|advice|200,400,401,429,default
POST /imports|importRecords|jobs|202,400,401,413,415
GET /imports/{importId}/events|watchImport|jobs|200,401,404
DELETE /account|deleteAccount|account|204,401
"""


def _operation(line: str) -> OperationPlanned:
    label, operation_id, tag, statuses = line.split("|")
    skipped = "" if label != "DELETE /account" else "it may touch what is not ours; --allow-destructive runs it"
    keys = tuple(statuses.split(","))
    beyond = {key: "a fault of the server's own" for key in keys if key == "503"}
    goals = Goals((*_inputs(label),), {keys[0]: ("application/json",)}, beyond)
    return OperationPlanned(label, operation_id, (tag,), keys, skipped, goals)


def _inputs(label: str) -> Iterator[Input]:
    method, _, path = label.partition(" ")
    for name in re.findall(r"{(\w+)}", path):
        yield Input(("path", name), True, (Form.VALID,))
    if method in ("POST", "PATCH"):
        yield Input((BODY, "application/json"), True, tuple(Form))
    elif label == "GET /orchards":
        yield Input(("query", "limit"), False, tuple(Form))


def _forms(operation: OperationPlanned, index: int) -> Forms:
    """Each input in each of its forms by turns; a limit is never invalid."""
    inputs = operation.goals.inputs
    sent = [(each.key, each.forms[index % len(each.forms)]) for each in inputs]
    return tuple(each for each in sent if each != (("query", "limit"), Form.INVALID))


OPERATIONS = tuple(_operation(line) for line in _OPERATIONS.split("\n") if line)


def case(label: str, target: str, *, body: Json = None, mode: Mode = Mode.POSITIVE, note: str = "") -> Case:
    """A case with the usual headers, a JSON body where one is given."""
    headers = [("Authorization", f"Bearer {TOKEN}"), ("Accept", "application/json")]
    if body is not None:
        headers.append(("Content-Type", "application/json"))
    octets = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    return Case(label, label.split(" ")[0], target, tuple(headers), octets, mode, Phase.FUZZING, note)


def answer(status: int, body: Json | bytes, media_type: str = "application/json", elapsed_ms: float = 12.5) -> Answer:
    """An answer with a few headers; a body that isn't octets is written as JSON."""
    octets = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    reason = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 500: "Oops"}
    headers = (
        ("Content-Type", media_type),
        ("X-RateLimit-Remaining", "59"),
        ("Set-Cookie", "sid=s3cr3t-session; Path=/; HttpOnly"),
    )
    return Answer(status, reason.get(status, ""), headers, octets, elapsed_ms, elapsed_ms / 2)


def started(operations: tuple[OperationPlanned, ...] = OPERATIONS, claims: tuple[Claim, ...] = CLAIMS) -> RunStarted:
    """The first event of a run."""
    return RunStarted(
        title="Orchard API",
        version="2.4.0",
        openapi="3.2.0",
        document="orchard/openapi.yaml",
        target=BASE,
        seed=4242,
        started_at="2026-11-20T18:40:00Z",
        operations=operations,
        claims=claims,
        phases=(Phase.EXAMPLES, Phase.COVERAGE, Phase.FUZZING, Phase.PROBES),
        settings={"profile": "standard", "max-time": "120 s", "tenant-header": f"Bearer {TOKEN}"},
    )


def _traffic(operations: tuple[OperationPlanned, ...], skip: frozenset[str], most: int = 120) -> Iterator[Event]:
    draw = random.Random(7)
    for operation in operations:
        if operation.skipped:
            continue
        method = operation.label.split(" ")[0]
        middle = draw.choice((3.0, 9.0, 24.0, 60.0, 180.0))
        for index in range(draw.randint(20, most)):
            status = int(draw.choice([key for key in operation.statuses if key.isdigit()][:3]))
            exchange = Exchange(
                case(operation.label, "/x"),
                answer(status, {}, elapsed_ms=round(draw.lognormvariate(0, 0.5) * middle, 3)),
            )
            yield ExchangeDone(exchange, _forms(operation, index))
        for claim in CLAIMS:
            if claim.id in skip:
                continue
            is_stream = operation.operation_id in ("createChatCompletion", "watchImport")
            if claim.id.startswith("stream-") and not is_stream:
                continue
            if claim.id.endswith("body-accepted") and method not in ("POST", "PATCH"):
                continue
            if claim.id == "deleted-is-gone" and method == "POST":
                yield ClaimSkipped(claim.id, operation.label, "the document declares no way to delete what it makes")
                continue
            yield ClaimExercised(claim.id, operation.label, draw.randint(1, most))


def failure(claim_id: str, label: str, place: str, message: str, violations: tuple[Violation, ...] = ()) -> Failure:
    """A failure of one of the claims above."""
    return Failure(BY_ID[claim_id], label, place, message, violations)


def violation(pointer: str, keyword: str, expected: Json, actual: Json, message: str) -> Violation:
    """A violation of a property's schema."""
    return Violation(
        JsonPointer(pointer), keyword, expected, actual, JsonPointer(f"/properties{pointer}/{keyword}"), message
    )


def _findings() -> Iterator[FailureFound]:
    label = "GET /orchards/{orchardId}"
    created = Exchange(
        case("POST /orchards", "/orchards", body={"name": "Höhenobst „Süd“ 🍏", "password": "hunter2hunter2"}),
        answer(201, {"id": "orc_7f", "name": "Höhenobst „Süd“ 🍏", "accessToken": "at-998877665544"}),
    )
    yield FailureFound(
        failure("tenant-isolated", label, "200", "A second tenant reads an orchard that the first one created."),
        (
            created,
            Exchange(
                case(label, "/orchards/orc_7f", note="with the credentials of the second tenant"),
                answer(200, {"id": "orc_7f", "name": "Höhenobst „Süd“ 🍏", "trees": []}),
            ),
        ),
    )
    trees = [{"id": f"tree_{index:03}", "species": "Malus domestica", "planted": "2019-04-02"} for index in range(120)]
    trees[71]["planted"] = "last spring"
    for _ in range(37):
        yield FailureFound(
            failure(
                "response-body",
                "GET /orchards/{orchardId}/trees",
                "200 application/json /items/planted format",
                "The body of the 200 answer disagrees with its schema: planted is not a date.",
                (
                    violation("/items/71/planted", "format", "date", "last spring", '"last spring" is not a "date"'),
                    violation("", "required", ["items", "total"], {"items": "…"}, '"total" is a required property'),
                ),
            ),
            (
                Exchange(
                    case("GET /orchards/{orchardId}/trees", "/orchards/orc_7f/trees?limit=120&tag=a%26b"),
                    answer(200, {"items": trees, "next": None}, elapsed_ms=1820),
                ),
            ),
        )
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\x00\x1b[31m\u202eabc'\"`$(reboot)"
    yield FailureFound(
        failure(
            "invalid-body-accepted", "PATCH /orchards/{orchardId}", "name maxLength", f"A name of {evil} was accepted."
        ),
        (
            Exchange(
                case(
                    "PATCH /orchards/{orchardId}",
                    "/orchards/orc_7f",
                    body={"name": evil},
                    mode=Mode.NEGATIVE,
                    note="name longer than its maximum",
                ),
                answer(200, {"name": evil}),
            ),
        ),
    )
    stream = b'data: {"choices":[{"delta":{"content":"An app"}}]}\n\ndata: {"choices":[{"delta":{"content":7}}]}\n\n'
    chat = case("POST /chat/completions", "/chat/completions", body={"stream": True, "messages": []})
    for claim_id, place, message, violations in (
        ("stream-terminal", "200 text/event-stream", "The stream ended without [DONE].", ()),
        (
            "stream-event",
            "200 text/event-stream /choices/delta/content type",
            "Event 2 disagrees with its schema.",
            (violation("/1/data/choices/0/delta/content", "type", "string", 7, "7 is not a string"),),
        ),
    ):
        yield FailureFound(
            failure(claim_id, "POST /chat/completions", place, message, violations),
            (Exchange(chat, answer(200, stream, "text/event-stream", 640)),),
        )
    upload = Case(
        "POST /imports",
        "POST",
        "/imports?api-key=tok-4e1f0c9a77",
        (("Content-Type", "application/octet-stream"),),
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 5_000_000,
        Mode.NEGATIVE,
        Phase.PROBES,
        "5 MB where 1 MB is the limit",
    )
    yield FailureFound(
        failure("server-error", "POST /imports", "500", "The server answered 500 to an upload."),
        (Exchange(upload, answer(500, b"\xff\xfe\x00\x01" * 4_000, "application/octet-stream", 3100)),),
    )
    yield FailureFound(
        failure("method-not-allowed", "GET /health", "TRACE", "No answer came to TRACE; 405 was expected."),
        (
            Exchange(
                Case("GET /health", "TRACE", "/health", (), None, Mode.NEGATIVE, Phase.COVERAGE, "an unknown method"),
                None,
                "the connection was closed before an answer came",
            ),
        ),
    )


def tell_rich() -> Iterator[Event]:
    """14 operations, 20 claims, 7 findings; hostile text in names, bodies and messages."""
    yield started()
    yield PhaseStarted(Phase.EXAMPLES)
    yield from _traffic(OPERATIONS, frozenset({"limit-headers"}))
    for operation in OPERATIONS:
        yield ClaimSkipped("limit-headers", operation.label, "the document declares no limits")
    yield PhaseFinished(Phase.EXAMPLES, 412.0)
    for index in range(4):
        items = tuple(80.0 + 35 * item + 7 * index for item in range(18))
        yield StreamSeen("POST /chat/completions", items, items[-1] + 20)
    yield StreamSeen("POST /chat/completions", (702.0, 702.4, 702.9, 703.1), 703.5)
    yield StreamSeen("GET /imports/{importId}/events", (40.0, 900.0, 1500.0, 2900.0), 2950.0)
    yield StreamSeen("GET /imports/{importId}/events", (), 12.0)
    yield PhaseStarted(Phase.FUZZING)
    yield from _findings()
    yield PhaseFinished(Phase.FUZZING, 16_840.0)
    cut = Exchange(case("GET /orchards", "/orchards"), None, "the connection was reset")
    yield FlakyFound(failure("server-error", "GET /orchards", "reset", f"No answer to Bearer {TOKEN}."), (cut,))
    yield ErrorRaised(
        "POST /imports", Phase.FUZZING, "no value fits the schema of /file: pattern and maxLength exclude each other"
    )
    yield ErrorRaised("", None, "the check «two-digits» raised ZeroDivisionError: division by zero")
    yield RunFinished(18_250.0)


def passed_events() -> Iterator[Event]:
    """Every operation exercised, nothing found."""
    operations = OPERATIONS[:13]
    yield started(operations)
    yield PhaseStarted(Phase.FUZZING)
    yield from _traffic(operations, frozenset())
    yield PhaseFinished(Phase.FUZZING, 9_000.0)
    yield RunFinished(9_120.0)


def empty_events() -> Iterator[Event]:
    """A document without operations."""
    yield started((), ())
    yield RunFinished(3.0)


def interrupted_events() -> Iterator[Event]:
    """Stopped after a few operations."""
    yield started()
    yield PhaseStarted(Phase.EXAMPLES)
    yield from _traffic(OPERATIONS[:4], frozenset())
    yield next(_findings())


def large_events() -> Iterator[Event]:
    """65 operations and 25 claims, with a finding on every ninth operation."""
    more = tuple(
        Claim(f"extra-claim-{index}", f"Extra claim {index}", Severity.LOW, "", "More of it.", "tests")
        for index in range(5)
    )
    operations = tuple(
        OperationPlanned(
            f"{('GET', 'POST', 'PUT', 'PATCH', 'DELETE')[index % 5]} /workspaces/{{workspaceId}}/collections/{index}",
            f"operation{index}",
            ("workspaces",),
            ("200", "400", "401", "404"),
        )
        for index in range(65)
    )
    yield started(operations, CLAIMS + more)
    yield from _traffic(operations, frozenset(), most=40)
    for index, operation in enumerate(operations):
        for claim in more:
            yield ClaimExercised(claim.id, operation.label)
        if index % 9 == 4:
            exchange = Exchange(
                case(operation.label, f"/workspaces/w/collections/{index}"), answer(418, {"teapot": True})
            )
            yield FailureFound(
                failure("response-status", operation.label, "418", "The answer's status 418 is not documented."),
                (exchange,),
            )
    yield RunFinished(95_000.0)


def small_events() -> Iterator[Event]:
    """Three operations, four claims, two findings: all of it fits a screen, and the snapshots."""
    operations = (OPERATIONS[1], OPERATIONS[2], OPERATIONS[10], OPERATIONS[13])
    claims = tuple(BY_ID[key] for key in ("response-status", "response-body", "stream-terminal", "limit-headers"))
    yield started(operations, claims)
    yield PhaseStarted(Phase.EXAMPLES)
    for operation in operations[:3]:
        for index in range(8):
            reply = answer(int(operation.statuses[index % 2]), {}, elapsed_ms=4.0 * 2**index)
            yield ExchangeDone(Exchange(case(operation.label, "/x"), reply))
        for claim in claims[:2]:
            yield ClaimExercised(claim.id, operation.label, 8)
        yield ClaimSkipped("limit-headers", operation.label, "the document declares no limits")
    yield ClaimExercised("stream-terminal", operations[2].label, 4)
    yield StreamSeen(operations[2].label, (100.0, 150.0, 200.0), 220.0)
    found = [*_findings()]
    yield FailureFound(
        failure(
            "response-body",
            "GET /orchards",
            "200 application/json /items/0/name type",
            "/items/0/name: 7 is not a string",
            (violation("/items/0/name", "type", "string", 7, "7 is not a string"),),
        ),
        (Exchange(case("GET /orchards", "/orchards?limit=1"), answer(200, {"items": [{"id": "orc_1", "name": 7}]})),),
    )
    yield found[-4]
    yield PhaseFinished(Phase.EXAMPLES, 412.0)
    yield RunFinished(1_250.0)


STATES: dict[str, Callable[[], Iterator[Event]]] = {
    "rich": tell_rich,
    "passed": passed_events,
    "empty": empty_events,
    "interrupted": interrupted_events,
    "large": large_events,
    "small": small_events,
}


@pytest.fixture(scope="session")
def runs() -> dict[str, Run]:
    """One Run for each state, by name."""
    return {name: fold(events()) for name, events in STATES.items()}


@pytest.fixture
def rich_events() -> list[Event]:
    """What the run with everything in it tells."""
    return [*tell_rich()]


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Compare a text with the one kept in tests/snapshots; UPDATE_SNAPSHOTS=1 keeps the new one instead."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parents[2] / "snapshots" / name
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8"), f"{name} changed; make snapshots keeps it as it is now"

    return compare


@pytest.fixture(scope="session")
def rich_run(runs: dict[str, Run]) -> Run:
    """The run with everything in it."""
    return runs["rich"]
