"""Probes, driven by hand: what they send, and what they make of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.driven_probes import drive, get_probe
from tests.apps.small_api import answer_of, api_of
from understudy.contracts.case import Answer, Case
from understudy.contracts.probes.refusals import UNHEARD_OF
from understudy.specs.model import Api

OK, BAD, LOCKED = answer_of(b"{}"), answer_of(b"{}", status=400), answer_of(b"{}", status=401)
THING = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


def posting(content: dict[str, Any], **members: Any) -> Api:
    body = {"required": True, "content": content}
    operation = {"responses": {"200": {"description": ""}}, "requestBody": body, **members}
    return api_of({"/things": {"post": operation}})


JSON = {"application/json": {"schema": THING, "examples": {"one": {"value": {"name": "a"}}}}}


def is_good(case: Case) -> bool:
    return case.body == b'{"name":"a"}' and ("Content-Type", "application/json") in case.headers


def test_malformed_bodies_that_are_refused() -> None:
    sent, failures, skipped = drive("malformed_bodies", posting(JSON), lambda case: OK if is_good(case) else BAD)
    assert failures == skipped == {}
    assert [case.body for case in sent] == [
        b'{"name":"a"}', b'{"name', b'{"name":"\xe9"}', b'{"\xff\xfe":0,"name":"a"}',
        b'{"name":"a"}}', b"", b'{"name":"a"}',
    ]  # fmt: skip


def test_malformed_bodies_that_are_accepted() -> None:
    _, failures, _ = drive("malformed_bodies", posting(JSON), lambda case: OK)
    assert set(failures) == {"malformed-body-refused", "undocumented-media-type-refused"}


def test_a_refusal_without_its_control_proves_nothing() -> None:
    sent, failures, skipped = drive("malformed_bodies", posting(JSON), lambda case: LOCKED)
    assert len(sent) == 1
    assert failures == {}
    assert skipped["malformed-body-refused"] == "the same request in good order is answered 401"


def guarded(*security: dict[str, Any]) -> Api:
    schemes = {"Bearer": {"type": "http", "scheme": "bearer"}, "Key": {"type": "apiKey", "in": "query", "name": "k"}}
    operation = {"responses": {"200": {"description": ""}}, "security": list(security)}
    return api_of({"/things": {"get": operation}}, components={"securitySchemes": schemes})


def bearer(case: Case) -> str:
    return dict(case.headers).get("Authorization", "")


def test_credentials_that_are_asked_for() -> None:
    def answer(case: Case) -> Answer:
        return OK if bearer(case) == "Bearer right" else LOCKED

    sent, failures, skipped = drive("authentication", guarded({"Bearer": []}), answer, {"Bearer": "right"})
    assert failures == skipped == {}
    assert [bearer(case) for case in sent] == [
        "Bearer right", "", "Understudy malformed", "Bearer", "Bearer invalid.understudy-nobody-has-this",
    ]  # fmt: skip


def test_credentials_that_are_not_looked_at() -> None:
    _, failures, skipped = drive("authentication", guarded({"Bearer": []}), lambda case: OK, {"Bearer": "right"})
    assert set(failures) == {
        "credential-missing-refused", "credential-malformed-refused", "credential-wrong-refused",
    }  # fmt: skip
    assert skipped == {}


def test_a_server_that_takes_any_credential_is_only_blamed_where_the_user_gave_one() -> None:
    def answer(case: Case) -> Answer:
        return OK if bearer(case).startswith("Bearer ") else LOCKED

    _, failures, skipped = drive("authentication", guarded({"Bearer": []}), answer)
    assert failures == {}
    assert skipped == {"credential-wrong-refused": "no credentials were given, and made-up ones are accepted"}


def test_without_credentials_a_locked_server_is_not_judged() -> None:
    _, failures, skipped = drive("authentication", guarded({"Bearer": []}), lambda case: LOCKED)
    assert failures == {}
    assert all("no credentials were given" in reason for reason in skipped.values())
    assert len(skipped) == 3


def test_an_optional_credential_is_nothing_to_probe() -> None:
    assert not get_probe("authentication").applies_to(guarded({}, {"Bearer": []}).operations[0])


def test_a_key_in_the_query_is_left_out_and_emptied() -> None:
    sent, _, _ = drive("authentication", guarded({"Key": []}), lambda case: OK, {"Key": "right"})
    assert [case.target for case in sent] == [
        "/things?k=right", "/things", "/things?k=", "/things?k=invalid.understudy-nobody-has-this",
    ]  # fmt: skip


def test_examples() -> None:
    sent, failures, _ = drive("documented_examples", posting(JSON), lambda case: BAD)
    assert [case.note for case in sent] == ["example one"]
    assert failures == {"documented-example-accepted": "example one"}
    _, failures, _ = drive("documented_examples", posting(JSON), lambda case: LOCKED)
    assert failures == {}


def test_an_example_that_breaks_its_schema_is_not_sent() -> None:
    content = {"application/json": {"schema": THING, "examples": {"bad": {"value": {}}}}}
    sent, failures, skipped = drive("documented_examples", posting(content), lambda case: OK)
    assert sent == []
    assert failures == {}
    assert skipped == {"documented-example-accepted": "the example bad breaks its own schema"}


def test_without_examples_one_valid_request_is_sent() -> None:
    sent, failures, _ = drive("documented_examples", posting({"application/json": {"schema": THING}}), lambda case: BAD)
    assert len(sent) == 1
    assert failures == {}


@pytest.mark.parametrize(
    ("head", "failures"),
    [
        (answer_of(b""), {}),
        (answer_of(b"", status=405), {}),
        (answer_of(b"", None), {}),
        (answer_of(b"", status=404), {"head-like-get": "HEAD"}),
        (answer_of(b"", "text/html"), {"head-like-get": "HEAD"}),
    ],
)
def test_head(head: Answer, failures: dict[str, str]) -> None:
    api = api_of({"/things": {"get": {"responses": {"200": {"description": ""}}}}})
    _, found, _ = drive("head_requests", api, lambda case: head if case.method == "HEAD" else OK)
    assert found == failures


def streaming(when: dict[str, Any]) -> Api:
    schema = {"type": "object", "properties": {"stream": {"type": "boolean"}, "deep": {"type": "object"}}}
    media_type = {"itemSchema": {"type": "object"}, "x-understudy": {"stream": {"when": when}} if when else {}}
    responses = {"200": {"description": "", "content": {"text/event-stream": media_type}}}
    return posting({"application/json": {"schema": schema}}, responses=responses)


def test_streams_are_asked_for_as_the_document_says() -> None:
    when = {"$request.body#/stream": True, "$request.body#/deep/kind": "sse", "$request.header.X-Mode": "live"}
    api = streaming(when)
    operation = api.operations[0]
    assert operation.request_body is not None
    sent, failures, _ = drive("described_streams", streaming({"$request.body#/stream": True}), lambda case: OK)
    assert ("Accept", "text/event-stream") in sent[0].headers
    assert sent[0].body is not None
    assert b'"stream":true' in sent[0].body
    assert failures == {"stream-as-asked": "text/event-stream"}


def test_without_a_condition_the_server_may_answer_otherwise() -> None:
    _, failures, skipped = drive("described_streams", streaming({}), lambda case: OK)
    assert failures == skipped == {}


def test_a_stream_that_is_refused_is_not_judged() -> None:
    api = streaming({"$request.body#/stream": True})
    _, failures, skipped = drive("described_streams", api, lambda case: BAD)
    assert failures == {}
    assert skipped == {"stream-as-asked": "the request for the stream was answered 400"}


def counted(*remaining: int, reset: str = "60", names: str = "RateLimit") -> dict[str, str]:
    """What the probe of limits finds where answers say that so many calls remain."""
    said = [f"{names}-{part}" for part in ("Limit", "Remaining", "Reset")]
    described = {name: {"schema": {"type": "integer"}} for name in said}
    api = api_of({"/things": {"get": {"responses": {"200": {"description": "", "headers": described}}}}})
    left = iter(remaining)

    def answer(case: Case) -> Answer:
        return answer_of(b"{}", headers=tuple(zip(said, ("100", str(next(left)), reset), strict=True)))

    return drive("limit_headers", api, answer)[1]


def test_what_remains_falls() -> None:
    assert counted(50, 49, 47) == {}
    assert counted(50, 50, 50) == {"limit-remaining-falls": "remaining"}
    assert counted(50, 49, 51) == {"limit-remaining-falls": "remaining"}


def test_a_bucket_that_fills_again_needs_not_fall() -> None:
    assert counted(50, 50, 50, reset="1") == {}


def test_an_idempotency_key() -> None:
    parameter = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
    made = iter(range(9))

    def anew(case: Case) -> Answer:
        return answer_of(b"{}", status=201, headers=(("Location", f"/things/{next(made)}"),))

    api = posting(JSON, parameters=[parameter])
    sent, failures, _ = drive("idempotency_keys", api, anew)
    assert failures == {"idempotency-key-honoured": "Idempotency-Key"}
    assert sent[0].headers == sent[1].headers
    same = answer_of(b"{}", status=201, headers=(("Location", "/things/1"),))
    assert drive("idempotency_keys", api, lambda case: same)[1] == {}
    _, _, skipped = drive("idempotency_keys", api, lambda case: OK)
    assert skipped == {"idempotency-key-honoured": "answers don't name a record"}


def test_records_are_made_for_what_names_nothing() -> None:
    get = {"responses": {"200": {"description": ""}}}
    key = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    body = {"required": True, "content": JSON}
    api = api_of(
        {
            "/things/{id}": {"parameters": key, "get": get},
            "/things": {"post": {"requestBody": body, "responses": {"201": {"description": ""}}}},
        }
    )

    def answer(case: Case) -> Answer:
        if case.method == "POST":
            return answer_of(b'{"id": "t-1"}', status=201)
        return OK if case.target == "/things/t-1" else answer_of(b"{}", status=404)

    sent, failures, skipped = drive("head_requests", api, answer)
    assert failures == skipped == {}
    assert [(case.method, case.target) for case in sent[-3:]] == [
        ("POST", "/things"), ("GET", "/things/t-1"), ("HEAD", "/things/t-1"),
    ]  # fmt: skip


def test_a_deletion_is_tried_before_its_control() -> None:
    schemes = {"Bearer": {"type": "http", "scheme": "bearer"}}
    key = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    made = {"requestBody": {"required": True, "content": JSON}, "responses": {"201": {"description": ""}}}
    gone = {"responses": {"204": {"description": ""}}, "security": [{"Bearer": []}]}
    paths = {"/things/{id}": {"parameters": key, "delete": gone}, "/things": {"post": made}}
    api = api_of(paths, components={"securitySchemes": schemes})
    there = set()

    def answer(case: Case) -> Answer:
        if case.method == "POST":
            there.add("/things/t-1")
            return answer_of(b'{"id": "t-1"}', status=201)
        if bearer(case) != "Bearer right":
            return LOCKED
        status = 204 if case.target in there else 404
        there.discard(case.target)
        return answer_of(b"", None, status=status)

    sent, failures, skipped = drive("authentication", api, answer, {"Bearer": "right"})
    assert failures == skipped == {}
    assert bearer(sent[-1]) == "Bearer right"
    assert there == set()


REFUSALS = ("unacceptable_answers", "strangers", "unreadable_queries")
GUARDED: dict[str, Any] = {
    "security": [{"key": []}],
    "responses": {status: {"description": ""} for status in ("200", "400", "401", "406")},
}
KEY = {"key": {"type": "http", "scheme": "bearer"}}


def test_described_refusals_are_brought_about() -> None:
    api = api_of({"/things": {"get": GUARDED}}, components={"securitySchemes": KEY})
    sent = [
        drive(name, api, lambda case: OK)[0] for name in ("unacceptable_answers", "strangers", "unreadable_queries")
    ]
    assert [len(cases) for cases in sent] == [1, 1, 1]
    (unacceptable,), (stranger,), (unreadable,) = (map(headers, cases) for cases in sent)
    assert unacceptable["accept"] == UNHEARD_OF
    assert "authorization" in unacceptable
    assert "authorization" not in stranger
    assert "authorization" in unreadable
    assert sent[2][0].target == "/things?%ZZ=%FF"


def headers(case: Case) -> dict[str, str]:
    return {name.lower(): value for name, value in case.headers}


def test_refusals_that_are_not_described_are_left_alone() -> None:
    operation = api_of({"/things": {"get": {"responses": {"200": {"description": ""}}}}}).operations[0]
    for name in REFUSALS:
        assert not get_probe(name).applies_to(operation)
