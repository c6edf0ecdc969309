"""The same requests to our mock and to Prism, which we did not write: where they part, one of them is wrong.

Requests are made of each operation's examples, of generated bodies, and of both spoiled in known ways. What is known of
Prism stands in `FAULTS`; an entry that no longer holds fails the test as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum

import httpx
import pytest

from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.requests.composer import Composer, Draft
from understudy.mockserver.prism import running_prism
from understudy.mockserver.serving.running import running
from understudy.mockserver.settings import Bodies, Settings
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.content import MISSING, Direction, Location, MediaType, MediaTypeName, SecurityKind
from understudy.specs.documents.document import Json
from understudy.specs.model import Operation
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.jsonl import Parser as LineParser
from understudy.specs.wire.jsonl import Record
from understudy.specs.wire.media_types import Kind, find_content, kind
from understudy.specs.wire.sse import Parser as EventParser
from understudy.specs.wire.sse import as_item

GENERATED_BODIES = 5
ANSWER_SECONDS = 2.0


class Variant(Enum):
    """What is special about a request."""

    PLAIN = "plain"
    EXAMPLE = "example"
    GENERATED = "generated"
    NO_CREDENTIALS = "no credentials"
    NO_BODY = "no body"
    MISSING_MEMBER = "missing member"
    WRONG_TYPE = "wrong type"
    MALFORMED_BODY = "malformed body"
    UNSUPPORTED_MEDIA_TYPE = "unsupported media type"
    WRONG_FILE_TYPE = "wrong file type"
    MISSING_PARAMETER = "missing parameter"
    WRONG_PARAMETER = "wrong parameter"
    NOT_ACCEPTABLE = "not acceptable"
    UNKNOWN_ROUTE = "unknown route"
    WRONG_METHOD = "wrong method"
    HEAD = "HEAD of a GET"


VALID = frozenset({Variant.PLAIN, Variant.EXAMPLE, Variant.GENERATED, Variant.HEAD})

FAULTS = {
    (Variant.MALFORMED_BODY, "no answer"): "a body that is no JSON is never answered",
    (Variant.WRONG_FILE_TYPE, "2xx described"): "media types of parts (`encoding`) are not looked at",
    (Variant.NOT_ACCEPTABLE, "4xx undescribed"): "a 406 of its own, also where the document describes the error",
    (Variant.HEAD, "4xx described"): "HEAD is refused although every GET has one (RFC 9110, section 9.3.2)",
}
"""What Prism does with a request of a variant, where it differs from us, and why it is Prism that is wrong."""

DYNAMIC_FAULTS = {
    "imageGeneration": "text of `format: byte` that is no base64 (RFC 4648)",
    **dict.fromkeys(
        ("chatInferenceStream", "processText", "exportSkills", "exportCollection"), "any text for a stream of items"
    ),
}
"""Operations whose body isn't valid when Prism makes it up, and why."""


@dataclass(frozen=True)
class Mocks:
    """Their base URLs."""

    ours: str
    prism: str


@dataclass(frozen=True)
class Asked:
    """A request and what both made of it; see `ask`."""

    operation: Operation
    variant: Variant
    target: str
    ours: str
    theirs: str


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=ANSWER_SECONDS) as client:
        yield client


@pytest.fixture(scope="module", params=SHIPPED)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def program(find_tool: Callable[[str], str]) -> str:
    return find_tool("prism")


@contextmanager
def serving(name: str, bodies: Bodies, program: str) -> Iterator[Mocks]:
    api = load_api(name).stateless()  # Prism keeps no records
    with (
        running(api, settings=Settings(pace=0, bodies=bodies)) as ours,
        running_prism(api, settings=Settings(bodies=bodies), program=program) as prism,
    ):
        yield Mocks(ours.url, prism.url)


@pytest.fixture(scope="module")
def asked(name: str, program: str, client: httpx.Client) -> list[Asked]:
    """Every request of every operation of a document."""
    operations = load_api(name).operations
    requests = [(operation, variant, case) for operation in operations for variant, case in cases(operation)]
    with serving(name, Bodies.EXAMPLES, program) as mocks:
        return [
            Asked(
                operation,
                variant,
                f"{case.method} {case.target}",
                ask(client, mocks.ours, operation, variant, case),
                ask(client, mocks.prism, operation, variant, case),
            )
            for operation, variant, case in (*requests, *odd_cases(operations))
        ]


