"""Each exchange check: what it finds, what it lets pass, where it doesn't apply."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.apps.small_api import answer_of, api_of, operation_of, seen
from understudy.contracts.checking import judge
from understudy.contracts.claims import claims, get_claim
from understudy.contracts.observation import Observation
from understudy.contracts.running.plan import select_claims
from understudy.contracts.settings import Settings

assert select_claims(())  # registers every claim

PET: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}},
    "additionalProperties": {"type": "integer"},
}
JSON = {"content": {"application/json": {"schema": PET}}}


def found(observation: Observation, claim_id: str) -> list[str]:
    """The places of the failures of one claim."""
    return [failure.place for failure in judged(observation).failures if failure.claim.id == claim_id]


def judged(observation: Observation) -> Any:
    from understudy.contracts.checking import exchange_checks

    return judge(observation, exchange_checks())


def test_a_good_answer_breaks_nothing() -> None:
    judgement = judged(seen(operation_of(JSON), answer_of(b'{"id": "a", "tags": []}')))
    assert judgement.failures == ()
    assert judgement.crashes == ()
    assert {"status-documented", "response-schema", "body-well-formed", "no-server-error"} <= set(judgement.judged)


def test_an_undocumented_status() -> None:
    assert found(seen(operation_of(JSON), answer_of(b"{}", status=418)), "status-documented") == ["418"]


@pytest.mark.parametrize("key", ["200", "2XX", "default"])
def test_a_status_may_be_described_by_its_range_or_by_default(key: str) -> None:
    assert found(seen(operation_of(JSON, key), answer_of(b'{"id": "a"}')), "status-documented") == []


def test_what_is_no_request_of_the_operation_is_answered_as_the_server_likes() -> None:
    operation = operation_of(JSON)
    other_method = seen(operation, answer_of(b"<p>", "text/html", status=405), method="PATCH")
    assert judged(other_method).failures == ()


@pytest.mark.parametrize(
    ("status", "documented", "expected"),
    [(500, "200", ["500"]), (500, "500", ["500"]), (503, "503", []), (503, "200", ["503"]), (501, "501", [])],
)
def test_server_errors(status: int, documented: str, expected: list[str]) -> None:
    observation = seen(operation_of(JSON, documented), answer_of(b'{"id": "a"}', status=status))
    assert found(observation, "no-server-error") == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", []),
        ("application/json; charset=utf-8", []),
        ("text/html", ["200 text/html"]),
        (None, ["200"]),
        ("nonsense", ["200"]),
    ],
)
def test_media_types(content_type: str | None, expected: list[str]) -> None:
    observation = seen(operation_of(JSON), answer_of(b'{"id": "a"}', content_type))
    assert found(observation, "media-type-documented") == expected


def test_a_response_without_content_claims_no_media_type() -> None:
    judgement = judged(seen(operation_of({}), answer_of(b"x", "text/plain")))
    assert "media-type-documented" not in judgement.judged


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b"{}", ["200 application/json /id required"]),
        (b'{"id": 7}', ["200 application/json /id type"]),
        (b'{"id": "a", "tags": [1, 2]}', ["200 application/json /tags/* type"]),
        (b'{"id": "a", "k1": "x", "k2": "y"}', ["200 application/json /* type"]),
        (b"[]", ["200 application/json / type"]),
    ],
)
def test_schema_violations_are_placed_without_values(body: bytes, places: list[str]) -> None:
    assert found(seen(operation_of(JSON), answer_of(body)), "response-schema") == places


def test_every_violation_is_kept() -> None:
    judgement = judged(seen(operation_of(JSON), answer_of(b'{"id": "a", "tags": [1, 2]}')))
    assert [violation.pointer for violation in judgement.failures[0].violations] == ["/tags/0", "/tags/1"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"id": "\xff"}', b"<html>"])
def test_what_is_not_json_is_malformed_and_no_schema_violation(body: bytes) -> None:
    observation = seen(operation_of(JSON), answer_of(body))
    assert found(observation, "body-well-formed") == ["200 application/json"]
    assert found(observation, "response-schema") == []


def test_head_and_no_content_have_no_body() -> None:
    operation = operation_of(JSON, "204")
    assert judged(seen(operation, answer_of(b"", status=204))).failures == ()


def test_text_under_a_schema_of_another_type() -> None:
    number = {"content": {"text/plain": {"schema": {"type": "integer"}}}}
    assert found(seen(operation_of(number), answer_of(b"7", "text/plain")), "response-schema") == []
    assert found(seen(operation_of(number), answer_of(b"seven", "text/plain")), "response-schema") != []


HEADERS: dict[str, Any] = {
    "headers": {
        "X-Limit": {"required": True, "schema": {"type": "integer", "minimum": 1}},
        "X-Tags": {"schema": {"type": "array", "items": {"type": "string", "maxLength": 2}}},
    }
}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("x-limit", "3"),), []),
        ((("x-limit", "3"), ("X-Tags", "a,b")), []),
        ((), ["200 X-Limit required"]),
        ((("x-limit", "many"),), ["200 X-Limit type"]),
        ((("x-limit", "0"),), ["200 X-Limit minimum"]),
        ((("x-limit", "1"), ("x-tags", "a,long")), ["200 X-Tags maxLength"]),
    ],
)
def test_headers(headers: tuple[tuple[str, str], ...], expected: list[str]) -> None:
    observation = seen(operation_of(HEADERS), answer_of(b"", None, headers=headers))
    assert found(observation, "response-headers") == expected


def test_a_broken_body_and_one_that_we_stopped_reading() -> None:
    operation = operation_of(JSON)
    broken = seen(operation, answer_of(b'{"id"', complete=False), "the connection broke in the body")
    assert found(broken, "body-whole") == ["200 application/json"]
    cut = judged(seen(operation, answer_of(b'{"id"', complete=False)))
    assert cut.failures == ()
    assert dict(cut.skipped)["body-whole"] == "we stopped reading after 5 octets"


def test_every_claim_is_documented() -> None:
    for claim in claims():
        assert claim.title
        assert claim.clause.startswith("https://")
        assert len(claim.documentation) > 60
        assert claim.owner


def test_place_names_do_not_depend_on_data() -> None:
    first = judged(seen(operation_of(JSON), answer_of(b'{"id": 1, "u7f3": "x"}'))).failures
    second = judged(seen(operation_of(JSON), answer_of(b'{"id": 2, "zzz": "y"}'))).failures
    assert fingerprints(first) == fingerprints(second)


def fingerprints(failures: Iterable[Any]) -> set[str]:
    return {failure.fingerprint for failure in failures}


def test_the_settings_choose_claims() -> None:
    assert Settings(claims=("stream-*",)).claims == ("stream-*",)
    chosen = {claim.id for claim in select_claims(("stream-*", "!stream-framing"))}
    assert "stream-item-schema" in chosen
    assert "stream-framing" not in chosen
    assert get_claim("no-server-error").severity.value == "critical"


@pytest.mark.parametrize(
    ("form", "reset", "places"),
    [
        ("epoch", "1795226469", []),
        ("epoch", "1795226499", ["X-Reset future"]),
        ("delta", "3602", []),
        ("delta", "3609", ["X-Reset future"]),
    ],
)
def test_a_window_may_end_too_late_by_as_much_as_a_date_may_be_old(form: str, reset: str, places: list[str]) -> None:
    headers = {"limit": "X-Limit", "remaining": "X-Remaining", "reset": "X-Reset", "resetAs": form}
    limits = {"all": {"limit": 5, "window": "1h", "default": True, "headers": headers}}
    responses = {"200": {"description": "", **JSON}}
    api = api_of({"/things": {"get": {"responses": responses}}}, **{"x-understudy": {"limits": limits}})
    told = (("Date", "Sat, 21 Nov 2026 01:01:00 GMT"), ("X-Limit", "5"), ("X-Remaining", "4"), ("X-Reset", reset))
    answer = answer_of(b'{"id": "a"}', headers=told)
    assert found(seen(api.operations[0], answer), "limit-headers-right") == places
