"""Credentials on a request, off it, and out of reports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.small_api import api_of, case_of
from understudy.contracts.sending.credentials import (
    MADE_UP,
    attach,
    credential_attachments,
    is_guarded,
    redaction_for,
    without_credentials,
)
from understudy.specs.model import Api, Operation

SCHEMES: dict[str, Any] = {
    "Bearer": {"type": "http", "scheme": "bearer"},
    "Basic": {"type": "http", "scheme": "basic"},
    "Header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Query": {"type": "apiKey", "in": "query", "name": "api key"},
    "Cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "Tls": {"type": "mutualTLS"},
    "OAuth": {"type": "oauth2", "flows": {}},
}


def api(*security: dict[str, Any]) -> Api:
    responses = {"200": {"description": ""}}
    paths = {"/things": {"get": {"responses": responses, "security": list(security)}}}
    return api_of(paths, components={"securitySchemes": SCHEMES})


def dressed(operation: Operation, credentials: dict[str, str], **case: Any) -> Any:
    return attach(case_of(operation, **case), credential_attachments(operation, credentials))


@pytest.mark.parametrize(
    ("scheme", "header"),
    [
        ("Bearer", ("Authorization", "Bearer s3cret")),
        ("OAuth", ("Authorization", "Bearer s3cret")),
        ("Basic", ("Authorization", "Basic czNjcmV0OnMzY3JldA==")),
        ("Header", ("X-API-Key", "s3cret")),
        ("Cookie", ("Cookie", "sid=s3cret")),
    ],
)
def test_each_scheme_has_its_place(scheme: str, header: tuple[str, str]) -> None:
    operation = api({scheme: []}).operations[0]
    case = dressed(operation, {scheme: "s3cret"})
    assert case.headers == (header,)
    assert without_credentials(case, operation).headers == ()


def test_a_key_in_the_query() -> None:
    operation = api({"Query": []}).operations[0]
    assert dressed(operation, {"Query": "a&b"}).target == "/things?api+key=a%26b"
    case = dressed(operation, {"Query": "x"}, target="/things?limit=3")
    assert case.target == "/things?limit=3&api+key=x"
    assert without_credentials(case, operation).target == "/things?limit=3"


def test_what_the_case_has_stays() -> None:
    operation = api({"Bearer": [], "Cookie": []}).operations[0]
    case = dressed(operation, {"": "s"}, headers=(("authorization", "mine"), ("Cookie", "a=1")))
    assert case.headers == (("authorization", "mine"), ("Cookie", "a=1; sid=s"))
    assert without_credentials(case, operation).headers == (("Cookie", "a=1"),)


def test_the_first_alternative_that_can_be_met_is_taken() -> None:
    operation = api({"Tls": [], "Bearer": []}, {"Header": []}).operations[0]
    assert dressed(operation, {"Header": "k"}).headers == (("X-API-Key", "k"),)
    assert dressed(operation, {}).headers == (("Authorization", f"Bearer {MADE_UP}"),)


def test_nobody_is_asked_for_what_is_optional() -> None:
    operation = api({}, {"Bearer": []}).operations[0]
    assert not is_guarded(operation)
    assert dressed(operation, {}).headers == ()
    assert dressed(operation, {"": "t"}).headers == (("Authorization", "Bearer t"),)


def test_a_client_certificate_alone_guards_nothing_that_we_could_leave_out() -> None:
    assert not is_guarded(api({"Tls": []}).operations[0])


def test_what_reports_must_not_show() -> None:
    redaction = redaction_for(
        api({"Bearer": []}),
        {"Bearer": "tok-12345", "Header": "key-12345", "Basic": "ann:pass-word"},
        (("X-Auth-Token", "h-12345"),),
    )
    assert redaction.request_header("Authorization", "Bearer tok-12345") == "Bearer $BEARER_TOKEN"
    assert redaction.request_header("X-API-Key", "key-12345") == "$HEADER_KEY"
    shown = redaction.request_text("tok-12345 key-12345 YW5uOnBhc3Mtd29yZA== pass-word h-12345")
    for secret in ("tok-12345", "key-12345", "YW5uOnBhc3Mtd29yZA==", "pass-word", "h-12345"):
        assert secret not in shown


def test_a_made_up_credential_is_told_from_any_other() -> None:
    redaction = redaction_for(api({"Bearer": []}), {})
    assert redaction.request_header("Authorization", f"Bearer {MADE_UP}") == "Bearer $TOKEN"
    assert redaction.request_header("Authorization", "Bearer another-one").endswith("$OTHER_TOKEN")
    assert redaction.request_header("Authorization", "Understudy malformed").endswith("$OTHER_TOKEN")


@pytest.mark.parametrize("order", [("Key", "Bearer"), ("Bearer", "Key")])
def test_a_key_in_the_header_of_another_scheme_goes_where_that_one_puts_its_credential(order: tuple[str, str]) -> None:
    schemes = {"Key": {"type": "apiKey", "in": "header", "name": "authorization"}, "Bearer": SCHEMES["Bearer"]}
    paths: dict[str, Any] = {"/things": {"get": {"responses": {}, "security": [{name: [] for name in order}]}}}
    (operation,) = api_of(paths, components={"securitySchemes": schemes}).operations
    (attachment,) = credential_attachments(operation, {})
    assert (attachment.name, attachment.value) == ("Authorization", f"Bearer {MADE_UP}")
