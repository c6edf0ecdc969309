"""Valid requests: the document's examples as they are, made-up values where there are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.apps.small_api import api_of
from understudy.contracts.case import Mode, Phase
from understudy.contracts.requests.composer import Composer, Uncomposable
from understudy.contracts.requests.reading import RequestReader, Validity
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.model import Location, Operation

THING = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}, "size": {"type": "integer"}},
}


def operation(path: str = "/things/{id}", **members: Any) -> Operation:
    tree = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}]
    }
    return api_of({path: {"post": {"responses": {"200": {"description": ""}}, **tree, **members}}}).operations[0]


def body(content: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"required": required, "content": content}


def test_only_what_is_required_is_sent() -> None:
    by_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    content = {"application/json": {"schema": THING}}
    composer = Composer(operation(requestBody=body(content, required=False), parameters=[by_id, limit]), "0")
    draft = composer.draft()
    assert set(draft.values) == {(Location.PATH, "id")}
    case = composer.write(draft, Mode.POSITIVE, Phase.PROBES)
    assert case.body is None
    assert "limit" not in case.target


def test_the_same_key_gives_the_same_request() -> None:
    described = operation(requestBody=body({"application/json": {"schema": THING}}))
    cases = [
        Composer(described, key).write(Composer(described, key).draft(), Mode.POSITIVE, Phase.PROBES) for key in "001"
    ]
    assert cases[0] == cases[1]
    assert cases[0].headers == (("Content-Type", "application/json"),)
    assert RequestReader(described).read(cases[2]).validity is Validity.VALID


def test_each_named_example_is_sent_once_as_it_is() -> None:
    content = {
        "application/json": {
            "schema": THING,
            "examples": {"small": {"value": {"name": "a"}}, "text": {"serializedValue": '{"name" : "b"}'}},
        }
    }
    described = operation(
        requestBody=body(content),
        parameters=[
            {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "examples": {"first": {"value": "t-1"}, "odd": {"value": "a b/c"}},
            }
        ],
    )
    composer = Composer(described, "0")
    cases = [composer.write(draft, Mode.POSITIVE, Phase.EXAMPLES) for draft in composer.examples()]
    assert [case.note for case in cases] == [
        "example small", "example text", "example first of the path id", "example odd of the path id",
    ]  # fmt: skip
    assert [case.body for case in cases[:2]] == [b'{"name":"a"}', b'{"name" : "b"}']
    assert [case.target for case in cases[2:]] == ["/things/t-1", "/things/a%20b%2Fc"]


def test_an_invalid_example_is_not_taken_for_a_valid_request() -> None:
    content = {"application/json": {"schema": THING, "examples": {"bad": {"value": {"name": ""}}}}}
    described = operation(requestBody=body(content))
    composer = Composer(described, "0")
    case = composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES)
    assert case.body is not None
    assert json.loads(case.body)["name"] != ""


def test_uploads_are_written_as_forms() -> None:
    schema = {
        "type": "object",
        "required": ["file", "meta", "tags"],
        "properties": {"file": {}, "meta": {"type": "object"}, "tags": {"type": "array", "items": {"type": "string"}}},
    }
    value = {"file": "GIF89a\u00ff", "meta": {"a": 1}, "tags": ["x", "y"]}
    encoding = {"file": {"contentType": "image/png, image/gif"}}
    content = {"multipart/form-data": {"schema": schema, "encoding": encoding, "examples": {"one": {"value": value}}}}
    composer = Composer(operation(requestBody=body(content)), "0")
    case = composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES)
    assert case.body is not None
    assert b'name="file"; filename="file"\r\nContent-Type: image/gif\r\n\r\nGIF89a\xff\r\n' in case.body
    assert b'name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n' in case.body
    assert case.body.count(b'name="tags"') == 2
    again = composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES)
    assert again == case


def test_what_cannot_be_made_says_what_is_missing() -> None:
    content = {"application/json": {"schema": {"type": "string", "minLength": 5, "maxLength": 1}}}
    composer = Composer(operation(requestBody=body(content)), "0")
    with pytest.raises(Uncomposable, match="application/json body"):
        composer.draft()


def test_literals_of_the_path_are_encoded() -> None:
    described = operation("/día/{id}:go")
    composer = Composer(described, "0")
    draft = composer.draft()
    case = composer.write(draft, Mode.POSITIVE, Phase.PROBES)
    assert case.target.startswith("/d%C3%ADa/")
    assert case.target.endswith(":go")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_operation_of_the_shipped_documents_has_a_valid_request(name: str) -> None:
    for described in load_api(name).operations:
        composer = Composer(described, "0")
        reader = RequestReader(described)
        drafts = [composer.draft(), *composer.examples()]
        for draft in drafts:
            reading = reader.read(composer.write(draft, Mode.POSITIVE, Phase.EXAMPLES))
            assert reading.validity is not Validity.INVALID, f"{described.label}, {draft.note}: {reading.reason}"


def header(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": schema}


def test_headers_of_the_message_itself_say_what_is_true() -> None:
    framing = [header("Content-Length", type="integer"), header("Host", type="string"), header("X-Kept", enum=["a"])]
    content = {"application/json": {"schema": THING}}
    described = operation(
        "/things", requestBody=body(content), parameters=[*framing, header("Transfer-Encoding", enum=["chunked"])]
    )
    composer = Composer(described, "0")
    case = composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES)
    assert case.body is not None
    assert case.headers == (
        ("Content-Length", str(len(case.body))),
        ("X-Kept", "a"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Type", "application/json"),
    )


@pytest.mark.parametrize(
    ("media_type", "schema"),
    [
        ("application/x-www-form-urlencoded", {"type": "object", "properties": {"a": {"type": "string"}}}),
        ("multipart/form-data", {"type": "object", "properties": {"a": {"type": "string"}}}),
        (
            "application/x-www-form-urlencoded",
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "items": {"type": "string"}}}},
        ),
    ],
)
def test_a_form_has_something_in_it(media_type: str, schema: dict[str, Any]) -> None:
    composer = Composer(operation(requestBody=body({media_type: {"schema": schema}})), "0")
    case = composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES)
    assert b"a" in (case.body or b"")
    assert RequestReader(composer.operation).read(case).validity is Validity.VALID


def test_a_path_segment_is_never_empty_if_it_need_not_be() -> None:
    kinds = {"name": "id", "in": "path", "required": True, "schema": {"enum": ["", "a"]}}
    for key in "0123456789":
        composer = Composer(operation(parameters=[kinds]), key)
        assert composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES).target == "/things/a"


@pytest.mark.parametrize("path", ["/things/{id}#Action=Make", "/things/{id}?action=make"])
def test_a_path_is_sent_without_fragment_and_its_query_as_parameters(path: str) -> None:
    composer = Composer(operation(path), "0")
    case = composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES)
    sent, _, query = case.target.partition("?")
    assert sent.startswith("/things/")
    assert "#" not in case.target
    assert query == ("action=make" if "?" in path else "")


def test_plain_text_with_members_is_json() -> None:
    composer = Composer(operation(requestBody=body({"text/plain": {"schema": THING}})), "0")
    case = composer.write(composer.draft(), Mode.POSITIVE, Phase.PROBES)
    assert "name" in json.loads(case.body or b"")
    assert RequestReader(composer.operation).read(case).validity is Validity.VALID
