"""Which headers an operation hears, told by what it documents, and how the command line says so."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from understudy.specs.behaviour.heard_headers import heard_by
from understudy.specs.behaviour.preconditions import Conditions, entity_tag, read_tags
from understudy.specs.build import build_api
from understudy.specs.cli import specs
from understudy.specs.documents.document import parse_document
from understudy.specs.model import Operation

TEXT = """
openapi: 3.2.0
info: {title: Notes, version: '1'}
components:
  schemas: {Note: {required: [id], properties: {id: {type: string}, text: {type: string}}}}
paths:
  /notes:
    post:
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {properties: {text: {type: string}}}}}}
      responses:
        '201': {description: One., content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: One.
          headers: {etag: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        '304': {description: As before.}
    delete:
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      responses: {'204': {description: Gone.}, '412': {description: Changed.}}
"""


def operations(text: str = TEXT) -> dict[str, Operation]:
    api = build_api(parse_document(dedent(text).encode(), "/notes.yaml"))
    return {each.method: each for each in api.operations}


def test_what_is_documented_is_heard() -> None:
    post, get, delete = (heard_by(operations()[method]) for method in ("POST", "GET", "DELETE"))
    assert (post.key, post.has_conditions) == ("idempotency-key", False)
    assert (get.gives_tag, get.match, get.none_match, get.is_read) == (True, False, True, True)
    assert (delete.gives_tag, delete.match, delete.none_match, delete.is_read) == (False, True, True, False)
    assert get.key is None
    assert delete.key is None, "a DELETE may be sent again as it is"


@pytest.mark.parametrize("schema", ["{type: integer}", "{type: string, maxLength: 3}"])
def test_a_tag_of_another_form_is_not_ours(schema: str) -> None:
    get = heard_by(
        operations(TEXT.replace("{etag: {schema: {type: string}}}", f"{{etag: {{schema: {schema}}}}}"))["GET"]
    )
    assert not get.has_conditions


@pytest.mark.parametrize(
    ("header", "tags"),
    [('"a"', ('"a"',)), ('"a", W/"b" ,"c,d"', ('"a"', '"b"', '"c,d"')), ("*", ("*",)), ("", ()), ("a", ())],
)
def test_tags_are_read(header: str, tags: tuple[str, ...]) -> None:
    assert read_tags(header) == tags


def test_conditions_are_about_what_is_there() -> None:
    tag = entity_tag({"a": 1, "b": {"c": 2, "d": 3}})
    assert tag == entity_tag({"b": {"d": 3, "c": 2}, "a": 1})
    assert tag != entity_tag({"a": 1, "b": {"c": 2, "d": "3"}})
    assert Conditions(match=(tag,)).find_unmet(tag) is None
    assert Conditions(match=("*",)).find_unmet(None) == "If-Match names *; the record is not there"
    assert Conditions(none_match=("*",)).find_unmet(None) is None
    assert Conditions(none_match=("*",)).find_unmet(tag) == f"If-None-Match forbids {tag}, which the record is"
    assert Conditions(none_match=(tag,), is_read=True).find_unmet(tag) is None
    assert Conditions(none_match=(tag,), is_read=True).is_known(tag)
    assert not Conditions(none_match=(tag,)).is_known(tag)


def test_the_command_line_says_what_is_heard_and_why(tmp_path: Path) -> None:
    file = tmp_path / "notes.yaml"
    file.write_text(TEXT, "utf-8")
    said = CliRunner().invoke(specs, ["show", str(file), "--behaviour"]).output
    assert "+ POST /notes: idempotency-key names the attempt: the same again is answered as it was" in said
    assert "+ GET /notes/{id}: ETag is documented: it is made of what the record shows" in said
    assert "+ GET /notes/{id}: 304 is documented: the answer where If-None-Match has the record's tag" in said
    assert "+ DELETE /notes/{id}: 412 is documented: the answer where If-Match doesn't have the record's tag" in said
    assert "DELETE /notes/{id}: ETag" not in said
