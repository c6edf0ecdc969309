"""Rules of actions that a request alone can break: what contracts call valid, and which requests they make."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.small_api import answer_of, api_of, case_of
from understudy.contracts.case import Exchange, Mode, Phase
from understudy.contracts.requests.composer import Composer
from understudy.contracts.requests.reading import RequestReader, Validity
from understudy.contracts.running.judging import is_about_records
from understudy.specs.model import Operation

ONE = {
    "rule": "= has(request.query.id) != has(request.query.user)",
    "problem": "invalid-parameter",
    "detail": "Just one",
}
SORT = {
    "rule": "= has(request.query.id) || kind != ''",
    "problem": "invalid-parameter",
    "detail": "A user needs a kind",
}
THERE = {"rule": "= note != null", "problem": "resource-not-found", "detail": "No such note"}


def notes(*rules: dict[str, Any], errors: dict[str, Any] | None = None, **members: Any) -> Operation:
    action = {
        "clear": "note",
        "with": {"note": {"resource": "note", "key": "$request.query.id"}},
        "let": {"kind": "= get(request.query, 'kind', '')", "seen": "= note.id"},
        "require": list(rules),
    }
    names = {"id": {"example": "n1"}, "user": {}, "kind": {"example": "short"}}
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}, **more} for name, more in names.items()]
    described = {
        "parameters": parameters,
        "responses": {"200": {"description": ""}},
        "x-understudy": {"action": action, **({"errors": {"kinds": errors}} if errors else {})},
        **members,
    }
    resources = {"note": {"key": "id"}}
    return api_of({"/notes": {"delete": described}}, **{"x-understudy": {"resources": resources}}).operations[0]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("id=n1", ""),
        ("user=ann&kind=short", ""),
        ("", "Just one"),
        ("id=n1&user=ann", "Just one"),
        ("user=ann", "A user needs a kind"),
    ],
)
def test_a_request_that_breaks_a_rule_is_not_valid(query: str, reason: str) -> None:
    operation = notes(ONE, SORT, THERE)
    reading = RequestReader(operation).read(case_of(operation, target=f"/notes?{query}"))
    assert (reading.validity, reading.reason) == (Validity.INVALID if reason else Validity.VALID, reason)


def test_a_rule_that_records_have_a_say_in_makes_nothing_invalid() -> None:
    seen = {"rule": "= seen == 'n1'", "problem": "conflict", "detail": "Not seen"}
    own = {"rule": "= record.id == 'n1'", "problem": "conflict", "detail": "Not this"}
    operation = notes(THERE, seen, own)
    assert RequestReader(operation).read(case_of(operation)).validity is Validity.VALID


def test_a_rule_sees_the_body_and_headers_by_their_names() -> None:
    rule = {"rule": "= request.body.size <= request.header['x-most']", "problem": "invalid-body", "detail": "Too much"}
    most = {"name": "X-Most", "in": "header", "schema": {"type": "integer"}}
    operation = notes(rule, parameters=[most], requestBody={"content": {"application/json": {"schema": {}}}})
    for size, validity in ((3, Validity.VALID), (4, Validity.INVALID)):
        sent = {"headers": (("x-most", "3"), ("content-type", "application/json")), "body": b'{"size": %d}' % size}
        assert RequestReader(operation).read(case_of(operation, **sent)).validity is validity


def test_a_rule_that_does_not_fit_a_request_leaves_it_unclear() -> None:
    rule = {"rule": "= request.query.id > 3", "problem": "invalid-parameter", "detail": "Too small"}
    operation = notes(rule)
    assert RequestReader(operation).read(case_of(operation, target="/notes?id=n1")).validity is Validity.UNCLEAR


@pytest.mark.parametrize(
    ("rules", "target"),
    [((), "/notes"), ((THERE,), "/notes"), ((ONE,), "/notes?id=n1"), ((ONE, SORT), "/notes?id=n1")],
)
def test_a_draft_keeps_to_the_rules(rules: tuple[dict[str, Any], ...], target: str) -> None:
    composer = Composer(notes(*rules), "0")
    assert composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES).target == target


def test_a_draft_has_all_there_is_where_one_is_not_enough() -> None:
    both = {
        "rule": "= has(request.query.id) && has(request.query.kind)",
        "problem": "invalid-parameter",
        "detail": "Both",
    }
    never = {"rule": "= has(request.query.user)", "problem": "invalid-parameter", "detail": "A user"}
    for rule, target in ((both, "/notes?id=n1&kind=short"), (never, "/notes")):
        composer = Composer(notes(rule), "0")
        assert composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES).target == target


@pytest.mark.parametrize(
    ("errors", "status", "expected"),
    [
        ({"conflict": {"status": 400}}, 400, True),
        ({"resource-not-found": {"status": 422}}, 422, True),
        ({"resource-not-found": {"status": 422}}, 400, False),
        ({"invalid-body": {"status": 422}}, 422, False),
        ({}, 400, False),
    ],
)
def test_a_status_that_an_operation_gives_to_records_tells_nothing_of_content(
    errors: dict[str, Any], status: int, expected: bool
) -> None:
    operation = notes(errors=errors)
    assert is_about_records(operation, Exchange(case_of(operation), answer_of(status=status))) is expected
