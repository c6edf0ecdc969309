"""`ETag`, `If-Match` and `If-None-Match`, where the document has them, on each kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.apps.in_process import OneLoop
from tests.mockserver.conftest import build
from understudy.mockserver.app import create_app
from understudy.mockserver.settings import Settings
from understudy.specs.documents.document import Json

pytest_plugins = ("tests.apps.store_fixtures",)

MakeClient = Callable[..., httpx.Client]
NOTES = """
components:
  schemas:
    Note:
      required: [id, text]
      properties: {id: {type: string}, text: {type: string}, pinned: {type: boolean}}
paths:
  /notes:
    get:
      responses:
        '200':
          description: All.
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}
        '304': {description: As before., headers: {ETag: {schema: {type: string}}}}
    post:
      requestBody: &note
        required: true
        content:
          application/json:
            schema: {required: [text], properties: {text: {type: string}, pinned: {type: boolean}}}
      responses:
        '201': &one
          description: One.
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': *one, '304': {description: As before.}, '404': {description: None.}}
    put:
      requestBody: *note
      responses: {'200': *one, '404': {description: None.}, '412': {description: Changed.}}
    delete:
      responses: {'204': {description: Gone.}, '404': {description: None.}, '412': {description: Changed.}}
"""
DEAF = NOTES.replace("'304': {description: As before.}, ", "").replace(", '412': {description: Changed.}", "")


@pytest.fixture
def notes(each_state: str) -> Iterator[httpx.Client]:
    app = create_app([build(NOTES)], Settings(state=each_state))
    with httpx.Client(transport=OneLoop(app), base_url="http://mock.test") as client:
        yield client


def made(client: httpx.Client, text: str = "Buy milk") -> tuple[str, str]:
    """The path and the tag of a new note."""
    answer = client.post("/notes", json={"text": text})
    assert answer.status_code == 201
    return f"/notes/{answer.json()['id']}", answer.headers["etag"]


def test_a_tag_is_that_of_what_the_record_shows(notes: httpx.Client) -> None:
    path, tag = made(notes)
    assert notes.get(path).headers["etag"] == tag
    assert notes.put(path, json={"text": "Buy milk"}).headers["etag"] == tag
    changed = notes.put(path, json={"text": "Buy oats"}).headers["etag"]
    assert changed != tag
    assert notes.get(path).headers["etag"] == changed
    assert made(notes)[1] != tag, "another record has another key"


def test_what_has_not_changed_is_not_sent_again(notes: httpx.Client) -> None:
    path, tag = made(notes)
    unchanged = notes.get(path, headers={"if-none-match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert notes.get(path, headers={"if-none-match": f'"other", W/{tag}'}).status_code == 304
    assert notes.get(path, headers={"if-none-match": "*"}).status_code == 304
    assert notes.get(path, headers={"if-none-match": '"other"'}).json()["text"] == "Buy milk"
    assert notes.get("/notes/none", headers={"if-none-match": '"other"'}).status_code in (200, 404)
    notes.put(path, json={"text": "Buy oats"})
    assert notes.get(path, headers={"if-none-match": tag}).status_code == 200


def test_a_list_has_a_tag_of_what_is_in_it(notes: httpx.Client) -> None:
    tag = notes.get("/notes").headers["etag"]
    unchanged = notes.get("/notes", headers={"if-none-match": tag})
    assert (unchanged.status_code, unchanged.headers["etag"]) == (304, tag)
    made(notes)
    assert notes.get("/notes", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_of_what_has_changed_is_refused_and_does_nothing(notes: httpx.Client, method: str) -> None:
    path, tag = made(notes)
    body: Json = {"text": "Mine"} if method == "PUT" else None
    current = notes.put(path, json={"text": "Theirs"}).headers["etag"]
    refused = notes.request(method, path, json=body, headers={"if-match": tag})
    assert refused.status_code == 412
    assert notes.get(path).json()["text"] == "Theirs"
    assert notes.request(method, path, json=body, headers={"if-match": f"{tag}, {current}"}).is_success


def test_a_star_is_any_tag(notes: httpx.Client) -> None:
    path, _ = made(notes)
    assert notes.put(path, json={"text": "a"}, headers={"if-match": "*"}).status_code == 200
    assert notes.put(path, json={"text": "b"}, headers={"if-none-match": "*"}).status_code == 412
    assert notes.put(path, json={"text": "c"}, headers={"if-match": "nonsense"}).status_code == 412
    assert notes.get(path).json()["text"] == "a"


def test_a_document_without_the_statuses_hears_no_conditions(mock: MakeClient) -> None:
    client = mock(DEAF)
    path, tag = made(client)
    assert client.get(path, headers={"if-none-match": tag}).status_code == 200
    assert client.put(path, json={"text": "a"}, headers={"if-match": '"other"'}).status_code == 200


def test_a_tag_that_must_have_another_form_stays_the_documents(mock: MakeClient) -> None:
    versions = NOTES.replace("{ETag: {schema: {type: string}}}", "{ETag: {schema: {type: string, enum: ['v1']}}}")
    client = mock(versions)
    path, tag = made(client)
    assert tag == client.get(path).headers["etag"] == "v1"
    assert client.get(path, headers={"if-none-match": "*"}).status_code == 200


def test_who_keeps_nothing_hears_nothing(mock: MakeClient) -> None:
    from understudy.mockserver.settings import Records

    client = mock(NOTES, records=Records.NONE)
    assert client.get("/notes/a", headers={"if-none-match": "*"}).status_code == 200