def cases(operation: Operation) -> Iterator[tuple[Variant, Case]]:
    composer = Composer(operation, "differential")

    def write(draft: Draft) -> Case:
        return composer.write(draft, Mode.POSITIVE, Phase.EXAMPLES)

    def judged(schema_of: MediaType, value: Json) -> bool:
        return schema_of.schema is None or schema_of.schema.validator(Direction.REQUEST).is_valid(value)

    plain = composer.draft()
    case = write(plain)
    body = operation.request_body
    if body is None:
        yield Variant.PLAIN, case
    else:
        yield from ((Variant.EXAMPLE, write(draft)) for draft in composer.examples() if draft.body is not MISSING)
        for media_type in body.content:
            if media_type.schema is not None and kind(media_type.name) is Kind.JSON:
                generator = media_type.schema.generator(Direction.REQUEST)
                for number in range(GENERATED_BODIES):
                    value = generator.generate(f"differential {number}")
                    yield Variant.GENERATED, write(replace(composer.draft(media_type), body=value))
    if operation.security and all(requirement.schemes for requirement in operation.security):
        yield Variant.NO_CREDENTIALS, case
    if body is not None and body.required:
        (first, *_) = body.content
        without_type = tuple(pair for pair in case.headers if pair[0] != "Content-Type")
        yield Variant.NO_BODY, replace(case, body=None, headers=without_type)
        if not any(media_type.name == "*/*" for media_type in body.content):
            yield (
                Variant.UNSUPPORTED_MEDIA_TYPE,
                replace(case, headers=(*without_type, ("Content-Type", "text/turtle"))),
            )
        if kind(first.name) is Kind.JSON and not judged(first, 3):
            yield Variant.WRONG_TYPE, write(replace(plain, body=3))
        types = [name for each in first.encoding.values() for name in each.content_types]
        if kind(first.name) is Kind.MULTIPART and any(kind(name) is Kind.BINARY for name in types):
            spoiled = [replace(each, content_types=(MediaTypeName("text/turtle"),)) for each in first.encoding.values()]
            encoding = dict(zip(first.encoding, spoiled, strict=True))
            yield Variant.WRONG_FILE_TYPE, write(replace(plain, media_type=replace(first, encoding=encoding)))
        if isinstance(plain.body, dict):
            for member in plain.body:
                rest = {key: value for key, value in plain.body.items() if key != member}
                if not judged(first, rest):
                    yield Variant.MISSING_MEMBER, write(replace(plain, body=rest))
    for parameter in operation.parameters:
        place = (parameter.location, parameter.name)
        if parameter.required and parameter.location is not Location.PATH:
            rest_of = {key: value for key, value in plain.values.items() if key != place}
            yield Variant.MISSING_PARAMETER, write(replace(plain, values=rest_of))
        schema = parameter.schema if parameter.location is Location.QUERY else None
        if schema is not None and not schema.validator(Direction.REQUEST).is_valid("understudy"):
            separator = "&" if "?" in case.target else "?"
            target = f"{case.target}{separator}{parameter.name}=understudy"
            yield Variant.WRONG_PARAMETER, replace(case, target=target)
    yield Variant.NOT_ACCEPTABLE, write(replace(plain, accept="application/x-nothing"))


def odd_cases(operations: tuple[Operation, ...]) -> Iterator[tuple[Operation, Variant, Case]]:
    """What is asked once of each document."""
    reading = next(each for each in operations if each.method == "GET")
    composer = Composer(reading, "differential")
    plain = composer.write(composer.draft(), Mode.POSITIVE, Phase.EXAMPLES)
    yield reading, Variant.UNKNOWN_ROUTE, replace(plain, target="/nowhere/at/all")
    yield reading, Variant.WRONG_METHOD, replace(plain, method="PATCH")
    yield reading, Variant.HEAD, replace(plain, method="HEAD")
    for operation in operations:
        if operation.request_body is not None and kind(operation.request_body.content[0].name) is Kind.JSON:
            composer = Composer(operation, "differential")
            case = composer.write(composer.draft(operation.request_body.content[0]), Mode.POSITIVE, Phase.EXAMPLES)
            yield operation, Variant.MALFORMED_BODY, replace(case, body=b'{"a": ')
            return


def credentials(operation: Operation) -> list[tuple[str, str]]:
    for scheme, _ in operation.security[0].schemes if operation.security else ():
        if scheme.kind is SecurityKind.HTTP and scheme.scheme == "bearer":
            return [("Authorization", "Bearer token-of-a-test")]
    return []


def ask(client: httpx.Client, url: str, operation: Operation, variant: Variant, case: Case) -> str:
    """The class of the status, and whether the document describes the body: ``4xx described``."""
    headers = [*case.headers] if variant is Variant.NO_CREDENTIALS else [*case.headers, *credentials(operation)]
    if not any(key == "Accept" for key, _ in headers):
        headers.append(("Accept", "*/*"))
    try:
        answer = client.request(case.method, url + case.target, headers=headers, content=case.body)
    except httpx.TimeoutException:
        return "no answer"
    return f"{answer.status_code // 100}xx {judge(operation, variant, answer)}"


def judge(operation: Operation, variant: Variant, answer: httpx.Response) -> str:
    if variant in (Variant.UNKNOWN_ROUTE, Variant.WRONG_METHOD, Variant.HEAD):
        return "described"  # by no operation
    response = operation.find_response(answer.status_code)
    if response is None:
        return "undescribed"
    if not response.content:
        return "described" if not answer.content else "undescribed"
    media_type = find_content(response.content, answer.headers.get("content-type", ""))
    if media_type is None:
        return "undescribed"
    schema = media_type.item_schema or media_type.schema
    if schema is None:
        return "described"
    try:
        values = list(decode(media_type, answer.content))
    except MalformedJson:
        return "invalid"
    validator = schema.validator(Direction.RESPONSE)
    return "described" if values and all(validator.is_valid(value) for value in values) else "invalid"


