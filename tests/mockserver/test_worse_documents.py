"""Documents with everything in them, and with everything wrong with them, are loaded, answered and answered rightly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.corpus.measuring import Reply, judge, judge_status, make_cases, send
from tests.corpus.synthetic import make_document
from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.requests.composer import Composer
from understudy.contracts.requests.reading_bodies import read_body
from understudy.mockserver.serving.running import Running, running
from understudy.mockserver.settings import Settings
from understudy.specs.build import build_api
from understudy.specs.catalog import load_api
from understudy.specs.documents.document import parse_document
from understudy.specs.lint import find_faults
from understudy.specs.model import Api, Operation
from understudy.specs.wire.json_bodies import dump_json
from understudy.specs.wire.multipart import Parser

FOLDER = Path(__file__).parents[1] / "documents" / "worse"
NOT_ASKED = {
    "quirks": ["GET /undocumented", "GET /empty-responses"],
    "statuses": ["GET /moved"],
    "forms": ["POST /mixed"],
}
"""What documents no success; parts without names, which the contract tests don't write."""


@pytest.fixture(scope="module", params=sorted(path.stem for path in FOLDER.glob("*.yaml")))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def api(name: str) -> Api:
    return load_api(str(FOLDER / f"{name}.yaml"))


@pytest.fixture(scope="module")
def served(api: Api) -> Iterator[Running]:
    with running(api, settings=Settings(pace=0)) as mock:
        yield mock


def test_every_operation_is_answered_as_documented(name: str, api: Api, served: Running) -> None:
    left_out: list[str] = []
    faults = []
    for operation, case in make_cases(api, left_out):
        reply = send(served.port, case)
        fault = judge_status(operation, reply) or judge(operation, reply)
        if fault:
            faults.append(f"{case.method} {case.target}: {fault}")
    assert faults == []
    assert [line.partition(": ")[0] for line in left_out] == NOT_ASKED.get(name, [])


def test_a_request_without_what_is_required_is_refused(api: Api, served: Running) -> None:
    for operation, case in make_cases(api, []):
        for spoiled in spoil(operation, case):
            reply = send(served.port, spoiled)
            assert 400 <= reply.status < 500, (spoiled.method, spoiled.target, reply)


def spoil(operation: Operation, case: Case) -> Iterator[Case]:
    """The request without its query, its headers, its body: each where something in it is required."""
    places = {each.location.value for each in operation.parameters if each.required}
    if places & {"query", "querystring"}:
        yield replace(case, target=urlsplit(case.target).path)
    if places & {"header", "cookie"}:
        kept = tuple((key, value) for key, value in case.headers if key == "Authorization")
        yield replace(case, headers=kept)
    if operation.request_body is not None and operation.request_body.required:
        headers = tuple((key, value) for key, value in case.headers if key != "Content-Type")
        yield replace(case, body=None, headers=headers)
    guarded = operation.security and all(
        scheme.kind.value != "mutualTLS" for each in operation.security for scheme, _ in each.schemes
    )
    if guarded and all(each.schemes for each in operation.security):
        kept = tuple((key, value) for key, value in case.headers if key not in ("Authorization", "X-Key", "Cookie"))
        yield replace(case, headers=kept, target=urlsplit(case.target).path)


def test_quirks_are_named_with_their_place() -> None:
    api = load_api(str(FOLDER / "quirks.yaml"))
    content = "get/responses/200/content"
    assert [quirk.origin.pointer for quirk in api.quirks] == [
        "/paths/no-slash",
        f"/paths/~1events/{content}/text~1event-stream/schema",
        f"/paths/~1chunks/{content}/text~1event-stream/schema",
        "/paths/~1unknown-scheme/get",
        "/paths/~1nullable/get",
    ]
    assert [origin.pointer for origin, _ in find_faults(api, "response-missing")] == [
        "/paths/~1undocumented/get",
        "/paths/~1empty-responses/get",
    ]
    bad = "/components/schemas/Bad"
    assert {origin.pointer.removeprefix(bad) for origin, _ in find_faults(api, "schema")} == {
        "/required",
        *(f"/properties/a/{keyword}" for keyword in ("minLength", "maxLength", "pattern")),
        "/properties",
        *(
            f"/properties/{place}"
            for place in ("c/enum", "d/allOf", "f/additionalProperties", "g/multipleOf", "h/oneOf")
        ),
        "/paths/~1pattern/get/parameters/0/schema/pattern",
        f"/paths/~1pattern/{content}/application~1json/schema/items/pattern",
        "/components/schemas/Chunk/properties/n/minimum",
        "/components/schemas/Chunk/properties/n/maximum",
    }
    assert [origin.pointer for origin, _ in find_faults(api, "example")] == [
        f"/paths/~1examples/{content}/application~1json/example",
        f"/paths/~1examples/{content}/application~1json/examples/worse",
        f"/paths/~1one-good-example/{content}/application~1json/examples/bad",
        f"/paths/~1chunks/{content}/text~1event-stream/example",
    ]


def test_the_judge_sees_what_is_wrong() -> None:
    """Or else the tests above would pass whatever is sent."""
    api = load_api(str(FOLDER / "statuses.yaml"))
    operation = api.operations_by_name["GET /headers"]
    headers = {"x-count": "5", "x-tags": "ab,cd", "x-json": '{"a":true}', "content-type": "application/json"}
    good = Reply(200, headers, b'"text"')
    assert judge_status(operation, good) == judge(operation, good) == ""
    assert judge_status(operation, replace(good, status=202)) != ""
    assert judge_status(operation, replace(good, status=500)) != ""
    for name, text in (("x-count", "7"), ("x-tags", "ab"), ("x-json", "{}"), ("content-type", "text/plain")):
        assert judge(operation, replace(good, headers={**headers, name: text})) != "", name
    assert "X-Count is missing" in judge(operation, replace(good, headers={"content-type": "application/json"}))
    for body in (b"5", b"{", b""):
        assert judge(operation, replace(good, body=body)) != ""


