"""XML in the contracts: answers are judged by their schema, requests are written; the mock of a document is healthy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.small_api import answer_of, api_of, operation_of, seen
from understudy.contracts.case import Mode, Phase
from understudy.contracts.checking import Judgement, exchange_checks, judge
from understudy.contracts.observation import Observation
from understudy.contracts.requests.composer import Composer, Uncomposable
from understudy.contracts.requests.reading import RequestReader, Validity
from understudy.contracts.running.folding import fold
from understudy.contracts.running.plan import select_claims
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import Profile, Settings
from understudy.mockserver.serving.running import running
from understudy.specs.model import Operation

assert select_claims(())  # registers every claim

PET: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "photoUrls", "aliases"],
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string", "minLength": 1},
        "photoUrls": {
            "type": "array",
            "items": {"type": "string", "xml": {"name": "photoUrl"}},
            "xml": {"wrapped": True},
        },
        "aliases": {"type": "array", "items": {"type": "string"}},
        "status": {"enum": ["available", "sold"], "xml": {"name": "state"}},
    },
    "xml": {"name": "Pet"},
}
TEXT = '<Pet id="7"><name>Rex</name><photoUrls><photoUrl>u</photoUrl></photoUrls></Pet>'
VALUE = {"id": 7, "name": "Rex", "photoUrls": ["u"], "aliases": []}
ANSWER = operation_of({"content": {"application/xml": {"schema": PET}}})


def judged(observation: Observation) -> Judgement:
    return judge(observation, exchange_checks())


def places(observation: Observation, claim: str) -> list[str]:
    return [failure.place for failure in judged(observation).failures if failure.claim.id == claim]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (TEXT, []),
        (TEXT.replace("</Pet>", "<aliases>a</aliases><aliases>b</aliases><state>sold</state></Pet>"), []),
        (TEXT.replace('"7"', '"seven"'), ["200 application/xml /id type"]),
        (TEXT.replace("<name>Rex</name>", ""), ["200 application/xml /name required"]),
        (TEXT.replace("</Pet>", "<state>lost</state></Pet>"), ["200 application/xml /status enum"]),
        ("<Pet>text</Pet>", ["200 application/xml / type"]),
    ],
)
def test_answers_are_judged_by_their_schema(body: str, found: list[str]) -> None:
    observation = seen(ANSWER, answer_of(body.encode(), "application/xml"))
    assert places(observation, "response-schema") == found
    assert places(observation, "body-well-formed") == []


@pytest.mark.parametrize("body", [b"", b"<Pet>", b"{}", b"<Pet>\xff</Pet>", b"<a:Pet/>"])
def test_what_is_not_xml_is_malformed_and_no_schema_violation(body: bytes) -> None:
    observation = seen(ANSWER, answer_of(body, "application/xml"))
    assert places(observation, "body-well-formed") == ["200 application/xml"]
    assert places(observation, "response-schema") == []


def test_what_we_do_not_read_is_not_judged() -> None:
    judgement = judged(seen(ANSWER, answer_of(b"<!DOCTYPE Pet><Pet/>", "application/xml")))
    assert judgement.failures == ()
    assert not {"body-well-formed", "response-schema"} & set(judgement.judged)


def test_xml_without_schema_has_to_be_well_formed_and_no_more() -> None:
    operation = operation_of({"content": {"application/soap+xml": {}}})
    assert judged(seen(operation, answer_of(b"<a><b/></a>", "application/soap+xml"))).failures == ()
    assert places(seen(operation, answer_of(b"<a><b>", "application/soap+xml")), "body-well-formed") != []


def test_a_whole_text_may_be_described_as_a_string() -> None:
    operation = operation_of({"content": {"application/xml": {"schema": {"type": "string", "minLength": 4}}}})
    for body in (b"<!DOCTYPE a><a><b/></a>", b"<a><b>c</b></a>", b"<a/>", b"<a>text</a>"):
        assert places(seen(operation, answer_of(body, "application/xml")), "response-schema") == []


def taking(content: dict[str, Any]) -> Operation:
    post = {"requestBody": {"required": True, "content": content}, "responses": {"204": {"description": ""}}}
    return api_of({"/pets": {"post": post}}).operations[0]


def test_examples_are_sent_as_text_or_written_from_values() -> None:
    examples = {
        "text": {"value": TEXT},
        "value": {"value": VALUE},
        "both": {"dataValue": VALUE, "serializedValue": f"\n{TEXT}"},
        "broken": {"value": "<Pet"},
        "invalid": {"value": TEXT.replace("7", "seven")},
    }
    operation = taking({"application/*+xml": {"schema": PET, "examples": examples}})
    composer = Composer(operation, "0")
    assert operation.request_body is not None
    (content,) = operation.request_body.content
    assert [each.name for each in composer.valid_examples(content)] == ["text", "value", "both"]
    drafts = {draft.note.removeprefix("example "): draft for draft in composer.examples()}
    assert [drafts[name].body for name in ("text", "value", "both")] == [VALUE] * 3
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    for name, body in (("text", TEXT), ("value", declaration + TEXT), ("both", f"\n{TEXT}")):
        case = composer.write(drafts[name], Mode.POSITIVE, Phase.EXAMPLES)
        assert case.body == body.encode()
        assert ("Content-Type", "application/xml") in case.headers


def test_made_up_requests_are_valid_and_what_cannot_be_said_is_not_sent() -> None:
    operation = taking({"application/xml": {"schema": PET}})
    for key in map(str, range(20)):
        composer = Composer(operation, key)
        case = composer.write(composer.draft(), Mode.POSITIVE, Phase.EXAMPLES)
        assert (case.body or b"").startswith(b"<?xml")
        assert RequestReader(operation).read(case).validity is Validity.VALID
    composer = Composer(taking({"application/xml": {}}), "0")
    with pytest.raises(Uncomposable, match="without a schema"):
        composer.write(composer.draft(), Mode.POSITIVE, Phase.EXAMPLES)


def test_the_mock_of_a_document_in_xml_is_healthy() -> None:
    content = {"application/xml": {"schema": {"$ref": "#/components/schemas/Pet"}, "example": TEXT}}
    many = {"text/xml": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}}
    api = api_of(
        {
            "/echo": {
                "post": {
                    "requestBody": {"required": True, "content": content},
                    "responses": {
                        "200": {"description": "", "content": content},
                        "4XX": {"description": "", "content": {"application/problem+json": {}}},
                    },
                }
            },
            "/listing": {"get": {"responses": {"200": {"description": "", "content": many}}}},
        },
        components={"schemas": {"Pet": PET}},
    )
    with running(api) as mock:
        run = fold(run_checks(api, mock.url, Settings(profile=Profile.QUICK)))
    told = [f"{each.claim.id} {each.operation} {each.place}: {each.message}" for each in (*run.findings, *run.flaky)]
    assert told == []
    assert [*run.errors, *(error for each in run.operations for error in each.errors)] == []
    assert all(operation.is_judged for operation in run.operations)
