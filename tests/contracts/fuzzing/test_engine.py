"""The fuzzer does what we build on: its engine isn't public, so what we use of it is pinned down here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import configuration
from hypothesis.internal.conjecture import providers
from schemathesis.core.version import SCHEMATHESIS_VERSION
from schemathesis.engine import events
from schemathesis.engine.run import PhaseName

from tests.apps.small_api import answer_of
from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.fuzzing.claims import CHECKS_ON, CLAIM_OF_FAILURE
from understudy.contracts.fuzzing.engine import fuzz
from understudy.contracts.fuzzing.steps import FuzzPlan, PhaseBegan, PhaseEnded, Sent, Shown, Step, Trouble

THING = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 2}, "size": {"type": "integer", "maximum": 9}},
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
DONE = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}}
LINKED = {
    "201": {
        "description": "",
        "content": {"application/json": {"schema": {"type": "object"}}},
        "links": {
            "Get": {"operationId": "getThing", "parameters": {"id": "$response.body#/id"}},
            "Delete": {"operationId": "deleteThing", "parameters": {"id": "$response.body#/id"}},
        },
    }
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.2.0",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "operationId": "createThing",
                "requestBody": {"required": True, "content": {"application/json": {"schema": THING}}},
                "responses": LINKED,
            },
        },
        "/things/{id}": {
            "parameters": [ID],
            "get": {"operationId": "getThing", "responses": DONE},
            "delete": {
                "operationId": "deleteThing",
                "responses": {
                    "200": {
                        **DONE["200"],
                        "links": {"Get": {"operationId": "getThing", "parameters": {"id": "$request.path.id"}}},
                    }
                },
            },
        },
        "/lines": {
            "post": {
                "operationId": "importLines",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/jsonl": {"schema": {"type": "array", "items": THING}, "itemSchema": THING}
                    },
                },
                "responses": DONE,
            }
        },
    },
}
LABELS = ("POST /things", "GET /things/{id}", "DELETE /things/{id}", "POST /lines")


WITHOUT_LINKS = frozenset({Phase.COVERAGE, Phase.FUZZING})


def answer(case: Case) -> Answer:
    """A careless server: it takes everything, and forgets nothing."""
    if case.method == "POST" and case.target == "/things":
        return answer_of(b'{"id": "t-1"}', status=201)
    return answer_of(b'{"id": "t-1"}')


def plan(reply: Callable[[Case], Answer | None] = answer, **changes: Any) -> FuzzPlan:
    values: dict[str, Any] = {
        "document": json.loads(json.dumps(DOCUMENT)),
        "base_url": "http://127.0.0.1:1/base",
        "operations": LABELS,
        "media_types": ("application/json", "application/jsonl"),
        "seed": 7,
        "seconds": 60,
        "turn_examples": 5,
        "turns": 1,
        "phases": WITHOUT_LINKS | {Phase.LINKS},
        "dress": lambda case, excluded: case,
        "send": lambda case: Exchange(case, reply(case)),
    }
    return FuzzPlan(**{**values, **changes})


def steps(of: FuzzPlan) -> list[Step]:
    return list(fuzz(of))


@pytest.fixture(scope="module")
def told() -> list[Step]:
    return steps(plan())


def sent(told: list[Step]) -> list[Case]:
    return [step.exchanges[-1].case for step in told if isinstance(step, Sent)]


def test_the_version_is_the_one_we_know() -> None:
    assert SCHEMATHESIS_VERSION.startswith("4.32.")


def test_the_engine_tells_what_we_listen_to() -> None:
    """Canary: names, members and values of its events."""
    for name in ("PhaseStarted", "PhaseFinished", "ScenarioFinished", "NonFatalError", "FatalError"):
        assert hasattr(events, name)
    assert {phase.value for phase in PhaseName} >= {"examples", "coverage", "fuzzing", "stateful"}
    assert events.ScenarioFinished.__slots__ is not None
    assert "recorder" in events.ScenarioFinished.__slots__
    assert "related_to_operation" in events.NonFatalError.__slots__


def test_its_checks_and_failures_have_the_names_we_map() -> None:
    from schemathesis.checks import CHECKS, load_all_checks
    from schemathesis.core import failures
    from schemathesis.openapi import checks

    load_all_checks()
    assert set(CHECKS_ON) <= set(CHECKS.get_all_names())
    for name in CLAIM_OF_FAILURE:
        assert hasattr(checks, name) or hasattr(failures, name), name


def test_what_we_replace_in_hypothesis_is_there() -> None:
    assert callable(providers._get_local_constants)
    assert hasattr(configuration, "__hypothesis_home_directory")


def test_the_phases_come_in_order_and_end(told: list[Step]) -> None:
    began = [step.phase for step in told if isinstance(step, PhaseBegan)]
    assert began == [Phase.COVERAGE, Phase.FUZZING, Phase.LINKS]
    assert {step.phase for step in told if isinstance(step, PhaseEnded)} >= set(began)
    assert [step for step in told if isinstance(step, Trouble)] == []


def test_cases_are_what_goes_over_the_wire(told: list[Step]) -> None:
    cases = sent(told)
    assert {case.operation for case in cases} == set(LABELS)
    assert all(case.target.startswith("/") for case in cases)
    assert {case.mode for case in cases} == {Mode.POSITIVE, Mode.NEGATIVE}
    assert {case.phase for case in cases} == {Phase.COVERAGE, Phase.FUZZING, Phase.LINKS}
    names = {name.lower() for case in cases for name, _ in case.headers}
    assert not names & {"user-agent", "x-schemathesis-testcaseid", "content-length"}
    assert all(case.note for case in cases if case.mode is Mode.NEGATIVE)
    assert not any(case.note for case in cases if case.mode is Mode.POSITIVE)


def test_json_lines_are_written_line_by_line(told: list[Step]) -> None:
    bodies = [case.body for case in sent(told) if case.operation == "POST /lines" and case.mode is Mode.POSITIVE]
    written = [body for body in bodies if body]  # no record at all is no body at all
    assert written
    for body in written:
        assert all(isinstance(json.loads(line), dict) for line in body.splitlines())


def test_a_careless_server_is_found_out(told: list[Step]) -> None:
    found = {step.failure.claim.id for step in told if isinstance(step, Shown)}
    assert {"invalid-request-refused", "undocumented-method-refused", "deleted-resource-gone"} <= found


def test_a_use_after_delete_comes_with_its_whole_story(told: list[Step]) -> None:
    stories = [step.exchanges for step in told if isinstance(step, Shown) and "deleted" in step.failure.claim.id]
    methods = [[exchange.case.method for exchange in story] for story in stories]
    assert methods
    assert all(story[-1] == "GET" and "DELETE" in story for story in methods)


def test_claims_are_put_to_the_test(told: list[Step]) -> None:
    claims = {claim for step in told if isinstance(step, Sent) for claim in step.claims}
    assert {"invalid-request-refused", "valid-request-accepted", "deleted-resource-gone"} <= claims


def test_the_same_seed_sends_the_same_cases_and_another_others(told: list[Step]) -> None:
    assert sent(steps(plan())) == sent(told)
    assert sent(steps(plan(seed=8))) != sent(told)


def test_answers_do_not_change_what_is_sent_before_links(told: list[Step]) -> None:
    def refusing(case: Case) -> Answer:
        return answer_of(b'{"message": "size must be at most 3"}', status=422)

    def unlinked(told: list[Step]) -> list[Case]:
        return [case for case in sent(told) if case.phase is not Phase.LINKS]

    assert unlinked(steps(plan(refusing))) == unlinked(told)


@pytest.mark.parametrize("phase", [Phase.COVERAGE, Phase.FUZZING, Phase.LINKS])
def test_only_the_phases_asked_for_are_run(phase: Phase) -> None:
    told = steps(plan(phases=frozenset({phase})))
    assert {step.phase for step in told if isinstance(step, PhaseBegan)} == {phase}
    assert {case.phase for case in sent(told)} == {phase}
    assert [step for step in told if isinstance(step, Trouble)] == []


def test_no_answer_is_no_failure_and_ends_nothing() -> None:
    silent = steps(plan(lambda case: None, phases=WITHOUT_LINKS))
    assert [step for step in silent if isinstance(step, (Shown, Trouble))] == []
    assert len(sent(silent)) > 50


def test_what_cannot_be_sent_is_passed_over() -> None:
    from understudy.contracts.sending.transport import Unsendable

    def refuse(case: Case) -> Exchange:
        raise Unsendable("no")

    assert sent(steps(plan(send=refuse, phases=WITHOUT_LINKS))) == []


def test_only_the_operations_asked_for_are_tried() -> None:
    cases = sent(steps(plan(operations=("POST /lines",), phases=WITHOUT_LINKS)))
    assert {case.operation for case in cases} == {"POST /lines"}


def test_every_case_is_dressed_but_for_what_it_is_about() -> None:
    key = {"name": "X-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    document = json.loads(json.dumps(DOCUMENT))
    document["paths"] = {"/things": {"get": {"parameters": [key], "responses": DONE}}}
    seen: list[frozenset[str]] = []

    def dress(case: Case, excluded: frozenset[str]) -> Case:
        seen.append(excluded)
        return case

    steps(plan(document=document, operations=("GET /things",), dress=dress, phases=WITHOUT_LINKS))
    assert frozenset({"x-key"}) in seen
    assert frozenset() in seen


def test_stopping_early_ends_the_engine() -> None:
    generator = fuzz(plan(turns=50, turn_examples=1000))
    taken = [next(generator) for _ in range(20)]
    generator.close()
    assert len(taken) == 20


def test_nothing_is_written_and_hypothesis_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = providers._get_local_constants, getattr(configuration, "__hypothesis_home_directory")
    steps(plan(operations=("POST /things",), phases=WITHOUT_LINKS))
    assert list(tmp_path.iterdir()) == []
    assert (providers._get_local_constants, getattr(configuration, "__hypothesis_home_directory")) == before


def test_a_document_that_the_fuzzer_cannot_use_is_trouble_not_a_crash() -> None:
    document = json.loads(json.dumps(DOCUMENT))
    document["paths"]["/lines"]["post"]["requestBody"]["content"] = {
        "application/json": {"schema": {"type": "string", "minLength": 9, "maxLength": 1}}
    }
    told = steps(plan(document=document, operations=("POST /lines",), phases=WITHOUT_LINKS))
    assert all(step.message for step in told if isinstance(step, Trouble))
    assert any(isinstance(step, PhaseEnded) for step in told)
