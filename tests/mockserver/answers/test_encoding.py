from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import httpx
import pytest

from understudy.mockserver.answers.encoding import Unencodable, encode_value
from understudy.mockserver.answers.sample_files import sample_file
from understudy.specs.documents.document import Json
from understudy.specs.model import Api, MediaType
from understudy.specs.wire.media_types import kind
from understudy.specs.wire.multipart import Parser

MakeApi = Callable[..., Api]
MakeClient = Callable[..., httpx.Client]


def document(media_type: str, text: str) -> str:
    return (
        f"paths: {{/a: {{get: {{responses: {{'200': {{description: '', content: {{{media_type}: {{{text}}}}}}}}}}}}}}}"
    )


def content(api: Api) -> MediaType:
    return api.operations[0].responses[0].content[0]


def encode(api: Api, value: Json) -> tuple[bytes | None, bytes]:
    media_type = content(api)
    encoded = encode_value(media_type, media_type.name, kind(media_type.name), value, "key")
    return encoded.content_type, encoded.body


@pytest.mark.parametrize(
    ("media_type", "value", "body"),
    [
        ("application/json", {"a": "é", "b": 2**70}, '{"a":"é","b":1180591620717411303424}'.encode()),
        ("application/vnd.a+json", [None], b"[null]"),
        ("text/plain", "é", "é".encode()),
        ("text/plain", 3.5, b"3.5"),
        ("text/csv", [[1, 2]], b"[[1,2]]"),
        ("application/x-www-form-urlencoded", {"a": "b c", "d": 1}, b"a=b+c&d=1"),
        ("application/octet-stream", "\x00\xff", b"\x00\xff"),
        ("application/octet-stream", "☃", "☃".encode()),
        ("image/png", None, sample_file("image/png")),
        ("application/xml", "<a/>", b"<a/>"),
    ],
)
def test_values_are_written_in_their_media_type(make_api: MakeApi, media_type: str, value: Json, body: bytes) -> None:
    assert encode(make_api(document(media_type, "")), value) == (None, body)


@pytest.mark.parametrize(
    ("media_type", "value"),
    [("application/xml", {"a": 1}), ("application/x-www-form-urlencoded", [1]), ("multipart/form-data", {"a\r\nb": 1})],
)
def test_what_has_no_form_is_refused(make_api: MakeApi, media_type: str, value: Json) -> None:
    with pytest.raises(Unencodable, match=media_type):
        encode(make_api(document(media_type, "")), value)


def test_an_object_is_written_as_named_parts(make_api: MakeApi) -> None:
    schema = (
        "schema: {type: object, properties: {file: {format: binary}, other: {contentMediaType: image/gif},"
        " files: {type: array, items: {format: binary}}}}, encoding: {file: {contentType: image/*}}"
    )
    value = {"file": "made up", "other": "x", "files": ["a", "b"], "n": 3, "o": {"p": 1}, "l": [1, 2], "t": "é"}
    content_type, body = encode(make_api(document("multipart/form-data", schema)), value)
    assert content_type is not None
    parser = Parser(content_type.decode())
    parts = parser.feed(body)
    parser.close()
    assert [(part.name, part.filename, part.media_type, part.read()) for part in parts] == [
        ("file", "file.png", "image/png", sample_file("image/png")),
        ("other", "other.octet-stream", "application/octet-stream", sample_file("application/octet-stream")),
        ("files", "files.octet-stream", "application/octet-stream", sample_file("application/octet-stream")),
        ("files", "files.octet-stream", "application/octet-stream", sample_file("application/octet-stream")),
        ("n", None, None, b"3"),
        ("o", None, "application/json", b'{"p":1}'),
        ("l", None, None, b"1"),
        ("l", None, None, b"2"),
        ("t", None, None, "é".encode()),
    ]


def test_an_example_that_is_a_real_file_is_sent_as_it_is(make_api: MakeApi) -> None:
    png = (sample_file("image/png") or b"") + b"more"
    schema = "schema: {type: object, properties: {f: {format: binary}}}, encoding: {f: {contentType: image/png}}"
    _, body = encode(make_api(document("multipart/form-data", schema)), {"f": png.decode("latin-1")})
    assert png in body


def test_an_array_is_written_as_parts_by_position(make_api: MakeApi) -> None:
    text = "prefixEncoding: [{contentType: application/json}], itemEncoding: {contentType: image/png}"
    content_type, body = encode(make_api(document("multipart/mixed", text)), [{"a": 1}, "x"])
    assert content_type is not None
    parts = Parser(content_type.decode()).feed(body)
    assert [(part.media_type, part.read()) for part in parts] == [
        ("application/json", b'{"a":1}'),
        ("image/png", sample_file("image/png")),
    ]


@pytest.mark.parametrize(
    ("media_type", "schema", "begins"),
    [
        ("image/png", "schema: {type: string, format: binary}", b"\x89PNG"),
        ("application/pdf", "", b"%PDF"),
        ("application/vnd.pet", "schema: {type: object, required: [a], properties: {a: {const: 1}}}", b'{"a":1'),
        ("text/plain", "schema: {const: hello}", b"hello"),
        ("application/x-www-form-urlencoded", "schema: {required: [a], properties: {a: {const: 1}}}", b"a=1"),
        ("application/x-unknown", "", b""),
    ],
)  # fmt: skip
def test_whole_answers_are_made_up(mock: MakeClient, media_type: str, schema: str, begins: bytes) -> None:
    answer = mock(document(media_type, schema)).get("/a")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.content.startswith(begins)
    assert answer.content


def test_xml_that_no_schema_describes_says_nothing(mock: MakeClient) -> None:
    answer = mock(document("application/xml", "")).get("/a")
    assert answer.status_code == 200
    assert ET.fromstring(answer.content).tag == "document"