def test_exact_numbers_are_judged_as_they_are_written() -> None:
    operation = load_api(str(FOLDER / "directions.yaml")).operations_by_name["GET /numbers"]
    reply = Reply(200, {"content-type": "application/json"}, b"")
    for cents, big, is_valid in (("0.07", 2**53 + 1, True), ("0.071", 2**53 + 1, False), ("0.07", 2**53, False)):
        body = f'{{"cents": {cents}, "big": {big}, "steps": 7}}'.encode()
        assert (judge(operation, replace(reply, body=body)) == "") is is_valid, body


BOUNDARY = "--b\r\n"
PARTS = {
    "title": 'Content-Disposition: form-data; name="title"\r\n\r\nA',
    "meta": 'Content-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\nX-Part: 3\r\n\r\n'
    '{"x": 1, "y": 2}',
    "cover": 'Content-Disposition: form-data; name="cover"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nP',
    "page": 'Content-Disposition: form-data; name="pages"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\nF',
    "other": 'Content-Disposition: form-data; name="pages"; filename="b.pdf"\r\nContent-Type: application/pdf\r\n\r\nG',
    "x": 'Content-Disposition: form-data; name="point[x]"\r\n\r\n1',
    "y": 'Content-Disposition: form-data; name="point[y]"\r\n\r\n2',
    "ids": 'Content-Disposition: form-data; name="ids"\r\n\r\n1,2',
}


@pytest.mark.parametrize(
    ("spoiled", "by", "status", "pointer"),
    [
        ("", "", 204, ""),
        ("meta", PARTS["meta"].replace("X-Part: 3\r\n", ""), 422, "/meta"),
        ("meta", PARTS["meta"].replace("X-Part: 3", "X-Part: 0"), 422, "/meta"),
        ("meta", PARTS["meta"].replace("X-Part: 3", "X-Part: many"), 422, "/meta"),
        ("y", PARTS["y"].replace("2", "two"), 422, "/point/y"),
        ("y", PARTS["y"].replace("point[y]", "point[z]"), 422, "/point"),
        ("ids", PARTS["ids"].replace("1,2", "1"), 422, "/ids"),
        ("ids", PARTS["ids"].replace("1,2", "1,b"), 422, "/ids/1"),
        ("cover", PARTS["cover"].replace("image/png", "text/html").replace("a.png", "a.html"), 415, "/cover"),
        ("other", PARTS["title"], 422, ""),
    ],
)
def test_parts_are_read_as_their_encoding_says(spoiled: str, by: str, status: int, pointer: str) -> None:
    api = load_api(str(FOLDER / "forms.yaml"))
    parts = {**PARTS, spoiled: by} if spoiled else PARTS
    body = "".join(f"{BOUNDARY}{part}\r\n" for part in parts.values()) + "--b--\r\n"
    case = Case(
        "POST /parts",
        "POST",
        "/parts",
        (("Content-Type", "multipart/form-data; boundary=b"),),
        body.encode(),
        Mode.NEGATIVE,
        Phase.EXAMPLES,
    )
    with running(api, settings=Settings(pace=0)) as mock:
        reply = send(mock.port, case)
    problem = reply.headers.get("x-understudy-problem", "")
    assert (reply.status, f'pointer="{pointer}' in problem) == (status, status != 204), problem


def test_parts_are_written_as_their_encoding_says() -> None:
    api = load_api(str(FOLDER / "forms.yaml"))
    (case,) = [case for operation, case in make_cases(api, []) if operation.label == "GET /parts"]
    with running(api, settings=Settings(pace=0)) as mock:
        reply = send(mock.port, case)
    with Parser(reply.headers["content-type"]) as parser:
        parts = {part.name: part for part in parser.feed(reply.body)}
        parser.close()
    assert list(parts) == ["title", "cover", "inner"]
    assert int(dict(parts["cover"].headers)["X-Width"]) is not None
    with Parser(parts["inner"].media_type or "") as parser:
        inner = {part.name: part for part in parser.feed(parts["inner"].read())}
        parser.close()
    assert sorted(inner) == ["a", "b"]
    assert int(inner["a"].read()) is not None
    assert inner["b"].media_type == "application/pdf"
    assert inner["b"].read().startswith(b"%PDF-")


def test_what_is_written_as_parts_is_read_back() -> None:
    """By the contract tests, which show requests of others again."""
    operation = load_api(str(FOLDER / "forms.yaml")).operations_by_name["POST /parts"]
    composer = Composer(operation, "0")
    draft = composer.draft()
    case = composer.write(draft, Mode.POSITIVE, Phase.EXAMPLES)
    assert draft.media_type is not None
    assert case.body is not None
    assert isinstance(draft.body, dict)
    value = read_body(draft.media_type, dict(case.headers)["Content-Type"], case.body)
    for name in ("title", "meta", "point", "ids"):
        assert value[name] == draft.body[name], name


def test_three_thousand_operations_that_all_refer_to_each_other() -> None:
    api = build_api(parse_document(dump_json(make_document(3000)), "/dense.json"))
    cases = list(make_cases(replace(api, operations=api.operations[::997]), []))
    assert len(cases) == 4
    with running(api, settings=Settings(pace=0)) as mock:
        for operation, case in cases:
            assert judge_status(operation, send(mock.port, case)) == ""