def decode(media_type: MediaType, body: bytes) -> Iterator[Json]:
    match kind(media_type.name):
        case Kind.JSON:
            yield load_json(body)
        case Kind.SSE:
            parser = EventParser()
            sentinel = media_type.stream.sentinel if media_type.stream else None
            events = (*parser.feed(body), *parser.close())
            yield from (as_item(event) for event in events if event.data != sentinel)
        case Kind.JSON_LINES:
            lines = LineParser()
            for found in (*lines.feed(body), *lines.close()):
                if not isinstance(found, Record):
                    raise MalformedJson(found.reason, found.line, 1)
                yield found.value
        case _:
            yield body.decode("latin-1")


def test_both_answer_alike(asked: list[Asked]) -> None:
    differences = [
        (each.operation.name, each.variant.value, each.target, f"ours: {each.ours}", f"Prism: {each.theirs}")
        for each in asked
        if each.ours != each.theirs and (each.variant, each.theirs) not in FAULTS
    ]
    assert differences == []


def test_the_faults_of_prism_still_occur(asked: list[Asked]) -> None:
    variants = {each.variant for each in asked}
    met = {(each.variant, each.theirs) for each in asked if each.ours != each.theirs}
    gone = [reason for fault, reason in FAULTS.items() if fault[0] in variants and fault not in met]
    assert gone == [], "no longer so: remove it from FAULTS"


def test_ours_is_right_by_the_document(asked: list[Asked]) -> None:
    """What both agree on could be wrong in both."""
    wrong = []
    for each in asked:
        allowed = "2xx described" if each.variant in VALID else "4xx described"
        if each.variant is Variant.NOT_ACCEPTABLE:
            if not any(response.content for response in each.operation.responses if response.is_success):
                allowed = "2xx described"  # without a body there is nothing not to accept
            elif not any(each.operation.find_response(status) for status in (400, 406)):
                allowed = "4xx undescribed"
        if each.ours != allowed:
            wrong.append((each.operation.name, each.variant.value, each.target, each.ours))
    assert wrong == []


def test_every_operation_and_variant_is_asked(name: str, asked: list[Asked]) -> None:
    assert {each.operation.name for each in asked} == {each.name for each in load_api(name).operations}
    assert {each.variant for each in asked} >= {
        Variant.PLAIN,
        Variant.EXAMPLE,
        Variant.GENERATED,
        Variant.NO_BODY,
        Variant.MISSING_MEMBER,
        Variant.WRONG_TYPE,
        Variant.MALFORMED_BODY,
        Variant.UNSUPPORTED_MEDIA_TYPE,
        Variant.NOT_ACCEPTABLE,
    }


def test_both_make_up_valid_bodies(name: str, program: str, client: httpx.Client) -> None:
    operations = load_api(name).operations
    faulty = set()
    with serving(name, Bodies.GENERATED, program) as mocks:
        for operation in operations:
            variant, case = next(cases(operation))
            assert variant in VALID
            assert ask(client, mocks.ours, operation, variant, case) == "2xx described", operation.label
            # Prism draws anew each time, so that a body may be valid by chance.
            tries = 10 if operation.name in DYNAMIC_FAULTS else 1
            if any(ask(client, mocks.prism, operation, variant, case) != "2xx described" for _ in range(tries)):
                faulty.add(operation.name)
    assert faulty == {each.name for each in operations if each.name in DYNAMIC_FAULTS}


def test_an_upload_of_twelve_megabytes_is_within_the_limit(program: str, client: httpx.Client) -> None:
    """Prism refuses every body over 10 MB, whatever the document allows."""
    files = {"image": ("large.gif", b"GIF89a" + bytes(12_000_000), "image/gif")}
    with serving("quantum-nexus", Bodies.EXAMPLES, program) as mocks:
        statuses = [client.post(f"{url}/process/image", files=files).status_code for url in (mocks.ours, mocks.prism)]
    assert statuses == [200, 413]


def test_the_body_can_ask_for_a_stream_and_gets_one(program: str, client: httpx.Client) -> None:
    """Prism knows nothing of `when`, and sends a stream in one piece."""
    body = {"model": "harbour-support:c040", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    headers = {"Authorization": "Bearer token-of-a-test"}
    with serving("aivax", Bodies.EXAMPLES, program) as mocks:
        ours, theirs, asked = (
            client.post(f"{url}/v1/chat/completions", json=body, headers={**headers, **accept})
            for url, accept in ((mocks.ours, {}), (mocks.prism, {}), (mocks.prism, {"Accept": "text/event-stream"}))
        )
    assert [each.headers["content-type"].partition(";")[0] for each in (ours, theirs, asked)] == [
        "text/event-stream",
        "application/json",
        "text/event-stream",
    ]
    assert ["content-length" in each.headers for each in (ours, asked)] == [False, True]
